# SPDX-License-Identifier: Apache-2.0
"""Legal periods: when a period that began at one instant is over.

Periods are ISO 8601 (`P60D`, `P1W`, `P3M`, `PT8H`). Intervals are half-open: a
period of 60 days that begins on 1 March at 09:00 is over on 30 April at 09:00,
and the first instant outside it is that one. Months end on the same day of the
month, or on its last day where there is none. Working days skip Saturdays,
Sundays and the given holidays; the day of the start does not count.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from comity.errors import Invalid

_PERIOD: Final = re.compile(
    r"P(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,3})W)?(?:(\d{1,4})D)?"
    r"(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?)?",
    re.ASCII,
)
RUNNING_DAYS: Final = "running_days"
HOURS: Final = "hours"
#: Units of a period, in the order in which ISO 8601 writes them.
UNITS: Final = ("years", "months", "weeks", "days", "hours", "minutes")
WORKING_DAYS: Final = "working_days"
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Period:
    """A period in calendar units; nothing is converted into anything else."""

    months: int
    days: int
    minutes: int


def read_period(text: str) -> Period:
    """Parse an ISO 8601 period, or raise `Invalid` (`law.bad_period`)."""
    match = _PERIOD.fullmatch(text)
    if match is None or not any(match.groups()):
        raise Invalid(
            "law.bad_period",
            f"{text[:20]!r} is not a period",
            hint="Write it as P60D, P1W, P3M or PT8H.",
        )
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in match.groups())
    return Period(years * 12 + months, weeks * 7 + days, hours * 60 + minutes)


def unit_of(text: str) -> str:
    """Return the smallest unit that a period names (`PT8H`: hours), one of `UNITS`.

    Raises `Invalid` (`law.bad_period`) as `read_period` does.
    """
    read_period(text)
    match = _PERIOD.fullmatch(text)
    assert match is not None  # noqa: S101  (read_period raised otherwise)
    return [unit for unit, part in zip(UNITS, match.groups(), strict=True) if part][-1]


def ends(
    start: datetime,
    period: str,
    *,
    calendar: str = RUNNING_DAYS,
    holidays: frozenset[date] = frozenset(),
) -> datetime:
    """Return the first instant after a period that began at `start`.

    Raises `Invalid` for a malformed period and for an unknown calendar.
    """
    length = read_period(period)
    if calendar not in (RUNNING_DAYS, HOURS, WORKING_DAYS):
        raise Invalid("law.unknown_calendar", f"{calendar[:40]!r} is not a calendar")
    moved = _add_months(start, length.months)
    if calendar == WORKING_DAYS:
        moved = _add_working_days(moved, length.days, holidays)
    else:
        moved += timedelta(days=length.days)
    return moved + timedelta(minutes=length.minutes)


def _add_months(start: datetime, months: int) -> datetime:
    if not months:
        return start
    index = start.year * 12 + start.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1]))


def _add_working_days(start: datetime, days: int, holidays: frozenset[date]) -> datetime:
    moved = start
    while days:
        moved += timedelta(days=1)
        if moved.weekday() < _SATURDAY and moved.date() not in holidays:
            days -= 1
    return moved
