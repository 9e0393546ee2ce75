# SPDX-License-Identifier: Apache-2.0
"""Set-up on a machine that has Python and git, and nothing else.

A clone is set up in a temporary folder, so that nothing of this working copy can
help. It fetches packages: OFFLINE=1 leaves those tests out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.shared import PROJECT

SECOND_RUN_SECONDS = 3.0  # measured 0.2; a busy machine gets the rest
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)


def run(
    clone: Path, *command: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    bare = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("COMITY_", "DJANGO_", "VIRTUAL_ENV", "PYTEST_", "PYTHON", "COV_"))
    }
    return subprocess.run(
        command,
        cwd=clone,
        env={**bare, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_without_pip_gets_one_line_of_advice(tmp_path: Path) -> None:
    """Debian's python3 has no ensurepip until python3-venv is installed."""
    clone = bare_copy(tmp_path)
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    for module in ("ensurepip", "pip"):
        (blocked / f"{module}.py").write_text("raise ImportError('not on this machine')\n")
    no_uv = {"PATH": str(tmp_path), "PYTHONPATH": str(blocked)}
    done = run(clone, BASE_PYTHON, "scripts/bootstrap.py", "run", env=no_uv)
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (clone / ".venv").exists(), "the next run must not find half an environment"


def test_an_index_out_of_reach_is_said_and_leaves_no_stamp(tmp_path: Path) -> None:
    clone = bare_copy(tmp_path)
    away = "http://127.0.0.1:9/simple"
    nowhere = {
        "PIP_INDEX_URL": away,
        "PIP_RETRIES": "0",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_CACHE_DIR": "1",
        "PIP_FIND_LINKS": "",
        "UV_DEFAULT_INDEX": away,
        "UV_HTTP_RETRIES": "0",
        "UV_NO_CACHE": "1",
    }
    done = run(clone, BASE_PYTHON, "scripts/bootstrap.py", "run", env=nowhere)
    assert done.returncode == 1
    assert "could not be installed" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((clone / ".venv").glob("comity-*.stamp"))


def test_makefile_offers_three_commands() -> None:
    done = run(PROJECT, "make", "--no-print-directory")
    offered = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("make ")}
    assert done.returncode == 0
    assert offered == {"demo", "test", "bench"}


@pytest.mark.slow
@pytest.mark.skipif(bool(os.environ.get("OFFLINE")), reason="OFFLINE=1: packages are not fetched")
def test_a_fresh_clone_is_set_up_and_then_left_alone(tmp_path: Path) -> None:
    clone = tmp_path / "comity"
    cloned = run(tmp_path, "git", "clone", "--quiet", str(PROJECT), str(clone))
    if cloned.returncode != 0:
        pytest.skip("not a git working copy: nothing to clone")
    first = run(clone, BASE_PYTHON, "scripts/bootstrap.py", "run")
    assert first.returncode == 0, first.stdout + first.stderr

    started = time.monotonic()
    second = run(clone, BASE_PYTHON, "scripts/bootstrap.py", "run")
    assert second.returncode == 0
    assert second.stdout == "", "the second run has nothing to do and says nothing"
    assert time.monotonic() - started < SECOND_RUN_SECONDS

    for program in ("comity", "comity-node"):
        shown = run(clone, str(clone / ".venv/bin" / program), "--help")
        assert shown.returncode == 0, shown.stderr
        assert shown.stdout.startswith("Usage:")
    assert run(clone, "git", "status", "--porcelain").stdout == "", "set-up leaves no trace in git"


@pytest.mark.slow
@pytest.mark.skipif(bool(os.environ.get("OFFLINE")), reason="OFFLINE=1: packages are not fetched")
def test_the_core_alone_verifies_without_django(tmp_path: Path) -> None:
    """`pip install comity` on an examiner's bench: five dependencies and no web framework."""
    from importlib.metadata import requires

    core = [line for line in requires("comity") or () if "extra ==" not in line]
    lock = (PROJECT / "requirements/run.txt").read_text()
    assert all(f"\n{line.split('>')[0].split('<')[0].lower()}==" in f"\n{lock}" for line in core)
    bench = tmp_path / "bench"
    assert run(tmp_path, BASE_PYTHON, "-m", "venv", str(bench)).returncode == 0
    constraints = tmp_path / "versions.txt"
    constraints.write_text(
        "\n".join(line.split(" ")[0] for line in lock.splitlines() if line[:1].isalnum())
    )
    installed = run(
        tmp_path,
        str(bench / "bin/python"),
        "-m",
        "pip",
        "install",
        "-q",
        "-c",
        str(constraints),
        *core,
    )
    assert installed.returncode == 0, installed.stderr
    done = run(
        tmp_path,
        str(bench / "bin/python"),
        "-c",
        "import sys\n"
        "from comity.cli.main import cli\n"
        "cli.main(['package', 'verify', '--help'], standalone_mode=False)\n"
        "assert not any(name.split('.')[0] == 'django' for name in sys.modules)\n",
        env={"PYTHONPATH": str(PROJECT / "src")},
    )
    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout


def bare_copy(tmp_path: Path) -> Path:
    """Return a folder with what set-up reads, and nothing else."""
    clone = tmp_path / "comity"
    (clone / "src/comity").mkdir(parents=True)
    shutil.copytree(PROJECT / "scripts", clone / "scripts")
    shutil.copytree(PROJECT / "requirements", clone / "requirements")
    shutil.copy(PROJECT / "pyproject.toml", clone)
    return clone
