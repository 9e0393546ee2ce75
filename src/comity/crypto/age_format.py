# SPDX-License-Identifier: Apache-2.0
"""The age v1 file format (c2sp.org/age): header, stanzas and payload stream.

This module knows the frame and no recipient type: who may open a file is
decided by `sealing`. Reading is strict: one spelling for every header, bounded
size, the header authenticated before any payload is touched, a payload that is
cut, reordered or lengthened refused at the chunk where that shows.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.errors import Invalid, Unverified

FILE_KEY_BYTES: Final = 16
#: Stanzas read in one header.
MAX_STANZAS: Final = 64
#: Arguments of one stanza, its type included.
MAX_ARGUMENTS: Final = 8
#: Longest header line: a hybrid stanza's share alone has 1494 characters.
MAX_LINE_BYTES: Final = 4096
#: Longest stanza body, in bytes.
MAX_BODY_BYTES: Final = 4096
_VERSION: Final = b"age-encryption.org/v1"
_ARMOR: Final = b"-----BEGIN AGE"
_COLUMNS: Final = 64
_CHUNK: Final = 64 * 1024
_TAG: Final = 16
_NONCE: Final = 16
_MAC: Final = 32
_ARGUMENT: Final = re.compile(rb"[\x21-\x7e]+")


class ByteSource(Protocol):
    """Whatever bytes can be read from, in order; a file opened for reading is one."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""
        ...


class ByteTarget(Protocol):
    """Whatever bytes can be written to, in order; a file opened for writing is one."""

    def write(self, data: bytes, /) -> object:
        """Take all of `data`."""
        ...


@dataclass(frozen=True)
class Stanza:
    """One recipient's way to the file key: a type, arguments and a body."""

    kind: str
    arguments: tuple[str, ...]
    body: bytes


@dataclass(frozen=True)
class Header:
    """A header as read; `check` it with the file key before trusting any of it."""

    stanzas: tuple[Stanza, ...]
    authenticated: bytes
    mac: bytes

    def check(self, file_key: bytes) -> None:
        """Raise `Unverified` (`sealing.header_mac`) unless the header is as it was written."""
        if not hmac.compare_digest(self.mac, _header_mac(file_key, self.authenticated)):
            raise Unverified("sealing.header_mac", "sealed file: the header has been altered")


def write_header(target: ByteTarget, *, stanzas: tuple[Stanza, ...], file_key: bytes) -> None:
    """Write the header for `stanzas`, authenticated with the file key."""
    text = _VERSION + b"\n" + b"".join(_stanza_text(stanza) for stanza in stanzas) + b"---"
    mac = write_unpadded(_header_mac(file_key, text)).encode("ascii")
    target.write(text + b" " + mac + b"\n")


def read_header(source: BinaryIO) -> Header:
    """Read a header; raise `Invalid` with `sealing.armored` or `sealing.header_malformed`."""
    lines = _Lines(source)
    version = lines.next()
    if version.startswith(_ARMOR):
        raise Invalid(
            "sealing.armored",
            "sealed file: in text armour; only the binary form is exchanged",
            hint="Take the armour off with `age` or ask for the binary file.",
        )
    if version != _VERSION:
        raise malformed("does not begin as an age v1 file")
    stanzas: list[Stanza] = []
    line = lines.next()
    while line.startswith(b"-> "):
        if len(stanzas) == MAX_STANZAS:
            raise malformed(f"more than {MAX_STANZAS} stanzas")
        stanzas.append(_read_stanza(line, lines))
        line = lines.next()
    if not stanzas:
        raise malformed("no stanza")
    if not line.startswith(b"--- "):
        raise malformed("no closing line")
    mac = read_unpadded(line[4:].decode("latin-1"), "closing line")
    if len(mac) != _MAC:
        raise malformed("its authentication code has the wrong length")
    return Header(
        stanzas=tuple(stanzas), authenticated=lines.text[: -len(line) - 1] + b"---", mac=mac
    )


