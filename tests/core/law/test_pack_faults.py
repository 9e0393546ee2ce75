# SPDX-License-Identifier: Apache-2.0
"""Files and records of a pack that nobody foresaw: each is named, none stops the reader."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from comity.errors import Invalid
from comity.law.load import PartFiles, check_parts, read_directory
from support.law_packs import TINY, Edit, append, edited, swap

BUDAPEST = "instruments/coe_185.toml"
TREATY = "treaty.toml"
AUSTRIA = '[[declaration]]\nstate = "AT"\narticle = "29(4)"'

#: What is wrong, with the code, the file and a part of the key that must be named.
FAULTS: dict[str, tuple[Edit, str, str, str]] = {
    "a declaration of a state that was only invited": (
        swap(BUDAPEST, AUSTRIA, AUSTRIA.replace("AT", "KE")),
        "law.declaration_of_no_party",
        BUDAPEST,
        "coe_185/declaration/KE",
    ),
    "a declaration of a state that is on no list": (
        swap(BUDAPEST, AUSTRIA, AUSTRIA.replace("AT", "CN")),
        "law.declaration_of_no_party",
        BUDAPEST,
        "coe_185/declaration/CN",
    ),
    "a rule that cites an instrument which is not there": (
        swap("rules/order.toml", "coe_185 27(1), 28(1)", "coe_999 27(1), 28(1)"),
        "law.unknown_instrument",
        "rules/order.toml",
        "coe_185-27-28-subsidiary",
    ),
    "a number of five thousand digits": (
        swap(BUDAPEST, "count = 78", f"count = {'9' * 5000}"),
        "law.toml_syntax",
        BUDAPEST,
        "parties.count",
    ),
    "lists within lists": (
        swap(BUDAPEST, "urls = [", f"deep = {'[' * 5000}{']' * 5000}\nurls = ["),
        "law.toml_syntax",
        BUDAPEST,
        "",
    ),
    "a folder that is gone": (
        lambda files: [files.pop(name) for name in list(files) if name.startswith("rules/")],
        "law.missing_folder",
        "pack.toml",
        "folders",
    ),
    "an empty file": (
        lambda files: files.__setitem__(BUDAPEST, b""),
        "law.empty_file",
        BUDAPEST,
        "",
    ),
    "a file of comments only": (
        lambda files: files.__setitem__("rules/order.toml", b"# nothing\n"),
        "law.empty_file",
        "rules/order.toml",
        "",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_with_file_key_and_fix(built_in: PartFiles, name: str) -> None:
    edit, code, file, key = FAULTS[name]
    problems = check_parts([edited(built_in, edit)])
    found = [problem for problem in problems if problem.code == code]
    assert found, [str(problem) for problem in problems]
    assert (found[0].file, found[0].key[: len(key)] if key else "") == (file, key) or (
        key in found[0].key
    )
    assert all(problem.fix for problem in problems)


def test_a_state_by_its_name_brings_its_code(built_in: PartFiles) -> None:
    part = edited(built_in, swap(BUDAPEST, 'state = "JP"', 'state = "Japan"'))
    assert "Japan is JP." in {problem.fix for problem in check_parts([part])}


def test_a_byte_order_mark_is_no_fault() -> None:
    part = edited(TINY, lambda files: files.__setitem__(TREATY, b"\xef\xbb\xbf" + files[TREATY]))
    assert check_parts([part]) == ()


def test_a_state_that_signed_may_have_declared() -> None:
    signed = '[[party]]\nstate = "XC"\nstatus = "signed"\nconfidence = "verified"\nsource = ["s"]\n'
    declared = (
        '[[declaration]]\nstate = "XC"\narticle = "1"\ntype = "declaration"\ntext = "x"\n'
        'effect = "other"\nconfidence = "verified"\nsource = ["s"]\n'
    )
    codes = append("vocabulary/codes.toml", '[[party_status]]\nid = "signed"\nlabel = "signed"\n')
    base = edited(TINY, codes)
    found = {one.code for one in check_parts([edited(base, append(TREATY, signed + declared))])}
    assert "law.declaration_of_no_party" not in found


def test_nothing_known_is_said_so(built_in: PartFiles) -> None:
    without = [name for name in built_in.files if name.startswith("instruments/")]

    def edit(files: dict[str, bytes]) -> None:
        for name in without:
            del files[name]

    problems = check_parts([edited(built_in, edit)])
    assert problems
    assert not [problem for problem in problems if problem.fix.endswith(": .")]


def unreadable(folder: Path) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read_directory(folder)
    assert caught.value.code == "law.unreadable"
    assert caught.value.hint
    return caught.value


def test_a_pipe_among_the_files_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pack.toml")
    assert "pack.toml: is a pipe" in unreadable(tmp_path).message


def test_an_endless_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").symlink_to("/dev/zero")
    assert "pack.toml: is a pipe or a device" in unreadable(tmp_path).message


@pytest.mark.parametrize("target", [".", "elsewhere"])
def test_a_link_to_a_folder_is_never_left_out_in_silence(tmp_path: Path, target: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    folder = tmp_path / "law"
    folder.mkdir()
    (folder / "instruments").symlink_to(folder if target == "." else tmp_path / target)
    assert "instruments: is a link to a folder" in unreadable(folder).message


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.toml")).write_text("a = 1")
    assert "no plain text" in unreadable(tmp_path).message


def test_no_more_is_read_than_a_pack_may_hold(tmp_path: Path) -> None:
    for number in range(20):
        with (tmp_path / f"{number}.toml").open("wb") as stream:
            stream.truncate(2 << 20)
    with pytest.raises(Invalid) as caught:
        read_directory(tmp_path)
    assert caught.value.code == "law.pack_too_large"


def test_a_link_to_itself_is_named(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").symlink_to(tmp_path / "pack.toml")
    assert "pack.toml" in unreadable(tmp_path).message
