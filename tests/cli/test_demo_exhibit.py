# SPDX-License-Identifier: Apache-2.0
"""What is wrong with EXHIBIT is said before anything is made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.shared import PROJECT

#: Seconds after which the demonstration counts as hanging.
PATIENCE = 60


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (os.mkfifo, "is neither a file nor a block device"),
        (Path.mkdir, "is a folder"),
        (Path.touch, "is empty"),
        (lambda _path: None, "there is no file"),
    ],
)
def test_an_exhibit_that_cannot_be_one_is_refused_at_once(tmp_path, make, said) -> None:
    make(tmp_path / "exhibit")
    done = subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=PROJECT,
        env={**os.environ, "PLAY": "1", "EXHIBIT": str(tmp_path / "exhibit"), "OUT": ""},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 3
    assert "[demo.exhibit]" in done.stdout + done.stderr
    assert said in " ".join((done.stdout + done.stderr).split())
