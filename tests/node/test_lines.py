# SPDX-License-Identifier: Apache-2.0
"""Visits to peers: one that hangs, or trips a fault, delays and stops nobody else."""

from __future__ import annotations

import threading

import pytest

from comity.node.services import register
from comity.node.store.models import LineRow, PeerRow
from comity.node.worker.lines import AT_ONCE, MOST_AT_ONCE, Visits, on_lines
from support.peer_node import Peer

PATIENCE = 0.05
XM = "xm.moj"


@pytest.fixture
def visits(node) -> Visits:
    return Visits(patience=PATIENCE)


def test_a_visit_that_hangs_keeps_nobody_waiting(visits):
    release, ended = threading.Event(), threading.Event()
    visited: list[str] = []

    def hangs() -> int:
        visited.append("slow")
        release.wait(30)
        ended.set()
        return 1

    def quick() -> int:
        visited.append("quick")
        return 1

    calls = {"slow": hangs, "quick": quick}
    try:
        assert visits.make(calls) == 1
        assert visits.make(calls) == 1  # and it is not visited twice at a time
        assert visited == ["slow", "quick", "quick"]
    finally:
        release.set()
    assert ended.wait(30)


def test_any_number_of_hanging_visits_leaves_a_turn_to_the_others(visits):
    release = threading.Event()
    slow = {f"slow-{n:02}": lambda: int(release.wait(30)) for n in range(2 * AT_ONCE)}
    try:
        assert visits.make({**slow, "well": lambda: 1}) == 1
    finally:
        release.set()


def test_no_more_threads_than_allowed_are_ever_begun(visits):
    release, begun = threading.Event(), []

    def hangs() -> int:
        begun.append(1)
        release.wait(30)
        return 0

    try:
        visits.make({f"slow-{n:03}": hangs for n in range(MOST_AT_ONCE + 20)})
        assert len(begun) == MOST_AT_ONCE
    finally:
        release.set()


def test_a_fault_in_a_visit_ends_only_that_visit(visits, caplog):
    def fault() -> int:
        raise ZeroDivisionError

    assert visits.make({"bad": fault, "good": lambda: 1}) == 1
    assert visits.make({"bad": lambda: 1}) == 1
    assert "ZeroDivisionError" in caplog.text


def test_a_fault_on_a_line_counts_as_a_failure_of_that_line(node, world, visits, caplog):
    """Even one of ours: the peer is left alone for a while instead of tried at every turn."""

    def fault(_line, _now) -> int:
        raise UnicodeError("what nobody foresaw")

    with Peer(world, register.peer(XM).authority, node).serve():
        assert on_lines(visits, [XM], node.now(), fault) == 0
    row = LineRow.objects.get(authority=XM)
    assert row.failures == 1
    assert row.next_attempt > node.now()
    problem = PeerRow.objects.get(authority=XM).last_problem
    assert problem == "a fault of the program: UnicodeError: what nobody foresaw"
    assert on_lines(visits, [XM], node.now(), lambda _line, _now: 1) == 0
