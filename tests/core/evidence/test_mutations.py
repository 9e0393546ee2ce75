# SPDX-License-Identifier: Apache-2.0
"""Change anything anywhere in a package: it is always refused, and the file is named.

`COMITY_HYPOTHESIS=deep` tries several thousand changes instead of a few hundred.
"""

import os
import random
import shutil
from pathlib import Path

import pytest

from comity.evidence.report import Status
from comity.evidence.verify import verify_package
from support import packages

ROUNDS = {"fast": 24, "dev": 240, "ci": 600, "deep": 6_000}[
    os.environ.get("COMITY_HYPOTHESIS", "dev")
]
NOW = packages.START.replace(year=2027)


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    exhibits = {
        "EX-1": {"disk.raw": b"\0" * 600 + b"data" * 50, "notes.txt": b"line one\nline two\n"},
        "EX-2": {"Bild ö.E01": bytes(range(256))},
    }
    root = packages.make_package(tmp_path_factory.mktemp("original") / "package", exhibits)
    assert verify(root).ok
    return root


@pytest.fixture
def root(original, tmp_path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "package"))


def verify(root):
    expected = {
        "accepted_by": packages.RECIPIENT,
        "proofs_from": (packages.SENDER, packages.RECIPIENT),
        "package": packages.PACKAGE,
    }
    return verify_package(root, trust=packages.trust(**expected), now=NOW)


def assert_refused(root, *names, about=""):
    """One step at least failed, and a fault is filed under exactly one of these paths."""
    report = verify(root)
    assert not report.ok, f"accepted: {about}"
    assert report.failed, about
    named = [fault.file for step in report.failed for fault in step.faults]
    assert all(fault.message for step in report.failed for fault in step.faults)
    if names:
        assert set(names) & set(named), f"{about}: named {named}, expected one of {names}"
    return report


def files_of(root):
    return sorted(path for path in root.rglob("*") if path.is_file())


def flip(data, random_):
    place = random_.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << random_.randrange(8))]) + data[place + 1 :]


def cut(data, random_):
    return data[: random_.randrange(len(data))]


def append(data, random_):
    return data + random_.choice([b"\n", b" ", b"\0", b"\r\n", b"{}", b"\xef\xbb\xbf"])


def prepend(data, random_):
    return random_.choice([b"\n", b" ", b"\xef\xbb\xbf", b"#\n"]) + data


def insert(data, random_):
    place = random_.randrange(len(data) + 1)
    return data[:place] + random_.choice([b" ", b"\n", b"0", b"/", b"\0"]) + data[place:]


def drop(data, random_):
    place = random_.randrange(len(data))
    return data[:place] + data[place + 1 :]


def swap(data, random_):
    first, second = sorted(random_.sample(range(len(data)), 2))
    changed = bytearray(data)
    changed[first], changed[second] = changed[second], changed[first]
    return bytes(changed)


def upper(data, _):
    return data.upper()


def carriage_returns(data, _):
    return data.replace(b"\n", b"\r\n")


def repeat_a_line(data, random_):
    lines = data.splitlines(keepends=True)
    lines.insert(random_.randrange(len(lines)), random_.choice(lines))
    return b"".join(lines)


def reorder_lines(data, random_):
    lines = data.splitlines(keepends=True)
    random_.shuffle(lines)
    return b"".join(lines)


def empty(_data, _random):
    return b""


CHANGES = [
    *[flip] * 6,
    cut,
    append,
    prepend,
    insert,
    drop,
    swap,
    upper,
    carriage_returns,
    repeat_a_line,
    reorder_lines,
    empty,
]


