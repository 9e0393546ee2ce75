# SPDX-License-Identifier: Apache-2.0
"""What goes into a package: exhibits with their chains and proofs, keys, the request."""

from __future__ import annotations

from typing import BinaryIO

from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId, ObjectId
from comity.canonical.time import Instant
from comity.evidence.acquisition import read_acquisition
from comity.evidence.blobs import LocalBlobStore
from comity.evidence.custody import read_statement
from comity.evidence.package import (
    CustodyEntry,
    EvidenceFile,
    ExhibitContents,
    LedgerProof,
    PackageSpec,
)
from comity.evidence.request_reference import RequestReference
from comity.node.services import ledger
from comity.node.services._requests import own_authority, peer_of
from comity.node.services.proofs import statement_of_request
from comity.node.services.trust import package_keys
from comity.node.store import mapping
from comity.node.store.models import (
    AcquisitionRow,
    CustodyRow,
    ExhibitRow,
    PackageRow,
    RequestRow,
)


def package_spec(package: PackageRow, *, store: LocalBlobStore, now: Instant) -> PackageSpec:
    """Return everything that the package is made of."""
    peer = peer_of(package.request)
    carried = package.exhibit_rows.select_related("exhibit").order_by("exhibit__number")
    return PackageSpec(
        package=ObjectId(str(package.pk)),
        sender=AuthorityId(own_authority()),
        recipient=AuthorityId(peer),
        contact=package.ordered_by.name if package.ordered_by else own_authority(),
        request=request_reference(package.request),
        exhibits=tuple(_exhibit(one.exhibit, store) for one in carried),
        keys=package_keys(peer),
        ledger_proofs=_peer_proofs(package),
        sealed_at=now,
    )


def request_reference(row: RequestRow) -> RequestReference:
    """Return what a package says of the request that it answers; the same on both sides.

    Whoever packs writes it, whoever asked compares it with the request it sent.
    """
    request = mapping.facts_of(row)
    content = request.content
    purpose = content.fields.get("purpose")
    return RequestReference(
        request=content.request_id,
        reference=content.reference,
        kind=content.kind.value,
        measure=content.measure,
        requesting=content.requesting,
        requested=content.requested,
        instrument=content.instrument,
        article=content.article,
        purpose=str(purpose) if purpose else content.title,
        urgency=content.urgency.value,
        use_limits=tuple(condition.text for condition in request.bound_conditions),
        statement=statement_of_request(row.pk),
    )


def custody_entry(row: CustodyRow) -> CustodyEntry:
    """Return a statement with the proof of its ledger entry."""
    signed = read_statement(bytes(row.statement), what=f"custody of {row.exhibit_id}")
    if row.audit is None:
        return CustodyEntry(signed=signed, proof=bytes(row.proof))
    return CustodyEntry(signed=signed, proof=ledger.proof(row.audit.leaf_index))


def _exhibit(exhibit: ExhibitRow, store: LocalBlobStore) -> ExhibitContents:
    acquisition = AcquisitionRow.objects.filter(exhibit=exhibit).first()
    return ExhibitContents(
        number=exhibit.number,
        files=tuple(_file(store, f.path, f.sha256) for f in exhibit.file_rows.order_by("path")),
        custody=tuple(
            custody_entry(row)
            for row in exhibit.custody_rows.select_related("audit").order_by("sequence")
        ),
        acquisition=read_acquisition(bytes(acquisition.record)) if acquisition else None,
    )


def _file(store: LocalBlobStore, path: str, digest: str) -> EvidenceFile:
    def open_blob() -> BinaryIO:
        return store.open(Sha256(digest))

    return EvidenceFile(item=path, open=open_blob)


def _peer_proofs(package: PackageRow) -> tuple[LedgerProof, ...]:
    """Return the proofs that the requesting authority sent us of its own entries."""
    return tuple(
        LedgerProof(
            authority=AuthorityId(row.authority), event_type=row.event, data=bytes(row.proof)
        )
        for row in package.request.proof_rows.exclude(proof=b"").order_by("authority", "event")
    )
