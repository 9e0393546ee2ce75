# SPDX-License-Identifier: Apache-2.0
"""Copying one source: read once for all digests, faults of the medium filled and noted."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from comity.canonical.digest import BLOCK_BYTES, Sha256
from comity.errors import Conflict, Unavailable
from comity.evidence.acquired import AcquiredFile, ReadError
from comity.evidence.acquisition import MAX_READ_ERRORS
from comity.evidence.model import Sha512
from comity.forensics.source import ByteSource, PathSource, Unreadable

_ALGORITHMS: Final = ("md5", "sha1", "sha256", "sha512")

Progress = Callable[[str, int], None]
"""Called with the stage (`copy`, `verify copy`, `verify source`) and the bytes just handled."""


def copy_source(
    source: ByteSource, target: Path, *, stored: str, progress: Progress
) -> tuple[AcquiredFile, list[ReadError]]:
    """Copy a source into a new file; return what was read and the ranges that could not be.

    Raises `Conflict` (`acquire.source_changed`) if it ends early or changes meanwhile.
    """
    hashers = [hashlib.new(name, usedforsecurity=False) for name in _ALGORITHMS]
    errors: list[ReadError] = []
    offset = 0
    with target.open("xb") as file:
        while offset < source.size:
            length = min(BLOCK_BYTES, source.size - offset)
            block, unread = _read_block(source, offset, length)
            for start, size in unread:
                _note_error(errors, stored, start, size)
            for hasher in hashers:
                hasher.update(block)
            file.write(block)
            offset += length
            progress("copy", length)
        file.flush()
        os.fsync(file.fileno())
    if source.changed():
        raise changed(source)
    md5, sha1, sha256, sha512 = (hasher.hexdigest() for hasher in hashers)
    return (
        AcquiredFile(
            path=stored,
            original_name=shown(source.name),
            size=source.size,
            md5=md5,
            sha1=sha1,
            sha256=Sha256(sha256),
            sha512=Sha512(sha512),
        ),
        errors,
    )


def _read_block(
    source: ByteSource, offset: int, length: int
) -> tuple[bytes, list[tuple[int, int]]]:
    """Read a block whole, or sector by sector where the medium fails."""
    try:
        return _read_fully(source, offset, length), []
    except Unreadable:
        parts, unread = [], []
        for start in range(offset, offset + length, source.sector_size):
            size = min(source.sector_size, offset + length - start)
            try:
                parts.append(_read_fully(source, start, size))
            except Unreadable:
                parts.append(bytes(size))
                unread.append((start, size))
        return b"".join(parts), unread


def _read_fully(source: ByteSource, offset: int, length: int) -> bytes:
    parts, left = [], length
    while left:
        part = source.read_at(offset + length - left, left)
        if not part:
            raise changed(source)
        parts.append(part)
        left -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _note_error(errors: list[ReadError], path: str, start: int, size: int) -> None:
    """Add an unreadable range, joined to the one before if they touch."""
    last = errors[-1] if errors else None
    if last and last.offset + last.length == start:
        errors[-1] = ReadError(path=path, offset=last.offset, length=last.length + size)
        return
    if len(errors) >= MAX_READ_ERRORS:
        raise Unavailable(
            "acquire.too_many_errors",
            f"{path}: more than {MAX_READ_ERRORS} separate unreadable ranges",
            hint="The medium is failing. Have it treated by a laboratory before it gets worse.",
        )
    errors.append(ReadError(path=path, offset=start, length=size))


def digest_of(source: PathSource, progress: Callable[[int], None]) -> str:
    """Return the SHA-256 of what the source gives now; an unreadable one equals nothing."""
    hasher, offset = hashlib.sha256(), 0
    while True:
        try:
            block = source.read_at(offset, BLOCK_BYTES)
        except Unreadable:
            return ""
        if not block:
            return hasher.hexdigest()
        hasher.update(block)
        offset += len(block)
        progress(len(block))


def changed(source: ByteSource) -> Conflict:
    """Return the error for a source that did not stay as it was."""
    return Conflict(
        "acquire.source_changed",
        f"{shown(source.name)}: changed while it was being read",
        hint="Something writes to the source. Take it out of use or block writes, then repeat.",
    )


def shown(name: bytes) -> str:
    """Return a name for the record: bytes that are not UTF-8 as `=XX`."""
    text = name.decode("utf-8", "surrogateescape")
    return "".join(
        f"={ord(char) - 0xDC00:02X}" if "\udc80" <= char <= "\udcff" else char for char in text
    )
