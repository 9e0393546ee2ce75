# SPDX-License-Identifier: Apache-2.0
"""The worker: a step that fails stops no other, and says so until it works again."""

from __future__ import annotations

import threading
from importlib import import_module
from pathlib import Path

import pytest

from comity.errors import Unavailable
from comity.node import queries
from comity.node.queries.health import node_health
from comity.node.store.models import StepHealthRow
from comity.node.worker import steps as table
from comity.node.worker.loop import Lane, Step, Worker


class Plan:
    """A step that does or raises what it is told, in order."""

    def __init__(self, *results: object) -> None:
        self.results = list(results)
        self.calls = 0

    def __call__(self, _now) -> int:
        self.calls += 1
        result = self.results.pop(0) if self.results else 0
        if isinstance(result, Exception):
            raise result
        return result


def lane(node, *plans: Plan) -> Lane:
    steps = tuple(Step(f"step {n}", "lane", plan) for n, plan in enumerate(plans))
    return Lane(steps=steps, clock=node, poll_seconds=60)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Unavailable("wire.unreachable", "nobody answers"), "nobody answers [wire.unreachable]"),
        (ZeroDivisionError("by nought"), "a fault of the program: ZeroDivisionError: by nought"),
    ],
)
def test_a_failing_step_stops_no_other_and_is_shown(node, error, words):
    failing, other = Plan(error, error), Plan(1, 1)
    running = lane(node, failing, other)
    assert running.run_once() == 1
    assert running.run_once() == 1
    assert (failing.calls, other.calls) == (2, 2)
    row = StepHealthRow.objects.get(name="step 0")
    assert (row.failures, row.problem) == (2, words)
    item = {one.id: one for one in node_health(node.now())}["steps"]
    assert item.status == "problem"
    assert "step 0" in item.detail


def test_a_step_that_works_again_is_well(node):
    running = lane(node, Plan(Unavailable("wire.unreachable", "nobody"), 0, 0))
    running.run_once()
    running.run_once()
    row = StepHealthRow.objects.get()
    assert (row.failures, row.problem) == (0, "")
    assert row.last_failed is not None


def test_a_stopped_lane_runs_no_further_step(node):
    other = Plan(1)
    running = lane(node, Plan(1), other)
    running._steps = (Step("stop", "lane", lambda _now: running.stop() or 1), *running._steps)
    assert running.run_once() == 1
    assert other.calls == 0


def test_a_step_that_found_nothing_rests(node):
    """It runs at the start, as long as it finds something, after a failure, and after its pause."""
    seconds = [1000.0]
    failure = Unavailable("wire.unreachable", "nobody")
    keeping, eager = Plan(1, 1, 0, 1, failure, 0, 0), Plan()
    steps = (Step("keep", "lane", keeping, pause=30), Step("eager", "lane", eager))
    running = Lane(steps=steps, clock=node, poll_seconds=60, monotonic=lambda: seconds[0])
    for expected in (1, 2, 3, 3, 3):
        running.run_once()
        assert keeping.calls == expected
    seconds[0] += 29.9
    running.run_once()
    assert keeping.calls == 3
    seconds[0] += 0.1
    for expected in (4, 5, 6, 6):
        running.run_once()
        assert keeping.calls == expected
    assert eager.calls == 10


def test_what_peers_and_officers_wait_for_never_rests():
    """Only housekeeping has a pause; everything else must be looked at with every wake-up."""
    assert {step.name for step in table.STEPS if step.pause} == {
        "note lapsed preservations",
        "mend damaged parcels",
        "give up what has expired",
        "remove what nobody needs",
    }


def test_a_slow_lane_keeps_no_other_waiting(node):
    begun, release, seen = threading.Event(), threading.Event(), threading.Event()

    def slow(_now) -> int:
        begun.set()
        release.wait(30)
        return 0

    def quick(_now) -> int:
        if begun.is_set():
            seen.set()
        return 0

    steps = (Step("slow", "evidence", slow), Step("quick", "out", quick))
    worker = Worker(steps=steps, clock=node, poll_seconds=0.01)
    worker.start()
    try:
        assert seen.wait(30), "the quick lane waited for the slow one"
    finally:
        release.set()
        worker.stop(patience=30)


def test_every_step_is_in_the_table():
    """A function of a worker module that takes `now` alone is a step, and must run."""
    folder = Path(table.__file__).parent
    running = {step.run for step in table.STEPS}
    for path in sorted(folder.glob("[a-z]*.py")):
        module = import_module(f"comity.node.worker.{path.stem}")
        for name, found in vars(module).items():
            arguments = getattr(found, "__annotations__", {})
            ours = getattr(found, "__module__", "") == module.__name__
            if (
                ours
                and not name.startswith("_")
                and arguments == {"now": "Instant", "return": "int"}
            ):
                assert found in running, f"{module.__name__}.{name} is not in STEPS"
    assert len({step.name for step in table.STEPS}) == len(table.STEPS)


def test_health_is_for_who_may_see_it(node, officer):
    from comity.errors import Refused

    items = queries.health_page(officer=officer("otto", "operator"), now=node.now())
    assert {item.id for item in items} >= {"keys", "ledger", "clock", "disk", "database"}
    with pytest.raises(Refused):
        queries.health_page(officer=officer("amara", "drafter"), now=node.now())
