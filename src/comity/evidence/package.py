# SPDX-License-Identifier: Apache-2.0
"""Assembling a sealed evidence package.

`assemble` writes the whole folder beside its target under a temporary name,
syncs it and renames it: a package is there complete or not at all. Evidence is
copied byte for byte and hashed while it is copied; a file that no longer has
the digests that its chain of custody states is refused, and so is a chain that
a verifier would refuse.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity import __version__
from comity.authorities.key_statement import KeyStatement
from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId, ObjectId
from comity.canonical.time import Instant
from comity.crypto import envelope as dsse
from comity.crypto import minisign
from comity.crypto.keys import SealPrivateKey
from comity.errors import Conflict, Invalid, Unavailable, Unverified
from comity.evidence import bag, layout
from comity.evidence.acquisition import AcquisitionRecord, SignedAcquisition, disagreement
from comity.evidence.case_uco import case_graph
from comity.evidence.contents import ExhibitFacts, FileFacts, PackageFacts
from comity.evidence.custody import SignedStatement, check_chain
from comity.evidence.hashdeep import hashdeep_list
from comity.evidence.keyring import Keyring
from comity.evidence.model import CustodyEvent, Item
from comity.evidence.reports import reports
from comity.evidence.request_reference import RequestReference, write_reference
from comity.evidence.ro_crate import ro_crate
from comity.evidence.writing import FolderWriter, making, place_folder

#: The payload of the seal is the exact bytes of tagmanifest-sha256.txt.
SEAL_PAYLOAD_TYPE: Final = "application/vnd.comity.package-tagmanifest"
#: Most exhibits in one package.
MAX_EXHIBITS: Final = 1_000


@dataclass(frozen=True, kw_only=True)
class EvidenceFile:
    """One file to take in: its path below the exhibit's folder and how to open it."""

    item: str
    open: Callable[[], BinaryIO]

    @classmethod
    def at(cls, path: Path, *, item: str) -> EvidenceFile:
        """Take the file at `path`."""
        return cls(item=item, open=lambda: path.open("rb"))


@dataclass(frozen=True, kw_only=True)
class CustodyEntry:
    """One custody event with the proof of its ledger entry (the `.tlog-proof` file's bytes).

    Without `proof` the event is not logged yet: `assemble` asks for it (`prove`).
    """

    signed: SignedStatement
    proof: bytes = b""


@dataclass(frozen=True, kw_only=True)
class ExhibitContents:
    """One exhibit to take in. `acquisition` is required if, and only if, it was `acquired`."""

    number: str
    files: tuple[EvidenceFile, ...]
    custody: tuple[CustodyEntry, ...]
    acquisition: SignedAcquisition | None


@dataclass(frozen=True, kw_only=True)
class LedgerProof:
    """A proof beside those of custody, such as the requesting authority's `request.sent`.

    The private body in it must have a member `request` with the request's
    identifier; if it has a member `statement`, that is the digest that the
    request reference names.
    """

    authority: AuthorityId
    event_type: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class PackageSpec:
    """Everything a package is made of.

    Every chain ends with `transferred` from `sender` to `recipient`. `keys` are
    the verified key statements of every authority that signed anything in the
    package or cosigned a ledger; `sealed_at` must lie within the seal's period.
    """

    package: ObjectId
    sender: AuthorityId
    recipient: AuthorityId
    contact: str
    request: RequestReference
    exhibits: tuple[ExhibitContents, ...]
    keys: tuple[KeyStatement, ...]
    ledger_proofs: tuple[LedgerProof, ...]
    sealed_at: Instant


@dataclass(frozen=True, kw_only=True)
class SealedPackage:
    """What was made. `seal` is the SHA-256 of the seal's envelope, which identifies the whole."""

    root: Path
    package: ObjectId
    seal: Sha256
    payload_bytes: int
    payload_files: int


def assemble(
    spec: PackageSpec,
    *,
    target: Path,
    seal: SealPrivateKey,
    minisign_key: Ed25519PrivateKey,
    progress: Callable[[int], None] | None = None,
    prove: Callable[[], Mapping[Sha256, bytes]] | None = None,
) -> SealedPackage:
    """Write the package to `target`, which must not exist yet.

    `progress` gets the number of evidence bytes just copied. `prove` logs the custody
    events that have no proof yet and returns their proofs by the statements' digests;
    it is called when all evidence is copied and found to be what the chains state, so
    that no ledger tells of a transfer that could not be made. Raises `Conflict`
    (`package.exists`), `Unverified` for evidence or chains that do not hold,
    `Invalid` for what cannot stand in a package, `Unavailable` for a full disk.
    """
    keyring = Keyring(spec.keys)
    check_exhibits(spec)
    if os.path.lexists(target):
        raise Conflict("package.exists", f"{target}: is already there")
    try:
        with making(target) as temporary:
            with FolderWriter(temporary, progress=progress) as writer:
                made = _write(spec, writer, keyring, seal, minisign_key, prove=prove)
            place_folder(temporary, target)
    except OSError as error:
        raise Unavailable(
            "package.not_written", f"{target}: cannot be written: {error.strerror or error}"
        ) from error
    return SealedPackage(
        root=target,
        package=spec.package,
        seal=made,
        payload_bytes=writer.payload_bytes,
        payload_files=writer.payload_files,
    )


