# SPDX-License-Identifier: Apache-2.0
"""How the words of the law pack are put on a page.

Coded values (states, measures, offences, fields, grounds ...) carry labels of the pack in the six
languages of the United Nations. Sentences of the pack and the engine are English; where the
catalogue has no translation of one it is shown as English, with its direction kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from comity.law.comparison import Penalty
from comity.law.dates import When
from comity.law.model import NationalOffence
from comity.node.desk import formats
from comity.node.desk.bidi import has_right_to_left, ltr, prose
from comity.node.desk.law_sentences import said_again
from comity.node.desk.words import is_source_language
from comity.node.queries import law_pack


def coded_text(code: str, vocabulary: str) -> str:
    """Return the label of a coded value in the reader's language, for options and titles."""
    language = (get_language() or "en").partition("-")[0]
    return law_pack.label(vocabulary, code, language)


def coded(code: str, vocabulary: str) -> SafeString:
    """Return the label of a coded value as HTML; in English, and marked so, where need be."""
    label = coded_text(code, vocabulary)
    if not is_source_language() and label == law_pack.label(vocabulary, code, "en"):
        return told(label)
    return prose(label)


def told(text: str) -> SafeString:
    """Return a sentence of the pack or the engine, instruments called by their short titles."""
    if is_source_language():
        return prose(law_pack.named(text))
    said = gettext(text) if text else text
    if said != text or has_right_to_left(said):
        return prose(said)
    return said_again(text, _in_place) or _in_english(text)


def _in_place(name: str, text: str) -> SafeString:
    """Return what stands in a place of a sentence: `state` by its label, `day` in one direction."""
    if name in {"state", "other", "receiver", "measure"}:
        kind = "measure" if name == "measure" else "state"
        code = law_pack.code_of(kind, re.sub(r"^[Tt]he ", "", text))
        return coded(code, kind) if code else _in_english(text)
    if name in {"day", "date"}:
        return ltr(text)
    return cite(text) if name == "article" else told(text)


def _in_english(text: str) -> SafeString:
    return format_html('<bdi lang="en" dir="ltr">{}</bdi>', law_pack.named(text))


def sentence(text: str) -> SafeString:
    """Return words of the pack with a capital at their start, to stand on a line of their own."""
    return told(text[:1].upper() + text[1:])


def cite(article: str) -> SafeString:
    """Return a citation, which may begin with the id of an instrument."""
    return formats.article(law_pack.named(article))


def numbers(given: Mapping[str, str]) -> SafeString:
    """Return the numbers of an instrument, series and value first, in one direction."""
    first = " ".join(filter(None, (given.get("series"), given.get("value"))))
    more = [f"{name} {value}" for name, value in given.items() if name not in ("series", "value")]
    return ltr("; ".join(filter(None, (first, *more))))


def provision(row: NationalOffence | Penalty) -> SafeString:
    """Return law and provision of a national offence, in one direction."""
    return told(f"{row.law} {row.provision}".strip())


def when(value: When | None) -> SafeString:
    """Return a date of the law as the record writes it: a day, a month or a year."""
    if value is None:
        return format_html('<span class="soft">{}</span>', gettext("not recorded"))
    return ltr(value.text)


def years(months: int) -> SafeString:
    """Return a length of imprisonment: years where it is whole years."""
    whole, rest = divmod(months, 12)
    return formats.period(f"P{months}M" if rest else f"P{whole}Y")


def penalty(row: NationalOffence | Penalty) -> SafeString:
    """Return the maximum penalty of a national provision in words."""
    basic = _maximum(row.max_months, life=row.max_life) or format_html(
        '<span class="soft">{}</span>', gettext("maximum not recorded")
    )
    graver = _maximum(row.aggravated_max_months, life=row.aggravated_life)
    if not graver:
        return basic
    return format_html("{}; {}", basic, format_html(gettext("graver forms: {}"), graver))


def _maximum(months: int | None, *, life: bool) -> SafeString:
    if life:
        return prose(gettext("life"))
    return SafeString("") if months is None else format_html(gettext("up to {}"), years(months))
