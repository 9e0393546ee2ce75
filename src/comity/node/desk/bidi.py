# SPDX-License-Identifier: Apache-2.0
"""Keeps identifiers in their own order inside text of any direction.

After an Arabic letter the Unicode bidirectional algorithm (UAX #9, rules W2 and W4) sets
`2026-03-01` as `01-03-2026` and `203.0.113.1-203.0.113.9` with its ends exchanged. The text is
stored clean; the isolates are added here, when it is rendered, and nowhere else.

`ltr` is the only way to print an identifier, date, number, hash or address; `prose` is the only
way to print what a person typed.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

#: Letters of scripts that run from right to left (Hebrew to Arabic Extended, presentation forms).
_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
#: A stretch of Latin letters, digits and the signs between them, blanks included.
_SIGNS: Final = r"[\x21-\x7e\u00a0-\u024f\u2010-\u2015\u2116\u00a7]+"
_STRETCH: Final = re.compile(rf"{_SIGNS}(?:[ \u00a0]{_SIGNS})*")
#: A word that holds a digit and does not begin with a letter.
_NUMBER: Final = re.compile(rf"(?<!\S)(?![A-Za-z\u00c0-\u024f])(?=\S*[0-9]){_SIGNS}")
_STRONG: Final = frozenset({"L", "R", "AL"})
#: Longest identifier that is kept on one line, in characters; fits a narrow telephone.
_WHOLE: Final = 24
_TRAILING: Final = " .,;:!?\"'`([{<«»"
_LEADING: Final = " .,;:!?\"'`)]}>«»"
_PAIRS: Final = {")": "(", "]": "[", "}": "{", ">": "<"}
_WORD: Final = re.compile(r"[0-9A-Za-z\u00c0-\u024f]")
#: Embeddings and overrides turn the order of what follows and are shown, never obeyed.
_OVERRIDES: Final = re.compile("[\u202a-\u202e]")


def ltr(value: object) -> SafeString:
    """Return `value` in an isolate that runs from left to right, whatever stands around it.

    A short one is never broken over two lines: `2026-03-01` is one word.
    """
    text = str(value)
    if len(text) <= _WHOLE and not any(char.isspace() for char in text):
        return format_html('<bdi dir="ltr" class="whole">{}</bdi>', text)
    return format_html('<bdi dir="ltr">{}</bdi>', text)


def has_right_to_left(text: str) -> bool:
    """Return whether any letter of `text` runs from right to left."""
    return bool(_RIGHT_TO_LEFT.search(text))


def prose(text: str) -> SafeString:
    """Return typed text as HTML: escaped, overrides made visible, identifiers isolated."""
    if not has_right_to_left(text):
        return mark_safe(_reveal(escape(text)))  # noqa: S308 - escaped on this line
    if _begins_left_to_right(text):
        return _left_to_right(text)
    parts: list[str] = []
    position = 0
    for match in _STRETCH.finditer(text):
        start, end = _trim(text, match.start(), match.end())
        if start >= end:
            continue
        parts.append(escape(text[position:start]))
        parts.append(ltr(text[start:end]))
        position = end
    parts.append(escape(text[position:]))
    return mark_safe(_reveal("".join(parts)))  # noqa: S308 - every part was escaped above


def _begins_left_to_right(text: str) -> bool:
    """Return whether the first letter runs from left to right, as `dir=auto` would find."""
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((one for one in strong if one in _STRONG), "R") == "L"


def _left_to_right(text: str) -> SafeString:
    """Return a sentence of, say, English in which right-to-left names occur.

    Its words are no identifiers. Were they isolated, two names with a word between them would
    exchange their places, and `dir=auto` would take the sentence for one of the names' script.
    Only what begins with a digit or a sign needs an isolate here: it may follow a name.
    """
    parts: list[str] = []
    position = 0
    for match in _NUMBER.finditer(text):
        start, end = _trim(text, match.start(), match.end())
        if start < end:
            parts += [escape(text[position:start]), ltr(text[start:end])]
            position = end
    parts.append(escape(text[position:]))
    whole = _reveal("".join(parts))
    return mark_safe(f'<bdi dir="ltr">{whole}</bdi>')  # noqa: S308 - every part was escaped above


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave the punctuation of the sentence outside, but keep brackets in pairs."""
    while start < end and text[start] in _LEADING and not text.startswith("::", start, end):
        start += 1
    while start < end and (_ends_sentence(text[start:end]) or _unpaired(text[start:end])):
        end -= 1
    while (
        start < end
        and text[start] in "([{<"
        and text[start:end].count(text[start]) > text[start:end].count(_closing(text[start]))
    ):
        start += 1
    stretch = text[start:end]
    return (start, end) if _WORD.search(stretch) or stretch == "::" else (end, end)


def _ends_sentence(stretch: str) -> bool:
    """An IPv6 address may end in two colons; every other mark belongs to the sentence."""
    return stretch[-1] in _TRAILING and not stretch.endswith("::")


def _closing(opening: str) -> str:
    return next(closing for closing, other in _PAIRS.items() if other == opening)


def _unpaired(stretch: str) -> bool:
    last = stretch[-1]
    return last in _PAIRS and stretch.count(last) > stretch.count(_PAIRS[last])


def _reveal(html: str) -> str:
    return _OVERRIDES.sub(lambda match: f'<b class="revealed">U+{ord(match[0]):04X}</b>', html)
