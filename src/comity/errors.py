# SPDX-License-Identifier: Apache-2.0
"""Every error Comity raises on purpose, in five families.

The family says what the reader should do next; the `code` is a stable machine
name that scripts and peers may rely on; the message says what happened and
where; the hint says what to do. Transports (desk, wire, command line) map
families to their own forms in exactly one place each, so an error knows
nothing of HTTP. Anything that is not a `ComityError` is a bug.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

#: Longest text of an error or a report line, in characters; the rest is cut off.
MAX_LINE: Final = 4_000
_JOINERS: Final = frozenset("\u200c\u200d")
_FIRST_BYTE: Final = "\udc80"
_LAST_BYTE: Final = "\udcff"


def one_line(text: str, *, limit: int = MAX_LINE) -> str:
    r"""Return `text` as one line that shows what it holds, at most `limit` characters and a mark.

    Line ends, control characters, signs that turn the reading direction or show
    nothing, and bytes of file names that are no text become escapes (`\n`,
    `\x1b`, `\u202e`). Spaces and the joiners that several scripts need stay. What a
    hostile file says can so neither forge a line of a report nor move a cursor.
    """
    shown = text if len(text) <= limit else f"{text[:limit]}…"
    return shown if shown.isprintable() else "".join(map(_visible, shown))


def _visible(char: str) -> str:
    if char.isprintable() or char in _JOINERS or unicodedata.category(char) == "Zs":
        return char
    if _FIRST_BYTE <= char <= _LAST_BYTE:  # how Python writes the bytes of such a name
        return f"\\x{ord(char) & 0xFF:02x}"
    return char.encode("unicode_escape").decode("ascii")


class ComityError(Exception):
    """Base of all anticipated errors.

    `code` is dotted, lower case and stable (`protocol.signature_invalid`).
    Message and hint are kept as one line each (`one_line`), since they may quote a file.
    `details` holds machine-readable facts: strings, integers or lists of these.
    """

    family: ClassVar[str] = "error"
    #: Exit status of the command line; 2 is kept for usage errors.
    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str = "",
        details: Mapping[str, object] | None = None,
    ) -> None:
        self.code = code
        self.message = one_line(message)
        self.hint = one_line(hint)
        super().__init__(self.message)
        self.details: dict[str, object] = dict(details or {})

    def __str__(self) -> str:
        text = f"{self.message} [{self.code}]"
        return f"{text}\n{self.hint}" if self.hint else text


class Refused(ComityError):
    """Not allowed now. `reasons` lists everything that stands in the way."""

    family = "refused"
    exit_code = 5

    def __init__(
        self,
        code: str,
        message: str,
        *,
        reasons: Iterable[str] = (),
        hint: str = "",
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(code, message, hint=hint, details=details)
        self.reasons: tuple[str, ...] = tuple(one_line(reason) for reason in reasons)

    def __str__(self) -> str:
        lines = [f"{self.message} [{self.code}]"]
        lines += [f"  - {reason}" for reason in self.reasons]
        if self.hint:
            lines.append(self.hint)
        return "\n".join(lines)


class Invalid(ComityError):
    """Input is malformed; the message says where and what was expected."""

    family = "invalid"
    exit_code = 3


class Unverified(ComityError):
    """A signature, digest or proof failed. Never retry; never ignore."""

    family = "unverified"
    exit_code = 1


class Unavailable(ComityError):
    """A resource is out of reach just now: disk, device, peer. Try again later."""

    family = "unavailable"
    exit_code = 4


class Conflict(ComityError):
    """The same identity stands for different content."""

    family = "conflict"
    exit_code = 5