@pytest.mark.parametrize("part", range(6))
def test_no_random_change_of_any_file_is_accepted(root, part):
    paths = files_of(root)
    tried = 0
    for number in range(ROUNDS // 6):
        seed = f"{part}-{number}"
        random_ = random.Random(seed)
        # Every file in turn, so that none is spared by luck; then a change by luck.
        path = paths[(part * (ROUNDS // 6) + number) % len(paths)]
        change = random_.choice(CHANGES)
        data = path.read_bytes()
        changed = change(data, random_)
        if changed == data:
            continue
        tried += 1
        path.write_bytes(changed)
        name = str(path.relative_to(root))
        assert_refused(root, name, about=f"{change.__name__} of {name}, seed {seed}")
        path.write_bytes(data)
    assert tried > ROUNDS // 12
    assert verify(root).ok


def test_every_byte_of_every_signature_file_counts(root):
    """All the small files that no manifest covers: one bit flipped in each of their parts."""
    random_ = random.Random(7)
    for name in ("signatures/tagmanifest-sha256.txt.minisig", "tagmanifest-sha512.txt"):
        path = root / name
        data = path.read_bytes()
        for place in range(0, len(data), 7):
            changed = bytearray(data)
            changed[place] ^= 1 << random_.randrange(8)
            path.write_bytes(bytes(changed))
            assert_refused(root, name, about=f"byte {place} of {name}")
        path.write_bytes(data)
    assert verify(root).ok


def test_every_file_is_missed_when_it_is_gone(root):
    for path in files_of(root):
        data = path.read_bytes()
        path.unlink()
        name = str(path.relative_to(root))
        assert_refused(root, name, str(Path(name).parent), about=f"without {name}")
        path.write_bytes(data)


def test_every_file_is_missed_under_another_name(root):
    for path in files_of(root):
        for name in (path.name.swapcase(), f"{path.name} ", f"x{path.name}", f"{path.name}.bak"):
            if name == path.name:
                continue
            other = path.with_name(name)
            path.rename(other)
            names = [str(one.relative_to(root)) for one in (path, other)]
            assert_refused(root, *names, about=f"{path.name} as {name!r}")
            other.rename(path)


def test_no_file_may_be_added_to_any_folder(root):
    folders = {path.parent for path in files_of(root)}
    for folder in sorted(folders):
        for name in (".hidden", "extra.txt", "Thumbs.db", "0009-received.json", "xm.moj.2.json"):
            added = folder / name
            added.write_bytes(b"{}")
            path = str(added.relative_to(root))
            assert_refused(root, path, about=path)
            added.unlink()


def test_no_folder_may_be_added_to_any_folder(root):
    folders = {root, *(path.parent for path in files_of(root))}
    for folder in sorted(folders):
        added = folder / "empty"
        added.mkdir()
        path = str(added.relative_to(root))
        assert_refused(root, path, about=f"an empty folder {path}")
        added.rmdir()


def test_no_file_may_be_a_link_even_to_the_same_bytes(root, tmp_path):
    for path in files_of(root):
        copy = tmp_path / "copy"
        shutil.copy(path, copy)
        data = path.read_bytes()
        path.unlink()
        path.symlink_to(copy)
        assert_refused(root, str(path.relative_to(root)), about=f"{path.name} as a link")
        path.unlink()
        path.write_bytes(data)


def test_no_file_may_have_a_second_name_in_the_package(root):
    path = root / "data/evidence/EX-1/disk.raw"
    os.link(path, path.with_name("disk-2.raw"))
    assert_refused(root, "data/evidence/EX-1/disk-2.raw", "data/evidence/EX-1/disk.raw")


def test_a_pipe_does_not_hang_the_verifier(root):
    os.mkfifo(root / "data/evidence/EX-1/pipe")
    report = assert_refused(root, "data/evidence/EX-1/pipe")
    assert report.failed[0].faults[0].code == "package.not_a_file"
    (root / "data/evidence/EX-1/pipe").unlink()
    (root / "bagit.txt").unlink()
    os.mkfifo(root / "bagit.txt")
    assert_refused(root, "bagit.txt")


def test_files_of_one_kind_cannot_trade_places(root):
    paths = [path for path in files_of(root) if "evidence" not in path.parts]
    random_ = random.Random(3)
    for _ in range(60):
        first, second = random_.sample(paths, 2)
        if first.read_bytes() == second.read_bytes():
            continue
        one, two = first.read_bytes(), second.read_bytes()
        first.write_bytes(two)
        second.write_bytes(one)
        names = [str(path.relative_to(root)) for path in (first, second)]
        assert_refused(root, *names, about=f"{names} swapped")
        first.write_bytes(one)
        second.write_bytes(two)


def test_a_sparse_giant_is_refused_before_it_is_read(root):
    path = root / "data/evidence/EX-1/disk.raw"
    with path.open("r+b") as file:
        file.truncate(1 << 43)
    report = assert_refused(root, "data/evidence/EX-1/disk.raw")
    assert [step.title for step in report.failed] == ["Payload"]
    assert report.steps[5].status is Status.NOT_CHECKED


def test_a_giant_where_a_small_file_should_be_is_not_read(root):
    for name in (
        "bagit.txt",
        "data/keys/xm.moj.1.json",
        "signatures/tagmanifest-sha256.txt.minisig",
    ):
        path = root / name
        data = path.read_bytes()
        with path.open("r+b") as file:
            file.truncate(1 << 43)
        assert_refused(root, name)
        path.unlink()
        path.write_bytes(data)
    assert verify(root).ok


def test_names_that_no_text_can_show_are_named_all_the_same(root):
    (root / "data" / os.fsdecode(b"bad\xff\n\x1b[2Jname")).write_bytes(b"x")
    report = assert_refused(root)
    (fault,) = report.failed[0].faults
    assert "\x1b" not in fault.message
    assert "\\x1b" in fault.file
    assert "\\xff" in fault.file
