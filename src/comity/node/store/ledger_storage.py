# SPDX-License-Identifier: Apache-2.0
"""The log in the database: `comity.ledger.storage.LogStorage` over the ledger's rows.

The database is the truth: an entry is durable when its transaction is, and tiles
are derived from entries in transactions of their own. All methods run in the
transaction of whoever calls them; whoever writes holds the lock on the one state
row, so that there is one writer at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from comity.canonical.time import Instant
from comity.errors import Unverified
from comity.ledger import leaf as leaves
from comity.ledger import storage, tiles
from comity.ledger.checkpoint import read_checkpoint
from comity.ledger.leaf import Leaf
from comity.ledger.numbers import HASH_BYTES
from comity.ledger.tiles import ENTRIES, Tile
from comity.node.store.models import (
    LedgerCheckpointRow,
    LedgerEntryRow,
    LedgerStateRow,
    LedgerTileRow,
)


def locked_state() -> LedgerStateRow:
    """Return the state row, locked until the transaction ends."""
    row = LedgerStateRow.objects.select_for_update().filter(pk=1).first()
    if row is None:
        LedgerStateRow.objects.get_or_create(pk=1)
        row = LedgerStateRow.objects.select_for_update().get(pk=1)
    return row


def append_leaf(leaf: Leaf, *, now: Instant) -> LedgerEntryRow:
    """Give `leaf` the next index within the present transaction.

    A slot or a leaf that is there already violates a constraint: the log refuses it.
    """
    state = locked_state()
    row = LedgerEntryRow.objects.create(
        index=state.size,
        leaf=leaf.data,
        leaf_sha256=leaf.hash.hex(),
        slot=leaf.slot.hex(),
        sequenced=now,
    )
    state.size += 1
    state.save(update_fields=["size"])
    return row


class DatabaseStorage:
    """`LogStorage` in the database. `now` is the time of what it writes."""

    def __init__(self, *, now: Instant) -> None:
        self._now = now

    def size(self) -> int:
        """Return how many entries are stored."""
        state = LedgerStateRow.objects.filter(pk=1).first()
        return state.size if state else 0

    def entries(self, start: int, end: int) -> Sequence[bytes]:
        """Return the entries from `start` up to `end`."""
        rows = LedgerEntryRow.objects.filter(index__gte=start, index__lt=end).order_by("index")
        found = [bytes(leaf) for leaf in rows.values_list("leaf", flat=True)]
        if len(found) != end - start:
            raise storage.missing_entries(start, end, self.size())
        return found

    def append(self, entries: Sequence[bytes], *, at: int) -> None:
        """Store leaves from index `at` in the present transaction."""
        state = locked_state()
        if at != state.size:
            raise storage.moved(at, state.size)
        for entry in entries:
            append_leaf(leaves.read_leaf(entry), now=self._now)

    def read_tile(self, tile: Tile) -> bytes:
        """Return the bytes of a hash tile; a narrower one is the beginning of the one held."""
        row = LedgerTileRow.objects.filter(level=tile.level, index=tile.index).first()
        data = bytes(row.data)[: tile.width * HASH_BYTES] if row else b""
        if len(data) != tile.width * HASH_BYTES:
            raise storage.missing_tile(tile)
        return data

    def integrated(self) -> int:
        """Return the tree size that the stored tiles cover."""
        state = LedgerStateRow.objects.filter(pk=1).first()
        return state.integrated if state else 0

    def write_tiles(self, changed: Mapping[Tile, bytes], *, size: int) -> None:
        """Store tiles and how far they reach."""
        for tile, data in changed.items():
            LedgerTileRow.objects.update_or_create(
                level=tile.level, index=tile.index, defaults={"data": data}
            )
        state = locked_state()
        state.integrated = size
        state.save(update_fields=["integrated"])

    def read_checkpoint(self) -> bytes | None:
        """Return the newest checkpoint."""
        row = newest_checkpoint()
        return bytes(row.note) if row else None

    def write_checkpoint(self, note: bytes, *, previous: bytes | None) -> None:
        """Keep `note`: as a new row, or as the cosigned form of the newest one.

        An earlier row of the same size goes, unless it is the one that was final
        first: heartbeats of a quiet log would fill the table otherwise.
        """
        locked_state()
        row = newest_checkpoint()
        if (bytes(row.note) if row else None) != previous:
            raise storage.checkpoint_moved()
        if row is not None and _log_part(bytes(row.note)) == _log_part(note):
            row.note = note
            row.save(update_fields=["note"])
            return
        head = read_checkpoint(note).head
        same = LedgerCheckpointRow.objects.filter(size=head.size)
        first_final = same.filter(final__isnull=False).order_by("pk").first()
        (same.exclude(pk=first_final.pk) if first_final else same).delete()
        LedgerCheckpointRow.objects.create(
            size=head.size, root=head.root.hex(), note=note, signed=self._now
        )

    def read(self, path: str) -> bytes:
        """Return the bytes at a tlog-tiles path; raise `Unverified` if there are none."""
        tile = tiles.parse_path(path)
        if tile.level != ENTRIES:
            return self.read_tile(tile)
        end = tile.start + tile.width
        if end > self.integrated():
            raise Unverified("ledger.tile_missing", f"{path} is missing")
        return tiles.write_bundle(self.entries(tile.start, end))


def newest_checkpoint() -> LedgerCheckpointRow | None:
    """Return the checkpoint that was signed last."""
    return LedgerCheckpointRow.objects.order_by("-pk").first()


def _log_part(note: bytes) -> tuple[str, tuple[bytes, ...]]:
    """What the log itself signed: text and its own lines, which differ by their time."""
    read = read_checkpoint(note)
    own = tuple(line.signature for line in read.note.lines if line.name == read.head.origin)
    return read.note.text, own
