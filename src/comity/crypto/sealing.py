# SPDX-License-Identifier: Apache-2.0
"""Sealing files to authorities: age v1 with hybrid post-quantum recipients only.

Everything confidential travels as an age file (c2sp.org/age) whose file key is
wrapped with HPKE over ML-KEM-768 and X25519 for each recipient (`age1pq1…`).
Nothing weaker is made or opened: a file that also has a classical, passphrase
or plug-in recipient is refused by name, since its secrecy would be only as
good as the weakest of them.

Sealing gives secrecy, never authenticity: anybody can seal to a public key.
Who wrote the content is said by the signed envelope inside and outside.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from comity.crypto import age_format
from comity.crypto.age_format import FILE_KEY_BYTES, ByteSource, ByteTarget, Header, Stanza
from comity.crypto.bech32 import read_bech32, write_bech32
from comity.crypto.keys import read_private_file, write_private_file
from comity.crypto.passphrase import is_protected, protect, reveal
from comity.errors import Invalid, Refused, Unverified

#: Recipients of one sealed file.
MAX_RECIPIENTS: Final = 32
RECIPIENT_BYTES: Final = 1216
IDENTITY_BYTES: Final = 32
_KIND: Final = "mlkem768x25519"
_INFO: Final = b"age-encryption.org/mlkem768x25519"
_RECIPIENT_PREFIX: Final = "age1pq"
_IDENTITY_PREFIX: Final = "age-secret-key-pq-"
_MLKEM_PUBLIC: Final = 1184
_SHARE: Final = 1120
_X25519: Final = 32
_WRAPPED: Final = FILE_KEY_BYTES + 16
_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
#: Known recipient types without post-quantum secrecy, and what to call them.
_WEAKER: Final = {
    "X25519": "classical",
    "ssh-rsa": "classical",
    "ssh-ed25519": "classical",
    "piv-p256": "classical",
    "p256tag": "classical",
    "scrypt": "passphrase",
}


@dataclass(frozen=True, repr=False)
class EncryptionIdentity:
    """The private half of an encryption key: a 32-byte seed. Its text form hides it."""

    seed: bytes

    def __post_init__(self) -> None:
        if len(self.seed) != IDENTITY_BYTES:
            raise Invalid("identity.malformed", f"identity: expected {IDENTITY_BYTES} bytes")

    @classmethod
    def generate(cls) -> EncryptionIdentity:
        """Make a fresh identity from the system's randomness."""
        return cls(os.urandom(IDENTITY_BYTES))

    @classmethod
    def from_text(cls, text: str) -> EncryptionIdentity:
        """Read `AGE-SECRET-KEY-PQ-1…`; raise `Invalid` (`identity.malformed`)."""
        try:
            prefix, seed = read_bech32(text.strip(), what="identity")
        except Invalid as error:  # never show a secret in a message
            raise Invalid("identity.malformed", error.message) from None
        if prefix != _IDENTITY_PREFIX:
            raise Invalid(
                "identity.malformed", "identity: not a post-quantum age identity", hint=_ONLY_PQ
            )
        return cls(seed)

    def to_text(self) -> str:
        """Return `AGE-SECRET-KEY-PQ-1…`, as the age tools read it."""
        return write_bech32(_IDENTITY_PREFIX, self.seed).upper()

    @cached_property
    def recipient(self) -> str:
        """The public half: `age1pq1…`."""
        post_quantum, classical = self._halves
        public = (
            post_quantum.public_key().public_bytes_raw() + classical.public_key().public_bytes_raw()
        )
        return write_bech32(_RECIPIENT_PREFIX, public)

    @cached_property
    def _halves(self) -> tuple[mlkem.MLKEM768PrivateKey, x25519.X25519PrivateKey]:
        expanded = hashlib.shake_256(self.seed).digest(96)
        return (
            mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
            x25519.X25519PrivateKey.from_private_bytes(expanded[64:]),
        )

    def __repr__(self) -> str:
        return f"EncryptionIdentity({self.recipient[:20]}…)"

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key from a checked hybrid stanza, None if it is another's."""
        share = age_format.read_unpadded(stanza.arguments[0], "the share")
        try:
            return _SUITE.decrypt(
                share + stanza.body, MLKEM768X25519PrivateKey(*self._halves), info=_INFO
            )
        except InvalidTag:
            return None


_ONLY_PQ: Final = "Only post-quantum keys are used: age-keygen -pq makes one."


def check_recipient(text: str) -> str:
    """Return `text` if it is a recipient that `seal` accepts, or raise `Invalid`."""
    _read_recipient(text)
    return text


def seal(
    source: ByteSource,
    target: ByteTarget,
    *,
    recipients: Sequence[str],
    progress: Callable[[int], None] | None = None,
) -> None:
    """Seal `source` to its end for each of `recipients` (`age1pq1…`), in constant memory.

    `progress` gets the number of plaintext bytes just sealed.
    """
    if not recipients or len(recipients) > MAX_RECIPIENTS:
        raise Invalid("sealing.recipients", f"sealing needs 1 to {MAX_RECIPIENTS} recipients")
    if len(set(recipients)) != len(recipients):
        raise Invalid("sealing.recipients", "a recipient is named twice")
    keys = [_read_recipient(text) for text in recipients]
    file_key = os.urandom(FILE_KEY_BYTES)
    stanzas = tuple(_wrap(file_key, key) for key in keys)
    age_format.write_header(target, stanzas=stanzas, file_key=file_key)
    age_format.encrypt_payload(source, target, file_key=file_key, progress=progress)


