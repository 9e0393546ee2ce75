# SPDX-License-Identifier: Apache-2.0
"""What the real law pack says reaches the guards, the forms and the clocks."""

from __future__ import annotations

from datetime import date

import pytest

import comity_law
from comity.assistance import decide
from comity.assistance.clocks import ClockStatus, clocks
from comity.assistance.fields import FIELDS, form_for
from comity.assistance.law_facts import law_facts
from comity.assistance.model import MEASURES, Kind
from comity.law.answer import LegalFacts
from comity.law.engine import assess
from comity.law.load import load_pack
from core.assistance.test_clocks import IN, held
from support import requests


@pytest.fixture(scope="module")
def pack():
    return load_pack(comity_law.PATH)


def answer(pack, measure: str):
    facts = LegalFacts(
        requesting="NO", requested="JP", measure=measure, offences=("illegal_access",)
    )
    return law_facts(assess(facts=facts, pack=pack, as_of=date(2026, 11, 21)))


def test_the_convention_asks_for_what_its_article_29_lists(pack) -> None:
    basis = answer(pack, "expedited_preservation").basis("coe_185")
    asked = {entry.field: entry.article for entry in basis.requires if entry.required}
    expected = {
        entry.field: entry.article
        for entry in requests.law_for(Kind.PRESERVATION).bases[0].requires
        if entry.required
    }
    assert basis.status == "usable"
    assert set(asked) == set(expected)
    assert all(article.startswith("29") for article in asked.values())
    assert {ground.code for ground in basis.grounds} >= {"political", "essential_interests"}


@pytest.mark.parametrize("measure", [name for names in MEASURES.values() for name in names])
def test_every_required_field_of_every_basis_can_be_filled_in(pack, measure) -> None:
    found = answer(pack, measure)
    assert found.basis("coe_185") is not None
    kind = next(kind for kind, names in MEASURES.items() if measure in names)
    for basis in found.bases:
        required = [entry.field for entry in basis.requires if entry.required]
        form = {field.id for field in form_for(kind=kind, required=required)}
        assert set(required) <= form, basis.instrument


def test_every_request_field_of_the_law_is_a_field_here(pack) -> None:
    assert set(pack.fields) <= set(FIELDS)


def test_the_clock_of_the_convention_continues_once_assistance_is_asked(pack) -> None:
    both = held()
    both.law = answer(pack, "expedited_preservation")
    legal = both.law.basis("coe_185").clocks
    views = {view.id: view for view in clocks(request=both.asked, legal=legal, now=both.now)}
    minimum = views["minimum_preservation"]
    assert (minimum.status, minimum.article) == (ClockStatus.RUNNING, "29(7)")
    both.note(
        IN,
        decide.note_assistance_received,
        assistance_id=both.fresh(),
        received=both.now,
    )
    views = {view.id: view for view in clocks(request=both.asked, legal=legal, now=both.now)}
    assert views["minimum_preservation"].status is ClockStatus.CONTINUES
