# SPDX-License-Identifier: Apache-2.0
"""Proof files: what they prove, what they refuse, and that no bit of one is idle."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canonical.base64 import write_base64
from comity.errors import Invalid, Unverified
from comity.ledger import leaf as leaves
from comity.ledger.checkpoint import open_checkpoint, order_lines
from comity.ledger.keys import SignatureType, VerifierKey, parse_vkey
from comity.ledger.note import SignedNote, read_note
from comity.ledger.proof import (
    MAX_PROOF_BYTES,
    Opening,
    TlogProof,
    VerifiedProof,
    make_proof,
    read_proof,
    verify_proof,
)
from support.ledgers import (
    NOW,
    ORIGIN,
    WITNESSES,
    all_witness_keys,
    cosign,
    event,
    event_key,
    kept_witnesses,
    log_keys,
    make_log,
    private_body,
    proved,
    salt,
    verifiers,
    vkeys,
    witness_keys,
)
from support.shared import shared_path

TWO = WITNESSES[:2]


def verify(data: bytes, **changes) -> VerifiedProof:
    arguments = {
        "log_vkeys": vkeys(log_keys()),
        "event_vkey": event_key().verifier.to_text(),
        "witnesses": vkeys(all_witness_keys()),
        "quorum": 3,
        "now": NOW,
    }
    return verify_proof(data, **(arguments | changes))


def code_of(data: bytes, **changes) -> str:
    with pytest.raises((Invalid, Unverified)) as refused:
        verify(data, **changes)
    return refused.value.code


def edited(**changes) -> bytes:
    """Return the proof with members of its parsed form replaced."""
    proof = read_proof(proved())
    fields = {name: getattr(proof, name) for name in ("index", "hashes", "checkpoint", "extra")}
    return TlogProof(**(fields | changes)).to_bytes()


def with_lines(change) -> bytes:
    """Return the proof with the checkpoint's signature lines changed."""
    note = read_note(read_proof(proved()).checkpoint)
    lines = list(note.lines)
    change(lines)
    return edited(checkpoint=SignedNote(note.text, tuple(lines)).to_bytes())


def test_what_a_proof_says() -> None:
    proof = verify(proved())
    assert proof.leaf == event(3)
    assert proof.private == private_body(3)
    assert (proof.origin, proof.index, proof.size) == (ORIGIN, 3, 7)
    assert proof.witnesses == WITNESSES
    assert proof.cosigned_at == NOW
    assert proof.leaf_hash == event(3).hash.hex()
    assert proof.salt == salt(3)


def test_a_proof_file_reads_back_to_itself() -> None:
    assert read_proof(proved()).to_bytes() == proved()


def test_no_quorum_is_asked_of_a_log_without_witnesses() -> None:
    data = proved(witnesses=())
    proof = verify(data, witnesses=[], quorum=0)
    assert proof.cosigned_at is None
    assert code_of(data) == "proof.quorum"
    assert code_of(data, quorum=-1) == "proof.quorum"


def test_the_quorum_counts_witnesses_and_not_lines() -> None:
    data = proved(witnesses=TWO)
    assert verify(data, quorum=2).witnesses == TWO
    assert code_of(data, quorum=3) == "proof.quorum"


def test_the_time_of_the_quorum_is_that_of_the_last_witness_needed() -> None:
    # The third witness cosigns an hour later; a quorum of two is complete before.
    log = make_log()
    log.sequence([event(number).data for number in range(7)])
    log.integrate()
    log.publish(now=NOW)
    one, two, three = kept_witnesses()
    cosign(log, [one], now=NOW)
    cosign(log, [two], now=NOW + timedelta(minutes=1))
    published = cosign(log, [three], now=NOW + timedelta(hours=1))
    data = edited(checkpoint=published.note)
    late = NOW + timedelta(hours=2)
    assert verify(data, quorum=2, now=late).cosigned_at == NOW + timedelta(minutes=1)
    assert verify(data, quorum=3, now=late).cosigned_at == NOW + timedelta(hours=1)
    assert code_of(data) == "proof.future"


@cache
def slim() -> tuple[bytes, dict]:
    """Return a proof with Ed25519 signatures only, which verifies fast, and its keys."""
    kinds = {SignatureType.ED25519, SignatureType.COSIGNATURE_ED25519}
    log = [one for one in log_keys() if one.verifier.type in kinds]
    witnesses = [one for one in all_witness_keys(TWO) if one.verifier.type in kinds]
    proof = read_proof(proved())
    checkpoint = order_lines(
        read_note(proof.checkpoint), log_keys=verifiers(log), witness_keys=verifiers(witnesses)
    )
    data = TlogProof(proof.index, proof.hashes, checkpoint, proof.extra).to_bytes()
    return data, {"log_vkeys": vkeys(log), "witnesses": vkeys(witnesses), "quorum": 2}


