# SPDX-License-Identifier: Apache-2.0
"""The record of a request as JSON, for whoever stores it.

`write_record` and `read_record` are inverse; the reader is as strict as those of
messages, so that a damaged row is noticed and not guessed at.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, TypeVar

from comity.assistance.content import RequestContent
from comity.assistance.facts import (
    Approval,
    ConsultationFacts,
    Hold,
    LinkedAssistance,
    Offer,
    Package,
    PackageStatus,
    Postponed,
    Question,
    RequestFacts,
)
from comity.assistance.fields import Answers
from comity.assistance.messages import ConsultationSubject, PreservationResult
from comity.assistance.model import (
    MAX_ARTICLE,
    MAX_NAME,
    ConditionStatus,
    Direction,
    State,
    read_conditions,
)
from comity.canonical.ids import ObjectId, parse_object_id
from comity.canonical.json import JSON, Object
from comity.canonical.members import Members
from comity.canonical.time import Instant, write_instant

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")
#: Most entries of one sort in a record.
MAX_ENTRIES: Final = 1_000
_VERSION: Final = "comity.request-record/1"
#: Members that records of earlier versions lack, and what that means.
_ADDED: Final[Object] = {"postponed": None}


def write_record(request: RequestFacts) -> Object:
    """Return the JSON form of a record."""
    return {
        "format": _VERSION,
        "direction": request.direction.value,
        "content": request.content.to_json(),
        "state": request.state.value,
        "resume": request.resume.value if request.resume else None,
        "approvals": [_write_approval(entry) for entry in request.approvals],
        "received": _write_instant(request.received),
        "local_reference": request.local_reference,
        "questions": [_write_question(entry) for entry in request.questions],
        "offers": [_write_offer(entry) for entry in request.offers],
        "consultations": [_write_consultation(entry) for entry in request.consultations],
        "accepted": request.accepted,
        "packages": [_write_package(entry) for entry in request.packages],
        "hold": _write_hold(request.hold) if request.hold else None,
        "linked": [_write_link(entry) for entry in request.linked],
        "supplements": request.supplements.to_json(),
        "closed_by_peer": request.closed_by_peer,
        "postponed": _write_postponed(request.postponed) if request.postponed else None,
    }


def read_record(value: JSON, *, what: str = "record") -> RequestFacts:
    """Read the JSON form of a record, or raise `Invalid` naming the place."""
    if isinstance(value, dict):
        value = {**_ADDED, **value}
    members = Members(value, what=what)
    members.constant("format", _VERSION)
    request = RequestFacts(
        direction=_read_enum(members, "direction", Direction),
        content=RequestContent.read(members.members("content")),
        state=_read_enum(members, "state", State),
        resume=None if members.is_null("resume") else _read_enum(members, "resume", State),
        approvals=_read_all(members, "approvals", _read_approval),
        received=members.instant_or_null("received"),
        local_reference=members.text("local_reference", empty=True),
        questions=_read_all(members, "questions", _read_question),
        offers=_read_all(members, "offers", _read_offer),
        consultations=_read_all(members, "consultations", _read_consultation),
        accepted=members.boolean("accepted"),
        packages=_read_all(members, "packages", _read_package),
        hold=None if members.is_null("hold") else _read_hold(members.members("hold")),
        linked=_read_all(members, "linked", _read_link),
        supplements=Answers.read(members.take("supplements"), what=f"{what}: supplements"),
        closed_by_peer=members.boolean("closed_by_peer"),
        postponed=(
            None if members.is_null("postponed") else _read_postponed(members.members("postponed"))
        ),
    )
    members.end()
    return request


def _read_all(members: Members, name: str, reader: Callable[[Members], T]) -> tuple[T, ...]:
    entries = []
    for item in members.each(name, limit=MAX_ENTRIES):
        entries.append(reader(item))
        item.end()
    return tuple(entries)


def _read_enum(members: Members, name: str, kind: type[E]) -> E:
    return kind(members.choice(name, [value.value for value in kind]))


def _write_instant(instant: Instant | None) -> str | None:
    return write_instant(instant) if instant else None


def _write_approval(entry: Approval) -> Object:
    return {"officer": entry.officer, "digest": entry.digest, "at": write_instant(entry.at)}


def _read_approval(members: Members) -> Approval:
    return Approval(
        officer=members.text("officer"),
        digest=members.sha256("digest"),
        at=members.instant("at"),
    )


def _write_question(entry: Question) -> Object:
    return {
        "id": entry.id,
        "reply_by": write_instant(entry.reply_by),
        "answered": entry.answered,
    }


def _read_question(members: Members) -> Question:
    return Question(
        id=members.object_id("id"),
        reply_by=members.instant("reply_by"),
        answered=members.boolean("answered"),
    )


def _write_offer(entry: Offer) -> Object:
    return {
        "id": entry.id,
        "conditions": [condition.to_json() for condition in entry.conditions],
        "reply_by": write_instant(entry.reply_by),
        "status": entry.status.value,
    }


def _read_offer(members: Members) -> Offer:
    return Offer(
        id=members.object_id("id"),
        conditions=read_conditions(members, "conditions", least=1),
        reply_by=members.instant("reply_by"),
        status=_read_enum(members, "status", ConditionStatus),
    )


def _write_consultation(entry: ConsultationFacts) -> Object:
    return {
        "id": entry.id,
        "about": entry.about.value,
        "ground": entry.ground,
        "reply_by": write_instant(entry.reply_by),
        "replied": entry.replied,
        "spent": entry.spent,
    }


def _read_consultation(members: Members) -> ConsultationFacts:
    return ConsultationFacts(
        id=members.object_id("id"),
        about=_read_enum(members, "about", ConsultationSubject),
        ground=members.text("ground", limit=MAX_NAME, empty=True),
        reply_by=members.instant("reply_by"),
        replied=members.boolean("replied"),
        spent=members.boolean("spent"),
    )


def _write_postponed(entry: Postponed) -> Object:
    return {"until": write_instant(entry.until), "article": entry.article}


def _read_postponed(members: Members) -> Postponed:
    postponed = Postponed(
        until=members.instant("until"),
        article=members.text("article", limit=MAX_ARTICLE, empty=True),
    )
    members.end()
    return postponed


def _write_package(entry: Package) -> Object:
    return {
        "id": entry.id,
        "exhibits": list(entry.exhibits),
        "complete": entry.complete,
        "replaces": list(entry.replaces),
        "status": entry.status.value,
    }


def _read_package(members: Members) -> Package:
    return Package(
        id=members.object_id("id"),
        exhibits=members.texts("exhibits", text_limit=40),
        complete=members.boolean("complete"),
        replaces=_read_ids(members, "replaces"),
        status=_read_enum(members, "status", PackageStatus),
    )


def _read_ids(members: Members, name: str) -> tuple[ObjectId, ...]:
    what = f"{members.what}: {name}"
    return tuple(parse_object_id(text, what=what) for text in members.texts(name, text_limit=36))


def _write_hold(hold: Hold) -> Object:
    return {
        "result": hold.result.value,
        "held_from": _write_instant(hold.held_from),
        "held_until": _write_instant(hold.held_until),
        "provider": hold.provider,
        "local_reference": hold.local_reference,
        "seq": hold.seq,
    }


def _read_hold(members: Members) -> Hold:
    hold = Hold(
        result=_read_enum(members, "result", PreservationResult),
        held_from=members.instant_or_null("held_from"),
        held_until=members.instant_or_null("held_until"),
        provider=members.text("provider"),
        local_reference=members.text("local_reference"),
        seq=members.integer("seq", minimum=1),
    )
    members.end()
    return hold


def _write_link(entry: LinkedAssistance) -> Object:
    return {
        "request_id": entry.request_id,
        "received": write_instant(entry.received),
        "decided": _write_instant(entry.decided),
    }


def _read_link(members: Members) -> LinkedAssistance:
    return LinkedAssistance(
        request_id=members.object_id("request_id"),
        received=members.instant("received"),
        decided=members.instant_or_null("decided"),
    )