def check_exhibits(spec: PackageSpec) -> None:
    """Check all that a verifier will ask of chains and records, before anything is written."""
    if not 0 < len(spec.exhibits) <= MAX_EXHIBITS:
        raise Invalid("package.exhibits", f"a package holds 1 to {MAX_EXHIBITS} exhibits")
    numbers = [exhibit.number for exhibit in spec.exhibits]
    if len({number.casefold() for number in numbers}) != len(numbers):
        raise Invalid("package.exhibits", "two exhibits have the same number")
    for exhibit in spec.exhibits:
        chain = tuple(entry.signed for entry in exhibit.custody)
        record = exhibit.acquisition.record if exhibit.acquisition else None
        check_transferred_chain(
            exhibit.number,
            chain,
            sender=spec.sender,
            recipient=spec.recipient,
            request=spec.request.request,
        )
        check_acquisition(exhibit.number, chain, record)


def check_transferred_chain(
    number: str,
    chain: Sequence[SignedStatement],
    *,
    sender: AuthorityId,
    recipient: AuthorityId,
    request: ObjectId,
) -> None:
    """Check that a chain is sound and ends with the transfer from sender to recipient.

    Raises `Unverified` with a `custody.*` code. Judges no signature.
    """
    check_chain(chain)
    last = chain[-1].statement
    if last.exhibit != number or last.request != request:
        raise Unverified(
            "custody.exhibit", f"custody of {number}: its chain is of another exhibit or request"
        )
    if last.event is not CustodyEvent.TRANSFERRED or last.authority != sender:
        raise Unverified(
            "custody.not_transferred",
            f"custody of {number}: the chain does not end with a transfer by {sender}",
        )
    if last.counterpart is None or last.counterpart.authority != recipient:
        raise Unverified(
            "custody.wrong_receiver", f"custody of {number}: was not transferred to {recipient}"
        )
    if not last.items:
        raise Unverified("custody.items", f"custody of {number}: lists no file")


def check_acquisition(
    number: str, chain: Sequence[SignedStatement], record: AcquisitionRecord | None
) -> None:
    """Check that an exhibit's acquisition record and its event `acquired` say the same.

    Raises `Unverified` with an `acquisition.*` code. Judges no signature.
    """
    statements = [signed.statement for signed in chain]
    acquired = [one for one in statements if one.event is CustodyEvent.ACQUIRED]
    if len(acquired) > 1:
        raise Unverified("acquisition.twice", f"exhibit {number}: was acquired twice")
    if bool(acquired) != (record is not None):
        raise Unverified(
            "acquisition.missing",
            f"exhibit {number}: an acquisition record goes with the event `acquired`, and only so",
        )
    if record is not None:
        what = disagreement(record, acquired[0])
        if what:
            raise Unverified(
                "acquisition.contradicts",
                f"exhibit {number}: the acquisition record contradicts the chain of custody in"
                f" {what}",
            )


def _write(
    spec: PackageSpec,
    writer: FolderWriter,
    keyring: Keyring,
    seal: SealPrivateKey,
    minisign_key: Ed25519PrivateKey,
    *,
    prove: Callable[[], Mapping[Sha256, bytes]] | None,
) -> Sha256:
    """Write all files in the order in which each follows from those before."""
    exhibits = sorted(spec.exhibits, key=lambda one: one.number)
    files = {exhibit.number: _write_evidence(exhibit, writer) for exhibit in exhibits}
    proofs = prove() if prove else {}
    facts = PackageFacts(
        package=spec.package,
        sender=spec.sender,
        recipient=spec.recipient,
        sealed_at=spec.sealed_at,
        request=spec.request,
        authorities=keyring.authorities,
        exhibits=tuple(
            _write_statements(exhibit, files[exhibit.number], proofs, writer)
            for exhibit in exhibits
        ),
    )
    writer.write(layout.REQUEST, write_reference(spec.request))
    for statement in spec.keys:
        path = layout.keys_path(statement.authority.id, statement.serial)
        writer.write(path, statement.raw)
    for proof in spec.ledger_proofs:
        writer.write(layout.ledger_path(proof.authority, proof.event_type), proof.data)
    for path, data in derived_files(facts).items():
        writer.write(path, data)
    writer.write(layout.RO_CRATE, ro_crate(facts, writer.payload))
    return _write_seal(spec, facts, writer, seal, minisign_key)


