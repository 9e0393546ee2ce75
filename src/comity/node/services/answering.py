# SPDX-License-Identifier: Apache-2.0
"""What the requested side does with a request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from comity.assistance.decide import execution, incoming
from comity.assistance.decide.step import Decision
from comity.assistance.facts import RequestFacts, Situation
from comity.assistance.messages import (
    ConsultationSubject,
    DataHeld,
    PreservationResult,
    ProgressPhase,
)
from comity.assistance.model import Condition, ConditionKind, Direction
from comity.canonical.digest import Sha256
from comity.canonical.ids import ObjectId, new_object_id, parse_object_id
from comity.canonical.time import Instant
from comity.errors import Invalid, Refused
from comity.node.permissions import Officer
from comity.node.services import _answers, outbox
from comity.node.services._requests import step
from comity.node.store.models import PackageRow


def acknowledge_request(
    *,
    officer: Officer,
    now: Instant,
    request_id: str,
    local_reference: str,
    handled_by: str,
    next_step: str = "",
) -> RequestFacts:
    """Tell the requesting side our number, who handles the request and what comes next."""
    given = {
        "local_reference": _answers.text(local_reference),
        "handled_by": _answers.text(handled_by),
        "next_step": _answers.text(next_step),
    }
    return _step(
        officer,
        now,
        request_id,
        "acknowledge",
        lambda s: incoming.acknowledge(situation=s, **given),
    )


def request_information(
    *,
    officer: Officer,
    now: Instant,
    request_id: str,
    question: str,
    data_held: str,
    reply_by: Instant | str,
    about: Iterable[str] = (),
) -> RequestFacts:
    """Ask what is missing; the work waits until the answer or the date."""
    return _step(
        officer,
        now,
        request_id,
        "request_information",
        lambda s: incoming.request_information(
            situation=s,
            question_id=new_object_id(),
            question=_answers.text(question),
            data_held=_answers.choice(DataHeld, data_held, name="data_held"),
            reply_by=_answers.instant(reply_by, name="reply_by"),
            about=tuple(about),
        ),
    )


def offer_condition(
    *,
    officer: Officer,
    now: Instant,
    request_id: str,
    conditions: Iterable[Condition | Mapping[str, str]],
    reply_by: Instant | str,
    explanation: str = "",
) -> RequestFacts:
    """Offer assistance on conditions (27(6), 28(2)): all of them or none are accepted."""
    offered = tuple(_condition(one) for one in conditions)
    return _step(
        officer,
        now,
        request_id,
        "offer_condition",
        lambda s: incoming.offer_condition(
            situation=s,
            offer_id=new_object_id(),
            conditions=offered,
            reply_by=_answers.instant(reply_by, name="reply_by"),
            explanation=_answers.text(explanation),
        ),
    )


def open_consultation(
    *,
    officer: Officer,
    now: Instant,
    request_id: str,
    about: str,
    text: str,
    reply_by: Instant | str,
    ground: str = "",
) -> RequestFacts:
    """Consult the requesting side before a refusal or postponement (27(6))."""
    return _step(
        officer,
        now,
        request_id,
        "open_consultation",
        lambda s: incoming.open_consultation(
            situation=s,
            consultation_id=new_object_id(),
            about=_answers.choice(ConsultationSubject, about, name="about"),
            text=_answers.text(text),
            reply_by=_answers.instant(reply_by, name="reply_by"),
            ground=ground,
        ),
    )


def proceed_without_reply(
    *, officer: Officer, now: Instant, request_id: str, text: str = ""
) -> RequestFacts:
    """Go on although no reply came in time."""
    return _step(
        officer,
        now,
        request_id,
        "proceed_without_reply",
        lambda s: incoming.proceed_without_reply(situation=s, text=_answers.text(text)),
    )


def accept_request(
    *, officer: Officer, now: Instant, request_id: str, note: str = ""
) -> RequestFacts:
    """Accept the request, under the conditions that were accepted."""
    return _step(
        officer,
        now,
        request_id,
        "accept",
        lambda s: incoming.accept(situation=s, note=_answers.text(note)),
    )


def refuse_request(
    *, officer: Officer, now: Instant, request_id: str, ground: str, reasons: str
) -> RequestFacts:
    """Refuse on a ground of the law, with reasons (27(7)), after a consultation (27(6))."""
    return _step(
        officer,
        now,
        request_id,
        "refuse",
        lambda s: incoming.refuse(situation=s, ground=ground, reasons=_answers.text(reasons)),
    )


def postpone_request(
    *,
    officer: Officer,
    now: Instant,
    request_id: str,
    until: Instant | str,
    reasons: str,
    legal_ground: str = "",
) -> RequestFacts:
    """Postpone action, with reasons, after a consultation about it (27(5) to (7)).

    `legal_ground`: what it rests on, where the law records no rule of the basis that applies.
    """
    return _step(
        officer,
        now,
        request_id,
        "postpone",
        lambda s: incoming.postpone(
            situation=s,
            until=_answers.instant(until, name="until"),
            reasons=_answers.text(reasons),
            legal_ground=_answers.text(legal_ground),
        ),
    )


def take_up_request(
    *, officer: Officer, now: Instant, request_id: str, text: str = ""
) -> RequestFacts:
    """Take a postponed request up again where it stood."""
    return _step(
        officer,
        now,
        request_id,
        "take_up",
        lambda s: incoming.take_up(situation=s, text=_answers.text(text)),
    )


def start_execution(
    *, officer: Officer, now: Instant, request_id: str, text: str = ""
) -> RequestFacts:
    """Begin to carry the request out."""
    return _step(
        officer,
        now,
        request_id,
        "start_execution",
        lambda s: execution.start_execution(situation=s, text=_answers.text(text)),
    )


def report_preservation(
    *,
    officer: Officer,
    now: Instant,
    request_id: str,
    result: str,
    provider: str,
    local_reference: str,
    held_from: Instant | str | None = None,
    held_until: Instant | str | None = None,
    remarks: str = "",
    warning: str = "",
) -> RequestFacts:
    """Report what is held, by whom, from when until when: at least sixty days (29(7))."""
    return _step(
        officer,
        now,
        request_id,
        "report_preservation",
        lambda s: execution.report_preservation(
            situation=s,
            result=_answers.choice(PreservationResult, result, name="result"),
            provider=_answers.text(provider),
            local_reference=_answers.text(local_reference),
            held_from=_answers.instant_or_none(held_from, name="held_from"),
            held_until=_answers.instant_or_none(held_until, name="held_until"),
            remarks=_answers.text(remarks),
            warning=_answers.text(warning),
        ),
    )


def report_progress(
    *,
    officer: Officer,
    now: Instant,
    request_id: str,
    phase: str,
    text: str,
    expected: date | str | None = None,
) -> RequestFacts:
    """Report how the work stands, or a delay with its reason (27(7))."""
    return _step(
        officer,
        now,
        request_id,
        "report_progress",
        lambda s: execution.report_progress(
            situation=s,
            phase=_answers.choice(ProgressPhase, phase, name="phase"),
            text=_answers.text(text),
            expected=_answers.day_or_none(expected, name="expected"),
        ),
    )


def deliver_in_part(
    *,
    officer: Officer,
    now: Instant,
    request_id: str,
    exhibits: Iterable[str],
    outstanding: str,
    replaces: Iterable[str] = (),
) -> RequestFacts:
    """Send the sealed package of these exhibits; `outstanding` says what is still to come."""
    numbers = frozenset(exhibits)
    replaced = tuple(parse_object_id(str(one), what="replaces") for one in replaces)

    def decide(situation: Situation) -> Decision:
        package = _ready_package(situation, numbers, complete=False)
        decision = execution.deliver_in_part(
            situation=situation,
            outstanding=_answers.text(outstanding),
            replaces=replaced,
            **_announced(package),
        )
        _release(package, situation)
        return decision

    return _step(officer, now, request_id, "deliver_in_part", decide)


def deliver_request(
    *, officer: Officer, now: Instant, request_id: str, exhibits: Iterable[str]
) -> RequestFacts:
    """Send the sealed package of these exhibits; nothing more will follow."""
    numbers = frozenset(exhibits)

    def decide(situation: Situation) -> Decision:
        package = _ready_package(situation, numbers, complete=True)
        decision = execution.deliver(situation=situation, **_announced(package))
        _release(package, situation)
        return decision

    return _step(officer, now, request_id, "deliver", decide)


def close_incoming(
    *, officer: Officer, now: Instant, request_id: str, note: str = ""
) -> RequestFacts:
    """Close our file: the receipt was confirmed, or the preservation is over."""
    return _step(
        officer,
        now,
        request_id,
        "close",
        lambda s: incoming.close(situation=s, note=_answers.text(note)),
    )


def _step(
    officer: Officer,
    now: Instant,
    request_id: str,
    action: str,
    decide: Callable[[Situation], Decision],
) -> RequestFacts:
    return step(
        officer=officer,
        now=now,
        request_id=request_id,
        action=action,
        direction=Direction.INCOMING,
        decide=decide,
    )


def _condition(given: Condition | Mapping[str, str]) -> Condition:
    if isinstance(given, Condition):
        return given
    if not isinstance(given, Mapping) or not {"kind", "text"} <= set(given):
        raise Invalid("input.conditions", "conditions: each has a kind, a text and an article")
    return Condition(
        id=new_object_id(),
        kind=_answers.choice(ConditionKind, given["kind"], name="conditions"),
        text=_answers.text(given["text"]),
        article=_answers.text(given.get("article", "28(2)")),
    )


def _ready_package(situation: Situation, numbers: frozenset[str], *, complete: bool) -> PackageRow:
    """Return the sealed package that holds exactly these exhibits, locked."""
    rows = PackageRow.objects.select_for_update().filter(
        request=UUID(situation.request.id), direction="outgoing", status="ready", complete=complete
    )
    for row in rows.order_by("made"):
        carried = row.exhibit_rows.values_list("exhibit__number", flat=True)
        if frozenset(carried) == numbers:
            return row
    named = ", ".join(sorted(numbers)) or "no exhibit"
    wanted = "the whole answer" if complete else "a part of the answer"
    raise Refused(
        "package.not_ready",
        "there is no sealed package to deliver so",
        reasons=(f"no package of {named} is ready that was assembled as {wanted}",),
        hint="An examiner assembles it; the node then seals it by itself.",
    )


def _announced(row: PackageRow) -> dict[str, Any]:
    """Return what a delivery tells of a package."""
    carried = row.exhibit_rows.select_related("exhibit")
    return {
        "package_id": ObjectId(str(row.pk)),
        "parcel": Sha256(row.parcel_sha256),
        "seal": Sha256(row.seal_sha256),
        "exhibits": {one.exhibit.number: one.exhibit.description for one in carried},
    }


def _release(row: PackageRow, situation: Situation) -> None:
    """Mark the package and its exhibits as sent, and give it to the outbox."""
    row.status, row.updated = "sent", situation.now
    row.save(update_fields=["status", "updated"])
    for carried in row.exhibit_rows.select_related("exhibit"):
        carried.exhibit.status = "sent"
        carried.exhibit.save(update_fields=["status"])
    outbox.release_package(
        package_id=str(row.pk), to=situation.request.content.requesting, now=situation.now
    )
