# SPDX-License-Identifier: Apache-2.0
"""Proofs that an event is in a log, checkable offline years later (C2SP tlog-proof).

A proof file holds the index, the inclusion hashes and a cosigned checkpoint;
its `extra` line holds the leaf and the leaf's opening, so that the file alone
shows *what* was logged. C2SP says not to trust the extra line: here nothing in
it is believed before the leaf's author signature, its commitment and the
inclusion have been verified.

`verify_tlog_proof` is the C2SP procedure over any entry. `verify_proof` is what
evidence needs: a Comity leaf with its opening, and in strict form a file in
which no bit can be changed unnoticed. `verify_proof_under` is the same with the
rule in a C2SP tlog-policy file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from comity.canonical import json
from comity.canonical.base64 import read_base64, write_base64
from comity.canonical.json import Object
from comity.canonical.members import Members
from comity.canonical.time import Instant, write_instant
from comity.errors import Invalid, Unverified
from comity.ledger import leaf as leaves
from comity.ledger import merkle
from comity.ledger.checkpoint import OpenedCheckpoint, open_checkpoint, read_checkpoint
from comity.ledger.keys import VerifierKey, instant_of, parse_vkey, posix_time
from comity.ledger.leaf import Leaf
from comity.ledger.note import MAX_NOTE_BYTES
from comity.ledger.numbers import read_hash, read_number, write_hash
from comity.ledger.policy import Policy
from comity.ledger.tiles import MAX_ENTRY_BYTES

PROOF_HEADER: Final = "c2sp.org/tlog-proof@v1"
#: Largest extra data: a leaf and a private body, in base64 inside JSON.
MAX_EXTRA_BYTES: Final = 2 * (MAX_ENTRY_BYTES + leaves.MAX_PRIVATE_BYTES)
#: Largest proof file read.
MAX_PROOF_BYTES: Final = 2 * MAX_EXTRA_BYTES + MAX_NOTE_BYTES
#: Most seconds by which a cosignature may lie in the future of the verifier's clock.
MAX_FUTURE_SECONDS: Final = 300
#: Tells whether cosignatures of these keys are enough.
_Enough: TypeAlias = Callable[[Collection[VerifierKey]], bool]


@dataclass(frozen=True, slots=True)
class TlogProof:
    """A parsed proof file. Nothing in it is verified."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def to_bytes(self) -> bytes:
        """Return the proof file."""
        lines = [PROOF_HEADER]
        if self.extra is not None:
            lines.append(f"extra {write_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines += [write_hash(one) for one in self.hashes]
        return ("\n".join(lines) + "\n\n").encode() + self.checkpoint


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a leaf: the salt and the private body it commits to."""

    salt: bytes
    private: Object


@dataclass(frozen=True, slots=True)
class VerifiedProof:
    """An event that is proved to be in a log.

    `cosigned_at` is when the quorum was complete: the earliest time by which as
    many witnesses as required had cosigned. It is None only for a quorum of 0.
    """

    leaf: Leaf
    private: Object
    salt: bytes
    origin: str
    index: int
    size: int
    root: bytes
    witnesses: tuple[str, ...]
    cosigned_at: Instant | None

    @property
    def leaf_hash(self) -> str:
        """The leaf hash in lower-case hexadecimal."""
        return self.leaf.hash.hex()


def make_proof(
    *,
    leaf: bytes,
    index: int,
    hashes: Sequence[bytes],
    checkpoint_note: bytes,
    opening: Opening,
) -> bytes:
    """Return the proof file of an event (`.tlog-proof`)."""
    extra = json.write(
        {
            "leaf": write_base64(leaf),
            "private": opening.private,
            "salt": write_base64(opening.salt),
        }
    )
    proof = TlogProof(index=index, hashes=tuple(hashes), checkpoint=checkpoint_note, extra=extra)
    return proof.to_bytes()


def read_proof(data: bytes, *, what: str = "proof") -> TlogProof:
    """Parse a proof file; raise `Invalid` if it is not one. Verifies nothing."""
    if len(data) > MAX_PROOF_BYTES:
        raise Invalid("proof.too_large", f"{what}: {len(data)} bytes, at most {MAX_PROOF_BYTES}")
    head, blank, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Invalid("proof.not_ascii", f"{what}: not ASCII at byte {error.start}") from error
    if lines.pop(0) != PROOF_HEADER:
        raise Invalid("proof.header", f"{what}: does not begin with {PROOF_HEADER}")
    if not blank:
        raise Invalid("proof.no_checkpoint", f"{what}: no blank line before a checkpoint")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = read_base64(lines.pop(0)[len("extra ") :], what=f"{what}: extra")
    if not lines or not lines[0].startswith("index "):
        raise Invalid("proof.no_index", f"{what}: the index line is missing")
    index = read_number(lines.pop(0)[len("index ") :], what=f"{what}: index")
    if len(lines) > merkle.MAX_PROOF_HASHES:
        raise Invalid("proof.too_long", f"{what}: more than {merkle.MAX_PROOF_HASHES} hashes")
    return TlogProof(
        index=index,
        hashes=tuple(read_hash(line, what=f"{what}: hash") for line in lines),
        checkpoint=checkpoint,
        extra=extra,
    )


def verify_tlog_proof(
    proof: TlogProof,
    *,
    leaf_hash: bytes,
    log_keys: Sequence[VerifierKey],
    witness_keys: Sequence[VerifierKey],
    quorum: int,
    strict: bool = False,
    now: Instant | None = None,
    what: str = "proof",
) -> OpenedCheckpoint:
    """Check a proof as C2SP tlog-proof says; return its checkpoint or raise `Unverified`.

    At least `quorum` different witnesses of `witness_keys` must have cosigned. With
    `now`, a cosignature more than MAX_FUTURE_SECONDS ahead of it is refused.
    """
    opened = open_checkpoint(
        proof.checkpoint,
        log_keys=log_keys,
        witness_keys=witness_keys,
        strict=strict,
        what=f"{what}: checkpoint",
    )
    _complete_at(opened, _number(quorum), what)
    if now is not None:
        _require_past(opened, now, what)
    merkle.verify_inclusion(
        leaf=leaf_hash,
        index=proof.index,
        size=opened.head.size,
        hashes=proof.hashes,
        root=opened.head.root,
    )
    return opened


def verify_proof(
    data: bytes,
    *,
    log_vkeys: Sequence[str],
    event_vkey: str,
    witnesses: Sequence[str],
    quorum: int,
    strict: bool = True,
    now: Instant | None = None,
    event_types: frozenset[str] | None = None,
    what: str = "proof",
) -> VerifiedProof:
    """Verify the proof file of an event; return what is proved or raise.

    `log_vkeys` are all keys of the one log that is accepted, `event_vkey` is that of
    its author, `witnesses` are the vkeys of all accepted witnesses (the keys of one
    witness share their name), `quorum` is how many of them must have cosigned.
    Raises `Unverified`, or `Invalid` where the file is malformed.
    """
    return _verify(
        data,
        event_vkey=event_vkey,
        log_keys=[parse_vkey(text, what="log key") for text in log_vkeys],
        witness_keys=[parse_vkey(text, what="witness key") for text in witnesses],
        enough=_number(quorum),
        strict=strict,
        now=now,
        event_types=event_types,
        what=what,
    )


def verify_proof_under(
    data: bytes,
    *,
    policy: Policy,
    event_vkey: str,
    strict: bool = True,
    now: Instant | None = None,
    event_types: frozenset[str] | None = None,
    what: str = "proof",
) -> VerifiedProof:
    """Like `verify_proof`, with the logs, witnesses and quorum of a tlog-policy."""
    origin = read_checkpoint(read_proof(data, what=what).checkpoint, what=what).head.origin
    log_keys = [entry.key for entry in policy.logs if entry.key.name == origin]
    if not log_keys:
        raise Unverified(
            "proof.unknown_log", f"{what}: the policy does not name the log {origin[:80]!r}"
        )
    return _verify(
        data,
        event_vkey=event_vkey,
        log_keys=log_keys,
        witness_keys=[entry.key for entry in policy.witnesses],
        enough=policy.satisfied,
        strict=strict,
        now=now,
        event_types=event_types,
        what=what,
    )


def _verify(
    data: bytes,
    *,
    event_vkey: str,
    log_keys: Sequence[VerifierKey],
    witness_keys: Sequence[VerifierKey],
    enough: _Enough,
    strict: bool,
    now: Instant | None,
    event_types: frozenset[str] | None,
    what: str,
) -> VerifiedProof:
    proof = read_proof(data, what=what)
    if strict and proof.to_bytes() != data:
        raise Unverified("proof.not_canonical", f"{what}: not in its one canonical form")
    entry, opening = read_opening(proof, what=what)
    leaf = leaves.open_leaf(
        entry,
        private=opening.private,
        salt=opening.salt,
        verifier=parse_vkey(event_vkey, what="event key"),
        event_types=event_types,
        what=f"{what}: leaf",
    )
    opened = verify_tlog_proof(
        proof,
        leaf_hash=leaf.hash,
        log_keys=log_keys,
        witness_keys=witness_keys,
        quorum=0,
        strict=strict,
        now=now,
        what=what,
    )
    complete = _complete_at(opened, enough, what)
    return VerifiedProof(
        leaf=leaf,
        private=opening.private,
        salt=opening.salt,
        origin=opened.head.origin,
        index=proof.index,
        size=opened.head.size,
        root=opened.head.root,
        witnesses=tuple(sorted(opened.cosigners())),
        cosigned_at=None if complete is None else instant_of(complete),
    )


def read_opening(proof: TlogProof, *, what: str = "proof") -> tuple[bytes, Opening]:
    """Return the leaf and the opening in a proof's extra line; nothing of it is verified."""
    if proof.extra is None:
        raise Invalid("proof.no_leaf", f"{what}: has no extra line with the leaf")
    members = Members(
        json.read_canonical_object(proof.extra, what=f"{what}: extra", limit=MAX_EXTRA_BYTES),
        what=f"{what}: extra",
    )
    entry = members.base64("leaf", limit=MAX_ENTRY_BYTES)
    salt = members.base64("salt", size=leaves.SALT_BYTES)
    private = members.take("private")
    if not isinstance(private, dict):
        raise Invalid("proof.private", f"{what}: extra: private: expected an object")
    members.end()
    return entry, Opening(salt=salt, private=private)


def _number(quorum: int) -> _Enough:
    """Return the rule that at least `quorum` different witnesses must have cosigned."""
    if quorum < 0:
        raise Invalid("proof.quorum", f"a quorum of {quorum} cannot be required")
    return lambda keys: len({key.name for key in keys}) >= quorum


def _complete_at(opened: OpenedCheckpoint, enough: _Enough, what: str) -> int | None:
    """Return when the cosignatures first were enough; None if none were needed.

    Raises `Unverified` (`proof.quorum`) if they are not enough all together.
    """
    if enough(()):
        return None
    signed: list[VerifierKey] = []
    for one in sorted(opened.cosignatures, key=lambda one: one.timestamp or 0):
        signed.append(one.key)
        if enough(signed):
            return one.timestamp
    names = sorted(opened.cosigners())
    raise Unverified(
        "proof.quorum",
        f"{what}: {len(names)} of the accepted witnesses cosigned, which is not enough",
        details={"cosigned": names},
    )


def _require_past(opened: OpenedCheckpoint, now: Instant, what: str) -> None:
    latest = posix_time(now) + MAX_FUTURE_SECONDS
    for one in (*opened.log_lines, *opened.cosignatures):
        if one.timestamp is not None and one.timestamp > latest:
            raise Unverified(
                "proof.future",
                f"{what}: {one.key.name} signed at {_shown(one.timestamp)}, which is yet to come:"
                f" the clock here says {write_instant(now)}; one of the two is wrong",
            )


def _shown(timestamp: int) -> str:
    try:
        return write_instant(instant_of(timestamp))
    except Invalid:  # beyond the calendar
        return f"POSIX time {timestamp}"
