# SPDX-License-Identifier: Apache-2.0
"""Three real nodes witness each other; one of them is restored from an old copy.

First only its database is old: the rollback guard notices. Then the whole folder
is, guard and all: nothing on the machine can tell, but the witnesses can.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo.network import Network, Node, clean_environment, program, running_network

pytestmark = [pytest.mark.live, pytest.mark.slow]
PATIENCE_SECONDS = 120
KEPT = ("node.sqlite3", "node.sqlite3-wal", "node.sqlite3-shm", "ledger.lock")


def final_and_all(node: Node) -> tuple[int, int]:
    """Return how many entries of the node's log are final, and how many there are."""
    with contextlib.closing(sqlite3.connect(node.folder / "node.sqlite3", timeout=30)) as database:
        (size,) = database.execute("select size from store_ledgerstaterow").fetchone()
        query = "select max(size) from store_ledgercheckpointrow where final is not null"
        (final,) = database.execute(query).fetchone()
    return final or 0, size


def wait_until_final(network: Network) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        seen = {name: final_and_all(node) for name, node in network.nodes.items()}
        if all(final == size for final, size in seen.values()):
            return
        time.sleep(0.2)
    raise AssertionError(f"not final after {PATIENCE_SECONDS} s: {seen}")


def stop(node: Node) -> None:
    assert node.process is not None
    node.process.terminate()
    node.process.wait(60)


def copy(node: Node, source: Path, target: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (target / name).unlink(missing_ok=True)
        if (source / name).exists():
            shutil.copy2(source / name, target / name)


def happen(node: Node, login: str) -> None:
    """Let something happen on a node that is stopped."""
    done = subprocess.run(
        [
            program("comity-node"), "officers", "add", login, "--name", login, "--role", "drafter",
            "--password-file", str(node.folder / "first-password"), "--config", str(node.config),
        ],
        capture_output=True,
        text=True,
        env=clean_environment(),
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def refused(node: Node) -> str:
    """Start a node that must not start; return what it said."""
    done = subprocess.run(
        [program("comity-node"), "run", "--config", str(node.config)],
        capture_output=True,
        text=True,
        env=clean_environment(),
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode != 0, done.stdout
    return done.stdout + done.stderr


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    with running_network(tmp_path / "nodes", say=sys.stdout.write) as running:
        yield running


def test_a_restored_node_does_not_start(network: Network, tmp_path: Path) -> None:
    node, backup, newest = network["xm.moj"], tmp_path / "backup", tmp_path / "newest"
    backup.mkdir()
    newest.mkdir()
    wait_until_final(network)
    stop(node)
    copy(node, node.folder, backup, KEPT)

    happen(node, "late.one")
    network.launch(node)
    network.wait_ready(node)
    wait_until_final(network)
    stop(node)
    copy(node, node.folder, newest, KEPT)

    copy(node, backup, node.folder, KEPT[:3])
    assert "the rollback guard holds a checkpoint of" in refused(node)

    copy(node, backup, node.folder, KEPT)
    said = refused(node)
    assert "restored from an old copy" in said
    assert "rollback guard" not in said
    assert "Traceback" not in said

    # Another history in the place of the lost one does not help either.
    happen(node, "other.one")
    happen(node, "another.one")
    assert "cosigned another tree" in refused(node)

    copy(node, newest, node.folder, KEPT)
    network.launch(node)
    network.wait_ready(node)
    happen(node, "last.one")
    wait_until_final(network)
