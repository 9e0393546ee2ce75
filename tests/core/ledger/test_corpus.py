# SPDX-License-Identifier: Apache-2.0
"""The corpus of proofs, histories and damaged logs: every expected verdict."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import pytest

from comity.errors import ComityError, Invalid, Unverified
from comity.ledger import merkle
from comity.ledger.audit import audit
from comity.ledger.checkpoint import OpenedCheckpoint, open_checkpoint
from comity.ledger.directory import DirectoryStorage
from comity.ledger.history import Verdict, compare
from comity.ledger.keys import VerifierKey, parse_vkey
from comity.ledger.proof import read_proof, verify_tlog_proof
from support.ledgers import NOW
from support.shared import shared_path

pytestmark = pytest.mark.shared
FOLDER = shared_path("vectors", "ledger", "corpus")
PROOFS = json.loads((FOLDER / "tlog-proof-cases.json").read_text())["cases"]
HISTORIES = json.loads((FOLDER / "history-cases.json").read_text())["cases"]
CORRUPTIONS = json.loads((FOLDER / "log-corruptions.json").read_text())["corruptions"]
KEYS = json.loads((FOLDER / "vkeys.json").read_text())["keys"]
#: What the specification leaves to us.
OUR_POLICY = {
    "policy-extension-line": "checkpoint.extension_lines",
    "policy-cosignature-in-future": "proof.future",
}


def keys_of(case: dict, member: str) -> list[VerifierKey]:
    return [parse_vkey(text) for text in case[member]]


def verify(case: dict, *, strict: bool = False) -> OpenedCheckpoint:
    proof = read_proof(case["tlog_proof"].encode())
    return verify_tlog_proof(
        proof,
        leaf_hash=merkle.leaf_hash(base64.b64decode(case["leaf_data"])),
        log_keys=keys_of(case, "log_vkeys"),
        witness_keys=keys_of(case, "witness_vkeys"),
        quorum=case["threshold"],
        strict=strict,
        now=NOW,
    )


@pytest.mark.parametrize("case", PROOFS, ids=lambda case: case["id"])
def test_proofs(case: dict) -> None:
    if case["expect"] == "accept":
        assert len(verify(case).cosigners()) >= case["threshold"]
        return
    with pytest.raises((Invalid, Unverified)) as refused:
        verify(case)
    if case["expect"] == "policy":
        assert refused.value.code == OUR_POLICY[case["id"]]


def test_the_corpus_is_whole() -> None:
    assert len(PROOFS) == 52
    assert {case["expect"] for case in PROOFS} == {"accept", "reject", "policy"}
    assert {case["id"] for case in PROOFS if case["expect"] == "policy"} == set(OUR_POLICY)


@pytest.mark.parametrize("case", PROOFS, ids=lambda case: case["id"])
def test_strict_proofs_accept_no_more(case: dict) -> None:
    try:
        verify(case, strict=True)
    except ComityError:
        # Lines of unknown keys are what strict verification adds to the refusals.
        assert case["expect"] != "accept" or case["id"] == "ok-unknown-signatures-ignored"
    else:
        assert case["expect"] == "accept"


@pytest.mark.parametrize("case", HISTORIES, ids=lambda case: case["id"])
def test_histories(case: dict) -> None:
    log_keys = [*keys_of(case, "log_vkeys"), parse_vkey(KEYS["other_ed"])]

    def opened(member: str) -> OpenedCheckpoint:
        note = case[member].encode()
        origin = case[member].split("\n", 1)[0]
        return open_checkpoint(
            note,
            log_keys=[key for key in log_keys if key.name == origin],
            witness_keys=keys_of(case, "witness_vkeys"),
        )

    found = compare(
        opened("checkpoint1"),
        opened("checkpoint2"),
        hashes=[base64.b64decode(one) for one in case["consistency_proof"]],
    )
    assert found is Verdict(case["expect"])


def corpus_keys() -> list[VerifierKey]:
    return [parse_vkey(KEYS["log_ed"]), parse_vkey(KEYS["log_pq"])]


def damage(root: Path, patch: dict) -> None:
    target = root / patch["path"]
    if patch.get("delete"):
        target.unlink()
        return
    data = bytearray(target.read_bytes())
    if "xor_at" in patch:
        data[patch["xor_at"]] ^= patch["xor"]
    if "truncate_to" in patch:
        assert patch["truncate_to"] < len(data)
        del data[patch["truncate_to"] :]
    data += bytes.fromhex(patch.get("append_hex", ""))
    if "replace" in patch:
        old, new = (text.encode() for text in patch["replace"])
        assert bytes(data).count(old) == 1
        data = bytearray(bytes(data).replace(old, new))
    target.write_bytes(data)


def test_the_undamaged_log_is_whole() -> None:
    storage = DirectoryStorage(FOLDER / "log")
    found = audit(storage.read, log_keys=corpus_keys())
    assert found.ok
    assert found.head
    assert found.head.size == 389


@pytest.mark.parametrize("patch", CORRUPTIONS, ids=lambda patch: patch["id"])
def test_damaged_logs(patch: dict, tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "log", tmp_path / "log")
    damage(tmp_path / "log", patch)
    found = audit(DirectoryStorage(tmp_path / "log").read, log_keys=corpus_keys())
    assert not found.ok
    assert any(fault.path == patch["path"] for fault in found.faults)


def test_the_tessera_log() -> None:
    folder = shared_path("vectors", "ledger", "tessera-log")
    key = parse_vkey((folder / "vkey.txt").read_text().strip())
    storage = DirectoryStorage(folder)
    assert storage.size() == 15
    for size in range(16):

        def read(path: str, size: int = size) -> bytes:
            return storage.read(f"checkpoint.{size}" if path == "checkpoint" else path)

        found = audit(read, log_keys=[key])
        assert found.ok, found.faults
        assert found.head
        assert found.head.size == size


def test_growth_between_the_tessera_checkpoints() -> None:
    folder = shared_path("vectors", "ledger", "tessera-log")
    key = parse_vkey((folder / "vkey.txt").read_text().strip())
    entries = DirectoryStorage(folder).entries(0, 15)
    hashes = [merkle.leaf_hash(entry) for entry in entries]

    def node(level: int, index: int) -> bytes:
        return merkle.root_of(hashes[index << level : (index + 1) << level])

    opened = [
        open_checkpoint((folder / f"checkpoint.{size}").read_bytes(), log_keys=[key])
        for size in range(16)
    ]
    for old in range(16):
        for new in range(old, 16):
            proof = merkle.consistency_proof(node, old_size=old, size=new)
            assert compare(opened[old], opened[new], hashes=proof) is Verdict.CONSISTENT
