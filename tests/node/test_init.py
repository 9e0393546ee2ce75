# SPDX-License-Identifier: Apache-2.0
"""What `comity-node init` refuses, it refuses before it makes anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from comity.node.operator.init import init
from support.nodeworld import LAW

_GIVEN = ["--authority", "xv.moj", "--name", "Ministry", "--role", "central"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (["--state", "XV"], "law.unknown_state"),
        (["--state", "ZZ", "--law", str(LAW), "--authority", "zz.moj"], "law.unknown_state"),
        (["--state", "XV", "--authority", "Not a name"], "config."),
    ],
)
def test_what_is_refused_leaves_nothing(tmp_path: Path, more: list[str], code: str) -> None:
    folder = tmp_path / "node"
    done = CliRunner().invoke(init, [str(folder), *_GIVEN, *more])
    assert done.exit_code != 0
    assert code in str(done.exception)
    assert not folder.exists()
