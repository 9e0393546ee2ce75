# SPDX-License-Identifier: Apache-2.0
"""The one-way import: it stops at what it does not understand, and makes a pack without faults."""

from __future__ import annotations

import copy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import comity_law
from comity.law.load import check_parts, read_directory
from support.shared import PROJECT, shared_path

sys.path.insert(0, str(PROJECT / "scripts"))

pytestmark = pytest.mark.shared

HAND_WRITTEN = ("pack.toml", "rules", "labels", "vocabulary/codes.toml")


@pytest.fixture(scope="module")
def research() -> Any:
    from law_import import research

    return research.read(shared_path("domain", "law"))


def test_the_import_makes_a_pack_without_faults(tmp_path: Path) -> None:
    for name in HAND_WRITTEN:
        source, target = comity_law.PATH / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    subprocess.run(
        [
            sys.executable,
            str(PROJECT / "scripts" / "import_law.py"),
            str(shared_path("domain", "law")),
            str(tmp_path),
        ],
        check=True,
        capture_output=True,
    )
    made = read_directory(tmp_path)
    assert check_parts([made]) == ()
    assert set(made.files) == set(read_directory(comity_law.PATH).files)


FAULTS: dict[str, tuple[Callable[[Any], object], str]] = {
    "a record without a source": (
        lambda files: files.declarations[0].pop("source"),
        "no source",
    ),
    "a source that is not registered": (
        lambda files: files.declarations[0].update(source=["gossip"]),
        "not registered",
    ),
    "a confidence of its own": (
        lambda files: files.instruments[0].update(confidence="sure"),
        "confidence",
    ),
    "a date in words": (
        lambda files: files.instruments[0].update(adopted="November 2001"),
        "not a date",
    ),
    "a party too few": (
        lambda files: files.parties["coe_185"]["states"].pop(),
        "not 78 parties",
    ),
    "an instrument too few": (lambda files: files.instruments.pop(), "instruments"),
    "a computed date that does not follow": (
        lambda files: files.parties["coe_185"]["states"][0].update(in_force="2017-04-01"),
        "gives 2017-03-01",
    ),
    "an unknown state": (
        lambda files: files.parties["coe_185"]["states"][0].update(state="QQ"),
        "unknown state",
    ),
    "a Norway that YAML has eaten": (
        lambda files: next(
            row for row in files.parties["coe_185"]["states"] if row["state"] == "NO"
        ).update(state=False),
        "unknown state False",
    ),
    "a declaration that nobody has read for its effect": (
        lambda files: files.declarations[0].update(article="99"),
        "no coded effect",
    ),
    "a ground that does not exist": (
        lambda files: files.measures["provisions"][0]["refusal_grounds"][0].update(code="mood"),
        "unknown refusal code",
    ),
    "an end before its beginning": (
        lambda files: files.declarations[0].update(until="1999-01-01"),
        "ends before it begins",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_import_stops_at(research: Any, name: str) -> None:
    from law_import import checks

    spoil, words = FAULTS[name]
    files = copy.deepcopy(research)
    spoil(files)
    with pytest.raises(SystemExit) as caught:
        checks.run(files)
    assert words in str(caught.value)


def test_the_research_itself_passes(research: Any) -> None:
    from law_import import checks

    checks.run(research)


def test_an_unread_time_limit_stops_the_import() -> None:
    from law_import.clocks import clock

    with pytest.raises(SystemExit):
        clock({"what": "something new", "value": "soon"}, where="x")
