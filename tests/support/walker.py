# SPDX-License-Identifier: Apache-2.0
"""Random officers, a slow line and busy nodes: one legal step at a time.

`Walker.step(number)` does one thing that somebody could do now, chosen by the
number alone, so that a run can be repeated and cut down. Rules that must always
hold are checked where an act is judged (`_judge`) and by whoever drives the
walker.
"""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from random import Random

from comity.assistance import decide
from comity.assistance.facts import PackageStatus, RequestFacts
from comity.assistance.messages import (
    ConsultationSubject,
    DataHeld,
    DecisionKind,
    DecisionNotice,
    PreservationResult,
    ProgressPhase,
    RequestMessage,
)
from comity.assistance.model import Direction, Kind, State
from comity.assistance.tables import TABLES
from comity.errors import Conflict, Refused
from support import requests
from support.two_sides import ALL_ROLES, IN, OUT, TwoSides

#: How often each officer action is chosen, against 8 for any other.
SELDOM = {
    "withdraw": 1,
    "discard": 2,
    "refuse": 8,
    "supplement": 3,
    "save_fields": 2,
    "return_to_draft": 2,
    "report_progress": 2,
    "close": 3,
}
#: Inputs that are the same every time.
FIXED = {
    "decline_condition": {"reasons": "Our law does not allow it."},
    "withdraw": {"reasons": "The suspect has confessed."},
    "reply_consultation": {"text": "It is an ordinary offence."},
    "acknowledge": {"local_reference": "MJ 77/26", "handled_by": "Unit 3"},
    "refuse": {"ground": "political", "reasons": "A political offence."},
    "report_progress": {"phase": ProgressPhase.DELAY, "text": "A holiday."},
}
STAGES = ("draft", "sent", "acknowledged", "accepted", "in_execution", "half", "whole")
_ALIKE = (
    "content fields questions offers consultations accepted packages hold linked postponed".split()
)


