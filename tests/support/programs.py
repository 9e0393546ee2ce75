# SPDX-License-Identifier: Apache-2.0
"""Programs that we did not write: found, or the test is skipped saying what installs them.

Python validators and npm modules live in `.venv-checks` (scripts/third_party.sh);
a browser and system tools come from the system (scripts/debian_packages.sh).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

import pytest

from support.shared import PROJECT

CHECKS: Final = PROJECT / ".venv-checks"
_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def program(name: str) -> str:
    """Return the path of a system program, or skip."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed (scripts/debian_packages.sh installs it)")
    return path


def validator(name: str) -> str:
    """Return the path of a Python validator in `.venv-checks`, or skip.

    `validator("python")` is that environment's interpreter.
    """
    path = CHECKS / "bin" / name
    if not path.exists():
        pytest.skip(f"{name} is not in .venv-checks (scripts/third_party.sh installs it)")
    return str(path)


def node_module(name: str) -> Path:
    """Return the folder of an npm module in `.venv-checks`, or skip; Node.js must be there too."""
    program("node")
    folder = CHECKS / "node_modules" / name
    if not folder.is_dir():
        pytest.skip(f"the npm module {name} is not there (scripts/third_party.sh installs it)")
    return folder


def chromium() -> str:
    """Return the path of a Chromium, from CHROMIUM_PATH or the search path, or skip."""
    named = os.environ.get("CHROMIUM_PATH")
    if named:
        if not Path(named).exists():
            raise FileNotFoundError(f"CHROMIUM_PATH points to {named}, where nothing is")
        return named
    for candidate in _BROWSERS:
        path = shutil.which(candidate)
        if path is not None:
            return path
    pytest.skip("no Chromium (scripts/debian_packages.sh installs it, or set CHROMIUM_PATH)")
