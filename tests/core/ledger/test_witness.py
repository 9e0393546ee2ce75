# SPDX-License-Identifier: Apache-2.0
"""The witness: published requests, and what it never does whatever it is sent."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from comity.errors import Invalid
from comity.ledger import merkle
from comity.ledger.checkpoint import open_checkpoint, sign_checkpoint
from comity.ledger.keys import parse_vkey
from comity.ledger.note import read_lines, read_note
from comity.ledger.tree_head import TreeHead
from comity.ledger.witness import (
    FORK,
    INCONSISTENT,
    MAX_REQUEST_BYTES,
    TREE_SIZE,
    Answer,
    Witness,
    read_request,
    read_tree_size,
    write_request,
)
from support.ledgers import (
    NOW,
    ORIGIN,
    WITNESSES,
    KeptWitness,
    event_key,
    key,
    log_keys,
    verifiers,
    witness_keys,
)
from support.shared import shared_path

NAME = WITNESSES[0]


def leaves_of(history: str, count: int) -> list[bytes]:
    return [merkle.leaf_hash(f"{history} {number}".encode()) for number in range(count)]


def checkpoint(leaves: list[bytes], *, origin: str = ORIGIN, keys: list | None = None) -> bytes:
    head = TreeHead(origin, len(leaves), merkle.root_of(leaves))
    return sign_checkpoint(head, keys=log_keys(origin) if keys is None else keys, now=NOW)


def proof(leaves: list[bytes], old: int) -> list[bytes]:
    def node(level: int, index: int) -> bytes:
        return merkle.root_of(leaves[index << level : (index + 1) << level])

    return merkle.consistency_proof(node, old_size=old, size=len(leaves))


def request(leaves: list[bytes], old: int) -> bytes:
    hashes = proof(leaves, old) if old <= len(leaves) else []
    return write_request(old_size=old, hashes=hashes, note=checkpoint(leaves))


def witness() -> KeptWitness:
    return KeptWitness(NAME, {ORIGIN: verifiers(log_keys())})


@pytest.mark.shared
def test_published_requests() -> None:
    vectors = json.loads(
        shared_path("vectors", "ledger", "witness", "add-checkpoint.json").read_text()
    )
    log = parse_vkey(vectors["log_vkey"])
    assert log.public.hex() == vectors["log_public_key_hex"]
    kept = KeptWitness("example.com/witness", {vectors["log_origin"]: [log]})
    statuses = []
    for step in vectors["steps"]:
        answer = kept.answer(step["request_body"].encode(), now=NOW)
        statuses.append(answer.status)
        assert answer.status == step["status"], step["name"]
        assert step["body_contains"] in answer.body.decode(), step["name"]
        if answer.status == 409:
            assert answer.content_type == vectors["response_content_type_of_409"]
    assert len(statuses) == 11
    assert set(statuses) == {200, 400, 403, 404, 409, 422}


def test_a_cosignature_with_both_algorithms() -> None:
    leaves = leaves_of("a", 3)
    note = checkpoint(leaves)
    kept = witness()
    answer = kept.answer(write_request(old_size=0, hashes=[], note=note), now=NOW)
    assert answer.status == 200
    assert [line.name for line in read_lines(answer.body.decode())] == [NAME, NAME]
    opened = open_checkpoint(
        note + answer.body,
        log_keys=verifiers(log_keys()),
        witness_keys=verifiers(witness_keys(NAME)),
        strict=True,
    )
    assert opened.cosigners() == {NAME: int(NOW.timestamp())}
    # What a monitor is served holds the log's lines and the cosignatures that were returned.
    assert answer.state
    assert answer.state.note == note + answer.body
    assert (answer.state.size, answer.state.root) == (3, merkle.root_of(leaves))


def test_the_same_checkpoint_again_is_cosigned_again() -> None:
    kept, leaves = witness(), leaves_of("a", 3)
    assert kept.answer(request(leaves, 0), now=NOW).status == 200
    again = kept.answer(request(leaves, 3), now=NOW + timedelta(minutes=10))
    assert again.status == 200
    assert kept.states[ORIGIN].signed_at == int(NOW.timestamp()) + 600


def test_a_fork_is_refused_and_kept() -> None:
    kept = witness()
    kept.answer(request(leaves_of("a", 3), 0), now=NOW)
    answer = kept.answer(request(leaves_of("b", 3), 3), now=NOW)
    assert answer.status == 422
    (evidence,) = kept.evidence
    assert evidence.kind == FORK
    for note in (evidence.submitted, evidence.held):
        opened = open_checkpoint(note, log_keys=verifiers(log_keys()))
        assert opened.head.size == 3
    assert (
        read_note(evidence.submitted).text.split("\n")[:2]
        == read_note(evidence.held).text.split("\n")[:2]
    )
    assert read_note(evidence.submitted).text != read_note(evidence.held).text


def test_a_fork_is_kept_even_with_a_wrong_old_size() -> None:
    kept = witness()
    kept.answer(request(leaves_of("a", 3), 0), now=NOW)
    answer = kept.answer(request(leaves_of("b", 3), 0), now=NOW)
    assert (answer.status, answer.body) == (409, b"3\n")
    assert [one.kind for one in kept.evidence] == [FORK]


def test_a_rewritten_past_is_refused_and_kept() -> None:
    kept = witness()
    kept.answer(request(leaves_of("a", 3), 0), now=NOW)
    assert kept.answer(request(leaves_of("b", 5), 3), now=NOW).status == 422
    assert [one.kind for one in kept.evidence] == [INCONSISTENT]


def test_going_back_is_refused() -> None:
    kept, leaves = witness(), leaves_of("a", 5)
    kept.answer(request(leaves, 0), now=NOW)
    shorter = kept.answer(request(leaves[:3], 5), now=NOW)
    assert shorter.status == 400
    shorter = kept.answer(request(leaves[:3], 3), now=NOW)
    assert (shorter.status, shorter.body, shorter.content_type) == (409, b"5\n", TREE_SIZE)
    assert kept.states[ORIGIN].size == 5


def test_the_empty_tree() -> None:
    kept = witness()
    assert kept.answer(request([], 0), now=NOW).status == 200
    head = TreeHead(ORIGIN, 0, merkle.leaf_hash(b"no empty root"))
    note = sign_checkpoint(head, keys=log_keys(), now=NOW)
    assert kept.answer(write_request(old_size=0, hashes=[], note=note), now=NOW).status == 422
    leaves = leaves_of("a", 2)
    surplus = write_request(old_size=0, hashes=leaves[:1], note=checkpoint(leaves))
    assert kept.answer(surplus, now=NOW).status == 422
    assert kept.answer(request(leaves, 0), now=NOW).status == 200


def test_a_clock_behind_the_last_signature_signs_nothing() -> None:
    kept, leaves = witness(), leaves_of("a", 4)
    kept.answer(request(leaves[:2], 0), now=NOW)
    for back in (timedelta(seconds=1), timedelta(hours=1), timedelta(days=3650)):
        answer = kept.answer(request(leaves, 2), now=NOW - back)
        assert answer.status == 503
        assert answer.state is None
        assert kept.states[ORIGIN].size == 2
    assert kept.answer(request(leaves, 2), now=NOW).status == 200


def test_the_clock_counts_for_all_logs_together() -> None:
    other = "xm.moj/log"
    logs = {name: verifiers(log_keys(name)) for name in (ORIGIN, other)}
    kept, leaves = KeptWitness(NAME, logs), leaves_of("a", 1)
    kept.answer(request(leaves, 0), now=NOW)
    note = checkpoint(leaves, origin=other)
    body = write_request(old_size=0, hashes=[], note=note)
    assert kept.answer(body, now=NOW - timedelta(minutes=1)).status == 503
    assert kept.answer(body, now=NOW).status == 200


def test_signatures_that_do_not_count() -> None:
    leaves = leaves_of("a", 1)
    head = TreeHead(ORIGIN, 1, merkle.root_of(leaves))
    kept = witness()
    good = checkpoint(leaves)
    stranger = sign_checkpoint(head, keys=log_keys(), now=NOW).replace(
        b"\xe2\x80\x94 xv.moj/log", b"\xe2\x80\x94 xx.log"
    )
    broken = good[:-10] + (b"A" if good[-10:-9] != b"A" else b"B") + good[-9:]
    for note in (stranger, broken):
        body = write_request(old_size=0, hashes=[], note=note)
        assert kept.answer(body, now=NOW).status == 403
    assert not kept.states
    # Lines of keys that the witness does not know, its own among them, do not matter.
    only_first = KeptWitness(NAME, {ORIGIN: verifiers(log_keys())[:1]})
    assert only_first.answer(write_request(old_size=0, hashes=[], note=good), now=NOW).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 0\n\n",
        b"old\n\n" + checkpoint(leaves_of("a", 1)),
        b"old 00\n\n" + checkpoint(leaves_of("a", 1)),
        b"old -1\n\n" + checkpoint(leaves_of("a", 1)),
        b"old \xd9\xa3\n\n" + checkpoint(leaves_of("a", 1)),
        b"OLD 0\n\n" + checkpoint(leaves_of("a", 1)),
        b"old 0\nAAAA\n\n" + checkpoint(leaves_of("a", 1)),
        b"old 0\n" + base64.b64encode(bytes(32)) * 64 + b"\n\n" + checkpoint(leaves_of("a", 1)),
        b"old 1\n" + (base64.b64encode(bytes(32)) + b"\n") * 64 + b"\n" + checkpoint([b"x" * 32]),
        b"old 2\n\n" + checkpoint(leaves_of("a", 1)),
        b"old 0\n\n" + b"x" * MAX_REQUEST_BYTES,
    ],
)
def test_what_is_no_request(body: bytes) -> None:
    assert witness().answer(body, now=NOW).status == 400


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_get_an_answer(data: bytes) -> None:
    good = request(leaves_of("a", 2), 0)
    for body in (data, b"old 0\n\n" + data, good + data, good[: len(data)] + data):
        answer = witness().answer(body, now=NOW)
        assert answer.status in {200, 400, 403, 404, 422}
        assert (answer.state is not None) is (answer.status == 200)


def test_requests_read_back() -> None:
    leaves = leaves_of("a", 5)
    read = read_request(request(leaves, 3))
    assert (read.old_size, read.checkpoint.head.size) == (3, 5)
    assert list(read.hashes) == proof(leaves, 3)
    assert read_tree_size(b"5\n") == 5
    for wrong in (b"5", b"x\n", b"05\n", b"\xff\n"):
        with pytest.raises(Invalid):
            read_tree_size(wrong)


def test_what_no_witness_can_be_made_of() -> None:
    for keys, logs in (
        ([], {}),
        ([*witness_keys(NAME), *witness_keys(WITNESSES[1])], {}),
        (witness_keys(NAME), {"xm.moj/log": verifiers(log_keys())}),
        (witness_keys(NAME), {ORIGIN: []}),
        (witness_keys(NAME), {ORIGIN: [event_key().verifier]}),
        (log_keys(), {ORIGIN: verifiers(log_keys())}),
        ([key(ORIGIN, witness_keys(NAME)[0].verifier.type)], {ORIGIN: verifiers(log_keys())}),
    ):
        with pytest.raises(Invalid):
            Witness(keys=keys, logs=logs)
    assert Witness(keys=witness_keys(NAME), logs={}).name == NAME


@given(data=st.data(), n=st.integers(1, 10))
def test_no_two_histories_are_ever_final(data: st.DataObject, n: int) -> None:
    # A forking log with f accomplices among n witnesses; a quorum of more than two thirds.
    quorum = 2 * n // 3 + 1
    liars = data.draw(st.integers(0, (n - 1) // 3))
    names = [f"x{letter}.node/witness" for letter in "abcdefghij"[:n]]
    honest = [KeptWitness(name, {ORIGIN: verifiers(log_keys()[:1])}) for name in names[liars:]]
    final: dict[bytes, set[str]] = {}
    for _ in range(data.draw(st.integers(1, 3))):
        for history in data.draw(st.permutations("ab")):
            known = [one for one in honest if data.draw(st.booleans())]
            leaves = leaves_of(history, 4)
            note = checkpoint(leaves, keys=log_keys()[:1])
            signed = set(names[:liars])  # whoever lies signs everything
            for one in known:
                old = one.states[ORIGIN].size if ORIGIN in one.states else 0
                body = write_request(old_size=old, hashes=[], note=note)
                if one.answer(body, now=NOW).status == 200:
                    signed.add(one.name)
            final.setdefault(merkle.root_of(leaves), set()).update(signed)
    complete = [root for root, signers in final.items() if len(signers) >= quorum]
    assert len(complete) <= 1


class AnyLogAndAnyNetwork(RuleBasedStateMachine):
    """A log that lies, requests that are repeated and come late, a clock that jumps.

    Never: a smaller size, a second root of one size, a time that goes back.
    """

    @initialize()
    def start(self) -> None:
        self.kept = witness()
        self.now = NOW
        self.sent: list[bytes] = []
        self.signed: list[tuple[int, bytes, int]] = []

    def hand_over(self, body: bytes) -> None:
        before = self.kept.states.get(ORIGIN)
        answer: Answer = self.kept.answer(body, now=self.now)
        if answer.status == 200:
            assert answer.state
            self.signed.append((answer.state.size, answer.state.root, answer.state.signed_at))
        else:
            assert self.kept.states.get(ORIGIN) == before

    @rule(history=st.sampled_from("abc"), size=st.integers(0, 9), old=st.integers(0, 9))
    def a_request(self, history: str, size: int, old: int) -> None:
        body = request(leaves_of(history, size), old)
        self.sent.append(body)
        self.hand_over(body)

    @rule(history=st.sampled_from("ab"), more=st.integers(0, 5))
    def a_request_that_knows_the_size(self, history: str, more: int) -> None:
        state = self.kept.states.get(ORIGIN)
        old = state.size if state else 0
        body = request(leaves_of(history, old + more), old)
        self.sent.append(body)
        self.hand_over(body)

    @rule(at=st.integers(0, 100))
    def a_repeated_request(self, at: int) -> None:
        if self.sent:
            self.hand_over(self.sent[at % len(self.sent)])

    @rule(seconds=st.integers(-100_000, 100_000))
    def the_clock_jumps(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def nothing_ever_goes_back(self) -> None:
        sizes = [size for size, _, _ in self.signed]
        times = [at for _, _, at in self.signed]
        assert sizes == sorted(sizes)
        assert times == sorted(times)
        roots: dict[int, bytes] = {}
        for size, root, _ in self.signed:
            assert roots.setdefault(size, root) == root


AnyLogAndAnyNetwork.TestCase.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None
)
TestAnyLogAndAnyNetwork = AnyLogAndAnyNetwork.TestCase
