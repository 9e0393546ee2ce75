# SPDX-License-Identifier: Apache-2.0
"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from comity.canonical.time import Instant

#: Where every story begins unless its test says otherwise. A Monday, mid-morning.
STORY_BEGINS: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class SetClock:
    """The `Clock` of the tests: `now` never changes by itself.

    Time does not run backwards by accident: `advance` refuses a negative step.
    A test about a clock that was set wrong says so with `set`.
    """

    def __init__(self, start: Instant = STORY_BEGINS) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at an aware instant")
        self._now = start

    def now(self) -> Instant:
        """Return the instant the test last set."""
        return self._now

    def advance(
        self, *, days: int = 0, hours: int = 0, minutes: int = 0, seconds: int = 0
    ) -> Instant:
        """Move forward and return the new instant."""
        step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if step < timedelta(0):
            raise ValueError("time does not run backwards: use set() for a wrong clock")
        self._now += step
        return self._now

    def set(self, instant: Instant) -> None:
        """Stand at `instant`, earlier or later."""
        if instant.tzinfo is None:
            raise ValueError("a clock is set to an aware instant")
        self._now = instant
