# SPDX-License-Identifier: Apache-2.0
"""The ledger of the node under test, and its witnesses, which exist as keys only."""

from __future__ import annotations

import shutil

from django.conf import settings

from comity.ledger.keys import parse_vkey
from comity.ledger.witness import Answer, Seen, Witness
from comity.node.keyring import keyring
from comity.node.services import _ledger_halt, publishing
from comity.node.services._record import recording
from comity.node.services.publishing import WitnessAnswer
from support.clock import SetClock
from support.nodeworld import World

OWN = "xv.moj"
WITNESSES = ("xm.moj", "xl.records")


class Peers:
    """The two witnesses with their real keys, and what each has seen."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen: dict[tuple[str, str], Seen] = {}

    def ask(self, authority: str, body: bytes, now) -> Answer:
        own = keyring().statement.ledger
        witness = Witness(
            keys=self.world.keys(authority).witness_signers,
            logs={own.origin: [parse_vkey(text) for text in own.log_vkeys]},
        )
        answer = witness.add_checkpoint(
            body, seen=lambda origin: self.seen.get((authority, origin)), last_signed=0, now=now
        )
        if answer.state:
            self.seen[authority, answer.state.origin] = answer.state
        return answer


def forget_guards() -> None:
    """Remove what is kept beside the database: unlike it, files are not rolled back by a test."""
    guard = settings.CONFIG.rollback_guard
    guard.unlink(missing_ok=True)
    shutil.rmtree(guard.with_name(f"{guard.name}.witnessed"), ignore_errors=True)
    _ledger_halt.reset()


def happen(node: SetClock, number: int = 1, *, event: str = "keys.renewed") -> list[int]:
    """Record `number` events of the node; return their indices."""
    with recording(officer=None, now=node.now()) as record:
        rows = [
            record(event=event, subject=("node", OWN), private={"serial": one})
            for one in range(number)
        ]
    return [row.leaf_index for row in rows]


def sign(node: SetClock) -> None:
    publishing.integrate(now=node.now())
    publishing.publish(now=node.now())


def cosign(node: SetClock, peers: Peers, *authorities: str) -> int:
    done = 0
    for question in publishing.questions(now=node.now()):
        if question.authority in (authorities or WITNESSES):
            answer = peers.ask(question.authority, question.body, node.now())
            taken = WitnessAnswer(answer.status, answer.body)
            done += publishing.take_answer(question=question, answer=taken, now=node.now())
    return done


def settle(node: SetClock, peers: Peers) -> None:
    sign(node)
    while cosign(node, peers):
        pass
