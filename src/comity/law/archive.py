# SPDX-License-Identifier: Apache-2.0
"""Packs kept by digest, so that an old request is explained with the law of its day.

One file for each pack that was ever in use, named by its digest and checked
against it whenever it is read. A pack with a fault is never kept; a file is
whole or not there, on the disk before `keep` returns. Which of the packs is in
use is not said here: whoever keeps them says so in a record of their own.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from comity.canonical import json
from comity.canonical.digest import Sha256, parse_sha256
from comity.canonical.json import JSON, Object
from comity.errors import Invalid, Unavailable, Unverified
from comity.law.load import PartFiles, digest_of, load_parts, reopen_parts
from comity.law.pack import Pack

FORMAT: Final = "comity.law.archive/1"
#: Largest archived pack, in bytes.
MAX_BYTES: Final = 64 << 20


class PackStore:
    """A directory of packs by digest. It is made when the first pack is kept."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def keep(self, parts: Sequence[PartFiles]) -> Pack:
        """Check the pack made of `parts`, keep it and return it.

        A file of the same name that was altered or torn is written anew, since
        these are the very bytes that it is named for. Raises `Invalid`
        (`law.pack_invalid`) if the pack has a fault, and `Unavailable`
        (`law.store_unwritable`) if the disk refuses; nothing is kept then.
        """
        return self._keep(load_parts(parts), parts)

    def mend(self, parts: Sequence[PartFiles]) -> Pack:
        """Write the file of a pack that is in use or was anew, if it was lost or altered.

        The pack was judged when it came into use, so it is not judged again. Raises as `keep`.
        """
        return self._keep(reopen_parts(parts), parts)

    def _keep(self, pack: Pack, parts: Sequence[PartFiles]) -> Pack:
        try:
            self.verify(pack.digest)
        except (Invalid, Unverified):
            self._write(self._path(pack.digest), json.write(_to_json(parts)))
        return pack

    def digests(self) -> tuple[Sha256, ...]:
        """Return the digests of all packs kept, sorted."""
        try:
            found = [path.stem for path in self._directory.glob("*.json") if path.is_file()]
        except OSError as error:
            raise _unreadable(self._directory, error) from error
        return tuple(sorted(Sha256(name) for name in found))

    def open(self, digest: Sha256) -> Pack:
        """Return the pack with this digest: without judging it again, as it was judged when kept.

        Raises `Invalid` (`law.pack_not_kept`) if there is none, `Unverified`
        (`law.pack_altered`) if the file is not what its name says, and
        `Unavailable` (`law.store_unreadable`) if it cannot be read.
        """
        return reopen_parts(self._parts(digest))

    def verify(self, digest: Sha256) -> None:
        """Raise as `open` does if the file of this pack is missing or not what its name says."""
        self._parts(digest)

    def _parts(self, digest: Sha256) -> list[PartFiles]:
        path = self._path(parse_sha256(digest, what="law pack"))
        data = self._read(path)
        try:
            parts = _from_json(json.read_object(data, what=str(path), limit=MAX_BYTES))
        except Invalid as error:
            raise _altered(path, error.message) from error
        if digest_of(parts) != digest:
            raise _altered(path, "its contents have another digest")
        return parts

    def _read(self, path: Path) -> bytes:
        """Read a file, but never more than one byte beyond what is allowed."""
        try:
            with path.open("rb") as stream:
                return stream.read(MAX_BYTES + 1)
        except FileNotFoundError:
            raise Invalid(
                "law.pack_not_kept",
                f"the law pack {path.stem} is not kept here",
                hint="Ask the authority that used it, or restore it from a backup.",
            ) from None
        except OSError as error:
            raise _unreadable(path, error) from error

    def _path(self, digest: Sha256) -> Path:
        return self._directory / f"{digest}.json"

    def _write(self, path: Path, data: bytes) -> None:
        """Write a file so that it is whole and on the disk, or not there."""
        temporary = None
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._directory, prefix=".new-")
            temporary = Path(name)
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
            self._settle()
        except OSError as error:
            if temporary is not None:
                temporary.unlink(missing_ok=True)
            raise Unavailable(
                "law.store_unwritable",
                f"{path}: the law pack cannot be kept: {error.strerror}",
                hint="Free some space or mend the folder's permissions, then try again.",
            ) from error

    def _settle(self) -> None:
        """Bring the new name itself to the disk."""
        folder = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _altered(path: Path, why: str) -> Unverified:
    return Unverified(
        "law.pack_altered",
        f"{path}: the pack is not the one it is named for: {why}",
        hint="Restore the file from a backup. Find out who could write to that folder.",
    )


def _unreadable(path: Path, error: OSError) -> Unavailable:
    return Unavailable("law.store_unreadable", f"{path}: {error.strerror}")


def _to_json(parts: Sequence[PartFiles]) -> Object:
    described: list[JSON] = [
        {
            "name": part.name,
            "signed_by": part.signed_by,
            "own_state": part.own_state,
            "files": {name: data.decode("utf-8") for name, data in part.files.items()},
        }
        for part in parts
    ]
    return {"format": FORMAT, "parts": described}


def _from_json(value: Object) -> list[PartFiles]:
    parts = value.get("parts")
    if value.get("format") != FORMAT or not isinstance(parts, list):
        raise Invalid("law.archive_malformed", f"law pack: not in the form {FORMAT}")
    return [_part(item) for item in parts]


def _part(item: JSON) -> PartFiles:
    if isinstance(item, dict):
        name, signed_by, own_state, files = (
            item.get(key) for key in ("name", "signed_by", "own_state", "files")
        )
        if (
            isinstance(name, str)
            and isinstance(signed_by, str)
            and isinstance(own_state, str)
            and isinstance(files, dict)
            and all(isinstance(text, str) for text in files.values())
        ):
            read = {key: str(text).encode() for key, text in files.items()}
            return PartFiles(name, read, signed_by, own_state)
    raise Invalid("law.archive_malformed", "law pack: a part is malformed")
