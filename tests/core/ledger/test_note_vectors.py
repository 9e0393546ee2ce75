# SPDX-License-Identifier: Apache-2.0
"""Signed notes, verifier keys and checkpoint texts of other projects."""

from __future__ import annotations

import base64
import json

import pytest

from comity.crypto.ed25519_point import check_ed25519_public
from comity.errors import ComityError, Invalid
from comity.ledger.keys import SignatureType, VerifierKey, parse_vkey
from comity.ledger.note import read_lines, read_note, verify_note
from comity.ledger.tree_head import read_tree_head
from support.shared import shared_path

pytestmark = pytest.mark.shared
FOLDER = shared_path("vectors", "ledger")
#: Signature types that C2SP assigns and Comity does not use.
UNUSED_TYPES = {"rekor-v1-ecdsa": 0x02, "rome-ct-rfc6962": 0x05}


def cases(name: str) -> list[dict]:
    return json.loads((FOLDER / "notes" / name).read_text())


@pytest.mark.parametrize("case", cases("signed-notes.json"), ids=lambda case: case["id"])
def test_signed_notes(case: dict) -> None:
    if case["id"] in UNUSED_TYPES:
        kind = base64.b64decode(case["vkeys"][0].split("+", 2)[2])[0]
        assert kind == UNUSED_TYPES[case["id"]]
        with pytest.raises(Invalid) as refused:
            parse_vkey(case["vkeys"][0])
        assert refused.value.code == "vkey.unsupported"
        assert read_note(case["note"].encode()).lines
        return
    try:
        keys = [parse_vkey(text) for text in case["vkeys"]]
        verified = verify_note(read_note(case["note"].encode()), keys=keys)
    except ComityError:
        assert case["expect"] == "reject"
    else:
        assert case["expect"] == "accept"
        assert len(verified) == 1


@pytest.mark.parametrize("case", cases("vkeys.json"), ids=lambda case: case["id"])
def test_verifier_keys(case: dict) -> None:
    if case["expect"] == "accept":
        assert parse_vkey(case["vkey"]).to_text() == case["vkey"]
        return
    with pytest.raises(Invalid) as refused:
        parse_vkey(case["vkey"])
    unsupported = refused.value.code == "vkey.unsupported"
    assert unsupported is (case["id"] in {"ecdsa-rekor", "unknown-algorithm"})


def test_timestamps_of_cosignatures() -> None:
    for case in cases("cosignature-timestamp.json"):
        line = f"— witness.example {case['base64']}\n"
        if "timestamp" in case:
            (read,) = read_lines(line)
            assert int.from_bytes(read.signature[:8], "big") == case["timestamp"]
            assert len(read.signature) == 8 + 64
            continue
        try:
            (read,) = read_lines(line)
        except Invalid:
            continue
        assert len(read.signature) != 8 + 64


def test_the_go_sum_database_head() -> None:
    # Its origin has spaces, which C2SP allows an origin and forbids a key name.
    case = cases("sumdb-tree.json")
    head = read_tree_head(case["text"])
    assert head.size == case["size"]
    assert base64.b64encode(head.root).decode() == case["root"]
    assert head.to_text() == case["text"]
    wrong_size, wrong_root = case["bad"][1:]
    for text in (wrong_size, wrong_root):
        with pytest.raises(Invalid):
            read_tree_head(text)
    # Another origin is well-formed; it is refused as another log's.
    assert read_tree_head(case["bad"][0]).origin != head.origin


@pytest.mark.parametrize("kind", [SignatureType.ED25519, SignatureType.COSIGNATURE_ED25519])
def test_weak_keys_are_not_enrolled(kind: SignatureType) -> None:
    cctv = json.loads((FOLDER / "cctv" / "ed25519vectors.json").read_text())
    weak = {
        case["key"]
        for case in cctv
        if {"low_order_A", "non_canonical_A"} & set(case["flags"] or ())
    }
    assert len(weak) >= 10
    for key in weak:
        with pytest.raises(Invalid):
            VerifierKey.of(name="weak.example", type=kind, public=bytes.fromhex(key))
    sound = {case["key"] for case in cctv} - weak
    for key in sound:
        check_ed25519_public(bytes.fromhex(key))
        VerifierKey.of(name="sound.example", type=kind, public=bytes.fromhex(key))
