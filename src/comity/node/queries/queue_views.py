# SPDX-License-Identifier: Apache-2.0
"""What is shown of the work queue: its entries, their counts, one page of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from comity.canonical.time import Instant
from comity.node.queries.views import Choice, Direction, PartyView, Turn

QueueName = Literal["mine", "waiting", "due", "unassigned", "finished", "all"]
QueueSort = Literal["due", "-due", "activity", "-activity"]


@dataclass(frozen=True)
class QueueItem:
    """One request in the work queue."""

    request_id: str
    reference: str
    title: str
    kind: str
    kind_label: str
    direction: Direction
    state: str
    state_label: str
    turn: Turn
    peer: PartyView
    urgent: bool
    urgency: str
    due: Instant | None
    due_label: str
    overdue: bool
    assigned_to: str
    updated: Instant


@dataclass(frozen=True)
class QueueCount:
    """How many requests a queue holds."""

    view: QueueName
    label: str
    count: int


@dataclass(frozen=True)
class QueuePage:
    """A page of one queue or of a search, with the counts of all queues.

    `total` counts what is in the queue or was found; `number` of `pages` is shown.
    `search` is what was looked for, blank where nothing was.
    """

    view: QueueName
    items: tuple[QueueItem, ...]
    counts: tuple[QueueCount, ...]
    total: int
    number: int
    pages: int
    sort: QueueSort
    search: str
    may_create: bool
    assignable: tuple[Choice, ...]
    """Officers to whom requests may be given; empty if this officer may not assign."""
