# SPDX-License-Identifier: Apache-2.0
"""An authority's seal, and private keys in files.

A *seal* is a pair of keys that always sign together: Ed25519, which every
court's expert knows, and ML-DSA-65 (FIPS 204), which a quantum computer does
not break. A signature of a seal stands only if both stand.

Public keys are checked when they are read (`ed25519_point`). Private key files
are PKCS#8 PEM, readable by their owner alone, written once and never
overwritten: losing an old key by writing a new one over it cannot happen here.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PrivateKey,
    MLDSA65PrivateKey,
    MLDSA65PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from comity.canonical.base64 import write_base64
from comity.canonical.json import JSON, Object
from comity.canonical.members import Members
from comity.crypto.ed25519_point import PUBLIC_BYTES, check_ed25519_public
from comity.errors import Conflict, Invalid, Refused, Unavailable, Unverified

MLDSA65_PUBLIC_BYTES: Final = 1952
SEED_BYTES: Final = 32
#: Largest private key file read, in bytes.
MAX_KEY_FILE_BYTES: Final = 16 * 1024
_KEY_ID_DOMAIN: Final = b"comity/seal/v1\0"


@dataclass(frozen=True)
class SealPublicKey:
    """The public half of a seal: raw Ed25519 (32 bytes) and ML-DSA-65 (1952 bytes)."""

    ed25519: bytes
    mldsa65: bytes

    def __post_init__(self) -> None:
        check_ed25519_public(self.ed25519, what="seal: ed25519")
        if len(self.mldsa65) != MLDSA65_PUBLIC_BYTES:
            raise Invalid(
                "key.length",
                f"seal: mldsa65: {len(self.mldsa65)} bytes, expected {MLDSA65_PUBLIC_BYTES}",
            )

    @cached_property
    def key_id(self) -> str:
        """SHA-256 of both keys under their own prefix, in hexadecimal."""
        return hashlib.sha256(_KEY_ID_DOMAIN + self.ed25519 + self.mldsa65).hexdigest()

    @cached_property
    def ed25519_key(self) -> Ed25519PublicKey:
        """The Ed25519 half, ready to verify."""
        return Ed25519PublicKey.from_public_bytes(self.ed25519)

    @cached_property
    def mldsa65_key(self) -> MLDSA65PublicKey:
        """The ML-DSA-65 half, ready to verify."""
        return MLDSA65PublicKey.from_public_bytes(self.mldsa65)

    def to_json(self) -> Object:
        """Return both keys as base64 members."""
        return {"ed25519": write_base64(self.ed25519), "mldsa65": write_base64(self.mldsa65)}

    @classmethod
    def from_json(cls, value: JSON, *, what: str = "seal") -> SealPublicKey:
        """Read what `to_json` makes; raise `Invalid` on anything else."""
        members = Members(value, what=what)
        ed25519 = members.base64("ed25519", size=PUBLIC_BYTES)
        mldsa65 = members.base64("mldsa65", size=MLDSA65_PUBLIC_BYTES)
        members.end()
        check_ed25519_public(ed25519, what=f"{what}: ed25519")
        return cls(ed25519=ed25519, mldsa65=mldsa65)


@dataclass(frozen=True, repr=False)
class SealPrivateKey:
    """The private half of a seal. Its text form shows the key id only."""

    ed25519: Ed25519PrivateKey
    mldsa65: MLDSA65PrivateKey

    @classmethod
    def generate(cls) -> SealPrivateKey:
        """Make a fresh seal from the system's randomness."""
        return cls(ed25519=Ed25519PrivateKey.generate(), mldsa65=MLDSA65PrivateKey.generate())

    @classmethod
    def from_seeds(cls, *, ed25519_seed: bytes, mldsa65_seed: bytes) -> SealPrivateKey:
        """Return the seal of two 32-byte seeds (RFC 8032; FIPS 204 seed form)."""
        for name, seed in (("ed25519", ed25519_seed), ("mldsa65", mldsa65_seed)):
            if len(seed) != SEED_BYTES:
                raise Invalid("key.length", f"{name} seed: expected {SEED_BYTES} bytes")
        return cls(
            ed25519=Ed25519PrivateKey.from_private_bytes(ed25519_seed),
            mldsa65=MLDSA65PrivateKey.from_seed_bytes(mldsa65_seed),
        )

    @cached_property
    def public(self) -> SealPublicKey:
        """The public half."""
        return SealPublicKey(
            ed25519=self.ed25519.public_key().public_bytes_raw(),
            mldsa65=self.mldsa65.public_key().public_bytes_raw(),
        )

    def __repr__(self) -> str:
        return f"SealPrivateKey({self.public.key_id})"


