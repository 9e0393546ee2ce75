# SPDX-License-Identifier: Apache-2.0
"""How a line is made, and how penalties, lists and instruments are written in a sentence."""

from __future__ import annotations

import re
from typing import Final

from comity.law.findings import Reason
from comity.law.model import Instrument
from comity.law.origin import Origin
from comity.law.pack import Pack
from comity.law.standing import Bound

#: Whether a finding speaks for a basis, against it, or leaves it open.
WEIGHT: Final = {Bound.YES: "for", Bound.NO: "against", Bound.UNKNOWN: "open"}


def reason(
    text: str,
    origin: Origin,
    *,
    article: str = "",
    weight: str = "for",
    code: str = "",
    facts: tuple[str, ...] = (),
) -> Reason:
    """Return a line that rests on the record `origin` and looked at `facts`."""
    return Reason(
        text=text,
        article=article,
        record=origin.record,
        source=origin.sources,
        confidence=origin.confidence,
        weight=weight,
        code=code,
        facts=facts,
        pack=origin.pack,
        corrected=origin.corrected,
    )


def the(instrument: Instrument, *, start: bool = False) -> str:
    """Return the short title as it stands in a sentence."""
    return f"{'The' if start else 'the'} {instrument.short}"


def name_of(code: str, pack: Pack, *, start: bool = False) -> str:
    """Return the name of a state as it stands in an English sentence."""
    name = pack.label("state", code)
    if not pack.states[code].with_article:
        return name
    return f"{'The' if start else 'the'} {name}"


def years(months: int) -> str:
    """Write a penalty as people do."""
    if months % 12 == 0:
        count = months // 12
        return f"{count} year" + ("s" if count != 1 else "")
    return f"{months} months"


def joined(words: tuple[str, ...] | list[str]) -> str:
    """Write a list as people do."""
    *first, last = words or ("",)
    return f"{', '.join(first)} and {last}" if first else last


def sentence(text: str) -> str:
    """Return `text` with a capital at its start and a full stop at its end."""
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


_NUMBER: Final = r"\d+[a-z]?(?:\(\w+\))*\??"
#: A rule of which the pack keeps nothing but where it stands: "13", "10(5)? / 13", "8, 7".
_NUMBERS: Final = rf"{_NUMBER}(?:(?:, | / ){_NUMBER})*"
_ONLY_A_NUMBER: Final = re.compile(
    rf"(?:as |art )?(?P<there>(?:(?P<of>[a-z]\w*_\d+) art )?{_NUMBERS}(?: [a-z]\w*_\d+)?)",
    re.ASCII,
)


def in_words(text: str) -> str:
    """Write a rule so that a bare article number is not taken for the rule itself."""
    match = _ONLY_A_NUMBER.fullmatch(text)
    if match is None:
        return text
    there = match["there"].replace("?", "")
    where = there if match["of"] else f"article {there}"
    doubt = " (the paragraph is not certain)" if "?" in text else ""
    return f"see {where}{doubt}; not summarised here"


def with_article(text: str) -> str:
    """Write a rule that the pack keeps as a bare article number so that it can be read."""
    return f"article {text}" if text[:1].isdigit() else text


def cited(article: str) -> str:
    """Write a reference: `art 29(7)`, but words as they are."""
    return f"art {article}" if article[:1].isdigit() else article
