# SPDX-License-Identifier: Apache-2.0
"""Dates of the law, which are not always known to the day.

A treaty list may say "1969" or "June 2024". Such a date is kept as what it is: a
span from its first to its last possible day. Asking about a day inside the span
has no certain answer, and the engine says so instead of choosing one.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final

from comity.errors import Invalid

_FORM: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class When:
    """A date known to the day, the month or the year; `text` is how the record writes it."""

    earliest: date
    latest: date
    text: str

    @property
    def exact(self) -> bool:
        """Whether the day is known."""
        return self.earliest == self.latest

    def begun(self, on: date) -> bool | None:
        """Whether the day has come on `on`; None while that cannot be said."""
        if on < self.earliest:
            return False
        return True if on >= self.latest else None


def read_when(text: str, *, what: str) -> When:
    """Parse `2009`, `2009-07` or `2009-07-01`, or raise `Invalid` (`law.date_in_words`)."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise Invalid(
            "law.date_in_words",
            f"{what}: {text[:40]!r} is not a date",
            hint="Write the date as 2009-07-01, or 2009-07 or 2009 if the day is not known.",
        )
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None  # noqa: S101  (the pattern requires it)
    try:
        first = date(year, month or 1, day or 1)
        last_month = month or 12
        last = date(year, last_month, day or monthrange(year, last_month)[1])
    except ValueError as error:
        raise Invalid(
            "law.no_such_date",
            f"{what}: {text!r} does not exist in the calendar",
            hint="Check the month and the day.",
        ) from error
    return When(first, last, text)
