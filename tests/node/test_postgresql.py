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
#: What writes, locks, counts on constraints or on triggers.
AGAIN = (
    "test_database.py",
    "test_drafting.py",
    "test_answering.py",
    "test_evidence.py",
    "test_arrivals.py",
    "test_every_action.py",
    "test_queries.py",
    "test_accounts.py",
    "test_pinning.py",
    "test_inbox.py",
    "test_outbox.py",
    "ledger",
)


@pytest.mark.slow
@pytest.mark.skipif("NODE_TEST_DATABASE" in os.environ, reason="this run is on one already")
def test_the_node_keeps_its_promises_on_postgresql():
    try:
        with postgresql.server() as database:
            done = subprocess.run(
                [
                    sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                    *(str(HERE / name) for name in AGAIN),
                ],
                capture_output=True,
                text=True,
                cwd=HERE.parents[1],
                env={**os.environ, "NODE_TEST_DATABASE": database},
                check=False,
            )  # fmt: skip
    except postgresql.NoServer as error:
        pytest.skip(f"NOT TESTED ON POSTGRESQL: {error}")
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    assert " passed" in done.stdout
