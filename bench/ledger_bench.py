# SPDX-License-Identifier: Apache-2.0
"""The ledger beside the limits of the same run.

The yardstick is one Ed25519 verification (of a 300-byte message) where signatures
are the limit, one SHA-256 of an inner node where hashing is: a busy machine slows
both alike. Bars are those of the design, as ratios; `goal` below is our time over
the yardstick's for the same number of pieces, so a bar of 0.40 times the rate is
a goal of 1 / 0.40.

Counted is processor time (`bench.measure`), so the waiting of the disk's syncs is
not in it: two for every file that a group writes. Not measured here: witnesses
over HTTP, whose speed is the network's and TLS's.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from bench.measure import Comparison
from comity.ledger import leaf as leaves
from comity.ledger import merkle, tiles
from comity.ledger.audit import audit
from comity.ledger.directory import DirectoryStorage, FileGuard
from comity.ledger.keys import SignatureType, SigningKey
from comity.ledger.log import Log
from comity.ledger.proof import Opening, make_proof, verify_proof
from comity.ledger.storage import MemoryGuard, MemoryStorage
from comity.ledger.witness import Witness, write_request

NOW = datetime(2026, 11, 21, 19, 31, tzinfo=UTC)
GROUP = 256
EVENTS = 16 * GROUP
PROOFS = 400
LOOKUPS = 20_000
CHECKPOINTS = 1_500
#: A million leaves for the tree; entries of a tenth of that on the disk.
TREE = 1_000_000
AUDITED = 100_000


def key(name: str, kind: SignatureType) -> SigningKey:
    strong = kind is SignatureType.COSIGNATURE_ML_DSA_44
    private = MLDSA44PrivateKey.generate() if strong else Ed25519PrivateKey.generate()
    return SigningKey(name=name, type=kind, private=private)


LOG = [
    key("xv.moj/log", SignatureType.ED25519),
    key("xv.moj/log", SignatureType.COSIGNATURE_ML_DSA_44),
]
EVENT = key("xv.moj/events", SignatureType.ED25519)
WITNESSES = [key(f"x{letter}.node/witness", SignatureType.COSIGNATURE_ED25519) for letter in "abc"]
SECRET, SALT = os.urandom(32), os.urandom(32)
PRIVATE = {"exhibit": "EX-1", "seq": 1, "statement": "ab" * 32}

# --- the yardsticks ---------------------------------------------------------------------------

_key = Ed25519PrivateKey.generate()
_public, _message = _key.public_key(), os.urandom(300)
_signature = _key.sign(_message)


def verify_ed25519(times: int):
    def work(_: object) -> None:
        for _turn in range(times):
            _public.verify(_signature, _message)

    return work


def hash_nodes(times: int):
    def work(_: object) -> None:
        left = right = bytes(32)
        for _turn in range(times):
            hashlib.sha256(b"\x01" + left + right).digest()

    return work


# --- the write path ---------------------------------------------------------------------------


@cache
def events() -> list[bytes]:
    return [
        leaves.make_leaf(
            authority="xv.moj",
            event_type="custody.acquired",
            private=PRIVATE,
            salt=SALT,
            item_secret=SECRET,
            sequence=number,
            peer=None,
            policy="ab" * 32,
            at=NOW,
            signer=EVENT,
        ).data
        for number in range(EVENTS)
    ]


def new_folder() -> Path:
    events()
    folder = Path(tempfile.mkdtemp(prefix="comity-bench-"))
    _folders.append(folder)
    while len(_folders) > 2:
        shutil.rmtree(_folders.pop(0), ignore_errors=True)
    return folder


_folders: list[Path] = []


def write_path(folder: object) -> None:
    """Verify each author, append in groups with a sync, integrate, sign both ways."""
    with DirectoryStorage(folder / "log", writable=True, unique=leaves.slot_of) as storage:
        log = Log.open(storage, keys=LOG, guard=FileGuard(folder / "guard"))
        for start in range(0, EVENTS, GROUP):
            group = events()[start : start + GROUP]
            for event in group:
                leaves.verify_leaf(event, verifier=EVENT.verifier)
            log.sequence(group)
            log.integrate()
            log.publish(now=NOW)


# --- witnessing -------------------------------------------------------------------------------


@cache
def requests() -> list[tuple[bytes, int]]:
    log = Log.open(MemoryStorage(), keys=LOG, guard=MemoryGuard())
    made = []
    for number in range(CHECKPOINTS):
        old = log.size
        log.sequence([b"entry %d" % number])
        log.integrate()
        note = log.publish(now=NOW).note
        hashes = log.consistency_proof(old, log.size)
        made.append((write_request(old_size=old, hashes=hashes, note=note), old))
    return made


def witness(_: object) -> None:
    """Answer add-checkpoint requests: verify two signatures and the proof, cosign once."""
    state: dict = {}
    one = Witness(keys=WITNESSES[:1], logs={LOG[0].name: [signer.verifier for signer in LOG]})
    for body, _old in requests():
        answer = one.add_checkpoint(body, seen=state.get, last_signed=0, now=NOW)
        if answer.status != 200:
            raise SystemExit(answer.body)
        state[answer.state.origin] = answer.state


# --- proofs -----------------------------------------------------------------------------------


@cache
def proof() -> bytes:
    """A proof in a tree of 1,024 with three Ed25519 cosignatures."""
    log_key = LOG[:1]
    log = Log.open(
        MemoryStorage(events()),
        keys=log_key,
        witnesses=[one.verifier for one in WITNESSES],
        guard=MemoryGuard(),
    )
    log.integrate()
    published = log.publish(now=NOW)
    for signer in WITNESSES:
        one = Witness(keys=[signer], logs={LOG[0].name: [LOG[0].verifier]})
        body = write_request(old_size=0, hashes=[], note=published.note)
        answer = one.add_checkpoint(body, seen=lambda _: None, last_signed=0, now=NOW)
        log.cosign(answer.body, witness=signer.name)
    return make_proof(
        leaf=events()[700],
        index=700,
        hashes=log.inclusion_proof(700, EVENTS),
        checkpoint_note=log.published().note,
        opening=Opening(SALT, PRIVATE),
    )


def verify_proofs(_: object) -> None:
    arguments = {
        "log_vkeys": [LOG[0].verifier.to_text()],
        "event_vkey": EVENT.verifier.to_text(),
        "witnesses": [one.verifier.to_text() for one in WITNESSES],
        "quorum": 3,
    }
    data = proof()
    for _turn in range(PROOFS):
        verify_proof(data, **arguments)


@cache
def million() -> tuple[MemoryStorage, list[int]]:
    storage = MemoryStorage()
    hashes = [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(TREE)]
    storage.write_tiles(tiles.grow(storage.read_tile, size=0, leaves=hashes), size=TREE)
    luck = Random(7)
    return storage, [luck.randrange(TREE) for _ in range(LOOKUPS)]


def tile_reader(cached: int):
    storage, _ = million()
    return tiles.TileHashes(storage.read_tile, held=storage.integrated, cached=cached)


@cache
def warm():
    reader = tile_reader(8_192)
    for index in range(0, TREE, 256):
        merkle.inclusion_proof(reader.node, index=index, size=TREE)
    return reader


def prove_inclusion(reader: object) -> None:
    _, indices = million()
    for index in indices:
        merkle.inclusion_proof(reader.node, index=index, size=TREE)


# --- audit ------------------------------------------------------------------------------------


@cache
def stored_log() -> DirectoryStorage:
    folder = Path(tempfile.mkdtemp(prefix="comity-bench-audit-"))
    _kept.append(folder)
    with DirectoryStorage(folder / "log", writable=True) as storage:
        log = Log.open(storage, keys=LOG, guard=FileGuard(folder / "guard"))
        event = events()[0]
        log.sequence([event + b"%d" % number for number in range(AUDITED)])
        log.integrate()
        log.publish(now=NOW)
    return DirectoryStorage(folder / "log")


_kept: list[Path] = []


def audit_log(storage: object) -> None:
    found = audit(storage.read, log_keys=[one.verifier for one in LOG])
    if not found.ok:
        raise SystemExit(found.faults)


COMPARISONS = (
    Comparison(
        name=f"signed events: durable, integrated, signed ({GROUP} a group)",
        unit="events",
        amount=EVENTS,
        ours=write_path,
        peer=verify_ed25519(EVENTS),
        peer_name="Ed25519 verifications (bar 0.40 of their rate)",
        prepare=new_folder,
        goal=1 / 0.40,
    ),
    Comparison(
        name="witness: add-checkpoint, dual-signed log",
        unit="requests",
        amount=CHECKPOINTS,
        ours=witness,
        peer=verify_ed25519(CHECKPOINTS),
        peer_name="Ed25519 verifications (bar: 200/s on a quiet machine)",
        prepare=requests,
    ),
    Comparison(
        name="check a .tlog-proof, three Ed25519 cosignatures",
        unit="proofs",
        amount=PROOFS,
        ours=verify_proofs,
        peer=verify_ed25519(4 * PROOFS),
        peer_name="four Ed25519 verifications a proof (stretch 2.00)",
        prepare=proof,
    ),
    Comparison(
        name=f"inclusion proof of {TREE:,} leaves, tiles in cache",
        unit="proofs",
        amount=LOOKUPS,
        ours=prove_inclusion,
        peer=hash_nodes(20 * LOOKUPS),
        peer_name="20 node hashes a proof (bar: 10,000/s quiet)",
        prepare=warm,
    ),
    Comparison(
        name=f"inclusion proof of {TREE:,} leaves, cold cache",
        unit="proofs",
        amount=LOOKUPS,
        ours=prove_inclusion,
        peer=hash_nodes(20 * LOOKUPS),
        peer_name="20 node hashes a proof",
        prepare=lambda: tile_reader(8_192),
    ),
    Comparison(
        name=f"audit {AUDITED:,} entries from the disk",
        unit="entries",
        amount=AUDITED,
        ours=audit_log,
        peer=hash_nodes(2 * AUDITED),
        peer_name="two hashes an entry (bar: 67,000/s quiet)",
        prepare=stored_log,
    ),
)


@atexit.register
def _tidy() -> None:
    for folder in (*_folders, *_kept):
        shutil.rmtree(folder, ignore_errors=True)
