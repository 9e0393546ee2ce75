# SPDX-License-Identifier: Apache-2.0
"""Reading the files of a package: each once, for all digests, without following links.

Memory does not grow with the size of a file: large ones are read block by
block, with one thread for each digest while the next block is read. Bytes of
the small files that must be parsed are kept from that same read, so that what
is parsed is what was hashed.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from comity.canonical.digest import BLOCK_BYTES
from comity.errors import Unavailable, Unverified, one_line
from comity.evidence.names import collision_key

#: Most files in one package.
MAX_FILES: Final = 200_000
#: Most folders in one package.
MAX_FOLDERS: Final = 50_000
#: Deepest folder in a package.
MAX_DEPTH: Final = 16
#: Most faults listed one by one; the rest are counted.
MAX_FAULTS: Final = 50
#: Files from this size on are hashed with one thread a digest.
_THREADS_FROM: Final = 8 << 20
#: What one thread reads at a time: as much as stays in the processor's cache.
_BUFFER_BYTES: Final = 256 << 10
_OPEN_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY

_Update = Callable[[bytes | memoryview], None]

EVIDENCE_ALGORITHMS: Final = ("md5", "sha1", "sha256", "sha512")
OTHER_ALGORITHMS: Final = ("sha256", "sha512")


@dataclass(frozen=True)
class FoundFault:
    """Something in the folder that no package has."""

    path: str
    code: str
    message: str


@dataclass(frozen=True)
class Listing:
    """The regular files below a folder with their sizes in bytes, and what was wrong there."""

    files: dict[str, int]
    faults: tuple[FoundFault, ...]


@dataclass(frozen=True)
class ReadFile:
    """One file as read: its size, its digests by algorithm, and its bytes if they were kept."""

    size: int
    digests: dict[str, str]
    data: bytes | None


class _Walk:
    """Collects files and faults of a folder, and stops where limits say so."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, int] = {}
        self.faults: list[FoundFault] = []
        self.folders = 0
        self.inodes: dict[tuple[int, int], str] = {}
        self.keys: dict[str, str] = {}

    def fault(self, path: str, code: str, message: str) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(FoundFault(one_line(path), code, message))

    def run(self) -> None:
        pending = [("", 0)]
        while pending:
            folder, depth = pending.pop()
            self.folders += 1
            if self.folders > MAX_FOLDERS or len(self.files) > MAX_FILES:
                self.fault(folder, "package.too_many", "the package has too many files or folders")
                return
            if depth > MAX_DEPTH:
                self.fault(folder, "package.too_deep", "the folder lies too deep")
                continue
            pending += [(name, depth + 1) for name in self.one(folder)]

    def one(self, folder: str) -> list[str]:
        """Take the entries of one folder; return the folders among them."""
        folders: list[str] = []
        empty = True
        try:
            with os.scandir(self.root / folder) as entries:
                for entry in entries:
                    empty = False
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if len(self.files) > MAX_FILES or len(folders) > MAX_FOLDERS:
                        break
                    if self.is_folder(path, entry):
                        folders.append(path)
        except OSError as error:
            self.fault(folder, "package.unreadable", f"cannot be read: {error.strerror}")
            return []
        if empty:
            self.fault(folder or ".", "package.empty_folder", "an empty folder is no part of one")
        return sorted(folders, reverse=True)

    def is_folder(self, path: str, entry: os.DirEntry[str]) -> bool:
        status = entry.stat(follow_symlinks=False)
        other = self.keys.setdefault(collision_key(path), path)
        if other != path:
            self.fault(
                path, "package.names_collide", f"differs from {one_line(other)} only in form"
            )
        if stat.S_ISDIR(status.st_mode):
            return True
        if stat.S_ISLNK(status.st_mode):
            self.fault(path, "package.link", "is a symbolic link")
        elif not stat.S_ISREG(status.st_mode):
            self.fault(path, "package.not_a_file", "is neither a file nor a folder")
        else:
            self.file(path, status)
        return False

    def file(self, path: str, status: os.stat_result) -> None:
        if status.st_nlink > 1:
            twin = self.inodes.setdefault((status.st_dev, status.st_ino), path)
            if twin != path:
                self.fault(path, "package.hard_link", f"is a second name of {one_line(twin)}")
        self.files[path] = status.st_size


