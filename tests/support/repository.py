# SPDX-License-Identifier: Apache-2.0
"""The repository as a subject of tests: which files it has and what they say."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

from support.shared import PROJECT

_NOT_OURS = {".venv", ".venv-checks", "build", "node_modules", "__pycache__", ".git"}


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return the files under version control, or of an unpacked archive all of them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=False, text=True
    )
    if listed.returncode == 0 and listed.stdout:
        paths = [PROJECT / name for name in listed.stdout.split("\0") if name]
    else:
        paths = [
            path
            for path in PROJECT.rglob("*")
            if not _NOT_OURS & set(path.relative_to(PROJECT).parts)
        ]
    return tuple(sorted(path for path in paths if path.is_file()))


def text_of(path: Path) -> str | None:
    """Return a file's text, or None for one that is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def files_with(*suffixes: str) -> tuple[Path, ...]:
    """Return the tracked files whose names end in one of `suffixes`."""
    found = tuple(path for path in tracked_files() if path.name.endswith(suffixes))
    assert found, f"no file ends in {suffixes}: has the layout changed?"
    return found


def lines_matching(pattern: str, paths: tuple[Path, ...]) -> list[str]:
    """Return `file:line: text` for every line in which the regular expression is found."""
    expression = re.compile(pattern)
    return [
        f"{path.relative_to(PROJECT)}:{number}: {line.strip()[:120]}"
        for path in paths
        for number, line in enumerate((text_of(path) or "").splitlines(), start=1)
        if expression.search(line)
    ]
