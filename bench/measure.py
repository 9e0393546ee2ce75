# SPDX-License-Identifier: Apache-2.0
"""How a comparison is written down and measured.

A file `bench/<part>_bench.py` has a tuple `COMPARISONS`. Each compares one
thing of ours with the same thing done by a named peer on the same input. The two
take turns, so that a busy moment of the machine hits both, and the median of
at least five rounds counts. Set-up is done before the clock starts: `ours` and
`peer` do the work and nothing else.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

LEAST_ROUNDS = 5


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One row of the table.

    `ours` and `peer` each do `amount` pieces of `unit` once and return whatever they like.
    `prepare` runs before each turn of either, unmeasured; what it returns is their argument.
    `goal` is the highest ratio of our time to the peer's that we are content with.
    """

    name: str
    unit: str
    amount: float
    ours: Callable[[object], object]
    peer: Callable[[object], object] | None
    peer_name: str
    prepare: Callable[[], object] = lambda: None
    goal: float | None = None
    rounds: int = LEAST_ROUNDS


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Medians in seconds of processor time, children included."""

    comparison: Comparison
    ours: float
    peer: float | None

    @property
    def ratio(self) -> float | None:
        """Our time over the peer's: below 1 we are quicker."""
        return None if self.peer is None else self.ours / self.peer

    @property
    def content(self) -> bool:
        """Whether the ratio is within the goal, where there is one."""
        goal = self.comparison.goal
        return goal is None or self.ratio is None or self.ratio <= goal


def _processor_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _turn(comparison: Comparison, work: Callable[[object], object]) -> float:
    prepared = comparison.prepare()
    before, started = _processor_seconds(), time.perf_counter()
    work(prepared)
    elapsed = time.perf_counter() - started
    processor = _processor_seconds() - before
    # os.times counts in hundredths: for short work the wall clock is the better measure.
    return processor if processor > 0.2 else elapsed


def measure(comparison: Comparison) -> Measured:
    """Run both in turns and return their medians."""
    rounds = max(LEAST_ROUNDS, comparison.rounds)
    ours: list[float] = []
    peer: list[float] = []
    for _ in range(rounds):
        ours.append(_turn(comparison, comparison.ours))
        if comparison.peer is not None:
            peer.append(_turn(comparison, comparison.peer))
    return Measured(comparison=comparison, ours=median(ours), peer=median(peer) if peer else None)
