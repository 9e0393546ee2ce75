# SPDX-License-Identifier: Apache-2.0
"""Between rows and the record that `comity.assistance` decides about.

The record is stored as the JSON that the core writes and strictly reads back;
the columns beside it only repeat what lists and constraints look at. Approvals
are rows of their own as well, so that the database itself refuses a second one
by the same officer.
"""

from __future__ import annotations

from uuid import UUID

from comity.assistance.facts import RequestFacts
from comity.assistance.record import read_record, write_record
from comity.assistance.tables import turn_of
from comity.canonical import json
from comity.canonical.time import Instant
from comity.node.store.findable import findable
from comity.node.store.models import ApprovalRow, RequestRow

#: Largest record read, in bytes: contents, supplements and the course of the request.
MAX_RECORD_BYTES = 8 << 20


def facts_of(row: RequestRow) -> RequestFacts:
    """Return the whole record of a request; raise `Invalid` if the row is damaged."""
    what = f"record of {row.reference}"
    return read_record(
        json.read_canonical_object(bytes(row.record), what=what, limit=MAX_RECORD_BYTES),
        what=what,
    )


def save_facts(row: RequestRow, facts: RequestFacts, *, now: Instant) -> None:
    """Write the record; `row` is new, or locked by the caller."""
    content = facts.content
    adding = row._state.adding  # noqa: SLF001 - Django's documented flag
    if not adding and row.content_sha256 != content.digest:
        row.version += 1
    row.record = json.write(write_record(facts))
    row.content_sha256 = content.digest
    row.direction, row.state = facts.direction.value, facts.state.value
    row.turn = turn_of(facts).value
    row.outcome = facts.outcome.value
    row.title, row.kind = content.title, content.kind.value
    row.measure, row.urgency = content.measure, content.urgency.value
    row.requesting, row.requested = content.requesting, content.requested
    row.instrument, row.article = content.instrument, content.article
    row.preservation_of = UUID(content.preservation_of) if content.preservation_of else None
    row.local_reference = facts.local_reference
    row.findable = findable(reference=row.reference, facts=facts)
    row.updated = now
    row.save(force_insert=adding)
    _save_approvals(row, facts)


def _save_approvals(row: RequestRow, facts: RequestFacts) -> None:
    """Add new approvals and remove recalled ones; the events of both stay on record."""
    wanted = {(UUID(a.officer), str(a.digest)): a for a in facts.approvals}
    for stored in row.approval_rows.all():
        if wanted.pop((stored.officer_id, stored.digest), None) is None:
            stored.delete()
    for (officer, digest), approval in wanted.items():
        ApprovalRow.objects.create(request=row, officer_id=officer, digest=digest, at=approval.at)
