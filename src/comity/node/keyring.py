# SPDX-License-Identifier: Apache-2.0
"""The node's private keys, found by what its own key statement says of them.

The key folder holds keys of several generations (`seal-1`, `seal-2`, ...): old
ones stay, because what was sealed to them must still open. Which of them speaks
now is not a matter of file names but of the newest key statement below
`statements/`: a key is used if, and only if, the statement names its public half
and the statement stands at that instant.

    keys/
      statements/0001.json          signed key statements, one file a serial
      root.json                     public half of the root that signs them
      seal-1.ed25519.pem, seal-1.mldsa65.pem
      encryption-1.txt              age identity
      transport-1.pem, minisign-1.pem
      log-1.ed25519.pem, log-1.mldsa44.pem, event-1.pem
      witness-1.ed25519.pem, witness-1.mldsa44.pem
      wire-1.crt, wire-1.key        TLS certificate of the wire
      desk-secret
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from comity.authorities.key_statement import KeyStatement, check_successor
from comity.authorities.key_statement import read_key_statement as _read_key_statement
from comity.canonical import json
from comity.canonical.time import Instant
from comity.crypto.keys import (
    SealPrivateKey,
    SealPublicKey,
    read_ed25519,
    read_mldsa44,
    read_seal,
)
from comity.crypto.sealing import EncryptionIdentity, read_identity
from comity.errors import Invalid, Refused, Unavailable, Unverified
from comity.ledger.keys import SignatureType, SigningKey, VerifierKey, parse_vkey

STATEMENTS: Final = "statements"
ROOT_FILE: Final = "root.json"
_GENERATION: Final = re.compile(r"-([1-9][0-9]{0,3})\.")
_MAX_STATEMENT_BYTES: Final = 1 << 18


@dataclass(frozen=True, repr=False)
class Keyring:
    """The keys of this node as its newest key statement names them."""

    folder: Path
    root: SealPublicKey
    statements: tuple[KeyStatement, ...]
    """All own key statements, oldest first; the last one is in force."""

    @property
    def statement(self) -> KeyStatement:
        """The newest key statement."""
        return self.statements[-1]

    @cached_property
    def _seals(self) -> dict[str, SealPrivateKey]:
        names = [
            path.name.removesuffix(".ed25519.pem") for path in self._files("seal-*.ed25519.pem")
        ]
        seals = (read_seal(self.folder, name=name) for name in names)
        return {seal.public.key_id: seal for seal in seals}

    @cached_property
    def identities(self) -> tuple[EncryptionIdentity, ...]:
        """Every encryption identity, newest first: what was sealed to an old one still opens."""
        return tuple(read_identity(path) for path in reversed(self._files("encryption-*.txt")))

    @cached_property
    def transport(self) -> Ed25519PrivateKey:
        """The key of the RFC 9421 signatures."""
        return self._ed25519("transport-*.pem", self.statement.transport)

    @cached_property
    def minisign(self) -> Ed25519PrivateKey:
        """The key of the minisign seal."""
        return self._ed25519("minisign-*.pem", self.statement.minisign)

    @cached_property
    def log_signers(self) -> tuple[SigningKey, ...]:
        """The keys that sign the checkpoints of this node's log, in the statement's order."""
        return tuple(self._signer("log", vkey) for vkey in self.statement.ledger.log_vkeys)

    @cached_property
    def witness_signers(self) -> tuple[SigningKey, ...]:
        """The keys with which this node cosigns the checkpoints of others."""
        return tuple(self._signer("witness", vkey) for vkey in self.statement.ledger.witness_vkeys)

    @cached_property
    def event_signer(self) -> SigningKey:
        """The key that signs the leaves of this node's events."""
        return self._signer("event", self.statement.ledger.event_vkey)

    @cached_property
    def tls_files(self) -> tuple[Path, Path]:
        """Certificate and private key of the wire, as the statement names them."""
        for path in reversed(self._files("wire-*.crt")):
            if certificate_fingerprint(path) == self.statement.tls_sha256:
                return path, path.with_suffix(".key")
        raise _lost(self.folder, "TLS certificate")

    def seal(self, now: Instant) -> SealPrivateKey:
        """Return the seal that may sign now.

        Raises `Refused` (`key.expired`, `key.not_yet_valid`, `key.revoked`) when the
        statement does not let this authority sign at that instant.
        """
        try:
            public = self.statement.seal_at(now)
        except Unverified as error:
            raise Refused(
                error.code,
                f"this node may not sign: {error.message}",
                hint="Make a new key statement with `comity-node keys statement`, "
                "or set the computer's clock right.",
            ) from error
        if public.key_id not in self._seals:
            raise _lost(self.folder, "seal")
        return self._seals[public.key_id]

    def _files(self, pattern: str) -> list[Path]:
        return sorted(self.folder.glob(pattern), key=_generation)

    def _ed25519(self, pattern: str, public: bytes) -> Ed25519PrivateKey:
        for path in reversed(self._files(pattern)):
            key = read_ed25519(path)
            if key.public_key().public_bytes_raw() == public:
                return key
        raise _lost(self.folder, pattern.partition("-")[0])

    def _signer(self, role: str, vkey: str) -> SigningKey:
        wanted = parse_vkey(vkey)
        for key in self._candidates(role, wanted):
            signer = SigningKey(name=wanted.name, type=wanted.type, private=key)
            if signer.verifier == wanted:
                return signer
        raise _lost(self.folder, f"{role} key")

    def _candidates(
        self, role: str, wanted: VerifierKey
    ) -> Iterable[Ed25519PrivateKey | MLDSA44PrivateKey]:
        if wanted.type is SignatureType.COSIGNATURE_ML_DSA_44:
            return (read_mldsa44(path) for path in self._files(f"{role}-*.mldsa44.pem"))
        pattern = "event-*.pem" if role == "event" else f"{role}-*.ed25519.pem"
        return (read_ed25519(path) for path in self._files(pattern))


