# SPDX-License-Identifier: Apache-2.0
"""The own check of an EWF image (E01 and s01): does its medium have the digests it stores?

The reader follows the published description of the format (Metz, *Expert
Witness Compression Format*, EWF-E01 and EWF-S01), checks every checksum on
its way and bounds everything it reads. It answers one question only, apart
from the digests of the files themselves: `consistent`, `inconsistent`, or
`not_checked` with the reason. Ex01, L01 and sets with missing segments are not
checked, and the answer says so.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final

from comity import __version__
from comity.errors import Unavailable
from comity.evidence.acquired import ContainerCheck
from comity.evidence.contents import ExhibitFacts
from comity.evidence.layout import evidence_path
from comity.evidence.model import Tool

#: Largest chunk of a medium, in bytes (the format's usual one is 32 KiB).
MAX_CHUNK_BYTES: Final = 64 << 20
#: Most chunks of one table.
MAX_TABLE_ENTRIES: Final = 1 << 20
#: Largest offset in a segment, in bytes.
MAX_OFFSET: Final = 1 << 48
#: Most segments of one set that are opened at once.
MAX_SEGMENTS: Final = 900
#: Most sections in one segment.
MAX_SECTIONS: Final = 1 << 16

_E01: Final = b"EVF\x09\x0d\x0a\xff\x00"
_OTHERS: Final = {
    b"EVF2\x0d\x0a\x81\x00": "EWF2-Ex01",
    b"LVF\x09\x0d\x0a\xff\x00": "EWF-L01",
    b"LEF2\x0d\x0a\x81\x00": "EWF2-Lx01",
}
_MAGIC_BYTES: Final = 8
_FILE_HEADER: Final = struct.Struct("<8sBHH")
#: Where the header of a file states which segment of its set it is.
_NUMBER: Final = slice(9, 11)
_SECTION: Final = struct.Struct("<16sQQ40sI")
_TABLE: Final = struct.Struct("<I4sQ4sI")
_VOLUME: Final = struct.Struct("<B3sIIIQ")
_SMART_VOLUME: Final = struct.Struct("<4sIIII")
_SMART_VOLUME_BYTES: Final = 94
_VOLUME_BYTES: Final = 1052
_COMPRESSED: Final = 0x80000000
#: By how much a deflated chunk may exceed the chunk itself.
_DEFLATE_SPARE: Final = 64 << 10
_CHECKSUM_BYTES: Final = 4
_DIGEST_BYTES: Final = 80
_HASH_BYTES: Final = 36
_TOOL: Final = Tool(name="comity", version=__version__)


class _Damaged(Exception):
    """The container contradicts itself."""


class _NotSupported(Exception):
    """Nothing can be said of the container; the text says why."""


@dataclass
class _Table:
    """The chunks that one table section points to; offsets within its segment."""

    segment: int
    offsets: list[int]
    compressed: list[bool]
    end: int


@dataclass
class _Image:
    """What the sections of all segments said."""

    chunk_bytes: int = 0
    media_bytes: int = 0
    tables: list[_Table] = field(default_factory=list)
    stored: dict[str, str] = field(default_factory=dict)
    finished: bool = False


def check_container(
    paths: Sequence[Path], *, progress: Callable[[int], None] | None = None
) -> ContainerCheck | None:
    """Check the EWF image in `paths` (its segments in order); None if it is no EWF image.

    `progress` gets the bytes of the medium just read. Raises `Unavailable` if a file
    cannot be read.
    """
    try:
        magic = _magic(paths[0])
        if magic in _OTHERS:
            return _not_checked(_OTHERS[magic], "this format is stored and hashed only")
        if magic != _E01:
            return None
        if len(paths) > MAX_SEGMENTS:
            return _not_checked("EWF-E01", f"a set of more than {MAX_SEGMENTS} segments")
        with ExitStack() as stack:
            files = [stack.enter_context(path.open("rb")) for path in paths]
            return _check(files, progress)
    except OSError as error:
        raise Unavailable(
            "acquire.source_unreadable", f"{paths[0]}: cannot be read: {error.strerror}"
        ) from error


def check_exhibit(root: Path, exhibit: ExhibitFacts) -> tuple[ContainerCheck, ...]:
    """Check every container among an exhibit's files in the package at `root`.

    Files count as containers for what they hold, not for their names; those in one
    folder whose names differ only in the extension are segments of one, in the order
    that they state. It fits `verify_package`'s `check_container`.
    """
    sets: dict[tuple[Path, str, bytes], list[tuple[int, Path]]] = {}
    for file in exhibit.files:
        path = root / evidence_path(exhibit.number, file.item)
        start = _start(path)
        magic = start[:_MAGIC_BYTES]
        if magic == _E01 or magic in _OTHERS:
            number = int.from_bytes(start[_NUMBER], "little")
            sets.setdefault((path.parent, path.stem, magic), []).append((number, path))
    found = (check_container([path for _, path in sorted(one)]) for one in sets.values())
    return tuple(check for check in found if check is not None)


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_FILE_HEADER.size)
    except OSError as error:
        raise Unavailable(
            "acquire.source_unreadable", f"{path}: cannot be read: {error.strerror}"
        ) from error


def _magic(path: Path) -> bytes:
    return _start(path)[:_MAGIC_BYTES]


def _check(files: Sequence[BinaryIO], progress: Callable[[int], None] | None) -> ContainerCheck:
    image = _Image()
    hashers = {"md5": hashlib.md5(usedforsecurity=False)}
    hashers["sha1"] = hashlib.sha1(usedforsecurity=False)
    try:
        for number, file in enumerate(files, start=1):
            _read_segment(file, number, image)
        for block in _medium(files, image):
            for hasher in hashers.values():
                hasher.update(block)
            if progress:
                progress(len(block))
    except _NotSupported as error:
        return _not_checked("EWF-E01", str(error))
    except (_Damaged, struct.error) as error:
        return _result(image, "inconsistent", {}, f"the container is damaged: {error}")
    computed = {name: hasher.hexdigest() for name, hasher in hashers.items()}
    if not image.stored:
        text = "the container stores no digest of its medium; its checksums are right"
        return _result(image, "not_checked", computed, text)
    wrong = [name for name, value in image.stored.items() if computed[name] != value]
    if wrong:
        text = f"the medium does not have the stored {' and '.join(wrong).upper()}"
        return _result(image, "inconsistent", computed, text)
    return _result(image, "consistent", computed, "")


def _read_segment(file: BinaryIO, number: int, image: _Image) -> None:
    """Follow the sections of one segment."""
    size = file.seek(0, 2)
    file.seek(0)
    magic, _, stated, _ = _FILE_HEADER.unpack(_exactly(file, _FILE_HEADER.size))
    if magic != _E01:
        raise _NotSupported(f"file {number} of the set is no segment of it")
    if stated != number:
        raise _NotSupported(f"file {number} of the set is segment {stated}: segments are missing")
    offset, data_end = _FILE_HEADER.size, 0
    for _ in range(MAX_SECTIONS):
        file.seek(offset)
        header = _exactly(file, _SECTION.size)
        name, following, length, _, checksum = _SECTION.unpack(header)
        if zlib.adler32(header[:-_CHECKSUM_BYTES]) != checksum:
            raise _Damaged(f"segment {number}: the section at {offset} has a wrong checksum")
        kind = name.rstrip(b"\0")
        if kind in {b"next", b"done"}:
            image.finished = kind == b"done"
            return
        if not offset + _SECTION.size <= following <= size:
            raise _Damaged(f"segment {number}: the section at {offset} leads nowhere")
        if kind == b"sectors":
            data_end = following
        _read_section(file, kind, number, image, (offset, following, length, data_end))
        offset = following
    raise _Damaged(f"segment {number}: has too many sections")


def _read_section(
    file: BinaryIO, kind: bytes, number: int, image: _Image, place: tuple[int, int, int, int]
) -> None:
    offset, following, _, data_end = place
    if kind in {b"volume", b"disk"}:
        _read_volume(_exactly(file, following - offset - _SECTION.size, _VOLUME_BYTES), image)
    elif kind == b"table":
        if _TABLE.size > following - offset - _SECTION.size:
            raise _Damaged(f"segment {number}: a table without room for one")
        room = following - offset - _SECTION.size - _TABLE.size
        image.tables.append(_read_table(file, number, data_end or following, room))
    elif kind == b"digest":
        data = _checked(_exactly(file, _DIGEST_BYTES), "the digest section")
        image.stored.update(md5=data[:16].hex(), sha1=data[16:36].hex())
    elif kind == b"hash":
        data = _checked(_exactly(file, _HASH_BYTES), "the hash section")
        image.stored.setdefault("md5", data[:16].hex())


def _read_volume(data: bytes, image: _Image) -> None:
    if len(data) == _SMART_VOLUME_BYTES:
        _, _, per_chunk, sector, sectors = _SMART_VOLUME.unpack_from(data)
    else:
        _, _, _, per_chunk, sector, sectors = _VOLUME.unpack_from(data)
    _checked(data, "the volume section")
    image.chunk_bytes = per_chunk * sector
    image.media_bytes = sectors * sector
    if not 0 < image.chunk_bytes <= MAX_CHUNK_BYTES:
        raise _Damaged(f"chunks of {image.chunk_bytes} bytes")


def _read_table(file: BinaryIO, number: int, end: int, room: int) -> _Table:
    header = _exactly(file, _TABLE.size)
    count, _, base, _, checksum = _TABLE.unpack(header)
    if zlib.adler32(header[:-_CHECKSUM_BYTES]) != checksum:
        raise _Damaged(f"segment {number}: a table has a wrong checksum")
    if base > MAX_OFFSET:
        raise _Damaged(f"segment {number}: a table that points beyond any file")
    if count > MAX_TABLE_ENTRIES or count * 4 > room:
        raise _Damaged(f"segment {number}: a table of {count} chunks")
    data = _exactly(file, count * 4)
    entries = struct.unpack(f"<{count}I", data)
    offsets = [base + (entry & ~_COMPRESSED) for entry in entries]
    # In S01 the first chunk stands where E01 has the checksum of the entries.
    bare = count > 0 and offsets[0] == file.tell()
    stated = file.read(_CHECKSUM_BYTES)
    full = len(stated) == _CHECKSUM_BYTES and not bare
    if full and zlib.adler32(data) != struct.unpack("<I", stated)[0]:
        raise _Damaged(f"segment {number}: the entries of a table have a wrong checksum")
    if any(after <= before for before, after in pairwise(offsets)):
        raise _NotSupported("a segment larger than 2 GiB, whose table this reader does not follow")
    return _Table(number, offsets, [bool(entry & _COMPRESSED) for entry in entries], end)


def _medium(files: Sequence[BinaryIO], image: _Image) -> Iterator[bytes]:
    """Yield the medium, chunk by chunk."""
    if not image.finished:
        raise _NotSupported("segments are missing: the last one says that another follows")
    if not image.chunk_bytes:
        raise _Damaged("no section describes the medium")
    left = image.media_bytes
    for table in image.tables:
        file = files[table.segment - 1]
        ends = [*table.offsets[1:], table.end]
        for offset, end, packed in zip(table.offsets, ends, table.compressed, strict=True):
            if left <= 0:
                raise _Damaged("more chunks than the medium has")
            size = min(image.chunk_bytes, left)
            yield _chunk(file, offset, end, size, image.chunk_bytes, packed=packed)
            left -= size
    if left > 0:
        raise _Damaged(f"the last {left} bytes of the medium are missing")


def _chunk(
    file: BinaryIO, offset: int, end: int, size: int, chunk_bytes: int, *, packed: bool
) -> bytes:
    file.seek(offset)
    if not packed:
        data = _exactly(file, size)
        checksum = _exactly(file, _CHECKSUM_BYTES)
        if zlib.adler32(data) != struct.unpack("<I", checksum)[0]:
            raise _Damaged(f"the chunk at {offset} has a wrong checksum")
        return data
    # zlib knows where a chunk ends; the table does not say it of the last one.
    most = chunk_bytes + _DEFLATE_SPARE
    try:
        data = zlib.decompressobj().decompress(file.read(min(max(end - offset, 0), most)), size)
    except zlib.error as error:
        raise _Damaged(f"the chunk at {offset} cannot be decompressed: {error}") from error
    if len(data) != size:
        raise _Damaged(f"the chunk at {offset} is short")
    return data


def _exactly(file: BinaryIO, size: int, limit: int = MAX_CHUNK_BYTES) -> bytes:
    data = file.read(min(size, limit)) if size >= 0 else b""
    if len(data) != min(size, limit):
        raise _Damaged("the file ends in the middle of a section")
    return data


def _checked(data: bytes, what: str) -> bytes:
    """Return data that ends with the Adler-32 of what stands before it."""
    body, stated = data[:-_CHECKSUM_BYTES], data[-_CHECKSUM_BYTES:]
    if zlib.adler32(body) != struct.unpack("<I", stated)[0]:
        raise _Damaged(f"{what} has a wrong checksum")
    return body


def _result(image: _Image, outcome: str, computed: dict[str, str], detail: str) -> ContainerCheck:
    return ContainerCheck(
        format="EWF-E01",
        outcome=outcome,
        tool=_TOOL,
        media_size=image.media_bytes,
        stored=tuple(sorted(image.stored.items())),
        computed=tuple(sorted(computed.items())),
        detail=detail,
    )


def _not_checked(name: str, why: str) -> ContainerCheck:
    return ContainerCheck(
        format=name,
        outcome="not_checked",
        tool=None,
        media_size=None,
        stored=(),
        computed=(),
        detail=why,
    )