def unseal(
    source: BinaryIO,
    target: ByteTarget,
    *,
    identities: Sequence[EncryptionIdentity],
    progress: Callable[[int], None] | None = None,
) -> None:
    """Open a sealed file with the first of `identities` that fits, in constant memory.

    Raises `Invalid` for another format or a weaker recipient
    (`sealing.classical_recipient`, `sealing.passphrase_recipient`,
    `sealing.armored`, `sealing.header_malformed`), `Unverified` with
    `sealing.no_match`, `sealing.header_mac` or `sealing.payload_damaged`. On
    any error discard what `target` holds.
    """
    header = age_format.read_header(source)
    check_stanzas(header)
    file_key = _file_key(header, identities)
    header.check(file_key)
    age_format.decrypt_payload(source, target, file_key=file_key, progress=progress)


def check_stanzas(header: Header) -> None:
    """Refuse weaker recipients by name, and hybrid stanzas that are not well formed.

    Stanzas of unknown types are left alone, as the format demands.
    """
    for stanza in header.stanzas:
        if stanza.kind in _WEAKER:
            reason = _WEAKER[stanza.kind]
            raise Invalid(
                f"sealing.{reason}_recipient",
                f"sealed file: also opens with a {reason} key ({stanza.kind})",
                hint="Ask the sender to seal it to the age1pq key alone.",
            )
        if stanza.kind == _KIND:
            _check_hybrid(stanza)


def write_identity(
    path: Path, identity: EncryptionIdentity, *, passphrase: bytes | None = None
) -> None:
    """Write the identity as the text that the age tools read; see `write_private_file`.

    With a passphrase the text is an age file of its own, as `age --passphrase` makes it.
    """
    data = f"{identity.to_text()}\n".encode("ascii")
    write_private_file(path, data if passphrase is None else protect(data, passphrase=passphrase))


def read_identity(path: Path, *, passphrase: bytes | None = None) -> EncryptionIdentity:
    """Read an identity file: comment lines and one identity, perhaps under a passphrase."""
    data = read_private_file(path)
    if is_protected(data) != (passphrase is not None):
        needed = "needs a passphrase" if passphrase is None else "has no passphrase"
        raise Refused("keys.passphrase", f"{path}: the key file {needed}")
    if passphrase is not None:
        data = reveal(data, passphrase=passphrase)
    if not data.isascii():
        raise Invalid("identity.malformed", f"{path}: not a text file with an age identity")
    lines = [line for line in data.decode("ascii").splitlines() if line and line[0] != "#"]
    if len(lines) != 1:
        raise Invalid("identity.malformed", f"{path}: holds {len(lines)} identities, expected one")
    return EncryptionIdentity.from_text(lines[0])


def _wrap(file_key: bytes, key: MLKEM768X25519PublicKey) -> Stanza:
    sealed = _SUITE.encrypt(file_key, key, info=_INFO)
    share = age_format.write_unpadded(sealed[:_SHARE])
    return Stanza(kind=_KIND, arguments=(share,), body=sealed[_SHARE:])


def _file_key(header: Header, identities: Sequence[EncryptionIdentity]) -> bytes:
    for stanza in header.stanzas:
        if stanza.kind == _KIND:
            for identity in identities:
                file_key = identity.unwrap(stanza)
                if file_key is not None:
                    return file_key
    raise Unverified(
        "sealing.no_match",
        "sealed file: not sealed to any key held here",
        hint="It may be for another authority, or for a key that has been destroyed.",
    )


def _check_hybrid(stanza: Stanza) -> None:
    if len(stanza.arguments) != 1:
        raise age_format.malformed("a hybrid stanza takes one argument")
    share = age_format.read_unpadded(stanza.arguments[0], "the share")
    if len(share) != _SHARE or len(stanza.body) != _WRAPPED:
        raise age_format.malformed("a hybrid stanza's share or body has the wrong length")
    if _is_low_order(share[-_X25519:]):  # a forged share, not a stranger's
        raise age_format.malformed("a hybrid stanza's share is a point of low order")


def _read_recipient(text: str) -> MLKEM768X25519PublicKey:
    prefix, data = read_bech32(text, what="recipient")
    if prefix != _RECIPIENT_PREFIX or text != text.lower():
        raise Invalid("recipient.malformed", "recipient: not an age1pq key", hint=_ONLY_PQ)
    if len(data) != RECIPIENT_BYTES:
        raise Invalid("recipient.malformed", f"recipient: {len(data)} bytes, not {RECIPIENT_BYTES}")
    if _is_low_order(data[_MLKEM_PUBLIC:]):
        raise Invalid("recipient.malformed", "recipient: a point of low order")
    try:
        return MLKEM768X25519PublicKey(
            mlkem.MLKEM768PublicKey.from_public_bytes(data[:_MLKEM_PUBLIC]),
            x25519.X25519PublicKey.from_public_bytes(data[_MLKEM_PUBLIC:]),
        )
    except ValueError as error:
        raise Invalid("recipient.malformed", "recipient: not a key of its kind") from error


def _is_low_order(public: bytes) -> bool:
    """Tell whether every exchange with this X25519 key yields zeros (RFC 7748 section 6.1)."""
    try:
        x25519.X25519PrivateKey.generate().exchange(
            x25519.X25519PublicKey.from_public_bytes(public)
        )
    except ValueError:
        return True
    return False
