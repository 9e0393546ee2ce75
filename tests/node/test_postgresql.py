# SPDX-License-Identifier: Apache-2.0
"""The same promises on PostgreSQL: the tests of the services again, on a server of our own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import postgresql

HERE = Path(__file__).parent
#: What writes, locks, counts on constraints or on triggers. `make test DB=postgresql` runs all.
AGAIN = (
    "test_database.py",
    "test_drafting.py",
    "test_outbox_locks.py",
    "test_queries.py",
    "test_queue.py",
    "ledger/test_ledger_services.py",
)
OURS = {"COMITY_CONFIG", "DJANGO_SETTINGS_MODULE", "PYTEST_XDIST_WORKER"}


@pytest.mark.slow
@pytest.mark.skipif("NODE_TEST_DATABASE" in os.environ, reason="this run is on one already")
def test_the_node_keeps_its_promises_on_postgresql():
    # This process's node is not that one's.
    inherited = {name: os.environ[name] for name in os.environ.keys() - OURS}
    try:
        with postgresql.server() as database:
            environment = {**inherited, "NODE_TEST_DATABASE": database}
            done = subprocess.run(
                [
                    sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                    *(str(HERE / name) for name in AGAIN),
                ],
                capture_output=True,
                text=True,
                cwd=HERE.parents[1],
                env=environment,
                check=False,
            )  # fmt: skip
    except postgresql.NoServer as error:
        pytest.skip(f"NOT TESTED ON POSTGRESQL: {error}")
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    assert " passed" in done.stdout
