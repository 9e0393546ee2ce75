# SPDX-License-Identifier: Apache-2.0
"""The parsed files of a pack, kept in a folder of the user, since TOML is parsed slowly.

One file holds what the parser made of a pack, under the digest of the very bytes
that were parsed: other bytes, other name, so it is never stale. A file that
others can write to is not used, and a torn one is parsed again. Only the command
line keeps one; a node reads its pack once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

from comity.canonical.digest import Sha256

_PREFIX: Final = "law-"
_SUFFIX: Final = ".json"
#: How many packs are kept; the oldest go first.
MAX_KEPT: Final = 4

Documents: TypeAlias = Mapping[str, Mapping[str, object]]


def recall(folder: Path, digest: Sha256) -> Documents | None:
    """Return the parsed files of the pack with this digest; None if they are not kept."""
    path = _path(folder, digest)
    try:
        if not _ours(folder) or not _ours(path):
            return None
        data = path.read_bytes()
    except OSError:
        return None
    checksum, _, body = data.partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != checksum:
        return None
    documents: Documents = json.loads(body)
    return documents


def keep(folder: Path, digest: Sha256, documents: Documents) -> None:
    """Keep the parsed files; where the folder cannot be written to, nothing is kept."""
    try:
        body = json.dumps(documents).encode()
    except TypeError:
        return  # TOML's own dates have no JSON form; such a pack is parsed each time
    data = hashlib.sha256(body).hexdigest().encode() + b"\n" + body
    import tempfile  # takes a while to import, and most runs only recall

    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=".law-")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).replace(_path(folder, digest))
        kept = sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}"), key=lambda path: path.stat().st_mtime)
        for old in kept[:-MAX_KEPT]:
            old.unlink(missing_ok=True)


def _path(folder: Path, digest: Sha256) -> Path:
    return folder / f"{_PREFIX}{digest}{_SUFFIX}"


def _ours(path: Path) -> bool:
    """Whether nobody but us can have written `path`."""
    status = path.stat()
    return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
