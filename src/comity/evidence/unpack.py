# SPDX-License-Identifier: Apache-2.0
"""Opening a package that arrived as one file: a tar archive, sealed or not.

The folder appears under its name only when the archive was read to its end
(and, if it was sealed, when the last sealed chunk was authenticated). What has
been opened is not yet verified: that is `verify.verify_package`.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import BinaryIO, Final

from comity.crypto.sealing import EncryptionIdentity, unseal
from comity.errors import ComityError, Conflict, Unavailable
from comity.evidence.tar import TarReader
from comity.evidence.writing import making, place_folder

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def unpack(
    source: BinaryIO, target: Path, *, progress: Callable[[int], None] | None = None
) -> None:
    """Unpack an archive so that `target` is the package's folder; whole or not at all.

    Raises `Invalid` (`tar.*`, `name.unsafe`), `Conflict` (`package.exists`), or
    `Unavailable` for a full disk. `progress` gets the number of bytes just written.
    """
    _unpack(source, target, progress, finish=None)


def unpack_sealed(
    source: BinaryIO,
    target: Path,
    *,
    identities: Sequence[EncryptionIdentity],
    progress: Callable[[int], None] | None = None,
) -> None:
    """Like `unpack`, for an archive sealed to one of `identities`.

    Decrypts and unpacks in one pass; the plain archive is never on the disk.
    Raises what `sealing.unseal` raises besides.
    """
    reading, writing = os.pipe()
    failures: list[BaseException] = []

    def decrypt() -> None:
        try:
            with os.fdopen(writing, "wb") as sink:
                unseal(source, sink, identities=identities)
        except BrokenPipeError:
            pass  # the reader gave up first, and says why
        except BaseException as error:  # noqa: BLE001 - handed on below: nothing ends unseen
            failures.append(error)

    worker = Thread(target=decrypt, name="unseal")

    def finish() -> None:
        worker.join()
        if failures:
            raise failures[0]

    worker.start()
    try:
        with os.fdopen(reading, "rb") as plain:
            _unpack(plain, target, progress, finish=finish)
    except ComityError as error:
        worker.join()
        if failures and failures[0] is not error:
            # What the archive lacks is then only what could not be decrypted.
            raise failures[0] from error
        raise


def _unpack(
    source: BinaryIO,
    target: Path,
    progress: Callable[[int], None] | None,
    finish: Callable[[], None] | None,
) -> None:
    """Unpack beside the target; `finish` has the last word before the folder gets its name."""
    if os.path.lexists(target):
        raise Conflict("package.exists", f"{target}: is already there")
    try:
        with making(target) as temporary:
            _extract(source, temporary, progress)
            if finish:
                finish()
            os.sync()
            place_folder(temporary, target)
    except OSError as error:
        full = error.errno in _FULL
        raise Unavailable(
            "package.disk_full" if full else "package.not_written",
            f"{target}: cannot be unpacked: {error.strerror or error}",
        ) from error


def _extract(source: BinaryIO, root: Path, progress: Callable[[int], None] | None) -> None:
    reader = TarReader(source)
    for entry in reader.entries():
        path = root / entry.path
        if entry.folder:
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, _FLAGS, 0o644), "wb") as file:
            for block in reader.content():
                file.write(block)
                if progress:
                    progress(len(block))
