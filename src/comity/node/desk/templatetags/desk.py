# SPDX-License-Identifier: Apache-2.0
"""The filters and tags of the desk's templates.

`ltr` prints identifiers, dates, numbers and digests; `prose` prints what a person typed; `say`
prints a sentence of the core. There is no other way to put a value on a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi, pgettext

from comity.node.desk import bidi, chart, facts, formats, labels, words
from comity.node.queries.views import CustodyStep

register = template.Library()


class Cited(Protocol):
    """A legal basis, of a request or of an answer of the law."""

    @property
    def title(self) -> str:
        """The instrument's title."""
        ...

    @property
    def article(self) -> str:
        """The article."""
        ...


@register.filter
def ltr(value: object) -> SafeString:
    """Print an identifier from left to right wherever it stands."""
    return bidi.ltr(value)


@register.filter
def prose(value: str) -> SafeString:
    """Print typed text, its identifiers isolated."""
    return bidi.prose(value)


@register.filter
def name(value: str) -> SafeString:
    """Print a person's or an authority's name in its own direction."""
    return format_html("<bdi>{}</bdi>", value)


@register.filter
def say(value: str) -> SafeString:
    """Print a label or sentence of the core in the reader's language."""
    return words.say(value)


@register.filter
def labelled(value: str) -> SafeString:
    """Print `label: text`: the label is a word of the core, the text somebody's own."""
    word, colon, text = value.partition(": ")
    return format_html("{}: {}", words.say(word), bidi.prose(text)) if colon else bidi.prose(word)


@register.filter
def said(value: str) -> str:
    """Return a label of the core in the reader's language, for attributes and options."""
    return words.translated(value)


@register.filter
def article(value: str) -> SafeString:
    """Print the number of an article, which runs from left to right: `29(2)(a)`."""
    return formats.article(value)


@register.filter
def period(value: str) -> SafeString:
    """Print an ISO 8601 period in words: `P60D` is *60 days*."""
    return formats.period(value)


@register.filter
def fact(value: str) -> SafeString:
    """Print the value of a labelled fact: an instant, an identifier, a word of ours, or text."""
    return facts.fact(value)


@register.filter
def utc(value: datetime) -> SafeString:
    """Print an instant in UTC."""
    return formats.utc(value)


@register.filter
def instant(value: datetime) -> SafeString:
    """Print an instant in UTC and local time."""
    return formats.instant(value)


@register.filter
def day(value: date | datetime) -> SafeString:
    """Print a legal date."""
    return formats.day(value)


@register.filter
def number(value: int) -> SafeString:
    """Print a whole number."""
    return formats.number(value)


@register.filter
def size(value: int) -> SafeString:
    """Print a size in bytes."""
    return formats.size(value)


@register.filter
def short(value: str) -> SafeString:
    """Print the first twelve characters of a digest."""
    return bidi.ltr(f"{value[:12]}…")


@register.filter
def label(value: str, table: str) -> str:
    """Return the desk's own word for a status: `{{ section.status|label:"section" }}`."""
    return labels.label(table, value)


@register.filter
def look(value: str, table: str) -> str:
    """Return the class of a status tag."""
    return labels.look(table, value)


@register.simple_tag
def custody_chart(steps: Sequence[CustodyStep]) -> chart.Chart:
    """Return the drawing of a chain of custody for the page's direction."""
    return chart.custody_chart(steps, mirrored=get_language_bidi())


@register.inclusion_tag("desk/parts/tag.html")
def status(value: str, table: str) -> dict[str, str]:
    """Print a status tag: always a word, never colour alone."""
    return {"text": labels.label(table, value), "look": labels.look(table, value)}


@register.simple_tag
def comma() -> str:
    """Print what stands between two items of a list in the reader's language."""
    return pgettext("between two items", ", ")


@register.simple_tag
def basis(chosen: Cited) -> SafeString:
    """Print a legal basis: instrument and article."""
    if not chosen.article:
        return words.say(chosen.title)
    return format_html("{}{}{}", words.say(chosen.title), comma(), formats.article(chosen.article))
