# SPDX-License-Identifier: Apache-2.0
"""The words of a request for assistance, each with one meaning on both sides.

States, outcomes and turns are three things: the state says where the work
stands, the outcome what came of it, the turn (see `comity.workflow.table`)
whose move it is. Delivery of messages is none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from comity.canonical.ids import ObjectId
from comity.canonical.json import Object
from comity.canonical.members import Members
from comity.canonical.text import check_text
from comity.canonical.time import Instant, write_instant
from comity.errors import Invalid

#: Most conditions in one offer, decision or delivery.
MAX_CONDITIONS: Final = 50
#: Longest text of a condition, in characters.
MAX_CONDITION_TEXT: Final = 4_000
#: Longest citation of an article ("27(6)"), in characters.
MAX_ARTICLE: Final = 120
#: Longest name in the law pack (instrument, measure, offence, ground), in characters.
MAX_NAME: Final = 80
#: Instants before and after which nothing in a request can lie; room for any legal period.
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)


class Kind(StrEnum):
    """What sort of request it is."""

    PRESERVATION = "preservation"
    MUTUAL_ASSISTANCE = "mutual_assistance"


#: Measures (ids of the law pack) that each kind of request may ask for.
MEASURES: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.PRESERVATION: ("expedited_preservation",),
    Kind.MUTUAL_ASSISTANCE: (
        "stored_computer_data",
        "subscriber_info",
        "stored_traffic_data",
        "stored_content",
    ),
}


class Direction(StrEnum):
    """Whether this authority asked (outgoing) or was asked (incoming)."""

    OUTGOING = "outgoing"
    INCOMING = "incoming"


class State(StrEnum):
    """Where a request stands. Which states each direction has is in `tables`."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    SENT = "sent"
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    INFORMATION_REQUESTED = "information_requested"
    CONDITION_OFFERED = "condition_offered"
    CONSULTATION = "consultation"
    POSTPONED = "postponed"
    ACCEPTED = "accepted"
    IN_EXECUTION = "in_execution"
    PARTLY_ANSWERED = "partly_answered"
    PARTLY_DELIVERED = "partly_delivered"
    ANSWERED = "answered"
    DELIVERED = "delivered"
    CLOSED = "closed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"


class Outcome(StrEnum):
    """What came of a request."""

    OPEN = "open"
    EXECUTED = "executed"
    PARTLY_EXECUTED = "partly_executed"
    NO_DATA = "no_data"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"


class Urgency(StrEnum):
    """How fast: Budapest Convention art. 31(3) for expedited, 25(3) for urgent."""

    ORDINARY = "ordinary"
    EXPEDITED = "expedited"
    URGENT = "urgent"


class OfficerRole(StrEnum):
    """The roles of officers that tables of assistance name."""

    DRAFTER = "drafter"
    APPROVER = "approver"
    CENTRAL = "central"


class ConditionKind(StrEnum):
    """What a condition on the use of evidence demands (Budapest Convention art. 28(2))."""

    CONFIDENTIALITY = "confidentiality"
    USE_LIMITED_TO_CASE = "use_limited_to_case"
    NO_ONWARD_TRANSFER = "no_onward_transfer"
    DELETION_AFTER = "deletion_after"
    OTHER = "other"


class ConditionStatus(StrEnum):
    """Where a condition stands; an accepted condition binds (art. 28(3))."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition, the same on both sides and on every exhibit it binds."""

    id: ObjectId
    kind: ConditionKind
    text: str
    article: str

    def __post_init__(self) -> None:
        check_text(self.text, what="condition: text", limit=MAX_CONDITION_TEXT, lines=True)
        check_text(self.article, what="condition: article", limit=MAX_ARTICLE)

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "text": self.text,
            "article": self.article,
        }

    @classmethod
    def read(cls, members: Members) -> Condition:
        """Read the JSON form."""
        condition = cls(
            id=members.object_id("id"),
            kind=ConditionKind(members.choice("kind", [kind.value for kind in ConditionKind])),
            text=read_text(members, "text", limit=MAX_CONDITION_TEXT, lines=True),
            article=read_text(members, "article", limit=MAX_ARTICLE),
        )
        members.end()
        return condition


def read_text(
    members: Members, name: str, *, limit: int, lines: bool = False, blank: bool = False
) -> str:
    """Take a clean text (`comity.canonical.text`) out of `members`."""
    text = members.text(name, limit=limit, empty=blank)
    return check_text(text, what=f"{members.what}: {name}", limit=limit, lines=lines, blank=blank)


def check_time(instant: Instant, *, what: str) -> Instant:
    """Return `instant`: aware, of whole seconds, within the time that a request can speak of."""
    if instant.tzinfo is None or instant.microsecond:
        raise Invalid("assistance.time", f"{what}: a UTC time of whole seconds is expected")
    if not EARLIEST <= instant <= LATEST:
        raise Invalid(
            "assistance.time",
            f"{what}: {write_instant(instant)} is not between "
            f"{write_instant(EARLIEST)} and {write_instant(LATEST)}",
        )
    return instant


def read_time(members: Members, name: str) -> Instant:
    """Take an instant out of `members` that a request can speak of."""
    return check_time(members.instant(name), what=f"{members.what}: {name}")


def read_time_or_null(members: Members, name: str) -> Instant | None:
    """Take such an instant, or null."""
    return None if members.is_null(name) else read_time(members, name)


def in_place(error: Invalid, prefix: str, what: str) -> Invalid:
    """Return a value's own complaint, which begins with `prefix`, with the place it was read at."""
    if not error.message.startswith(prefix):
        return error
    message = f"{what}:{error.message.removeprefix(prefix)}"
    return Invalid(error.code, message, hint=error.hint, details=error.details)


def read_conditions(members: Members, name: str, *, least: int = 0) -> tuple[Condition, ...]:
    """Take an array of conditions with distinct identifiers out of `members`."""
    conditions = tuple(Condition.read(item) for item in members.each(name, limit=MAX_CONDITIONS))
    if len(conditions) < least:
        raise Invalid("assistance.too_few", f"{members.what}: {name}: at least {least} needed")
    if len({condition.id for condition in conditions}) != len(conditions):
        raise Invalid("assistance.repeated", f"{members.what}: {name}: an identifier occurs twice")
    return conditions


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A legal period as the law pack states it (`comity.law`), in the shape used here.

    `period` is an ISO 8601 duration or None; `kind` is minimum, maximum or none.
    `continues_on` names the event after which the period runs on without an end,
    `continues_text` says so in words.
    """

    id: str
    label: str
    start_event: str
    period: str | None
    calendar: str
    article: str
    consequence: str
    kind: str
    continues_on: str = ""
    continues_text: str = ""


def kind_of_measure(measure: str) -> Kind:
    """Return the kind of request that asks for `measure`, or raise `Invalid`."""
    for kind, measures in MEASURES.items():
        if measure in measures:
            return kind
    raise Invalid(
        "assistance.measure",
        f"{measure[:60]!r} is not a measure that a request can ask for",
        hint="One of: " + ", ".join(name for names in MEASURES.values() for name in names),
    )
