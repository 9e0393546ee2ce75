# SPDX-License-Identifier: Apache-2.0
"""Legal periods of one request, counted alike on both sides.

A clock starts with what a statement of one side to the other says: when the
request was received (acknowledgement), from when data is held (report of the
preservation), when the request for mutual assistance was received that a
preservation serves. No date is typed in, so both sides see the same clocks. A
preservation runs for at least sixty days; once the request for mutual assistance
has been received it continues until that is decided (Budapest Convention
art. 29(7)).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from comity.assistance.facts import LawFacts, LinkedAssistance, Postponed, RequestFacts
from comity.assistance.model import Clock, Kind, State
from comity.canonical.time import Instant
from comity.law.deadlines import ends

_FINAL: Final = frozenset({State.CLOSED, State.REFUSED, State.WITHDRAWN, State.DISCARDED})
_ANSWERED: Final = frozenset({State.ANSWERED, State.DELIVERED, State.CLOSED, State.REFUSED})
_HOLD_ARTICLE: Final = "29(7)"


class ClockStatus(StrEnum):
    """Where a clock stands."""

    RUNNING = "running"
    MET = "met"
    CONTINUES = "continues"
    OVERDUE = "overdue"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class ClockView:
    """One clock as both sides see it; `due` is None where no date is fixed."""

    id: str
    label: str
    starts: Instant
    due: Instant | None
    article: str
    status: ClockStatus
    consequence: str


def clocks(*, request: RequestFacts, legal: Iterable[Clock], now: Instant) -> tuple[ClockView, ...]:
    """Return the clocks that have started, in the order of the law pack.

    `legal` are the clocks of the request's basis. After them come the hold that was
    reported, the date by which an open question is to be answered, and the date until
    which action is postponed.
    """
    views = [view for clock in legal if (view := _legal_view(clock, request, now)) is not None]
    hold = request.hold
    if hold is not None and hold.held_from is not None and hold.held_until is not None:
        views.append(_hold_view(request, hold.held_from, hold.held_until, now))
    if request.reply_by is not None:
        views.append(_reply_view(request, request.reply_by, now))
    if request.postponed is not None and request.state is State.POSTPONED:
        views.append(_postponed_view(request, request.postponed, now))
    return tuple(views)


def next_due(*, request: RequestFacts, law: LawFacts | None, now: Instant) -> ClockView | None:
    """Return the clock whose date comes next or was missed, for the queue; None if none has one.

    A minimum is no date by which anybody must act, so it does not count.
    """
    basis = law.basis(request.content.instrument) if law else None
    legal = [clock for clock in basis.clocks if clock.kind != "minimum"] if basis else []
    waiting = {ClockStatus.RUNNING, ClockStatus.OVERDUE}
    dated = [
        (view.due, number, view)
        for number, view in enumerate(clocks(request=request, legal=legal, now=now))
        if view.due is not None and view.status in waiting
    ]
    return min(dated)[2] if dated else None


def hold_continues(request: RequestFacts) -> bool:
    """Tell whether the hold continues until a request for mutual assistance is decided (29(7))."""
    return any(link.decided is None for link in _links(request))


def _started(request: RequestFacts, event: str) -> Instant | None:
    """Return when the event that starts a clock happened, as the statements say.

    None for events that no statement reports, such as an order at home.
    """
    hold = request.hold
    match event:
        case "request_received":
            return request.received
        case "preservation_executed":
            return hold.held_from if hold else None
        case "follow_up_request_received":
            links = _links(request)
            return links[0].received if links else None
        case _:
            return None


def _links(request: RequestFacts) -> tuple[LinkedAssistance, ...]:
    """Return the linked requests that were received while the data was held."""
    until = request.hold.held_until if request.hold else None
    return tuple(link for link in request.linked if until is None or link.received <= until)


def _legal_view(clock: Clock, request: RequestFacts, now: Instant) -> ClockView | None:
    starts = _started(request, clock.start_event)
    if starts is None:
        return None
    due = ends(starts, clock.period, calendar=clock.calendar) if clock.period else None
    continued = clock.continues_on and _started(request, clock.continues_on) is not None
    status = _status(clock, request, due, now)
    if continued and request.state not in _FINAL:
        going = hold_continues(request)
        status, due = (ClockStatus.CONTINUES, None) if going else (ClockStatus.ENDED, due)
    return ClockView(
        id=clock.id,
        label=clock.label,
        starts=starts,
        due=due,
        article=clock.article,
        status=status,
        consequence=(continued and clock.continues_text) or clock.consequence,
    )


def _status(clock: Clock, request: RequestFacts, due: Instant | None, now: Instant) -> ClockStatus:
    if clock.start_event == "follow_up_request_received" and due is None:
        return ClockStatus.CONTINUES if hold_continues(request) else ClockStatus.ENDED
    passed = due is not None and now >= due
    if clock.kind == "minimum":
        if passed:
            return ClockStatus.MET
        return ClockStatus.ENDED if request.state in _FINAL else ClockStatus.RUNNING
    done = request.state in _ANSWERED or (
        request.kind is Kind.PRESERVATION and request.hold is not None
    )
    if done:
        return ClockStatus.MET
    if request.state in _FINAL:
        return ClockStatus.ENDED
    return ClockStatus.OVERDUE if passed else ClockStatus.RUNNING


def _hold_view(request: RequestFacts, starts: Instant, due: Instant, now: Instant) -> ClockView:
    if request.state in _FINAL:
        status = ClockStatus.ENDED
    elif hold_continues(request):
        status = ClockStatus.CONTINUES
    else:
        over = now >= due or bool(_links(request))
        status = ClockStatus.ENDED if over else ClockStatus.RUNNING
    return ClockView(
        id="hold",
        label="The data is held",
        starts=starts,
        due=None if status is ClockStatus.CONTINUES else due,
        article=_HOLD_ARTICLE,
        status=status,
        consequence=_HOLD_TEXT[status],
    )


_HOLD_TEXT: Final = {
    ClockStatus.RUNNING: "The hold ends then unless a request for mutual assistance has been "
    "received.",
    ClockStatus.CONTINUES: "The data is kept until the request for mutual assistance is decided.",
    ClockStatus.ENDED: "The data is no longer held for this request.",
}


def _postponed_view(request: RequestFacts, postponed: Postponed, now: Instant) -> ClockView:
    return ClockView(
        id="postponed",
        label="Action is postponed until",
        starts=request.received or postponed.until,
        due=postponed.until,
        article=postponed.article,
        status=ClockStatus.OVERDUE if now > postponed.until else ClockStatus.RUNNING,
        consequence="The requested side then takes the request up again.",
    )


def _reply_view(request: RequestFacts, reply_by: Instant, now: Instant) -> ClockView:
    consulting = request.state is State.CONSULTATION
    return ClockView(
        id="reply",
        label="A reply is due",
        starts=request.received or reply_by,
        due=reply_by,
        article="",
        status=ClockStatus.OVERDUE if now > reply_by else ClockStatus.RUNNING,
        consequence=(
            "The requested side may refuse without a reply."
            if consulting
            else "The requested side may go on without the answer."
        ),
    )
