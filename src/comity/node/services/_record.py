# SPDX-License-Identifier: Apache-2.0
"""One transaction, at least one event: the frame around every service.

Promises: what a service changes is committed together with an audit row and a
ledger entry at a fixed index, or not at all; a service that changed something
and recorded nothing is a fault of ours and rolls back.

    with recording(officer=officer, now=now) as record:
        ...
        record(event="request.sent", subject=("request", row.id), private={...})
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import transaction

from comity.canonical import json
from comity.canonical.json import Object
from comity.canonical.time import Instant
from comity.node.permissions import Officer
from comity.node.services import ledger
from comity.node.store.models import AuditRow, TimelineRow
from comity.node.wake import wake_after_commit


class NothingRecordedError(RuntimeError):
    """A service ended without an event. A fault of ours, never of the officer."""


@dataclass
class Recorder:
    """Collects the events of one transaction; call it once per event."""

    officer: Officer | None
    now: Instant
    rows: list[AuditRow] = field(default_factory=list)
    unchanged: bool = False
    """Set by a service that found that there was nothing to change."""

    def __call__(
        self,
        *,
        event: str,
        subject: tuple[str, str | UUID],
        private: Object,
        request: str | UUID | None = None,
        item: str | None = None,
        peer: str | None = None,
        caused_by: str | None = None,
    ) -> AuditRow:
        """Write the audit row and sequence its ledger entry.

        `item` names what the leaf's slot counts (by default the subject), `peer`
        the other authority concerned, `caused_by` the authority whose act it was
        (by default our own).
        """
        kind, identifier = subject
        entry = ledger.sequence(
            event_type=event,
            private=private,
            item=item or f"{kind}:{identifier}",
            peer=peer,
            now=self.now,
        )
        row = AuditRow.objects.create(
            at=self.now,
            event=event,
            officer_id=self.officer.id if self.officer else None,
            authority=caused_by or settings.CONFIG.authority,
            subject_kind=kind,
            subject=str(identifier),
            request=request,
            payload=json.write(private),
            leaf_index=entry.index,
            leaf_sha256=entry.leaf_sha256,
        )
        self.rows.append(row)
        return row

    def tell(
        self,
        row: AuditRow,
        *,
        request: str | UUID,
        text: str = "",
        facts: Sequence[tuple[str, str]] = (),
        statement: str = "",
    ) -> None:
        """Show a recorded event in the request's timeline, with the words that were written."""
        TimelineRow.objects.create(
            request_id=request,
            at=self.now,
            event=row.event,
            officer_id=row.officer_id,
            authority=row.authority,
            text=text,
            facts=[list(fact) for fact in facts],
            statement=statement,
            audit=row,
        )


@contextmanager
def recording(*, officer: Officer | None, now: Instant) -> Iterator[Recorder]:
    """Open the transaction of a service; `officer` is None for the node or a peer."""
    with ledger.stopping_at_disk_errors(), transaction.atomic():
        record = Recorder(officer=officer, now=now)
        yield record
        if not record.rows and not record.unchanged:
            raise NothingRecordedError("a service changed the store without recording an event")
        if record.rows:  # a look that changed nothing must not set off the next look
            wake_after_commit()
