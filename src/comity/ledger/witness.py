# SPDX-License-Identifier: Apache-2.0
"""The witness: cosigns a checkpoint only if it appends to the last one cosigned.

C2SP tlog-witness `add-checkpoint` as a function from request bytes, the state
that was stored and the time, to an answer and the state to store. It reads and
writes nothing itself. Whoever runs it must

1. hold a lock on the log's state from reading it until the new state is durable,
2. store `Answer.state` (if there is one) before sending `Answer.body`,
3. keep `Answer.evidence` (if there is any): it may prove that a log lied.

Then this holds whatever the log or the network does: the size a witness has
cosigned for a log never decreases, it never cosigns two roots of one size, and
the times in its cosignatures never go back (a clock behind the last signature
gets 503 and no signature).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.canonical.time import Instant
from comity.errors import Invalid, Unverified
from comity.ledger import merkle
from comity.ledger.checkpoint import (
    Checkpoint,
    OpenedCheckpoint,
    check_log_keys,
    check_witness_keys,
    open_checkpoint,
    read_checkpoint,
)
from comity.ledger.keys import SigningKey, VerifierKey, posix_time
from comity.ledger.note import MAX_NOTE_BYTES, read_note, sign_line, write_note
from comity.ledger.numbers import read_hash, read_number, write_hash

#: Largest add-checkpoint request read, in bytes.
MAX_REQUEST_BYTES: Final = MAX_NOTE_BYTES + 8 * 1024
PLAIN: Final = "text/plain; charset=utf-8"
#: The media type of a 409's body, which tells the size that was cosigned last.
TREE_SIZE: Final = "text/x.tlog.size"
FORK: Final = "fork"
INCONSISTENT: Final = "inconsistent"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a witness keeps of a log: the last checkpoint it cosigned, with its lines."""

    origin: str
    size: int
    root: bytes
    note: bytes
    signed_at: int
    """POSIX seconds of the cosignature."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A refused request that a trusted log key had validly signed.

    `kind` is FORK when two checkpoints of one size have different roots: both notes
    together prove it to anyone. INCONSISTENT means that no valid proof came with it,
    which by itself proves nothing yet.
    """

    kind: str
    origin: str
    submitted: bytes
    held: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send back, what to store first, what to keep."""

    status: int
    body: bytes
    content_type: str = PLAIN
    state: Seen | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A parsed add-checkpoint request; nothing in it is verified."""

    old_size: int
    hashes: tuple[bytes, ...]
    note: bytes
    checkpoint: Checkpoint