def write_seal(
    directory: Path, key: SealPrivateKey, *, name: str = "seal", passphrase: bytes | None = None
) -> None:
    """Write `<name>.ed25519.pem` and `<name>.mldsa65.pem` into `directory`."""
    _write_pem(directory / f"{name}.ed25519.pem", key.ed25519, passphrase)
    _write_pem(directory / f"{name}.mldsa65.pem", key.mldsa65, passphrase)


def read_seal(
    directory: Path, *, name: str = "seal", passphrase: bytes | None = None
) -> SealPrivateKey:
    """Read what `write_seal` wrote."""
    path = directory / f"{name}.mldsa65.pem"
    mldsa65 = _read_pem(path, passphrase)
    if not isinstance(mldsa65, MLDSA65PrivateKey):
        raise _wrong_kind(path, "ML-DSA-65")
    return SealPrivateKey(
        ed25519=read_ed25519(directory / f"{name}.ed25519.pem", passphrase=passphrase),
        mldsa65=mldsa65,
    )


def write_ed25519(path: Path, key: Ed25519PrivateKey, *, passphrase: bytes | None = None) -> None:
    """Write one Ed25519 private key (PKCS#8 PEM, RFC 8410)."""
    _write_pem(path, key, passphrase)


def read_ed25519(path: Path, *, passphrase: bytes | None = None) -> Ed25519PrivateKey:
    """Read one Ed25519 private key."""
    key = _read_pem(path, passphrase)
    if not isinstance(key, Ed25519PrivateKey):
        raise _wrong_kind(path, "Ed25519")
    return key


def write_mldsa44(path: Path, key: MLDSA44PrivateKey, *, passphrase: bytes | None = None) -> None:
    """Write one ML-DSA-44 private key (PKCS#8 PEM, seed form of RFC 9881)."""
    _write_pem(path, key, passphrase)


def read_mldsa44(path: Path, *, passphrase: bytes | None = None) -> MLDSA44PrivateKey:
    """Read one ML-DSA-44 private key."""
    key = _read_pem(path, passphrase)
    if not isinstance(key, MLDSA44PrivateKey):
        raise _wrong_kind(path, "ML-DSA-44")
    return key


def write_private_file(path: Path, data: bytes) -> None:
    """Create `path` with mode 0600: whole or not at all, and never over another file.

    Raises `Conflict` (`keys.exists`) or `Unavailable` (`keys.not_written`).
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            # A hard link, unlike a rename, refuses to replace what is there.
            os.link(temporary, path)
        finally:
            temporary.unlink()
        _sync_directory(path.parent)
    except FileExistsError as error:
        raise Conflict(
            "keys.exists",
            f"{path}: a key file is already there and is never overwritten",
            hint="Move the old file to a safe place first; what was signed or sealed needs it.",
        ) from error
    except OSError as error:
        raise Unavailable(
            "keys.not_written", f"{path}: cannot be written: {error.strerror or error}"
        ) from error


def read_private_file(path: Path) -> bytes:
    """Read a key file; refuse one that others than its owner may read."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(MAX_KEY_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise Invalid("keys.missing", f"{path}: there is no such key file") from error
    except OSError as error:
        raise Unavailable(
            "keys.not_read", f"{path}: cannot be read: {error.strerror or error}"
        ) from error
    if mode & 0o077:
        raise Refused(
            "keys.open_to_others",
            f"{path}: the key file is open to other users (mode {mode & 0o777:04o})",
            hint=f"Find out who may have read it, then: chmod 600 {path}",
        )
    if len(data) > MAX_KEY_FILE_BYTES:
        raise Invalid("keys.malformed", f"{path}: too large for a key file")
    return data


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_pem(
    path: Path,
    key: Ed25519PrivateKey | MLDSA44PrivateKey | MLDSA65PrivateKey,
    passphrase: bytes | None,
) -> None:
    protection: KeySerializationEncryption = (
        NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase)
    )
    write_private_file(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))


def _read_pem(path: Path, passphrase: bytes | None) -> PrivateKeyTypes:
    data = read_private_file(path)
    try:
        return load_pem_private_key(data, passphrase)
    except TypeError as error:  # the library's way to say: passphrase missing, or not needed
        needed = "needs a passphrase" if passphrase is None else "has no passphrase"
        raise Refused("keys.passphrase", f"{path}: the key file {needed}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        if b"ENCRYPTED" in data and passphrase is not None:
            raise Unverified(
                "keys.passphrase_wrong", f"{path}: wrong passphrase or damaged file"
            ) from error
        raise Invalid("keys.malformed", f"{path}: not a PKCS#8 private key in PEM") from error


def _wrong_kind(path: Path, expected: str) -> Invalid:
    return Invalid("keys.wrong_kind", f"{path}: holds another kind of key than {expected}")