class Walker:
    """One request, two sides, and everything that may happen next."""

    def __init__(self, kind: Kind, stage: str) -> None:
        # Clocks have fractions of a second; messages have none.
        self.both = TwoSides(kind=kind, now=requests.START + timedelta(microseconds=123_456))
        self.last: dict = {OUT: None, IN: None}
        self.elsewhere: deque = deque()
        self._begin(stage)

    def _begin(self, stage: str) -> None:
        both = self.both
        match stage:
            case "sent":
                both.approve_and_send()
            case "acknowledged":
                both.acknowledged()
            case "accepted":
                both.accepted()
            case "in_execution" | "half" | "whole":
                both.in_execution()
        if both.kind is Kind.PRESERVATION and stage in {"half", "whole"}:
            inputs = self._hold(both.asked, Random(stage))
            both.act(IN, "report_preservation", **inputs)
        elif stage == "half":
            both.act(IN, "deliver_in_part", **both.package("E1"), outstanding="E2 is encrypted.")
        elif stage == "whole":
            both.act(IN, "deliver", **both.package("E1", "E2"))

    def step(self, number: int) -> None:
        """Do one thing, chosen by `number`."""
        random = Random(number)
        choices = {
            self._requesting_officer: 5,
            self._requested_officer: 6,
            self._message_to_requesting: 6,
            self._message_to_requested: 6,
            self._repeat: 2,
            self._time: 2,
            self._check_package: 4,
            self._assistance: 2,
            self._news: 2,
        }
        random.choices(list(choices), list(choices.values()))[0](random)

    @property
    def quiet(self) -> bool:
        """Whether nothing is under way between the two sides."""
        return not (self.both.to_asked or self.both.to_asking or self.elsewhere)

    # --- officers

    def _requesting_officer(self, random: Random) -> None:
        officers = [requests.DRAFTER, requests.FIRST, requests.SECOND]
        self._act(OUT, random.choice(officers), random)

    def _requested_officer(self, random: Random) -> None:
        if self.both.asked:
            self._act(IN, requests.CENTRAL, random)

    def _act(self, side: Direction, officer: str, random: Random) -> None:
        situation = self.both.situation(side, officer, ALL_ROLES)
        possible = [e.action for e in decide.available(situation=situation) if e.enabled]
        if not possible:
            return
        action = random.choices(possible, [SELDOM.get(name, 8) for name in possible])[0]
        before = self.both.record(side)
        inputs = self._inputs(side, action, random)
        decision = self.both.act(side, action, officer=officer, **inputs)
        self._judge(side, action, before, decision)

    def _inputs(self, side: Direction, action: str, random: Random) -> dict:
        if action in FIXED:
            return FIXED[action]
        made = {
            "save_fields": self._other_contents,
            "supplement": self._supplement,
            "confirm_receipt": self._receipt,
            "reject_package": self._rejection,
            "request_information": self._question,
            "offer_condition": self._offer,
            "open_consultation": self._consultation,
            "postpone": self._postponement,
            "report_preservation": self._hold,
            "deliver": self._package_alone,
            "deliver_in_part": self._package_in_part,
        }
        return made[action](self.both.record(side), random) if action in made else {}

    def _other_contents(self, request: RequestFacts, random: Random) -> dict:
        text = random.choice(["Illegal access", "Fraud", "非法访问", "دخول"])
        fields = request.content.fields.merged(requests.Answers.of({"offence": text}))
        return {"content": request.content.with_fields(fields)}

    def _supplement(self, _: RequestFacts, random: Random) -> dict:
        more = {"penalties": random.choice(["5 years", "8 years"])}
        return {"text": "More.", "fields": requests.Answers.of(more)}

    def _receipt(self, request: RequestFacts, random: Random) -> dict:
        return self.both.receipt(self._package(request, PackageStatus.VERIFIED, random))

    def _rejection(self, request: RequestFacts, random: Random) -> dict:
        name = self._package(request, PackageStatus.FAILED, random)
        return {**self.both.receipt(name), "reasons": "The seal does not verify."}

    def _question(self, _: RequestFacts, random: Random) -> dict:
        return {
            "question_id": self.both.fresh(),
            "question": "Which port?",
            "data_held": DataHeld.YES,
            "reply_by": self.both.soon(random.randint(1, 20)),
        }

    def _offer(self, _: RequestFacts, random: Random) -> dict:
        number = self.both.fresh()
        soon = self.both.soon(random.randint(1, 20))
        return {
            "offer_id": number,
            "conditions": (requests.a_condition(number),),
            "reply_by": soon,
        }

    def _consultation(self, _: RequestFacts, random: Random) -> dict:
        return self.both.consultation(
            reply_by=self.both.soon(random.randint(1, 20)),
            # Mostly about a refusal or a postponement: no other subject leads to one.
            about=random.choice(
                [ConsultationSubject.REFUSAL, ConsultationSubject.POSTPONEMENT] * 6
                + list(ConsultationSubject)
            ),
        )

    def _postponement(self, _: RequestFacts, random: Random) -> dict:
        until = self.both.soon(random.randint(1, 60))
        return {"until": until, "reasons": "Our own case would suffer."}

    def _package(self, request: RequestFacts, status: PackageStatus, random: Random) -> str:
        return random.choice([entry.id for entry in request.packages if entry.status is status])

    def _package_alone(self, _: RequestFacts, random: Random) -> dict:
        return self.both.package(random.choice(["E1", "E2", "E3"]))

    def _package_in_part(self, request: RequestFacts, random: Random) -> dict:
        package = self._package_alone(request, random)
        rejected = [entry.id for entry in request.rejected_packages]
        replaces = tuple(random.sample(rejected, random.randint(0, len(rejected))))
        return {**package, "outstanding": "E3 is encrypted.", "replaces": replaces}

    def _hold(self, request: RequestFacts, random: Random) -> dict:
        where = {"provider": "Mail Example", "local_reference": "H-1"}
        old = request.hold.held_until if request.hold else None
        if old is None and random.random() < 0.2:
            return {**where, "result": PreservationResult.NO_DATA}
        start = self.both.now.replace(microsecond=0)
        until = max(old or start, start + timedelta(days=random.randint(60, 90)))
        result = random.choice([PreservationResult.HELD, PreservationResult.HELD_IN_PART])
        more = {"result": result, "remarks": "One mailbox only.", **where}
        return {**more, "held_from": start, "held_until": until}

    # --- the line

    def _message_to_requesting(self, _: Random) -> None:
        self._arrive(OUT, self.both.to_asking)

    def _message_to_requested(self, _: Random) -> None:
        self._arrive(IN, self.both.to_asked)

    def _arrive(self, side: Direction, line: deque) -> None:
        if line:
            self.last[side] = line[0]
            self.both.deliver(side)

    def _repeat(self, random: Random) -> None:
        """The protocol drops repeats; were one let through, it must change nothing unseen."""
        side = random.choice([OUT, IN])
        message = self.last[side]
        if message is None or isinstance(message, RequestMessage):
            return
        before = self.both.record(side)
        try:
            after = decide.take(situation=self.both.situation(side), message=message).request
        except (Refused, Conflict):
            return
        assert after.state is before.state
        for name in _ALIKE:
            assert getattr(after, name) == getattr(before, name), (message.TYPE, name)

    # --- time and the nodes

    def _time(self, random: Random) -> None:
        self.both.wait(days=random.choice([1, 5, 12, 40]))

    def _check_package(self, random: Random) -> None:
        packages = self.both.asking.packages
        waiting = [entry.id for entry in packages if entry.status is PackageStatus.DELIVERED]
        if waiting:
            self.both.note(
                OUT,
                decide.note_package_checked,
                package_id=random.choice(waiting),
                verified=random.random() < 0.6,
                report=requests.sha256(b"report"),
            )

    def _assistance(self, random: Random) -> None:
        """A linked request is received, or decided; or a hold lapses."""
        asked = self.both.asked
        if asked is None or asked.kind is not Kind.PRESERVATION:
            return
        pending = [link.request_id for link in asked.linked if link.decided is None]
        if pending:
            inputs = {"assistance_id": random.choice(pending), "decided": self.both.now}
            self._tell(decide.note_assistance_decided, inputs)
        elif random.random() < 0.4 and len(asked.linked) < 2:
            # A side that has closed or withdrawn links nothing any more.
            if self.both.asking.state not in {State.CLOSED, State.WITHDRAWN, State.DISCARDED}:
                self.both.assistance_open = True
                inputs = {"assistance_id": self.both.fresh(), "received": self.both.now}
                self._tell(decide.note_assistance_received, inputs)
        elif asked.state is State.DELIVERED and self._lapsed(asked):
            self.both.note(IN, decide.note_preservation_lapsed)

    def _lapsed(self, asked: RequestFacts) -> bool:
        until = asked.hold.held_until if asked.hold else None
        return until is not None and until <= self.both.now and not asked.linked

    def _tell(self, function, inputs: dict) -> None:
        self.both.note(IN, function, **inputs)
        self.elsewhere.append((function, inputs))

    def _news(self, _: Random) -> None:
        while self.elsewhere:
            function, inputs = self.elsewhere.popleft()
            self.both.note(OUT, function, **inputs)
        if self.both.asked:
            self.both.assistance_open = self.both.asked.assistance_pending

    # --- what an act must never do

    def _judge(self, side, action: str, before: RequestFacts, decision: decide.Decision) -> None:
        after = decision.request
        if action == "send":
            digest = after.content.digest
            officers = {entry.officer for entry in before.approvals if entry.digest == digest}
            assert len(officers) >= 2, "sent without two officers' approvals of these contents"
            assert decision.messages[0].content.digest == digest
        if action == "refuse":
            notice = decision.messages[0]
            assert isinstance(notice, DecisionNotice)
            held = [
                entry
                for entry in before.consultations
                if not entry.spent
                and entry.about is ConsultationSubject.REFUSAL
                and entry.ground == notice.ground
            ]
            assert held, "refused without consultation"
            assert any(entry.replied or entry.reply_by < self.both.now for entry in held)
            assert notice.decision is DecisionKind.REFUSED
            assert notice.reasons
            assert notice.consultation in {entry.id for entry in held}
        if action == "postpone":
            notice = decision.messages[0]
            about = ConsultationSubject.POSTPONEMENT
            held = [e for e in before.consultations if e.id == notice.consultation]
            assert [e.about for e in held if not e.spent] == [about]
            assert held[0].replied or held[0].reply_by < self.both.now
        if side is IN and action == "close" and after.kind is Kind.MUTUAL_ASSISTANCE:
            statuses = {entry.status for entry in before.packages}
            assert statuses <= {PackageStatus.CONFIRMED, PackageStatus.REJECTED}
            assert PackageStatus.CONFIRMED in statuses, "closed before the receipt was confirmed"
        if action in {"deliver", "deliver_in_part"}:
            bound = {condition.id for condition in before.bound_conditions}
            for exhibit in decision.messages[0].exhibits:
                assert set(exhibit.conditions) == bound, "an exhibit lost a condition that binds"
        if action == "save_fields":
            assert not after.approvals
        assert before.state not in TABLES[side].final or after.state is before.state
