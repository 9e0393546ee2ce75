# SPDX-License-Identifier: Apache-2.0
"""Hostile packages and trust files against the program itself: no forged line, no traceback."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from comity.authorities.trust import write_trust
from comity.canonical import json as canonical
from comity.evidence import layout
from support import packages

FORGED = "zz\n 4 Seal           ok     sealed\x1b[2J\u202e\x9b\nVERIFIED: all of it holds.\n"
AT = "2026-03-09T09:00:00Z"
#: Seconds after which a command counts as hanging.
PATIENCE = 60


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    packages.make_package(folder / "package")
    (folder / "trust.json").write_bytes(write_trust(packages.trust()))
    return folder


@pytest.fixture
def work(made, tmp_path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "work"))


def verify(work, *options, at=AT):
    command = [sys.executable, "-m", "comity.cli.main", "package", "verify"]
    command += [str(work / "package"), "--trust", str(work / "trust.json"), "--at", at, *options]
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
    shown = (done.stdout + done.stderr).decode()
    assert "Traceback" not in shown
    assert all(sign not in shown for sign in "\x1b\x9b\u202e\r")
    return done.returncode, shown


def test_the_package_itself_is_verified(work):
    code, shown = verify(work)
    assert (code, shown.splitlines()[-1]) == (0, "VERIFIED: all of it holds.")


@pytest.mark.parametrize("name", [layout.SEAL, "data/keys/xm.moj.1.json"])
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_member_cannot_forge_a_line_of_the_report(work, name, options):
    path = work / "package" / name
    path.write_bytes(canonical.write({**json.loads(path.read_bytes()), FORGED: 1}))
    code, shown = verify(work, *options)
    assert code == 1
    assert "VERIFIED: all of it holds." not in [line.strip() for line in shown.splitlines()]
    assert layout.SEAL.rpartition("/")[2] in shown or name in shown


def test_a_member_of_the_trust_file_cannot_either(work):
    path = work / "trust.json"
    path.write_bytes(json.dumps({**json.loads(path.read_bytes()), FORGED: 1}).encode())
    code, shown = verify(work)
    assert code == 3
    assert len(shown.splitlines()) == 1


def test_a_file_name_cannot_either(work):
    (work / "package" / FORGED.replace("/", "")).write_bytes(b"x")
    code, shown = verify(work)
    assert code == 1
    assert "VERIFIED: all of it holds." not in shown.splitlines()


def test_a_pipe_in_place_of_the_trust_file_does_not_hang(work):
    (work / "trust.json").unlink()
    os.mkfifo(work / "trust.json")
    code, shown = verify(work)
    assert code == 3
    assert "file.not_a_file" in shown


def test_very_deep_folders_do_not_stop_the_report(work):
    top = work / "package" / "data" / "deep"
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    try:
        for _ in range(3_000):  # deeper than Python recurses, longer than a path may be
            os.mkdir("dd", dir_fd=here)
            here, outer = os.open("dd", os.O_RDONLY, dir_fd=here), here
            os.close(outer)
        code, shown = verify(work)
    finally:
        os.close(here)
        subprocess.run(["rm", "-rf", str(top)], check=True)
    assert code == 1
    assert "package.too_deep" in shown


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_no_clock_stops_the_report(work, at):
    verify(work, at=at)


def test_a_clock_a_day_behind_is_told_with_both_times(work):
    code, shown = verify(work, at="2026-03-01T09:00:00Z")
    assert code == 1
    assert "NOT VERIFIED: step 7" in shown
    assert re.search(r"signed at 2026-03-0\dT\S+, which is yet to come: the clock here says", shown)
