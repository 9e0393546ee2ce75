# SPDX-License-Identifier: Apache-2.0
"""Delivery on this node: the rows behind `comity.protocol`'s two ends, and the parts' files.

`StoredHoldings` and `StoredDispatches` only fetch and keep; what is decided is
decided in the core, which tests drive through the same protocols in memory. All
their methods run in the transaction of the service that made them.

Parts are files below `parcels/` in the node's folder: `in/<parcel>/` for what
comes, `out/<dispatch>/` for what goes, each a store of its own, so that nothing
is shared between two peers. They are ciphertext and stay so.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import Q, QuerySet, Sum

from comity.assistance.model import State
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId, ObjectId
from comity.canonical.time import Instant
from comity.crypto import envelope
from comity.errors import Unavailable
from comity.evidence.blobs import LocalBlobStore
from comity.node.store.models import (
    DispatchRow,
    LineRow,
    ParcelInRow,
    PartInRow,
    ReceiptRow,
    RequestRow,
    StatementInRow,
)
from comity.protocol import parcel
from comity.protocol.admit import AdmittedStatement
from comity.protocol.delivery import Delivery
from comity.protocol.parcel import Priority
from comity.protocol.parts import PartList, read_part_list
from comity.protocol.receipt import Kind, Receipt
from comity.protocol.receiving import Arrival, Incoming

FOLDER: Final = "parcels"
#: Temporary files older than this belong to nobody any more.
STALE: Final = timedelta(hours=1)
#: Receipts that the peer did not get as the answer to its own request.
_PUSHED: Final = frozenset({Kind.DELIVERED, Kind.NOT_DELIVERED, Kind.HANDED_OVER, Kind.VERIFIED})


def incoming_of(row: ParcelInRow) -> Incoming:
    """Return an incoming parcel as the core takes it."""
    raw = bytes(row.header)
    # Our own row: the header was verified before it was kept.
    header = parcel.read_payload(envelope.read(raw, what="stored header").payload)
    return Incoming(
        digest=Sha256(row.digest),
        raw=raw,
        header=header,
        arrival=Arrival(row.arrival),
        completed=row.completed,
    )


def listed_parts(row: ParcelInRow) -> PartList:
    """Return the part list of an incoming parcel; raise `Unavailable` while it has not come."""
    if row.list_data is None:
        raise Unavailable("parts.no_list", "the part list of this parcel has not come yet")
    return read_part_list(bytes(row.list_data), expected=Sha256(row.part_list))


def line_to(authority: str) -> LineRow:
    """Return the line to a peer, locked until the transaction ends."""
    LineRow.objects.get_or_create(authority=authority)
    return LineRow.objects.select_for_update().get(authority=authority)


class StoredHoldings:
    """`comity.protocol.receiving.Holdings` in the database. `now` is the transaction's."""

    def __init__(self, *, now: Instant) -> None:
        """Work within the present transaction."""
        self._now = now

    def parcel(self, digest: Sha256) -> Incoming | None:
        """Return the parcel with this identity."""
        row = ParcelInRow.objects.filter(pk=digest).first()
        return None if row is None else incoming_of(row)

    def parcel_listing(self, sender: AuthorityId, part_list: Sha256) -> Incoming | None:
        """Return the sender's parcel with this part list, locked."""
        rows = ParcelInRow.objects.select_for_update().defer("list_data")
        row = rows.filter(sender=sender, part_list=part_list).first()
        return None if row is None else incoming_of(row)

    def under_way(self, sender: AuthorityId) -> tuple[int, int]:
        """Return how many parcels the sender has under way here, and their bytes.

        Those that came whole count until they are opened, or their parts are removed.
        """
        coming = Q(arrival=Arrival.OFFERED, expires__gt=self._now)
        unopened = Q(arrival=Arrival.COMPLETE, stored=True)
        rows = ParcelInRow.objects.filter(coming | unopened, sender=sender)
        return rows.count(), rows.aggregate(total=Sum("size"))["total"] or 0

    def add_parcel(self, incoming: Incoming) -> None:
        """Keep a new parcel."""
        header = incoming.header
        ParcelInRow.objects.create(
            digest=incoming.digest,
            sender=header.sender,
            header=incoming.raw,
            content=header.content.value,
            part_list=header.part_list,
            size=header.size,
            arrival=incoming.arrival.value,
            offered=self._now,
            expires=header.expires,
        )

    def drop_parcel(self, digest: Sha256) -> None:
        """Forget a parcel that expired before it was whole, with its parts."""
        ParcelInRow.objects.filter(pk=digest).delete()
        remove_parts(incoming_parts(digest))

    def set_arrival(self, digest: Sha256, arrival: Arrival, at: Instant) -> None:
        """Change where a parcel stands."""
        rows = ParcelInRow.objects.filter(pk=digest)
        rows.update(arrival=arrival.value, problem="")
        if arrival is Arrival.COMPLETE:
            rows.update(completed=at)

    def part_list(self, digest: Sha256) -> bytes | None:
        """Return a parcel's part list if it has come."""
        data = ParcelInRow.objects.values_list("list_data", flat=True).get(pk=digest)
        return None if data is None else bytes(data)

    def has_list(self, digest: Sha256) -> bool:
        """Tell whether a parcel's part list has come."""
        return ParcelInRow.objects.filter(pk=digest, list_data__isnull=False).exists()

    def set_part_list(self, digest: Sha256, data: bytes) -> None:
        """Keep a parcel's part list."""
        ParcelInRow.objects.filter(pk=digest).update(list_data=data)

    def parts(self, digest: Sha256) -> frozenset[int]:
        """Return the numbers of the parts that are durably stored."""
        return frozenset(PartInRow.objects.filter(parcel=digest).values_list("number", flat=True))

    def has_part(self, digest: Sha256, number: int) -> bool:
        """Tell whether one part is stored."""
        return PartInRow.objects.filter(parcel=digest, number=number).exists()

    def part_count(self, digest: Sha256) -> int:
        """Return how many parts are stored."""
        return PartInRow.objects.filter(parcel=digest).count()

    def add_part(self, digest: Sha256, number: int) -> None:
        """Count a part as stored."""
        PartInRow.objects.get_or_create(parcel_id=digest, number=number)

    def drop_parts(self, digest: Sha256, numbers: Sequence[int]) -> None:
        """Count parts no longer."""
        PartInRow.objects.filter(parcel=digest, number__in=numbers).delete()

    def receipts(self, parcel: Sha256) -> tuple[bytes, ...]:
        """Return the receipts issued here for a parcel, oldest first."""
        rows = ReceiptRow.objects.filter(parcel=parcel, issuer=settings.CONFIG.authority)
        rows = rows.filter(dispatch__isnull=True).order_by("pk")
        return tuple(bytes(raw) for raw in rows.values_list("raw", flat=True))

    def last_receipt(self, peer: AuthorityId) -> Sha256 | None:
        """Return the last receipt issued here to a peer."""
        return Sha256(line_to(peer).last_receipt) or None

    def add_receipt(self, receipt: Receipt) -> None:
        """Keep a receipt issued here; some kinds are sent to the peer by themselves."""
        keep_receipt(receipt, kept=self._now, to_send=receipt.kind in _PUSHED)
        LineRow.objects.filter(authority=receipt.to).update(last_receipt=receipt.digest)

    def add_statement(self, admitted: AdmittedStatement, *, parcel: Sha256, at: Instant) -> None:
        """Put a statement into the case file."""
        read, row = admitted.statement, ParcelInRow.objects.get(pk=parcel)
        StatementInRow.objects.create(
            sha256=admitted.digest,
            identifier=read.id,
            sender=read.sender,
            type=read.type,
            case=read.case,
            seq=read.seq,
            previous=read.previous or "",
            raw=admitted.raw,
            created=read.created,
            arrived=at,
            parcel=row,
            urgent=incoming_of(row).header.priority is Priority.URGENT,
        )

    def statement_with_id(self, sender: AuthorityId, identifier: ObjectId) -> Sha256 | None:
        """Return the digest of the sender's statement with this identifier."""
        return _digest(StatementInRow.objects.filter(sender=sender, identifier=identifier))

    def statement_at(self, sender: AuthorityId, case: ObjectId, seq: int) -> Sha256 | None:
        """Return the digest of the sender's statement at this place of its series."""
        return _digest(StatementInRow.objects.filter(sender=sender, case=case, seq=seq))

    def requesting(self, case: ObjectId) -> tuple[AuthorityId, AuthorityId] | None:
        """Return the requesting and the requested authority of a case known here."""
        row = (
            RequestRow.objects.filter(pk=case)
            .only("requesting", "requested", "direction", "state")
            .first()
        )
        if row is None or row.state in {State.DRAFT, State.AWAITING_APPROVAL}:
            return None  # a draft is known to nobody else
        return AuthorityId(row.requesting), AuthorityId(row.requested)


