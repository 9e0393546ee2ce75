# SPDX-License-Identifier: Apache-2.0
"""Two authorities in memory: each with its record, and a line between them.

The line delivers exactly once and in order in each direction, as the protocol
does; what is sent in the two directions crosses. Everything goes through
`comity.assistance.decide`, with officers who have the roles they need.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from comity.assistance import decide
from comity.assistance.content import RequestContent
from comity.assistance.events import Event
from comity.assistance.facts import LawFacts, LinkedPreservation, RequestFacts, Situation
from comity.assistance.messages import (
    ConsultationSubject,
    Message,
    PreservationResult,
    RequestMessage,
    read_message,
)
from comity.assistance.model import Direction, Kind
from comity.authorities.model import Role
from comity.canonical import json
from support import requests

OUT, IN = Direction.OUTGOING, Direction.INCOMING
ALL_ROLES = frozenset({"drafter", "approver", "central"})


@dataclass
class TwoSides:
    """One request on both sides. `asking` and `asked` are the records."""

    kind: Kind = Kind.MUTUAL_ASSISTANCE
    content: RequestContent | None = None
    now: datetime = requests.START
    law: LawFacts | None = None
    preservation: LinkedPreservation | None = None
    deliverable: tuple[str, ...] = ("E1", "E2", "E3")
    assistance_open: bool = False
    own_roles: frozenset[Role] | None = None
    peer_roles: frozenset[Role] | None = None
    asked: RequestFacts | None = None
    to_asked: deque[Message] = field(default_factory=deque)
    to_asking: deque[Message] = field(default_factory=deque)
    events: list[tuple[Direction, Event]] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        self.law = self.law or requests.law_for(self.kind)
        decision = decide.create(
            content=self.content or requests.content_for(self.kind),
            officer=requests.DRAFTER,
            roles={"drafter"},
            now=self.now,
        )
        self.asking: RequestFacts = decision.request
        self._keep(OUT, decision)

    def record(self, side: Direction) -> RequestFacts:
        """Return the record of this side."""
        found = self.asking if side is OUT else self.asked
        assert found is not None, "the request has not arrived"
        return found

    def situation(
        self, side: Direction, officer: str = "", roles: frozenset[str] = frozenset()
    ) -> Situation:
        """Return what a guard of this side may look at."""
        return Situation(
            request=self.record(side),
            now=self.now,
            officer=officer,
            roles=roles,
            law=self.law,
            preservation=self.preservation,
            deliverable=self.deliverable,
            assistance_open=self.assistance_open and side is OUT,
            own_roles=self.own_roles,
            peer_roles=self.peer_roles,
        )

    def act(
        self, side: Direction, action: str, *, officer: str | None = None, **inputs: object
    ) -> decide.Decision:
        """Let an officer of this side act; whatever is sent goes on the line."""
        officer = officer or (requests.FIRST if side is OUT else requests.CENTRAL)
        situation = self.situation(side, officer, ALL_ROLES)
        if action == "approve":
            inputs.setdefault("digest", situation.request.content.digest)
        decision = decide.ACTIONS[side, action](situation=situation, **inputs)
        self._keep(side, decision)
        return decision

    def note(self, side: Direction, function, **inputs: object) -> decide.Decision:
        """Let the node of this side record something."""
        decision = function(situation=self.situation(side), **inputs)
        self._keep(side, decision)
        return decision

    def deliver(self, side: Direction) -> decide.Decision:
        """Deliver the next message to this side, over the bytes that are signed."""
        line = self.to_asking if side is OUT else self.to_asked
        message = line.popleft()
        body = json.read_canonical_object(json.write(message.to_json()))
        message = read_message(message_type=message.TYPE, body=body)
        if isinstance(message, RequestMessage):
            decision = decide.receive(
                message=message,
                sender=requests.VALDORIA,
                recipient=requests.MERIDIA,
                now=self.now,
            )
        else:
            decision = decide.take(situation=self.situation(side), message=message)
        self._keep(side, decision)
        return decision

    def settle(self) -> None:
        """Deliver everything that is on the line."""
        while self.to_asked or self.to_asking:
            self.deliver(IN if self.to_asked else OUT)

    def wait(self, **period: int) -> None:
        """Let time pass."""
        self.now += timedelta(**period)

    def fresh(self) -> str:
        """Return an identifier that was not used before."""
        self.count += 1
        return requests.an_id("fresh", self.count)

    def soon(self, days: int = 10) -> datetime:
        """Return a date for a reply."""
        return self.now.replace(microsecond=0) + timedelta(days=days)

    def _keep(self, side: Direction, decision: decide.Decision) -> None:
        if side is OUT:
            self.asking = decision.request
            self.to_asked.extend(decision.messages)
        else:
            self.asked = decision.request
            self.to_asking.extend(decision.messages)
        self.events += [(side, event) for event in decision.events]

    # --- stretches of the way that many tests begin with

    def approve_and_send(self) -> TwoSides:
        """Submit, approve twice, send; the request arrives."""
        self.act(OUT, "submit", officer=requests.DRAFTER)
        self.act(OUT, "approve", officer=requests.FIRST)
        self.act(OUT, "approve", officer=requests.SECOND)
        self.act(OUT, "send")
        self.settle()
        return self

    def acknowledged(self) -> TwoSides:
        """Go on to the acknowledgement."""
        self.approve_and_send()
        self.act(IN, "acknowledge", local_reference="MJ 77/26", handled_by="Unit 3")
        self.settle()
        return self

    def accepted(self) -> TwoSides:
        """Go on to the acceptance."""
        self.acknowledged()
        self.act(IN, "accept")
        self.settle()
        return self

    def in_execution(self) -> TwoSides:
        """Go on to the execution."""
        self.accepted()
        self.act(IN, "start_execution")
        self.settle()
        return self

    def package(self, *numbers: str) -> dict[str, object]:
        """Return the inputs that a delivery of these exhibits needs."""
        name = self.fresh()
        return {
            "package_id": name,
            "parcel": requests.sha256(f"parcel {name}".encode()),
            "seal": requests.sha256(f"seal {name}".encode()),
            "exhibits": {number: f"Image of {number}" for number in numbers or ("E1",)},
        }

    def receipt(self, package_id: str) -> dict[str, object]:
        """Return the inputs that a receipt of this package needs."""
        return {
            "package_id": package_id,
            "report": requests.sha256(b"report"),
            "statements": (requests.sha256(b"received"),),
        }

    def consultation(self, **others: object) -> dict[str, object]:
        """Return the inputs that a consultation needs."""
        return {
            "consultation_id": self.fresh(),
            "about": ConsultationSubject.REFUSAL,
            "ground": "political",
            "text": "The offence may be political.",
            "reply_by": self.soon(),
            **others,
        }

    def report_hold(self, *, days: int = 60, **others: object) -> decide.Decision:
        """Let the requested side report that the data is held from now on."""
        start = self.now.replace(microsecond=0)
        inputs = {
            "result": PreservationResult.HELD,
            "held_from": start,
            "held_until": start + timedelta(days=days),
            "provider": "Mail Example",
            "local_reference": "H-1",
            **others,
        }
        return self.act(IN, "report_preservation", **inputs)


def held(**others: object) -> TwoSides:
    """Return a preservation of which both sides know that the data is held."""
    both = TwoSides(kind=Kind.PRESERVATION).accepted()
    both.report_hold(**others)
    both.settle()
    return both
