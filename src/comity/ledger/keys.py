# SPDX-License-Identifier: Apache-2.0
"""The keys of the ledger: who verifies and who signs, in C2SP's terms.

A key is a name, a signature type and public bytes; its 4-byte ID follows from
these three (C2SP signed-note). A verifier key is enrolled only in canonical
encoding and never when its Ed25519 point has small order: under such keys
OpenSSL accepts signatures that nobody made.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from comity.canonical.base64 import read_base64, write_base64
from comity.canonical.time import Instant
from comity.crypto.ed25519_point import check_ed25519_public
from comity.errors import Invalid, Unverified
from comity.ledger.numbers import MAX_NUMBER
from comity.ledger.tree_head import is_name, read_tree_head

KEY_ID_BYTES: Final = 4
TIMESTAMP_BYTES: Final = 8
#: Longest verifier key text read, in characters (an ML-DSA-44 one has some 2,000).
MAX_VKEY: Final = 4_096
#: Longest name of a cosigner: its length is one byte in the ML-DSA-44 message.
MAX_COSIGNER_BYTES: Final = 255


class SignatureType(IntEnum):
    """The signature types of C2SP signed-note that Comity uses."""

    ED25519 = 0x01
    COSIGNATURE_ED25519 = 0x04
    COSIGNATURE_ML_DSA_44 = 0x06

    @property
    def timestamped(self) -> bool:
        """Whether a signature of this type begins with the time it was made."""
        return self is not SignatureType.ED25519


_PUBLIC_BYTES: Final = {
    SignatureType.ED25519: 32,
    SignatureType.COSIGNATURE_ED25519: 32,
    SignatureType.COSIGNATURE_ML_DSA_44: 1312,
}


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name it signs under. Make it with `of` or `parse_vkey`."""

    name: str
    type: SignatureType
    public: bytes

    @classmethod
    def of(cls, *, name: str, type: SignatureType, public: bytes) -> VerifierKey:  # noqa: A002
        """Return the key, checked as at enrolment; raise `Invalid` if it must not be used."""
        if not is_name(name):
            raise Invalid("vkey.name", f"key name {name[:60]!r}: empty, or with a space or plus")
        if len(name.encode()) > MAX_COSIGNER_BYTES:
            raise Invalid("vkey.name", f"key name {name[:60]!r}: too long")
        if len(public) != _PUBLIC_BYTES[type]:
            raise Invalid(
                "vkey.size",
                f"key of {name}: {len(public)} bytes, type {type:#04x} has {_PUBLIC_BYTES[type]}",
            )
        if type is not SignatureType.COSIGNATURE_ML_DSA_44:
            check_ed25519_public(public, what=f"key of {name}")
        return cls(name, type, public)

    @property
    def key_id(self) -> bytes:
        """SHA-256(name || LF || type || public)[:4]."""
        return _key_id(self.name, self.type, self.public)

    def to_text(self) -> str:
        """Return the vkey text: name, ID in hexadecimal, type and key in base64."""
        encoded = write_base64(bytes([self.type]) + self.public)
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def verify(self, text: str, signature: bytes) -> int | None:
        """Check a note signature (without key ID) over `text`.

        Returns the POSIX timestamp of a cosignature, None for a plain signature
        (which carries none). Raises `Unverified`.
        """
        timestamp: int | None = None
        if self.type.timestamped:
            timestamp = int.from_bytes(signature[:TIMESTAMP_BYTES], "big")
            signature = signature[TIMESTAMP_BYTES:]
            if timestamp > MAX_NUMBER:
                raise Unverified("note.signature_invalid", f"{self.name}: timestamp out of range")
        try:
            message = signed_message(self.type, self.name, text, timestamp)
            _load(self.type, self.public).verify(signature, message)
        except (InvalidSignature, Invalid) as error:
            raise Unverified(
                "note.signature_invalid", f"the signature of {self.name} does not verify"
            ) from error
        return timestamp


