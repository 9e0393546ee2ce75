# SPDX-License-Identifier: Apache-2.0
"""A log in a folder, laid out as C2SP tlog-tiles serves it.

The folder can be put behind any static web server. Entry bundles are the truth;
tiles are derived from them. Every file is written beside its place, synced,
renamed and its folder synced, so that a crash leaves the old or the new file and
never half of one. The first error of the disk closes the store for writing: after
a failed sync the kernel may have dropped what it had accepted before, so nothing
that follows could be trusted. A second writer is refused.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from comity.errors import ComityError, Conflict, Invalid, Unavailable, Unverified
from comity.ledger import storage, tiles
from comity.ledger.note import MAX_NOTE_BYTES
from comity.ledger.numbers import read_number
from comity.ledger.tiles import ENTRIES, TILE_WIDTH, Tile

_CHECKPOINT: Final = "checkpoint"
_INTEGRATED: Final = ".integrated"
#: The file that keeps a second writer out.
LOCK_FILE: Final = ".lock"
_READ_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
#: Largest file of a log folder: a bundle of 256 entries of the greatest length.
_MAX_FILE: Final = TILE_WIDTH * (2 + tiles.MAX_ENTRY_BYTES)


class DirectoryStorage:
    """`LogStorage` in a folder. Use it as a context manager, or `close` it."""

    def __init__(
        self, root: Path, *, writable: bool = False, unique: storage.UniqueOf | None = None
    ) -> None:
        """Open the folder; with `writable` make it if need be and keep others from writing.

        Raises `Conflict` when another process writes it, `Unverified` when the
        stored bundles do not fit together.
        """
        self.root = root
        self._unique = unique
        self._known: set[str] = set()
        self._lock: int | None = None
        self._failed = False
        if writable:
            with _disk(root, self._fail):
                root.mkdir(parents=True, exist_ok=True)
                self._lock = _take_lock(root / LOCK_FILE)
        try:
            self._last = self._find_last()
            self._read_unique()
        except ComityError:
            self.close()
            raise

    def _read_unique(self) -> None:
        if self._unique:
            for start in range(0, self.size(), TILE_WIDTH):
                held = self.entries(start, min(self.size(), start + TILE_WIDTH))
                self._known |= storage.check_unique(held, known=self._known, unique=self._unique)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let another process write the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def size(self) -> int:
        """Return how many entries are stored."""
        return self._last.start + self._last.width if self._last else 0

    def entries(self, start: int, end: int) -> Sequence[bytes]:
        """Return the entries from `start` up to `end`."""
        if not 0 <= start <= end <= self.size():
            raise storage.missing_entries(start, end, self.size())
        found: list[bytes] = []
        while start < end:
            tile = tiles.tile_at(ENTRIES, start // TILE_WIDTH, size=self.size())
            held = tiles.read_bundle(tile, self.read(tile.path))
            taken = held[start - tile.start : end - tile.start]
            found += taken
            start += len(taken)
        return found

    def append(self, entries: Sequence[bytes], *, at: int) -> None:
        """Store `entries` from index `at`; each bundle that they touch is written whole."""
        if at != self.size():
            raise storage.moved(at, self.size())
        fresh = storage.check_unique(entries, known=self._known, unique=self._unique)
        first = at - at % TILE_WIDTH
        held = [*self.entries(first, at), *entries]
        for index in range(0, len(held), TILE_WIDTH):
            part = held[index : index + TILE_WIDTH]
            tile = Tile(ENTRIES, (first + index) // TILE_WIDTH, len(part))
            self._write(tile.path, tiles.write_bundle(part))
            self._last = tile
            self._drop_partial(tile)
        self._known |= fresh

    def read_tile(self, tile: Tile) -> bytes:
        """Return the bytes of a hash tile."""
        return self.read(tile.path)

    def integrated(self) -> int:
        """Return the tree size that the stored tiles cover."""
        data = self._read_optional(_INTEGRATED)
        if data is None:
            return 0
        return read_number(data.decode("ascii", "replace").rstrip("\n"), what=_INTEGRATED)

    def write_tiles(self, changed: Mapping[Tile, bytes], *, size: int) -> None:
        """Store tiles durably, then remember that they cover a tree of `size`."""
        for tile, data in changed.items():
            self._write(tile.path, data)
        self._write(_INTEGRATED, f"{size}\n".encode())
        for tile in changed:
            self._drop_partial(tile)

    def read_checkpoint(self) -> bytes | None:
        """Return the last published checkpoint."""
        return self._read_optional(_CHECKPOINT)

    def write_checkpoint(self, note: bytes, *, previous: bytes | None) -> None:
        """Replace the checkpoint durably."""
        if self.read_checkpoint() != previous:
            raise storage.checkpoint_moved()
        self._write(_CHECKPOINT, note)

    def read(self, path: str) -> bytes:
        """Return the bytes at a tlog-tiles path; raise `Unverified` if there are none."""
        data = self._read_optional(path)
        if data is None:
            raise Unverified("ledger.tile_missing", f"{path} is missing")
        return data

    def _read_optional(self, path: str) -> bytes | None:
        with _disk(self.root / path, lambda: None):
            try:
                with os.fdopen(os.open(self.root / path, _READ_FLAGS), "rb") as stream:
                    regular = stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
                    data = stream.read(_MAX_FILE + 1) if regular else b""
            except (FileNotFoundError, NotADirectoryError):
                return None
        if not regular:
            raise Unverified("ledger.not_a_file", f"{path} is not a regular file")
        if len(data) > max(_MAX_FILE, MAX_NOTE_BYTES):
            raise Unverified("ledger.file_size", f"{path} is larger than any file of a log")
        return data

    def _write(self, path: str, data: bytes) -> None:
        if self._lock is None:
            raise Invalid("ledger.read_only", f"{self.root} was not opened for writing")
        if self._failed:
            raise Unavailable(
                "ledger.stopped",
                f"{self.root}: writing stopped at an earlier error of the disk",
                hint="Close the log, check the disk, then open and audit the log again.",
            )
        target = self.root / path
        with _disk(target, self._fail):
            target.parent.mkdir(parents=True, exist_ok=True)
            replace_file(target, data)

    def _fail(self) -> None:
        self._failed = True

    def _drop_partial(self, tile: Tile) -> None:
        """Remove the partial tiles that the full `tile` replaces (C2SP tlog-tiles allows it)."""
        if tile.width != TILE_WIDTH:
            return
        folder = self.root / f"{tile.path}.p"
        with _disk(folder, self._fail):
            for path in folder.glob("*") if folder.is_dir() else ():
                path.unlink()
            if folder.is_dir():
                folder.rmdir()

    def tile_paths(self) -> list[str]:
        """Return the paths of all tiles that are there, of older trees too."""
        paths = (path.relative_to(self.root).as_posix() for path in _files(self.root / "tile"))
        return sorted(path for path in paths if not path.endswith(_TEMPORARY))

    def _find_last(self) -> Tile | None:
        """Return the last entry bundle, the widest of its partial forms."""
        found: dict[int, int] = {}
        top = self.root / "tile" / "entries"
        for path in _files(top):
            name = path.relative_to(self.root).as_posix()
            if not name.endswith(_TEMPORARY):
                tile = tiles.parse_path(name)
                found[tile.index] = max(tile.width, found.get(tile.index, 0))
        if not found:
            return None
        last = max(found)
        gaps = [i for i in range(last) if found.get(i) != TILE_WIDTH]
        if gaps:
            raise Unverified("ledger.entries_missing", f"{Tile(ENTRIES, gaps[0]).path} is missing")
        return Tile(ENTRIES, last, found[last])


class FileGuard:
    """A rollback guard in one file, to be kept on another volume than the log."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes | None:
        """Return the last checkpoint signed."""
        with _disk(self._path, lambda: None):
            try:
                return self._path.read_bytes()
            except FileNotFoundError:
                return None

    def replace(self, note: bytes, *, previous: bytes | None) -> None:
        """Remember `note` durably."""
        if self.read() != previous:
            raise storage.checkpoint_moved()
        with _disk(self._path, lambda: None):
            replace_file(self._path, note)


_TEMPORARY: Final = ".writing"


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` at `path` so that a crash leaves the old file or the new one."""
    beside = path.with_name(path.name + _TEMPORARY)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.rename(beside, path)  # noqa: PTH104 - the system call, by name
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _take_lock(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise Conflict(
            "ledger.locked",
            f"{path.parent}: another process writes this log",
            hint="A log has one writer. Stop the other process first.",
        ) from error
    return descriptor


def _files(top: Path) -> Iterator[Path]:
    return (path for path in top.rglob("*") if path.is_file()) if top.is_dir() else iter(())


@contextmanager
def _disk(path: Path, failed: Callable[[], None]) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        failed()
        raise Unavailable(
            "ledger.disk",
            f"{path}: {error.strerror or error}",
            hint="Nothing is taken as written. Check the disk and its free space.",
        ) from error
