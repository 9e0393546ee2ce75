# SPDX-License-Identifier: Apache-2.0
"""Where the result cannot be written, no exit status speaks for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_ASK = "law ask --from DE --to JP --measure expedited_preservation --offence illegal_access"
_MATRIX = "law matrix --measure expedited_preservation --on 2026-11-21 --csv"


def start(words: str, stdout: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "comity.cli.main", *words.split()],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", [_ASK, _ASK + " --json", _MATRIX, "--help"])
def test_a_full_disk_is_said_and_is_no_verdict(words: str) -> None:
    with Path("/dev/full").open("w") as full:
        process = start(words, full)
        _, said = process.communicate()
    assert process.returncode == 4
    assert "[output.unwritable]" in said
    assert "Traceback" not in said


def test_a_reader_that_had_enough_is_no_verdict_either() -> None:
    process = start(_MATRIX, subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == "from,to,status,usable,undetermined\n"
    process.stdout.close()
    assert process.wait() == 130
    assert process.stderr is not None
    assert process.stderr.read() == ""
