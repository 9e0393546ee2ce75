# SPDX-License-Identifier: Apache-2.0
"""Where evidence bytes are kept: each blob once, under its own SHA-256.

A store promises: a blob that `has` knows is complete and was synced to the
disk before `put` returned; a `put` that fails leaves nothing behind but, after
a power cut, a temporary file that `sweep` removes; what `open` gives are the
bytes that were put (whoever needs proof hashes them again).
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from comity.canonical.digest import BLOCK_BYTES, Sha256, parse_sha256
from comity.errors import Conflict, Invalid, Unavailable, Unverified

_TEMPORARY: Final = "incoming"
_PREFIX_DIGITS: Final = 2
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True)
class Blob:
    """A stored blob: its SHA-256 and its size in bytes."""

    sha256: Sha256
    size: int


class BlobStore(Protocol):
    """What the node needs of a store; the tests hold every store to one contract."""

    def put(
        self,
        source: BinaryIO,
        *,
        expected: Sha256 | None = None,
        limit: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Blob:
        """Store all bytes of `source`; with `expected`, only if they have that digest."""
        ...

    def open(self, digest: Sha256) -> BinaryIO:
        """Return the blob for reading; raise `Unavailable` (`blob.missing`) if it is not there."""
        ...

    def size(self, digest: Sha256) -> int:
        """Return the size in bytes."""
        ...

    def has(self, digest: Sha256) -> bool:
        """Tell whether the blob is there."""
        ...

    def delete(self, digest: Sha256) -> None:
        """Remove the blob for good; to remove one that is not there is no error."""
        ...


class LocalBlobStore:
    """Blobs as files of one folder, `ab/cdef…`, read-only once written."""

    def __init__(self, root: Path) -> None:
        """Use `root`, which is made if needed (`Unavailable` if it cannot be)."""
        self.root = root
        try:
            (root / _TEMPORARY).mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise Unavailable("blob.store", f"{root}: the blob folder cannot be made") from error

    def put(
        self,
        source: BinaryIO,
        *,
        expected: Sha256 | None = None,
        limit: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Blob:
        """Store all bytes of `source` and return what was stored.

        Raises `Unverified` (`blob.digest_differs`) if `expected` is another digest,
        `Invalid` (`blob.too_large`) past `limit` bytes, `Unavailable` for a full disk.
        """
        temporary = self.root / _TEMPORARY / secrets.token_hex(16)
        try:
            blob = _write(source, temporary, limit, progress)
            if expected is not None and blob.sha256 != expected:
                raise Unverified(
                    "blob.digest_differs",
                    f"expected a blob {expected[:16]}…, the bytes have {blob.sha256[:16]}…",
                )
            self._keep(temporary, blob)
        except OSError as error:
            raise _unavailable(error, "a blob cannot be written") from error
        finally:
            temporary.unlink(missing_ok=True)
        return blob

    def open(self, digest: Sha256) -> BinaryIO:
        """Return the blob for reading, without following a link."""
        path = self.path(digest)
        try:
            return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
        except FileNotFoundError as error:
            raise _missing(digest) from error
        except OSError as error:
            raise _unavailable(error, f"blob {digest[:16]}… cannot be read") from error

    def size(self, digest: Sha256) -> int:
        """Return the size in bytes."""
        try:
            return self.path(digest).lstat().st_size
        except FileNotFoundError as error:
            raise _missing(digest) from error
        except OSError as error:
            raise _unavailable(error, f"blob {digest[:16]}… cannot be read") from error

    def has(self, digest: Sha256) -> bool:
        """Tell whether the blob is there."""
        return self.path(digest).is_file()

    def delete(self, digest: Sha256) -> None:
        """Remove the blob for good."""
        path = self.path(digest)
        try:
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                _sync_folder(path.parent)
        except OSError as error:
            raise _unavailable(error, f"blob {digest[:16]}… cannot be removed") from error

    def all(self) -> Iterator[Sha256]:
        """Return the digest of every blob, in ascending order."""
        for folder in sorted(self.root.iterdir()):
            if folder.name != _TEMPORARY and folder.is_dir():
                for path in sorted(folder.iterdir()):
                    yield parse_sha256(folder.name + path.name, what=str(path))

    def sweep(self) -> int:
        """Remove what interrupted writes left; return how many. Only while nobody writes."""
        leftovers = list((self.root / _TEMPORARY).iterdir())
        for path in leftovers:
            path.unlink(missing_ok=True)
        return len(leftovers)

    def path(self, digest: Sha256) -> Path:
        """Return where the blob is, or would be."""
        parse_sha256(digest, what="blob")
        return self.root / digest[:_PREFIX_DIGITS] / digest[_PREFIX_DIGITS:]

    def _keep(self, temporary: Path, blob: Blob) -> None:
        target = self.path(blob.sha256)
        if not target.parent.is_dir():
            target.parent.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(self.root)
        try:
            # A hard link, unlike a rename, leaves a blob that is already there alone.
            os.link(temporary, target)
        except FileExistsError:
            if target.lstat().st_size != blob.size:
                raise Conflict(
                    "blob.damaged",
                    f"blob {blob.sha256[:16]}… is stored with another size",
                    hint="The stored file is damaged. Restore it from the backup.",
                ) from None
        _sync_folder(target.parent)


def _write(
    source: BinaryIO, path: Path, limit: int | None, progress: Callable[[int], None] | None
) -> Blob:
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        while block := source.read(BLOCK_BYTES):
            size += len(block)
            if limit is not None and size > limit:
                raise Invalid("blob.too_large", f"the blob has more than {limit} bytes")
            digest.update(block)
            view = memoryview(block)
            while view:
                view = view[file.write(view) :]
            if progress:
                progress(len(block))
        os.fsync(file.fileno())
    return Blob(sha256=Sha256(digest.hexdigest()), size=size)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _missing(digest: Sha256) -> Unavailable:
    return Unavailable("blob.missing", f"the store has no blob {digest}")


def _unavailable(error: OSError, what: str) -> Unavailable:
    if error.errno in _FULL:
        return Unavailable(
            "blob.disk_full", f"{what}: the disk is full", hint="Free space, then try again."
        )
    return Unavailable("blob.storage", f"{what}: {error.strerror or error}")
