# SPDX-License-Identifier: Apache-2.0
"""The law of a node as its operator meets it: real processes, one folder, faults at night."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.nodes import clean_environment, comity_node, program
from support.nodeworld import LAW

pytestmark = [pytest.mark.live, pytest.mark.slow]
FAULT = (
    'for_instrument = "coe_185"\n[[party]]\nstate = "XQ"\nstatus = "party"\n'
    'confidence = "verified"\nsource = ["demo_fiction"]\n'
)
MORE = FAULT.replace("XQ", "XL")
START_SECONDS = 120


@dataclass
class Home:
    """A node's folder, and the folder of the law that its settings name."""

    folder: Path
    law: Path

    def law_command(self, name: str, *options: str) -> subprocess.CompletedProcess[str]:
        return comity_node("law", name, *options, "--config", self.folder)

    def packs(self) -> list[dict]:
        return json.loads(self.law_command("show", "--json").stdout)["packs"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def init(folder: Path, law: Path) -> subprocess.CompletedProcess[str]:
    return comity_node(
        *("init", folder, "--authority", "xv.moj", "--name", "Ministry", "--state", "XV"),
        *("--desk-bind", f"127.0.0.1:{free_port()}", "--wire-bind", f"127.0.0.1:{free_port()}"),
        *("--law", law),
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    base = tmp_path_factory.mktemp("node")
    shutil.copytree(LAW, base / "law")
    done = init(base / "home", base / "law")
    assert done.returncode == 0, done.stderr
    return Home(base / "home", base / "law")


@pytest.fixture
def home(made: Home) -> Iterator[Home]:
    """The node, with faultless law before and after."""
    yield made
    (made.law / "spoilt.toml").unlink(missing_ok=True)


def test_a_fault_is_said_before_anything_is_made(tmp_path: Path) -> None:
    shutil.copytree(LAW, tmp_path / "law")
    (tmp_path / "law" / "spoilt.toml").write_text(FAULT)
    done = init(tmp_path / "home", tmp_path / "law")
    assert done.returncode == 3
    assert "law/spoilt.toml" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home").exists()


def test_a_new_node_has_adopted_its_law(home: Home) -> None:
    pack = home.packs()[-1]  # the first that was adopted, whatever other tests adopted since
    assert [part["name"] for part in pack["parts"]] == ["comity-law", "demo-fiction"]
    assert home.law_command("check").returncode == 0
    assert "in use" in home.law_command("show").stdout


def test_a_fault_is_refused_by_every_command_and_the_node_still_starts(home: Home) -> None:
    before = home.packs()
    (home.law / "spoilt.toml").write_text(FAULT)
    for command in ("check", "adopt"):
        done = home.law_command(command)
        assert done.returncode == 3
        assert "law/spoilt.toml" in done.stdout + done.stderr
        assert "law.unknown_state" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    done = comity_node("check", "--json", "--config", home.folder)
    (item,) = [item for item in json.loads(done.stdout) if item["id"] == "law"]
    assert item["status"] == "problem"
    assert "spoilt.toml" in item["detail"]
    said = started_and_stopped(home)
    assert "is refused" in said
    assert "law/spoilt.toml" in said
    assert home.packs() == before


def started_and_stopped(home: Home) -> str:
    """Start the node, wait until it serves, stop it; return what it said."""
    process = subprocess.Popen(
        [program("comity-node"), "run", "--config", str(home.folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(),
    )
    try:
        assert process.stdout is not None
        assert "xv.moj: desk" in process.stdout.readline()
    finally:
        process.terminate()
        _, said = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 0, said
    return said


def test_two_who_adopt_at_once_adopt_once(home: Home) -> None:
    (home.law / "more.toml").write_text(MORE)
    before = home.packs()
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: home.law_command("adopt"), range(2)))
    assert [one.returncode for one in done] == [0, 0], done
    assert done[0].stdout == done[1].stdout
    assert home.packs()[1:] == before


def test_the_first_start_with_faulty_law_says_so(home: Home, tmp_path: Path) -> None:
    """A database that has adopted nothing, as one of an older version has."""
    old = tmp_path / "old"
    new = shutil.ignore_patterns("node.sqlite3*", "law-packs", "ledger.lock")
    shutil.copytree(home.folder, old, ignore=new)
    assert comity_node("migrate", "--config", old).returncode == 0
    (home.law / "spoilt.toml").write_text(FAULT)
    done = comity_node("run", "--config", old)
    assert done.returncode == 3, done.stderr
    assert "law/spoilt.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_pack_altered_by_hand_stops_a_start_that_could_not_mend_it(home: Home) -> None:
    (file,) = (home.folder / "law-packs").glob(f"{home.packs()[0]['digest']}.json")
    before = file.read_bytes()
    file.write_bytes(before.replace(b"2001", b"2002"))
    (home.law / "spoilt.toml").write_text(FAULT)
    done = comity_node("run", "--config", home.folder)
    assert done.returncode == 1
    assert "[law.pack_altered]" in done.stderr
    (home.law / "spoilt.toml").unlink()
    assert "written anew" in started_and_stopped(home)
    assert file.read_bytes() == before
