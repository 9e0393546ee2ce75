# SPDX-License-Identifier: Apache-2.0
"""A bench: keys and a ledger in folders, for an authority that has no node at hand.

The key folder is laid out as a node's is (`statements/`, `seal-1…`, `event-1…`),
so that either can use the other's. The ledger folder is the log in tlog-tiles
layout, which any static web server can serve; what opens its leaves is in the
packages, and nowhere else.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from comity.authorities.key_statement import (
    KeyStatement,
    LedgerKeys,
    RecipientPeriod,
    SealPeriod,
    read_key_statement,
    sign_key_statement,
)
from comity.authorities.model import Authority
from comity.canonical import json
from comity.canonical.digest import sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.json import Object
from comity.canonical.time import Instant
from comity.cli._files import read_file
from comity.crypto.keys import (
    SealPrivateKey,
    SealPublicKey,
    read_ed25519,
    read_mldsa44,
    read_seal,
    write_ed25519,
    write_mldsa44,
    write_seal,
)
from comity.crypto.sealing import EncryptionIdentity, write_identity
from comity.errors import Conflict, Invalid, Refused, Unavailable, Unverified
from comity.evidence.writing import making, place_folder
from comity.ledger.directory import LOCK_FILE, DirectoryStorage
from comity.ledger.keys import SignatureType, SigningKey, parse_vkey
from comity.ledger.leaf import Leaf, make_leaf
from comity.ledger.log import Log
from comity.ledger.proof import Opening, make_proof
from comity.ledger.storage import MemoryGuard

STATEMENTS: Final = "statements"
ROOT_FILE: Final = "root.json"
_LIFE: Final = timedelta(days=365)
_SECRET_BYTES: Final = 32
#: One of these stands in every ledger folder from its first moment on.
_LEDGER_NAMES: Final = frozenset({LOCK_FILE, "tile", "checkpoint"})
#: The policy that bench leaves name: none but this text.
_POLICY: Final = sha256(b"comity bench without a policy")


@dataclass(frozen=True, repr=False)
class Bench:
    """The keys of one authority, opened from its folder."""

    folder: Path
    root: SealPublicKey
    statement: KeyStatement

    @property
    def authority(self) -> AuthorityId:
        """Who the keys speak for."""
        return self.statement.authority.id

    def seal(self, now: Instant) -> SealPrivateKey:
        """Return the seal that may sign now; raise `Refused` if none may."""
        try:
            public = self.statement.seal_at(now)
        except Unverified as error:
            raise Refused(error.code, error.message, hint=error.hint) from error
        for path in sorted(self.folder.glob("seal-*.ed25519.pem")):
            seal = read_seal(self.folder, name=path.name.removesuffix(".ed25519.pem"))
            if seal.public == public:
                return seal
        raise _lost(self.folder, "seal")

    def minisign(self) -> Ed25519PrivateKey:
        """Return the minisign key."""
        for path in sorted(self.folder.glob("minisign-*.pem")):
            key = read_ed25519(path)
            if key.public_key().public_bytes_raw() == self.statement.minisign:
                return key
        raise _lost(self.folder, "minisign key")

    def event_signer(self) -> SigningKey:
        """Return the key that signs ledger leaves."""
        return self._signer("event-*.pem", self.statement.ledger.event_vkey)

    def log_signers(self) -> list[SigningKey]:
        """Return the keys that sign checkpoints."""
        return [self._signer("log-*.pem", vkey) for vkey in self.statement.ledger.log_vkeys]

    def _signer(self, pattern: str, vkey: str) -> SigningKey:
        wanted = parse_vkey(vkey)
        for path in sorted(self.folder.glob(pattern)):
            strong = path.name.endswith(".mldsa44.pem")
            if strong != (wanted.type is SignatureType.COSIGNATURE_ML_DSA_44):
                continue
            private = read_mldsa44(path) if strong else read_ed25519(path)
            signer = SigningKey(name=wanted.name, type=wanted.type, private=private)
            if signer.verifier == wanted:
                return signer
        raise _lost(self.folder, f"key {wanted.name}")


def make_bench(folder: Path, *, authority: Authority, now: Instant) -> Bench:
    """Make all keys of an authority in a new folder, and its first key statement.

    Raises `Conflict` (`keys.exists`) if the folder is already there.
    """
    if os.path.lexists(folder):
        raise Conflict("keys.exists", f"{folder}: is already there")
    try:
        with making(folder) as temporary:
            temporary.chmod(0o700)
            (temporary / STATEMENTS).mkdir(mode=0o700)
            _write_keys(temporary, authority=authority, now=now)
            place_folder(temporary, folder)
    except OSError as error:
        raise Unavailable(
            "keys.not_written", f"{folder}: cannot be made: {error.strerror or error}"
        ) from error
    return read_bench(folder)


def _write_keys(folder: Path, *, authority: Authority, now: Instant) -> None:
    root, seal, identity = (
        SealPrivateKey.generate(),
        SealPrivateKey.generate(),
        EncryptionIdentity.generate(),
    )
    write_seal(folder, root, name="root")
    write_seal(folder, seal, name="seal-1")
    write_identity(folder / "encryption-1.txt", identity)
    statement = KeyStatement(
        authority=authority,
        serial=1,
        previous=None,
        issued=now,
        expires=now + _LIFE,
        wire_url=None,
        tls_sha256=None,
        seals=(SealPeriod(seal.public, now, None),),
        recipients=(RecipientPeriod(identity.recipient, now, None),),
        transport=_write_ed25519(folder / "transport-1.pem"),
        minisign=_write_ed25519(folder / "minisign-1.pem"),
        ledger=_write_ledger_keys(folder, authority.id),
    )
    data = sign_key_statement(statement, root=root)
    (folder / ROOT_FILE).write_bytes(json.write(root.public.to_json()) + b"\n")
    (folder / STATEMENTS / "0001.json").write_bytes(data)


def read_bench(folder: Path) -> Bench:
    """Open a key folder; its newest statement counts. Raises `Invalid` or `Unverified`."""
    root = read_root(folder / ROOT_FILE)
    paths = sorted((folder / STATEMENTS).glob("*.json"))
    if not paths:
        raise Invalid(
            "keys.no_statement",
            f"{folder / STATEMENTS}: there is no key statement",
            hint="`comity keys new` makes keys for a bench.",
        )
    statement = read_key_statement(read_file(paths[-1]), root=root, what=str(paths[-1]))
    return Bench(folder=folder, root=root, statement=statement)


def read_root(path: Path) -> SealPublicKey:
    """Read the public half of a root."""
    return SealPublicKey.from_json(
        json.read_object(read_file(path), what=str(path)), what=str(path)
    )


class BenchLedger:
    """The log of a bench: takes events, then proves them all from one checkpoint."""

    def __init__(self, bench: Bench, storage: DirectoryStorage) -> None:
        self._bench = bench
        # A folder has no second disk to remember on; the checkpoint in it is all there is.
        self._log = Log.open(storage, keys=bench.log_signers(), guard=MemoryGuard())
        self._signer = bench.event_signer()
        self._added: list[tuple[int, Leaf, Opening]] = []

    def add(
        self,
        event_type: str,
        private: Object,
        *,
        item_secret: bytes,
        number: int,
        peer: str | None,
        at: Instant,
    ) -> None:
        """Write an event into the log; `number` counts the item's events from 0."""
        opening = Opening(salt=secrets.token_bytes(_SECRET_BYTES), private=private)
        leaf = make_leaf(
            authority=self._bench.authority,
            event_type=event_type,
            private=private,
            salt=opening.salt,
            item_secret=item_secret,
            sequence=number,
            peer=peer,
            policy=_POLICY,
            at=at,
            signer=self._signer,
        )
        self._added.append((self._log.sequence([leaf.data]), leaf, opening))

    def proofs(self, *, now: Instant) -> list[bytes]:
        """Publish the log and return the proof of every event added, in order."""
        self._log.integrate()
        published = self._log.publish(now=now)
        size = published.head.size
        return [
            make_proof(
                leaf=leaf.data,
                index=index,
                hashes=self._log.inclusion_proof(index, size),
                checkpoint_note=published.note,
                opening=opening,
            )
            for index, leaf, opening in self._added
        ]


