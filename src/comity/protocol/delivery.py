# SPDX-License-Identifier: Apache-2.0
"""How delivery goes on: the story, then the table, the order and the patience.

An authority's node keeps one queue for each peer. What waits there is a sealed
parcel with a signed header; it is offered, and only when the peer's node has
accepted the offer do its parts follow. The peer asks for what it lacks, so an
interrupted transfer goes on where it stopped. Every step forward is a receipt
that the peer signed; the table below turns receipts into the delivery's state,
which is shown beside the request and never mixed with the request's own.

Receipts may come late, twice or in any order: the table never steps back from
what a receipt has proven. A parcel that cannot be handed on is tried again with
growing pauses, drawn by lot so that a hundred nodes do not knock at the same
second, until it expires; then the sender's own node signs that it failed. Any
word from the peer ends the pause.

Statements of one case reach a peer in the order in which they were written: the
next is not offered before the one before it has been relayed, nor while that one
was refused or failed. The receiver does
not rely on that. It holds a statement back until all earlier ones of its series
have been taken, and shows the gap meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId, ObjectId
from comity.canonical.time import Instant
from comity.errors import Conflict
from comity.protocol.parcel import Priority
from comity.protocol.receipt import Kind

#: First pause after a failure, before the lot is drawn.
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=6)
#: Failures after which the pause has reached its longest.
_MOST_DOUBLINGS: Final = 13


class Delivery(StrEnum):
    """How far a parcel has come, as far as receipts prove it."""

    QUEUED = "queued"
    ACCEPTED = "accepted"
    RELAYED = "relayed"
    DELIVERED = "delivered"
    HANDED_OVER = "handed_over"
    REFUSED = "refused"
    FAILED = "failed"
    NOT_DELIVERED = "not_delivered"


#: States in which the sender still has something to do.
OPEN: Final = frozenset({Delivery.QUEUED, Delivery.ACCEPTED})
#: States that wait for the peer's next receipt.
AWAITING: Final = frozenset({Delivery.RELAYED})
#: States after which something can be sent again; until then nothing after it is sent.
UNDELIVERED: Final = frozenset({Delivery.REFUSED, Delivery.FAILED, Delivery.NOT_DELIVERED})

_FROM_THE_START: Final = MappingProxyType(
    {
        Kind.ACCEPTED: Delivery.ACCEPTED,
        Kind.RELAYED: Delivery.RELAYED,
        Kind.DELIVERED: Delivery.DELIVERED,
        Kind.HANDED_OVER: Delivery.HANDED_OVER,
        Kind.RELAY_REFUSED: Delivery.REFUSED,
        Kind.RELAY_FAILED: Delivery.FAILED,
        Kind.NOT_DELIVERED: Delivery.NOT_DELIVERED,
    }
)
_ONCE_RELAYED: Final = MappingProxyType(
    {
        Kind.DELIVERED: Delivery.DELIVERED,
        Kind.HANDED_OVER: Delivery.HANDED_OVER,
        Kind.RELAY_FAILED: Delivery.FAILED,
        Kind.NOT_DELIVERED: Delivery.NOT_DELIVERED,
    }
)
_PROVEN_LATE: Final = MappingProxyType(
    {
        Kind.RELAYED: Delivery.RELAYED,
        Kind.DELIVERED: Delivery.DELIVERED,
        Kind.HANDED_OVER: Delivery.HANDED_OVER,
        Kind.NOT_DELIVERED: Delivery.NOT_DELIVERED,
    }
)

#: State and receipt to next state; what is not listed changes nothing.
DELIVERY: Final[Mapping[Delivery, Mapping[Kind, Delivery]]] = MappingProxyType(
    {
        Delivery.QUEUED: _FROM_THE_START,
        Delivery.ACCEPTED: _FROM_THE_START,
        Delivery.RELAYED: _ONCE_RELAYED,
        Delivery.DELIVERED: MappingProxyType({Kind.HANDED_OVER: Delivery.HANDED_OVER}),
        Delivery.HANDED_OVER: MappingProxyType({}),
        # A receipt that proves more than a refusal did is believed: the peer signed it.
        Delivery.REFUSED: _PROVEN_LATE,
        Delivery.FAILED: _PROVEN_LATE,
        Delivery.NOT_DELIVERED: MappingProxyType(
            {Kind.DELIVERED: Delivery.DELIVERED, Kind.HANDED_OVER: Delivery.HANDED_OVER}
        ),
    }
)


def after_receipt(state: Delivery, kind: Kind) -> Delivery:
    """Return the state after a receipt of this kind."""
    return DELIVERY[state].get(kind, state)


@dataclass(frozen=True)
class Line:
    """The line to one peer: failures in a row, and when to try again."""

    failures: int = 0
    next_attempt: Instant | None = None

    def is_due(self, now: Instant) -> bool:
        """Tell whether the peer may be tried."""
        return self.next_attempt is None or self.next_attempt <= now

    def failed(self, now: Instant, *, chance: float) -> Line:
        """Return the line after one more failure; `chance` is drawn from [0, 1)."""
        return Line(self.failures + 1, now + pause(self.failures, chance=chance))


def pause(failures: int, *, chance: float) -> timedelta:
    """Return how long to wait: full jitter, between 1 s and 5 s doubled for each failure.

    `failures` are those before this one; the longest pause is six hours.
    """
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(failures, _MOST_DOUBLINGS)))
    return max(timedelta(seconds=1), longest * chance)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One entry of a peer's queue that is not finished. `case` is None for a package."""

    key: str
    state: Delivery
    priority: Priority
    created: Instant
    case: ObjectId | None = None
    seq: int = 0


