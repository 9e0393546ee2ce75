# SPDX-License-Identifier: Apache-2.0
"""What `comity-node init` refuses leaves nothing behind, and errors of the system are said plainly."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from django.db import DatabaseError, OperationalError

from comity.node.operator._setup import Commands
from comity.node.operator.init import init
from support.nodeworld import LAW

_GIVEN = ["--authority", "xv.moj", "--name", "Ministry", "--role", "central"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (["--state", "XV"], "law.unknown_state"),
        (["--state", "ZZ", "--law", str(LAW), "--authority", "zz.moj"], "law.unknown_state"),
        (["--state", "XV", "--authority", "Not a name"], "config."),
        (["--state", "XV", "--law", str(LAW), "--name", "   "], "authority.name"),
    ],
)
def test_what_is_refused_leaves_nothing(tmp_path: Path, more: list[str], code: str) -> None:
    folder = tmp_path / "node"
    done = CliRunner().invoke(init, [str(folder), *_GIVEN, *more])
    assert done.exit_code != 0
    assert code in str(done.exception)
    assert not folder.exists()


def test_what_was_in_the_folder_before_stays(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    given = [*_GIVEN, "--state", "XV", "--law", str(LAW), "--name", "   "]
    done = CliRunner().invoke(init, [str(tmp_path), *given])
    assert done.exit_code != 0
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_period_must_be_a_reasonable_number_of_days(tmp_path: Path) -> None:
    for days in ("0", "-1", "99999999999"):
        done = CliRunner().invoke(init, [str(tmp_path / "n"), *_GIVEN, "--days", days])
        assert done.exit_code == 2
    assert not (tmp_path / "n").exists()


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (OperationalError("no such table: store_peerrow"), "node.database", "comity-node migrate"),
        (DatabaseError("file is not a database"), "node.database", "restore the backup"),
        (OperationalError("database is locked"), "node.database", "Try again"),
        (OperationalError("connection failed:\n\trefused"), "node.database", "failed: refused"),
        (
            PermissionError(13, "Permission denied", "/x/y"),
            "node.system",
            "/x/y: Permission denied",
        ),
    ],
)
def test_an_error_of_the_system_has_a_code_and_a_next_step(
    error: Exception, code: str, says: str
) -> None:
    @click.group(cls=Commands)
    def program() -> None: ...

    @program.command()
    def work() -> None:
        raise error

    done = CliRunner().invoke(program, ["work"])
    assert done.exit_code == 4
    assert f"[{code}]" in done.stderr
    assert says in done.stderr
