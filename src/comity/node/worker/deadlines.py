# SPDX-License-Identifier: Apache-2.0
"""What the passing of time does to requests: holds that end without a follow-up."""

from __future__ import annotations

from uuid import UUID

from comity.assistance.decide import note_preservation_lapsed
from comity.assistance.model import Kind, State
from comity.assistance.tables import TABLES
from comity.canonical.time import Instant
from comity.node.services._record import recording
from comity.node.services._requests import apply, gather, locked
from comity.node.store.models import AuditRow, RequestRow
from comity.workflow.table import reasons_against

_ACTION = "preservation_lapsed"


def lapse_preservations(now: Instant) -> int:
    """Record, once, that a hold has ended although nothing followed (29(7))."""
    done = 0
    rows = RequestRow.objects.filter(
        kind=Kind.PRESERVATION, state__in=(State.ANSWERED, State.DELIVERED)
    )
    for identifier in rows.values_list("pk", flat=True):
        if not _noted(identifier):
            done += _lapse(str(identifier), now)
    return done


def _noted(identifier: UUID) -> bool:
    """Whether the lapse of the hold that was reported last has been recorded."""
    events = AuditRow.objects.filter(
        request=identifier,
        event__in=(
            "preservation.lapsed",
            "preservation.reported",
            "preservation.report_received",
        ),
    )
    last = events.order_by("-leaf_index").first()
    return last is not None and last.event == "preservation.lapsed"


def _lapse(identifier: str, now: Instant) -> int:
    with recording(officer=None, now=now) as record:
        row = locked(identifier)
        situation = gather(row, now=now)
        table_row = TABLES[situation.request.direction].row(
            state=situation.request.state, action=_ACTION
        )
        if table_row is None or reasons_against(table_row, situation):
            record.unchanged = True
            return 0
        apply(record, row, note_preservation_lapsed(situation=situation), now=now)
    return 1
