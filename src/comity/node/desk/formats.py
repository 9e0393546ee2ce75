# SPDX-License-Identifier: Apache-2.0
"""Dates, times, sizes and periods as an officer reads them.

One formatter for every page: CLDR through Babel. Django's own formats print Arabic and Spanish
dates wrongly. UTC in ISO 8601 digits always stands first, because a court reads it; the
authority's local time stands beside it.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from math import inf
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, to_locale

from comity.node.desk.bidi import ltr

_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB")
_STEP: Final = 1024
_PERIOD: Final = re.compile(r"P(T?)(\d{1,6})([YMWDH])", re.ASCII)
_Unit = Literal["year", "month", "week", "day", "hour", "minute"]
#: Babel's own lengths, so that the number which goes in comes out.
_SECONDS: Final[dict[_Unit, int]] = {
    "year": 31_536_000,
    "month": 2_592_000,
    "week": 604_800,
    "day": 86_400,
    "hour": 3_600,
    "minute": 60,
}
_PERIOD_UNITS: Final[dict[str, _Unit]] = {
    "Y": "year",
    "M": "month",
    "W": "week",
    "D": "day",
    "TH": "hour",
    "TM": "minute",
}


def babel_locale() -> Locale:
    """Return the reader's locale; English where Babel knows none."""
    try:
        return Locale.parse(to_locale(get_language() or "en"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def utc(value: datetime) -> SafeString:
    """Return the instant in UTC digits: `2026-11-21 09:30 UTC`, machine-readable too."""
    moment = value.astimezone(UTC)
    return format_html(
        '<time datetime="{}">{}</time>',
        moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        ltr(moment.strftime("%Y-%m-%d %H:%M UTC")),
    )


def local(value: datetime) -> SafeString:
    """Return the instant at the authority's own place in words; empty where that place is UTC."""
    zone = _zone()
    if zone.key == "UTC":
        return SafeString("")
    moment = value.astimezone(zone)
    # Translators: a CLDR date pattern; only its punctuation and order may change.
    pattern = gettext("d MMMM y, HH:mm")
    text = format_datetime(moment, pattern, tzinfo=zone, locale=babel_locale())
    return format_html(
        '<bdi class="local">{}</bdi>', gettext("%(time)s local time") % {"time": text}
    )


def instant(value: datetime) -> SafeString:
    """Return UTC digits, then local time where it differs."""
    here = local(value)
    if not here:
        return utc(value)
    return format_html('{} <span class="soft">({})</span>', utc(value), here)


def day(value: date | datetime) -> SafeString:
    """Return a legal date in words and digits: `20 January 2027 (2027-01-20)`."""
    plain = value.astimezone(UTC).date() if isinstance(value, datetime) else value
    words = format_date(plain, "d MMMM y", locale=babel_locale())
    return format_html(
        '<time datetime="{}"><bdi>{}</bdi> ({})</time>', plain.isoformat(), words, ltr(plain)
    )


def article(value: str) -> SafeString:
    """Return a citation: `art. 29(2)(a)`, its number isolated."""
    cited = value.removeprefix("art. ")
    return format_html(gettext("art. {}"), ltr(cited)) if cited[:1].isdigit() else ltr(cited)


def period(value: str) -> SafeString:
    """Return an ISO 8601 period in words, or as it is where it is not a simple one."""
    match = _PERIOD.fullmatch(value)
    if match is None:
        return ltr(value)
    unit = _PERIOD_UNITS[match[1] + match[3]]
    # Not format_unit: for days and months it finds no Arabic and falls back to the root's "day".
    words = format_timedelta(
        int(match[2]) * _SECONDS[unit], granularity=unit, threshold=inf, locale=babel_locale()
    )
    return format_html("<bdi>{}</bdi>", words)


def number(value: int) -> SafeString:
    """Return a whole number, grouped as the reader's language groups it."""
    return ltr(format_decimal(value, locale=babel_locale()))


def size(value: int) -> SafeString:
    """Return a size in bytes, and in a rounder unit where that helps."""
    amount, unit = float(value), 0
    while amount >= _STEP and unit < len(_UNITS) - 1:
        amount /= _STEP
        unit += 1
    exact = f"{value} B"
    if not unit:
        return ltr(exact)
    rounded = format_decimal(round(amount, 1), locale=babel_locale())
    return ltr(f"{rounded} {_UNITS[unit]} ({exact})")


def _zone() -> ZoneInfo:
    """The authority's own place, from the node's settings."""
    return ZoneInfo(settings.CONFIG.time_zone)
