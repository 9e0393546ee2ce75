# SPDX-License-Identifier: Apache-2.0
"""Where a log keeps its entries, tiles and checkpoint.

`LogStorage` is what `comity.ledger.log` needs. Its promises, on which "the log
never forks" rests: entries are appended only at the expected place (compare and
swap), are durable when `append` returns, and never change; tiles are derived
and may be written again; the checkpoint is replaced only if it is still the one
that was read. `MemoryStorage` is the smallest that keeps these promises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from comity.errors import Conflict, Unverified
from comity.ledger.tiles import Tile

#: Gives the value of an entry that may occur only once in the log (a leaf's slot).
UniqueOf = Callable[[bytes], str]


class LogStorage(Protocol):
    """Durable entries, derived tiles and one checkpoint. See the module's promises."""

    def size(self) -> int:
        """Return how many entries are stored."""
        ...

    def entries(self, start: int, end: int) -> Sequence[bytes]:
        """Return the entries from `start` up to `end`; raise `Unverified` if one is missing."""
        ...

    def append(self, entries: Sequence[bytes], *, at: int) -> None:
        """Store `entries` durably from index `at`; `Conflict` if `size()` is not `at`."""
        ...

    def read_tile(self, tile: Tile) -> bytes:
        """Return the bytes of a hash tile; raise `Unverified` if it is missing."""
        ...

    def integrated(self) -> int:
        """Return the tree size that the stored tiles cover."""
        ...

    def write_tiles(self, tiles: Mapping[Tile, bytes], *, size: int) -> None:
        """Store tiles durably, then remember that they cover a tree of `size`."""
        ...

    def read_checkpoint(self) -> bytes | None:
        """Return the last published checkpoint, None before the first."""
        ...

    def write_checkpoint(self, note: bytes, *, previous: bytes | None) -> None:
        """Replace the checkpoint durably; `Conflict` if it is not `previous` any more."""
        ...


class RollbackGuard(Protocol):
    """A second store, elsewhere, that remembers the last checkpoint that was signed.

    A log restored from an old backup would otherwise sign another history of the
    same sizes.
    """

    def read(self) -> bytes | None:
        """Return the last checkpoint signed, None if none ever was."""
        ...

    def replace(self, note: bytes, *, previous: bytes | None) -> None:
        """Remember `note` durably; `Conflict` if what is held is not `previous`."""
        ...


class MemoryStorage:
    """A log in memory: for tests, and for trees that are rebuilt from elsewhere."""

    def __init__(self, entries: Iterable[bytes] = (), *, unique: UniqueOf | None = None) -> None:
        self._entries: list[bytes] = []
        self._unique = unique
        self._known: set[str] = set()
        self._tiles: dict[Tile, bytes] = {}
        self._integrated = 0
        self._checkpoint: bytes | None = None
        self.append(list(entries), at=0)

    def size(self) -> int:
        """Return how many entries are stored."""
        return len(self._entries)

    def entries(self, start: int, end: int) -> Sequence[bytes]:
        """Return the entries from `start` up to `end`."""
        if not 0 <= start <= end <= len(self._entries):
            raise missing_entries(start, end, len(self._entries))
        return self._entries[start:end]

    def append(self, entries: Sequence[bytes], *, at: int) -> None:
        """Store `entries` from index `at`."""
        if at != len(self._entries):
            raise moved(at, len(self._entries))
        fresh = check_unique(entries, known=self._known, unique=self._unique)
        self._known |= fresh
        self._entries += entries

    def read_tile(self, tile: Tile) -> bytes:
        """Return the bytes of a hash tile."""
        if tile not in self._tiles:
            raise missing_tile(tile)
        return self._tiles[tile]

    def integrated(self) -> int:
        """Return the tree size that the stored tiles cover."""
        return self._integrated

    def write_tiles(self, tiles: Mapping[Tile, bytes], *, size: int) -> None:
        """Store tiles."""
        self._tiles |= tiles
        self._integrated = size

    def read_checkpoint(self) -> bytes | None:
        """Return the last published checkpoint."""
        return self._checkpoint

    def write_checkpoint(self, note: bytes, *, previous: bytes | None) -> None:
        """Replace the checkpoint."""
        if self._checkpoint != previous:
            raise checkpoint_moved()
        self._checkpoint = note


class MemoryGuard:
    """A rollback guard in memory, for tests and for logs without a second place."""

    def __init__(self, note: bytes | None = None) -> None:
        self._note = note

    def read(self) -> bytes | None:
        """Return the last checkpoint signed."""
        return self._note

    def replace(self, note: bytes, *, previous: bytes | None) -> None:
        """Remember `note`."""
        if self._note != previous:
            raise checkpoint_moved()
        self._note = note


def check_unique(entries: Sequence[bytes], *, known: set[str], unique: UniqueOf | None) -> set[str]:
    """Return the unique values of `entries`; raise `Conflict` if one is known or twice."""
    fresh: set[str] = set()
    for entry in entries if unique else ():
        value = unique(entry) if unique else ""
        if value in known or value in fresh:
            raise Conflict(
                "ledger.slot_taken",
                "an event with this slot is in the log already",
                hint="The same number of the same item was given to two events.",
            )
        fresh.add(value)
    return fresh


def moved(at: int, size: int) -> Conflict:
    """Return the error for an append at another place than the end."""
    return Conflict(
        "ledger.moved",
        f"the log has {size} entries, not {at}: somebody else appended to it",
        hint="Only one process may write a log. Read its size again.",
    )


def checkpoint_moved() -> Conflict:
    """Return the error for a checkpoint that is not the expected one any more."""
    return Conflict(
        "ledger.checkpoint_moved",
        "the stored checkpoint is not the one that was read: somebody else published",
        hint="Only one process may write a log.",
    )


def missing_tile(tile: Tile) -> Unverified:
    """Return the error for a tile that should be there."""
    return Unverified("ledger.tile_missing", f"{tile.path} is missing")


def missing_entries(start: int, end: int, size: int) -> Unverified:
    """Return the error for entries that should be there."""
    return Unverified(
        "ledger.entries_missing", f"entries {start} to {end} are missing; {size} are stored"
    )