class StoredDispatches:
    """`comity.protocol.sending.Dispatches` in the database."""

    def __init__(self, *, now: Instant) -> None:
        """Work within the present transaction."""
        self._now = now

    def delivery(
        self, *, peer: AuthorityId, parcel: Sha256 | None, statement: Sha256 | None
    ) -> Delivery | None:
        """Return the state of what was sent to a peer."""
        row = dispatch_about(peer, parcel=parcel, statement=statement)
        return None if row is None else Delivery(row.state)

    def has_receipt(self, digest: Sha256) -> bool:
        """Tell whether this receipt has been taken already."""
        return ReceiptRow.objects.filter(sha256=digest).exists()

    def add_receipt(self, receipt: Receipt, *, state: Delivery) -> None:
        """Keep a peer's receipt and the state that it proves."""
        row = dispatch_about(receipt.issuer, parcel=receipt.parcel, statement=receipt.statement)
        keep_receipt(receipt, kept=self._now, dispatch=row)
        if row is not None and row.state != state.value:
            row.state, row.updated = state.value, self._now
            row.problem = receipt.reason.text if receipt.reason else ""
            row.save(update_fields=["state", "updated", "problem"])


def dispatch_about(peer: str, *, parcel: str | None, statement: str | None) -> DispatchRow | None:
    """Return what was sent to a peer under a parcel's or a statement's digest, locked.

    When a receipt names both, both must be of one dispatch.
    """
    rows = DispatchRow.objects.select_for_update().filter(peer=peer)
    if parcel is not None:
        found = rows.filter(parcel_rows__digest=parcel).first()
        if found is None or statement in (None, found.sha256):
            return found
        return None
    return rows.filter(sha256=statement).first()


