# SPDX-License-Identifier: Apache-2.0
"""The ledger as the other services see it: sequence an event, ask whether it is final, prove it.

`sequence` runs in the caller's transaction: the event, its audit row and its
leaf at a fixed index are committed together or not at all. Signing checkpoints
and asking witnesses is the worker's (`comity.node.services.publishing`).

A proof is made only from a *final* checkpoint, one that as many witnesses have
cosigned as the settings require. There is no promise to log something later.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError
from django.db.models import QuerySet

from comity.canonical import json
from comity.canonical.json import Object
from comity.canonical.time import Instant, write_instant
from comity.errors import Invalid, Refused, Unavailable
from comity.ledger.checkpoint import reduce_lines
from comity.ledger.leaf import ITEM_SECRET_BYTES, SALT_BYTES, make_leaf
from comity.ledger.log import Log
from comity.ledger.merkle import inclusion_proof
from comity.ledger.proof import Opening, make_proof
from comity.ledger.tiles import TileHashes
from comity.node.keyring import keyring
from comity.node.services import _ledger_halt, _ledger_policy
from comity.node.services.event_names import ALL_EVENTS
from comity.node.store.ledger_storage import DatabaseStorage, append_leaf, newest_checkpoint
from comity.node.store.models import (
    LedgerCheckpointRow,
    LedgerEntryRow,
    LedgerItemRow,
    LedgerOpeningRow,
    LedgerStateRow,
    LedgerWitnessRow,
)


@dataclass(frozen=True)
class Sequenced:
    """Where an event stands in the log from now on."""

    index: int
    leaf_sha256: str


@dataclass(frozen=True)
class WitnessStatus:
    """One witness of our log. `size` and `at` tell what it cosigned last, None if nothing."""

    authority: str
    name: str
    size: int | None
    at: Instant | None
    problem: str


@dataclass(frozen=True)
class LedgerStatus:
    """How far the log is sequenced, integrated and final, and who witnesses it."""

    origin: str
    sequenced: int
    integrated: int
    final: int
    root_sha256: str
    checkpoint: str
    published: Instant | None
    quorum: int
    witnesses: tuple[WitnessStatus, ...]


def sequence(
    *, event_type: str, private: Object, item: str, peer: str | None, now: Instant
) -> Sequenced:
    """Give an event its place in the log, within the caller's transaction.

    `item` names what the leaf's slot counts: its secret stays here and goes with the
    item. Raises `Unavailable` (`ledger.halted`) after an error of the disk or when a
    witness knows more of this log than the database.
    """
    _ledger_halt.check()
    counted, _ = LedgerItemRow.objects.select_for_update().get_or_create(
        item=item, defaults={"secret": os.urandom(ITEM_SECRET_BYTES)}
    )
    salt = os.urandom(SALT_BYTES)
    leaf = make_leaf(
        authority=settings.CONFIG.authority,
        event_type=event_type,
        private=private,
        salt=salt,
        item_secret=bytes(counted.secret),
        sequence=counted.next_sequence,
        peer=peer,
        policy=_ledger_policy.current_policy(now=now),
        at=now,
        signer=keyring().event_signer,
        event_types=ALL_EVENTS,
    )
    entry = append_leaf(leaf, now=now)
    LedgerOpeningRow.objects.create(
        index=entry.index,
        item=counted,
        sequence=counted.next_sequence,
        salt=salt,
        private=json.write(private),
    )
    counted.next_sequence += 1
    counted.save(update_fields=["next_sequence"])
    return Sequenced(index=entry.index, leaf_sha256=entry.leaf_sha256)


@contextmanager
def stopping_at_disk_errors() -> Iterator[None]:
    """Around every transaction that writes: the first error of the disk stops the ledger.

    After a sync that failed the system may have dropped what it had accepted
    before, although the next commit succeeds. So nothing is signed from then on
    until the node is started again and has compared its stores.
    """
    try:
        yield
    except DatabaseError as error:
        if not _ledger_halt.is_disk_error(error):
            raise
        _ledger_halt.halt(f"the database could not write to its disk: {error}")
        raise Unavailable(
            "ledger.halted",
            f"the database could not write to its disk: {error}",
            hint="Check the disk, then start the node again: it compares its stores first.",
        ) from error


def is_final(index: int) -> bool:
    """Tell whether the entry is in a checkpoint that enough witnesses have cosigned."""
    return _final_rows().filter(size__gt=index).exists()


def final_size() -> int:
    """Return how many entries are in the largest final checkpoint."""
    row = _final_rows().order_by("-size").first()
    return row.size if row else 0


def proof(index: int) -> bytes:
    """Return the proof file (`.tlog-proof`) of an entry, from the first final checkpoint of it.

    Raises `Refused` (`ledger.not_final`) until enough witnesses have cosigned, and
    (`ledger.erased`) when the opening has been erased.
    """
    entry = LedgerEntryRow.objects.filter(pk=index).first()
    if entry is None:
        raise Invalid("ledger.no_entry", f"the ledger has no entry {index}")
    checkpoint = _final_rows().filter(size__gt=index).order_by("size", "pk").first()
    if checkpoint is None:
        raise Refused(
            "ledger.not_final",
            f"entry {index} is not final yet",
            reasons=(f"{settings.CONFIG.quorum} witnesses must have cosigned it",),
            hint="The worker asks them again and again; see the page of the ledger.",
        )
    opening = LedgerOpeningRow.objects.filter(pk=index).first()
    if opening is None:
        raise Refused("ledger.erased", f"what opens entry {index} has been erased")
    held = DatabaseStorage(now=entry.sequenced)
    integrated = held.integrated()
    node = TileHashes(held.read_tile, held=lambda: integrated).node
    return make_proof(
        leaf=bytes(entry.leaf),
        index=index,
        hashes=inclusion_proof(node, index=index, size=checkpoint.size),
        checkpoint_note=_served(bytes(checkpoint.note)),
        opening=Opening(
            salt=bytes(opening.salt),
            private=json.read_object(bytes(opening.private), what=f"opening of entry {index}"),
        ),
    )


def status() -> LedgerStatus:
    """Return how the log stands."""
    state = LedgerStateRow.objects.filter(pk=1).first() or LedgerStateRow()
    newest = newest_checkpoint()
    known = _ledger_policy.witnesses()
    rows = {row.authority: row for row in LedgerWitnessRow.objects.all()}
    return LedgerStatus(
        origin=keyring().statement.ledger.origin,
        sequenced=state.size,
        integrated=state.integrated,
        final=final_size(),
        root_sha256=newest.root if newest else "",
        checkpoint=bytes(newest.note).decode() if newest else "",
        published=newest.signed if newest else None,
        quorum=settings.CONFIG.quorum,
        witnesses=tuple(
            _witness_status(authority, known, rows.get(authority))
            for authority in settings.CONFIG.witnesses
        ),
    )


def check(now: Instant) -> str:
    """Compare the stores with each other; return a line about the ledger.

    Raises `Unverified` (`ledger.rolled_back`, `ledger.forked`, ...) when the
    database is older than what was signed, `Unavailable` when writing has stopped.
    """
    from comity.node.services import publishing  # it builds on this module

    _ledger_halt.check()
    log: Log = publishing.open_log(now=now)
    if log.size == 0:
        return "empty"
    newest = newest_checkpoint()
    signed = f", last signed {write_instant(newest.signed)}" if newest else ""
    return f"{log.size} entries, {final_size()} final{signed}"


def served_checkpoint() -> bytes:
    """Return the newest final checkpoint, or the newest of all before the first final one.

    With at most as many lines as C2SP obliges a reader to accept.
    """
    row = _final_rows().order_by("-pk").first() or newest_checkpoint()
    if row is None:
        raise Invalid("ledger.no_checkpoint", "this log has not published a checkpoint yet")
    return _served(bytes(row.note))


def _served(note: bytes) -> bytes:
    return reduce_lines(
        note,
        log_keys=[key.verifier for key in keyring().log_signers],
        witness_keys=_ledger_policy.witnesses().all_keys,
    )


def _final_rows() -> QuerySet[LedgerCheckpointRow]:
    return LedgerCheckpointRow.objects.filter(final__isnull=False)


def _witness_status(
    authority: str, known: _ledger_policy.Witnesses, row: LedgerWitnessRow | None
) -> WitnessStatus:
    unknown = authority not in known.keys
    return WitnessStatus(
        authority=authority,
        name="" if unknown else known.name_of(authority),
        size=row.size if row and row.cosigned else None,
        at=row.cosigned if row else None,
        problem="its keys are not known yet" if unknown else (row.problem if row else ""),
    )
