# SPDX-License-Identifier: Apache-2.0
"""Tar archives of packages: written in one form, read with suspicion.

`write_tar` gives the same bytes for the same folder, in POSIX form (pax headers
where a name or size needs them), which every tar reads. `TarReader` reads that
and what GNU tar makes of a folder, and refuses by name what has no business in
a package: links, devices, sparse files, names that lead elsewhere or collide,
and sizes or numbers beyond limits. It never looks ahead and holds no file in
memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from comity.canonical.digest import BLOCK_BYTES
from comity.canonical.time import Instant
from comity.errors import Invalid, Unverified
from comity.evidence.names import check_path, collision_key
from comity.evidence.reading import MAX_FILES, list_files

BLOCK: Final = 512
#: Largest pax header or GNU long name read, in bytes.
MAX_HEADER_BYTES: Final = 64 << 10
#: Most octets of all files together.
MAX_TOTAL_BYTES: Final = 64 << 40
#: Most zero octets read after the end, as padding of the container leaves them.
MAX_PADDING_BYTES: Final = 1 << 40

_NAME_BYTES: Final = 100
_MAX_OCTAL: Final = 0o77777777777
_ZERO: Final = bytes(BLOCK)
_BASE_256: Final = 0x80
_OCTAL: Final = re.compile(rb" *([0-7]+)[ \0]*")
_PAX_RECORD: Final = re.compile(rb"([1-9]\d{0,5}) ([^=\n]{1,100})=")
_IGNORED_PAX: Final = frozenset(
    {b"mtime", b"atime", b"ctime", b"uid", b"gid", b"uname", b"gname", b"comment"}
)
_REFUSED: Final = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a character device",
    b"4": "a block device",
    b"6": "a named pipe",
    b"7": "a contiguous file",
    b"S": "a sparse file",
    b"K": "a long link name",
    b"g": "a global header",
    b"M": "a part of another volume",
    b"V": "a volume label",
}


@dataclass(frozen=True)
class TarEntry:
    """One file or folder: its path below the top folder ("" for that folder itself)."""

    path: str
    size: int
    folder: bool


def write_tar(
    root: Path,
    target: BinaryIO,
    *,
    top: str,
    modified: Instant,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Write every file below `root` into `target`, under one top folder `top`.

    `modified` is stated as the time of every file. Raises `Unverified`
    (`tar.folder`) if the folder holds anything but plain files.
    """
    listing = list_files(root)
    if listing.faults:
        fault = listing.faults[0]
        raise Unverified("tar.folder", f"{fault.path}: {fault.message}")
    for path, size in listing.files.items():
        target.writelines(_headers(f"{top}/{path}", size, int(modified.timestamp())))
        with (root / path).open("rb") as source:
            _copy(source, target, size, path, progress)
        target.write(bytes(-size % BLOCK))
    target.write(_ZERO + _ZERO)


