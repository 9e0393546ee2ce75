# SPDX-License-Identifier: Apache-2.0
"""Cut off anywhere, a log never forks and never loses an entry it gave an index.

Two ways of failing. In memory: every call of storage and guard fails before or
after its effect, one by one. On disk: a child process is killed at, or gets an
I/O error from, each of its system calls that write; half a write may be done.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ComityError
from comity.ledger import merkle
from comity.ledger.audit import audit
from comity.ledger.checkpoint import open_checkpoint
from comity.ledger.directory import DirectoryStorage, FileGuard
from comity.ledger.log import Log
from comity.ledger.storage import MemoryGuard, MemoryStorage
from comity.ledger.tree_head import TreeHead
from support.ledgers import NOW, log_keys, make_log, verifiers


class Cut(Exception):
    """The process ended here."""


class Faulty:
    """A storage or guard whose n-th writing call is cut off before or after its effect."""

    WRITES = ("append", "write_tiles", "write_checkpoint", "replace")

    def __init__(self, kept: object, plan: Plan) -> None:
        self._kept, self._plan = kept, plan

    def __getattr__(self, name: str) -> Callable:
        call = getattr(self._kept, name)
        if name not in self.WRITES:
            return call

        def cut_off(*arguments: object, **named: object) -> object:
            if name == "replace":
                self._plan.signed.append(arguments[0])
            self._plan.step("before")
            result = call(*arguments, **named)
            self._plan.step("after")
            return result

        return cut_off


class Plan:
    """Counts the points where a process may end, and ends it at one of them."""

    def __init__(self, cut_at: int | None = None) -> None:
        self.cut_at, self.points = cut_at, 0
        self.signed: list[bytes] = []

    def step(self, _: str) -> None:
        self.points += 1
        if self.points == self.cut_at:
            raise Cut


def story(log: Log, prefix: bytes, acknowledged: list[tuple[int, bytes]]) -> None:
    """Append three groups of entries, publishing after each."""
    for group in range(3):
        made = [b"%s %d %d" % (prefix, group, number) for number in range(2 + group * 130)]
        first = log.sequence(made)
        acknowledged += enumerate(made, first)
        log.integrate()
        log.publish(now=NOW)


def heads(notes: list[bytes]) -> list[TreeHead]:
    return [open_checkpoint(note, log_keys=verifiers(log_keys())).head for note in notes]


def check_one_history(entries: list[bytes], signed: list[bytes]) -> None:
    """Every checkpoint that was ever signed is a prefix of the one list of entries."""
    hashes = [merkle.leaf_hash(entry) for entry in entries]
    for head in heads(signed):
        assert head.size <= len(entries)
        assert merkle.root_of(hashes[: head.size]) == head.root


def points_of_the_story() -> int:
    plan = Plan()
    log = make_log(Faulty(MemoryStorage(), plan), guard=Faulty(MemoryGuard(), plan))
    story(log, b"whole", [])
    return plan.points


POINTS = points_of_the_story()


def run_cut_off(cuts: list[int]) -> None:
    """Play the story again and again, cut off at each of `cuts`, each time with other entries."""
    storage, guard = MemoryStorage(), MemoryGuard()
    signed: list[bytes] = []
    acknowledged: list[tuple[int, bytes]] = []
    for attempt, cut in enumerate([*cuts, None]):
        plan = Plan(cut)
        try:
            log = make_log(Faulty(storage, plan), guard=Faulty(guard, plan))
            story(log, b"attempt %d" % attempt, acknowledged)
        except Cut:
            pass
        signed += plan.signed
    entries = list(storage.entries(0, storage.size()))
    for index, entry in acknowledged:
        assert entries[index] == entry
    check_one_history(entries, signed)
    assert heads(signed)[-1].size == len(entries)


@pytest.mark.parametrize("cut", range(1, POINTS + 1))
def test_cut_off_at_every_point(cut: int) -> None:
    run_cut_off([cut])


@given(st.lists(st.integers(1, POINTS), min_size=2, max_size=5))
def test_cut_off_again_and_again(cuts: list[int]) -> None:
    run_cut_off(cuts)


def test_there_are_points_to_cut_at() -> None:
    assert POINTS == 3 * 4 * 2


# --- on a real disk -------------------------------------------------------------------------

CALLS = ("open", "write", "fsync", "rename")


@contextmanager
def faulty_disk(at: int, fault: str) -> Iterator[list[int]]:
    """Let the at-th writing system call of this process fail: `kill`, `torn` or `EIO`."""
    count = [0]
    real = {name: getattr(os, name) for name in CALLS}

    def wrap(name: str) -> Callable:
        def call(*arguments, **named):
            count[0] += 1
            if count[0] != at:
                return real[name](*arguments, **named)
            if fault == "EIO":
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            if fault == "torn" and name == "write":
                real["write"](arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
            os._exit(9)

        return call

    for name in CALLS:
        setattr(os, name, wrap(name))
    try:
        yield count
    finally:
        for name in CALLS:
            setattr(os, name, real[name])


def disk_story(folder: Path, prefix: bytes, report: Callable[[int, bytes], None]) -> None:
    with DirectoryStorage(folder / "log", writable=True) as storage:
        log = make_log(storage, guard=FileGuard(folder / "guard"))
        for number in range(2):
            entry = b"%s %d" % (prefix, number)
            report(log.sequence([entry]), entry)
            log.integrate()
            log.publish(now=NOW)


def calls_of_the_story(folder: Path) -> int:
    """Count the calls of a story that goes on where another ended."""
    disk_story(folder, b"before", lambda *_: None)
    with faulty_disk(0, "none") as count:
        disk_story(folder, b"whole", lambda *_: None)
    return count[0]


def run_in_child(folder: Path, at: int, fault: str) -> None:
    """Run the story in a child that fails; what was acknowledged is in a file of its own."""
    said = os.open(folder / "acknowledged", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    write = os.write
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with faulty_disk(at, fault):
                disk_story(
                    folder, b"child", lambda index, entry: write(said, b"%d %s\n" % (index, entry))
                )
            status = 0
        except ComityError:
            status = 3
        finally:
            os._exit(status)
    os.close(said)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == (3 if fault == "EIO" else 9)


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["kill", "torn", "EIO"])
def test_a_fault_at_every_system_call(fault: str, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    calls = calls_of_the_story(whole)
    assert calls > 30
    for at in range(1, calls + 1):
        folder = tmp_path / str(at)
        folder.mkdir()
        disk_story(folder, b"before", lambda *_: None)
        signed = [(folder / "guard").read_bytes()]
        run_in_child(folder, at, fault)
        signed.append((folder / "guard").read_bytes())
        disk_story(folder, b"after", lambda *_: None)
        signed.append((folder / "guard").read_bytes())
        with DirectoryStorage(folder / "log") as storage:
            entries = list(storage.entries(0, storage.size()))
            assert audit(storage.read, log_keys=verifiers(log_keys())).ok, f"call {at}"
        for line in (folder / "acknowledged").read_bytes().splitlines():
            index, _, entry = line.partition(b" ")
            assert entries[int(index)] == entry, f"call {at}"
        assert entries[:2] == [b"before 0", b"before 1"]
        assert entries[-2:] == [b"after 0", b"after 1"]
        check_one_history(entries, signed)


def test_after_the_first_error_nothing_more_is_written(tmp_path: Path) -> None:
    with DirectoryStorage(tmp_path / "log", writable=True) as storage:
        log = make_log(storage, guard=FileGuard(tmp_path / "guard"))
        log.sequence([b"one"])
        with faulty_disk(3, "EIO"), pytest.raises(ComityError) as refused:
            log.sequence([b"two"])
        assert refused.value.code == "ledger.disk"
        # The disk works again, but what it had accepted before may be lost: stay stopped.
        with pytest.raises(ComityError) as refused:
            log.sequence([b"three"])
        assert refused.value.code == "ledger.stopped"
        assert log.size == 1
    with DirectoryStorage(tmp_path / "log", writable=True) as storage:
        log = make_log(storage, guard=FileGuard(tmp_path / "guard"))
        assert log.entry(0) == b"one"
        log.sequence([b"four"])
