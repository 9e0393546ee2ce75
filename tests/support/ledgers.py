# SPDX-License-Identifier: Apache-2.0
"""Fictional logs, witnesses and events with keys that follow from their names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from comity.canonical.time import Instant
from comity.ledger import witness as witnessing
from comity.ledger.keys import SignatureType, SigningKey, VerifierKey
from comity.ledger.leaf import Leaf, make_leaf
from comity.ledger.log import Log, Published
from comity.ledger.proof import Opening, make_proof
from comity.ledger.storage import LogStorage, MemoryGuard, MemoryStorage, RollbackGuard

NOW = datetime(2026, 11, 21, 19, 31, tzinfo=UTC)
ORIGIN = "xv.moj/log"
WITNESSES = ("xl.records/witness", "xm.moj/witness", "xn.court/witness")
POLICY = hashlib.sha256(b"policy").hexdigest()


def seed(*parts: str) -> bytes:
    """Return 32 bytes that follow from the parts."""
    return hashlib.sha256("\x1f".join(("ledger", *parts)).encode()).digest()


@cache
def key(name: str, kind: SignatureType) -> SigningKey:
    """Return the key of this name and type."""
    secret = seed(name, str(int(kind)))
    if kind is SignatureType.COSIGNATURE_ML_DSA_44:
        private = MLDSA44PrivateKey.from_seed_bytes(secret)
        return SigningKey(name=name, type=kind, private=private)
    return SigningKey(name=name, type=kind, private=Ed25519PrivateKey.from_private_bytes(secret))


def log_keys(origin: str = ORIGIN) -> list[SigningKey]:
    """Return the two keys of a log."""
    return [
        key(origin, SignatureType.ED25519),
        key(origin, SignatureType.COSIGNATURE_ML_DSA_44),
    ]


def witness_keys(name: str) -> list[SigningKey]:
    """Return the two keys of a witness."""
    return [
        key(name, SignatureType.COSIGNATURE_ED25519),
        key(name, SignatureType.COSIGNATURE_ML_DSA_44),
    ]


def verifiers(keys: list[SigningKey]) -> list[VerifierKey]:
    """Return the public halves."""
    return [one.verifier for one in keys]


def vkeys(keys: list[SigningKey]) -> list[str]:
    """Return the public halves as vkey texts."""
    return [one.verifier.to_text() for one in keys]


def all_witness_keys(names: tuple[str, ...] = WITNESSES) -> list[SigningKey]:
    """Return the keys of several witnesses."""
    return [one for name in names for one in witness_keys(name)]


def event_key(authority: str = "xv.moj") -> SigningKey:
    """Return the key with which an authority signs its leaves."""
    return key(f"{authority}/events", SignatureType.ED25519)


def salt(number: int) -> bytes:
    """Return the salt of an event; real ones are random."""
    return seed("salt", str(number))


def private_body(number: int) -> dict:
    """Return the private body of an event."""
    return {"exhibit": "EX-1", "seq": number, "statement": seed("statement", str(number)).hex()}


@cache
def event(number: int, item: str = "item", event_type: str = "custody.acquired") -> Leaf:
    """Return the leaf of an item's event."""
    return make_leaf(
        authority="xv.moj",
        event_type=event_type,
        private=private_body(number),
        salt=salt(number),
        item_secret=seed("item", item),
        sequence=number,
        peer=None,
        policy=POLICY,
        at=NOW,
        signer=event_key(),
    )


@dataclass
class KeptWitness:
    """A witness with its state, kept as its node would keep it."""

    name: str
    logs: dict[str, list[VerifierKey]]
    states: dict[str, witnessing.Seen] = field(default_factory=dict)
    evidence: list[witnessing.Evidence] = field(default_factory=list)

    def answer(self, body: bytes, *, now: Instant) -> witnessing.Answer:
        witness = witnessing.Witness(keys=witness_keys(self.name), logs=self.logs)
        answer = witness.add_checkpoint(
            body,
            seen=self.states.get,
            last_signed=max((one.signed_at for one in self.states.values()), default=0),
            now=now,
        )
        if answer.state:
            self.states[answer.state.origin] = answer.state
        if answer.evidence:
            self.evidence.append(answer.evidence)
        return answer


def make_log(
    storage: LogStorage | None = None,
    *,
    guard: RollbackGuard | None = None,
    witnesses: tuple[str, ...] = WITNESSES,
    origin: str = ORIGIN,
) -> Log:
    """Open a log over `storage` (in memory unless given)."""
    return Log.open(
        MemoryStorage() if storage is None else storage,
        keys=log_keys(origin),
        witnesses=verifiers(all_witness_keys(witnesses)),
        guard=MemoryGuard() if guard is None else guard,
    )


def cosign(log: Log, witnesses: list[KeptWitness], *, now: Instant = NOW) -> Published:
    """Let each witness cosign the published checkpoint of `log`."""
    published = log.published()
    assert published is not None
    for witness in witnesses:
        state = witness.states.get(log.origin)
        old = state.size if state else 0
        body = witnessing.write_request(
            old_size=old,
            hashes=log.consistency_proof(old, published.head.size),
            note=published.note,
        )
        answer = witness.answer(body, now=now)
        assert answer.status == 200, answer.body
        published = log.cosign(answer.body, witness=witness.name)
    return published


def kept_witnesses(names: tuple[str, ...] = WITNESSES, origin: str = ORIGIN) -> list[KeptWitness]:
    """Return fresh witnesses that know the log."""
    return [KeptWitness(name, {origin: verifiers(log_keys(origin))}) for name in names]


@cache
def proved(size: int = 7, index: int = 3, witnesses: tuple[str, ...] = WITNESSES) -> bytes:
    """Return the proof file of one event in a log of `size` events, cosigned."""
    log = make_log(witnesses=witnesses)
    log.sequence([event(number).data for number in range(size)])
    log.integrate()
    log.publish(now=NOW)
    published = cosign(log, kept_witnesses(witnesses))
    return make_proof(
        leaf=event(index).data,
        index=index,
        hashes=log.inclusion_proof(index, size),
        checkpoint_note=published.note,
        opening=Opening(salt(index), private_body(index)),
    )
