# SPDX-License-Identifier: Apache-2.0
"""The two tables as a reviewed text, and what must be true of them as tables.

After a deliberate change: COMITY_WRITE=1 pytest tests/core/assistance/test_tables.py,
then read the difference line by line.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from comity.assistance import decide
from comity.assistance.actions import ACTION_FORMS
from comity.assistance.decide.received import EFFECTS
from comity.assistance.events import EVENT_NAMES, EVENT_OF, Event
from comity.assistance.labels import STATE_LABELS, state_label
from comity.assistance.messages import READERS
from comity.assistance.model import Direction, Kind, OfficerRole, State
from comity.assistance.tables import INCOMING, OUTGOING, TABLES
from comity.errors import Invalid
from comity.workflow.diagram import matrix
from comity.workflow.table import Turn
from support import requests
from support.shared import PROJECT

HERE = Path(__file__).parent
BOTH = pytest.mark.parametrize("direction", list(Direction))


@BOTH
def test_the_matrix_of_states_actions_and_roles_is_the_reviewed_one(direction) -> None:
    reviewed = HERE / f"matrix_{direction}.txt"
    text = matrix(TABLES[direction])
    if os.environ.get("COMITY_WRITE"):
        reviewed.write_text(text, encoding="utf-8")
    assert reviewed.read_text(encoding="utf-8") == text


def test_the_page_of_the_manual_is_not_stale() -> None:
    sys.path.insert(0, str(PROJECT / "scripts"))
    from reference.workflows import workflow_page

    page = PROJECT / "docs/reference/workflows.md"
    if os.environ.get("COMITY_WRITE"):
        page.write_text(workflow_page(), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == workflow_page()


@BOTH
def test_every_action_has_a_form_a_function_and_an_event(direction) -> None:
    officers = {row.action for row in TABLES[direction].transitions if row.roles}
    assert {name for side, name in ACTION_FORMS if side is direction} == officers
    assert {name for side, name in decide.ACTIONS if side is direction} == officers
    every = {row.action for row in TABLES[direction].transitions} | {TABLES[direction].opening}
    assert {name for side, name in EVENT_OF if side is direction} == every


@BOTH
def test_every_state_has_a_label_and_an_owner(direction) -> None:
    states = set(TABLES[direction].turns)
    assert {state for side, state in STATE_LABELS if side is direction} == states
    for state in states:
        assert state_label(direction=direction, kind=Kind.PRESERVATION, state=state)
        final = state in TABLES[direction].final
        assert (TABLES[direction].turns[state] is Turn.SYSTEM) == final


@BOTH
def test_officers_of_one_side_have_only_the_roles_of_that_side(direction) -> None:
    own = {"drafter", "approver"} if direction is Direction.OUTGOING else {"central"}
    for row in TABLES[direction].transitions:
        assert row.roles <= own
        assert row.roles <= {role.value for role in OfficerRole}


def test_sending_has_all_four_guards_of_the_contents_and_two_approvals() -> None:
    row = OUTGOING.row(state=State.AWAITING_APPROVAL, action="send")
    assert {guard.name for guard in row.guards} == {
        "has_basis",
        "channel_open",
        "fields_complete",
        "urgency_explained",
        "preservation_linked",
        "two_approvals",
    }
    senders = [row.source for row in OUTGOING.transitions if row.to is State.SENT]
    assert senders.count(State.AWAITING_APPROVAL) == 1
    assert set(senders) == {State.AWAITING_APPROVAL, State.SENT}  # SENT: a supplement stays


def test_no_way_to_a_refusal_without_the_guard_of_consultation() -> None:
    for table, guard in ((INCOMING, "consulted"), (OUTGOING, "consultation_opened")):
        rows = [row for row in table.transitions if row.to is State.REFUSED != row.source]
        assert rows
        assert all(guard in {check.name for check in row.guards} for row in rows)


def test_withdrawal_is_possible_from_every_open_state_after_sending() -> None:
    unsent = {State.DRAFT, State.AWAITING_APPROVAL}
    open_states = set(OUTGOING.turns) - unsent - OUTGOING.final
    withdrawing = {row.source for row in OUTGOING.transitions if row.action == "withdraw"}
    assert withdrawing == open_states


def test_every_message_has_effects_that_the_tables_know() -> None:
    assert set(EFFECTS) == set(READERS)
    actions = {row.action for table in TABLES.values() for row in table.transitions}
    actions.add(INCOMING.opening)
    caused = {name for names in EFFECTS.values() for name in names}
    assert caused <= actions
    noted = {"package_checked", "mutual_assistance_received", "mutual_assistance_decided"}
    noted.add("preservation_lapsed")
    by_officers = {name for _, name in decide.ACTIONS}
    assert actions - by_officers - noted == caused


def test_event_names_are_a_closed_list_in_the_past_tense() -> None:
    assert all(name.count(".") == 1 and name.islower() for name in EVENT_NAMES)
    with pytest.raises(Invalid):
        Event(name="request.imagined", request_id=requests.an_id("x"), at=requests.START)


@BOTH
@pytest.mark.parametrize("role", ["examiner", "supervisor", "operator", "nobody"])
def test_other_roles_have_no_action_in_any_state(direction, role) -> None:
    table = TABLES[direction]
    assert [row for row in table.transitions if role in row.roles] == []