def read_keyring(folder: Path) -> Keyring:
    """Read the statements of a key folder; private keys are read when they are first used.

    Raises `Invalid` or `Unverified` when root or statements are missing, damaged
    or no unbroken chain.
    """
    root = read_root(folder / ROOT_FILE)
    paths = sorted((folder / STATEMENTS).glob("*.json"))
    if not paths:
        raise Invalid(
            "keys.no_statement",
            f"{folder / STATEMENTS}: there is no key statement",
            hint="`comity-node init` makes the first one.",
        )
    statements = tuple(_read_key_statement(_read(path), root=root) for path in paths)
    if statements[0].serial != 1:
        raise Unverified(
            "key_statement.serial",
            f"{paths[0]}: is statement {statements[0].serial}; those before it are missing",
            hint="Old signatures are judged by the statements of their time: restore the files.",
        )
    for old, new in pairwise(statements):
        check_successor(old, new)
    return Keyring(folder=folder, root=root, statements=statements)


def read_root(path: Path) -> SealPublicKey:
    """Read the public half of a root (or of a hub's seal) from its file."""
    return SealPublicKey.from_json(json.read_object(_read(path), what=str(path)), what=str(path))


def write_public_seal(path: Path, key: SealPublicKey) -> None:
    """Write a public seal as `read_root` reads it."""
    path.write_bytes(json.write(key.to_json()) + b"\n")


def certificate_fingerprint(path: Path) -> str:
    """Return the SHA-256 of the certificate's DER form, as key statements name it."""
    try:
        certificate = x509.load_pem_x509_certificate(_read(path))
    except ValueError as error:
        raise Invalid("keys.certificate", f"{path}: not a certificate in PEM: {error}") from error
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def next_generation(folder: Path, kind: str) -> int:
    """Return the number of the next key of a kind (`seal`, `encryption`, ...)."""
    numbers = [_generation(path) for path in folder.glob(f"{kind}-*")]
    return max(numbers, default=0) + 1


class _Loaded:
    """The keyring of this process, read again when a new statement appears."""

    key: tuple[Path, int] | None = None
    ring: Keyring | None = None


def keyring() -> Keyring:
    """Return the keyring of the node that this process is."""
    from django.conf import settings  # settings exist only once Django is set up

    folder: Path = settings.CONFIG.keys
    try:
        version = (folder, (folder / STATEMENTS).stat().st_mtime_ns)
    except OSError as error:
        raise Unavailable("keys.not_read", f"{folder}: cannot be read: {error}") from error
    if _Loaded.key != version or _Loaded.ring is None:
        _Loaded.ring, _Loaded.key = read_keyring(folder), version
    return _Loaded.ring


def _generation(path: Path) -> int:
    found = _GENERATION.search(path.name)
    return int(found.group(1)) if found else 0


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_STATEMENT_BYTES + 1)
    except FileNotFoundError as error:
        raise Invalid("keys.missing", f"{path}: there is no such file") from error
    except OSError as error:
        raise Unavailable("keys.not_read", f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > _MAX_STATEMENT_BYTES:
        raise Invalid("keys.malformed", f"{path}: too large")
    return data


def _lost(folder: Path, what: str) -> Invalid:
    return Invalid(
        "keys.missing",
        f"{folder}: the key statement names a {what} whose private half is not there",
        hint="Restore the key folder from its backup, or rotate with `comity-node keys rotate`.",
    )
