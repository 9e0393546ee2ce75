# SPDX-License-Identifier: Apache-2.0
"""Audit of a whole log from its published files.

Everything is computed again from the entries: leaf hashes against level 0, each
level against the one below, the root against the checkpoint, the checkpoint
against the log's keys. An audit needs nothing but a way to read the tlog-tiles
resources, so it serves a folder, a database and another authority's web server
alike. It reports every fault it finds, with the path of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from comity.errors import ComityError, Invalid
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


def audit_older(read: ResourceReader, paths: Iterable[str], *, head: TreeHead) -> list[Fault]:
    """Check partial tiles that older or newer trees left beside those of an audited one.

    Whoever follows the log may still read them, so each must begin as the audited
    tile does, or the other way round. `paths` are all tiles that are there.
    """
    faults: list[Fault] = []
    for path in sorted(paths):
        try:
            tile = tiles.parse_path(path)
            current = tiles.tile_at(tile.level, tile.index, size=head.size)
        except Invalid:
            continue  # beyond this tree, so nothing is signed of it
        if tile == current:
            continue
        try:
            held, signed = (_contents(one, read(one.path)) for one in (tile, current))
        except ComityError as error:
            faults.append(_fault(path, error))
            continue
        common = min(len(held), len(signed))
        if held[:common] != signed[:common]:
            text = f"does not begin as {current.path} does"
            faults.append(Fault(path, "ledger.tile_changed", text))
    return faults


def _contents(tile: Tile, data: bytes) -> list[bytes]:
    read = tiles.read_bundle if tile.level == tiles.ENTRIES else tiles.read_tile
    return read(tile, data)


class _Auditor:
    """Leaf hashes come twice: from the entries, and from the tiles of level 0.

    Whichever gives the signed root is the truth that the rest is held against, so
    that the report names the file that changed and not the one beside it.
    """

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
        bundles = list(tiles.bundles_of(self._head.size))
        from_entries = [self._entry_hashes(bundle) for bundle in bundles]
        from_tiles = [self._tile_hashes(Tile(0, one.index, one.width)) for one in bundles]
        truth = self._truth(from_entries, from_tiles)
        for bundle, hashes, true in zip(bundles, from_entries, truth, strict=True):
            if hashes and hashes != true:
                self._report(bundle.path, "ledger.entry_changed", "an entry is not the one hashed")
        self._compare_levels([one for part in truth for one in part])

    def _truth(
        self, from_entries: list[list[bytes]], from_tiles: list[list[bytes]]
    ) -> list[list[bytes]]:
        computed = [ours or theirs for ours, theirs in zip(from_entries, from_tiles, strict=True)]
        stored = [theirs or ours for ours, theirs in zip(from_entries, from_tiles, strict=True)]
        for candidate in (computed, stored):
            leaves = [one for part in candidate for one in part]
            if len(leaves) == self._head.size and merkle.root_of(leaves) == self._head.root:
                return candidate
        self._report("checkpoint", "ledger.root", "the entries do not give the signed root")
        return stored

    def _entry_hashes(self, bundle: Tile) -> list[bytes]:
        """Return the leaf hashes of a bundle, none if it cannot be read."""
        if self._progress:
            self._progress(bundle.width)
        try:
            entries = tiles.read_bundle(bundle, self._read(bundle.path))
            if self._check_entry:
                for index, entry in enumerate(entries, bundle.start):
                    self._check_entry(index, entry)
        except ComityError as error:
            self.faults.append(_fault(bundle.path, error))
            return []
        return [merkle.leaf_hash(entry) for entry in entries]

    def _tile_hashes(self, tile: Tile) -> list[bytes]:
        """Return the hashes of a tile, none if it cannot be read."""
        try:
            return tiles.read_tile(tile, self._read(tile.path))
        except ComityError as error:
            self.faults.append(_fault(tile.path, error))
            return []

    def _compare_levels(self, hashes: list[bytes]) -> None:
        """Hold each stored tile against what the level below it gives."""
        level = 0
        while hashes:
            above: list[bytes] = []
            for start in range(0, len(hashes), TILE_WIDTH):
                expected = hashes[start : start + TILE_WIDTH]
                tile = Tile(level, start // TILE_WIDTH, len(expected))
                known = any(fault.path == tile.path for fault in self.faults)
                if not known and self._tile_hashes(tile) not in ([], expected):
                    self._report(
                        tile.path, "ledger.tile_changed", "not the hashes of what is below"
                    )
                if len(expected) == TILE_WIDTH:
                    above.append(merkle.root_of(expected))
            hashes, level = above, level + 1

    def _report(self, path: str, code: str, message: str) -> None:
        self.faults.append(Fault(path, code, message))


def _fault(path: str, error: ComityError) -> Fault:
    return Fault(path, error.code, error.message)
