# SPDX-License-Identifier: Apache-2.0
"""Writing a new folder file by file, with the digests of everything written.

Files are created, never opened; every one is synced to the disk before the
folder may be renamed into place. Memory does not grow with the size of files.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, Self

from comity.canonical.digest import BLOCK_BYTES
from comity.errors import Conflict
from comity.evidence.reading import EVIDENCE_ALGORITHMS, OTHER_ALGORITHMS

#: Up to this many files are synced one by one; for more, the whole system is asked once.
_SYNC_EACH: Final = 256
#: Longest name, in bytes, that may have something added and still be a name.
_MAX_PLAIN_NAME: Final = 240
_SHORT_NAME: Final = 40
#: What is begun anew after a power cut is known as ours by its owner and by this mode, in which
#: nobody else may write, whatever the umask.
_FOLDER_MODE: Final = 0o755
_FILE_MODE: Final = 0o644
_OTHERS_WRITE: Final = 0o022
_WHOSE: Final = "Find out whose it is. Then remove it, or choose another name."
_AGAIN: Final = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class FolderWriter:
    """Writes below one new folder. As a context it makes the folder and syncs it at the end."""

    def __init__(self, root: Path, *, progress: Callable[[int], None] | None = None) -> None:
        self.root = root
        self.progress = progress
        #: Path to digests by algorithm, of every file written.
        self.digests: dict[str, dict[str, str]] = {}
        self.sizes: dict[str, int] = {}
        self._folders: set[str] = set()

    @property
    def payload(self) -> dict[str, tuple[int, str]]:
        """Path to size and SHA-256 of the files below `data/`."""
        return {
            path: (self.sizes[path], digests["sha256"])
            for path, digests in self.digests.items()
            if path.startswith("data/")
        }

    @property
    def payload_bytes(self) -> int:
        """The octets below `data/`."""
        return sum(size for path, size in self.sizes.items() if path.startswith("data/"))

    @property
    def payload_files(self) -> int:
        """The number of files below `data/`."""
        return sum(1 for path in self.sizes if path.startswith("data/"))

    def __enter__(self) -> Self:
        self.root.mkdir(exist_ok=True)
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        if failed is None:
            self._sync()

    def write(self, path: str, data: bytes) -> None:
        """Write a small file."""
        self._place(path)
        with self._create(path) as file:
            file.write(data)
        self.sizes[path] = len(data)
        self.digests[path] = {
            name: hashlib.new(name, data, usedforsecurity=False).hexdigest()
            for name in OTHER_ALGORITHMS
        }

    def copy(self, path: str, source: BinaryIO) -> tuple[int, dict[str, str]]:
        """Copy a stream; return its size and its four digests by algorithm."""
        self._place(path)
        hashers = {name: hashlib.new(name, usedforsecurity=False) for name in EVIDENCE_ALGORITHMS}
        size = 0
        with self._create(path) as file:
            while block := source.read(BLOCK_BYTES):
                size += len(block)
                for hasher in hashers.values():
                    hasher.update(block)
                file.write(block)
                if self.progress:
                    self.progress(len(block))
        digests = {name: hasher.hexdigest() for name, hasher in hashers.items()}
        self.sizes[path] = size
        self.digests[path] = digests
        return size, digests

    def _create(self, path: str) -> BinaryIO:
        return os.fdopen(os.open(f"{self.root}/{path}", _FLAGS, 0o644), "wb")

    def _place(self, path: str) -> None:
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            (self.root / folder).mkdir(parents=True, exist_ok=True)
            while folder and folder not in self._folders:
                self._folders.add(folder)
                folder = folder.rpartition("/")[0]

    def _sync(self) -> None:
        """Make the files and the folders that name them durable."""
        if len(self.sizes) > _SYNC_EACH:
            os.sync()
            return
        for path in [*self.sizes, *self._folders, ""]:
            sync(self.root / path)


@contextmanager
def making(target: Path) -> Iterator[Path]:
    """Give an empty folder beside `target` in which it is made; whoever makes it renames it.

    What is there when the block ends is removed. The folder's name follows from the
    target alone, so that a second try finds and clears what a power cut left of the
    first; it is locked, so that a second process keeps away. What somebody else put
    there is not used. Raises `Conflict` (`folder.in_progress`, `folder.not_ours`) or
    `OSError`.
    """
    folder = _partial(target)
    new = True
    try:
        folder.mkdir(_FOLDER_MODE)
    except FileExistsError:
        new = False
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not new and not _is_ours(os.fstat(descriptor)):
            raise Conflict(
                "folder.not_ours",
                f"{folder}: is in the way; somebody else made it, or others may write in it",
                hint=_WHOSE,
            )
        claim(descriptor, folder, target)
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        try:
            yield folder
        finally:
            with suppress(OSError):
                shutil.rmtree(folder)
    finally:
        os.close(descriptor)


@contextmanager
def making_file(target: Path) -> Iterator[BinaryIO]:
    """Give an empty file that gets the name `target` when the block ends well, or is removed.

    Like `making` (`folder.in_progress`, `file.not_ours`); what was at `target` is replaced.
    """
    path = _partial(target)
    with os.fdopen(_open_file(path), "wb") as file:
        claim(file.fileno(), path, target)
        file.truncate()
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            path.rename(target)
            sync(target.parent)
        finally:
            with suppress(OSError):
                path.unlink()


def claim(descriptor: int, path: Path, target: Path) -> None:
    """Keep other processes from making the same; raise `Conflict` if one is at it."""
    busy = False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        busy = True
    except OSError:  # a file system without locks
        return
    if busy or not _is_same(descriptor, path):
        raise Conflict(
            "folder.in_progress",
            f"{target}: is being made by another process",
            hint="Wait until it has ended, or choose another name.",
        )


def _open_file(path: Path) -> int:
    """Create a file to work in, or open what an earlier try left; give its descriptor."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE)
    except FileExistsError:
        descriptor = os.open(path, _AGAIN)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1 or not _is_ours(found):
        os.close(descriptor)
        raise Conflict(
            "file.not_ours",
            f"{path}: is in the way; somebody else made it, or others may write in it",
            hint=_WHOSE,
        )
    return descriptor


def _is_ours(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not found.st_mode & _OTHERS_WRITE


def _is_same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _partial(target: Path) -> Path:
    name = target.name
    if len(os.fsencode(name)) > _MAX_PLAIN_NAME:
        digest = hashlib.sha256(os.fsencode(name)).hexdigest()
        name = f"{name[:_SHORT_NAME]}~{digest[:_SHORT_NAME]}"
    return target.with_name(f".{name}.partial")


def place_folder(temporary: Path, target: Path) -> None:
    """Give a finished folder its name, durably. Raises `OSError` if the name is taken."""
    temporary.rename(target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Make one file or folder durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
