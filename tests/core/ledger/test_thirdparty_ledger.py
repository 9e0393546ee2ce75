# SPDX-License-Identifier: Apache-2.0
"""Programs that we did not write check our log, and we check theirs.

tlog-scales verifies our checkpoint line by line, both signature types, our
cosignatures, inclusion and consistency from our tiles; `openssl` and `sha256sum`
do the same from a shell, with nothing of ours.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from comity.errors import ComityError
from comity.ledger import merkle
from comity.ledger.checkpoint import open_checkpoint
from comity.ledger.directory import DirectoryStorage, FileGuard
from comity.ledger.keys import parse_vkey
from comity.ledger.log import Log
from comity.ledger.proof import read_proof, verify_tlog_proof
from support.ledgers import (
    NOW,
    WITNESSES,
    all_witness_keys,
    cosign,
    event,
    kept_witnesses,
    log_keys,
    make_log,
    proved,
    seed,
    verifiers,
    vkeys,
)

pytestmark = pytest.mark.thirdparty
SIZE = 700
scales = pytest.importorskip("tlog_scales", reason="tlog-scales is not installed")
from tlog_scales import backend, reader, signing, tlog  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a log of 700 events, dual-signed, with three cosigning witnesses."""
    root = tmp_path_factory.mktemp("thirdparty")
    with DirectoryStorage(root / "log", writable=True) as storage:
        log = make_log(storage, guard=FileGuard(root / "guard"))
        for start in (0, 300):
            log.sequence([event(number).data for number in range(start, start + 300 + start // 3)])
            log.integrate()
            log.publish(now=NOW)
        final = cosign(log, kept_witnesses())
        assert final.head.size == SIZE
    return root / "log"


@pytest.fixture(scope="module")
def log(folder: Path) -> Log:
    return make_log(  # reads only
        DirectoryStorage(folder), guard=FileGuard(folder.parent / "guard")
    )


def test_tlog_scales_verifies_every_line_of_our_checkpoint(folder: Path) -> None:
    checkpoint = tlog.Checkpoint.from_text((folder / "checkpoint").read_text())
    assert len(checkpoint.signatures) == 8
    for text in (*vkeys(log_keys()), *vkeys(all_witness_keys())):
        checkpoint.verify(signing.Vkey.from_string(text))
    keys = signing.VkeySet(*(signing.Vkey.from_string(text) for text in vkeys(all_witness_keys())))
    valid = keys.verify(checkpoint.signatures, checkpoint)
    assert {vkey.name for vkey, _ in valid} == set(WITNESSES)
    assert sorted(vkey.sig_type for vkey, _ in valid) == [4, 4, 4, 6, 6, 6]


def test_tlog_scales_refuses_what_we_changed(folder: Path) -> None:
    text = (folder / "checkpoint").read_text().replace(f"\n{SIZE}\n", f"\n{SIZE + 1}\n")
    checkpoint = tlog.Checkpoint.from_text(text)
    keys = signing.VkeySet(
        *(signing.Vkey.from_string(text) for text in vkeys([*log_keys(), *all_witness_keys()]))
    )
    assert keys.verify(checkpoint.signatures, checkpoint) == set()


def test_tlog_scales_reads_our_tiles_to_the_same_proofs(folder: Path, log: Log) -> None:
    ours = reader.TilesReader(backend.LocalBackend(folder))
    checkpoint = ours.get_checkpoint()
    assert ours.calculate_root_hash() == checkpoint.root_hash == log.root_at(SIZE)
    for index in (0, 1, 255, 256, 511, 512, 640, SIZE - 1):
        theirs = ours.get_inclusion_proof(index, SIZE)
        assert theirs.node_hashes == log.inclusion_proof(index, SIZE)
        assert ours.get_entry(index) == event(index).data
        theirs.check(event(index).hash, checkpoint.root_hash)
        with pytest.raises(tlog.InclusionProofInvalid):
            theirs.check(event(index + 1).hash, checkpoint.root_hash)
    for old in (0, 1, 255, 256, 300, 512, SIZE):
        if old:  # from size 0 there is nothing to prove, and theirs does not try
            theirs = ours.get_consistency_proof(old, SIZE)
            assert theirs.node_hashes == log.consistency_proof(old, SIZE)
        tlog.ConsistencyProof(old, SIZE, log.consistency_proof(old, SIZE)).check(
            log.root_at(old), log.root_at(SIZE)
        )


def test_tlog_scales_verifies_a_proof_file_of_ours() -> None:
    proof = read_proof(proved())
    checkpoint = tlog.Checkpoint.from_text(proof.checkpoint.decode())
    tlog.InclusionProof(proof.index, checkpoint.size, list(proof.hashes)).check(
        event(3).hash, checkpoint.root_hash
    )
    for text in (*vkeys(log_keys()), *vkeys(all_witness_keys())):
        checkpoint.verify(signing.Vkey.from_string(text))


def test_we_verify_checkpoints_of_tlog_scales() -> None:
    leaves = [b"leaf %d" % number for number in range(5)]
    root = merkle.root_of([merkle.leaf_hash(leaf) for leaf in leaves])
    signers = [
        signing.PlainEd25519Signer("theirs.example/log", seed("scales", "ed25519")),
        signing.MLDSA44CosignatureSigner("theirs.example/log", seed("scales", "ml-dsa")),
    ]
    made = tlog.Checkpoint.make_signed("theirs.example/log", 5, root, signers)
    keys = [parse_vkey(signer.vkey.serialize()) for signer in signers]
    opened = open_checkpoint(made.serialize().encode(), log_keys=keys, strict=True)
    assert (opened.head.size, opened.head.root) == (5, root)
    with pytest.raises(ComityError):
        open_checkpoint(made.serialize().replace("\n5\n", "\n6\n").encode(), log_keys=keys)


# --- with nothing but openssl and coreutils -------------------------------------------------

SIGNATURE = """
set -eu
awk 'BEGIN{RS="";ORS="\\n"} NR==1' checkpoint > body
grep "^— $NAME " checkpoint | awk '{print $3}' | head -n 1 | base64 -d | tail -c +5 > sig
printf '302a300506032b6570032100%s' "$PUBKEY_HEX" | xxd -r -p \\
  | openssl pkey -pubin -inform DER -out pub.pem
openssl pkeyutl -verify -pubin -inkey pub.pem -rawin -in body -sigfile sig
"""

COSIGNATURE = """
set -eu
awk 'BEGIN{RS="";ORS="\\n"} NR==1' checkpoint > body
grep "^— $NAME " checkpoint | awk '{print $3}' | head -n 1 | base64 -d | tail -c +5 > whole
seconds=$((16#$(head -c 8 whole | xxd -p)))
tail -c +9 whole > sig
{ printf 'cosignature/v1\\ntime %s\\n' "$seconds"; cat body; } > message
printf '302a300506032b6570032100%s' "$PUBKEY_HEX" | xxd -r -p \\
  | openssl pkey -pubin -inform DER -out pub.pem
openssl pkeyutl -verify -pubin -inkey pub.pem -rawin -in message -sigfile sig
"""

INCLUSION = """
set -eu
index=$INDEX
last=$(( $(sed -n 2p checkpoint) - 1 ))
hash=$({ printf '\\0'; cat leaf; } | sha256sum | cut -c1-64)
for line in $(cat hashes); do
  other=$(printf %s "$line" | base64 -d | xxd -p -c 32)
  if [ $((index % 2)) = 1 ] || [ "$index" = "$last" ]; then
    hash=$(printf '01%s%s' "$other" "$hash" | xxd -r -p | sha256sum | cut -c1-64)
    while [ $((index % 2)) = 0 ] && [ "$index" != 0 ]; do index=$((index / 2)); last=$((last / 2)); done
  else
    hash=$(printf '01%s%s' "$hash" "$other" | xxd -r -p | sha256sum | cut -c1-64)
  fi
  index=$((index / 2)); last=$((last / 2))
done
root=$(sed -n 3p checkpoint | base64 -d | xxd -p -c 32)
[ "$last" = 0 ] && [ "$hash" = "$root" ] && echo included
"""


def shell(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    missing = [
        name for name in ("openssl", "xxd", "sha256sum", "awk", "bash") if not shutil.which(name)
    ]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C.UTF-8", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """What a court would be handed: leaf, hashes and checkpoint as three files."""
    proof = read_proof(proved())
    (tmp_path / "checkpoint").write_bytes(proof.checkpoint)
    (tmp_path / "leaf").write_bytes(event(3).data)
    lines = proved().split(b"\n\n")[0].split(b"\n")[-len(proof.hashes) :]
    (tmp_path / "hashes").write_bytes(b"\n".join(lines) + b"\n")
    return tmp_path


def test_openssl_verifies_the_log_s_signature(papers: Path) -> None:
    key = log_keys()[0].verifier
    variables = {"NAME": key.name, "PUBKEY_HEX": key.public.hex()}
    done = shell(SIGNATURE, papers, **variables)
    assert done.returncode == 0, done.stderr
    assert "Signature Verified Successfully" in done.stdout
    text = (papers / "checkpoint").read_text()
    (papers / "checkpoint").write_text(text.replace("\n7\n", "\n8\n", 1))
    assert shell(SIGNATURE, papers, **variables).returncode != 0


def test_openssl_verifies_a_witness_s_cosignature(papers: Path) -> None:
    key = all_witness_keys()[0].verifier
    variables = {"NAME": key.name, "PUBKEY_HEX": key.public.hex()}
    done = shell(COSIGNATURE, papers, **variables)
    assert done.returncode == 0, done.stderr
    other = all_witness_keys()[2].verifier.public.hex()
    assert shell(COSIGNATURE, papers, NAME=key.name, PUBKEY_HEX=other).returncode != 0


@pytest.mark.parametrize("changed", ["", "leaf", "hashes", "index"])
def test_sha256sum_verifies_the_inclusion(papers: Path, changed: str) -> None:
    if changed == "leaf":
        (papers / "leaf").write_bytes(event(4).data)
    if changed == "hashes":
        lines = (papers / "hashes").read_text().split()
        (papers / "hashes").write_text("\n".join(lines[::-1]) + "\n")
    done = shell(INCLUSION, papers, INDEX="2" if changed == "index" else "3")
    assert (done.stdout.strip() == "included") is (not changed), done.stderr
    if not changed:
        assert done.returncode == 0


def test_the_three_files_are_those_of_the_proof() -> None:
    proof = read_proof(proved())
    verify_tlog_proof(
        proof,
        leaf_hash=hashlib.sha256(b"\0" + event(3).data).digest(),
        log_keys=verifiers(log_keys()),
        witness_keys=verifiers(all_witness_keys()),
        quorum=3,
    )
