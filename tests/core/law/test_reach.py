# SPDX-License-Identifier: Apache-2.0
"""A row of states says of each what the whole answer says."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import Invalid
from comity.law.answer import LegalFacts
from comity.law.engine import assess
from comity.law.matrix import matrix, members
from comity.law.reach import CONTACT_ROLE, RECEIPT, row, states_of

DAY = date(2026, 11, 22)


def asked(measure: str, requesting: str = "NO", *offences: str) -> LegalFacts:
    return LegalFacts(requesting, requesting, measure, offences)


@pytest.mark.parametrize("measure", ["expedited_preservation", "stored_content", "extradition"])
def test_a_row_is_the_row_of_the_matrix(pack, measure):
    found = row(facts=asked(measure), pack=pack, as_of=DAY, states=members(pack))
    cells = matrix(facts=asked(measure), pack=pack, as_of=DAY, involving=frozenset({"NO"})).cells
    assert len(found.states) == len(members(pack)) - 1
    for one in found.states:
        cell = cells[("NO", one.state)]
        assert one.status == cell.status
        if one.status != "none":
            assert set(one.instruments) == set(getattr(cell, one.status))


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_the_speed_comes_from_a_basis_that_the_status_rests_on(pack, data):
    measure = data.draw(st.sampled_from(sorted(pack.measures)))
    own = data.draw(st.sampled_from(members(pack)))
    found = row(facts=asked(measure, own), pack=pack, as_of=DAY)
    assert own not in {one.state for one in found.states}
    for one in found.states:
        if one.contact is not None:
            assert one.contact.basis in one.bases
            assert one.contact.channel.open == "yes"
            assert one.contact.channel.role == CONTACT_ROLE
        if one.period is not None:
            assert one.period.basis in one.bases
            assert one.period.clock.start_event in RECEIPT
        assert (one.status == "none") == (not one.bases)


def test_the_shortest_period_is_chosen_whatever_its_unit(pack):
    facts = LegalFacts("FR", "DE", "stored_computer_data")
    answer = assess(facts=facts, pack=pack, as_of=DAY)
    periods = {
        clock.period
        for basis in answer.usable
        for clock in basis.clocks
        if clock.kind == "maximum" and clock.start_event in RECEIPT
    }
    found = row(facts=facts, pack=pack, as_of=DAY, states=["FR", "DE"])
    assert {"P1W", "PT8H"} & periods
    shortest = "PT8H" if "PT8H" in periods else "P1W"
    assert found.states[0].period.clock.period == shortest


def test_territories_are_asked_and_organisations_are_not(pack):
    names = set(states_of(pack))
    assert {"HK", "NO", "VA"} <= names
    assert not {"EU", "EPO"} & names


def test_an_unknown_state_is_refused(pack):
    with pytest.raises(Invalid) as refused:
        row(facts=asked("general_mla", "QQ"), pack=pack, as_of=DAY)
    assert refused.value.code == "law.unknown_state"
