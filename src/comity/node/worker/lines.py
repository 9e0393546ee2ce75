# SPDX-License-Identifier: Apache-2.0
"""Visits to peers: each in a thread of its own, so that no peer delays another.

A visit that takes longer than `PATIENCE` is left behind: the step goes on without
it, the peer is not visited again for the same purpose until that visit has ended,
and what it did counts all the same, because it is written down as it happens.
Every call of a visit has a deadline (`comity.node.wire.deadline`), so every visit
ends. Whatever goes wrong in one, foreseen or not, is a failure of that line: it is
noted with the peer, and the peer is tried again after a growing pause.
"""

from __future__ import annotations

import logging
import queue
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from django.db import connection

from comity.canonical.time import Instant
from comity.errors import ComityError
from comity.node import wake
from comity.node.clock import clock
from comity.node.keyring import keyring
from comity.node.services import register
from comity.node.services._receipts import compare_directory
from comity.node.store.models import LineRow
from comity.node.wire.client import PeerLine
from comity.protocol.delivery import Line

_log = logging.getLogger("comity.delivery")

#: Seconds for which a step waits for a visit before it goes on without it.
PATIENCE: Final = 2.0
#: Peers visited at the same time, without those that were left behind.
AT_ONCE: Final = 8
#: Peers visited at the same time in all, for one purpose.
MOST_AT_ONCE: Final = 64
#: After this time a peer is asked again who it is and what time it has.
GREET_AFTER: Final = timedelta(minutes=10)
_LOTS: Final = secrets.SystemRandom()

Work = Callable[[PeerLine, Instant], int]


class Visits:
    """The visits for one purpose: at most one at a time to each peer."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._under_way: set[str] = set()

    def make(self, calls: Mapping[str, Callable[[], int]]) -> int:
        """Visit every peer that is not being visited; return how many things were done.

        Called by one thread at a time. What a visit does after it was left behind is
        not in the number; it wakes the worker instead.
        """
        ended: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        waiting = deque(peer for peer in calls if peer not in self._under_way)
        current: dict[str, float] = {}
        done = 0
        while waiting or current:
            while waiting and len(current) < AT_ONCE and len(self._under_way) < MOST_AT_ONCE:
                peer = waiting.popleft()
                current[peer] = time.monotonic() + self._patience
                self._begin(peer, calls[peer], ended)
            if not current:
                break  # too many are under way: the others' turn comes when those have ended
            try:
                peer, count = ended.get(timeout=max(0.0, min(current.values()) - time.monotonic()))
            except queue.Empty:
                now = time.monotonic()
                current = {peer: until for peer, until in current.items() if until > now}
                continue
            done += count
            current.pop(peer, None)
        return done

    def _begin(
        self, peer: str, call: Callable[[], int], ended: queue.SimpleQueue[tuple[str, int]]
    ) -> None:
        self._under_way.add(peer)
        # A daemon: what is cut off anywhere is simply taken again.
        threading.Thread(
            target=self._visit, args=(peer, call, ended), name=f"line-{peer}", daemon=True
        ).start()

    def _visit(
        self, peer: str, call: Callable[[], int], ended: queue.SimpleQueue[tuple[str, int]]
    ) -> None:
        began, done = time.monotonic(), 0
        try:
            done = call()
        except Exception:  # noqa: BLE001 - the visit ends here, and everything hangs on its end
            _log.exception("a visit to %s ended with a fault", peer)
        finally:
            connection.close()  # of this thread
            self._under_way.discard(peer)
            ended.put((peer, done))
        if done and time.monotonic() - began >= self._patience:
            wake.wake()  # nobody waited for it, and it may be somebody's next work


def on_lines(visits: Visits, peers: Sequence[str], now: Instant, work: Work) -> int:
    """Do something over the lines to peers that are due; return how many things were done."""
    due = [peer for peer in peers if _is_due(peer, now)]
    if connection.in_atomic_block:
        # Another thread would not see what this transaction has written.
        return sum(_on_line(peer, now, work) for peer in due)

    def visit(peer: str) -> Callable[[], int]:
        return lambda: _on_line(peer, now, work)

    return visits.make({peer: visit(peer) for peer in due})


def _is_due(peer: str, now: Instant) -> bool:
    row, _ = LineRow.objects.get_or_create(authority=peer)
    return Line(row.failures, row.next_attempt).is_due(now)


def _on_line(peer: str, now: Instant, work: Work) -> int:
    """Do something over the line to a peer; remember how the line fared."""
    row = LineRow.objects.get(authority=peer)
    try:
        register.require_directory(now)
        with open_line(peer) as opened:
            if row.failures or row.greeted is None or now - row.greeted >= GREET_AFTER:
                _greet(opened, now)
            done = work(opened, now)
    except ComityError as error:
        _failed(row, now, str(error))
        return 0
    except Exception as error:  # noqa: BLE001 - what we did not foresee counts as well
        _log.exception("line to %s: a fault", peer)
        _failed(row, now, f"a fault of the program: {type(error).__name__}: {error}")
        return 0
    LineRow.objects.filter(authority=peer).update(failures=0, next_attempt=None)
    return done


def _failed(row: LineRow, now: Instant, problem: str) -> None:
    failed = Line(row.failures, row.next_attempt).failed(now, chance=_LOTS.random())
    LineRow.objects.filter(authority=row.authority).update(
        failures=failed.failures, next_attempt=failed.next_attempt
    )
    register.note_problem(authority=row.authority, problem=problem)
    _log.info("line to %s: %s; again at %s", row.authority, problem, failed.next_attempt)


def open_line(peer: str) -> PeerLine:
    """Return the line to a peer, to be used as a context; nothing is called yet."""
    statement = register.statement_of(peer)
    return PeerLine(statement=statement, key=keyring().transport, clock=clock().now)


def _greet(line: PeerLine, now: Instant) -> None:
    greeting = line.hello()
    register.note_heard(authority=line.peer, now=now, peer_clock=greeting.clock)
    compare_directory(authority=line.peer, theirs=greeting.directory)
    LineRow.objects.filter(authority=line.peer).update(greeted=now)