class _Stop(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Witness:
    """A witness's keys and the logs it knows. It keeps no state."""

    def __init__(
        self, *, keys: Sequence[SigningKey], logs: Mapping[str, Sequence[VerifierKey]]
    ) -> None:
        """`logs` gives the trusted keys of each origin; `keys` share the witness's name."""
        if len({key.name for key in keys}) != 1:
            raise Invalid("witness.keys", "a witness signs under one name")
        for origin, log_keys in logs.items():
            check_log_keys(log_keys, origin=origin)
            check_witness_keys([key.verifier for key in keys], log_keys=log_keys)
        self._keys = sorted(keys, key=lambda key: key.verifier.type)
        self._logs = dict(logs)

    @property
    def name(self) -> str:
        """The name under which this witness cosigns."""
        return self._keys[0].name

    def add_checkpoint(
        self,
        body: bytes,
        *,
        seen: Callable[[str], Seen | None],
        last_signed: int,
        now: Instant,
    ) -> Answer:
        """Answer one request.

        `seen` returns the stored state of an origin, None if this witness has
        cosigned nothing of it. `last_signed` is the latest POSIX time of any
        cosignature of this witness (0 if none).
        """
        try:
            submission = _read(body)
            opened = self._open(submission)
            known = seen(opened.head.origin)
            _check_old_size(submission, known)
            _check_tree(submission, known)
            _check_clock(known, last_signed, now)
        except _Stop as stop:
            return stop.answer
        return self._cosign(opened, now)

    def _open(self, submission: Submission) -> OpenedCheckpoint:
        origin = submission.checkpoint.head.origin
        log_keys = self._logs.get(origin)
        if log_keys is None:
            raise _stop(404, "unknown log")
        try:
            return open_checkpoint(submission.note, log_keys=log_keys)
        except Unverified as error:
            raise _stop(403, f"invalid signature: {error.message}") from error

    def _cosign(self, opened: OpenedCheckpoint, now: Instant) -> Answer:
        lines = [sign_line(opened.note.text, key=key, now=now) for key in self._keys]
        log_lines = [one.line for one in opened.log_lines]
        state = Seen(
            origin=opened.head.origin,
            size=opened.head.size,
            root=opened.head.root,
            note=write_note(opened.note.text, [*log_lines, *lines]),
            signed_at=posix_time(now),
        )
        return Answer(200, "".join(line.to_text() for line in lines).encode(), state=state)


def write_request(*, old_size: int, hashes: Sequence[bytes], note: bytes) -> bytes:
    """Return the body of an add-checkpoint request."""
    lines = [f"old {old_size}", *(write_hash(one) for one in hashes)]
    return ("\n".join(lines) + "\n\n").encode() + note


def read_request(body: bytes, *, what: str = "request") -> Submission:
    """Parse an add-checkpoint request; raise `Invalid` if it is not one."""
    old_size, hashes, note = _split_request(body, what)
    return Submission(old_size, hashes, note, read_checkpoint(note, what=f"{what}: checkpoint"))


def _split_request(body: bytes, what: str) -> tuple[int, tuple[bytes, ...], bytes]:
    if len(body) > MAX_REQUEST_BYTES:
        raise Invalid("witness.too_large", f"{what}: more than {MAX_REQUEST_BYTES} bytes")
    head, blank, note = body.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Invalid("witness.syntax", f"{what}: not ASCII before the checkpoint") from error
    old = lines.pop(0)
    if not blank or not old.startswith("old "):
        raise Invalid("witness.syntax", f"{what}: expected an old size, a proof and a checkpoint")
    if len(lines) > merkle.MAX_PROOF_HASHES:
        raise Invalid("witness.syntax", f"{what}: more than {merkle.MAX_PROOF_HASHES} hashes")
    old_size = read_number(old.removeprefix("old "), what=f"{what}: old size")
    return old_size, tuple(read_hash(line, what=f"{what}: proof") for line in lines), note


def read_tree_size(body: bytes) -> int:
    """Return the size that a 409 tells; raise `Invalid` if its body is no size."""
    if not body.endswith(b"\n") or not body.isascii():
        raise Invalid("witness.size", "the witness's answer is not a tree size")
    return read_number(body[:-1].decode("ascii"), what="tree size of the witness")


def _read(body: bytes) -> Submission:
    try:
        old_size, hashes, note = _split_request(body, "request")
        read_note(note, what="request")
    except Invalid as error:
        raise _stop(400, f"invalid input: {error.message}") from error
    try:
        checkpoint = read_checkpoint(note, what="request")
    except Invalid as error:
        raise _stop(400, f"invalid checkpoint: {error.message}") from error
    if old_size > checkpoint.head.size:
        raise _stop(400, "invalid input: the old size is larger than the checkpoint")
    return Submission(old_size, hashes, note, checkpoint)


def _check_old_size(submission: Submission, known: Seen | None) -> None:
    size = known.size if known else 0
    if submission.old_size != size:
        # The log's own lie is kept even when it comes with a wrong old size.
        held = _evidence(submission, known)
        fork = held if held is not None and held.kind == FORK else None
        body = f"{size}\n".encode()
        raise _Stop(Answer(409, body, content_type=TREE_SIZE, evidence=fork))


def _check_tree(submission: Submission, known: Seen | None) -> None:
    head = submission.checkpoint.head
    try:
        merkle.verify_consistency(
            old_size=submission.old_size,
            old_root=known.root if known else merkle.EMPTY_ROOT,
            size=head.size,
            root=head.root,
            hashes=submission.hashes,
        )
    except Unverified as error:
        raise _Stop(
            Answer(
                422,
                f"consistency proof refused: {error.message}\n".encode(),
                evidence=_evidence(submission, known),
            )
        ) from error


def _evidence(submission: Submission, known: Seen | None) -> Evidence | None:
    if known is None:
        return None
    head = submission.checkpoint.head
    forked = head.size == known.size and head.root != known.root
    return Evidence(
        kind=FORK if forked else INCONSISTENT,
        origin=head.origin,
        submitted=submission.note,
        held=known.note,
    )


def _check_clock(known: Seen | None, last_signed: int, now: Instant) -> None:
    latest = max(last_signed, known.signed_at if known else 0)
    if posix_time(now) < latest:
        raise _stop(503, "the witness's clock is behind its last signature; nothing is signed")


def _stop(status: int, text: str) -> _Stop:
    return _Stop(Answer(status, f"{text}\n".encode()))
