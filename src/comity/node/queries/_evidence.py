# SPDX-License-Identifier: Apache-2.0
"""Exhibits with their chains of custody, and packages with their reports."""

from __future__ import annotations

from comity.assistance.facts import RequestFacts
from comity.assistance.tables import EVIDENCE_WORK
from comity.canonical import json
from comity.canonical.ids import ObjectId
from comity.canonical.members import Members
from comity.evidence.custody import read_statement
from comity.node import permissions
from comity.node.permissions import Officer
from comity.node.queries import _labels
from comity.node.queries._common import Parties
from comity.node.queries.views import (
    CustodyStep,
    ExhibitView,
    FileView,
    PackageView,
    VerificationStep,
)
from comity.node.services import ledger
from comity.node.store.models import CustodyRow, ExhibitRow, PackageRow, RequestRow

#: Statuses of a package that follow from the workflow rather than from the worker.
_ANSWERED = frozenset({"confirmed", "rejected"})
_MAX_REPORT_BYTES = 8 << 20
#: An exhibit that is packed waits for its delivery; one that was sent is in other hands.
_IN_OUR_HANDS = frozenset({"registered", "acquired"})
_ON_DISK = frozenset({"built", "ready", "sent", "accepted", "awaiting_final"})


def exhibits(officer: Officer, row: RequestRow, parties: Parties) -> tuple[ExhibitView, ...]:
    """Return the exhibits of a request in the order of their numbers."""
    final = ledger.final_size()
    rows = row.exhibit_rows.order_by("number").prefetch_related("file_rows")
    return tuple(_exhibit(officer, row, one, parties, final) for one in rows)


def _exhibit(
    officer: Officer, row: RequestRow, exhibit: ExhibitRow, parties: Parties, final: int
) -> ExhibitView:
    chain = exhibit.custody_rows.select_related("audit").order_by("sequence")
    legal = ", ".join(part for part in (exhibit.legal_type, exhibit.legal_identifier) if part)
    return ExhibitView(
        id=str(exhibit.pk),
        number=exhibit.number,
        description=exhibit.description,
        status=exhibit.status,
        seized_at=exhibit.seized_at,
        place=exhibit.place,
        legal_authority=legal,
        files=tuple(
            FileView(path=one.path, size=one.size, sha256=one.sha256)
            for one in sorted(exhibit.file_rows.all(), key=lambda one: one.path)
        ),
        custody=tuple(_step(one, parties, final) for one in chain),
        may_acquire=exhibit.status == "registered"
        and row.state in EVIDENCE_WORK
        and permissions.may(officer, "lodge_acquisition", row),
        may_record=exhibit.status in _IN_OUR_HANDS
        and permissions.may(officer, "record_custody", row),
    )


def _step(row: CustodyRow, parties: Parties, final: int) -> CustodyStep:
    said = read_statement(bytes(row.statement), what=f"custody {row.sequence}").statement
    counterpart = ""
    if said.counterpart is not None:
        party = parties.view(said.counterpart.authority).name
        counterpart = ", ".join(part for part in (said.counterpart.name, party) if part)
    return CustodyStep(
        sequence=row.sequence,
        event=row.event,
        label=_labels.CUSTODY[row.event],
        at=row.at,
        authority=parties.view(row.authority),
        actor=f"{said.actor.name} ({said.actor.function})",
        counterpart=counterpart,
        place=said.place,
        purpose=said.purpose,
        digest=row.sha256,
        digests_checked=said.digests_checked,
        ledger_index=row.audit.leaf_index if row.audit else None,
        # A peer's statement came with its proof, which was verified with the package.
        final=row.audit.leaf_index < final if row.audit else bool(row.proof),
    )


def packages(officer: Officer, row: RequestRow, request: RequestFacts) -> tuple[PackageView, ...]:
    """Return the packages of a request, the oldest first."""
    may_export = permissions.may(officer, "export_package", row)
    rows = row.package_rows.order_by("made").prefetch_related("exhibit_rows__exhibit")
    return tuple(_package(one, request, may_export=may_export) for one in rows)


def _package(row: PackageRow, request: RequestFacts, *, may_export: bool) -> PackageView:
    known = request.package(ObjectId(str(row.pk)))
    answered = known is not None and known.status.value in _ANSWERED
    settled = row.status in {"sent", "accepted", "failed"}
    status = known.status.value if known and answered and settled else row.status
    return PackageView(
        id=str(row.pk),
        direction=row.direction,
        status=status,
        status_label=_labels.PACKAGES[row.direction, status],
        exhibits=tuple(sorted(one.exhibit.number for one in row.exhibit_rows.all())),
        complete=row.complete,
        problem=row.problem,
        steps=_steps(row),
        made=row.made,
        size=row.size,
        seal_sha256=row.seal_sha256,
        may_export=may_export and row.status in _ON_DISK,
    )


def _steps(row: PackageRow) -> tuple[VerificationStep, ...]:
    if not row.report:
        return ()
    what = f"report of {row.pk}"
    report = json.read_object(bytes(row.report), what=what, limit=_MAX_REPORT_BYTES)
    return tuple(
        VerificationStep(
            number=step.integer("number"),
            title=step.text("title"),
            status=step.text("status"),
            detail=step.text("detail", empty=True),
            file=step.text("file", empty=True),
        )
        for step in Members(report, what=what).each("steps")
    )
