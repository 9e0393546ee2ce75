# SPDX-License-Identifier: Apache-2.0
"""The engine under the workflow tables: what it allows, what it says, what it refuses to load."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pytest

from comity.errors import Refused
from comity.workflow.diagram import matrix, mermaid, page
from comity.workflow.sentence import Sentence
from comity.workflow.table import RESUME, Guard, Transition, Turn, Workflow


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    KNOCKING = "knocking"
    BRICKED = "bricked"


@dataclass(frozen=True)
class Facts:
    key: bool = True
    alone: bool = True


HAS_KEY = Guard("has_key", lambda f: () if f.key else ("there is no key",))
ALONE = Guard("alone", lambda f: () if f.alone else ("somebody watches", "and so does the cat"))
TURNS = {
    Door.OPEN: Turn.REQUESTING,
    Door.SHUT: Turn.REQUESTED,
    Door.KNOCKING: Turn.REQUESTED,
    Door.BRICKED: Turn.SYSTEM,
}
ROWS = (
    Transition("shut", Door.OPEN, Door.SHUT, Turn.REQUESTING, frozenset({"porter"}), (ALONE,)),
    Transition(
        "unlock", Door.SHUT, Door.OPEN, Turn.REQUESTED, frozenset({"porter"}), (HAS_KEY, ALONE)
    ),
    Transition("knock", Door.SHUT, Door.KNOCKING, Turn.REQUESTING),
    Transition("knock", Door.OPEN, Door.KNOCKING, Turn.REQUESTING),
    Transition("knock", Door.KNOCKING, Door.KNOCKING, Turn.REQUESTING),
    Transition("go_away", Door.KNOCKING, RESUME, Turn.REQUESTING),
    Transition("brick", Door.SHUT, Door.BRICKED, Turn.SYSTEM),
    Transition("look", Door.BRICKED, Door.BRICKED, Turn.SYSTEM),
)


def workflow(rows=ROWS, turns=TURNS) -> Workflow[Door, Facts]:
    return Workflow(
        name="door",
        opening="build",
        initial=Door.OPEN,
        turns=turns,
        transitions=rows,
        interludes=frozenset({Door.KNOCKING}),
        final=frozenset({Door.BRICKED}),
    )


DOOR = workflow()


def test_a_legal_action_leads_on_and_passes_the_turn() -> None:
    step = DOOR.fire(state=Door.OPEN, action="shut", facts=Facts(), roles={"porter", "cook"})
    assert (step.state, step.resume, step.turn) == (Door.SHUT, None, Turn.REQUESTED)


def test_every_reason_is_collected_not_only_the_first() -> None:
    with pytest.raises(Refused) as caught:
        DOOR.fire(
            state=Door.SHUT,
            action="unlock",
            facts=Facts(key=False, alone=False),
            roles={"porter"},
        )
    assert caught.value.code == "workflow.guard"
    assert caught.value.reasons == ("there is no key", "somebody watches", "and so does the cat")


def test_another_role_another_state_and_another_hand_are_refused() -> None:
    with pytest.raises(Refused) as role:
        DOOR.fire(state=Door.OPEN, action="shut", facts=Facts(), roles={"cook"})
    assert (role.value.code, role.value.reasons) == ("workflow.role", ("porter",))
    for state, action, roles in (
        (Door.BRICKED, "shut", {"porter"}),
        (Door.OPEN, "shut", None),  # an officer's action is not caused by a message
        (Door.SHUT, "knock", {"porter"}),  # nor a message's by an officer
        (Door.OPEN, "dance", {"porter"}),
    ):
        with pytest.raises(Refused) as state_error:
            DOOR.fire(state=state, action=action, facts=Facts(), roles=roles)
        assert state_error.value.code == "workflow.not_now"


def test_an_interlude_returns_to_where_it_began() -> None:
    for begin in (Door.OPEN, Door.SHUT):
        knocked = DOOR.fire(state=begin, action="knock", facts=Facts())
        assert (knocked.state, knocked.resume) == (Door.KNOCKING, begin)
        again = DOOR.fire(state=Door.KNOCKING, action="knock", facts=Facts(), resume=knocked.resume)
        assert (again.state, again.resume) == (Door.KNOCKING, begin)
        back = DOOR.fire(state=Door.KNOCKING, action="go_away", facts=Facts(), resume=again.resume)
        assert (back.state, back.resume, back.turn) == (begin, None, TURNS[begin])


def test_an_interlude_without_a_way_back_is_a_bug() -> None:
    with pytest.raises(ValueError, match="no state to return to"):
        DOOR.fire(state=Door.KNOCKING, action="go_away", facts=Facts())


def test_available_tells_why_not_and_hides_what_is_not_the_officers() -> None:
    (entry,) = DOOR.available(state=Door.SHUT, roles={"porter"}, facts=Facts(key=False))
    assert (entry.action, entry.enabled, entry.reasons) == ("unlock", False, ("there is no key",))
    assert DOOR.available(state=Door.SHUT, roles={"cook"}, facts=Facts()) == ()


@pytest.mark.parametrize(
    ("rows", "turns", "complaint"),
    [
        ((*ROWS, ROWS[0]), TURNS, "two rows"),
        (ROWS, {k: v for k, v in TURNS.items() if k != Door.SHUT}, "without an owner"),
        (ROWS[:2], TURNS, "never reached"),
        ((*ROWS, Transition("back", Door.OPEN, RESUME, Turn.SYSTEM)), TURNS, "returns from"),
        (
            (*ROWS, Transition("dig", Door.BRICKED, Door.OPEN, Turn.SYSTEM)),
            TURNS,
            "leaves the final",
        ),
        (
            tuple(row for row in ROWS if row.source is not Door.KNOCKING),
            TURNS,
            "no way out",
        ),
    ],
)
def test_an_unsound_table_does_not_load(rows, turns, complaint) -> None:
    with pytest.raises(ValueError, match=complaint):
        workflow(rows, turns)


def test_the_drawing_shows_rows_that_move_and_the_matrix_all() -> None:
    drawing = mermaid(DOOR)
    assert "[*] --> open: build" in drawing
    assert "shut --> open: unlock" in drawing
    assert "look" not in drawing
    cells = matrix(DOOR).splitlines()
    assert "  unlock                       porter: open  -: .  if has_key, alone" in cells
    assert "  go_away                      porter: .  -: (resume)" in cells
    assert len(cells) == len(TURNS) * (len({row.action for row in ROWS}) + 2) - 1
    assert "| `shut` | SHUT | requested side |" in page(DOOR, label=str.upper)


def test_a_sentence_is_text_that_remembers_its_pattern() -> None:
    sentence = Sentence("{field} is missing (art. {article})", field="Offence", article="29(2)(b)")
    assert sentence == "Offence is missing (art. 29(2)(b))"
    assert sentence.msgid == "{field} is missing (art. {article})"
    assert sentence.values["article"] == "29(2)(b)"
    assert Sentence("100 {sure}").msgid == "100 {sure}"
