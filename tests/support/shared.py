# SPDX-License-Identifier: Apache-2.0
"""The shared evidence and vectors, which are not part of this repository.

Real disk images and the conformance vectors of other projects are kept beside
the project (`../shared`, or where `COMITY_SHARED` points). A machine without
them runs every other test; these are skipped, and the summary says why.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

PROJECT: Final = Path(__file__).resolve().parents[2]


def shared_folder() -> Path:
    """Return where the shared folder is expected, whether or not it exists."""
    return Path(os.environ.get("COMITY_SHARED") or PROJECT.parent / "shared")


def shared_path(*parts: str) -> Path:
    """Return a path below the shared folder, or skip the calling test.

    Called while a module is collected, it skips the whole module.
    """
    folder = shared_folder()
    wanted = folder.joinpath(*parts)
    if not folder.is_dir():
        reason = "the shared folder is absent (set COMITY_SHARED to its path)"
        pytest.skip(reason, allow_module_level=True)
    if not wanted.exists():
        pytest.skip(
            f"the shared folder has no {'/'.join(parts)}",
            allow_module_level=True,
        )
    return wanted


def shared_files(*parts: str, pattern: str) -> list[Path]:
    """Return the files below a shared folder that match `pattern`, sorted; skip when none do."""
    found = sorted(path for path in shared_path(*parts).glob(pattern) if path.is_file())
    if not found:
        pytest.skip(f"the shared folder has no {'/'.join(parts)}/{pattern}")
    return found
