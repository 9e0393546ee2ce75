# SPDX-License-Identifier: Apache-2.0
"""The table of messages agrees with their readers, handlers and workflow tables."""

from __future__ import annotations

import pytest

from comity.assistance.decide.received import EFFECTS
from comity.assistance.messages import READERS
from comity.assistance.tables import INCOMING, OUTGOING
from comity.authorities.model import Role
from comity.protocol.registry import MESSAGES, Side
from comity.protocol.statement import _TYPE


def test_every_message_has_a_reader_an_effect_and_a_row() -> None:
    assert set(MESSAGES) == set(READERS) == set(EFFECTS)
    for name, kind in MESSAGES.items():
        assert kind.name == name
        assert kind.read == READERS[name]
        assert _TYPE.fullmatch(name)


@pytest.mark.parametrize("name", MESSAGES)
def test_its_effects_are_actions_of_the_side_that_receives_it(name: str) -> None:
    kind = MESSAGES[name]
    receiving = {Side.REQUESTING: INCOMING, Side.REQUESTED: OUTGOING}
    assert kind.sides
    for side in kind.sides:
        table = receiving[side]
        actions = {row.action for row in table.transitions} | {table.opening}
        assert set(kind.effects) <= actions


def test_one_type_opens_a_case_and_only_the_asking_side_sends_it() -> None:
    [opening] = [kind for kind in MESSAGES.values() if kind.opens]
    assert opening.name == "assistance.request/1"
    assert opening.sides == {Side.REQUESTING}


def test_who_only_witnesses_or_keeps_the_directory_sends_none_of_them() -> None:
    for kind in MESSAGES.values():
        assert not kind.roles & {Role.WITNESS, Role.HUB}
        assert Role.CENTRAL in kind.roles


def test_a_laboratory_sends_evidence_and_nothing_else() -> None:
    sends = {name for name, kind in MESSAGES.items() if Role.FORENSIC in kind.roles}
    assert sends == {"evidence.delivery/1", "evidence.receipt/1"}