def list_files(root: Path) -> Listing:
    """Return every regular file below `root` and every other thing as a fault."""
    walk = _Walk(root)
    walk.run()
    return Listing(files=dict(sorted(walk.files.items())), faults=tuple(walk.faults))


class Reader:
    """Reads files below one folder; use it as a context so that its threads end."""

    def __init__(self, root: Path, *, progress: Callable[[int], None] | None = None) -> None:
        self.root = str(root)
        self.progress = progress
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def read(self, path: str, size: int, algorithms: Sequence[str], *, keep: bool) -> ReadFile:
        """Read one file that was listed with `size` bytes.

        Raises `Unavailable` (`package.unreadable`) or `Unverified`
        (`package.changed`) if it is no longer what was listed.
        """
        try:
            descriptor = os.open(f"{self.root}/{path}", _OPEN_FLAGS)
            try:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode) or status.st_size != size:
                    raise Unverified("package.changed", f"{path}: changed while it was being read")
                found = self._hash(descriptor, size, algorithms, keep)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise Unavailable(
                "package.unreadable", f"{path}: cannot be read: {error.strerror or error}"
            ) from error
        if found.size != size:
            raise Unverified("package.changed", f"{path}: changed while it was being read")
        return found

    def _hash(
        self,
        descriptor: int,
        size: int,
        algorithms: Sequence[str],
        keep: bool,  # noqa: FBT001
    ) -> ReadFile:
        if size <= BLOCK_BYTES or keep:
            data = _read_all(descriptor, size)
            digests = {
                name: hashlib.new(name, data, usedforsecurity=False).hexdigest()
                for name in algorithms
            }
            if self.progress:
                self.progress(len(data))
            return ReadFile(size=len(data), digests=digests, data=data if keep else None)
        return self._hash_blocks(descriptor, size, algorithms)

    def _hash_blocks(self, descriptor: int, size: int, algorithms: Sequence[str]) -> ReadFile:
        hashers = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
        pool = self._threads(size, len(hashers))
        updates = [hasher.update for hasher in hashers.values()]
        if pool:
            total = self._hash_in_threads(descriptor, updates, pool)
        else:
            total = self._hash_here(descriptor, updates)
        digests = {name: hasher.hexdigest() for name, hasher in hashers.items()}
        return ReadFile(size=total, digests=digests, data=None)

    def _hash_here(self, descriptor: int, updates: Sequence[_Update]) -> int:
        total, buffer = 0, bytearray(_BUFFER_BYTES)
        view = memoryview(buffer)
        while size := os.readv(descriptor, [buffer]):
            total += size
            for update in updates:
                update(view[:size])
            if self.progress:
                self.progress(size)
        return total

    def _hash_in_threads(
        self,
        descriptor: int,
        updates: Sequence[_Update],
        pool: ThreadPoolExecutor,
    ) -> int:
        total, block = 0, os.read(descriptor, BLOCK_BYTES)
        while block:
            total += len(block)
            running = [pool.submit(update, block) for update in updates]
            following = os.read(descriptor, BLOCK_BYTES)
            for future in running:
                future.result()
            if self.progress:
                self.progress(len(block))
            block = following
        return total

    def _threads(self, size: int, digests: int) -> ThreadPoolExecutor | None:
        if digests == 1 or size < _THREADS_FROM or (os.cpu_count() or 1) == 1:
            return None
        if self._pool is None:
            self._pool = ThreadPoolExecutor(max_workers=len(EVIDENCE_ALGORITHMS))
        return self._pool


def _read_all(descriptor: int, size: int) -> bytes:
    """Read up to one byte more than `size`, so that growth is noticed."""
    parts, left = [], size + 1
    while left and (part := os.read(descriptor, left)):
        parts.append(part)
        left -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