def refused(data: bytes, keys: dict) -> bool:
    try:
        verify(data, **keys)
    except (Invalid, Unverified):
        return True
    return False


def test_no_byte_of_a_proof_may_change() -> None:
    data, keys = slim()
    assert not refused(data, keys)
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1 << (at * 5 % 8)
        assert refused(bytes(changed), keys), f"byte {at}"


@pytest.mark.slow
def test_no_bit_of_a_proof_may_change() -> None:
    data, keys = slim()
    for at in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[at] ^= 1 << bit
            assert refused(bytes(changed), keys), f"byte {at}, bit {bit}"


@given(at=st.integers(0, len(proved()) - 1), bit=st.integers(0, 7))
def test_no_bit_of_a_post_quantum_proof_may_change(at: int, bit: int) -> None:
    changed = bytearray(proved())
    changed[at] ^= 1 << bit
    assert refused(bytes(changed), {})


@given(at=st.integers(0, len(slim()[0])), data=st.data())
def test_nothing_may_be_cut_out_or_put_in(at: int, data: st.DataObject) -> None:
    whole, keys = slim()
    cut = data.draw(st.integers(0, min(40, len(whole) - at)))
    put = data.draw(st.binary(max_size=8))
    changed = whole[:at] + put + whole[at + cut :]
    assert changed == whole or refused(changed, keys)


@given(st.binary(max_size=600))
def test_bytes_of_any_kind_are_refused_in_our_own_words(data: bytes) -> None:
    assert refused(data, {})
    assert refused(b"c2sp.org/tlog-proof@v1\n" + data, {})


def test_strict_refuses_lines_that_only_ignoring_would_pass() -> None:
    first_two = with_lines(lambda lines: lines.__setitem__(slice(0, 2), lines[1::-1]))
    assert code_of(first_two) == "checkpoint.line_order"
    doubled = with_lines(lambda lines: lines.append(lines[-1]))
    assert code_of(doubled) == "note.duplicate_line"
    assert code_of(proved(), witnesses=vkeys(all_witness_keys(TWO)), quorum=2) == "note.unknown_key"
    for data in (first_two, doubled):
        assert verify(data, strict=False).index == 3


@pytest.mark.parametrize("at", range(8))
def test_strict_asks_for_every_algorithm(at: int) -> None:
    data = with_lines(lambda lines: lines.pop(at))
    assert code_of(data) == "checkpoint.algorithm_missing"
    assert verify(data, strict=False).index == 3


def test_a_whole_witness_may_be_absent_if_the_quorum_holds() -> None:
    data = with_lines(lambda lines: lines.__delitem__(slice(2, 4)))
    assert verify(data, quorum=2).witnesses == WITNESSES[1:]


def test_strict_knows_one_spelling_of_a_base64_line() -> None:
    note = read_proof(proved()).checkpoint
    first = note.split(b"\n")[4]
    assert first.endswith(b"=")
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = letters.index(first[-2:-1])
    other = first[:-2] + letters[last + 1 : last + 2] + b"="
    data = edited(checkpoint=note.replace(first, other))
    assert code_of(data) == "note.not_canonical"
    assert code_of(data, strict=False) == "note.signature_invalid"


def test_a_witness_cannot_be_the_log() -> None:
    own = [
        VerifierKey.of(
            name="xv.moj/witness",
            type=SignatureType.COSIGNATURE_ED25519,
            public=log_keys()[0].verifier.public,
        ).to_text()
    ]
    assert code_of(proved(), witnesses=own, quorum=1) == "checkpoint.witness_keys"
    assert code_of(proved(), witnesses=vkeys(log_keys()), quorum=1) == "checkpoint.witness_keys"


def test_one_key_under_two_names_is_not_two_witnesses() -> None:
    public = witness_keys(WITNESSES[0])[0].verifier.public
    twice = [
        VerifierKey.of(name=name, type=SignatureType.COSIGNATURE_ED25519, public=public).to_text()
        for name in ("xa.one/witness", "xa.two/witness")
    ]
    assert code_of(proved(), witnesses=twice, quorum=2) == "checkpoint.witness_keys"


