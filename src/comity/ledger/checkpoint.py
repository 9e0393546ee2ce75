# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: a log's signed statement of its size and root, and who cosigned it.

`read_checkpoint` gives the syntax only; `open_checkpoint` gives what trusted
keys have said: the log's signatures are required, cosignatures of known
witnesses are returned with their times. A witness is a key *name*; it may hold
an Ed25519 and an ML-DSA-44 key and still counts once.

Strict opening is for evidence. It asks that log and witnesses signed with every
algorithm of which they have a key, so that nobody can strip the lines that
would outlive a broken algorithm, and that the lines stand in one order: the
log's by type, then the witnesses' by name and type.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from comity.canonical.time import Instant
from comity.errors import Invalid, Unverified
from comity.ledger.keys import SignatureType, SigningKey, VerifierKey
from comity.ledger.note import (
    SignatureLine,
    SignedNote,
    VerifiedLine,
    read_lines,
    read_note,
    sign_note,
    verify_note,
    write_note,
)
from comity.ledger.tree_head import TreeHead, read_tree_head

#: Signature lines that a served checkpoint or a proof holds at most (C2SP signed-note).
MAX_SERVED_LINES: Final = 16
LOG_TYPES: Final = frozenset({SignatureType.ED25519, SignatureType.COSIGNATURE_ML_DSA_44})
WITNESS_TYPES: Final = frozenset(
    {SignatureType.COSIGNATURE_ED25519, SignatureType.COSIGNATURE_ML_DSA_44}
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint as it was read; only its syntax is known to be right."""

    head: TreeHead
    note: SignedNote


@dataclass(frozen=True, slots=True)
class OpenedCheckpoint:
    """A checkpoint whose log signed it; `cosignatures` are those of known witnesses."""

    head: TreeHead
    note: SignedNote
    log_lines: tuple[VerifiedLine, ...]
    cosignatures: tuple[VerifiedLine, ...]

    def cosigners(self) -> dict[str, int]:
        """Return each witness that cosigned, with its earliest timestamp (POSIX seconds)."""
        times: dict[str, int] = {}
        for one in self.cosignatures:
            if one.timestamp is not None:
                times[one.key.name] = min(one.timestamp, times.get(one.key.name, one.timestamp))
        return times


def read_checkpoint(data: bytes, *, what: str = "checkpoint") -> Checkpoint:
    """Parse a checkpoint; raise `Invalid` if it is not one. Verifies nothing."""
    note = read_note(data, what=what)
    return Checkpoint(head=read_tree_head(note.text, what=what), note=note)


def sign_checkpoint(head: TreeHead, *, keys: Sequence[SigningKey], now: Instant) -> bytes:
    """Return the checkpoint of `head` signed with the log's keys, Ed25519 first."""
    ordered = sorted(keys, key=lambda key: key.verifier.type)
    check_log_keys([key.verifier for key in ordered], origin=head.origin)
    return sign_note(head.to_text(), keys=ordered, now=now)


def open_checkpoint(
    data: bytes,
    *,
    log_keys: Sequence[VerifierKey],
    witness_keys: Sequence[VerifierKey] = (),
    strict: bool = False,
    what: str = "checkpoint",
) -> OpenedCheckpoint:
    """Return the checkpoint if a key of the log signed it; raise `Unverified` otherwise.

    The origin must be the name of `log_keys`. Lines of known keys must all verify.
    """
    read = read_checkpoint(data, what=what)
    check_log_keys(log_keys, origin=None)
    check_witness_keys(witness_keys, log_keys=log_keys)
    if read.head.origin != log_keys[0].name:
        raise Unverified(
            "checkpoint.origin",
            f"{what}: of the log {read.head.origin[:80]!r}, expected {log_keys[0].name!r}",
        )
    verified = verify_note(read.note, keys=(*log_keys, *witness_keys), strict=strict, what=what)
    log_lines = tuple(one for one in verified if one.key in log_keys)
    if not log_lines:
        raise Unverified("checkpoint.log_signature", f"{what}: the log has not signed it")
    opened = OpenedCheckpoint(
        head=read.head,
        note=read.note,
        log_lines=log_lines,
        cosignatures=tuple(one for one in verified if one.key not in log_keys),
    )
    if strict:
        _require_all_algorithms(opened, log_keys, witness_keys, what)
        _require_order(opened, what)
    return opened


def add_cosignatures(
    data: bytes,
    *,
    lines: bytes,
    log_keys: Sequence[VerifierKey],
    witness_keys: Sequence[VerifierKey],
    answering: str,
    what: str = "answer",
) -> bytes:
    """Return the checkpoint with the cosignatures that the witness `answering` returned.

    `lines` is the body of an add-checkpoint answer. Lines of other keys than this
    witness's are ignored (C2SP tlog-witness); the first line of a key stays.
    Raises `Unverified` when none of its own verifies.
    """
    opened = open_checkpoint(data, log_keys=log_keys, witness_keys=witness_keys)
    try:
        block = lines.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid("note.not_utf8", f"{what}: not UTF-8 at byte {error.start}") from error
    asked = [key for key in witness_keys if key.name == answering]
    answer = SignedNote(text=opened.note.text, lines=read_lines(block, what=what))
    verified = verify_note(answer, keys=asked, what=what)
    held = {(line.name, line.key_id) for line in opened.note.lines}
    fresh: dict[tuple[str, bytes], SignatureLine] = {}
    for one in verified:
        place = (one.line.name, one.line.key_id)
        if place not in held:
            fresh.setdefault(place, one.line)
    return order_lines(
        SignedNote(opened.note.text, (*opened.note.lines, *fresh.values())),
        log_keys=log_keys,
        witness_keys=witness_keys,
    )


def order_lines(
    note: SignedNote, *, log_keys: Sequence[VerifierKey], witness_keys: Sequence[VerifierKey]
) -> bytes:
    """Return the note with the lines of known keys in the one order, others left out."""
    rank = _ranks(log_keys, witness_keys)
    known = [line for line in note.lines if (line.name, line.key_id) in rank]
    return write_note(note.text, sorted(known, key=lambda line: rank[line.name, line.key_id]))


def reduce_lines(
    data: bytes,
    *,
    log_keys: Sequence[VerifierKey],
    witness_keys: Sequence[VerifierKey],
    limit: int = MAX_SERVED_LINES,
) -> bytes:
    """Return the checkpoint with at most `limit` lines: the log's, then whole witnesses."""
    opened = open_checkpoint(data, log_keys=log_keys, witness_keys=witness_keys)
    kept = [one.line for one in opened.log_lines]
    for name in sorted(opened.cosigners()):
        lines = [one.line for one in opened.cosignatures if one.key.name == name]
        if len(kept) + len(lines) <= limit:
            kept += lines
    return order_lines(
        SignedNote(opened.note.text, tuple(kept)), log_keys=log_keys, witness_keys=witness_keys
    )


def check_log_keys(keys: Sequence[VerifierKey], *, origin: str | None) -> None:
    """Raise `Invalid` unless `keys` can be the keys of one log (named `origin`, if given)."""
    if not keys:
        raise Invalid("checkpoint.log_keys", "a log has at least one key")
    if len({key.name for key in keys}) > 1 or (origin is not None and keys[0].name != origin):
        raise Invalid("checkpoint.log_keys", "the keys of a log bear its origin as their name")
    if any(key.type not in LOG_TYPES for key in keys):
        raise Invalid(
            "checkpoint.log_keys", f"a key of {keys[0].name} is of a type that no log signs with"
        )


def check_witness_keys(
    keys: Sequence[VerifierKey], *, log_keys: Sequence[VerifierKey] = ()
) -> None:
    """Raise `Invalid` unless every key can be a witness's, and of one witness only.

    The Ed25519 cosignature does not commit to the cosigner's name, so a key under
    two names would count twice; and a log does not witness itself.
    """
    owners: dict[bytes, str] = {key.public: key.name for key in log_keys}
    log_names = {key.name for key in log_keys}
    for key in keys:
        if key.type not in WITNESS_TYPES or key.name in log_names:
            raise Invalid("checkpoint.witness_keys", f"the key of {key.name} is not a witness's")
        if owners.setdefault(key.public, key.name) != key.name:
            raise Invalid(
                "checkpoint.witness_keys", f"one key under two names, {key.name} being the second"
            )


def _ranks(
    log_keys: Iterable[VerifierKey], witness_keys: Iterable[VerifierKey]
) -> dict[tuple[str, bytes], int]:
    ordered = [
        *sorted(log_keys, key=lambda key: (key.type, key.key_id)),
        *sorted(witness_keys, key=lambda key: (key.name, key.type, key.key_id)),
    ]
    return {(key.name, key.key_id): rank for rank, key in enumerate(ordered)}


def _require_order(opened: OpenedCheckpoint, what: str) -> None:
    rank = _ranks((one.key for one in opened.log_lines), (one.key for one in opened.cosignatures))
    places = [rank[line.name, line.key_id] for line in opened.note.lines]
    if places != sorted(places):
        raise Unverified("checkpoint.line_order", f"{what}: the signature lines are out of order")


def _require_all_algorithms(
    opened: OpenedCheckpoint,
    log_keys: Sequence[VerifierKey],
    witness_keys: Sequence[VerifierKey],
    what: str,
) -> None:
    signed: dict[str, set[SignatureType]] = {}
    for one in (*opened.log_lines, *opened.cosignatures):
        signed.setdefault(one.key.name, set()).add(one.key.type)
    for name, types in signed.items():
        owned = {key.type for key in (*log_keys, *witness_keys) if key.name == name}
        if owned - types:
            raise Unverified(
                "checkpoint.algorithm_missing",
                f"{what}: {name} has not signed with each of its algorithms",
            )
