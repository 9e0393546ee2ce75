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
    Goals, where there are any: `goal` is the highest ratio of our time to the peer's,
    `seconds` the longest time for one piece, `behind` the longest time that ours may take
    beyond the peer's, and `megabytes` the most memory, which `ours` then returns.
    """

    name: str
    unit: str
    amount: float
    ours: Callable[[object], object]
    peer: Callable[[object], object] | None
    peer_name: str
    prepare: Callable[[], object] = lambda: None
    goal: float | None = None
    seconds: float | None = None
    behind: float | None = None
    megabytes: float | None = None
    rounds: int = LEAST_ROUNDS


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Medians in seconds of processor time, children included."""

    comparison: Comparison
    ours: float
    peer: float | None
    held: float | None = None
    """Megabytes, where there is a goal for them."""

    @property
    def ratio(self) -> float | None:
        """Our time over the peer's: below 1 we are quicker."""
        return None if self.peer is None else self.ours / self.peer

    @property
    def goals(self) -> list[tuple[str, bool]]:
        """Each goal in words, and whether it is met."""
        item = self.comparison
        each = self.ours / item.amount
        found: list[tuple[str, bool]] = []
        if item.goal is not None and self.ratio is not None:
            found.append((f"ratio {self.ratio:.2f} of {item.goal:g}", self.ratio <= item.goal))
        if item.seconds is not None:
            found.append((f"{each:.2g} s of {item.seconds:g} s", each <= item.seconds))
        if item.behind is not None and self.peer is not None:
            beyond = self.ours - self.peer
            found.append((f"{beyond:.2g} s behind of {item.behind:g} s", beyond <= item.behind))
        if item.megabytes is not None and self.held is not None:
            found.append(
                (f"{self.held:.0f} MB of {item.megabytes:g} MB", self.held <= item.megabytes)
            )
        return found

    @property
    def content(self) -> bool:
        """Whether every goal is met, where there is one."""
        return all(met for _, met in self.goals)


def _processor_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _turn(comparison: Comparison, work: Callable[[object], object]) -> tuple[float, object]:
    prepared = comparison.prepare()
    before, started = _processor_seconds(), time.perf_counter()
    result = work(prepared)
    elapsed = time.perf_counter() - started
    processor = _processor_seconds() - before
    # os.times counts in hundredths: for short work the wall clock is the better measure.
    return (processor if processor > 0.2 else elapsed), result


def measure(comparison: Comparison) -> Measured:
    """Run both in turns and return their medians."""
    rounds = max(LEAST_ROUNDS, comparison.rounds)
    ours: list[float] = []
    peer: list[float] = []
    held: list[float] = []
    for _ in range(rounds):
        taken, result = _turn(comparison, comparison.ours)
        ours.append(taken)
        if comparison.megabytes is not None and isinstance(result, int | float):
            held.append(result)
        if comparison.peer is not None:
            peer.append(_turn(comparison, comparison.peer)[0])
    return Measured(
        comparison=comparison,
        ours=median(ours),
        peer=median(peer) if peer else None,
        held=max(held) if held else None,
    )
