# SPDX-License-Identifier: Apache-2.0
"""One custody event: checked against the chain, signed, stored, recorded in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from comity.assistance.tables import EVIDENCE_WORK
from comity.canonical.digest import Sha256, hash_stream
from comity.canonical.ids import AuthorityId, ObjectId, new_object_id
from comity.canonical.time import Instant
from comity.errors import Refused, Unverified
from comity.evidence.blobs import LocalBlobStore
from comity.evidence.custody import (
    SignedStatement,
    leaf_event_type,
    leaf_private,
    read_statement,
    require_next,
    sign_statement,
)
from comity.evidence.model import (
    Actor,
    Counterpart,
    CustodyEvent,
    CustodyStatement,
    Item,
    LegalAuthority,
    Sha512,
    Tool,
)
from comity.node.permissions import Officer
from comity.node.services import _signing
from comity.node.services._record import Recorder
from comity.node.services._requests import own_authority
from comity.node.store.models import AuditRow, CustodyRow, ExhibitRow, RequestRow


def chain_of(exhibit: ExhibitRow) -> tuple[SignedStatement, ...]:
    """Return the signed statements of an exhibit, from the first."""
    rows = exhibit.custody_rows.order_by("sequence")
    return tuple(
        read_statement(bytes(row.statement), what=f"custody of {exhibit.number}") for row in rows
    )


def items_of(exhibit: ExhibitRow) -> tuple[Item, ...]:
    """Return the files of an exhibit as statements list them."""
    rows = exhibit.file_rows.order_by("path")
    return tuple(
        sorted(
            Item(path=r.path, size=r.size, sha256=Sha256(r.sha256), sha512=Sha512(r.sha512))
            for r in rows
        )
    )


def actor_of(officer: Officer, function: str = "") -> Actor:
    """Return an officer as custody statements name them: name and function."""
    return Actor(name=officer.name, function=function or ", ".join(sorted(officer.roles)))


def statement(
    exhibit: ExhibitRow,
    *,
    event: CustodyEvent,
    at: Instant,
    place: str,
    actor: Actor,
    purpose: str,
    counterpart: Counterpart | None = None,
    digests_checked: bool = False,
    remarks: str = "",
    tool: Tool | None = None,
) -> CustodyStatement:
    """Return the next statement of an exhibit in this authority's name, not yet signed."""
    chain = chain_of(exhibit)
    return CustodyStatement(
        id=new_object_id(),
        authority=AuthorityId(own_authority()),
        exhibit=exhibit.number,
        request=ObjectId(str(exhibit.request_id)),
        seq=len(chain) + 1,
        prev=chain[-1].digest if chain else None,
        event=event,
        at=at,
        ended=None,
        place=place,
        actor=actor,
        counterpart=counterpart,
        purpose=purpose,
        legal_authority=LegalAuthority(
            type=exhibit.legal_type, identifier=exhibit.legal_identifier
        ),
        items=items_of(exhibit),
        tool=tool,
        digests_checked=digests_checked,
        remarks=remarks,
    )


def record_statement(
    record: Recorder, exhibit: ExhibitRow, made: CustodyStatement, *, peer: str | None = None
) -> CustodyRow:
    """Sign a statement of ours, add it to the chain and to the ledger.

    Raises `Refused` with a `custody.*` code if it cannot stand in the chain.
    """
    signed = sign_statement(made, key=_signing.seal(record.now))
    require_next(chain_of(exhibit), signed)
    audit = record(
        event=leaf_event_type(made.event),
        subject=("exhibit", exhibit.pk),
        request=exhibit.request_id,
        private=leaf_private(signed),
        peer=peer,
    )
    record.tell(
        audit,
        request=exhibit.request_id,
        text=made.remarks,
        facts=(("Exhibit", exhibit.number), ("Purpose", made.purpose), ("Place", made.place)),
        statement=signed.digest,
    )
    return keep_statement(exhibit, signed, audit=audit)


def keep_statement(
    exhibit: ExhibitRow,
    signed: SignedStatement,
    *,
    audit: AuditRow | None = None,
    proof: bytes = b"",
) -> CustodyRow:
    """Store a statement: ours with its audit row, a peer's with the proof that came with it."""
    return CustodyRow.objects.create(
        exhibit=exhibit,
        sequence=signed.statement.seq,
        event=signed.statement.event.value,
        authority=signed.statement.authority,
        at=signed.statement.at,
        statement=signed.raw,
        sha256=signed.digest,
        proof=proof,
        audit=audit,
    )


def require_at_work(request: RequestRow) -> None:
    """Raise `Refused` (`evidence.not_now`) unless the request is being carried out."""
    if request.state not in EVIDENCE_WORK:
        raise Refused(
            "evidence.not_now",
            "evidence is registered, acquired and packed while a request is carried out",
            reasons=(f"the state is {request.state}",),
        )


def require_unpacked(exhibit: ExhibitRow) -> None:
    """Raise `Refused` (`custody.packed`) while a package of the exhibit is made or waits.

    What was recorded then would stand between the order and the transfer, and could end
    the chain before the package is built.
    """
    if exhibit.status == "packed":
        raise Refused(
            "custody.packed",
            f"exhibit {exhibit.number} is packed for delivery",
            reasons=("nothing is recorded of an exhibit between its packing and its delivery",),
        )


def check_blobs(
    exhibit: ExhibitRow,
    store: LocalBlobStore,
    *,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Hash every file of an exhibit anew; raise `Unverified` if one is not what it was."""
    for row in exhibit.file_rows.order_by("path"):
        with store.open(Sha256(row.sha256)) as source:
            size, digests = hash_stream(source, ["sha256", "sha512"], progress=progress)
        if (size, digests["sha256"], digests["sha512"]) != (row.size, row.sha256, row.sha512):
            raise Unverified(
                "evidence.file_differs",
                f"exhibit {exhibit.number}: {row.path} is no longer what was acquired",
                hint="Stop, and find out since when the file differs. Do not send it.",
            )


class HashingReader:
    """Reads a stream and keeps its SHA-512, so that one pass gives both digests."""

    def __init__(self, source: BinaryIO) -> None:
        import hashlib

        self._source = source
        self._hash = hashlib.sha512()

    def read(self, size: int = -1) -> bytes:
        """Read and hash."""
        data = self._source.read(size)
        self._hash.update(data)
        return data

    @property
    def sha512(self) -> str:
        """Digest of what was read so far, in hexadecimal."""
        return self._hash.hexdigest()
