# SPDX-License-Identifier: Apache-2.0
"""The ledger's steps: integrate what was sequenced, publish it, have it witnessed.

While there is work the loop runs these steps again at once, so a group of
entries waits no longer than one round of signing and asking. All witnesses are
asked at the same time, with nothing locked meanwhile. One that answers slowly or
not at all is left behind after `WITNESS_SECONDS`, is asked less and less often,
and never keeps the others waiting.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from comity.canonical.digest import sha256
from comity.canonical.time import Instant
from comity.errors import ComityError, Unavailable
from comity.node.clock import clock
from comity.node.keyring import keyring
from comity.node.services import _ledger_policy, publishing, register
from comity.node.services.publishing import Question, WitnessAnswer
from comity.node.wire.client import PeerLine

#: Seconds that the witnesses get for their answers, all together.
WITNESS_SECONDS: Final = 5.0

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class _Reply(Generic[_Result]):
    authority: str
    result: _Result | None
    error: ComityError | None


def integrate(now: Instant) -> int:
    """Write the tiles of newly sequenced entries; return how many there were."""
    return publishing.integrate(now=now)


def publish(now: Instant) -> int:
    """Sign a checkpoint if there is something new, or to show that the log lives."""
    return publishing.publish(now=now)


def cosign(now: Instant) -> int:
    """Ask every witness that is due; return how many brought the log further."""
    asked = {one.authority: one for one in publishing.questions(now=now)}
    done = 0
    for reply in _ask_all({who: _asking(one) for who, one in asked.items()}):
        question = asked[reply.authority]
        if reply.result is not None:
            done += publishing.take_answer(question=question, answer=reply.result, now=now)
        elif reply.error is not None:
            publishing.take_silence(question=question, error=reply.error, now=now)
    return done


def compare_with_witnesses(now: Instant) -> list[str]:
    """Ask the witnesses what they cosigned of our log; return what is wrong, before the start.

    A witness that cannot be reached is no problem here: the rollback guard has been
    compared already, and the nodes of a federation may well be starting together.
    """
    origin = sha256(keyring().statement.ledger.origin.encode())
    calls: dict[str, Callable[[PeerLine], bytes | None]] = {
        authority: lambda line: line.witnessed_checkpoint(origin)
        for authority in _ledger_policy.witnesses().keys
    }
    problems = []
    for reply in _ask_all(calls):
        if reply.result is None:
            continue
        try:
            publishing.compare_with_witness(authority=reply.authority, note=reply.result, now=now)
        except ComityError as error:
            problems.append(str(error))
    return problems


def _asking(question: Question) -> Callable[[PeerLine], WitnessAnswer]:
    def ask(line: PeerLine) -> WitnessAnswer:
        return WitnessAnswer(*line.add_checkpoint(question.body))

    return ask


#: Witnesses whose last question is still under way in a thread of its own.
_under_way: Final[set[str]] = set()


def _ask_all(calls: dict[str, Callable[[PeerLine], _Result]]) -> list[_Reply[_Result]]:
    """Do every call, each in a thread that touches the network only; wait together."""
    answers: queue.SimpleQueue[_Reply[_Result]] = queue.SimpleQueue()
    waiting = set()
    replies: list[_Reply[_Result]] = []
    for authority, call in calls.items():
        if authority in _under_way:
            replies.append(_silent(authority))
            continue
        try:
            line = _line(authority)
        except ComityError as error:
            replies.append(_Reply(authority, None, error))
            continue
        waiting.add(authority)
        _under_way.add(authority)
        threading.Thread(
            target=_in_thread, args=(authority, line, call, answers), daemon=True
        ).start()
    until = time.monotonic() + WITNESS_SECONDS
    while waiting:
        try:
            reply = answers.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            break
        waiting.discard(reply.authority)
        replies.append(reply)
    return replies + [_silent(authority) for authority in sorted(waiting)]


def _in_thread(
    authority: str,
    line: PeerLine,
    call: Callable[[PeerLine], _Result],
    answers: queue.SimpleQueue[_Reply[_Result]],
) -> None:
    try:
        with line:
            answers.put(_Reply(authority, call(line), None))
    except ComityError as error:
        answers.put(_Reply(authority, None, error))
    finally:
        _under_way.discard(authority)


def _silent(authority: str) -> _Reply[_Result]:
    error = Unavailable(
        "ledger.witness_silent", f"{authority} has not answered within {WITNESS_SECONDS:.0f} s"
    )
    return _Reply(authority, None, error)


def _line(authority: str) -> PeerLine:
    return PeerLine(
        statement=register.statement_of(authority),
        key=keyring().transport,
        clock=clock().now,
    )
