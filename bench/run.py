# SPDX-License-Identifier: Apache-2.0
"""Measure every `bench/*_bench.py` and print one table; `make bench` runs it.

.venv/bin/python bench/run.py [part ...]     only bench/<part>_bench.py
"""

from __future__ import annotations

import importlib.util
import platform
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from bench.measure import Comparison, Measured, measure  # noqa: E402


def load(path: Path) -> tuple[Comparison, ...]:
    """Return the comparisons of one file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    comparisons: tuple[Comparison, ...] = module.COMPARISONS
    return comparisons


def speed(amount: float, seconds: float) -> str:
    """Return pieces a second, in three figures."""
    return f"{amount / seconds:,.3g}" if amount / seconds < 1000 else f"{amount / seconds:,.0f}"


def row(measured: Measured) -> str:
    """Return one line of the table."""
    item = measured.comparison
    ours = f"{speed(item.amount, measured.ours)} {item.unit}/s"
    if measured.peer is None or measured.ratio is None:
        goals = "".join(f"; {words}" for words, _ in measured.goals)
        return f"{item.name:44} {ours:>22}  {'(no peer here: ' + item.peer_name + ')'}{goals}"
    peer = f"{speed(item.amount, measured.peer)} {item.unit}/s"
    goals = "".join(
        f"; {words}" + ("" if met else " OVER THE GOAL") for words, met in measured.goals
    )
    return f"{item.name:44} {ours:>22} {peer:>22}  {measured.ratio:5.2f}  {item.peer_name}{goals}"


def main() -> int:
    """Print the table; return 1 if a goal was missed, 2 if there was nothing to measure."""
    chosen = sys.argv[1:]
    files = sorted(HERE.glob("*_bench.py"))
    if chosen:
        files = [path for path in files if path.stem.removesuffix("_bench") in chosen]
    if not files:
        print("bench: NOT RUN: no bench/*_bench.py matches", file=sys.stderr)
        return 2
    print(f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}")
    print(f"{'':44} {'ours':>22} {'peer':>22}  ours/peer (time; below 1 is quicker)")
    missed = 0
    for path in files:
        for comparison in load(path):
            measured = measure(comparison)
            print(row(measured), flush=True)
            missed += not measured.content
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
