# SPDX-License-Identifier: Apache-2.0
"""Instants and the clock.

An instant is an aware `datetime` in UTC. On the wire and in evidence it is
written as RFC 3339 with a `Z` and whole seconds. The core never reads a clock:
functions take `now`; only the edge (node, command line) holds a `Clock`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol

from comity.errors import Invalid

Instant = datetime

_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Clock(Protocol):
    """The only source of the present time."""

    def now(self) -> Instant:
        """Return the present instant in UTC."""
        ...


def write_instant(instant: Instant) -> str:
    """Return `instant` as RFC 3339, UTC, whole seconds (`2026-11-21T09:30:00Z`)."""
    if instant.tzinfo is None:
        raise Invalid("time.naive", "an instant without a time zone cannot be written")
    # isoformat and not strftime: the latter writes the year 592 with three digits.
    utc = instant.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    return f"{utc.isoformat()}Z"


def read_instant(text: str, *, what: str = "time") -> Instant:
    """Parse the form that `write_instant` makes; raise `Invalid` on any other."""
    if not _INSTANT.fullmatch(text):
        raise Invalid(
            "time.malformed", f"{what}: {text[:40]!r} is not a UTC time like 2026-11-21T09:30:00Z"
        )
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise Invalid("time.malformed", f"{what}: {text!r} is no real date and time") from error


def later(instant: Instant, by: timedelta) -> Instant:
    """Return `instant` moved by `by`, or the last one there is if that lies beyond it.

    Times in files of others are compared with some leniency; the last minute of the
    year 9999 must not stop the comparison.
    """
    try:
        return instant + by
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def read_date(text: str, *, what: str = "date") -> date:
    """Parse an ISO 8601 calendar date (`2026-11-21`) or raise `Invalid`."""
    if not _DATE.fullmatch(text):
        raise Invalid("date.malformed", f"{what}: {text[:40]!r} is not a date like 2026-11-21")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("date.malformed", f"{what}: {text!r} is no real date") from error
