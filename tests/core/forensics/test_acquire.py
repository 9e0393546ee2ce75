# SPDX-License-Identifier: Apache-2.0
"""Acquisition: every byte copied, hashed, read again and recorded; or nothing left behind."""

import errno
import hashlib
import os
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canonical.ids import derived_object_id
from comity.errors import Conflict, Invalid, Unavailable, Unverified
from comity.evidence.acquired import ReadError
from comity.evidence.acquisition import read_record
from comity.evidence.model import Actor, LegalAuthority, Tool
from comity.forensics import acquire as acquiring
from comity.forensics import copying
from comity.forensics.acquire import Order, acquire
from comity.forensics.copying import copy_source
from comity.forensics.source import PathSource, Unreadable
from support.clock import SetClock
from support.shared import shared_files

ORDER = Order(
    id=derived_object_id("tests", "order"),
    exhibit="EX-1",
    description="A disk",
    request=None,
    examiner=Actor(name="Ada Brandt", function="examiner"),
    place="Laboratory",
    purpose="Execution of the request",
    legal_authority=LegalAuthority(type="court order", identifier="118"),
    local_offset="+01:00",
    host="Linux",
    tool=Tool(name="comity", version="0"),
    remarks="",
)
DATA = bytes(range(256)) * 5000


class Clock(SetClock):
    """Moves on by a minute whenever it is asked, so that beginning and end differ."""

    def now(self):
        return self.advance(minutes=1)


def take(source, target, **changes):
    options = {"order": ORDER, "clock": Clock(), **changes}
    return acquire(Path(source), target=target, **options)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "disk.raw"
    path.write_bytes(DATA)
    return path


def left_in(folder, *besides):
    return sorted(path.name for path in folder.iterdir() if path.name not in besides)


def test_a_file_is_copied_byte_for_byte_and_recorded(source, tmp_path):
    made = take(source, tmp_path / "out")
    assert (tmp_path / "out/files/disk.raw").read_bytes() == DATA
    assert left_in(tmp_path / "out") == [
        "acquisition.html",
        "acquisition.json",
        "acquisition.txt",
        "files",
    ]
    assert read_record((tmp_path / "out/acquisition.json").read_bytes()) == made.record
    (file,) = made.record.files
    for name in ("md5", "sha1", "sha256", "sha512"):
        assert getattr(file, name) == hashlib.new(name, DATA).hexdigest()
    assert made.record.verification.copy == made.record.verification.source == "equal"
    assert made.record.started < made.record.finished
    assert made.record.read_errors == ()
    assert made.record.source.kind == "file"
    assert made.files == {"disk.raw": tmp_path / "out/files/disk.raw"}


def test_the_report_says_what_the_record_says(source, tmp_path):
    made = take(source, tmp_path / "out")
    for name in ("acquisition.txt", "acquisition.html"):
        text = (tmp_path / "out" / name).read_text("utf-8")
        for word in ("EX-1", "Ada Brandt", "court order: 118", made.record.files[0].sha512):
            assert word in text
    assert "<script" not in (tmp_path / "out/acquisition.html").read_text("utf-8")


def test_the_source_is_not_touched(source, tmp_path):
    before = source.stat()
    take(source, tmp_path / "out")
    after = source.stat()
    assert (before.st_mtime_ns, before.st_ctime_ns) == (after.st_mtime_ns, after.st_ctime_ns)


@pytest.mark.parametrize(
    "stated",
    [
        {"place": "x" * 501},
        {"examiner": Actor(name="x" * 501, function="f")},
        {"remarks": "x" * 10_001},
        {"description": "\ud800"},
        {"local_offset": "+25:00"},
    ],
)
def test_what_cannot_stand_in_the_record_is_said_before_the_copy(source, tmp_path, stated):
    copied = []
    with pytest.raises(Invalid):
        take(
            source,
            tmp_path / "out",
            order=replace(ORDER, **stated),
            progress=lambda stage, _size: copied.append(stage),
        )
    assert copied == []
    assert left_in(tmp_path, "disk.raw") == []


def test_every_stage_reports_its_progress(source, tmp_path):
    moved = {}

    def progress(stage, size):
        moved[stage] = moved.get(stage, 0) + size

    take(source, tmp_path / "out", progress=progress)
    assert moved == dict.fromkeys(["copy", "verify copy", "verify source"], len(DATA))


