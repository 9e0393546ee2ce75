# SPDX-License-Identifier: Apache-2.0
"""The reconcile loop: asks every step, again and again, what is due.

Promises: nothing that must happen depends on this process surviving, because
what must happen is a row and every step can be repeated; a step that fails
never keeps the others from running, is logged, and is shown by
`comity-node check` and on the desk until it succeeds again.

A step is a function of `now` that does what is due and returns how many things
it did. Steps run in lanes, one thread each, so that imaging a disk's worth of
evidence never keeps an urgent message waiting. Within a lane they run in the
order of `STEPS` (`comity.node.worker.steps`); as long as one of them did
something the round is repeated at once, because one step's result is often the
next one's work.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db import Error as DatabaseFault
from django.db import connection

from comity.canonical.time import Clock, Instant
from comity.errors import ComityError
from comity.node import wake
from comity.node.store.models import StepHealthRow

_log = logging.getLogger("comity.worker")

#: Seconds between two looks at the wake-up file.
_GLANCE_SECONDS: Final = 0.1
#: Rounds in a row before the loop takes a breath even if there is more to do.
_MAX_ROUNDS: Final = 100
_MAX_PROBLEM: Final = 2_000


@dataclass(frozen=True)
class Step:
    """A named step of a lane; `run` does what is due and returns how many things it did.

    A step that found nothing to do is not run again for `pause` seconds: housekeeping
    need not look at every wake-up of a busy lane. It runs at the start, and as long as
    it finds something; one that failed is tried again at the next wake-up.
    """

    name: str
    lane: str
    run: Callable[[Instant], int]
    pause: float = 0.0


class Lane:
    """Runs the steps of one lane in one thread until it is stopped."""

    def __init__(
        self,
        *,
        steps: tuple[Step, ...],
        clock: Clock,
        poll_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._steps = steps
        self._monotonic = monotonic
        #: When a step that found nothing is run again, on the monotonic clock.
        self._rests: dict[str, float] = {}
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._stop = threading.Event()
        self._failing: set[str] = set()

    def run(self) -> None:
        """Run until `stop`."""
        while not self._stop.is_set():
            seen = wake.last_wake()
            rounds = 0
            while self.run_once() and not self._stop.is_set() and rounds < _MAX_ROUNDS:
                rounds += 1
            self._rest(seen)
        connection.close()

    def stop(self) -> None:
        """End after the step that is running."""
        self._stop.set()

    def run_once(self) -> int:
        """Run every step once; return how many things were done."""
        done = 0
        for step in self._steps:
            if self._stop.is_set():
                break
            done += self._run_step(step)
        return done

    def _run_step(self, step: Step) -> int:
        # The connection stays open between steps: opening one sets and checks all pragmas.
        if self._monotonic() < self._rests.get(step.name, 0.0):
            return 0
        now = self._clock.now()
        try:
            done = step.run(now)
        except ComityError as error:
            self._note(self._failed, step, now, str(error))
            return 0
        except Exception as error:  # noqa: BLE001 - the others must run even if one has a fault
            _log.exception("step %s has a fault", step.name)
            if isinstance(error, DatabaseFault):
                connection.close()  # it may be the database that went away
            fault = f"a fault of the program: {type(error).__name__}: {error}"
            self._note(self._failed, step, now, fault)
            return 0
        if step.pause and not done:
            self._rests[step.name] = self._monotonic() + step.pause
        if step.name in self._failing or done:
            self._note(self._succeeded, step, now)
        return done

    def _note(self, write: Callable[..., None], *values: object) -> None:
        """Keep a step's health; on a full disk the lane goes on and only the log says so."""
        try:
            write(*values)
        except DatabaseFault as error:
            _log.warning("the health of the steps could not be kept: %s", error)
            connection.close()

    def _failed(self, step: Step, now: Instant, problem: str) -> None:
        if step.name not in self._failing:
            _log.warning("step %s: %s", step.name, problem)
        self._failing.add(step.name)
        row, _ = StepHealthRow.objects.get_or_create(name=step.name)
        row.last_failed, row.problem = now, problem[:_MAX_PROBLEM]
        row.failures += 1
        row.save()

    def _succeeded(self, step: Step, now: Instant) -> None:
        if step.name in self._failing:
            _log.info("step %s works again", step.name)
        self._failing.discard(step.name)
        StepHealthRow.objects.update_or_create(
            name=step.name, defaults={"last_done": now, "failures": 0, "problem": ""}
        )

    def _rest(self, seen: int) -> None:
        """Wait for a wake-up, the next poll, or the end."""
        until = time.monotonic() + self._poll_seconds
        while time.monotonic() < until and not self._stop.is_set():
            wake.wait(_GLANCE_SECONDS)
            if wake.last_wake() != seen:
                return


class Worker:
    """All lanes, each in its thread."""

    def __init__(self, *, steps: tuple[Step, ...], clock: Clock, poll_seconds: float) -> None:
        names = dict.fromkeys(step.lane for step in steps)
        self._lanes = {
            name: Lane(
                steps=tuple(step for step in steps if step.lane == name),
                clock=clock,
                poll_seconds=poll_seconds,
            )
            for name in names
        }
        self._threads = [
            threading.Thread(target=lane.run, name=f"worker-{name}")
            for name, lane in self._lanes.items()
        ]

    def start(self) -> None:
        """Start every lane."""
        for thread in self._threads:
            thread.start()

    def stop(self, *, patience: float) -> None:
        """End after the steps that are running; wait at most `patience` seconds in all."""
        for lane in self._lanes.values():
            lane.stop()
        until = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
