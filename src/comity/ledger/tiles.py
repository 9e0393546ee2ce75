# SPDX-License-Identifier: Apache-2.0
"""C2SP tlog-tiles: where the hashes and entries of a log are, and their bytes.

A full tile holds 256 hashes of 32 bytes; a partial one fewer. Hashes of level
L + 1 are the roots of full tiles of level L. Entry bundles hold the entries
themselves, each after its length as a big-endian uint16. Paths and widths are
those of the specification, so that any tlog-tiles client reads our logs.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from comity.errors import Invalid, Unverified
from comity.ledger import merkle
from comity.ledger.numbers import HASH_BYTES, MAX_NUMBER

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
#: The level of entry bundles in `Tile.level`.
ENTRIES: Final = -1
#: Highest level of a tile: more would not fit 2^63 leaves, but the path allows it.
MAX_LEVEL: Final = 63
#: Longest entry: its length is written in 16 bits.
MAX_ENTRY_BYTES: Final = 65_535
#: Longest tile path, in characters; longer ones are not looked at.
MAX_PATH: Final = 100

_PATH: Final = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One resource of a tiled log: level (`ENTRIES` for a bundle), index, width 1 to 256."""

    level: int
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """The path below the log's prefix: `tile/0/x001/067.p/12`."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        groups = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            groups.append(f"x{rest % 1000:03d}")
            rest //= 1000
        suffix = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(reversed(groups))}{suffix}"

    @property
    def start(self) -> int:
        """Index of the first hash (or entry) of the tile within its level."""
        return self.index << TILE_HEIGHT


#: Gives the bytes of a tile, or raises a `ComityError` when there is none.
TileReader: TypeAlias = Callable[[Tile], bytes]


def parse_path(path: str) -> Tile:
    """Return the tile that `path` names, or raise `Invalid`."""
    match = _PATH.fullmatch(path) if len(path) <= MAX_PATH else None
    if match is None:
        raise Invalid("ledger.tile_path", f"{path[:60]!r} is not the path of a tile")
    groups = match["index"].split("/")
    if len(groups) > 1 and groups[0] == "x000":
        raise Invalid("ledger.tile_path", f"{path[:60]!r} begins with an empty group")
    index = int("".join(group.removeprefix("x") for group in groups))
    width = int(match["width"] or TILE_WIDTH)
    level = ENTRIES if match["level"] == "entries" else int(match["level"])
    if level > MAX_LEVEL or index > MAX_NUMBER or (match["width"] and width >= TILE_WIDTH):
        raise Invalid("ledger.tile_path", f"{path[:60]!r} is out of range")
    return Tile(level, index, width)


def tile_at(level: int, index: int, *, size: int) -> Tile:
    """Return the tile (full or partial) that a tree of `size` has at this place."""
    held = size if level == ENTRIES else size >> (TILE_HEIGHT * level)
    width = min(held - (index << TILE_HEIGHT), TILE_WIDTH)
    if width <= 0:
        raise Invalid("ledger.tile_absent", f"a tree of {size} has no tile {level}/{index}")
    return Tile(level, index, width)


def bundles_of(size: int) -> Iterator[Tile]:
    """Yield every entry bundle of a tree of `size`."""
    for index in range((size + TILE_WIDTH - 1) >> TILE_HEIGHT):
        yield tile_at(ENTRIES, index, size=size)


def read_tile(tile: Tile, data: bytes) -> list[bytes]:
    """Return the hashes of a tile; raise `Unverified` if its length is not its width."""
    if len(data) != tile.width * HASH_BYTES:
        raise Unverified(
            "ledger.tile_size", f"{tile.path}: {len(data)} bytes, expected {tile.width} hashes"
        )
    return [data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)]


def write_bundle(entries: Iterable[bytes]) -> bytes:
    """Return the bundle of `entries`; raise `Invalid` for one that is too long."""
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise Invalid(
                "ledger.entry_size", f"an entry of {len(entry)} bytes; at most {MAX_ENTRY_BYTES}"
            )
        parts.append(len(entry).to_bytes(2, "big"))
        parts.append(entry)
    return b"".join(parts)


def read_bundle(tile: Tile, data: bytes) -> list[bytes]:
    """Return the entries of a bundle: exactly `tile.width` of them and nothing after."""
    entries = []
    at = 0
    for _ in range(tile.width):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise Unverified("ledger.bundle", f"{tile.path}: the bundle is cut short")
        entries.append(data[at + 2 : end])
        at = end
    if at != len(data):
        raise Unverified("ledger.bundle", f"{tile.path}: {len(data) - at} bytes too many")
    return entries


def grow(read: TileReader, *, size: int, leaves: Sequence[bytes]) -> dict[Tile, bytes]:
    """Return the tiles that change when leaf hashes are appended to a tree of `size`."""
    changed: dict[Tile, bytes] = {}
    level, start, values = 0, size, list(leaves)
    while values:
        first = start >> TILE_HEIGHT
        partial = Tile(level, first, start % TILE_WIDTH) if start % TILE_WIDTH else None
        known = b"".join(read_tile(partial, read(partial))) if partial else b""
        data = known + b"".join(values)
        values = []
        for at in range(0, len(data), TILE_WIDTH * HASH_BYTES):
            chunk = data[at : at + TILE_WIDTH * HASH_BYTES]
            tile = Tile(level, first + at // (TILE_WIDTH * HASH_BYTES), len(chunk) // HASH_BYTES)
            changed[tile] = chunk
            if tile.width == TILE_WIDTH:
                values.append(merkle.root_of(read_tile(tile, chunk)))
        level, start = level + 1, first
    return changed


class TileHashes:
    """The hashes of complete subtrees, computed from tiles and remembered.

    Tiles only ever grow, so the tile of the largest tree serves every smaller one.
    `cached` tiles are kept, each of some 16 KiB.
    """

    def __init__(self, read: TileReader, *, held: Callable[[], int], cached: int = 1024) -> None:
        """`held` gives the size of the tree that the tiles behind `read` cover now."""
        self._read = read
        self._held = held
        self._cached = cached
        self._full: OrderedDict[tuple[int, int], list[bytes]] = OrderedDict()
        self._partial: dict[tuple[int, int], tuple[int, list[bytes]]] = {}

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of the complete subtree (level, index): a `merkle.NodeReader`."""
        height = level % TILE_HEIGHT
        position = index << height
        place = (level // TILE_HEIGHT, position >> TILE_HEIGHT)
        levels = self._full.get(place) or self._load(place)
        at = ((position % TILE_WIDTH) >> height) * HASH_BYTES
        found = levels[height][at : at + HASH_BYTES]
        if len(found) != HASH_BYTES:
            raise Invalid("ledger.node", f"the tree has no node {level}/{index} yet")
        return found

    def _load(self, place: tuple[int, int]) -> list[bytes]:
        """Return the levels of a tile that is not known as a full one."""
        tile = tile_at(*place, size=self._held())
        width, levels = self._partial.get(place, (0, []))
        if width != tile.width:
            levels = _expand(read_tile(tile, self._read(tile)))
            if tile.width == TILE_WIDTH:
                self._partial.pop(place, None)
                self._full[place] = levels
                if len(self._full) > self._cached:
                    self._full.popitem(last=False)
            else:
                self._partial[place] = (tile.width, levels)
        return levels


def _expand(hashes: list[bytes]) -> list[bytes]:
    """Return the hashes of a tile and of every level above them within the tile."""
    levels = [b"".join(hashes)]
    for _ in range(TILE_HEIGHT - 1):
        hashes = [merkle.node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes) - 1, 2)]
        levels.append(b"".join(hashes))
    return levels