class SigningKey:
    """A private key with the name it signs under."""

    def __init__(
        self,
        *,
        name: str,
        type: SignatureType,  # noqa: A002
        private: Ed25519PrivateKey | MLDSA44PrivateKey,
    ) -> None:
        expected = (
            MLDSA44PrivateKey if type is SignatureType.COSIGNATURE_ML_DSA_44 else Ed25519PrivateKey
        )
        if not isinstance(private, expected):
            raise Invalid("vkey.algorithm", f"{name}: the key is not one for type {type:#04x}")
        self._private = private
        self.verifier = VerifierKey.of(
            name=name, type=type, public=private.public_key().public_bytes_raw()
        )

    @property
    def name(self) -> str:
        """The name of the key."""
        return self.verifier.name

    def sign(self, text: str, *, now: Instant) -> bytes:
        """Return the signature over `text`, with its timestamp where the type has one."""
        kind = self.verifier.type
        if not kind.timestamped:
            return self._private.sign(text.encode())
        timestamp = posix_time(now)
        message = signed_message(kind, self.name, text, timestamp)
        return timestamp.to_bytes(TIMESTAMP_BYTES, "big") + self._private.sign(message)


def parse_vkey(text: str, *, what: str = "verifier key") -> VerifierKey:
    """Return the key of a vkey text; its stated ID must be the derived one."""
    known = _enrolled.get(text)
    if known is None:
        known = _parse_vkey(text, what)
        if len(_enrolled) < _MAX_ENROLLED:
            _enrolled[text] = known
    return known


#: Keys that have passed every check, by their text: a verifier meets the same few again and
#: again, and the check that a point is on the curve costs as much as a verification.
_enrolled: Final[dict[str, VerifierKey]] = {}
_MAX_ENROLLED: Final = 1024


def _parse_vkey(text: str, what: str) -> VerifierKey:
    if len(text) > MAX_VKEY:
        raise Invalid("vkey.syntax", f"{what}: longer than {MAX_VKEY} characters")
    name, _, rest = text.partition("+")
    stated, plus, encoded = rest.partition("+")
    if not plus:
        raise Invalid("vkey.syntax", f"{what}: expected <name>+<key ID>+<base64>")
    data = read_base64(encoded, what=what)
    try:
        kind = SignatureType(data[0])
    except (IndexError, ValueError) as error:
        raise Invalid(
            "vkey.unsupported",
            f"{what}: the signature type is not one that is read",
            hint="Types 0x01, 0x04 and 0x06 are used here (C2SP signed-note).",
        ) from error
    key = VerifierKey.of(name=name, type=kind, public=data[1:])
    derived = key.key_id.hex()
    if stated != derived:
        raise Invalid("vkey.id", f"{what}: states ID {stated[:16]!r}, its key has {derived}")
    return key


def signed_message(kind: SignatureType, cosigner: str, text: str, timestamp: int | None) -> bytes:
    """Return what a signature of this type signs (C2SP signed-note, tlog-cosignature)."""
    if timestamp is None:
        return text.encode()
    if kind is SignatureType.COSIGNATURE_ED25519:
        return f"cosignature/v1\ntime {timestamp}\n{text}".encode()
    head = read_tree_head(text)
    name, origin = cosigner.encode(), head.origin.encode()
    return b"".join(
        (
            b"subtree/v1\n\x00",
            bytes([len(name)]),
            name,
            timestamp.to_bytes(8, "big"),
            bytes([len(origin)]),
            origin,
            (0).to_bytes(8, "big"),
            head.size.to_bytes(8, "big"),
            head.root,
        )
    )


def posix_time(instant: Instant) -> int:
    """Return whole seconds since 1970; raise `Invalid` for a time before or without zone."""
    if instant.tzinfo is None:
        raise Invalid("time.naive", "an instant without a time zone cannot be signed")
    seconds = int(instant.timestamp())
    if not 0 < seconds <= MAX_NUMBER:
        raise Invalid("ledger.time", f"{instant.isoformat()}: not a time to sign")
    return seconds


def instant_of(timestamp: int) -> Instant:
    """Return the instant of a POSIX timestamp; raise `Invalid` beyond the year 9999."""
    try:
        return datetime.fromtimestamp(timestamp, tz=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Invalid("ledger.time", f"timestamp {timestamp} is no calendar time") from error


@lru_cache(maxsize=1024)
def _key_id(name: str, kind: SignatureType, public: bytes) -> bytes:
    preimage = name.encode() + b"\n" + bytes([kind]) + public
    return hashlib.sha256(preimage).digest()[:KEY_ID_BYTES]


@lru_cache(maxsize=1024)
def _load(kind: SignatureType, public: bytes) -> Ed25519PublicKey | MLDSA44PublicKey:
    if kind is SignatureType.COSIGNATURE_ML_DSA_44:
        return MLDSA44PublicKey.from_public_bytes(public)
    return Ed25519PublicKey.from_public_bytes(public)
