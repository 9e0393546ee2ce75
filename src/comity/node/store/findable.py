# SPDX-License-Identifier: Apache-2.0
"""The words by which a request is found again, kept beside it in one column.

A database compares letters of other scripts each in its own way (SQLite's LIKE folds ASCII
only). So both what is stored and what is asked are folded here: compatible forms, letter case
and the digits of every script become one, invisible marks go. The column follows from the
record alone.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from comity.assistance.facts import RequestFacts

#: Longest text that is kept to be found by, in characters: room for every identifier of a request.
MAX_FINDABLE: Final = 1_200_000
#: Answers that hold a number by which officers know a case.
_NUMBERED: Final = ("preservation_reference",)
#: Unicode categories that nobody sees: formats and controls.
_INVISIBLE: Final = {"Cf": "", "Cs": "", "Cc": " "}


def folded(text: str) -> str:
    """Return `text` with letter case, compatible forms and scripts of digits made alike."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(map(_plain, plain))


def findable(*, reference: str, facts: RequestFacts) -> str:
    """Return the folded words of a request, one a line: numbers, title, identifiers, exhibits."""
    content = facts.content
    words = [reference, content.reference, facts.local_reference, content.title]
    if facts.hold is not None:
        words.append(facts.hold.local_reference)
    for name, value in facts.fields.items:
        if isinstance(value, tuple):
            words += [identifier.value for identifier in value]
        elif name in _NUMBERED:
            words.append(str(value))
    words += [number for package in facts.packages for number in package.exhibits]
    once = dict.fromkeys(folded(word) for word in words if word)
    return "\n".join(once)[:MAX_FINDABLE]


def _plain(char: str) -> str:
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    return _INVISIBLE.get(unicodedata.category(char), char)
