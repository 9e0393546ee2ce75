# SPDX-License-Identifier: Apache-2.0
"""Packs kept by digest, so that an old request is explained with the law of its day.

One file for each pack that was ever in use, named by its digest and checked
against it when read. `adopt` makes a pack the current one only if it has no
fault; otherwise it raises and the pack in use stays.
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
from comity.law.load import PartFiles, digest_of, load_parts
from comity.law.pack import Pack

FORMAT: Final = "comity.law.archive/1"
#: Largest archived pack, in bytes.
MAX_BYTES: Final = 64 << 20
_CURRENT: Final = "current"


class PackStore:
    """A directory of packs by digest, and the name of the current one."""

    def __init__(self, directory: Path) -> None:
        """Use `directory`, which is made if it does not exist."""
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def adopt(self, parts: Sequence[PartFiles]) -> Pack:
        """Check the pack made of `parts`, keep it and make it the current one.

        Raises `Invalid` (`law.pack_invalid`) if it has a fault; the current pack stays.
        """
        pack = load_parts(parts)
        self._keep(parts)
        self._write(self._directory / _CURRENT, f"{pack.digest}\n".encode())
        return pack

    def _keep(self, parts: Sequence[PartFiles]) -> Sha256:
        """Store the pack made of `parts`; return its digest."""
        digest = digest_of(parts)
        path = self._path(digest)
        if not path.exists():
            self._write(path, json.write(_to_json(parts)))
        return digest

    def digests(self) -> tuple[Sha256, ...]:
        """Return the digests of all packs kept, sorted."""
        return tuple(
            sorted(Sha256(path.stem) for path in self._directory.glob("*.json") if path.is_file())
        )

    def current(self) -> Sha256 | None:
        """Return the digest of the current pack; None before the first `adopt`."""
        try:
            text = (self._directory / _CURRENT).read_text(encoding="ascii")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise Unavailable("law.store_unreadable", f"{self._directory}: {error}") from error
        return parse_sha256(text.strip(), what="current law pack")

    def open(self, digest: Sha256) -> Pack:
        """Return the pack with this digest.

        Raises `Invalid` (`law.pack_not_kept`) if there is none, and `Unverified`
        (`law.pack_altered`) if the file is not what its name says.
        """
        path = self._path(parse_sha256(digest, what="law pack"))
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise Invalid(
                "law.pack_not_kept",
                f"the law pack {digest} is not kept here",
                hint="Ask the authority that used it, or restore it from a backup.",
            ) from None
        except OSError as error:
            raise Unavailable("law.store_unreadable", f"{path}: {error.strerror}") from error
        parts = _from_json(json.read_object(data, what="law pack", limit=MAX_BYTES))
        if digest_of(parts) != digest:
            raise Unverified("law.pack_altered", f"{path}: the pack is not the one it is named for")
        return load_parts(parts)

    def _path(self, digest: Sha256) -> Path:
        return self._directory / f"{digest}.json"

    def _write(self, path: Path, data: bytes) -> None:
        """Write a file so that it is whole or not there."""
        handle, name = tempfile.mkstemp(dir=self._directory, prefix=".new-")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise Unavailable("law.store_unwritable", f"{path}: {error.strerror}") from error


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