@pytest.mark.parametrize(
    ("make", "family", "code"),
    [
        (lambda path: None, Invalid, "acquire.source_missing"),
        (lambda path: path.symlink_to("nowhere"), Invalid, "acquire.source_missing"),
        (lambda path: path.mkdir(), Invalid, "acquire.source_is_folder"),
        (lambda path: path.write_bytes(b""), Invalid, "acquire.source_empty"),
        (os.mkfifo, Invalid, "acquire.source_kind"),
    ],
)
def test_what_cannot_be_acquired_is_said(make, family, code, tmp_path):
    path = tmp_path / "source"
    make(path)
    with pytest.raises(family) as caught:
        take(path, tmp_path / "out")
    assert caught.value.code == code
    assert left_in(tmp_path, "source") == []


@pytest.mark.parametrize("path", ["/dev/null", "/dev/tty", "/proc/self/mem", "a\0b", "x" * 5000])
def test_strange_sources_are_said(path, tmp_path):
    with pytest.raises((Invalid, Unavailable)) as caught:
        take(path, tmp_path / "out")
    assert caught.value.code.startswith("acquire.source_")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_said(source, tmp_path):
    source.chmod(0)
    with pytest.raises(Unavailable) as caught:
        take(source, tmp_path / "out")
    assert caught.value.code == "acquire.source_unreadable"


def test_an_acquisition_is_never_written_over_another(source, tmp_path):
    take(source, tmp_path / "out")
    with pytest.raises(Conflict) as caught:
        take(source, tmp_path / "out")
    assert caught.value.code == "acquire.target_exists"
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Conflict):
        take(source, tmp_path / "file")
    (tmp_path / "empty").mkdir()
    take(source, tmp_path / "empty")


def test_a_missing_parent_is_said(source, tmp_path):
    with pytest.raises(Invalid) as caught:
        take(source, tmp_path / "no/out")
    assert caught.value.code == "acquire.target_parent"


def test_too_small_a_disk_is_refused_before_anything_is_written(source, small_disk):
    with pytest.raises(Unavailable) as caught:
        take(source, small_disk / "out")
    assert caught.value.code == "acquire.disk_full"
    assert list(small_disk.iterdir()) == []


def test_a_disk_that_fills_meanwhile_leaves_nothing(source, small_disk, monkeypatch):
    monkeypatch.setattr(acquiring, "_require_space", lambda *_: None)
    with pytest.raises(Unavailable) as caught:
        take(source, small_disk / "out")
    assert caught.value.code == "acquire.disk_full"
    assert list(small_disk.iterdir()) == []


