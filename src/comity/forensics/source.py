# SPDX-License-Identifier: Apache-2.0
"""Sources of an acquisition: files and block devices, opened for reading only."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self

from comity.errors import ComityError, Invalid, Unavailable

#: The sector size stated for files, in bytes.
FILE_SECTOR_BYTES: Final = 512
_BLKSSZGET: Final = 0x1268  # Linux: logical sector size
_BLKROGET: Final = 0x125E  # Linux: read-only flag
_SYSFS: Final = Path("/sys/dev/block")
_SYSFS_LIMIT: Final = 256
_READ_ERRORS: Final = frozenset(
    {errno.EIO, errno.EREMOTEIO, errno.ENODATA, errno.EBADMSG, errno.EILSEQ, errno.EUCLEAN}
)


class Unreadable(Exception):
    """The medium cannot give these bytes."""


class ByteSource(Protocol):
    """What the copy reads from. Tests hold real files and made-up faults to this."""

    @property
    def name(self) -> bytes:
        """The file's own name, without folders."""
        ...

    @property
    def size(self) -> int:
        """The size in bytes when it was opened."""
        ...

    @property
    def sector_size(self) -> int:
        """The unit in which the medium fails, in bytes."""
        ...

    def read_at(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes; raise `Unreadable` for a fault of the medium."""
        ...

    def changed(self) -> bool:
        """Tell whether the system says that the source was changed since it was opened."""
        ...


@dataclass(frozen=True)
class DeviceFacts:
    """What the system tells of a block device; empty or None where it does not."""

    make: str = ""
    model: str = ""
    serial: str = ""
    read_only: bool | None = None


class PathSource:
    """A file or block device at a path. A context manager, so that it is closed."""

    def __init__(self, path: Path) -> None:
        """Open `path` for reading.

        Raises `Invalid` (`acquire.source_missing`, `acquire.source_is_folder`,
        `acquire.source_kind`, `acquire.source_empty`) or `Unavailable`
        (`acquire.source_unreadable`).
        """
        self.path = path
        self.name = os.fsencode(path.name)
        self._descriptor = _open(path)
        try:
            self._status = os.fstat(self._descriptor)
            self.is_device = stat.S_ISBLK(self._status.st_mode)
            _check_kind(path, self._status)
            self.size = os.lseek(self._descriptor, 0, os.SEEK_END)
            if self.size == 0:
                raise Invalid(
                    "acquire.source_empty",
                    f"{path}: is empty; there is nothing to acquire",
                )
            self.sector_size = self._sector_size()
        except OSError as error:
            self.close()
            raise unreadable(path, error) from error
        except ComityError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the source."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def read_at(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`."""
        try:
            return os.pread(self._descriptor, length, offset)
        except OSError as error:
            if error.errno in _READ_ERRORS:
                raise Unreadable(str(error)) from error
            raise unreadable(self.path, error) from error

    def forget_cache(self) -> None:
        """Ask the system to read from the medium again, not from memory."""
        os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_DONTNEED)

    def changed(self) -> bool:
        """Tell whether size, times or identity of a file differ from when it was opened."""
        now = os.fstat(self._descriptor)
        if self.is_device:
            return False
        members = ("st_size", "st_mtime_ns", "st_ctime_ns", "st_ino", "st_dev")
        return any(getattr(now, name) != getattr(self._status, name) for name in members)

    def facts(self) -> DeviceFacts:
        """Return what the system tells of the device."""
        if not self.is_device:
            return DeviceFacts()
        number = self._status.st_rdev
        folder = _SYSFS / f"{os.major(number)}:{os.minor(number)}"
        whole = folder / ".." if (folder / "partition").exists() else folder
        flag = struct.pack("i", 0)
        try:
            flag = fcntl.ioctl(self._descriptor, _BLKROGET, flag)
            read_only = bool(struct.unpack("i", flag)[0])
        except OSError:
            read_only = None
        return DeviceFacts(
            make=_sysfs(whole / "device/vendor"),
            model=_sysfs(whole / "device/model"),
            serial=_sysfs(whole / "device/serial") or _sysfs(whole / "serial"),
            read_only=read_only,
        )

    def _sector_size(self) -> int:
        if not self.is_device:
            return FILE_SECTOR_BYTES
        answer = fcntl.ioctl(self._descriptor, _BLKSSZGET, struct.pack("i", 0))
        return int(struct.unpack("i", answer)[0])


def unreadable(path: Path, error: OSError) -> Unavailable:
    """Return the error for a source that cannot be read at all."""
    return Unavailable(
        "acquire.source_unreadable",
        f"{path}: cannot be read: {error.strerror or error}",
        hint="Check the cable, the permissions, and that the device is still there.",
    )


def _open(path: Path) -> int:
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
    try:
        return os.open(path, flags)
    except FileNotFoundError as error:
        raise Invalid("acquire.source_missing", f"{path}: there is no such file") from error
    except NotADirectoryError as error:
        raise Invalid("acquire.source_missing", f"{path}: a part of it is no folder") from error
    except (ValueError, OSError) as error:
        if isinstance(error, ValueError):
            raise Invalid("acquire.source_missing", f"{path!r}: is no path") from error
        if error.errno == errno.ENAMETOOLONG:
            raise Invalid("acquire.source_missing", "the name of the source is too long") from error
        raise unreadable(path, error) from error


def _check_kind(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise Invalid(
            "acquire.source_is_folder",
            f"{path}: is a folder",
            hint="Acquire one file or device at a time; pack a folder as a tar or zip file first.",
        )
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISBLK(status.st_mode)):
        raise Invalid("acquire.source_kind", f"{path}: is neither a file nor a block device")


def _sysfs(path: Path) -> str:
    """Return a short text that the system tells, or nothing."""
    try:
        data = path.read_bytes()[:_SYSFS_LIMIT]
    except OSError:
        return ""
    text = data.decode("utf-8", "replace").strip().strip("\0").strip()
    return "".join(char for char in text if char.isprintable())
