# SPDX-License-Identifier: Apache-2.0
"""What the engine says is recognised and said again, with what stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from django.utils import translation
from django.utils.html import format_html

import comity_law
from comity.law import LegalFacts, assess
from comity.law.findings import Reason
from comity.law.load import load_parts, read_directory
from comity.law.pack import Pack
from comity.node.desk.law_sentences import said_again


def show(name: str, text: str) -> str:
    return format_html("[{}={}]", name, text)


#: Lines that quote a record, or that so few answers hold that they are still English.
QUOTED = re.compile(
    r"law\.(\w+:.*|threshold|penalty_\w+|treaty_not_recorded|stands_\w+|scope|contents_unverified"
    r"|listed_category|reservation_does_not_reach)"
)
PAIRS = [
    ("NO", "DE"),
    ("US", "FR"),
    ("JP", "BR"),
    ("RU", "ZA"),
    ("DK", "HK"),
    ("IE", "NZ"),
    ("IN", "GB"),
]
MEASURES = ["expedited_preservation", "stored_content", "interception_content", "extradition"]


def reasons(pack: Pack) -> Iterator[Reason]:
    for requesting, requested in PAIRS:
        for measure in MEASURES:
            facts = LegalFacts(requesting, requested, measure, ("illegal_access",))
            for basis in assess(facts=facts, pack=pack, as_of=date(2026, 11, 21)).bases:
                yield from basis.reasons
                if basis.dual_criminality:
                    yield from basis.dual_criminality.reasons


def test_what_the_engine_says_is_known_here():
    found = list(reasons(load_parts([read_directory(comity_law.PATH)])))
    assert len(found) > 200
    with translation.override("ar"):
        unknown = {
            one.text
            for one in found
            if not QUOTED.fullmatch(one.code) and said_again(one.text, show) is None
        }
    assert unknown == set()


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Norway has been bound by the ECMA 1959 since 1962.", "state=Norway instrument=ECMA 1959"),
        (
            "The Netherlands has been bound by the UNCAC since 2007-01-01. (Deposit (art 2) seen.)",
            "state=The Netherlands day=2007-01-01 text=Deposit (art 2) seen.",
        ),
        (
            "Declaration of Japan to article 2: it must infringe security measures.",
            "state=Japan article=2 text=it must infringe security measures",
        ),
    ],
)
def test_what_stands_in_a_sentence_is_kept(text, places):
    with translation.override("ar"):
        said = said_again(text, show)
    assert said is not None
    assert re.search(r"[\u0600-\u06ff]", said)
    for place in re.split(r" (?=\w+=)", places):
        assert f"[{place}]" in said


@pytest.mark.parametrize("text", ["", "Only for search/seizure", "x" * 5000, "(a) (b) (c)."])
def test_other_words_are_left_alone(text):
    with translation.override("ar"):
        assert said_again(text, show) is None
