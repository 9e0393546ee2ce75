# SPDX-License-Identifier: Apache-2.0
"""The filters and tags of the pages about the law: coded values, sentences, dates, citations."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from comity.law.comparison import Penalty
from comity.law.dates import When
from comity.law.model import NationalOffence
from comity.node.desk import law_words
from comity.node.queries import law_pack

register = template.Library()


@register.filter
def coded(code: str, vocabulary: str) -> SafeString:
    """Print a coded value: `{{ measure|coded:"measure" }}`."""
    return law_words.coded(code, vocabulary)


@register.filter
def coded_text(code: str, vocabulary: str) -> str:
    """Return the label of a coded value, for titles and attributes."""
    return law_words.coded_text(code, vocabulary)


@register.filter
def told(text: str) -> SafeString:
    """Print a sentence of the pack or of the engine."""
    return law_words.told(text)


@register.filter
def sentence(text: str) -> SafeString:
    """Print words of the pack that stand alone, with a capital at their start."""
    return law_words.sentence(text)


@register.filter
def cite(article: str) -> SafeString:
    """Print a citation."""
    return law_words.cite(article)


@register.filter
def numbers(given: dict[str, str]) -> SafeString:
    """Print the numbers of an instrument."""
    return law_words.numbers(given)


@register.filter
def provision(row: NationalOffence | Penalty) -> SafeString:
    """Print law and provision of a national offence."""
    return law_words.provision(row)


@register.filter
def when(value: When | None) -> SafeString:
    """Print a date of the law, or that it is not recorded."""
    return law_words.when(value)


@register.filter
def penalty(row: NationalOffence | Penalty) -> SafeString:
    """Print the maximum penalty of a provision."""
    return law_words.penalty(row)


@register.filter
def years(months: int) -> SafeString:
    """Print a length of imprisonment given in months."""
    return law_words.years(months)


@register.filter
def place(places: dict[str, str], field: str) -> str:
    """Return the paragraph that asks for a field, if the provision has one."""
    return places.get(field, "")


@register.filter
def is_instrument(code: str) -> bool:
    """Return whether the pack has a page of its own for this basis."""
    return law_pack.is_instrument(code)
