# SPDX-License-Identifier: Apache-2.0
"""Audit of a whole log from its published files.

Everything is computed again from the entries: leaf hashes against level 0, each
level against the one below, the root against the checkpoint, the checkpoint
against the log's keys. An audit needs nothing but a way to read the tlog-tiles
resources, so it serves a folder, a database and another authority's web server
alike. It reports every fault it finds, with the path of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from comity.errors import ComityError
from comity.ledger import merkle, tiles
from comity.ledger.checkpoint import open_checkpoint
from comity.ledger.keys import VerifierKey
from comity.ledger.tiles import TILE_WIDTH, Tile
from comity.ledger.tree_head import TreeHead

#: Gives the bytes at a tlog-tiles path (`checkpoint`, `tile/...`) or raises a `ComityError`.
ResourceReader: TypeAlias = Callable[[str], bytes]
#: Is given each entry with its index, and raises a `ComityError` to object to it.
EntryCheck: TypeAlias = Callable[[int, bytes], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a log that is not as it was signed."""

    path: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Audit:
    """The outcome: the signed tree (None if no checkpoint could be trusted) and all faults."""

    head: TreeHead | None
    faults: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        """Whether the log is whole."""
        return self.head is not None and not self.faults


def audit(
    read: ResourceReader,
    *,
    log_keys: Sequence[VerifierKey],
    witness_keys: Sequence[VerifierKey] = (),
    check_entry: EntryCheck | None = None,
    progress: Callable[[int], None] | None = None,
) -> Audit:
    """Check every byte of a log up to its published checkpoint; never raises for bad logs.

    `progress` is called with the number of entries just checked.
    """
    try:
        head = open_checkpoint(
            read("checkpoint"), log_keys=log_keys, witness_keys=witness_keys
        ).head
    except ComityError as error:
        return Audit(None, (_fault("checkpoint", error),))
    auditor = _Auditor(read, head, check_entry, progress)
    auditor.run()
    return Audit(head, tuple(auditor.faults))


class _Auditor:
    def __init__(
        self,
        read: ResourceReader,
        head: TreeHead,
        check_entry: EntryCheck | None,
        progress: Callable[[int], None] | None,
    ) -> None:
        self._read = read
        self._head = head
        self._check_entry = check_entry
        self._progress = progress
        self.faults: list[Fault] = []

    def run(self) -> None:
        hashes = self._entries()
        level = 0
        right_edge: list[bytes] = []
        while hashes:
            hashes, partial = self._level(level, hashes)
            right_edge[:0] = partial
            level += 1
        root = merkle.EMPTY_ROOT
        if right_edge:
            root = right_edge.pop()
            while right_edge:
                root = merkle.node_hash(right_edge.pop(), root)
        if root != self._head.root and not self.faults:
            self.faults.append(
                Fault("checkpoint", "ledger.root", "the entries do not give the signed root")
            )

    def _entries(self) -> list[bytes]:
        """Return the leaf hashes, computed from the bundles."""
        found: list[bytes] = []
        for bundle in tiles.bundles_of(self._head.size):
            try:
                entries = tiles.read_bundle(bundle, self._read(bundle.path))
                for index, entry in enumerate(entries, bundle.start):
                    if self._check_entry:
                        self._check_entry(index, entry)
            except ComityError as error:
                self.faults.append(_fault(bundle.path, error))
                entries = []
            computed = [merkle.leaf_hash(entry) for entry in entries]
            found += computed or self._stored(Tile(0, bundle.index, bundle.width))
            if self._progress:
                self._progress(bundle.width)
        return found

    def _stored(self, tile: Tile) -> list[bytes]:
        """Return what a tile says, to go on past a bundle that cannot be read."""
        try:
            return tiles.read_tile(tile, self._read(tile.path))
        except ComityError:
            return [merkle.EMPTY_ROOT] * tile.width

    def _level(self, level: int, computed: list[bytes]) -> tuple[list[bytes], list[bytes]]:
        """Compare one level; return the next one's hashes and the subtrees of the partial tile."""
        above: list[bytes] = []
        for start in range(0, len(computed), TILE_WIDTH):
            expected = computed[start : start + TILE_WIDTH]
            tile = Tile(level, start // TILE_WIDTH, len(expected))
            try:
                stored = self._read(tile.path)
                tiles.read_tile(tile, stored)
                if stored != b"".join(expected):
                    self.faults.append(
                        Fault(tile.path, "ledger.tile_changed", "does not hash what is below it")
                    )
            except ComityError as error:
                self.faults.append(_fault(tile.path, error))
            if len(expected) == TILE_WIDTH:
                above.append(merkle.root_of(expected))
        rest = computed[len(computed) & ~(TILE_WIDTH - 1) :]
        parts = []
        while rest:
            width = 1 << (len(rest).bit_length() - 1)
            parts.append(merkle.root_of(rest[:width]))
            rest = rest[width:]
        return above, parts


def _fault(path: str, error: ComityError) -> Fault:
    return Fault(path, error.code, error.message)
