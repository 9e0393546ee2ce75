# SPDX-License-Identifier: Apache-2.0
"""The receiver's half of a transfer: the folder `acceptance/` of a package.

A sender alone cannot prove a hand-over. The receiver verifies the package,
computes every digest anew, continues each chain with a statement `received`
in its own name and its own ledger, and seals the whole with `acceptance.json`,
which names the sender's seal and every file of the acceptance by digest.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.authorities.key_statement import KeyStatement
from comity.canonical import json
from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId, ObjectId
from comity.canonical.json import JSON
from comity.canonical.members import Members
from comity.canonical.time import Instant, write_instant
from comity.crypto import envelope as dsse
from comity.crypto.keys import SealPrivateKey
from comity.errors import Conflict, Invalid, Unavailable
from comity.evidence import layout
from comity.evidence.custody import SignedStatement
from comity.evidence.model import Actor, Counterpart, CustodyEvent, CustodyStatement
from comity.evidence.package import CustodyEntry
from comity.evidence.writing import FolderWriter, place_folder

PAYLOAD_TYPE: Final = "application/vnd.comity.package-acceptance+json"
#: Largest acceptance read, in bytes.
MAX_ACCEPTANCE_BYTES: Final = 4 << 20
#: Most files in an acceptance.
MAX_FILES: Final = 4_000
_ACCEPTANCE: Final = "evidence.acceptance/1"
_FOLDER: Final = "acceptance"


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """What `acceptance.json` says. `seal` is the SHA-256 of the sender's seal envelope.

    `files` maps every other file below `acceptance/` to its SHA-256.
    """

    package: ObjectId
    authority: AuthorityId
    seal: Sha256
    accepted: Instant
    files: tuple[tuple[str, Sha256], ...]


@dataclass(frozen=True, kw_only=True)
class AcceptanceSpec:
    """Everything an acceptance is made of.

    `received` is one entry for each exhibit of the package; `keys` are the verified
    key statements of the receiver and of the witnesses of its ledger.
    """

    package: ObjectId
    authority: AuthorityId
    received: tuple[CustodyEntry, ...]
    keys: tuple[KeyStatement, ...]
    accepted: Instant


@dataclass(frozen=True)
class SignedAcceptance:
    """An acceptance as read from its envelope; not verified until its signature is."""

    acceptance: Acceptance
    envelope: dsse.Envelope


def received_statement(
    transfer: SignedStatement,
    *,
    id: ObjectId,  # noqa: A002 - the statement's own word
    at: Instant,
    place: str,
    actor: Actor,
    purpose: str,
    ended: Instant | None = None,
    remarks: str = "",
) -> CustodyStatement:
    """Return the statement `received` that answers a `transferred` in the receiver's name.

    Only for a receiver that has computed the digests of every item anew.
    """
    before = transfer.statement
    if before.event is not CustodyEvent.TRANSFERRED or before.counterpart is None:
        raise Invalid("custody.not_transferred", f"event {before.seq} is no transfer")
    return CustodyStatement(
        id=id,
        authority=before.counterpart.authority,
        exhibit=before.exhibit,
        request=before.request,
        seq=before.seq + 1,
        prev=transfer.digest,
        event=CustodyEvent.RECEIVED,
        at=at,
        ended=ended,
        place=place,
        actor=actor,
        counterpart=Counterpart(
            authority=before.authority, name=before.actor.name, function=before.actor.function
        ),
        purpose=purpose,
        legal_authority=before.legal_authority,
        items=before.items,
        tool=None,
        digests_checked=True,
        remarks=remarks,
    )


def write_acceptance(root: Path, spec: AcceptanceSpec, *, seal: SealPrivateKey) -> SignedAcceptance:
    """Add the folder `acceptance/` to a verified package; whole or not at all.

    Raises `Conflict` (`package.accepted`) if there is one already, `Unavailable`
    if it cannot be written.
    """
    target = root / _FOLDER
    if target.exists() or target.is_symlink():
        raise Conflict("package.accepted", f"{root}: has been accepted already")
    temporary = root.with_name(f".{spec.package}.acceptance")
    try:
        seal_bytes = (root / layout.SEAL).read_bytes()
        with suppress(FileNotFoundError):
            shutil.rmtree(temporary)
        with FolderWriter(temporary) as writer:
            signed = _write(writer, spec, seal, seal_digest=sha256(seal_bytes))
        place_folder(temporary / _FOLDER, target)
    except OSError as error:
        raise Unavailable(
            "package.not_written", f"{target}: cannot be written: {error.strerror or error}"
        ) from error
    finally:
        with suppress(FileNotFoundError):
            shutil.rmtree(temporary)
    return signed


def read_acceptance(data: bytes, *, what: str = "acceptance") -> SignedAcceptance:
    """Read an acceptance's exact form without judging its signatures."""
    envelope = dsse.read(data, what=what, limit=MAX_ACCEPTANCE_BYTES)
    value = json.read_canonical_object(envelope.payload, what=what, limit=MAX_ACCEPTANCE_BYTES)
    members = Members(value, what=what)
    members.constant("v", 1)
    members.constant("type", _ACCEPTANCE)
    acceptance = Acceptance(
        package=members.object_id("package"),
        authority=members.authority("authority"),
        seal=members.sha256("seal"),
        accepted=members.instant("accepted"),
        files=tuple(_read_file(item) for item in members.each("files", limit=MAX_FILES)),
    )
    members.end()
    paths = [path for path, _ in acceptance.files]
    if paths != sorted(set(paths)):
        raise Invalid("acceptance.files", f"{what}: its files are not sorted and named once")
    return SignedAcceptance(acceptance=acceptance, envelope=envelope)


def _write(
    writer: FolderWriter, spec: AcceptanceSpec, seal: SealPrivateKey, *, seal_digest: Sha256
) -> SignedAcceptance:
    for entry in spec.received:
        statement = entry.signed.statement
        place = (statement.exhibit, statement.seq, statement.event)
        writer.write(layout.statement_path(*place, accepted=True), entry.signed.raw)
        writer.write(layout.proof_path(*place, accepted=True), entry.proof)
    for key in spec.keys:
        path = layout.keys_path(key.authority.id, key.serial, accepted=True)
        writer.write(path, key.raw)
    files: list[JSON] = [
        {"path": path, "sha256": writer.digests[path]["sha256"]} for path in sorted(writer.digests)
    ]
    payload = json.write(
        {
            "v": 1,
            "type": _ACCEPTANCE,
            "package": spec.package,
            "authority": spec.authority,
            "seal": seal_digest,
            "accepted": write_instant(spec.accepted),
            "files": files,
        }
    )
    data = dsse.sign(payload_type=PAYLOAD_TYPE, payload=payload, key=seal)
    writer.write(layout.ACCEPTANCE, data)
    return read_acceptance(data)


def _read_file(members: Members) -> tuple[str, Sha256]:
    pair = (members.text("path", limit=1_024), members.sha256("sha256"))
    members.end()
    return pair
