# SPDX-License-Identifier: Apache-2.0
"""Telling the worker that there may be something to do.

A wake-up is only a hint: whoever misses it finds the work at the next poll,
because the work is a row. Any process of the node may wake the worker (the
console and the operator's commands are processes of their own), so the hint is
the time stamp of a file beside the database.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

FILE_NAME: Final = "wake"
_hint: Final = threading.Condition()


def wake() -> None:
    """Wake the worker at once."""
    path: Path = settings.CONFIG.folder / FILE_NAME
    path.touch()
    with _hint:
        _hint.notify_all()


def wake_after_commit() -> None:
    """Wake the worker when the present transaction is committed."""
    transaction.on_commit(wake)


def last_wake() -> int:
    """Return the time stamp of the last hint in nanoseconds, 0 if there was none."""
    try:
        return (settings.CONFIG.folder / FILE_NAME).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def wait(seconds: float) -> None:
    """Wait until a wake-up from this process, at most `seconds`."""
    with _hint:
        _hint.wait(seconds)
