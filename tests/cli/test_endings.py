# SPDX-License-Identifier: Apache-2.0
"""Interrupted at once, given names that no disk takes or files that may not be read."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from comity.cli.main import cli

#: Interrupts the program while it is still loading itself.
_EARLY = """
import os, signal, sys
signal.signal({number}, signal.SIG_DFL)  # the tests themselves may run under nohup
from comity.cli import start
class Interrupt:
    def find_spec(self, name, path, target=None):
        if name == "comity.cli.main":
            os.kill(os.getpid(), {number})
sys.meta_path.insert(0, Interrupt())
start.main()
"""
_ACQUIRE = ("evidence", "acquire", "--exhibit", "EX-1", "--examiner", "Ada")


def comity(*arguments: str, cwd: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "comity.cli.start", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_while_loading_shows_no_traceback(number: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _EARLY.format(number=int(number))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("name", ["x" * 256, "س" * 128])
def test_a_name_that_no_disk_takes_is_said_of_that_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "disk.raw").write_bytes(b"disk")
    code, said = comity(*_ACQUIRE, "disk.raw", "--out", name, cwd=tmp_path)
    assert code == 4
    assert "[acquire.not_written]" in said
    code, said = comity("keys", "new", name, "--authority", "xm.moj", "--name", "M", cwd=tmp_path)
    assert code == 4
    assert "[keys.not_written]" in said


@pytest.mark.parametrize("name", ["x" * 255, "س" * 127])
def test_the_longest_name_is_taken(tmp_path: Path, name: str) -> None:
    (tmp_path / "disk.raw").write_bytes(b"disk")
    code, said = comity(*_ACQUIRE, "disk.raw", "--out", name, cwd=tmp_path)
    assert (code, said) == (0, "")
    assert (tmp_path / name / "files/disk.raw").read_bytes() == b"disk"


@pytest.mark.parametrize("name", ["evidence", "package", "keys", "ledger"])
def test_what_may_not_be_read_is_no_wrong_usage(name: str) -> None:
    """It has a code and the exit status of its family, which click's own check has not."""
    group = cli.get_command(click.Context(cli), name)
    assert isinstance(group, click.Group)
    paths = [
        parameter.type
        for command in group.commands.values()
        for parameter in command.params
        if isinstance(parameter.type, click.Path)
    ]
    assert paths
    assert not any(path.readable or path.exists for path in paths)
