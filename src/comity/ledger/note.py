# SPDX-License-Identifier: Apache-2.0
"""C2SP signed notes: a text, a blank line, and lines that sign the text.

The text of a note means nothing until a trusted key has signed it: read with
`read_note`, then ask `verify_note` which of the trusted keys did. A line of an
unknown key is ignored; a line of a known key that does not verify condemns the
whole note. `strict` verification (for evidence) ignores nothing: every line
must be canonical, of a known key, valid, and the only one of its key.

Keys and signature types are in `comity.ledger.keys` and re-exported here.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from comity.canonical.base64 import write_base64
from comity.canonical.time import Instant
from comity.errors import Invalid, Unverified
from comity.ledger.keys import (
    KEY_ID_BYTES,
    SignatureType,
    SigningKey,
    VerifierKey,
    parse_vkey,
)
from comity.ledger.tree_head import is_name

__all__ = [
    "MAX_NOTE_BYTES",
    "MAX_SIGNATURES",
    "SignatureLine",
    "SignatureType",
    "SignedNote",
    "SigningKey",
    "VerifiedLine",
    "VerifierKey",
    "parse_vkey",
    "read_lines",
    "read_note",
    "sign_line",
    "sign_note",
    "verify_note",
    "write_note",
]

#: Largest note read. Sixteen ML-DSA-44 lines, which C2SP obliges us to read, take 55 kB.
MAX_NOTE_BYTES: Final = 256 * 1024
#: Most signature lines read; C2SP obliges a verifier to accept 16.
MAX_SIGNATURES: Final = 64
_DASH: Final = "— "
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature line. `canonical` is false if its base64 has another spelling."""

    name: str
    key_id: bytes
    signature: bytes
    canonical: bool = True

    def to_text(self) -> str:
        """Return the line with its newline."""
        return f"{_DASH}{self.name} {write_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A parsed note. Nothing in it is verified yet."""

    text: str
    lines: tuple[SignatureLine, ...]

    def to_bytes(self) -> bytes:
        """Return the note in canonical form."""
        return write_note(self.text, self.lines)


@dataclass(frozen=True, slots=True)
class VerifiedLine:
    """A line that its key has made; `timestamp` is POSIX seconds, None for type 0x01."""

    key: VerifierKey
    line: SignatureLine
    timestamp: int | None


def read_note(data: bytes, *, what: str = "note") -> SignedNote:
    """Parse a signed note; raise `Invalid` if it is not one. Verifies nothing."""
    if len(data) > MAX_NOTE_BYTES:
        raise Invalid("note.too_large", f"{what}: {len(data)} bytes, at most {MAX_NOTE_BYTES}")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid("note.not_utf8", f"{what}: not UTF-8 at byte {error.start}") from error
    if _CONTROL.search(whole):
        raise Invalid("note.control_character", f"{what}: a control character other than newline")
    at = whole.rfind("\n\n")
    if at < 0:
        raise Invalid("note.no_signature", f"{what}: no blank line before signature lines")
    return SignedNote(text=whole[: at + 1], lines=read_lines(whole[at + 2 :], what=what))


def read_lines(block: str, *, what: str = "note") -> tuple[SignatureLine, ...]:
    """Parse one or more signature lines, each ending with a newline."""
    if not block.endswith("\n"):
        raise Invalid("note.no_final_newline", f"{what}: does not end with a signature line")
    lines = block[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise Invalid("note.too_many_signatures", f"{what}: more than {MAX_SIGNATURES} signatures")
    return tuple(_read_line(line, what) for line in lines)


def _read_line(line: str, what: str) -> SignatureLine:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not is_name(name):
        raise Invalid("note.signature_line", f"{what}: {line[:60]!r} is not a signature line")
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("note.signature_line", f"{what}: line of {name}: not base64") from error
    if len(data) <= KEY_ID_BYTES:
        raise Invalid("note.signature_line", f"{what}: line of {name}: no signature in it")
    return SignatureLine(
        name=name,
        key_id=data[:KEY_ID_BYTES],
        signature=data[KEY_ID_BYTES:],
        canonical=write_base64(data) == encoded,
    )


def verify_note(
    note: SignedNote, *, keys: Iterable[VerifierKey], strict: bool = False, what: str = "note"
) -> tuple[VerifiedLine, ...]:
    """Return the lines of known keys, all of them valid, in the order of the note.

    Raises `Unverified` when a line of a known key does not verify, or when there
    is no line of a known key. With `strict` also for a line of an unknown key, a
    second line of one key, and base64 in another spelling.
    """
    known = {(key.name, key.key_id): key for key in keys}
    if strict:
        _require_strict(note, known, what)
    verified = []
    for line in note.lines:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if not line.canonical:
            raise Unverified(
                "note.signature_invalid", f"{what}: invalid signature of {line.name} (base64)"
            )
        try:
            timestamp = key.verify(note.text, line.signature)
        except Unverified as error:
            raise Unverified(error.code, f"{what}: invalid signature: {error.message}") from error
        verified.append(VerifiedLine(key, line, timestamp))
    if not verified:
        raise Unverified("note.no_known_signature", f"{what}: no signature of a known key")
    return tuple(verified)


def _require_strict(
    note: SignedNote, known: dict[tuple[str, bytes], VerifierKey], what: str
) -> None:
    seen: list[tuple[str, bytes]] = []
    for line in note.lines:
        place = (line.name, line.key_id)
        if place not in known:
            raise Unverified(
                "note.unknown_key", f"{what}: a signature of an unknown key, {line.name[:60]}"
            )
        if place in seen:
            raise Unverified("note.duplicate_line", f"{what}: two signatures of {line.name}")
        if not line.canonical:
            raise Unverified("note.not_canonical", f"{what}: the base64 of {line.name}'s line")
        seen.append(place)


def write_note(text: str, lines: Sequence[SignatureLine]) -> bytes:
    """Return the bytes of a note; raise `Invalid` if the text cannot stand in one."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise Invalid("note.text", "a note's text ends with a newline and has no control character")
    if not lines:
        raise Invalid("note.no_signature", "a note has at least one signature")
    return (text + "\n" + "".join(line.to_text() for line in lines)).encode()


def sign_line(text: str, *, key: SigningKey, now: Instant) -> SignatureLine:
    """Return the line that `key` adds to a note with this text."""
    return SignatureLine(key.name, key.verifier.key_id, key.sign(text, now=now))


def sign_note(text: str, *, keys: Sequence[SigningKey], now: Instant) -> bytes:
    """Return `text` signed by each of `keys`, in that order."""
    return write_note(text, [sign_line(text, key=key, now=now) for key in keys])
