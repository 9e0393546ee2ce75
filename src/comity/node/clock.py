# SPDX-License-Identifier: Apache-2.0
"""The clock of a node: the only place of Comity's node that reads the time of day.

Services take `now`; views, worker and commands get it from `clock()`. Tests of
whole processes move a node's clock with the environment variable
`COMITY_CLOCK_OFFSET` (whole seconds, may be negative): a node started with it
says so in its log at every start, and `comity-node check` reports it.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Final

from comity.canonical.time import Clock, Instant
from comity.errors import Invalid

OFFSET_VARIABLE: Final = "COMITY_CLOCK_OFFSET"


class SystemClock:
    """The computer's clock, whole seconds, moved by `offset`."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self.offset = offset

    def now(self) -> Instant:
        """Return the present instant in UTC, without fractions of a second."""
        return (datetime.now(UTC) + self.offset).replace(microsecond=0)


class _Holder:
    clock: Clock | None = None


def clock() -> Clock:
    """Return the clock of this process."""
    if _Holder.clock is None:
        _Holder.clock = SystemClock(_offset(os.environ.get(OFFSET_VARIABLE, "0")))
    return _Holder.clock


def set_clock(replacement: Clock | None) -> None:
    """Use `replacement` in this process; None returns to the system's clock. For tests."""
    _Holder.clock = replacement


def _offset(text: str) -> timedelta:
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit():
        raise Invalid("config.clock_offset", f"{OFFSET_VARIABLE}: {text!r} is not whole seconds")
    return timedelta(seconds=int(text))