def encrypt_payload(
    source: ByteSource,
    target: ByteTarget,
    *,
    file_key: bytes,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Encrypt `source` to its end in 64 KiB chunks (STREAM, ChaCha20-Poly1305)."""
    nonce = os.urandom(_NONCE)
    target.write(nonce)
    cipher = ChaCha20Poly1305(_derive(file_key, nonce, b"payload"))
    number, chunk = 0, _read_fully(source, _CHUNK)
    while True:
        following = _read_fully(source, _CHUNK) if len(chunk) == _CHUNK else b""
        target.write(cipher.encrypt(_chunk_nonce(number, last=not following), chunk, None))
        if progress:
            progress(len(chunk))
        if not following:
            return
        number, chunk = number + 1, following


def decrypt_payload(
    source: ByteSource,
    target: ByteTarget,
    *,
    file_key: bytes,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Decrypt the payload chunk by chunk.

    Raises `Unverified` (`sealing.payload_damaged`); what was written to `target`
    until then is genuine but incomplete, and the caller must discard it.
    """
    nonce = _read_fully(source, _NONCE)
    if len(nonce) != _NONCE:
        # The nonce is part of what the header vectors call the header.
        raise malformed("ends before the payload")
    cipher = ChaCha20Poly1305(_derive(file_key, nonce, b"payload"))
    number, chunk = 0, _read_fully(source, _CHUNK + _TAG)
    while True:
        following = _read_fully(source, _CHUNK + _TAG) if len(chunk) == _CHUNK + _TAG else b""
        if len(chunk) <= _TAG and (number or len(chunk) < _TAG):
            raise _damaged(number, "is missing or empty")
        try:
            plain = cipher.decrypt(_chunk_nonce(number, last=not following), chunk, None)
        except InvalidTag as error:
            raise _damaged(number, "does not verify") from error
        target.write(plain)
        if progress:
            progress(len(plain))
        if not following:
            return
        number, chunk = number + 1, following


def write_unpadded(data: bytes) -> str:
    """Return base64 without padding, as age headers spell it."""
    return base64.b64encode(data).decode("ascii").rstrip("=")


def read_unpadded(text: str, what: str) -> bytes:
    """Read the only unpadded base64 spelling of some bytes."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise malformed(f"{what}: not base64") from error
    if write_unpadded(data) != text:
        raise malformed(f"{what}: not the canonical base64 of its bytes")
    return data


def malformed(why: str) -> Invalid:
    """Return the error for a header that is not in the format's one form."""
    return Invalid("sealing.header_malformed", f"sealed file: {why}")


class _Lines:
    """Header lines, bounded, with everything read so far kept for authentication."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.text = b""

    def next(self) -> bytes:
        line = self._source.readline(MAX_LINE_BYTES)
        if not line.endswith(b"\n"):
            raise malformed("the header is cut short or a line is too long")
        self.text += line
        return line[:-1]


def _read_stanza(first: bytes, lines: _Lines) -> Stanza:
    words = first[3:].split(b" ")
    if len(words) > MAX_ARGUMENTS or not all(_ARGUMENT.fullmatch(word) for word in words):
        raise malformed("a stanza's arguments are empty, too many or not printable")
    body = b""
    while True:
        line = lines.next()
        if len(line) > _COLUMNS:
            raise malformed("a stanza's body has a line over 64 columns")
        body += read_unpadded(line.decode("latin-1"), "a stanza's body")
        if len(body) > MAX_BODY_BYTES:
            raise malformed("a stanza's body is too long")
        if len(line) < _COLUMNS:  # only the last line may be, and must be, short
            kind, *arguments = (word.decode("ascii") for word in words)
            return Stanza(kind=kind, arguments=tuple(arguments), body=body)


def _stanza_text(stanza: Stanza) -> bytes:
    body = write_unpadded(stanza.body)
    rows = [body[start : start + _COLUMNS] for start in range(0, len(body) + 1, _COLUMNS)]
    return "\n".join([" ".join(["->", stanza.kind, *stanza.arguments]), *rows, ""]).encode("ascii")


def _derive(file_key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(file_key)


def _header_mac(file_key: bytes, text: bytes) -> bytes:
    return hmac.digest(_derive(file_key, b"", b"header"), text, "sha256")


def _chunk_nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if last else b"\0")


def _read_fully(source: ByteSource, size: int) -> bytes:
    """Read `size` bytes, fewer only at the end; a raw stream may answer in pieces."""
    data = source.read(size)
    while len(data) < size:
        more = source.read(size - len(data))
        if not more:
            break
        data += more
    return data


def _damaged(number: int, why: str) -> Unverified:
    return Unverified(
        "sealing.payload_damaged",
        f"sealed file: chunk {number + 1} of the payload {why}",
        hint="The file is damaged, cut short or altered. Fetch it again; keep no part of it.",
        details={"chunk": number + 1},
    )
