# SPDX-License-Identifier: Apache-2.0
"""An authority's log: sequence, integrate, publish, cosign.

An entry gets its index when it is *sequenced* (durably appended). *Integrating*
writes the tiles that cover it. *Publishing* signs a checkpoint over the tiles,
after recomputing from stored bytes what is about to be signed. *Cosigning* adds
the answers of witnesses. Each step may fail or be cut off anywhere and simply be
taken again; at no point can two checkpoints of this log contradict each other:

- entries are durable before they are hashed into tiles, and never change;
- a checkpoint is signed only if its tree extends the last one signed, as
  recomputed from stored entries and tiles;
- the signed checkpoint goes into the rollback guard (a second store) before
  anybody sees it, and a log whose guard is ahead of it does not open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from comity.canonical.time import Instant
from comity.errors import Conflict, Invalid, Unverified
from comity.ledger import merkle, tiles
from comity.ledger.checkpoint import (
    OpenedCheckpoint,
    add_cosignatures,
    check_log_keys,
    check_witness_keys,
    open_checkpoint,
    sign_checkpoint,
)
from comity.ledger.keys import SigningKey, VerifierKey
from comity.ledger.storage import LogStorage, RollbackGuard
from comity.ledger.tree_head import TreeHead

#: Entries hashed and written at a time.
INTEGRATE_BATCH: Final = 4_096


@dataclass(frozen=True, slots=True)
class Published:
    """The published checkpoint: its exact bytes and what it says."""

    note: bytes
    opened: OpenedCheckpoint

    @property
    def head(self) -> TreeHead:
        """The tree head that is signed."""
        return self.opened.head


class Log:
    """One log with one writer. `Log.open` checks the stores against each other first."""

    def __init__(
        self,
        storage: LogStorage,
        *,
        keys: Sequence[SigningKey],
        witnesses: Sequence[VerifierKey] = (),
        guard: RollbackGuard,
    ) -> None:
        self._storage = storage
        self._keys = list(keys)
        self._witnesses = list(witnesses)
        self._guard = guard
        self._log_keys = [key.verifier for key in keys]
        check_log_keys(self._log_keys, origin=None)
        check_witness_keys(self._witnesses, log_keys=self._log_keys)
        self._node = tiles.TileHashes(storage.read_tile, held=storage.integrated).node

    @classmethod
    def open(
        cls,
        storage: LogStorage,
        *,
        keys: Sequence[SigningKey],
        witnesses: Sequence[VerifierKey] = (),
        guard: RollbackGuard,
    ) -> Log:
        """Open a log for writing.

        Raises `Unverified` when the stored checkpoint or the guard's is not of this
        log's keys, when the tree does not hold what they say, or when the guard
        remembers more than is stored (a restored backup).
        """
        log = cls(storage, keys=keys, witnesses=witnesses, guard=guard)
        log._check_rollback()
        return log

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._log_keys[0].name

    @property
    def size(self) -> int:
        """How many entries are sequenced."""
        return self._storage.size()

    @property
    def integrated(self) -> int:
        """How many entries the tiles cover."""
        return self._storage.integrated()

    def sequence(self, entries: Sequence[bytes]) -> int:
        """Append `entries` durably; return the index of the first."""
        for entry in entries:
            if not 0 < len(entry) <= tiles.MAX_ENTRY_BYTES:
                raise Invalid(
                    "ledger.entry_size",
                    f"an entry of {len(entry)} bytes; 1 to {tiles.MAX_ENTRY_BYTES} are stored",
                )
        index = self._storage.size()
        self._storage.append(entries, at=index)
        return index

    def integrate(self) -> int:
        """Write the tiles of all sequenced entries; return the size they cover."""
        size, end = self._storage.integrated(), self._storage.size()
        if size > end:
            raise Unverified(
                "ledger.rolled_back", f"tiles of {size} entries, but only {end} are stored"
            )
        while size < end:
            batch = self._storage.entries(size, min(end, size + INTEGRATE_BATCH))
            leaves = [merkle.leaf_hash(entry) for entry in batch]
            changed = tiles.grow(self._storage.read_tile, size=size, leaves=leaves)
            size += len(batch)
            self._storage.write_tiles(changed, size=size)
        return size

    def publish(self, *, now: Instant) -> Published:
        """Sign a checkpoint over the integrated tree and make it durable.

        Signs again if the tree has not grown: a heartbeat shows that the log lives.
        Raises `Unverified` if the stored bytes do not give the tree that was
        integrated, or do not extend the tree signed before; then nothing is signed.
        """
        self._check_rollback()
        held = self._guard.read()
        previous = self._storage.read_checkpoint()
        head = self._recompute(self._signed_before())
        note = sign_checkpoint(head, keys=self._keys, now=now)
        self._guard.replace(note, previous=held)
        self._storage.write_checkpoint(note, previous=previous)
        return Published(note, self._open(note))

    def cosign(self, answer: bytes, *, witness: str) -> Published:
        """Add to the published checkpoint the cosignatures that `witness` returned.

        `answer` is the body of its add-checkpoint answer. Raises `Unverified` if none
        in it is a valid cosignature of this witness over the published checkpoint.
        """
        previous = self._storage.read_checkpoint()
        if previous is None:
            raise Conflict("ledger.unpublished", "no checkpoint is published yet")
        note = add_cosignatures(
            previous,
            lines=answer,
            log_keys=self._log_keys,
            witness_keys=self._witnesses,
            answering=witness,
            what=f"answer of {witness}",
        )
        if note != previous:
            self._storage.write_checkpoint(note, previous=previous)
        return Published(note, self._open(note))

    def published(self) -> Published | None:
        """Return the published checkpoint, None before the first."""
        note = self._storage.read_checkpoint()
        return None if note is None else Published(note, self._open(note))

    def is_final(self, published: Published, *, quorum: int) -> bool:
        """Tell whether at least `quorum` of the log's witnesses have cosigned."""
        return len(published.opened.cosigners()) >= quorum

    def root_at(self, size: int) -> bytes:
        """Return the root of the first `size` integrated entries."""
        self._check_size(size)
        return merkle.range_hash(self._node, 0, size)

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """Return the hashes that lead from entry `index` to the root of `size`."""
        self._check_size(size)
        return merkle.inclusion_proof(self._node, index=index, size=size)

    def consistency_proof(self, old_size: int, size: int) -> list[bytes]:
        """Return the hashes that lead from the tree of `old_size` to that of `size`."""
        self._check_size(size)
        return merkle.consistency_proof(self._node, old_size=old_size, size=size)

    def entry(self, index: int) -> bytes:
        """Return a sequenced entry."""
        return self._storage.entries(index, index + 1)[0]

    def _open(self, note: bytes) -> OpenedCheckpoint:
        return open_checkpoint(note, log_keys=self._log_keys, witness_keys=self._witnesses)

    def _check_size(self, size: int) -> None:
        if not 0 <= size <= self._storage.integrated():
            raise Invalid("ledger.size", f"no tree of {size} entries is integrated yet")

    def _signed_before(self) -> TreeHead:
        heads = [
            self._open(note).head
            for note in (self._guard.read(), self._storage.read_checkpoint())
            if note is not None
        ]
        return max(
            heads,
            key=lambda head: head.size,
            default=TreeHead(self.origin, 0, merkle.EMPTY_ROOT),
        )

    def _check_rollback(self) -> None:
        """Raise unless the stored tree holds every checkpoint that was ever signed."""
        for place, note in (
            ("the rollback guard", self._guard.read()),
            ("the store", self._storage.read_checkpoint()),
        ):
            if note is None:
                continue
            head = self._open(note).head
            if head.size > self._storage.size():
                raise Unverified(
                    "ledger.rolled_back",
                    f"{place} holds a checkpoint of {head.size} entries, "
                    f"but only {self._storage.size()} are stored",
                    hint="The store was restored from an old copy. Do not sign; recover the rest.",
                )
            self.integrate()
            if self.root_at(head.size) != head.root:
                raise Unverified(
                    "ledger.forked",
                    f"{place} holds a checkpoint of {head.size} entries with another root",
                    hint="Stored bytes have changed since they were signed. Do not sign.",
                )

    def _recompute(self, before: TreeHead) -> TreeHead:
        """Return the head of the integrated tree, computed again from stored bytes.

        Reads back the entries since the last signed tree and every tile on the way
        to the root, without any cache: a bit that flipped in memory or on disk since
        integration gives another root and is not signed.
        """
        size = self._storage.integrated()
        node = tiles.TileHashes(self._storage.read_tile, held=lambda: size).node
        for start in range(before.size, size, INTEGRATE_BATCH):
            end = min(size, start + INTEGRATE_BATCH)
            for index, entry in enumerate(self._storage.entries(start, end), start):
                if merkle.leaf_hash(entry) != node(0, index):
                    raise Unverified(
                        "ledger.entry_changed", f"entry {index} is not the one in the tiles"
                    )
        if merkle.range_hash(node, 0, before.size) != before.root:
            raise Unverified(
                "ledger.forked", f"the tiles do not hold the tree of {before.size} signed before"
            )
        return TreeHead(self.origin, size, merkle.range_hash(node, 0, size))
