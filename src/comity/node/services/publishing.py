# SPDX-License-Identifier: Apache-2.0
"""Publishing our log: sign what is integrated, ask the witnesses, know when it is final.

The order is what keeps a log from forking: entries are committed, tiles are
committed, the root is computed again from what is stored, the checkpoint is
signed, the rollback guard (a file on another volume) has it, the database has
it, and only then anybody else. A witness that has cosigned more than we hold
stops the ledger: the database was restored from an old copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from comity.canonical.time import Instant
from comity.errors import ComityError, Invalid, Unavailable, Unverified
from comity.ledger.checkpoint import OpenedCheckpoint, open_checkpoint
from comity.ledger.directory import FileGuard
from comity.ledger.log import Log, Published
from comity.ledger.witness import read_tree_size, write_request
from comity.node.keyring import keyring
from comity.node.services import _ledger_halt, _ledger_policy
from comity.node.services.ledger import stopping_at_disk_errors
from comity.node.store.ledger_storage import DatabaseStorage, locked_state, newest_checkpoint
from comity.node.store.models import LedgerCheckpointRow, LedgerWitnessRow
from comity.node.wake import wake_after_commit

#: A checkpoint is signed this often even if nothing happens, so that a frozen log is noticed.
HEARTBEAT: Final = timedelta(minutes=10)
#: Pause after a witness failed: doubled with every failure up to the longest.
FIRST_PAUSE: Final = timedelta(seconds=2)
LONGEST_PAUSE: Final = timedelta(minutes=10)
_MAX_PROBLEM: Final = 500
#: Statuses of C2SP tlog-witness.
_OK, _CONFLICT = 200, 409


@dataclass(frozen=True)
class Question:
    """An add-checkpoint request for one witness."""

    authority: str
    body: bytes
    checkpoint: int
    """The checkpoint row that is to be cosigned."""


@dataclass(frozen=True)
class WitnessAnswer:
    """What a witness answered over HTTP."""

    status: int
    body: bytes


def open_log(*, now: Instant) -> Log:
    """Open our log and compare database and rollback guard.

    Raises `Unverified`: `ledger.rolled_back` or `ledger.forked` when what was signed is
    not what is stored, `ledger.guard_missing` when there is no guard for a log that
    has been signed.
    """
    guard = FileGuard(settings.CONFIG.rollback_guard)
    newest = newest_checkpoint()
    if newest is not None and guard.read() is None:
        raise Unverified(
            "ledger.guard_missing",
            f"{settings.CONFIG.rollback_guard}: is missing, but a checkpoint of"
            f" {newest.size} entries has been signed",
            hint="Put the file back. If it is lost, put the newest checkpoint that one of the"
            " witnesses holds of this log in its place.",
        )
    with transaction.atomic():
        return Log.open(
            DatabaseStorage(now=now),
            keys=keyring().log_signers,
            witnesses=_ledger_policy.witnesses().all_keys,
            guard=guard,
        )


def integrate(*, now: Instant) -> int:
    """Write the tiles of what has been sequenced; return how many entries they newly cover."""
    held = DatabaseStorage(now=now)
    before = held.integrated()
    if before == held.size():
        return 0
    _ledger_halt.check()
    with stopping_at_disk_errors(), transaction.atomic():
        locked_state()
        return _log(now).integrate() - before


def publish(*, now: Instant) -> int:
    """Sign a checkpoint if the log has grown or a heartbeat is due; return 1 if it was signed."""
    newest = newest_checkpoint()
    integrated = DatabaseStorage(now=now).integrated()
    grown = integrated > (newest.size if newest else 0)
    beat = newest is not None and now - newest.signed >= HEARTBEAT
    if not grown and not beat:
        return 0
    _ledger_halt.check()
    if newest is not None and now < newest.signed:
        raise Unavailable(
            "ledger.clock_back",
            "the clock is behind the last checkpoint that was signed; nothing is signed",
            hint="Set the computer's clock.",
        )
    with stopping_at_disk_errors(), transaction.atomic():
        locked_state()
        published = open_log(now=now).publish(now=now)
        _note_final(published, now)
    return 1


def questions(*, now: Instant) -> list[Question]:
    """Return what is to be asked of which witness now."""
    newest = newest_checkpoint()
    if newest is None:
        return []
    asked = []
    log = _log(now)
    for authority in _ledger_policy.witnesses().keys:
        row, _ = LedgerWitnessRow.objects.get_or_create(authority=authority)
        waiting = row.next_attempt is not None and now < row.next_attempt
        if waiting or row.checkpoint == newest.pk or row.size > newest.size:
            continue
        hashes = log.consistency_proof(row.size, newest.size)
        body = write_request(old_size=row.size, hashes=hashes, note=bytes(newest.note))
        asked.append(Question(authority, body, newest.pk))
    return asked


def take_answer(*, question: Question, answer: WitnessAnswer, now: Instant) -> int:
    """Take a witness's answer; return 1 if it brought the log further.

    A witness that has cosigned a smaller tree than we thought is asked again from
    there; one that has cosigned a larger one stops the ledger.
    """
    with stopping_at_disk_errors(), transaction.atomic():
        row = LedgerWitnessRow.objects.select_for_update().get(authority=question.authority)
        newest = newest_checkpoint()
        if newest is None or newest.pk != question.checkpoint:
            return 0  # another checkpoint was signed meanwhile; its turn comes
        try:
            _judge(row, newest, answer, now)
        except (Invalid, Unverified, Unavailable) as error:
            if error.code == "ledger.halted":
                raise
            _failed(row, error, now)
            return 0
        row.save()
        return 1


def take_silence(*, question: Question, error: ComityError, now: Instant) -> None:
    """Note that a witness could not be reached."""
    with transaction.atomic():
        row = LedgerWitnessRow.objects.select_for_update().get(authority=question.authority)
        _failed(row, error, now)


def compare_with_witness(*, authority: str, note: bytes, now: Instant) -> None:
    """Hold the checkpoint of our log that a witness serves against what we have.

    Raises `Unverified` (`ledger.witness_ahead`, `ledger.forked`) and stops the
    ledger when our own signature stands under a tree that we do not hold.
    """
    opened = _open(note)
    log = _log(now)
    if opened.head.size > log.size:
        raise _ahead(authority, opened.head.size, log.size)
    log.integrate()
    if log.root_at(opened.head.size) != opened.head.root:
        reason = f"{authority} cosigned another tree of {opened.head.size} entries of this log"
        _ledger_halt.halt(reason)
        raise Unverified("ledger.forked", reason, hint="Stop, and keep both checkpoints.")


def _log(now: Instant) -> Log:
    return Log(
        DatabaseStorage(now=now),
        keys=keyring().log_signers,
        witnesses=_ledger_policy.witnesses().all_keys,
        guard=FileGuard(settings.CONFIG.rollback_guard),
    )


def _open(note: bytes) -> OpenedCheckpoint:
    return open_checkpoint(
        note,
        log_keys=[key.verifier for key in keyring().log_signers],
        witness_keys=_ledger_policy.witnesses().all_keys,
    )


def _judge(
    row: LedgerWitnessRow, newest: LedgerCheckpointRow, answer: WitnessAnswer, now: Instant
) -> None:
    if answer.status == _CONFLICT:
        _go_back(row, read_tree_size(answer.body), now)
    elif answer.status == _OK:
        _take_cosignatures(row, newest, answer.body, now)
    else:
        raise Unavailable(
            "ledger.witness_refused",
            f"{row.authority} answered {answer.status}: {_words(answer.body)}",
        )


def _take_cosignatures(
    row: LedgerWitnessRow, newest: LedgerCheckpointRow, body: bytes, now: Instant
) -> None:
    name = _ledger_policy.witnesses().name_of(row.authority)
    published = _log(now).cosign(body, witness=name)
    signed = {one.key.type for one in published.opened.cosignatures if one.key.name == name}
    owned = {key.type for key in _ledger_policy.witnesses().keys[row.authority]}
    if signed != owned:
        raise Unverified(
            "ledger.cosignature_incomplete",
            f"{row.authority} has not cosigned with each of its algorithms",
        )
    row.size, row.checkpoint, row.cosigned = newest.size, newest.pk, now
    row.failures, row.next_attempt, row.problem = 0, None, ""
    _note_final(published, now)


def _note_final(published: Published, now: Instant) -> None:
    """Mark the newest checkpoint final once enough witnesses stand under it, whole."""
    row = newest_checkpoint()
    if row is None or row.final is not None:
        return
    whole = 0
    for keys in _ledger_policy.witnesses().keys.values():
        signed = {one.key for one in published.opened.cosignatures}
        types = {one.type for one in signed if one.name == keys[0].name}
        whole += types == {key.type for key in keys}
    if whole >= settings.CONFIG.quorum:
        row.final = now
        row.save(update_fields=["final"])
        wake_after_commit()  # packages wait for it


def _go_back(row: LedgerWitnessRow, size: int, now: Instant) -> None:
    held = DatabaseStorage(now=now).size()
    if size > held:
        raise _ahead(row.authority, size, held)
    if size == row.size:
        raise Unverified(
            "ledger.witness_answer", f"{row.authority} refuses the size that it states itself"
        )
    row.size, row.next_attempt = size, None


def _ahead(authority: str, size: int, held: int) -> Unavailable:
    reason = (
        f"{authority} has cosigned {size} entries of this log, but only {held} are stored here:"
        " the database was restored from an old copy"
    )
    _ledger_halt.halt(reason)
    return Unavailable(
        "ledger.halted",
        reason,
        hint="Do not sign. Restore the newest database, or begin a successor log from the last"
        " final checkpoint.",
    )


def _failed(row: LedgerWitnessRow, error: ComityError, now: Instant) -> None:
    row.failures += 1
    pause = min(FIRST_PAUSE * 2 ** min(row.failures - 1, 10), LONGEST_PAUSE)
    row.next_attempt, row.problem = now + pause, str(error.message)[:_MAX_PROBLEM]
    row.save()


def _words(body: bytes) -> str:
    """Show a stranger's words in one line."""
    text = body[:200].decode("utf-8", "replace")
    return "".join(char if char.isprintable() else " " for char in text).strip()
