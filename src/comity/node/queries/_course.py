# SPDX-License-Identifier: Apache-2.0
"""How a request has gone: timeline, conditions, delivery."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from comity.assistance.actions import CONDITION_LABELS
from comity.assistance.facts import RequestFacts
from comity.canonical import json
from comity.canonical.members import Members
from comity.canonical.time import Instant
from comity.node.queries import _labels
from comity.node.queries._common import Parties
from comity.node.queries.views import ConditionView, Fact, ReceiptView, TimelineItem
from comity.node.services import ledger
from comity.node.store.models import (
    AuditRow,
    DispatchRow,
    OfficerRow,
    ReceiptRow,
    RequestRow,
    StatementInRow,
)

_OFFERED: Final = ("condition.offered", "condition.offer_received")
_ANSWERED: Final = (
    "condition.accepted",
    "condition.declined",
    "condition.acceptance_received",
    "condition.declination_received",
)
#: Shown in the timeline only by custody and packages, not once more as an edit.
_QUIET: Final = frozenset({"request.edited"})
#: The receipts that a message is expected to get from the other side.
_AWAITED: Final = "delivered"


def timeline(
    row: RequestRow, parties: Parties, officers: dict[str, OfficerRow]
) -> tuple[TimelineItem, ...]:
    """Return the events of a request, the newest first."""
    final = ledger.final_size()
    own = settings.CONFIG.authority
    rows = row.timeline_rows.exclude(event__in=_QUIET).select_related("audit").order_by("-pk")
    return tuple(
        TimelineItem(
            id=str(one.pk),
            at=one.at,
            event=one.event,
            label=_labels.event_label(one.event),
            actor=_actor(one.officer_id, one.authority, parties, officers),
            ours=one.authority == own,
            text=one.text,
            facts=tuple(Fact(label=label, value=value) for label, value in one.facts),
            ledger_index=one.audit.leaf_index,
            final=one.audit.leaf_index < final,
        )
        for one in rows
    )


def _actor(
    officer: object, authority: str, parties: Parties, officers: dict[str, OfficerRow]
) -> str:
    found = officers.get(str(officer))
    return found.name if found else parties.view(authority).name


def conditions(row: RequestRow, request: RequestFacts) -> tuple[ConditionView, ...]:
    """Return every condition that was offered, with when and how it was answered."""
    if not request.offers:
        return ()
    offered, answered = _condition_times(row)
    return tuple(
        ConditionView(
            id=condition.id,
            text=f"{CONDITION_LABELS[condition.kind]}: {condition.text}",
            article=condition.article,
            status=offer.status.value,
            offered=offered.get(offer.id, row.updated),
            answered=answered.get(offer.id),
        )
        for offer in request.offers
        for condition in offer.conditions
    )


def _condition_times(row: RequestRow) -> tuple[dict[str, Instant], dict[str, Instant]]:
    """When each offer was made and answered, from the record of events."""
    offered: dict[str, Instant] = {}
    answered: dict[str, Instant] = {}
    events = AuditRow.objects.filter(request=row.pk, event__in=(*_OFFERED, *_ANSWERED))
    for audit in events.order_by("pk"):
        body = Members(json.read_object(bytes(audit.payload)), what=audit.event)
        details = body.members("details")
        if audit.event in _OFFERED:
            offered[details.text("offer")] = audit.at
        else:
            answered[details.text("answers")] = audit.at
    return offered, answered


def delivery(row: RequestRow, parties: Parties) -> tuple[ReceiptView, ...]:
    """Return the receipts for every message of the request, ours first."""
    return (*_ours(row, parties), *_theirs(row, parties))


def _ours(row: RequestRow, parties: Parties) -> list[ReceiptView]:
    views = []
    dispatches = DispatchRow.objects.filter(case=row.pk).order_by("created", "seq")
    for dispatch in dispatches.prefetch_related("receipt_rows"):
        kind = dispatch.type or dispatch.content
        receipts = sorted(dispatch.receipt_rows.all(), key=lambda one: one.pk)
        views += [
            _receipt(kind, "outgoing", one, parties.view(one.issuer).name) for one in receipts
        ]
        if _AWAITED not in {one.kind for one in receipts}:
            views.append(
                ReceiptView(
                    message=kind,
                    message_label=_labels.MESSAGES.get(kind, kind),
                    direction="outgoing",
                    kind=_AWAITED,
                    kind_label=_labels.RECEIPTS[_AWAITED],
                    at=None,
                    by=parties.view(dispatch.peer).name,
                    detail=dispatch.problem,
                )
            )
    return views


def _theirs(row: RequestRow, parties: Parties) -> list[ReceiptView]:
    statements = {
        one.sha256: one.type for one in StatementInRow.objects.filter(case=row.pk).order_by("seq")
    }
    receipts = ReceiptRow.objects.filter(statement__in=statements, dispatch__isnull=True)
    return [
        _receipt(statements[one.statement], "incoming", one, parties.view(one.issuer).name)
        for one in receipts.order_by("pk")
    ]


def _receipt(message: str, direction: str, row: ReceiptRow, by: str) -> ReceiptView:
    return ReceiptView(
        message=message,
        message_label=_labels.MESSAGES.get(message, message),
        direction=direction,
        kind=row.kind,
        kind_label=_labels.RECEIPTS[row.kind],
        at=row.at,
        by=by,
        detail=row.reason,
    )