class TarReader:
    """Reads an archive from its beginning to its end, once."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._left = 0
        self._padding = 0
        self._top = ""
        self._seen: dict[str, bool] = {}
        self._total = 0

    def entries(self) -> Iterator[TarEntry]:
        """Yield the entries in order; read a file's content with `content` before the next.

        Raises `Invalid` with a `tar.*` code for everything that is not a plain archive
        of one folder.
        """
        count = 0
        while True:
            self._skip()
            block = self._exactly(BLOCK, "a header")
            if block == _ZERO:
                self._end()
                return
            count += 1
            if count > 2 * MAX_FILES:
                raise Invalid("tar.too_many", f"the archive has more than {2 * MAX_FILES} entries")
            yield self._entry(block)

    def content(self) -> Iterator[bytes]:
        """Yield the blocks of the file that was yielded last."""
        while self._left:
            part = self._exactly(min(self._left, BLOCK_BYTES), "a file")
            self._left -= len(part)
            yield part

    def _entry(self, block: bytes) -> TarEntry:
        """Read one entry, with the extended headers before it."""
        pax: dict[bytes, bytes] = {}
        long_name: bytes | None = None
        while block[156:157] in {b"x", b"L"}:
            size = _checked_size(block)
            data = self._header_data(size)
            if block[156:157] == b"x":
                pax = _read_pax(data)
            else:
                long_name = data.rstrip(b"\0")
            block = self._exactly(BLOCK, "a header")
        kind = block[156:157]
        name = pax.get(b"path") or long_name or _plain_name(block)
        size = _checked_size(block) if b"size" not in pax else _decimal(pax[b"size"])
        shown = name.decode("utf-8", "backslashreplace")[:200]
        if kind in _REFUSED:
            raise Invalid("tar.kind", f"{shown!r} is {_REFUSED[kind]}; a package has none")
        if kind not in {b"0", b"\0", b"5"}:
            raise Invalid("tar.kind", f"{shown!r} is an entry of unknown kind {kind!r}")
        entry = self._place(name, size, folder=kind == b"5")
        self._left, self._padding = entry.size, -entry.size % BLOCK
        return entry

    def _place(self, name: bytes, size: int, *, folder: bool) -> TarEntry:
        try:
            text = name.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Invalid("tar.name", f"the name {name[:100]!r} is not UTF-8") from error
        if folder:
            text = text.removesuffix("/")
            if size:
                raise Invalid("tar.folder", f"the folder {text[:200]!r} has content")
        check_path(text, what="archive")
        top, _, path = text.partition("/")
        if not self._top:
            self._top = top
        if top != self._top or (not path and not folder):
            raise Invalid(
                "tar.top", f"{text[:200]!r} does not lie in the one top folder {self._top!r}"
            )
        self._register(path, folder=folder)
        self._total += size
        if self._total > MAX_TOTAL_BYTES:
            raise Invalid("tar.too_large", f"the archive holds more than {MAX_TOTAL_BYTES} bytes")
        return TarEntry(path=path, size=size, folder=folder)

    def _register(self, path: str, *, folder: bool) -> None:
        """Refuse a path that is there twice, or that meets another in case or form."""
        key = collision_key(path)
        if key in self._seen:
            raise Invalid("tar.duplicate", f"{path[:200]!r} is there twice, or meets another name")
        self._seen[key] = folder
        parent = key.rpartition("/")[0]
        while parent:
            if self._seen.get(parent) is False:
                raise Invalid("tar.duplicate", f"{path[:200]!r} lies in what is a file")
            parent = parent.rpartition("/")[0]

    def _header_data(self, size: int) -> bytes:
        if size > MAX_HEADER_BYTES:
            raise Invalid("tar.header", f"an extended header of {size} bytes")
        data = self._exactly(size, "an extended header")
        self._exactly(-size % BLOCK, "an extended header")
        return data

    def _skip(self) -> None:
        """Read past what is left of the entry before."""
        for _ in self.content():
            pass
        self._exactly(self._padding, "a file")
        self._padding = 0

    def _end(self) -> None:
        """Only zeros may follow the end: the second end block, and padding."""
        if self._exactly(BLOCK, "the end") != _ZERO:
            raise Invalid("tar.end", "the archive ends with one empty block, not with two")
        total = 0
        while part := self._source.read(BLOCK_BYTES):
            total += len(part)
            if part.count(0) != len(part):
                raise Invalid("tar.trailing", "something follows the end of the archive")
            if total > MAX_PADDING_BYTES:
                raise Invalid("tar.trailing", "endless padding follows the archive")

    def _exactly(self, size: int, what: str) -> bytes:
        parts, left = [], size
        while left:
            part = self._source.read(left)
            if not part:
                raise Invalid("tar.truncated", f"the archive ends in the middle of {what}")
            parts.append(part)
            left -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)


def _headers(path: str, size: int, modified: int) -> list[bytes]:
    """Return the header blocks of a file: a pax header first where one is needed."""
    name = path.encode("utf-8")
    records = b""
    if len(name) > _NAME_BYTES or not path.isascii():
        records += _pax_record(b"path", name)
    if size > _MAX_OCTAL:
        records += _pax_record(b"size", str(size).encode())
    blocks = []
    if records:
        blocks = [_header(b"././@PaxHeader", len(records), modified, b"x")]
        blocks.append(records + bytes(-len(records) % BLOCK))
    short = name[:_NAME_BYTES] if not records else b"././@PaxFile"
    blocks.append(_header(short, min(size, _MAX_OCTAL), modified, b"0"))
    return blocks


def _header(name: bytes, size: int, modified: int, kind: bytes) -> bytes:
    head = b"".join(
        (
            name.ljust(_NAME_BYTES, b"\0"),
            b"0000644\0" + b"0000000\0" * 2,
            b"%011o\0" % size,
            b"%011o\0" % modified,
            b" " * 8,
            kind,
            bytes(_NAME_BYTES),
            b"ustar\x0000",
        )
    ).ljust(BLOCK, b"\0")
    return head[:148] + b"%06o\0 " % sum(head) + head[156:]


def _pax_record(name: bytes, value: bytes) -> bytes:
    length = len(name) + len(value) + 3
    while len(b"%d" % (length + len(b"%d" % length))) != len(b"%d" % length):
        length += 1
    total = length + len(b"%d" % length)
    return b"%d %s=%s\n" % (total, name, value)


def _read_pax(data: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    position = 0
    while position < len(data):
        record = _PAX_RECORD.match(data, position)
        end = position + int(record[1]) if record else 0
        if not record or end > len(data) or end <= record.end() or data[end - 1 : end] != b"\n":
            raise Invalid("tar.header", "an extended header is malformed")
        name = record[2]
        if name in found:
            raise Invalid("tar.header", f"an extended header has {name!r} twice")
        if name not in _IGNORED_PAX and name not in {b"path", b"size"}:
            shown = name.decode("utf-8", "backslashreplace")
            raise Invalid("tar.header", f"an extended header has {shown!r}, which no package needs")
        found[name] = data[record.end() : end - 1]
        position = end
    return found


def _plain_name(block: bytes) -> bytes:
    name = block[:_NAME_BYTES].rstrip(b"\0")
    prefix = block[345:500].rstrip(b"\0") if block[257:263] == b"ustar\0" else b""
    whole = prefix + b"/" + name if prefix else name
    if b"\0" in whole:
        raise Invalid("tar.name", "a name holds a zero byte")
    return whole


def _checked_size(block: bytes) -> int:
    """Return the size that a header states, after checking the header's checksum."""
    stated = _OCTAL.fullmatch(block[148:156])
    if not stated or int(stated[1], 8) != sum(block[:148]) + 8 * 32 + sum(block[156:]):
        raise Invalid("tar.checksum", "a header's checksum is wrong")
    field = block[124:136]
    if field[0] == _BASE_256:  # what octal cannot say, as GNU tar writes it
        size = int.from_bytes(field[1:], "big")
    else:
        octal = _OCTAL.fullmatch(field)
        if not octal:
            raise Invalid("tar.size", "a header states no size")
        size = int(octal[1], 8)
    return _bounded(size)


def _decimal(text: bytes) -> int:
    if not text.isdigit() or len(text) > len(str(MAX_TOTAL_BYTES)):
        raise Invalid("tar.size", "an extended header states no size")
    return _bounded(int(text))


def _bounded(size: int) -> int:
    if size > MAX_TOTAL_BYTES:
        raise Invalid("tar.too_large", f"a file of {size} bytes")
    return size


def _copy(
    source: BinaryIO,
    target: BinaryIO,
    size: int,
    path: str,
    progress: Callable[[int], None] | None,
) -> None:
    left = size
    while left:
        part = source.read(min(left, BLOCK_BYTES))
        if not part:
            break
        target.write(part)
        left -= len(part)
        if progress:
            progress(len(part))
    if left or source.read(1):
        raise Unverified("package.changed", f"{path}: changed while it was being read")
