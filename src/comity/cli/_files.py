# SPDX-License-Identifier: Apache-2.0
"""Files that the user names: read and written with errors that say which file and why."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import click

from comity.errors import Conflict, Invalid, Unavailable
from comity.evidence.writing import making, making_file, place_folder

#: A path on the command line. What cannot be read is said by whoever reads it, with a code.
PATH: Final = click.Path(path_type=Path, readable=False)
_MAX_FILE_BYTES: Final = 1 << 20
_OPEN_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def read_file(path: Path, *, limit: int = _MAX_FILE_BYTES) -> bytes:
    """Return the bytes of a small file that the user named.

    Raises `Invalid` (`file.missing`, `file.not_a_file`, `file.too_large`) or `Unavailable`
    (`file.unreadable`). A pipe or a device is refused at once, and not waited for.
    """
    with open_file(path) as file:
        try:
            data = file.read(limit + 1)
        except OSError as error:
            raise _unreadable(path, error) from error
    if len(data) > limit:
        raise Invalid("file.too_large", f"{path}: larger than {limit} bytes")
    return data


def open_file(path: Path) -> BinaryIO:
    """Open a regular file that the user named; raises what `read_file` raises."""
    try:
        descriptor = os.open(path, _OPEN_FLAGS)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Invalid("file.missing", f"{path}: there is no such file") from error
    except OSError as error:
        raise _unreadable(path, error) from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        kind = "a folder, not a file" if stat.S_ISDIR(mode) else "not a regular file"
        raise Invalid("file.not_a_file", f"{path}: is {kind}")
    return os.fdopen(descriptor, "rb")


def write_new(path: Path, data: bytes) -> None:
    """Write a new file; raise `Conflict` (`file.exists`) rather than replace one."""
    with new_file(path) as file:
        file.write(data)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write in; it gets its name when the block ends well, or is removed.

    Raises `Conflict` (`file.exists`) or `Unavailable` (`file.not_written`).
    """
    if os.path.lexists(path):
        raise Conflict("file.exists", f"{path}: is already there")
    try:
        with making_file(path) as file:
            yield file
    except OSError as error:
        raise Unavailable(
            "file.not_written", f"{path}: cannot be written: {error.strerror or error}"
        ) from error


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give a folder to write in; it gets its name when the block ends well, or is removed.

    Raises `Conflict` (`folder.exists`) or `Unavailable` (`folder.not_written`).
    """
    if os.path.lexists(path):
        raise Conflict("folder.exists", f"{path}: is already there")
    try:
        with making(path) as folder:
            yield folder
            place_folder(folder, path)
    except OSError as error:
        raise Unavailable(
            "folder.not_written", f"{path}: cannot be made: {error.strerror or error}"
        ) from error


def _unreadable(path: Path, error: OSError) -> Unavailable:
    return Unavailable("file.unreadable", f"{path}: cannot be read: {error.strerror or error}")
