# SPDX-License-Identifier: Apache-2.0
"""Where the program `comity` begins: it can be interrupted before anything else is loaded.

What it needs takes a moment to import. Whoever interrupts it then sees no traceback;
nothing has been done yet, so the process just ends.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Final, NoReturn

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_INTERRUPTED: Final = 130


def main() -> NoReturn:
    """Run `comity` with the arguments of this process."""
    on_ending(_end_at_once)
    from comity.cli.main import main as program

    program()


def on_ending(handler: Callable[[int, FrameType | None], NoReturn]) -> None:
    """Have `handler` called on Ctrl-C, SIGTERM and SIGHUP, unless they are ignored (nohup)."""
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _end_at_once(_number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