@contextmanager
def open_ledger(bench: Bench, folder: Path) -> Iterator[BenchLedger]:
    """Open the ledger of a bench for writing; it is made if it is not there.

    Raises `Conflict` (`ledger.other_folder`) for a folder that holds something else. If
    the block fails before anything was logged, a new folder is removed again.
    """
    before = _names_in(folder)
    if before and not before & _LEDGER_NAMES:
        raise Conflict(
            "ledger.other_folder",
            f"{folder}: is no ledger, and holds something else",
            hint="Give the ledger folder of this bench, or the name of a new one.",
        )
    try:
        with DirectoryStorage(folder, writable=True) as storage:
            yield BenchLedger(bench, storage)
    finally:
        if before is None and _names_in(folder) == {LOCK_FILE}:
            with suppress(OSError):
                (folder / LOCK_FILE).unlink()
                folder.rmdir()


def _names_in(folder: Path) -> set[str] | None:
    """Return the names in a folder; None if there is no folder that can be read."""
    try:
        return {path.name for path in folder.iterdir()}
    except OSError:
        return None


def new_item_secrets(numbers: Sequence[str]) -> dict[str, bytes]:
    """Return a fresh secret for each exhibit, under which its ledger slots are numbered."""
    return {number: secrets.token_bytes(_SECRET_BYTES) for number in numbers}


def _write_ed25519(path: Path) -> bytes:
    key = Ed25519PrivateKey.generate()
    write_ed25519(path, key)
    return key.public_key().public_bytes_raw()


def _write_ledger_keys(folder: Path, authority: AuthorityId) -> LedgerKeys:
    origin, witness = f"{authority}/ledger/bench", f"{authority}/witness"
    return LedgerKeys(
        origin=origin,
        log_vkeys=(
            _vkey(folder / "log-1.ed25519.pem", origin, SignatureType.ED25519),
            _vkey(folder / "log-1.mldsa44.pem", origin, SignatureType.COSIGNATURE_ML_DSA_44),
        ),
        witness_vkeys=(
            _vkey(folder / "witness-1.ed25519.pem", witness, SignatureType.COSIGNATURE_ED25519),
            _vkey(folder / "witness-1.mldsa44.pem", witness, SignatureType.COSIGNATURE_ML_DSA_44),
        ),
        event_vkey=_vkey(folder / "event-1.pem", f"{authority}/events", SignatureType.ED25519),
    )


def _vkey(path: Path, name: str, kind: SignatureType) -> str:
    """Make one ledger key, write it, return its verifier text."""
    private: Ed25519PrivateKey | MLDSA44PrivateKey
    if kind is SignatureType.COSIGNATURE_ML_DSA_44:
        private = MLDSA44PrivateKey.generate()
        write_mldsa44(path, private)
    else:
        private = Ed25519PrivateKey.generate()
        write_ed25519(path, private)
    return SigningKey(name=name, type=kind, private=private).verifier.to_text()


def _lost(folder: Path, what: str) -> Invalid:
    return Invalid("keys.lost", f"{folder}: the {what} of the key statement is not there")
