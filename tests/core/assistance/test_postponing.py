# SPDX-License-Identifier: Apache-2.0
"""Postponing action on a request (27(5)): after a consultation, with a date, and back again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

import comity_law
from comity.assistance import clocks, record
from comity.assistance import messages as m
from comity.assistance.actions import ACTION_FORMS
from comity.assistance.clocks import ClockStatus
from comity.assistance.decide import available, take
from comity.assistance.law_facts import law_facts
from comity.assistance.messages import ConsultationSubject
from comity.assistance.model import Kind, State
from comity.errors import Invalid, Refused
from comity.law.answer import LegalFacts
from comity.law.engine import assess
from comity.law.load import load_pack
from support import requests
from support.two_sides import ALL_ROLES, IN, OUT, TwoSides

ABOUT = ConsultationSubject.POSTPONEMENT


@pytest.fixture(scope="module")
def pack():
    return load_pack(comity_law.PATH)


def consulted(both: TwoSides, **others: object) -> TwoSides:
    """Consult about postponing; the requesting side replies."""
    both.act(IN, "open_consultation", **both.consultation(about=ABOUT, ground="", **others))
    both.settle()
    both.act(OUT, "reply_consultation", text="We can wait a month, no longer.")
    both.settle()
    return both


def postpone(both: TwoSides, days: int = 30) -> None:
    both.act(IN, "postpone", until=both.soon(days), reasons="Arrests are planned here.")
    both.settle()


@pytest.mark.parametrize("stage", ["acknowledged", "accepted", "in_execution"])
def test_both_sides_see_reason_and_date_and_the_request_goes_on_where_it_stood(stage) -> None:
    both = getattr(TwoSides(), stage)()
    before = (both.asking.state, both.asked.state)
    consulted(both)
    postpone(both)
    assert both.asking.state is both.asked.state is State.POSTPONED
    assert both.asking.postponed == both.asked.postponed
    for side in (IN, OUT):
        [view] = clocks.clocks(request=both.record(side), legal=(), now=both.now)
        assert (view.id, view.due, view.status) == (
            "postponed",
            both.asked.postponed.until,
            ClockStatus.RUNNING,
        )
        assert record.read_record(record.write_record(both.record(side))) == both.record(side)
    both.wait(days=31)
    [view] = clocks.clocks(request=both.asking, legal=(), now=both.now)
    assert view.status is ClockStatus.OVERDUE
    both.act(IN, "take_up", text="The arrests were made.")
    both.settle()
    assert (both.asking.state, both.asked.state) == before
    assert both.asking.postponed is both.asked.postponed is None
    assert clocks.clocks(request=both.asking, legal=(), now=both.now) == ()


def test_nobody_postpones_without_a_consultation_about_it() -> None:
    both = TwoSides().acknowledged()
    with pytest.raises(Refused) as refused:
        postpone(both)
    assert any("27(6)" in reason for reason in refused.value.reasons)
    both.act(IN, "open_consultation", **both.consultation())  # about a refusal
    both.settle()
    both.act(OUT, "reply_consultation", text="No.")
    both.settle()
    with pytest.raises(Refused):
        postpone(both)
    both.act(IN, "open_consultation", **both.consultation(about=ABOUT, ground=""))
    with pytest.raises(Refused) as refused:
        postpone(both)
    assert "reply date has not passed" in refused.value.reasons[0]
    both.settle()
    both.wait(days=12)
    postpone(both)
    assert both.asking.state is State.POSTPONED


def test_one_consultation_serves_one_postponement() -> None:
    both = consulted(TwoSides().acknowledged())
    postpone(both)
    both.act(IN, "take_up")
    both.settle()
    with pytest.raises(Refused):
        postpone(both)


def test_after_it_the_request_can_be_refused_or_accepted_and_withdrawn_during_it() -> None:
    both = consulted(TwoSides().acknowledged())
    postpone(both)
    situation = both.situation(IN, requests.CENTRAL, ALL_ROLES)
    assert [one.action for one in available(situation=situation)] == ["take_up"]
    both.act(OUT, "supplement", text="The witness has moved.")
    both.settle()
    both.act(IN, "take_up")
    both.act(IN, "accept")
    both.settle()
    assert both.asking.state is State.ACCEPTED
    other = consulted(TwoSides().acknowledged())
    postpone(other)
    other.act(OUT, "withdraw", reasons="We cannot wait.")
    other.settle()
    assert other.asked.state is State.WITHDRAWN


def test_a_preservation_is_not_postponed() -> None:
    both = consulted(TwoSides(kind=Kind.PRESERVATION).acknowledged())
    with pytest.raises(Refused) as refused:
        postpone(both)
    assert any("27(5)" in reason for reason in refused.value.reasons)


def test_the_date_lies_in_the_future_and_the_article_is_that_of_the_law() -> None:
    both = consulted(TwoSides().acknowledged())
    with pytest.raises(Invalid):
        both.act(IN, "postpone", until=both.now - timedelta(days=1), reasons="x")
    postpone(both)
    assert both.asking.postponed.article == both.asked.postponed.article == "27(5)"


def under(both: TwoSides, **others: object) -> TwoSides:
    """Let another law judge the request from here on."""
    both.law = replace(both.law, bases=(replace(both.law.bases[0], **others),))
    return both


@pytest.mark.parametrize("stated", ["", " ", "\n"])
def test_without_a_rule_that_applies_the_officer_states_the_legal_ground(stated) -> None:
    none = {"postponement": "", "postponement_article": "", "displaced": True}
    both = under(consulted(TwoSides().acknowledged()), **none)
    act = {"until": both.soon(), "reasons": "Arrests are planned here."}
    with pytest.raises(Invalid) as invalid:
        both.act(IN, "postpone", **act, legal_ground=stated)
    assert invalid.value.details["field"] == "legal_ground"
    both.act(IN, "postpone", **act, legal_ground="Treaty of 1998, art. 3(1)")
    both.settle()
    assert both.asking.postponed.article == "Treaty of 1998, art. 3(1)"


def test_a_rule_whose_article_is_not_recorded_is_cited_with_none() -> None:
    both = under(consulted(TwoSides().acknowledged()), postponement_article="")
    postpone(both)
    assert both.asking.postponed.article == ""


@pytest.mark.parametrize("others", [{"displaced": True}, {"instrument": "us_jp_mlat"}])
def test_no_other_basis_is_given_the_articles_of_the_budapest_convention(others) -> None:
    for kind in Kind:
        both = TwoSides(kind=kind).acknowledged()
        instrument = others.get("instrument", "coe_185")
        content = replace(both.asked.content, instrument=instrument)
        both.asked = replace(both.asked, content=content)
        under(both, **others)
        with pytest.raises(Refused) as refused:
            both.act(IN, "postpone", until=both.soon(), reasons="x")
        assert refused.value.reasons
        assert not [reason for reason in refused.value.reasons if "27(" in reason]
    assert not [form for form in ACTION_FORMS.values() if "27(" in form.explanation]


@pytest.mark.parametrize(
    ("pair", "instrument", "measure", "article"),
    [
        (("JP", "GH"), "coe_185", "stored_content", "27(5)"),
        (("DE", "DK"), "coe_185", "stored_content", None),
        (("DE", "JP"), "coe_185", "stored_content", None),
        (("US", "FR"), "coe_185", "stored_content", None),
        (("US", "FR"), "us_fr_mlat", "stored_content", ""),
        (("DE", "FR"), "eu_eio", "stored_content", "15"),
        (("DE", "DK"), "coe_030", "stored_content", "6(1)"),
        (("DE", "JP"), "eu_jp_mla_2009", "stored_content", ""),  # the pack doubts the paragraph
        (("CL", "US"), "oas_nassau", "stored_content", ""),
        (("DE", "JP"), "un_cac", "stored_content", None),  # 46(25) gives way as well
        (("JP", "GH"), "un_cac", "stored_content", "46(25)"),
        (("JP", "GH"), "coe_185", "expedited_preservation", None),
    ],
)
def test_the_rule_and_its_article_are_those_of_the_basis(
    pack, pair, instrument, measure, article
) -> None:
    facts = LegalFacts(requesting=pair[0], requested=pair[1], measure=measure)
    found = law_facts(assess(facts=facts, pack=pack, as_of=date(2026, 11, 28)))
    basis = found.basis(instrument)
    assert bool(basis.postponement) is (article is not None)
    assert basis.postponement_article == (article or "")


def test_a_peer_cannot_postpone_on_a_consultation_that_was_not() -> None:
    both = TwoSides().acknowledged()
    words = {"request_id": both.asking.id, "article": "27(5)", "reasons": "x"}
    message = m.Postponement(**words, until=both.soon(), consultation=both.fresh())
    with pytest.raises(Refused):
        take(situation=both.situation(OUT), message=message)
    both.act(IN, "open_consultation", **both.consultation(about=ABOUT, ground=""))
    both.settle()
    with pytest.raises(Invalid, match="consultation"):
        take(situation=both.situation(OUT), message=message)
    held = both.asking.consultations[-1].id
    named = m.Postponement(**words, until=both.soon(), consultation=held)
    with pytest.raises(Invalid, match="not answered"):
        take(situation=both.situation(OUT), message=named)


def test_a_record_of_an_earlier_version_is_read() -> None:
    both = TwoSides().acknowledged()
    old = dict(record.write_record(both.asked))
    del old["postponed"]
    assert record.read_record(old) == both.asked
