# SPDX-License-Identifier: Apache-2.0
"""Parts: slices of a parcel's ciphertext, each known by its own SHA-256.

The list of parts is the parcel's table of contents; its own SHA-256 stands in
the parcel's signed header. A part can therefore be sent again, alone, in any
order, by anyone, and is either the right one or refused: there are no offsets,
no locks and no upload sessions to go wrong.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Final

from comity.canonical import json
from comity.canonical.digest import Sha256, hash_stream, parse_sha256, sha256
from comity.canonical.json import Object
from comity.canonical.members import Members
from comity.errors import Invalid, Unverified

PART_BYTES: Final = 16 << 20
SMALLEST_PART_BYTES: Final = 64 << 10
#: Parts of one parcel; with full parts, 2 TiB.
MAX_PARTS: Final = 1 << 17
#: Largest part list read, in bytes.
MAX_LIST_BYTES: Final = 68 * MAX_PARTS


@dataclass(frozen=True)
class PartList:
    """Size of the ciphertext, size of every part but the last, and the parts' digests."""

    size: int
    part_size: int
    parts: tuple[Sha256, ...]

    def length(self, number: int) -> int:
        """Return the length of part `number`, counted from 0."""
        if not 0 <= number < len(self.parts):
            raise Invalid("parts.number", f"part {number}: the parcel has {len(self.parts)} parts")
        return min(self.part_size, self.size - number * self.part_size)

    def to_json(self) -> Object:
        """Return the members of the list."""
        return {
            "v": 1,
            "size": self.size,
            "part_size": self.part_size,
            "parts": [*self.parts],
        }


def write_part_list(part_list: PartList) -> bytes:
    """Return the list's bytes (RFC 8785); their SHA-256 is the list's identity."""
    return json.write(part_list.to_json())


def read_part_list(data: bytes, *, expected: Sha256, what: str = "part list") -> PartList:
    """Read a part list whose SHA-256 must be `expected`.

    Raises `Unverified` (`parts.list_differs`) before anything is parsed, `Invalid` after.
    """
    if len(data) > MAX_LIST_BYTES:
        raise Invalid("parts.too_large", f"{what}: more than {MAX_LIST_BYTES} bytes")
    if sha256(data) != expected:
        raise Unverified("parts.list_differs", f"{what}: is not the one that was offered")
    value = json.read_canonical_object(data, what=what, limit=MAX_LIST_BYTES)
    members = Members(value, what=what)
    members.constant("v", 1)
    size = members.integer("size", minimum=1)
    part_size = members.integer("part_size", minimum=SMALLEST_PART_BYTES, maximum=PART_BYTES)
    texts = members.texts("parts", limit=MAX_PARTS, text_limit=64)
    members.end()
    if len(texts) != -(-size // part_size):
        raise Invalid("parts.count", f"{what}: {len(texts)} parts do not make {size} bytes")
    parts = tuple(parse_sha256(text, what=what) for text in texts)
    return PartList(size=size, part_size=part_size, parts=parts)


class PartWriter:
    """A stream to write a ciphertext to; cuts it and gives each part to `keep`.

    `keep` stores a part durably and returns its digest. Holds one part in memory.
    """

    def __init__(self, keep: Callable[[bytes], Sha256], *, part_size: int = PART_BYTES) -> None:
        """Cut into parts of `part_size` bytes."""
        self._keep = keep
        self._part_size = part_size
        self._held = bytearray()
        self._size = 0
        self._parts: list[Sha256] = []

    def write(self, data: bytes, /) -> int:
        """Take all of `data`."""
        self._held += data
        self._size += len(data)
        while len(self._held) >= self._part_size:
            self._give(self._part_size)
        return len(data)

    def finish(self) -> PartList:
        """Keep the last part and return the list."""
        if self._held:
            self._give(len(self._held))
        return PartList(size=self._size, part_size=self._part_size, parts=tuple(self._parts))

    def _give(self, count: int) -> None:
        self._parts.append(self._keep(bytes(self._held[:count])))
        del self._held[:count]


class PartReader(io.RawIOBase):
    """Reads the parts of a list, one after the other, as one stream."""

    def __init__(self, part_list: PartList, open_part: Callable[[Sha256], BinaryIO]) -> None:
        """Read the parts that `open_part` gives."""
        super().__init__()
        self._left = list(reversed(part_list.parts))
        self._open_part = open_part
        self._current: BinaryIO | None = None

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as io calls it
        """Fill `buffer` from the current part; 0 at the end of the last one."""
        while True:
            if self._current is None:
                if not self._left:
                    return 0
                self._current = self._open_part(self._left.pop())
            data = self._current.read(len(buffer))
            if data:
                buffer[: len(data)] = data
                return len(data)
            self._current.close()
            self._current = None

    def close(self) -> None:
        """Close the part that is open."""
        if self._current is not None:
            self._current.close()
            self._current = None
        super().close()


def read_parts(part_list: PartList, open_part: Callable[[Sha256], BinaryIO]) -> BinaryIO:
    """Return the whole ciphertext as one buffered stream."""
    return io.BufferedReader(PartReader(part_list, open_part), buffer_size=1 << 17)


def damaged_parts(
    part_list: PartList, open_part: Callable[[Sha256], BinaryIO]
) -> tuple[Sha256, ...]:
    """Hash every stored part again; return those whose bytes are no longer theirs."""
    damaged = []
    for digest in dict.fromkeys(part_list.parts):
        with open_part(digest) as stream:
            _, digests = hash_stream(stream, ["sha256"])
        if digests["sha256"] != digest:
            damaged.append(digest)
    return tuple(damaged)
