# SPDX-License-Identifier: Apache-2.0
"""Who may send a request to whom (art. 27(2), 27(9)): what the guard lets through and says."""

from __future__ import annotations

from dataclasses import replace

import pytest

import comity_law
from comity.assistance.channels import RUNS_BETWEEN, reasons_against_channel
from comity.assistance.facts import ChannelFacts
from comity.assistance.model import Kind, Urgency
from comity.authorities.model import Role
from comity.errors import Refused
from comity.law.load import load_pack
from comity.workflow.table import Turn
from support import requests
from support.two_sides import ALL_ROLES, OUT, TwoSides

CENTRAL, POINT, JUDGE = Role.CENTRAL, Role.CONTACT_24_7, Role.COMPETENT
ART_31 = ("central_authority", "urgent_direct_judicial_with_copy", "interpol")
ART_29 = ("24_7_contact", "central_authority", "interpol", "urgent_direct")


def reasons(codes, own, other, *, urgency=Urgency.ORDINARY, closed=()):
    both = TwoSides()
    channels = tuple(ChannelFacts(code=c, open="no" if c in closed else "yes") for c in codes)
    situation = both.situation(OUT, requests.FIRST, ALL_ROLES)
    law = situation.law
    basis = replace(law.bases[0], channels=channels)
    content = replace(situation.request.content, urgency=urgency)
    return tuple(
        reasons_against_channel(
            replace(
                situation,
                request=replace(situation.request, content=content),
                law=replace(law, bases=(basis,)),
                own_roles=None if own is None else frozenset(own),
                peer_roles=None if other is None else frozenset(other),
            )
        )
    )


@pytest.mark.parametrize(
    ("codes", "own", "other", "urgency"),
    [
        (ART_31, {CENTRAL}, {CENTRAL}, Urgency.ORDINARY),
        (ART_31, {CENTRAL, POINT}, {CENTRAL, JUDGE}, Urgency.EXPEDITED),
        (ART_31, {JUDGE}, {JUDGE}, Urgency.URGENT),
        (ART_29, {POINT}, {POINT}, Urgency.ORDINARY),
        (ART_29, {CENTRAL}, {POINT}, Urgency.ORDINARY),
        ((), {POINT}, {JUDGE}, Urgency.ORDINARY),
        (("interpol", "diplomatic"), {POINT}, {JUDGE}, Urgency.ORDINARY),
        (ART_31, None, {JUDGE}, Urgency.ORDINARY),
    ],
)
def test_who_may(*, codes, own, other, urgency) -> None:
    assert reasons(codes, own, other, urgency=urgency) == ()


@pytest.mark.parametrize(
    ("codes", "own", "other", "urgency", "closed", "article"),
    [
        (ART_31, {POINT}, {CENTRAL, POINT}, Urgency.URGENT, (), "27(2)"),
        (ART_31, {POINT}, {POINT}, Urgency.ORDINARY, (), "27(2)"),
        (ART_31, {JUDGE}, {CENTRAL}, Urgency.URGENT, (), "27(2)"),
        (ART_31, {JUDGE}, {JUDGE}, Urgency.ORDINARY, (), "27(9)(a)"),
        (ART_31, {JUDGE}, {JUDGE}, Urgency.EXPEDITED, (), "27(9)(a)"),
        (ART_31, {JUDGE}, {JUDGE}, Urgency.URGENT, ART_31[1:2], "27(9)(e)"),
        (ART_29, {JUDGE}, {POINT}, Urgency.URGENT, (), "27(2)"),
        (ART_29, {Role.FORENSIC}, {POINT}, Urgency.URGENT, (), "27(2)"),
    ],
)
def test_who_may_not_and_by_which_article(*, codes, own, other, urgency, closed, article) -> None:
    [reason] = reasons(codes, own, other, urgency=urgency, closed=closed)
    assert f"art. {article})" in reason


def test_a_request_of_the_wrong_authority_is_not_submitted() -> None:
    both = TwoSides(kind=Kind.MUTUAL_ASSISTANCE)
    basis = replace(
        both.law.bases[0], channels=(ChannelFacts(code="central_authority", open="yes"),)
    )
    both.law = replace(both.law, bases=(basis,))
    both.own_roles, both.peer_roles = frozenset({POINT}), frozenset({CENTRAL})
    with pytest.raises(Refused) as refused:
        both.act(OUT, "submit", officer=requests.DRAFTER)
    assert any("27(2)" in reason for reason in refused.value.reasons)
    both.own_roles = frozenset({CENTRAL})
    assert both.act(OUT, "submit", officer=requests.DRAFTER).turn is Turn.REQUESTING


def test_every_channel_that_is_named_here_is_one_of_the_pack() -> None:
    assert set(RUNS_BETWEEN) <= set(load_pack(comity_law.PATH).codes["channel"])
