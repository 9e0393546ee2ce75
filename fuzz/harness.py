# SPDX-License-Identifier: Apache-2.0
"""Runs one fuzz target: reads of foreign bytes may fail only with our own named errors.

Each `fuzz_*.py` names a function that takes bytes and a few seeds. Run one with

    .venv/bin/python fuzz/fuzz_envelope.py --seconds 10

It ends with status 0 when nothing escaped, and otherwise leaves the input that
did in the current folder, as libFuzzer does.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import atheris

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "tests"))
#: No reader may need more memory than this, in MiB.
MEMORY = 1024


def run(
    target: Callable[[bytes], object], seeds: Iterable[bytes], *, largest: int = 65_536
) -> None:
    """Fuzz `target` from `seeds` for `--seconds`; any error but a ComityError stops it."""
    from comity.errors import ComityError

    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()

    def once(data: bytes) -> None:
        try:
            target(data)
        except ComityError as error:
            # The error must be named and printable, whatever was in the input.
            if "." not in error.code or not str(error).encode("utf-8"):
                raise RuntimeError(f"an error without a name: {error!r}") from error

    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds):
            (Path(corpus) / f"seed-{number}").write_bytes(seed)
        limits = [
            f"-max_total_time={options.seconds}",
            f"-max_len={largest}",
            f"-rss_limit_mb={MEMORY}",
            "-timeout=10",
            "-verbosity=0",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *limits, corpus], once)
        atheris.Fuzz()
