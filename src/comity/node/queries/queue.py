# SPDX-License-Identifier: Apache-2.0
"""The work queue: mine, waiting on others, due, unassigned."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from comity.assistance.labels import state_label
from comity.assistance.model import Direction, Kind, State
from comity.canonical.time import Instant
from comity.node import permissions
from comity.node.permissions import Officer, Role
from comity.node.queries import _labels
from comity.node.queries._common import Parties, turn_of, visible
from comity.node.queries.views import Choice, QueueCount, QueueItem, QueueName, QueuePage
from comity.node.services.accounts import officer_of
from comity.node.store.models import OfficerRow, RequestRow

#: Items shown on one page.
MAX_QUEUE: Final = 200
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
}


def queue(*, officer: Officer, view: QueueName, now: Instant) -> QueuePage:
    """Return one of the officer's four queues, and how much is in each."""
    seen = RequestRow.objects.filter(visible(officer) & _OPEN)
    conditions = _conditions(officer)
    counts = seen.aggregate(
        **{name: Count("pk", filter=condition) for name, condition in conditions.items()}
    )
    rows = _ordered(seen.filter(conditions[view]), view)
    parties = Parties()
    items = tuple(
        _item(row, parties, now) for row in rows.select_related("assigned_to")[:MAX_QUEUE]
    )
    return QueuePage(
        view=view,
        items=items,
        counts=tuple(
            QueueCount(view=name, label=label, count=counts[name])
            for name, label in _LABELS.items()
        ),
        more=max(0, counts[view] - len(items)),
        may_create=permissions.may(officer, "create"),
        assignable=_assignable(officer),
    )


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
        "mine": mine,
        "waiting": _THEIRS,
        "due": Q(due__isnull=False),
        "unassigned": Q(assigned_to__isnull=True),
    }


def _ordered(rows: QuerySet[RequestRow], view: QueueName) -> QuerySet[RequestRow]:
    if view == "due":
        return rows.order_by("due", "reference")
    return rows.order_by("-updated", "reference")


def _item(row: RequestRow, parties: Parties, now: Instant) -> QueueItem:
    peer = row.requested if row.direction == "outgoing" else row.requesting
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
        due=row.due,
        due_label=row.due_label,
        overdue=row.due is not None and row.due <= now,
        assigned_to=row.assigned_to.name if row.assigned_to else "",
        updated=row.updated,
    )
