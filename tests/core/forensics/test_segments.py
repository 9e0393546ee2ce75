# SPDX-License-Identifier: Apache-2.0
"""Any member names its set; gaps are told."""

import pytest

from comity.errors import Unavailable
from comity.forensics.segments import find_segments


@pytest.fixture
def folder(tmp_path):
    def make(*names):
        for name in names:
            (tmp_path / name).write_bytes(b"x")
        return tmp_path

    return make


def found(folder, name):
    whole = find_segments(folder / name)
    return [path.name for path in whole.paths], whole.missing


@pytest.mark.parametrize("named", ["d.E01", "d.E02", "d.E03"])
def test_any_segment_names_the_set(folder, named):
    names = ["d.E01", "d.E02", "d.E03"]
    assert found(folder(*names, "d.E05x", "other.E01"), named) == (names, "")


def test_a_file_alone_is_its_own_set(folder):
    for name in ("disk.raw", "archive.tar.gz", "d.E1", "d.1", "README"):
        assert found(folder(name), name) == ([name], "")


@pytest.mark.parametrize("name", ["server.log", "mail.eml", "tool.exe", "dump.sql", "a.lnk"])
def test_common_extensions_are_no_segments(folder, name):
    assert found(folder(name, "server.L01", "tool.E01"), name) == ([name], "")


def test_the_numbers_go_on_with_letters(folder):
    names = [f"d.E{number:02d}" for number in range(1, 100)] + ["d.EAA", "d.EAB"]
    assert found(folder(*names), "d.EAB") == (names, "")


@pytest.mark.parametrize("kind", ["e", "s", "S", "L", "Ex", "ex"])
def test_other_kinds_are_numbered_alike(folder, kind):
    names = [f"d.{kind}01", f"d.{kind}02"]
    assert found(folder(*names), names[1]) == (names, "")


def test_raw_sets_begin_with_zero_or_one(folder):
    assert found(folder("a.000", "a.001"), "a.001") == (["a.000", "a.001"], "")
    assert found(folder("b.001", "b.002"), "b.001") == (["b.001", "b.002"], "")


def test_a_gap_is_told(folder):
    folder = folder("d.E01", "d.E02", "d.E04")
    assert found(folder, "d.E01") == (["d.E01", "d.E02"], "d.E03")
    assert found(folder, "d.E04") == (["d.E04"], "d.E03")


def test_a_wide_gap_is_told_too(folder):
    assert found(folder("d.001", "d.002", "d.006"), "d.001") == (["d.001", "d.002"], "d.003")


def test_a_missing_first_segment_is_told(folder):
    assert found(folder("d.E02"), "d.E02") == (["d.E02"], "d.E01")
    assert found(folder("d.002"), "d.002") == (["d.002"], "d.001")


def test_a_folder_that_cannot_be_listed_is_said(tmp_path):
    with pytest.raises(Unavailable) as caught:
        find_segments(tmp_path / "none" / "d.E01")
    assert caught.value.code == "acquire.source_unreadable"