def test_a_limit_on_file_sizes_leaves_nothing(source, tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(Unavailable) as caught:
            take(source, tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.code == "acquire.not_written"
    assert left_in(tmp_path, "disk.raw") == []


@pytest.mark.parametrize("stage", ["copy", "verify copy", "verify source"])
def test_a_source_that_changes_meanwhile_is_refused(source, tmp_path, stage):
    def change(now, _size):
        if now == stage and source.stat().st_size == len(DATA):
            with source.open("r+b") as file:
                file.write(b"changed")
            os.utime(source, ns=(1, 1))

    with pytest.raises(Conflict) as caught:
        take(source, tmp_path / "out", progress=change)
    assert caught.value.code == "acquire.source_changed"
    assert left_in(tmp_path, "disk.raw") == []


@pytest.mark.parametrize("size", [0, 100, len(DATA) - 1, len(DATA) + 1])
def test_a_source_that_grows_or_shrinks_is_refused(source, tmp_path, size):
    def resize(stage, _size):
        if stage == "copy":
            os.truncate(source, size)

    with pytest.raises(Conflict) as caught:
        take(source, tmp_path / "out", progress=resize)
    assert caught.value.code == "acquire.source_changed"


def test_a_copy_that_the_disk_garbled_is_refused(tmp_path):
    for number in (1, 2):
        (tmp_path / f"d.00{number}").write_bytes(DATA[:1000])
    first = tmp_path / ".out.partial/files/d.001"

    def garble(stage, _size):
        """Change the first copy, which is complete, while the second is being made."""
        if stage == "copy" and (tmp_path / ".out.partial/files/d.002").exists():
            first.write_bytes(DATA[:999] + b"!")

    with pytest.raises(Unverified) as caught:
        take(tmp_path / "d.001", tmp_path / "out", progress=garble)
    assert caught.value.code == "acquire.copy_differs"
    assert left_in(tmp_path) == ["d.001", "d.002"]


def test_ctrl_c_leaves_nothing(source, tmp_path):
    def interrupt(_stage, _size):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(source, tmp_path / "out", progress=interrupt)
    assert left_in(tmp_path, "disk.raw") == []


def test_what_a_killed_acquisition_left_is_replaced(source, tmp_path):
    (tmp_path / ".out.partial/files").mkdir(parents=True)
    (tmp_path / ".out.partial/files/half").write_bytes(b"x")
    take(source, tmp_path / "out")
    assert left_in(tmp_path / "out/files") == ["disk.raw"]


class Faulty:
    """A medium with sectors that cannot be read."""

    name = b"disk"

    def __init__(self, data, bad=(), *, sector_size=512, gone_at=None):
        self.data, self.bad, self.sector_size = data, bad, sector_size
        self.size, self.gone_at = len(data), gone_at

    def read_at(self, offset, length):
        if self.gone_at is not None and offset >= self.gone_at:
            raise Unavailable("acquire.source_unreadable", "the device has gone")
        first, last = offset // self.sector_size, (offset + length - 1) // self.sector_size
        if any(first <= sector <= last for sector in self.bad):
            raise Unreadable(os.strerror(errno.EIO))
        return self.data[offset : offset + length]

    def changed(self):
        return False


def copied(source, tmp_path):
    target = tmp_path / "copy"
    file, errors = copy_source(source, target, stored="disk", progress=lambda *_: None)
    return file, errors, target.read_bytes()


def test_unreadable_sectors_become_zeros_and_are_recorded(tmp_path):
    source = Faulty(DATA, bad=(3, 4, 2300))
    file, errors, data = copied(source, tmp_path)
    expected = bytearray(DATA)
    for sector in source.bad:
        expected[sector * 512 : sector * 512 + 512] = bytes(512)
    assert data == bytes(expected)
    assert errors == [
        ReadError(path="disk", offset=3 * 512, length=1024),
        ReadError(path="disk", offset=2300 * 512, length=512),
    ]
    assert file.sha256 == hashlib.sha256(data).hexdigest()


def test_a_short_last_sector_may_be_unreadable_too(tmp_path):
    source = Faulty(DATA[:1100], bad=(2,))
    _, errors, data = copied(source, tmp_path)
    assert errors == [ReadError(path="disk", offset=1024, length=76)]
    assert data == DATA[:1024] + bytes(76)


@given(st.sets(st.integers(0, 60)), st.sampled_from([512, 4096]), st.integers(1, 31_000))
def test_what_can_be_read_is_always_there_and_the_rest_is_zero(tmp_path_factory, bad, sector, size):
    tmp_path = tmp_path_factory.mktemp("faulty")
    source = Faulty(DATA[:size], bad=bad, sector_size=sector)
    _, errors, data = copied(source, tmp_path)
    lost = [False] * size
    for error in errors:
        assert error.length > 0
        lost[error.offset : error.offset + error.length] = [True] * error.length
    assert len(lost) == len(data) == size
    for place in range(size):
        assert lost[place] == (place // sector in bad)
        assert data[place] == (0 if lost[place] else DATA[place])


def test_a_device_that_goes_away_is_no_read_error(tmp_path):
    with pytest.raises(Unavailable) as caught:
        copied(Faulty(DATA, gone_at=600_000), tmp_path)
    assert caught.value.code == "acquire.source_unreadable"


def test_a_failing_medium_is_given_up_at_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(copying, "MAX_READ_ERRORS", 10)
    with pytest.raises(Unavailable) as caught:
        copied(Faulty(DATA, bad=tuple(range(0, 200, 2))), tmp_path)
    assert caught.value.code == "acquire.too_many_errors"


def test_the_system_error_for_a_bad_sector_is_recognised():
    """Reading /proc/self/mem at an unmapped place gives a real EIO."""
    source = PathSource.__new__(PathSource)
    source.path, source._descriptor = Path("/proc/self/mem"), os.open("/proc/self/mem", os.O_RDONLY)
    try:
        with pytest.raises(Unreadable):
            source.read_at(0, 512)
    finally:
        source.close()


@pytest.mark.parametrize(
    "name",
    [
        "سجل الأدلة.raw",
        "証拠.dd",
        "é.raw",
        "with space",
        "-rf",
        "x" * 255,
        os.fsdecode(b"caf\xe9.raw"),
        os.fsdecode(b"\xff" * 250),
        "new\nline",
        "50%.raw",
        "a\u202eb.raw",
        "\x1b[2J",
    ],
)
def test_every_file_name_is_taken_and_recorded(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(b"x")
    made = take(path, tmp_path / "out")
    (file,) = made.record.files
    assert (tmp_path / "out/files" / file.path).read_bytes() == b"x"
    if file.path == name:
        assert file.original_name == name
    else:
        assert file.path.isascii()
        assert file.original_name


def test_segments_come_together_and_alone_if_asked(tmp_path):
    for number in (0, 1, 2):
        (tmp_path / f"d.00{number}").write_bytes(bytes([number]) * 700)
    made = take(tmp_path / "d.001", tmp_path / "set")
    assert sorted(made.files) == ["d.000", "d.001", "d.002"]
    assert made.record.source.size == 2100
    assert made.record.source.name == "d.001"
    alone = take(tmp_path / "d.001", tmp_path / "one", alone=True)
    assert sorted(alone.files) == ["d.001"]


def test_a_set_with_a_gap_is_recorded_as_such(tmp_path):
    for number in (1, 2, 4):
        (tmp_path / f"d.00{number}").write_bytes(b"x")
    made = take(tmp_path / "d.002", tmp_path / "out")
    assert sorted(made.files) == ["d.001", "d.002"]
    assert "d.003" in made.record.remarks


def test_two_names_of_a_set_must_stay_two(tmp_path):
    with pytest.raises(Invalid) as caught:
        acquiring.stored_names([b"a.raw", b"A.RAW"])
    assert caught.value.code == "acquire.names_collide"


def test_remarks_of_the_examiner_are_kept(source, tmp_path):
    made = take(source, tmp_path / "out", order=replace(ORDER, remarks="The seal was broken."))
    assert made.record.remarks == "The seal was broken."


@pytest.mark.shared
def test_every_shared_image_is_acquired_as_it_is(tmp_path):
    for path in shared_files("data", "disk-images", pattern="*"):
        made = take(path, tmp_path / path.name)
        copy = made.folder / "files" / path.name
        assert (
            hashlib.sha256(copy.read_bytes()).digest() == hashlib.sha256(path.read_bytes()).digest()
        )
        if ".E0" in path.name:
            assert made.record.container.outcome == "consistent"


def test_a_block_device_is_read_whole(tmp_path):
    image = tmp_path / "image"
    image.write_bytes(DATA[: 512 * 100])
    try:
        done = subprocess.run(
            ["losetup", "--find", "--show", "--read-only", image],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("there is no losetup here")
    if done.returncode:
        pytest.skip("this machine lends no loop device")
    device = done.stdout.strip()
    try:
        made = take(device, tmp_path / "out")
    finally:
        subprocess.run(["losetup", "--detach", device], check=True)
    assert made.record.source.kind == "block_device"
    assert made.record.source.read_only is True
    assert made.record.source.sector_size == 512
    (path,) = made.files.values()
    assert path.read_bytes() == DATA[: 512 * 100]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_terminated_program_leaves_nothing(tmp_path, number):
    """A signal in the middle: the temporary folder goes, as with Ctrl-C."""
    source = tmp_path / "big.raw"
    with source.open("wb") as file:
        file.truncate(1 << 30)
    # The tests themselves may run under nohup, and what is ignored is inherited.
    heeding = f"import signal; signal.signal({int(number)}, signal.SIG_DFL)"
    program = f"{heeding}; from comity.cli.start import main; main()"
    command = [sys.executable, "-c", program, "evidence", "acquire", str(source)]
    command += ["--out", str(tmp_path / "out"), "--exhibit", "EX-1", "--examiner", "A", "--quiet"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        partial = tmp_path / ".out.partial/files/big.raw"
        while process.poll() is None and not (partial.exists() and partial.stat().st_size):
            os.sched_yield()
        process.send_signal(number)
        error = process.stderr.read().decode()
    assert process.returncode == 130, error
    assert "Interrupted" in error
    assert left_in(tmp_path, "big.raw") == []
