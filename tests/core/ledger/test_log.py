# SPDX-License-Identifier: Apache-2.0
"""The log: sequence, integrate, publish, cosign; what it refuses to sign."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import ComityError, Conflict, Invalid, Unavailable, Unverified
from comity.ledger import leaf as leaves
from comity.ledger import merkle
from comity.ledger.audit import audit
from comity.ledger.checkpoint import (
    add_cosignatures,
    check_witness_keys,
    open_checkpoint,
    reduce_lines,
    sign_checkpoint,
)
from comity.ledger.directory import DirectoryStorage, FileGuard
from comity.ledger.log import Log
from comity.ledger.storage import MemoryGuard, MemoryStorage
from comity.ledger.tiles import Tile
from comity.ledger.tree_head import TreeHead
from support.ledgers import (
    NOW,
    ORIGIN,
    WITNESSES,
    all_witness_keys,
    cosign,
    event,
    kept_witnesses,
    log_keys,
    make_log,
    verifiers,
    witness_keys,
)


def entries(count: int, start: int = 0) -> list[bytes]:
    return [b"entry %d" % number for number in range(start, start + count)]


def directory(path: Path, **options) -> DirectoryStorage:
    return DirectoryStorage(path, writable=True, **options)


def checked(storage: DirectoryStorage) -> None:
    found = audit(storage.read, log_keys=verifiers(log_keys()))
    assert found.ok, found.faults


def code_of(call, *arguments, **named) -> str:
    with pytest.raises(ComityError) as refused:
        call(*arguments, **named)
    return refused.value.code


def test_from_entry_to_final_checkpoint(tmp_path: Path) -> None:
    with directory(tmp_path / "log") as storage:
        log = make_log(storage, guard=FileGuard(tmp_path / "guard"))
        assert log.published() is None
        assert log.sequence(entries(3)) == 0
        assert (log.size, log.integrated) == (3, 0)
        assert log.integrate() == 3
        published = log.publish(now=NOW)
        assert published.head == TreeHead(
            ORIGIN, 3, merkle.root_of([merkle.leaf_hash(one) for one in entries(3)])
        )
        assert not log.is_final(published, quorum=3)
        witnesses = kept_witnesses()
        assert log.is_final(cosign(log, witnesses), quorum=3)
        assert log.sequence(entries(600, start=3)) == 3
        log.integrate()
        log.publish(now=NOW)
        final = cosign(log, witnesses)
        assert log.is_final(final, quorum=3)
        assert final.head.size == 603
        opened = open_checkpoint(
            final.note,
            log_keys=verifiers(log_keys()),
            witness_keys=verifiers(all_witness_keys()),
            strict=True,
        )
        assert opened.head == final.head
        checked(storage)


@given(steps=st.lists(st.integers(0, 300), max_size=5), data=st.data())
@settings(max_examples=15)
def test_every_proof_of_a_log_verifies(steps: list[int], data: st.DataObject) -> None:
    log = make_log()
    sizes = [0]
    for step in steps:
        log.sequence(entries(step, start=log.size))
        log.integrate()
        sizes.append(log.publish(now=NOW).head.size)
    size = data.draw(st.sampled_from(sizes))
    old = data.draw(st.integers(0, size))
    merkle.verify_consistency(
        old_size=old,
        old_root=log.root_at(old),
        size=size,
        root=log.root_at(size),
        hashes=log.consistency_proof(old, size),
    )
    if size:
        index = data.draw(st.integers(0, size - 1))
        merkle.verify_inclusion(
            leaf=merkle.leaf_hash(log.entry(index)),
            index=index,
            size=size,
            hashes=log.inclusion_proof(index, size),
            root=log.root_at(size),
        )


def test_no_proof_of_what_is_not_integrated() -> None:
    log = make_log()
    log.sequence(entries(3))
    for call in (log.root_at, lambda size: log.inclusion_proof(0, size)):
        assert code_of(call, 3) == "ledger.size"
    assert code_of(log.consistency_proof, 0, 3) == "ledger.size"
    log.integrate()
    assert code_of(log.root_at, -1) == "ledger.size"


def test_entries_have_a_size() -> None:
    log = make_log()
    assert code_of(log.sequence, [b""]) == "ledger.entry_size"
    assert code_of(log.sequence, [bytes(65_536)]) == "ledger.entry_size"
    assert log.sequence([bytes(65_535)]) == 0


def test_a_heartbeat_signs_the_same_tree_at_a_later_time() -> None:
    log = make_log()
    log.sequence(entries(2))
    log.integrate()
    first, second = log.publish(now=NOW), log.publish(now=NOW + timedelta(minutes=10))
    assert first.head == second.head
    assert first.note != second.note


def test_an_empty_log_can_be_published() -> None:
    log = make_log()
    assert log.publish(now=NOW).head == TreeHead(ORIGIN, 0, merkle.EMPTY_ROOT)


@pytest.mark.parametrize("kind", ["memory", "directory"])
def test_a_slot_is_taken_once(kind: str, tmp_path: Path) -> None:
    storage = (
        MemoryStorage(unique=leaves.slot_of)
        if kind == "memory"
        else directory(tmp_path, unique=leaves.slot_of)
    )
    log = make_log(storage)
    log.sequence([event(0).data, event(1).data])
    again = event(1, event_type="custody.sealed").data
    assert code_of(log.sequence, [again]) == "ledger.slot_taken"
    assert code_of(log.sequence, [event(2).data, event(2).data]) == "ledger.slot_taken"
    assert log.size == 2
    assert log.sequence([event(2).data]) == 2
    if isinstance(storage, DirectoryStorage):
        storage.close()
        with directory(tmp_path, unique=leaves.slot_of) as reopened:
            assert code_of(make_log(reopened).sequence, [again]) == "ledger.slot_taken"


# --- what must stop a log -------------------------------------------------------------------


def grown(storage: MemoryStorage | DirectoryStorage, guard, count: int = 5) -> Log:
    log = make_log(storage, guard=guard)
    log.sequence(entries(count, start=log.size))
    log.integrate()
    log.publish(now=NOW)
    return log


def test_a_restored_backup_does_not_open() -> None:
    guard = MemoryGuard()
    backup = MemoryStorage(entries(3))
    grown(MemoryStorage(), guard)
    assert code_of(make_log, backup, guard=guard) == "ledger.rolled_back"


def test_another_history_of_the_same_size_does_not_open() -> None:
    guard = MemoryGuard()
    grown(MemoryStorage(), guard)
    other = MemoryStorage([b"other", *entries(4, start=1)])
    assert code_of(make_log, other, guard=guard) == "ledger.forked"


def test_other_keys_do_not_open_the_log() -> None:
    storage, guard = MemoryStorage(), MemoryGuard()
    grown(storage, guard)
    assert code_of(make_log, storage, guard=guard, origin="xm.moj/log") == "checkpoint.origin"
    stranger = [witness_keys(ORIGIN)[1]]
    assert code_of(Log.open, storage, keys=[], guard=guard) == "checkpoint.log_keys"
    reopened = Log.open(storage, keys=stranger, guard=guard)  # the ML-DSA-44 key of the log
    assert reopened.size == 5


def test_an_entry_that_changed_after_integration_is_not_signed() -> None:
    storage, guard = MemoryStorage(), MemoryGuard()
    log = grown(storage, guard)
    log.sequence(entries(3, start=5))
    log.integrate()
    before = guard.read()
    storage._entries[6] = b"entry 6 with a flipped bit"
    assert code_of(log.publish, now=NOW) == "ledger.entry_changed"
    assert guard.read() == before


@pytest.mark.parametrize("at", [0, 33, 32 * 5 - 1])
def test_a_tile_that_changed_is_not_signed(at: int) -> None:
    storage, guard = MemoryStorage(), MemoryGuard()
    log = grown(storage, guard)
    log.sequence(entries(3, start=5))
    log.integrate()
    tile = Tile(0, 0, 8)
    changed = bytearray(storage._tiles[tile])
    changed[at] ^= 4
    storage._tiles[tile] = bytes(changed)
    assert code_of(log.publish, now=NOW) == "ledger.forked"


def test_a_tile_that_changed_behind_the_cache_is_not_signed() -> None:
    storage, guard = MemoryStorage(), MemoryGuard()
    log = grown(storage, guard)
    assert log.root_at(5)  # now the log remembers the tile
    tile = Tile(0, 0, 5)
    storage._tiles[tile] = storage._tiles[tile][:32] + bytes(32) + storage._tiles[tile][64:]
    assert code_of(log.publish, now=NOW) == "ledger.forked"


def test_tiles_beyond_the_entries_are_not_signed() -> None:
    storage = MemoryStorage()
    log = grown(storage, MemoryGuard())
    del storage._entries[3:]
    assert code_of(log.integrate) == "ledger.rolled_back"
    assert code_of(log.publish, now=NOW) == "ledger.rolled_back"


def test_of_two_writers_one_stops() -> None:
    storage, guard = MemoryStorage(), MemoryGuard()
    first, second = make_log(storage, guard=guard), make_log(storage, guard=guard)
    size = storage.size()
    storage.append(entries(1), at=size)
    with pytest.raises(Conflict):
        storage.append(entries(1), at=size)
    first.integrate()
    first.publish(now=NOW)
    second.publish(now=NOW)
    with pytest.raises(Conflict):
        storage.write_checkpoint(b"x", previous=None)
    with pytest.raises(Conflict):
        guard.replace(b"x", previous=None)


# --- cosignatures ---------------------------------------------------------------------------


def test_only_the_answering_witness_s_lines_are_taken() -> None:
    log = grown_log_with_answers()
    published, answers = log
    one, two = (answers[name] for name in WITNESSES[:2])
    garbage = "— xx.nobody AAAABBBBCCCC\n".encode()
    taken = add(published.note, two + garbage + one, answering=WITNESSES[0])
    assert set(opened(taken).cosigners()) == {WITNESSES[0]}
    assert code_of(add, published.note, two, answering=WITNESSES[0]) == "note.no_known_signature"
    assert code_of(add, published.note, b"", answering=WITNESSES[0]) == "note.no_final_newline"
    assert code_of(add, published.note, b"\xff\n", answering=WITNESSES[0]) == "note.not_utf8"
    assert code_of(add, published.note, b"lies\n", answering=WITNESSES[0]) == "note.signature_line"
    assert code_of(add, published.note, one[:40] + b"A" + one[41:], answering=WITNESSES[0])


def test_a_cosignature_of_another_tree_is_not_taken() -> None:
    published, _ = grown_log_with_answers()
    _, others = grown_log_with_answers(count=6)
    refused = code_of(add, published.note, others[WITNESSES[0]], answering=WITNESSES[0])
    assert refused == "note.signature_invalid"


def test_cosigning_twice_changes_nothing() -> None:
    published, answers = grown_log_with_answers()
    once = add(published.note, answers[WITNESSES[0]], answering=WITNESSES[0])
    assert add(once, answers[WITNESSES[0]], answering=WITNESSES[0]) == once


def test_a_witness_that_answers_twice_changes_nothing() -> None:
    log = make_log()
    log.sequence(entries(2))
    log.integrate()
    body = b"old 0\n\n" + log.publish(now=NOW).note
    answer = kept_witnesses()[0].answer(body, now=NOW).body
    once = log.cosign(answer, witness=WITNESSES[0])
    assert log.cosign(answer, witness=WITNESSES[0]) == once


def test_the_order_of_answers_does_not_matter() -> None:
    published, answers = grown_log_with_answers()
    forward = backward = published.note
    for name in WITNESSES:
        forward = add(forward, answers[name], answering=name)
    for name in reversed(WITNESSES):
        backward = add(backward, answers[name], answering=name)
    assert forward == backward


def grown_log_with_answers(count: int = 5):
    log = make_log()
    log.sequence(entries(count))
    log.integrate()
    published = log.publish(now=NOW)
    body = b"old 0\n\n" + published.note
    answers = {one.name: one.answer(body, now=NOW).body for one in kept_witnesses()}
    return published, answers


def add(note: bytes, lines: bytes, *, answering: str) -> bytes:
    return add_cosignatures(
        note,
        lines=lines,
        log_keys=verifiers(log_keys()),
        witness_keys=verifiers(all_witness_keys()),
        answering=answering,
    )


def opened(note: bytes):
    return open_checkpoint(
        note, log_keys=verifiers(log_keys()), witness_keys=verifiers(all_witness_keys())
    )


def test_before_the_first_checkpoint_nothing_is_cosigned() -> None:
    assert code_of(make_log().cosign, b"x\n", witness=WITNESSES[0]) == "ledger.unpublished"


def test_a_served_checkpoint_has_at_most_sixteen_lines() -> None:
    names = tuple(f"x{letter}.node/witness" for letter in "abcdefghij")
    log = make_log(witnesses=names)
    log.sequence(entries(1))
    log.integrate()
    log.publish(now=NOW)
    note = cosign(log, kept_witnesses(names)).note
    keys = {
        "log_keys": verifiers(log_keys()),
        "witness_keys": verifiers(all_witness_keys(names)),
    }
    assert len(open_checkpoint(note, **keys).note.lines) == 22
    served = open_checkpoint(reduce_lines(note, **keys), strict=True, **keys)
    assert len(served.note.lines) == 16
    assert len(served.cosigners()) == 7


def test_which_keys_a_checkpoint_is_signed_with() -> None:
    head = TreeHead(ORIGIN, 0, merkle.EMPTY_ROOT)
    note = sign_checkpoint(head, keys=log_keys()[::-1], now=NOW)
    assert [line.key.type for line in opened(note).log_lines] == [1, 6]
    assert code_of(sign_checkpoint, head, keys=[], now=NOW) == "checkpoint.log_keys"
    others = log_keys("xm.moj/log")
    assert code_of(sign_checkpoint, head, keys=others, now=NOW) == "checkpoint.log_keys"
    wrong = [witness_keys(ORIGIN)[0]]
    assert code_of(sign_checkpoint, head, keys=wrong, now=NOW) == "checkpoint.log_keys"
    with pytest.raises(Invalid):
        check_witness_keys([log_keys()[0].verifier])


# --- the folder -----------------------------------------------------------------------------


def test_a_second_process_cannot_write_the_folder(tmp_path: Path) -> None:
    with directory(tmp_path) as storage:
        assert code_of(DirectoryStorage, tmp_path, writable=True) == "ledger.locked"
        storage.append(entries(2), at=0)
        reader = DirectoryStorage(tmp_path)
        assert list(reader.entries(0, 2)) == entries(2)
        assert code_of(reader.append, entries(1), at=2) == "ledger.read_only"
    with directory(tmp_path) as again:
        assert again.size() == 2


def test_partial_tiles_go_when_the_full_one_is_there(tmp_path: Path) -> None:
    with directory(tmp_path / "log") as storage:
        log = make_log(storage, guard=FileGuard(tmp_path / "guard"))
        for step in (1, 250, 5, 1, 255, 3):
            log.sequence(entries(step, start=log.size))
            log.integrate()
            log.publish(now=NOW)
            checked(storage)
        names = {
            path.relative_to(storage.root).as_posix()
            for path in storage.root.rglob("*")
            if path.is_file()
        }
        assert "tile/0/000" in names
        assert not any(name.startswith("tile/0/000.p/") for name in names)
        assert {"tile/0/002.p/3", "tile/entries/002.p/3"} <= names
        assert not any("writing" in name for name in names)


def test_what_the_folder_refuses(tmp_path: Path) -> None:
    with directory(tmp_path) as storage:
        assert code_of(storage.append, entries(1), at=1) == "ledger.moved"
        storage.append(entries(600), at=0)
        assert code_of(storage.entries, 0, 601) == "ledger.entries_missing"
        assert code_of(storage.read_tile, Tile(0, 0)) == "ledger.tile_missing"
        assert code_of(storage.read, "checkpoint") == "ledger.tile_missing"
        assert code_of(storage.write_checkpoint, b"x", previous=b"y") == "ledger.checkpoint_moved"
    (tmp_path / "tile/entries/001").unlink()
    assert code_of(DirectoryStorage, tmp_path) == "ledger.entries_missing"
    (tmp_path / "tile/entries/one").write_text("")
    assert code_of(DirectoryStorage, tmp_path) == "ledger.tile_path"


def test_a_file_that_is_larger_than_any_of_a_log(tmp_path: Path) -> None:
    storage = DirectoryStorage(tmp_path)
    with (tmp_path / "checkpoint").open("wb") as stream:
        stream.truncate(17 << 20)
    assert code_of(storage.read_checkpoint) == "ledger.file_size"


def test_when_entries_and_tiles_both_lie_the_checkpoint_is_named(tmp_path: Path) -> None:
    with directory(tmp_path / "log") as storage:
        log = make_log(storage, guard=FileGuard(tmp_path / "guard"))
        log.sequence(entries(4))
        log.integrate()
        log.publish(now=NOW)
    seen: list[int] = []
    keys = {"log_keys": verifiers(log_keys()), "progress": seen.append}
    assert audit(storage.read, **keys).ok
    assert sum(seen) == 4
    for name in ("tile/0/000.p/4", "tile/entries/000.p/4"):
        path = tmp_path / "log" / name
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    found = audit(storage.read, **keys)
    assert "ledger.root" in {fault.code for fault in found.faults}
    assert "tile/entries/000.p/4" in {fault.path for fault in found.faults}


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert code_of(DirectoryStorage, tmp_path / "file" / "log", writable=True) == "ledger.disk"
    with directory(tmp_path / "log") as storage:
        (tmp_path / "log" / "checkpoint").mkdir()
        with pytest.raises(Unavailable):
            storage.read_checkpoint()


def test_the_guard_is_a_file_of_its_own(tmp_path: Path) -> None:
    guard = FileGuard(tmp_path / "guard")
    assert guard.read() is None
    guard.replace(b"one", previous=None)
    assert guard.read() == b"one"
    assert code_of(guard.replace, b"two", previous=None) == "ledger.checkpoint_moved"
    missing = FileGuard(tmp_path / "nowhere" / "guard")
    assert code_of(missing.replace, b"x", previous=None) == "ledger.disk"


def test_storages_refuse_what_is_not_there() -> None:
    storage = MemoryStorage(entries(2))
    assert code_of(storage.entries, 1, 3) == "ledger.entries_missing"
    assert code_of(storage.read_tile, Tile(0, 0)) == "ledger.tile_missing"
    with pytest.raises(Unverified):
        storage.entries(2, 1)
