# SPDX-License-Identifier: Apache-2.0
"""A folder or file is made under another name, by one process at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from comity.errors import Conflict
from comity.evidence.writing import making, making_file, place_folder


def test_a_second_one_keeps_away_until_the_first_has_ended(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with making(target) as folder:
        (folder / "half").write_bytes(b"half")
        with pytest.raises(Conflict) as busy, making(target):
            raise AssertionError("two at once")
        assert busy.value.code == "folder.in_progress"
        assert (folder / "half").read_bytes() == b"half"
        place_folder(folder, target)
    assert sorted(tmp_path.rglob("*")) == [target, target / "half"]


def test_what_a_kill_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / ".out.partial" / "deep").mkdir(parents=True)
    (tmp_path / ".out.partial" / "link").symlink_to(tmp_path)
    (tmp_path / ".out.partial" / "file").write_bytes(b"x")
    with making(tmp_path / "out") as folder:
        assert list(folder.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_made_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").write_bytes(b"x")
    (tmp_path / ".out.partial").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError), making(tmp_path / "out"):  # noqa: PT011 - of the system
        raise AssertionError("made through a link")
    with pytest.raises(OSError), making_file(tmp_path / "out"):  # noqa: PT011 - of the system
        raise AssertionError("made through a link")
    assert (tmp_path / "elsewhere" / "kept").read_bytes() == b"x"


def test_a_file_is_made_by_one_at_a_time_too(tmp_path: Path) -> None:
    target = tmp_path / "out"
    (tmp_path / ".out.partial").write_bytes(b"what a kill left")
    with making_file(target) as file:
        file.write(b"whole")
        with pytest.raises(Conflict), making_file(target):
            raise AssertionError("two at once")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert target.read_bytes() == b"whole"


def test_a_file_that_was_not_finished_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), making_file(tmp_path / "out") as file:
        file.write(os.urandom(1 // 0))
    assert list(tmp_path.iterdir()) == []
