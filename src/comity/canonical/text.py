# SPDX-License-Identifier: Apache-2.0
"""Text that people wrote, in any script, stored clean.

A stored text holds no control character but newline and tab, and none of the
characters that turn the reading direction of what follows (U+202A to U+202E,
U+2066 to U+2069): they would let a text show other than it is, and break search
and digests. Pages add isolation when they render. Arabic, Chinese, combining
marks and joiners pass unchanged.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from comity.errors import Invalid

_BIDIRECTIONAL: Final = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
_NOT_CHARACTERS: Final = frozenset(
    map(
        chr,
        (*range(0xFDD0, 0xFDF0), *(p << 16 | low for p in range(17) for low in (0xFFFE, 0xFFFF))),
    )
)
#: Letters and signs that show nothing: fillers of Hangul, the empty pattern of Braille.
_FILLERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_LINE_ENDS: Final = str.maketrans({"\u0085": "\n", "\u2028": "\n", "\u2029": "\n\n"})


def check_text(
    text: str, *, what: str, limit: int, lines: bool = False, blank: bool = False
) -> str:
    """Return `text` unchanged, or raise `Invalid` naming `what`.

    At most `limit` characters (Unicode code points). Newline and tab only where
    `lines` is true. Text that shows nothing (`is_blank`) only where `blank` is true.
    """
    if len(text) > limit:
        raise Invalid("text.too_long", f"{what}: {len(text)} characters, at most {limit} are taken")
    for place, char in enumerate(text):
        if char.isalnum() or char == " ":
            continue
        if char in "\n\t" and lines:
            continue
        _refuse(char, place, what)
    if not blank and is_blank(text):
        raise Invalid("text.blank", f"{what}: must not be empty")
    return text


def is_blank(text: str) -> bool:
    """Tell whether a reader of `text` sees nothing: white space, joiners, fillers, bare accents."""
    return not any(unicodedata.category(c)[0] in "LNPS" and c not in _FILLERS for c in text)


def tidy_text(text: str) -> str:
    """Return what a form sent in the form that is stored.

    Line ends become newlines, white space at the ends of lines and of the whole
    goes, and composed characters are used (NFC), so that the same words typed on
    two machines have one digest. Nothing else changes; `check_text` judges it.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_LINE_ENDS)
    text = unicodedata.normalize("NFC", text)
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def _refuse(char: str, place: int, what: str) -> None:
    code = ord(char)
    where = f"{what}: character {place + 1} is U+{code:04X}"
    if char in _BIDIRECTIONAL:
        raise Invalid(
            "text.bidirectional_control",
            f"{where}, which turns the reading direction",
            hint="Delete the invisible character; pages set the direction themselves.",
        )
    category = unicodedata.category(char)
    if category in {"Cc", "Zl", "Zp"}:
        raise Invalid(
            "text.control_character",
            f"{where}, a control character",
            hint="Type the text again, or paste it without formatting.",
        )
    if category == "Cs" or char in _NOT_CHARACTERS:
        raise Invalid("text.not_a_character", f"{where}, which is no character")
