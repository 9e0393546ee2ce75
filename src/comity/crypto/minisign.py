# SPDX-License-Identifier: Apache-2.0
"""Minisign signatures, so that stock tools can check a seal without our software.

The pre-hashed form (`ED`): Ed25519 over BLAKE2b-512 of the file, and a second
signature over the first one and the trusted comment. The untrusted comment is
signed by nobody, so it is one fixed text and any other is refused; with that,
no byte of a signature file can change unnoticed.
"""

from __future__ import annotations

import hashlib
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from comity.canonical.base64 import read_base64, write_base64
from comity.canonical.digest import BLOCK_BYTES
from comity.crypto.ed25519_point import check_ed25519_public
from comity.errors import Invalid, Unverified

#: Largest signature file read, in bytes.
MAX_BYTES: Final = 1024
#: Longest trusted comment, in characters.
MAX_COMMENT: Final = 400
_KEY_NUMBER_BYTES: Final = 8
_UNTRUSTED: Final = "untrusted comment: signature of an authority made with comity"
_TRUSTED: Final = "trusted comment: "


def sign_file(source: BinaryIO, *, key: Ed25519PrivateKey, comment: str) -> bytes:
    """Return the `.minisig` file for the bytes of `source`; `comment` is signed too."""
    _check_comment(comment)
    public = key.public_key().public_bytes_raw()
    signature = key.sign(_digest(source))
    whole = key.sign(signature + comment.encode("ascii"))
    first = write_base64(b"ED" + _key_number(public) + signature)
    return f"{_UNTRUSTED}\n{first}\n{_TRUSTED}{comment}\n{write_base64(whole)}\n".encode("ascii")


def verify_file(
    source: BinaryIO, signature: bytes, *, key: bytes, what: str = "minisign file"
) -> str:
    """Verify `signature` over `source` with the raw public `key`; return the trusted comment.

    Raises `Invalid` (`minisign.malformed`) or `Unverified` (`minisign.other_key`,
    `minisign.signature_invalid`).
    """
    number, first, comment, whole = _read(signature, what)
    check_ed25519_public(key, what="minisign key")
    if number != _key_number(key):
        raise Unverified("minisign.other_key", f"{what}: made with another key than expected")
    public = Ed25519PublicKey.from_public_bytes(key)
    try:
        public.verify(first, _digest(source))
        public.verify(whole, first + comment.encode("ascii"))
    except InvalidSignature as error:
        raise Unverified(
            "minisign.signature_invalid", f"{what}: the signature does not stand over the file"
        ) from error
    return comment


def public_file(public: bytes) -> bytes:
    """Return the public key file that `minisign -V -p` reads, for a raw public key."""
    number = _key_number(public)
    label = int.from_bytes(number, "little")
    text = write_base64(b"Ed" + number + public)
    return f"untrusted comment: minisign public key {label:016X}\n{text}\n".encode("ascii")


def _read(data: bytes, what: str) -> tuple[bytes, bytes, str, bytes]:
    if len(data) > MAX_BYTES or not data.isascii():
        raise _malformed(what, "not a short ASCII file")
    lines = data.decode("ascii").split("\n")
    if len(lines) != 5 or lines[4]:  # noqa: PLR2004 - four lines, each ended
        raise _malformed(what, "not four lines")
    untrusted, first, trusted, whole, _ = lines
    if untrusted != _UNTRUSTED:
        raise _malformed(what, "its untrusted comment is not the expected text")
    if not trusted.startswith(_TRUSTED):
        raise _malformed(what, "its third line is no trusted comment")
    comment = trusted.removeprefix(_TRUSTED)
    _check_comment(comment)
    head = read_base64(first, what=f"{what}: line 2")
    tail = read_base64(whole, what=f"{what}: line 4")
    if len(head) != 2 + _KEY_NUMBER_BYTES + 64 or len(tail) != 64:  # noqa: PLR2004 - Ed25519
        raise _malformed(what, "a signature of the wrong length")
    if head[:2] != b"ED":
        raise _malformed(what, "not the pre-hashed form (ED)")
    return head[2:10], head[10:], comment, tail


def _check_comment(comment: str) -> None:
    if len(comment) > MAX_COMMENT or not (comment.isascii() and comment.isprintable()):
        raise Invalid(
            "minisign.comment", f"a trusted comment is at most {MAX_COMMENT} printable ASCII signs"
        )


def _key_number(public: bytes) -> bytes:
    """Return the key number; ours follows from the key, so that nothing else names it."""
    return hashlib.sha256(public).digest()[:_KEY_NUMBER_BYTES]


def _digest(source: BinaryIO) -> bytes:
    digest = hashlib.blake2b()
    while block := source.read(BLOCK_BYTES):
        digest.update(block)
    return digest.digest()


def _malformed(what: str, why: str) -> Invalid:
    return Invalid("minisign.malformed", f"{what}: {why}")
