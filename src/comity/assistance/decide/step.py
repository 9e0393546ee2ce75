# SPDX-License-Identifier: Apache-2.0
"""One step of a request: the table is asked, and the record moves on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from comity.assistance.events import EVENT_OF, PRESERVATION_RELEASED, Event
from comity.assistance.facts import Offer, Postponed, RequestFacts, Situation
from comity.assistance.messages import Message, Postponement
from comity.assistance.model import ConditionStatus, Outcome, State
from comity.assistance.tables import TABLES, turn_of
from comity.canonical.ids import ObjectId
from comity.canonical.json import Object
from comity.canonical.time import Instant, write_instant
from comity.errors import Conflict, Invalid
from comity.workflow.table import Turn


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What an action leads to: the next record, what happened, what to send.

    `remark` is the officer's own note for the timeline of this side; it is not
    sent and not part of any event.
    """

    request: RequestFacts
    turn: Turn
    events: tuple[Event, ...]
    messages: tuple[Message, ...] = ()
    remark: str = ""

    @property
    def state(self) -> State:
        """The state after the action."""
        return self.request.state

    @property
    def outcome(self) -> Outcome:
        """The outcome after the action."""
        return self.request.outcome


def move(
    situation: Situation,
    action: str,
    *,
    by_officer: bool,
    after: RequestFacts | None = None,
    details: Object | None = None,
    messages: tuple[Message, ...] = (),
    further: tuple[Event, ...] = (),
    remark: str = "",
) -> Decision:
    """Fire `action` and return the decision; `after` is the record with its other changes.

    Raises `Refused` with every reason that stands in the way.
    """
    request = situation.request
    step = TABLES[request.direction].fire(
        state=request.state,
        action=action,
        facts=situation,
        resume=request.resume,
        roles=situation.roles if by_officer else None,
    )
    event = Event(
        name=EVENT_OF[request.direction, action],
        request_id=request.id,
        at=situation.now,
        officer=situation.officer if by_officer else "",
        details=dict(details or {}),
    )
    moved = replace(after or request, state=step.state, resume=step.resume)
    return Decision(
        request=moved,
        turn=turn_of(moved),
        events=(event, *further),
        messages=messages,
        remark=remark,
    )


def further_event(situation: Situation, name: str, details: Object) -> Event:
    """Return an event beside that of the action, in the name of the acting officer."""
    return Event(
        name=name,
        request_id=situation.request.id,
        at=situation.now,
        officer=situation.officer,
        details=details,
    )


def check_reply_by(reply_by: Instant, now: Instant) -> None:
    """Refuse a date for the reply that has passed."""
    if reply_by <= now:
        raise Invalid("assistance.reply_by", "reply_by: must lie in the future")


def check_unknown(name: ObjectId, known: Iterable[ObjectId]) -> None:
    """Refuse an identifier that names something else already."""
    if name in set(known):
        raise Conflict("assistance.known", f"{name} names something else already")


def released(situation: Situation) -> tuple[Event, ...]:
    """Return the event that a hold is no longer needed."""
    return (further_event(situation, PRESERVATION_RELEASED, {}),)


def lapsed(offers: tuple[Offer, ...]) -> tuple[Offer, ...]:
    """Return the offers with those that nobody answered lapsed."""
    return tuple(
        replace(offer, status=ConditionStatus.LAPSED)
        if offer.status is ConditionStatus.OFFERED
        else offer
        for offer in offers
    )


def postponed(request: RequestFacts, message: Postponement) -> RequestFacts:
    """Return the record of a request that is postponed; the consultation is spent."""
    return replace(
        request,
        postponed=Postponed(until=message.until, article=message.article),
        consultations=tuple(
            replace(entry, spent=True) if entry.id == message.consultation else entry
            for entry in request.consultations
        ),
    )


def postponement_details(message: Postponement) -> Object:
    """Return what the event of a postponement keeps of it."""
    return {
        "until": write_instant(message.until),
        "article": message.article,
        "consultation": message.consultation,
    }


def whole_seconds(instant: Instant) -> Instant:
    """Return the instant as it is written in a message, so that both sides keep the same."""
    return instant.replace(microsecond=0)
