# SPDX-License-Identifier: Apache-2.0
"""The clock of this machine: the only one that the command line reads."""

from __future__ import annotations

from datetime import UTC, datetime

from comity.canonical.time import Instant


class SystemClock:
    """The machine's time, in whole seconds: what records can state."""

    def now(self) -> Instant:
        """Return the present instant in UTC."""
        return datetime.now(tz=UTC).replace(microsecond=0)


def local_offset() -> str:
    """Return how far the machine's local time is from UTC: `+02:00`."""
    text = datetime.now().astimezone().strftime("%z")
    return f"{text[:3]}:{text[3:5]}"