_RANK: Final = {Priority.URGENT: 0, Priority.NORMAL: 1, Priority.BULK: 2}


def choose(queue: Iterable[Waiting]) -> Waiting | None:
    """Return what to send next: the most urgent, then the oldest, each case in its order.

    An urgent statement lifts the earlier ones of its case, which go before it.
    """
    waiting = [entry for entry in queue if entry.state in OPEN]
    first: dict[ObjectId, Waiting] = {}
    urgency: dict[ObjectId, int] = {}
    for entry in waiting:
        if entry.case is not None:
            first[entry.case] = min(first.get(entry.case, entry), entry, key=lambda e: e.seq)
            rank = _RANK[entry.priority]
            urgency[entry.case] = min(urgency.get(entry.case, rank), rank)
    ready = [e for e in waiting if e.case is None or e is first[e.case]]
    return min(
        ready,
        key=lambda e: (urgency.get(e.case, 9) if e.case else _RANK[e.priority], e.created, e.key),
        default=None,
    )


@dataclass(frozen=True)
class Place:
    """A statement's place in its sender's series for a case."""

    sender: AuthorityId
    case: ObjectId
    seq: int
    previous: Sha256 | None
    digest: Sha256


@dataclass(frozen=True)
class Taken:
    """The last statement taken of a series; the beginning is `Taken()`."""

    seq: int = 0
    digest: Sha256 | None = None


def next_of_series(waiting: Sequence[Place], *, taken: Taken) -> Place | None:
    """Return the statement of a series that may be taken now, None while it is missing.

    Raises `Conflict` (`delivery.series_broken`) if the one with the next number does
    not name the last one taken as its predecessor: the sender told two stories.
    """
    for place in waiting:
        if place.seq == taken.seq + 1:
            if place.previous != taken.digest:
                raise Conflict(
                    "delivery.series_broken",
                    f"{place.sender}: its statement {place.seq} in case {place.case} follows "
                    "another one than was received here",
                    hint="Keep both statements and ask the sender which stands.",
                )
            return place
    return None


def missing_of_series(waiting: Sequence[Place], *, taken: Taken) -> tuple[int, ...]:
    """Return the numbers below the highest one waiting that have not arrived."""
    present = {place.seq for place in waiting}
    return tuple(n for n in range(taken.seq + 1, max(present, default=0)) if n not in present)
