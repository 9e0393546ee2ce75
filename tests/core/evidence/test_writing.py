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


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757])
def test_a_folder_in_which_others_may_write_is_not_worked_in(tmp_path: Path, mode: int) -> None:
    partial = tmp_path / ".out.partial"
    (partial / "deep").mkdir(parents=True)
    partial.chmod(mode)
    with pytest.raises(Conflict) as refused, making(tmp_path / "out"):
        raise AssertionError("worked in it")
    assert refused.value.code == "folder.not_ours"
    assert (partial / "deep").is_dir()


def test_a_file_with_a_second_name_is_not_written_over(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"kept")
    (tmp_path / ".out.partial").hardlink_to(victim)
    with pytest.raises(Conflict) as refused, making_file(tmp_path / "out"):
        raise AssertionError("written over")
    assert refused.value.code == "file.not_ours"
    assert victim.read_bytes() == b"kept"


def test_a_file_in_which_others_may_write_is_not_used(tmp_path: Path) -> None:
    partial = tmp_path / ".out.partial"
    partial.write_bytes(b"x")
    partial.chmod(0o666)
    with pytest.raises(Conflict) as refused, making_file(tmp_path / "out"):
        raise AssertionError("used")
    assert refused.value.code == "file.not_ours"
    assert partial.read_bytes() == b"x"


def test_a_pipe_is_no_file_to_write(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".out.partial", 0o600)
    with pytest.raises(Conflict) as refused, making_file(tmp_path / "out"):
        raise AssertionError("used")
    assert refused.value.code == "file.not_ours"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file to somebody else")
def test_what_belongs_to_somebody_else_is_not_used(tmp_path: Path) -> None:
    (tmp_path / ".folder.partial").mkdir()
    (tmp_path / ".file.partial").write_bytes(b"x")
    for path in tmp_path.iterdir():
        os.chown(path, 12345, -1)
    with pytest.raises(Conflict), making(tmp_path / "folder"):
        raise AssertionError("used")
    with pytest.raises(Conflict), making_file(tmp_path / "file"):
        raise AssertionError("used")
    assert (tmp_path / ".file.partial").read_bytes() == b"x"


def test_the_own_remains_are_known_again_whatever_the_mask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with making(tmp_path / "folder") as folder, making_file(tmp_path / "file") as file:
            assert folder.stat().st_mode & 0o022 == 0
            assert os.fstat(file.fileno()).st_mode & 0o022 == 0
    finally:
        os.umask(before)
