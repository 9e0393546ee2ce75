# SPDX-License-Identifier: Apache-2.0
"""The work queue: mine, waiting on others, due, unassigned, finished, all; and the search."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.db.models.expressions import OrderBy

from comity.assistance.labels import state_label
from comity.assistance.model import Direction, Kind, State
from comity.canonical.time import Instant
from comity.node import permissions
from comity.node.permissions import Officer, Role
from comity.node.queries import _labels
from comity.node.queries._common import Parties, turn_of, visible
from comity.node.queries._search import matching, search_words
from comity.node.queries.queue_views import QueueCount, QueueItem, QueueName, QueuePage, QueueSort
from comity.node.queries.views import Choice
from comity.node.services.accounts import officer_of
from comity.node.store.models import OfficerRow, RequestRow

#: Requests shown on one page.
PAGE_SIZE: Final = 50
_OURS: Final = Q(direction="outgoing", turn="requesting") | Q(
    direction="incoming", turn="requested"
)
_THEIRS: Final = Q(direction="outgoing", turn="requested") | Q(
    direction="incoming", turn="requesting"
)
_OPEN: Final = ~Q(turn="system")
_LABELS: Final[dict[QueueName, str]] = {
    "mine": "Mine",
    "waiting": "Waiting on others",
    "due": "Due",
    "unassigned": "Unassigned",
    "finished": "Finished",
    "all": "All requests",
}
#: Queues of work still to be done, from which requests can be given to somebody.
_WORK: Final = frozenset({"mine", "waiting", "due", "unassigned"})
_ORDERS: Final[dict[QueueSort, OrderBy]] = {
    "due": F("due").asc(nulls_last=True),
    "-due": F("due").desc(nulls_last=True),
    "activity": F("updated").asc(),
    "-activity": F("updated").desc(),
}
#: What a line of the list shows; the record itself may be megabytes.
_SHOWN: Final = (
    *("id", "reference", "title", "kind", "direction", "state", "turn", "urgency"),
    *("requesting", "requested", "due", "due_label", "updated", "assigned_to__name"),
)


def queue(
    *,
    officer: Officer,
    view: QueueName,
    now: Instant,
    sort: QueueSort | None = None,
    number: int = 1,
    search: str = "",
) -> QueuePage:
    """Return a page of one of the officer's queues, and how much is in each.

    `number` counts pages from 1; one beyond the last shows the last. With words in
    `search` the page shows what matches all of them among everything that the
    officer may see, whatever the view. Raises `Invalid` (`search.*`) for a search
    that is too long.
    """
    seen = RequestRow.objects.filter(visible(officer))
    conditions = _conditions(officer)
    counts = seen.aggregate(
        **{name: Count("pk", filter=condition) for name, condition in conditions.items()}
    )
    words = search_words(search)
    if words:
        found = seen.filter(matching(words))
        total = found.count()
    else:
        found, total = seen.filter(conditions[view]), counts[view]
    working = view in _WORK and not words
    chosen = sort or ("due" if working else "-activity")
    pages = max(1, -(-total // PAGE_SIZE))
    shown = min(max(1, number), pages)
    return QueuePage(
        view=view,
        items=_items(found, chosen, shown, now),
        counts=tuple(
            QueueCount(view=name, label=label, count=counts[name])
            for name, label in _LABELS.items()
        ),
        total=total,
        number=shown,
        pages=pages,
        sort=chosen,
        search=" ".join(search.split()),
        may_create=permissions.may(officer, "create"),
        assignable=_assignable(officer) if working else (),
    )


def _items(
    found: QuerySet[RequestRow], sort: QueueSort, number: int, now: Instant
) -> tuple[QueueItem, ...]:
    parties = Parties()
    first = (number - 1) * PAGE_SIZE
    rows = found.order_by(_ORDERS[sort], "reference").select_related("assigned_to").only(*_SHOWN)
    return tuple(_item(row, parties, now) for row in rows[first : first + PAGE_SIZE])


def _assignable(officer: Officer) -> tuple[Choice, ...]:
    """Officers who read cases, for who may assign; whether each fits a request is judged then."""
    givers = permissions.roles_for("assign", "outgoing") | permissions.roles_for(
        "assign", "incoming"
    )
    if not officer.roles & givers:
        return ()
    active = OfficerRow.objects.filter(is_active=True).order_by("name")
    return tuple(
        Choice(value=str(row.pk), label=row.name)
        for row in active.prefetch_related("role_rows")
        if permissions.readable(officer_of(row))
    )


def _conditions(officer: Officer) -> dict[QueueName, Q]:
    mine = Q(assigned_to=officer.id) & _OURS
    if Role.APPROVER in officer.roles:
        # What waits for approval waits for every approver who has not given theirs.
        waits = Q(direction="outgoing", state=State.AWAITING_APPROVAL)
        given = RequestRow.objects.filter(approval_rows__officer=UUID(officer.id))
        mine |= waits & ~Q(pk__in=given.values("pk"))
    return {
        "mine": _OPEN & mine,
        "waiting": _OPEN & _THEIRS,
        "due": _OPEN & Q(due__isnull=False),
        "unassigned": _OPEN & Q(assigned_to__isnull=True),
        "finished": ~_OPEN,
        "all": Q(pk__isnull=False),
    }


def _item(row: RequestRow, parties: Parties, now: Instant) -> QueueItem:
    peer = row.requested if row.direction == "outgoing" else row.requesting
    open_still = row.turn != "system"
    return QueueItem(
        request_id=str(row.pk),
        reference=row.reference,
        title=row.title,
        kind=row.kind,
        kind_label=_labels.KINDS[row.kind],
        direction=row.direction,
        state=row.state,
        state_label=state_label(
            direction=Direction(row.direction), kind=Kind(row.kind), state=State(row.state)
        ),
        turn=turn_of(row),
        peer=parties.view(peer),
        urgent=row.urgency in _labels.URGENT,
        urgency=row.urgency,
        due=row.due if open_still else None,
        due_label=row.due_label,
        overdue=open_still and row.due is not None and row.due <= now,
        assigned_to=row.assigned_to.name if row.assigned_to else "",
        updated=row.updated,
    )
