# SPDX-License-Identifier: Apache-2.0
"""Who may send a request to whom (art. 27(2), 27(9)): what the guard lets through and says.

A lawful request must never be impossible to send: most of this is about what is let through.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

import comity_law
from comity.assistance.channels import NOT_BETWEEN_NODES, WAYS, reasons_against_channel
from comity.assistance.facts import ChannelFacts
from comity.assistance.law_facts import law_facts
from comity.assistance.model import Kind, Urgency
from comity.authorities.model import Role
from comity.errors import Refused
from comity.law.answer import LegalFacts
from comity.law.engine import assess
from comity.law.load import load_pack
from comity.workflow.table import Turn
from support import requests
from support.two_sides import ALL_ROLES, OUT, TwoSides

CENTRAL, POINT, JUDGE, LAB = Role.CENTRAL, Role.CONTACT_24_7, Role.COMPETENT, Role.FORENSIC
ART_29, ART_31, GENERAL = "expedited_preservation", "stored_content", "stored_computer_data"
#: Two parties to the Convention between which no treaty on mutual assistance is recorded.
ALONE = ("JP", "GH")
TO_US = ("GH", "US")


@pytest.fixture(scope="module")
def pack():
    return load_pack(comity_law.PATH)


def basis_of(pack, measure, pair=ALONE, instrument="coe_185"):
    def ask(measure):
        facts = LegalFacts(requesting=pair[0], requested=pair[1], measure=measure)
        return assess(facts=facts, pack=pack, as_of=date(2026, 11, 28))

    found = law_facts(ask(measure), general=ask(GENERAL)).basis(instrument)
    assert found is not None
    assert found.channels
    return found


def reasons(basis, own, other, *, urgency=Urgency.ORDINARY, measure=ART_31):
    kind = Kind.PRESERVATION if measure == ART_29 else Kind.MUTUAL_ASSISTANCE
    situation = TwoSides(kind=kind).situation(OUT, requests.FIRST, ALL_ROLES)
    content = replace(
        situation.request.content, urgency=urgency, measure=measure, instrument=basis.instrument
    )
    return tuple(
        reasons_against_channel(
            replace(
                situation,
                request=replace(situation.request, content=content),
                law=replace(situation.law, bases=(basis,)),
                own_roles=None if own is None else frozenset(own),
                peer_roles=None if other is None else frozenset(other),
            )
        )
    )


def without(basis, *codes):
    return replace(basis, channels=tuple(c for c in basis.channels if c.code not in codes))


@pytest.mark.parametrize(
    ("measure", "pair", "own", "other"),
    [
        (ART_31, ALONE, {CENTRAL}, {CENTRAL}),
        (ART_31, ALONE, {CENTRAL, POINT}, {CENTRAL, JUDGE}),
        # 27(9)(d): without compulsion, and not in a hurry
        ("subscriber_info", ALONE, {JUDGE}, {JUDGE}),
        (ART_31, ALONE, {JUDGE}, {JUDGE}),
        # 27(9)(e): not every declaration is recorded
        (ART_31, ALONE, {JUDGE}, {CENTRAL}),
        (ART_31, TO_US, {JUDGE}, {CENTRAL}),
        (ART_31, None, {JUDGE}, {JUDGE}),
        (ART_29, ALONE, {POINT}, {POINT}),
        (ART_29, ALONE, {CENTRAL}, {POINT}),
        (ART_29, ALONE, {POINT}, {CENTRAL}),
        (ART_29, ALONE, {JUDGE}, {POINT}),
        (ART_29, ALONE, {JUDGE}, {JUDGE}),  # a preservation is always urgent
        (ART_29, TO_US, {JUDGE}, {CENTRAL}),
        (ART_29, TO_US, {POINT}, {POINT}),
    ],
)
@pytest.mark.parametrize("urgency", list(Urgency))
def test_who_may_under_the_budapest_convention(*, pack, measure, pair, own, other, urgency) -> None:
    basis = basis_of(pack, measure, pair or TO_US)
    assert reasons(basis, own, other, urgency=urgency, measure=measure) == ()


@pytest.mark.parametrize(
    ("measure", "pair", "own", "other", "article"),
    [
        (ART_31, ALONE, {POINT}, {POINT}, "27(2)"),
        (ART_31, ALONE, {POINT}, {CENTRAL, POINT}, "27(2)"),
        (ART_31, ALONE, {JUDGE}, {POINT}, "27(2)"),
        (ART_31, ALONE, {LAB}, {CENTRAL}, "27(2)"),
        (ART_29, ALONE, {LAB}, {POINT}, "27(2)"),
        (ART_29, ALONE, {JUDGE}, {LAB}, "27(2)"),
        (ART_29, TO_US, {JUDGE}, {JUDGE}, "27(9)(e)"),
    ],
)
def test_who_may_not_and_by_which_article(*, pack, measure, pair, own, other, article) -> None:
    [reason] = reasons(basis_of(pack, measure, pair), own, other, measure=measure)
    assert f"art. {article})" in reason


def test_what_is_direct_in_urgent_cases_only_is_sent_in_those(pack) -> None:
    basis = without(basis_of(pack, ART_31), "direct_non_coercive")
    for urgency in (Urgency.ORDINARY, Urgency.EXPEDITED):
        [reason] = reasons(basis, {JUDGE}, {JUDGE}, urgency=urgency)
        assert "art. 27(9)(a))" in reason
    assert reasons(basis, {JUDGE}, {JUDGE}, urgency=Urgency.URGENT) == ()


@pytest.mark.parametrize("pair", [("DE", "DK"), ("DE", "JP"), ("DE", "US"), ("US", "FR")])
@pytest.mark.parametrize("measure", [ART_29, ART_31])
def test_where_another_treaty_governs_article_27_says_nothing(pack, pair, measure) -> None:
    basis = basis_of(pack, measure, pair)
    assert basis.displaced  # 27(1)
    for own, other in (({JUDGE}, {JUDGE}), ({POINT}, {CENTRAL}), ({JUDGE}, {POINT})):
        assert reasons(basis, own, other, measure=measure) == ()


@pytest.mark.parametrize(
    ("instrument", "pair", "measure"),
    [
        ("eu_eio", ("DE", "FR"), ART_29),
        ("eu_eio", ("DE", "FR"), ART_31),
        ("eu_mla_2000", ("DE", "DK"), ART_31),
        ("coe_030", ("DE", "DK"), ART_31),
    ],
)
def test_judges_and_central_authorities_of_europe_write_to_each_other(
    pack, instrument, pair, measure
) -> None:
    basis = replace(basis_of(pack, measure, pair, instrument), verified=True)
    for own, other in ((JUDGE, JUDGE), (JUDGE, CENTRAL), (CENTRAL, JUDGE), (CENTRAL, CENTRAL)):
        assert reasons(basis, {own}, {other}, measure=measure) == ()


def test_nothing_is_said_where_the_pack_leaves_a_doubt(pack) -> None:
    basis = basis_of(pack, ART_31)
    unknown = ChannelFacts(code="designated_national_authorities", open="yes")
    elsewhere = tuple(one for one in basis.channels if one.code in NOT_BETWEEN_NODES)
    assert elsewhere
    assert reasons(basis, {LAB}, {POINT})
    for other in (
        replace(basis, verified=False),
        replace(basis, displaced=True),
        replace(basis, channels=(*basis.channels, unknown)),
        replace(basis, channels=()),
        replace(basis, channels=elsewhere),
    ):
        assert reasons(other, {LAB}, {POINT}) == ()
    assert reasons(basis, None, {POINT}) == reasons(basis, {LAB}, None) == ()


def test_a_request_of_the_wrong_authority_is_not_submitted(pack) -> None:
    both = TwoSides(kind=Kind.MUTUAL_ASSISTANCE)
    law = basis_of(pack, ART_31)
    basis = replace(both.law.bases[0], channels=law.channels, verified=True)
    both.law = replace(both.law, bases=(basis,))
    both.own_roles, both.peer_roles = frozenset({POINT}), frozenset({CENTRAL})
    with pytest.raises(Refused) as refused:
        both.act(OUT, "submit", officer=requests.DRAFTER)
    assert any("27(2)" in reason for reason in refused.value.reasons)
    both.own_roles = frozenset({CENTRAL})
    assert both.act(OUT, "submit", officer=requests.DRAFTER).turn is Turn.REQUESTING


def test_every_channel_that_is_named_here_is_one_of_the_pack(pack) -> None:
    assert not set(WAYS) & NOT_BETWEEN_NODES
    assert set(WAYS) | NOT_BETWEEN_NODES <= set(pack.codes["channel"])