def keep_receipt(
    receipt: Receipt,
    *,
    kept: Instant,
    dispatch: DispatchRow | None = None,
    to_send: bool = False,
) -> None:
    """Keep a receipt, ours or a peer's, as it was signed."""
    ReceiptRow.objects.create(
        sha256=receipt.digest,
        kind=receipt.kind.value,
        issuer=receipt.issuer,
        recipient=receipt.to,
        parcel=receipt.parcel or "",
        statement=receipt.statement or "",
        dispatch=dispatch,
        previous=receipt.previous or "",
        at=receipt.at,
        kept=kept,
        reason_code=receipt.reason.code if receipt.reason else "",
        reason=receipt.reason.text if receipt.reason else "",
        raw=receipt.raw,
        to_send=to_send,
    )


def incoming_parts(digest: str) -> LocalBlobStore:
    """Return the store of an incoming parcel's parts."""
    return LocalBlobStore(_folder() / "in" / digest)


def outgoing_parts(dispatch: object) -> LocalBlobStore:
    """Return the store of a dispatch's parts."""
    return LocalBlobStore(_folder() / "out" / str(dispatch))


def remove_parts(store: LocalBlobStore) -> None:
    """Remove a store of parts whole; their bytes are ciphertext that nobody needs any more."""
    shutil.rmtree(store.root, ignore_errors=True)


def part_folders() -> tuple[Path, ...]:
    """Return the folders of all stores of parts, for whoever tidies up."""
    found = [path for side in ("in", "out") for path in (_folder() / side).glob("*")]
    return tuple(sorted(found))


def _folder() -> Path:
    return settings.CONFIG.folder / FOLDER


def _digest(rows: QuerySet[StatementInRow]) -> Sha256 | None:
    found = rows.values_list("sha256", flat=True).first()
    return None if found is None else Sha256(found)
