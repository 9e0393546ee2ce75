# SPDX-License-Identifier: Apache-2.0
"""The age project's test vectors, and a reader for X25519 stanzas that only tests have.

Comity opens hybrid post-quantum stanzas alone. Most vectors about headers and
payloads exist only with X25519 keys, so the tests bring the old recipient type
and drive the same header and payload readers with it.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.crypto import age_format, sealing
from comity.crypto.age_format import Header, Stanza, malformed, read_unpadded
from comity.crypto.bech32 import read_bech32
from comity.crypto.sealing import EncryptionIdentity
from comity.errors import Invalid, Unverified


@dataclass(frozen=True)
class Vector:
    """One file of the collection."""

    name: str
    expect: str
    payload: str | None
    identities: tuple[str, ...]
    passphrases: tuple[str, ...]
    armored: bool
    body: bytes


def read_vector(path: Path) -> Vector:
    """Read one vector file: header lines, an empty line, the age file."""
    head, _, body = path.read_bytes().partition(b"\n\n")
    lines = [line.split(": ", 1) for line in head.decode().split("\n")]
    fields = dict(lines)
    return Vector(
        name=path.name,
        expect=fields["expect"],
        payload=fields.get("payload"),
        identities=tuple(value for name, value in lines if name == "identity"),
        passphrases=tuple(value for name, value in lines if name == "passphrase"),
        armored=fields.get("armored") == "yes",
        body=zlib.decompress(body) if fields.get("compressed") == "zlib" else body,
    )


def unseal_with_classical(source: BinaryIO, target: BinaryIO, *, identities: list[str]) -> None:
    """Open a file with hybrid or X25519 identities, as the age specification says."""
    header = age_format.read_header(source)
    _check(header)
    file_key = _file_key(header, identities)
    header.check(file_key)
    age_format.decrypt_payload(source, target, file_key=file_key)


def _check(header: Header) -> None:
    for stanza in header.stanzas:
        if stanza.kind == "X25519":
            if len(stanza.arguments) != 1:
                raise malformed("an X25519 stanza takes one argument")
            share = read_unpadded(stanza.arguments[0], "share")
            if len(share) != 32 or len(stanza.body) != 32:
                raise malformed("an X25519 stanza's share or body has the wrong length")
    hybrid = tuple(s for s in header.stanzas if s.kind == "mlkem768x25519")
    sealing.check_stanzas(Header(hybrid, header.authenticated, header.mac))


def _file_key(header: Header, identities: list[str]) -> bytes:
    for text in identities:
        prefix, secret = read_bech32(text, what="identity")
        for stanza in header.stanzas:
            if prefix == "age-secret-key-" and stanza.kind == "X25519":
                key = _unwrap(stanza, secret)
            elif prefix == "age-secret-key-pq-" and stanza.kind == "mlkem768x25519":
                key = EncryptionIdentity(secret).unwrap(stanza)
            else:
                continue
            if key is not None:
                return key
    raise Unverified("sealing.no_match", "no identity fits")


def _unwrap(stanza: Stanza, secret: bytes) -> bytes | None:
    private = x25519.X25519PrivateKey.from_private_bytes(secret)
    share = read_unpadded(stanza.arguments[0], "share")
    try:
        shared = private.exchange(x25519.X25519PublicKey.from_public_bytes(share))
    except ValueError as error:
        raise Invalid("sealing.header_malformed", "low order") from error
    salt = share + private.public_key().public_bytes_raw()
    wrap = HKDF(SHA256(), 32, salt, b"age-encryption.org/v1/X25519").derive(shared)
    try:
        return ChaCha20Poly1305(wrap).decrypt(bytes(12), stanza.body, None)
    except InvalidTag:
        return None