def derived_files(facts: PackageFacts) -> dict[str, bytes]:
    """Return path and bytes of everything that follows from the facts, but the crate metadata."""
    return {
        layout.CASE_GRAPH: case_graph(facts),
        layout.HASHDEEP: hashdeep_list(facts),
        **reports(facts),
    }


def _write_evidence(exhibit: ExhibitContents, writer: FolderWriter) -> tuple[FileFacts, ...]:
    items = {item.path: item for item in exhibit.custody[-1].signed.statement.items}
    if sorted(items) != sorted(file.item for file in exhibit.files):
        raise Unverified(
            "custody.items_differ",
            f"exhibit {exhibit.number}: its files are not those that the custody chain lists",
        )
    files = []
    for file in sorted(exhibit.files, key=lambda one: one.item):
        files.append(_write_file(exhibit.number, file, items[file.item], writer))
    return tuple(files)


def _write_statements(
    exhibit: ExhibitContents,
    files: tuple[FileFacts, ...],
    proofs: Mapping[Sha256, bytes],
    writer: FolderWriter,
) -> ExhibitFacts:
    for entry in exhibit.custody:
        statement = entry.signed.statement
        place = (exhibit.number, statement.seq, statement.event)
        writer.write(layout.statement_path(*place), entry.signed.raw)
        writer.write(layout.proof_path(*place), entry.proof or proofs[entry.signed.digest])
    if exhibit.acquisition is not None:
        writer.write(layout.acquisition_path(exhibit.number), exhibit.acquisition.raw)
    return ExhibitFacts(
        number=exhibit.number,
        chain=tuple(entry.signed for entry in exhibit.custody),
        acquisition=exhibit.acquisition.record if exhibit.acquisition else None,
        files=files,
    )


def _write_file(exhibit: str, file: EvidenceFile, item: Item, writer: FolderWriter) -> FileFacts:
    with file.open() as source:
        size, digests = writer.copy(layout.evidence_path(exhibit, file.item), source)
    facts = FileFacts(exhibit=exhibit, item=file.item, size=size, **digests)
    if not facts.matches(item):
        raise Unverified(
            "package.item_differs",
            f"exhibit {exhibit}: {file.item} is no longer what its chain of custody states",
            hint="Stop, and find out since when the file differs. Do not send it.",
        )
    return facts


def _write_seal(
    spec: PackageSpec,
    facts: PackageFacts,
    writer: FolderWriter,
    seal: SealPrivateKey,
    minisign_key: Ed25519PrivateKey,
) -> Sha256:
    info = bag.BagInfo(
        organization=facts.authority_name(spec.sender),
        contact=spec.contact,
        package=spec.package,
        reference=spec.request.reference,
        request=spec.request.request,
        payload_bytes=writer.payload_bytes,
        payload_files=writer.payload_files,
        software=f"comity {__version__}",
        sender=spec.sender,
        recipient=spec.recipient,
        sealed_at=spec.sealed_at,
    )
    digests = writer.digests
    for path, data in tag_files(info, digests).items():
        writer.write(path, data)
    for path, data in tag_manifests(writer.digests).items():
        writer.write(path, data)
        if path == layout.TAG_MANIFEST_SHA256:
            tag_manifest = data
    sealed = dsse.sign(payload_type=SEAL_PAYLOAD_TYPE, payload=tag_manifest, key=seal)
    writer.write(layout.SEAL, sealed)
    comment = minisign_comment(spec.package)
    signature = minisign.sign_file(io.BytesIO(tag_manifest), key=minisign_key, comment=comment)
    writer.write(layout.MINISIG, signature)
    return sha256(sealed)


def minisign_comment(package: ObjectId) -> str:
    """Return the trusted comment of a package's minisign signature."""
    return f"evidence package {package}"


def tag_files(info: bag.BagInfo, digests: Mapping[str, Mapping[str, str]]) -> dict[str, bytes]:
    """Return path and bytes of the tag files, from the digests of the payload."""
    payload = {path: one for path, one in digests.items() if path.startswith("data/")}
    return {
        layout.BAGIT: bag.DECLARATION,
        layout.BAG_INFO: bag.write_info(info),
        layout.PROFILE: bag.profile(),
        layout.MANIFEST_SHA256: bag.write_manifest({p: d["sha256"] for p, d in payload.items()}),
        layout.MANIFEST_SHA512: bag.write_manifest({p: d["sha512"] for p, d in payload.items()}),
    }


def tag_manifests(digests: Mapping[str, Mapping[str, str]]) -> dict[str, bytes]:
    """Return path and bytes of the tag manifests, from the digests of the tag files."""
    listed = {path: digests[path] for path in layout.TAG_FILES}
    return {
        layout.TAG_MANIFEST_SHA256: bag.write_manifest({p: d["sha256"] for p, d in listed.items()}),
        layout.TAG_MANIFEST_SHA512: bag.write_manifest({p: d["sha512"] for p, d in listed.items()}),
    }
