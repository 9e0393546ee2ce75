# SPDX-License-Identifier: Apache-2.0
"""The node's own log: from an event to a proof that a court can check, and every refusal."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction

from comity.errors import ComityError, Unavailable, Unverified
from comity.ledger import leaf as leaves
from comity.ledger import merkle
from comity.ledger.audit import audit
from comity.ledger.checkpoint import read_checkpoint, sign_checkpoint
from comity.ledger.keys import parse_vkey
from comity.ledger.policy import read_policy
from comity.ledger.proof import VerifiedProof, verify_proof
from comity.ledger.tree_head import TreeHead
from comity.ledger.witness import read_request
from comity.node.keyring import keyring
from comity.node.services import _ledger_halt, _ledger_policy, ledger, publishing, register
from comity.node.services.publishing import WitnessAnswer
from comity.node.store.ledger_storage import DatabaseStorage
from comity.node.store.models import (
    AuditRow,
    LedgerCheckpointRow,
    LedgerEntryRow,
    LedgerItemRow,
    LedgerOpeningRow,
    LedgerPolicyRow,
    LedgerStateRow,
    LedgerTileRow,
    LedgerWitnessRow,
)
from support.ledger_node import OWN, cosign, happen, settle, sign


def verify(index: int, **changes) -> VerifiedProof:
    own = keyring().statement.ledger
    arguments = {
        "log_vkeys": own.log_vkeys,
        "event_vkey": own.event_vkey,
        "witnesses": [key.to_text() for key in _ledger_policy.witnesses().all_keys],
        "quorum": 2,
    }
    return verify_proof(ledger.proof(index), **(arguments | changes))


def code_of(call, *arguments, **named) -> str:
    with pytest.raises(ComityError) as refused:
        call(*arguments, **named)
    return refused.value.code


def test_an_event_becomes_a_proof(node, peers) -> None:
    (index,) = happen(node)
    assert not ledger.is_final(index)
    assert code_of(ledger.proof, index) == "ledger.not_final"
    sign(node)
    assert cosign(node, peers, "xm.moj") == 1
    assert not ledger.is_final(index)
    assert cosign(node, peers) == 1
    assert ledger.is_final(index)
    proof = verify(index)
    audited = AuditRow.objects.get(leaf_index=index)
    assert proof.leaf_hash == audited.leaf_sha256
    assert proof.leaf.event_type == audited.event == "keys.renewed"
    assert leaves.json.write(proof.private) == bytes(audited.payload)
    assert proof.witnesses == ("xl.records/witness", "xm.moj/witness")
    assert proof.cosigned_at == node.now()


def test_the_first_proof_of_an_entry_stays(node, peers) -> None:
    (index,) = happen(node)
    settle(node, peers)
    first = ledger.proof(index)
    node.advance(minutes=1)
    happen(node, 3)
    settle(node, peers)
    assert ledger.proof(index) == first
    assert ledger.final_size() == LedgerStateRow.objects.get().size


def test_an_event_that_is_rolled_back_leaves_no_leaf(node, peers) -> None:
    before = LedgerStateRow.objects.get().size
    with transaction.atomic():
        happen(node)
        transaction.set_rollback(True)
    assert LedgerStateRow.objects.get().size == before == LedgerEntryRow.objects.count()
    (index,) = happen(node)
    assert index == before


def test_indices_have_no_gap_and_slots_count_the_item(node, peers) -> None:
    happen(node, 3)
    happen(node, 2)
    indices = list(LedgerEntryRow.objects.order_by("index").values_list("index", flat=True))
    assert indices == list(range(len(indices)))
    item = LedgerItemRow.objects.get(item=f"node:{OWN}")
    found = [leaves.read_leaf(bytes(row.leaf)) for row in LedgerEntryRow.objects.order_by("index")]
    leaves.check_complete(found, item_secret=bytes(item.secret), events=item.next_sequence)


def test_a_leaf_tells_nothing_that_is_private(node, peers, officer) -> None:
    officer("amara", "drafter")
    row = LedgerEntryRow.objects.order_by("-index").first()
    leaf = leaves.read_leaf(bytes(row.leaf))
    assert leaf.event_type == "officer.added"
    assert b"amara" not in bytes(row.leaf).lower()
    assert leaf.at == node.now().replace(second=0)


def test_only_known_events_are_logged(node, peers) -> None:
    assert code_of(happen, node, event="node.painted") == "leaf.event_type"


def test_many_entries_make_tiles_that_others_can_audit(node, peers) -> None:
    for _ in range(3):
        happen(node, 200)
        settle(node, peers)
    held = DatabaseStorage(now=node.now())
    own = keyring().statement.ledger

    def read(path: str) -> bytes:
        return ledger.served_checkpoint() if path == "checkpoint" else held.read(path)

    found = audit(
        read,
        log_keys=[parse_vkey(text) for text in own.log_vkeys],
        witness_keys=_ledger_policy.witnesses().all_keys,
        check_entry=lambda _, entry: (
            leaves.verify_leaf(entry, verifier=parse_vkey(own.event_vkey)) and None
        ),
    )
    assert found.ok, found.faults
    assert found.head.size == LedgerStateRow.objects.get().size > 600
    # One row a tile, however often it grew.
    assert LedgerTileRow.objects.filter(level=0).count() == 3
    for index in (0, 255, 256, 599):
        verify(index)


def test_the_guard_is_written_before_anybody_sees_the_checkpoint(node, peers) -> None:
    happen(node)
    sign(node)
    held = settings.CONFIG.rollback_guard.read_bytes()
    assert held == bytes(LedgerCheckpointRow.objects.get().note)
    assert read_checkpoint(held).head.size == LedgerStateRow.objects.get().size


def test_a_quiet_log_shows_every_ten_minutes_that_it_lives(node, peers) -> None:
    (index,) = happen(node)
    settle(node, peers)
    first = ledger.proof(index)
    assert publishing.publish(now=node.now()) == 0
    node.advance(minutes=9)
    assert publishing.publish(now=node.now()) == 0
    for _ in range(5):
        node.advance(minutes=10)
        assert publishing.publish(now=node.now()) == 1
        while cosign(node, peers):
            pass
    # The first final one stays for proofs, the newest for whoever watches; nothing between.
    assert LedgerCheckpointRow.objects.count() == 2
    assert ledger.proof(index) == first
    newest = ledger.status()
    assert newest.published == node.now()
    assert all(one.at == node.now() for one in newest.witnesses)


def test_status_tells_who_has_cosigned(node, peers) -> None:
    happen(node)
    assert [one.size for one in ledger.status().witnesses] == [None, None]
    sign(node)
    cosign(node, peers, "xm.moj")
    status = ledger.status()
    assert status.quorum == 2
    assert {one.authority: one.size for one in status.witnesses} == {
        "xm.moj": status.sequenced,
        "xl.records": None,
    }
    assert (status.integrated, status.final) == (status.sequenced, 0)
    assert status.checkpoint.startswith(f"{status.origin}\n{status.sequenced}\n")


# --- witnesses that fail, lie, or know better -----------------------------------------------


def question_for(authority: str, now):
    return next(one for one in publishing.questions(now=now) if one.authority == authority)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"lies\n"),
        (200, "— xm.moj/witness AAAABBBBCCCCDDDD\n".encode()),
        (200, b"x" * 300_000),
        (409, b"many\n"),
        (409, b"0\n"),
        (422, b"consistency proof refused\n"),
        (500, b"\xff\xfe\x00"),
        (503, b"busy\n"),
    ],
)
def test_a_witness_that_lies_or_fails_is_left_aside(node, peers, status, body) -> None:
    (index,) = happen(node)
    sign(node)
    question = question_for("xm.moj", node.now())
    answer = WitnessAnswer(status, body)
    assert publishing.take_answer(question=question, answer=answer, now=node.now()) == 0
    row = LedgerWitnessRow.objects.get(authority="xm.moj")
    assert row.failures == 1
    assert row.problem
    assert [one.authority for one in publishing.questions(now=node.now())] == ["xl.records"]
    assert cosign(node, peers, "xl.records") == 1
    assert not ledger.is_final(index)
    node.advance(seconds=2)
    assert cosign(node, peers) == 1
    assert ledger.is_final(index)
    assert LedgerWitnessRow.objects.get(authority="xm.moj").failures == 0


def test_another_witness_s_cosignature_does_not_count(node, peers) -> None:
    happen(node)
    sign(node)
    question = question_for("xm.moj", node.now())
    others = peers.ask("xl.records", question.body, node.now())
    taken = WitnessAnswer(200, others.body)
    assert publishing.take_answer(question=question, answer=taken, now=node.now()) == 0


def test_one_algorithm_is_not_a_cosignature(node, peers) -> None:
    happen(node)
    sign(node)
    question = question_for("xm.moj", node.now())
    lines = peers.ask("xm.moj", question.body, node.now()).body.splitlines(keepends=True)
    assert len(lines) == 2
    taken = WitnessAnswer(200, lines[0])
    assert publishing.take_answer(question=question, answer=taken, now=node.now()) == 0
    assert "each of its algorithms" in LedgerWitnessRow.objects.get(authority="xm.moj").problem


def test_an_answer_that_was_lost_is_asked_for_again(node, peers) -> None:
    happen(node)
    sign(node)
    peers.ask("xm.moj", question_for("xm.moj", node.now()).body, node.now())  # answer lost
    (index,) = happen(node)
    sign(node)
    assert cosign(node, peers) == 2  # 409 with its size, and the other one's cosignature
    assert cosign(node, peers) == 1
    assert ledger.is_final(index)


def test_pauses_grow_and_end(node, peers) -> None:
    happen(node)
    sign(node)
    question = question_for("xm.moj", node.now())
    pauses = []
    for _ in range(14):
        publishing.take_silence(
            question=question, error=Unavailable("wire.unreachable", "gone"), now=node.now()
        )
        row = LedgerWitnessRow.objects.get(authority="xm.moj")
        pauses.append(row.next_attempt - node.now())
    assert pauses[:3] == [timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8)]
    assert max(pauses) == pauses[-1] == timedelta(minutes=10)


def test_while_witnesses_are_away_the_log_goes_on(node, peers) -> None:
    for _ in range(4):
        (index,) = happen(node)
        sign(node)
        node.advance(minutes=1)
    assert ledger.final_size() == 0
    assert LedgerStateRow.objects.get().integrated == index + 1
    while cosign(node, peers):
        pass
    assert ledger.final_size() == index + 1
    verify(index)


def test_a_witness_that_is_ahead_stops_the_ledger(node, peers) -> None:
    happen(node)
    sign(node)
    question = question_for("xm.moj", node.now())
    ahead = WitnessAnswer(409, b"1000\n")
    arguments = {"question": question, "answer": ahead, "now": node.now()}
    assert code_of(publishing.take_answer, **arguments) == "ledger.halted"
    assert code_of(happen, node) == "ledger.halted"
    assert code_of(ledger.check, node.now()) == "ledger.halted"
    with pytest.raises(Unavailable) as refused:
        happen(node)
    assert "old copy" in refused.value.message


def test_at_the_start_a_witness_that_is_ahead_is_found(node, peers) -> None:
    happen(node)
    settle(node, peers)
    origin = keyring().statement.ledger.origin
    state = peers.seen["xm.moj", origin]
    publishing.compare_with_witness(authority="xm.moj", note=state.note, now=node.now())
    signers = keyring().log_signers
    for size, code in ((state.size + 5, "ledger.halted"), (state.size, "ledger.forked")):
        _ledger_halt.reset()
        head = TreeHead(origin, size, merkle.leaf_hash(b"another history"))
        note = sign_checkpoint(head, keys=signers, now=node.now())
        arguments = {"authority": "xm.moj", "note": note, "now": node.now()}
        assert code_of(publishing.compare_with_witness, **arguments) == code
        assert code_of(happen, node) == "ledger.halted"


# --- what must stop the node ----------------------------------------------------------------


def test_a_database_restored_from_an_old_copy_does_not_open(node, peers) -> None:
    happen(node, 2)
    sign(node)
    assert "final" in ledger.check(node.now())
    old = settings.CONFIG.rollback_guard.read_bytes()
    with transaction.atomic():
        happen(node, 3)
        sign(node)
        newer = settings.CONFIG.rollback_guard.read_bytes()
        transaction.set_rollback(True)
    assert old != newer
    assert code_of(ledger.check, node.now()) == "ledger.rolled_back"
    # Other entries in their place do not help: it is another history now.
    happen(node, 3)
    publishing.integrate(now=node.now())
    assert code_of(publishing.publish, now=node.now()) == "ledger.forked"


def test_another_history_does_not_open(node, peers) -> None:
    happen(node, 2)
    with transaction.atomic():
        happen(node)
        sign(node)
        transaction.set_rollback(True)
    happen(node)
    assert code_of(ledger.check, node.now()) == "ledger.forked"
    publishing.integrate(now=node.now())
    assert code_of(publishing.publish, now=node.now()) == "ledger.forked"


def test_a_guard_that_is_gone_is_noticed(node, peers) -> None:
    happen(node)
    sign(node)
    settings.CONFIG.rollback_guard.unlink()
    assert code_of(ledger.check, node.now()) == "ledger.guard_missing"


def test_a_guard_of_another_log_is_refused(node, peers, world) -> None:
    happen(node)
    signers = world.keys("xm.moj").log_signers
    head = TreeHead(signers[0].name, 0, merkle.EMPTY_ROOT)
    settings.CONFIG.rollback_guard.write_bytes(sign_checkpoint(head, keys=signers, now=node.now()))
    assert code_of(ledger.check, node.now()) == "checkpoint.origin"


def test_a_clock_that_went_back_signs_nothing(node, peers) -> None:
    happen(node)
    sign(node)
    happen(node)
    publishing.integrate(now=node.now())
    earlier = node.now() - timedelta(seconds=1)
    assert code_of(publishing.publish, now=earlier) == "ledger.clock_back"


def drop_triggers(table: str) -> None:
    with connection.cursor() as cursor:
        for act in ("update", "delete"):
            cursor.execute(f"DROP TRIGGER {table}_no_{act}")


def test_a_bit_that_flipped_on_the_disk_is_not_signed(node, peers) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("drops SQLite's triggers")
    happen(node, 3)
    publishing.integrate(now=node.now())
    row = LedgerEntryRow.objects.order_by("-index").first()
    with pytest.raises(DatabaseError), transaction.atomic():
        LedgerEntryRow.objects.filter(pk=row.pk).update(leaf=b"changed")
    drop_triggers("store_ledgerentryrow")
    data = bytearray(row.leaf)
    data[40] ^= 1
    LedgerEntryRow.objects.filter(pk=row.pk).update(leaf=bytes(data))
    assert code_of(publishing.publish, now=node.now()) == "ledger.entry_changed"
    assert LedgerCheckpointRow.objects.count() == 0


def test_an_entry_cannot_be_deleted(node, peers) -> None:
    happen(node)
    with pytest.raises(DatabaseError), transaction.atomic():
        LedgerEntryRow.objects.all().delete()


def test_the_first_error_of_the_disk_stops_everything(node, peers) -> None:
    failed = sqlite3.OperationalError("disk I/O error")
    failed.sqlite_errorname = "SQLITE_IOERR_FSYNC"
    error = OperationalError("disk I/O error")
    error.__cause__ = failed

    def break_down() -> None:
        with ledger.stopping_at_disk_errors():
            raise error

    assert code_of(break_down) == "ledger.halted"
    for call in (lambda: happen(node), lambda: ledger.check(node.now())):
        assert code_of(call) == "ledger.halted"


def test_a_busy_or_full_database_is_no_broken_one(node, peers) -> None:
    for name in ("SQLITE_BUSY", "SQLITE_FULL"):
        cause = sqlite3.OperationalError("x")
        cause.sqlite_errorname = name
        error = OperationalError("x")
        error.__cause__ = cause
        with pytest.raises(OperationalError), ledger.stopping_at_disk_errors():
            raise error
    happen(node)


# --- erasure, policy ------------------------------------------------------------------------


def test_after_erasure_the_log_stands_and_the_entry_is_silent(node, peers) -> None:
    (index,) = happen(node)
    settle(node, peers)
    LedgerOpeningRow.objects.filter(pk=index).delete()
    assert code_of(ledger.proof, index) == "ledger.erased"
    assert "entries" in ledger.check(node.now())
    (later,) = happen(node)
    settle(node, peers)
    verify(later)


def test_every_leaf_names_the_policy_in_force(node, peers) -> None:
    happen(node)
    row = LedgerEntryRow.objects.order_by("-index").first()
    policy = LedgerPolicyRow.objects.get(pk=leaves.read_leaf(bytes(row.leaf)).policy)
    read = read_policy(bytes(policy.text))
    keys = _ledger_policy.witnesses()
    assert read.satisfied(keys.all_keys)
    assert not read.satisfied([key for key in keys.all_keys if key.type != 6])
    assert not read.satisfied(list(keys.keys["xm.moj"]))
    assert [entry.key.to_text() for entry in read.logs] == list(
        keyring().statement.ledger.log_vkeys
    )
    # The node's first entries were made before it knew both of its witnesses.
    texts = [bytes(one.text) for one in LedgerPolicyRow.objects.all()]
    assert any(b"\n# not known yet: xm.moj\n" in text for text in texts)


def test_there_is_no_proof_of_what_is_not_there(node, peers) -> None:
    assert code_of(ledger.proof, 10_000) == "ledger.no_entry"
    assert not ledger.is_final(10_000)


def test_a_witness_in_quarantine_does_not_count(node, peers, monkeypatch) -> None:
    happen(node)
    sign(node)
    from comity.node.store.models import PeerRow

    PeerRow.objects.filter(authority="xm.moj").update(status="quarantined")
    assert list(_ledger_policy.witnesses().keys) == ["xl.records"]
    assert [one.authority for one in publishing.questions(now=node.now())] == ["xl.records"]
    with pytest.raises(Unverified):
        register.statement_of("xm.moj")


def test_requests_carry_the_right_old_size(node, peers) -> None:
    happen(node)
    settle(node, peers)
    size = LedgerStateRow.objects.get().size
    happen(node, 4)
    sign(node)
    for question in publishing.questions(now=node.now()):
        read = read_request(question.body)
        assert (read.old_size, read.checkpoint.head.size) == (size, size + 4)
