# SPDX-License-Identifier: Apache-2.0
"""The ledger's steps with witnesses that are away, silent or slow; and killed processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from comity.errors import Unavailable
from comity.node.clock import clock
from comity.node.keyring import keyring
from comity.node.services import publishing, register
from comity.node.store.models import LedgerCheckpointRow, LedgerWitnessRow
from comity.node.wire.client import PeerLine
from comity.node.worker import ledger as worker
from support.ledger_node import WITNESSES, happen
from support.shared import PROJECT


def test_the_steps_in_their_order(node, peers) -> None:
    happen(node, 3)
    assert worker.integrate(node.now()) > 3
    assert worker.integrate(node.now()) == 0
    assert worker.publish(node.now()) == 1
    assert worker.publish(node.now()) == 0
    assert LedgerCheckpointRow.objects.count() == 1


@pytest.fixture
def port(monkeypatch, world) -> int:
    """A free port that all witnesses are looked for at, whatever runs on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()[1]

    def line(authority: str) -> PeerLine:
        statement = replace(register.statement_of(authority), wire_url=f"https://127.0.0.1:{free}")
        return PeerLine(statement=statement, key=keyring().transport, clock=clock().now)

    monkeypatch.setattr(worker, "_line", line)
    return free


def test_witnesses_that_are_away_are_noted(node, peers, port) -> None:
    happen(node)
    worker.integrate(node.now())
    worker.publish(node.now())
    assert worker.cosign(node.now()) == 0
    for row in LedgerWitnessRow.objects.all():
        assert row.failures == 1
        assert "cannot be reached" in row.problem
        assert row.next_attempt > node.now()
    assert worker.cosign(node.now()) == 0
    assert LedgerWitnessRow.objects.filter(failures=1).count() == len(WITNESSES)
    assert worker.compare_with_witnesses(node.now()) == []


def test_a_silent_witness_keeps_nobody_waiting(node, peers, monkeypatch) -> None:
    monkeypatch.setattr(worker, "WITNESS_SECONDS", 0.3)
    let_go = threading.Event()

    def silent(_line: object) -> None:
        let_go.wait(30)
        raise Unavailable("test.late", "too late")

    def quick(_line: object) -> bytes:
        return b"answer"

    started = time.monotonic()
    replies = {
        one.authority: one for one in worker._ask_all({"xm.moj": silent, "xl.records": quick})
    }
    assert time.monotonic() - started < 5
    assert replies["xl.records"].result == b"answer"
    assert replies["xm.moj"].error.code == "ledger.witness_silent"
    # It is not asked twice at the same time.
    again = worker._ask_all({"xm.moj": quick})
    assert again[0].error.code == "ledger.witness_silent"
    let_go.set()
    until = time.monotonic() + 10
    while worker._under_way and time.monotonic() < until:
        threading.Event().wait(0.01)
    assert worker._ask_all({"xm.moj": quick})[0].result == b"answer"


def test_whoever_answers_without_tls_is_no_witness(node, peers, port) -> None:
    happen(node)
    worker.integrate(node.now())
    worker.publish(node.now())
    with socket.create_server(("127.0.0.1", port)) as listener:

        def answer() -> None:
            for _ in WITNESSES:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        assert worker.cosign(node.now()) == 0
        thread.join(10)
    row = LedgerWitnessRow.objects.get(authority="xm.moj")
    assert row.failures == 1
    assert publishing.questions(now=node.now()) == []


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost_and_nothing_forks(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("kill_story.py")), str(tmp_path), "25"],
        env={**os.environ, "PYTHONPATH": f"{PROJECT / 'src'}:{PROJECT / 'tests'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "25 killed, one history" in done.stdout