def test_what_the_extra_line_must_hold() -> None:
    good = read_proof(proved()).extra
    assert good
    members = json.loads(good)
    assert code_of(edited(extra=None)) == "proof.no_leaf"
    assert code_of(edited(extra=b"{}")) == "json.member_missing"
    assert code_of(edited(extra=good + b" ")) == "json.not_canonical"

    def changed(**values) -> bytes:
        return json.dumps(members | values, sort_keys=True, separators=(",", ":")).encode()

    assert code_of(edited(extra=changed(more=1))) == "json.member_unknown"
    assert code_of(edited(extra=changed(private=[]))) == "proof.private"
    assert code_of(edited(extra=changed(private={"seq": 4}))) == "leaf.commitment"
    assert code_of(edited(extra=changed(salt=write_base64(salt(4))))) == "leaf.commitment"
    assert code_of(edited(extra=changed(salt=write_base64(salt(4)[:31])))) == "json.member_size"
    other = changed(
        leaf=write_base64(event(4).data), private=private_body(4), salt=write_base64(salt(4))
    )
    assert code_of(edited(extra=other)) == "merkle.inclusion"


def test_the_author_of_the_leaf_must_be_the_expected_one() -> None:
    assert code_of(proved(), event_vkey=event_key("xm.moj").verifier.to_text()) == (
        "note.unknown_key"
    )
    wrong_type = witness_keys(WITNESSES[0])[0].verifier.to_text()
    assert code_of(proved(), event_vkey=wrong_type) == "leaf.signer"


def test_event_types_come_from_a_closed_list() -> None:
    assert verify(proved(), event_types=frozenset({"custody.acquired"}))
    assert code_of(proved(), event_types=frozenset({"request.sent"})) == "leaf.event_type"


def test_the_log_must_be_the_expected_one() -> None:
    assert code_of(proved(), log_vkeys=vkeys(log_keys("xm.moj/log"))) == "checkpoint.origin"
    assert code_of(proved(), log_vkeys=[]) == "checkpoint.log_keys"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"index 03", "ledger.number"),
        (b"index +3", "ledger.number"),
        (b"index \xd9\xa3", "proof.not_ascii"),
        (b"index 3 ", "ledger.number"),
        (b"index", "proof.no_index"),
        (b"index 9223372036854775808", "ledger.number"),
        (b"index 9", "merkle.index"),
        (b"index 4", "merkle.inclusion"),
    ],
)
def test_the_index_line(line: bytes, code: str) -> None:
    assert code_of(proved().replace(b"\nindex 3\n", b"\n" + line + b"\n")) == code


def test_hash_lines() -> None:
    hashes = read_proof(proved()).hashes
    assert len(hashes) == 3
    assert code_of(edited(hashes=hashes[:-1])) == "merkle.inclusion"
    assert code_of(edited(hashes=(*hashes, hashes[0]))) == "merkle.inclusion"
    assert code_of(edited(hashes=hashes[::-1])) == "merkle.inclusion"
    assert code_of(edited(hashes=hashes * 22)) == "proof.too_long"
    assert code_of(edited(hashes=(hashes[0][:-1], *hashes[1:]))) == "ledger.hash_size"


def test_a_proof_has_a_largest_size() -> None:
    assert code_of(proved() + b"x" * MAX_PROOF_BYTES) == "proof.too_large"


def test_a_private_body_has_a_largest_size() -> None:
    big = {"text": "x" * leaves.MAX_PRIVATE_BYTES}
    with pytest.raises(Invalid) as refused_:
        leaves.commit(salt=salt(1), private=big)
    assert refused_.value.code == "leaf.private_size"


def test_making_and_verifying_agree_on_the_opening() -> None:
    proof = read_proof(proved())
    made = make_proof(
        leaf=event(3).data,
        index=3,
        hashes=proof.hashes,
        checkpoint_note=proof.checkpoint,
        opening=Opening(salt(3), private_body(3)),
    )
    assert made == proved()


@pytest.mark.shared
def test_syntax_vectors() -> None:
    cases = json.loads(shared_path("vectors", "ledger", "tlog-proof", "syntax.json").read_text())
    for case in cases["valid"]:
        proof = read_proof(case["text"].encode())
        assert proof.index == case["index"]
        assert [write_base64(one) for one in proof.hashes] == case["hashes"]
        assert proof.extra == (case["extra"].encode() if case["extra"] else None)
        if "checkpoint" in case:
            assert proof.checkpoint.decode() == case["checkpoint"]
        assert proof.to_bytes() == case["text"].encode()
    for case in cases["invalid"]:
        with pytest.raises(Invalid):
            read_proof(case["text"].encode())
    assert len(cases["valid"]) == 2
    assert len(cases["invalid"]) == 4


def test_the_checkpoint_in_a_proof_opens_by_itself() -> None:
    opened = open_checkpoint(
        read_proof(proved()).checkpoint,
        log_keys=[parse_vkey(text) for text in vkeys(log_keys())],
        witness_keys=verifiers(all_witness_keys()),
        strict=True,
    )
    assert sorted(opened.cosigners()) == sorted(WITNESSES)
    assert len(opened.note.lines) == 8
