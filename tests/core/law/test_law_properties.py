# SPDX-License-Identifier: Apache-2.0
"""What holds for every pair of states, every measure and every day.

The oracle here reads the TOML itself and knows nothing of the engine: it says
only whether a state and an instrument are bound on a day.
"""

from __future__ import annotations

import os
import random
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import comity_law
from comity.law import LegalFacts, assess, load_pack
from comity.law.matrix import matrix, members
from comity.law.pack import Pack
from comity.law.standing import Bound, of_instrument, of_state

from .conftest import DAY

PACK: Pack = load_pack(comity_law.PATH)
MEMBERS = members(PACK)
MEASURES = sorted(PACK.measures)
RAW = {
    path.stem: tomllib.loads(path.read_text())
    for path in (comity_law.PATH / "instruments").glob("*.toml")
}
states = st.sampled_from(sorted(PACK.states))
measures = st.sampled_from(MEASURES)
days = st.dates(date(1950, 1, 1), date(2035, 12, 31))
offences = st.lists(st.sampled_from(sorted(PACK.offences)), unique=True, max_size=3)


def first_day(text: str) -> date:
    """The first day that a date of whatever precision can mean."""
    return date.fromisoformat((text + "-01-01")[:10])


def oracle_in_force(name: str, day: date) -> bool:
    head = RAW[name]["instrument"]
    if head["in_force_state"] != "in_force" or head["confidence"] == "unverified":
        return False
    start = head.get("applies_from") or head["in_force"]
    return first_day(start) <= day


def oracle_bound(name: str, state: str, day: date) -> bool:
    rows = [row for row in RAW[name].get("party", []) if row["state"] == state]
    if not rows:
        is_member = PACK.states[state].kind == "member"
        return RAW[name]["parties"]["model"] == "universal_except" and is_member
    return any(
        (
            row["status"] in ("party", "bound")
            and row["confidence"] != "unverified"
            and ("in_force" not in row or first_day(row["in_force"]) <= day)
            and ("until" not in row or first_day(row["until"]) > day)
        )
        or (row["status"] == "withdrawn" and "until" in row and first_day(row["until"]) > day)
        for row in rows
    )


def pairs() -> Iterator[tuple[str, str]]:
    for requesting in MEMBERS:
        for requested in MEMBERS:
            if requesting != requested:
                yield requesting, requested


def check(requesting: str, requested: str, measure: str, day: date, *named: str) -> None:
    """Ask one question and hold the answer against the oracle."""
    facts = LegalFacts(requesting, requested, measure, named)
    answer = assess(facts=facts, pack=PACK, as_of=day)
    assert answer.citations, (requesting, requested, measure)
    for reason in answer.citations:
        assert reason.record
        assert reason.source
    for basis in answer.bases:
        assert basis.reasons
        assert basis.status in ("usable", "not_usable", "undetermined")
        if basis.status == "not_usable":
            assert any(reason.weight == "against" for reason in basis.reasons)
        if basis.status == "undetermined":
            assert any(reason.weight == "open" for reason in basis.reasons)
    for basis in answer.usable:
        assert str(basis.confidence) != "unverified"
        assert oracle_in_force(basis.instrument, day), (basis.instrument, day)
        for state in (requesting, requested):
            assert oracle_bound(basis.instrument, state, day), (basis.instrument, state, day)


@pytest.mark.parametrize("measure", MEASURES)
def test_every_pair_has_only_bases_that_bind_both(measure: str) -> None:
    found = matrix(facts=LegalFacts("", "", measure), pack=PACK, as_of=DAY)
    assert len(found.cells) == 193 * 192
    names = {name for cell in found.cells.values() for name in cell.usable}
    bound = {name: {state for state in MEMBERS if oracle_bound(name, state, DAY)} for name in names}
    for name in names:
        assert oracle_in_force(name, DAY), name
    for (requesting, requested), cell in found.cells.items():
        for name in cell.usable:
            assert requesting in bound[name], (requesting, name)
            assert requested in bound[name], (requested, name)


@pytest.mark.parametrize("measure", MEASURES)
def test_no_exception_and_no_answer_without_citation(measure: str) -> None:
    """One whole answer for every kind of pair, and one for every requested state.

    The status of a basis depends on the kind of pair, which the matrix tells apart
    (one cell object each); contents depend on the requested state besides.
    """
    if os.environ.get("DEEP"):
        chosen = set(pairs())
    else:
        found = matrix(facts=LegalFacts("", "", measure), pack=PACK, as_of=DAY)
        chosen = set({id(cell): pair for pair, cell in found.cells.items()}.values())
        chosen |= {(MEMBERS[at - 1], name) for at, name in enumerate(MEMBERS)}
    for requesting, requested in chosen:
        check(requesting, requested, measure, DAY)


@given(first=states, second=states, measure=measures, named=offences, day=days)
def test_any_question_on_any_day_has_an_answer(
    first: str, second: str, measure: str, named: list[str], day: date
) -> None:
    if first != second:
        facts = LegalFacts(first, second, measure, tuple(named))
        answer = assess(facts=facts, pack=PACK, as_of=day)
        assert answer.citations
        assert answer.to_json()["as_of"] == day.isoformat()


@given(
    first=st.sampled_from(MEMBERS),
    second=st.sampled_from(MEMBERS),
    measure=measures,
    named=offences,
    day=days,
)
def test_the_matrix_says_what_ask_says(
    first: str, second: str, measure: str, named: list[str], day: date
) -> None:
    if first == second:
        return
    facts = LegalFacts(first, second, measure, tuple(named))
    answer = assess(facts=facts, pack=PACK, as_of=day)
    found = matrix(facts=facts, pack=PACK, as_of=day, states=[first, second])
    cell = found.cells[(first, second)]
    assert list(cell.usable) == list(dict.fromkeys(b.instrument for b in answer.usable))
    assert set(cell.undetermined) == {b.instrument for b in answer.undetermined}


def test_the_whole_matrix_says_what_ask_says() -> None:
    """The judgement of one pair stands for all pairs of its kind: compare with single asks."""
    facts = LegalFacts("", "", "general_mla", ("illegal_access",))
    found = matrix(facts=facts, pack=PACK, as_of=DAY)
    for first, second in random.Random(7).sample(list(pairs()), 400):
        asked = LegalFacts(first, second, "general_mla", ("illegal_access",))
        answer = assess(facts=asked, pack=PACK, as_of=DAY)
        cell = found.cells[(first, second)]
        assert list(cell.usable) == list(dict.fromkeys(b.instrument for b in answer.usable))


INSTRUMENTS = sorted(PACK.instruments)


def test_between_the_parts_of_one_state_no_treaty_stands_nor_in_the_matrix() -> None:
    """A territory is no foreign state to its own, and its row and its cell say the same."""
    wholes = {name: state.of for name, state in PACK.states.items() if state.of is not None}
    names = {*wholes, *wholes.values()}
    found = matrix(facts=LegalFacts("", "", "general_mla"), pack=PACK, as_of=DAY, states=names)
    for pair, cell in found.cells.items():
        answer = assess(facts=LegalFacts(*pair, "general_mla"), pack=PACK, as_of=DAY)
        assert {b.instrument for b in answer.usable} == set(cell.usable), pair
        assert {b.instrument for b in answer.undetermined} == set(cell.undetermined), pair
        first, second = (wholes.get(name, name) for name in pair)
        if first == second:
            assert not answer.bases
            assert "one state" in " ".join(answer.notes)
            assert [reason.article for reason in answer.citations] == [
                "Vienna Convention on the Law of Treaties, article 29"
            ]


@given(name=st.sampled_from(INSTRUMENTS), state=st.sampled_from(MEMBERS), early=days, later=days)
def test_a_state_bound_until_withdrawal_stays_bound_in_between(
    name: str, state: str, early: date, later: date
) -> None:
    instrument = PACK.instruments[name]
    early, later = sorted((early, later))
    first, last = (of_state(instrument, state, day, PACK).bound for day in (early, later))
    ends = [row.until for row in instrument.parties.get(state, ()) if row.until is not None]
    if not any(end.earliest <= later for end in ends):
        assert first <= last
    if first is Bound.YES and last is Bound.YES:
        middle = early + (later - early) / 2
        assert of_state(instrument, state, middle, PACK).bound is Bound.YES


@given(name=st.sampled_from(INSTRUMENTS), early=days, later=days)
def test_an_instrument_once_in_force_stays_so_until_its_term_ends(
    name: str, early: date, later: date
) -> None:
    instrument = PACK.instruments[name]
    early, later = sorted((early, later))
    term = instrument.term_ends
    if term is None or later < term.earliest:
        first, last = (of_instrument(instrument, day).bound for day in (early, later))
        assert first <= last


@given(first=st.sampled_from(MEMBERS), second=st.sampled_from(MEMBERS), measure=measures, day=days)
def test_time_takes_a_basis_away_only_by_a_rule(
    first: str, second: str, measure: str, day: date
) -> None:
    """A basis usable one day is usable the next, unless something ended or took its place."""
    if first == second:
        return
    facts = LegalFacts(first, second, measure)
    before = assess(facts=facts, pack=PACK, as_of=day)
    after = assess(facts=facts, pack=PACK, as_of=day + timedelta(days=1))
    now = {basis.instrument: basis for basis in after.bases}
    for basis in before.usable:
        other = now[basis.instrument]
        if other.status != "usable":
            codes = {reason.code for reason in other.reasons if reason.weight != "for"}
            assert any(
                code.startswith(("law.displaces", "law.withdrawn", "law.instrument_term"))
                or code in ("law.article_excluded", "law.measure_limited")
                for code in codes
            ), codes


@given(
    first=st.sampled_from(MEMBERS),
    second=st.sampled_from(MEMBERS),
    measure=measures,
    named=offences,
    months=st.integers(0, 400),
)
def test_more_facts_never_make_a_settled_answer_open(
    first: str, second: str, measure: str, named: list[str], months: int
) -> None:
    """Stating the penalty can settle a basis either way; it never unsettles one."""
    if first == second:
        return
    unknown = assess(facts=LegalFacts(first, second, measure, tuple(named)), pack=PACK, as_of=DAY)
    stated = assess(
        facts=LegalFacts(first, second, measure, tuple(named), maximum_months=months),
        pack=PACK,
        as_of=DAY,
    )
    now = {(b.instrument, b.provision): b.status for b in stated.bases}
    for basis in unknown.bases:
        after = now[(basis.instrument, basis.provision)]
        if basis.status != "undetermined":
            assert after in ("not_usable", "usable")
        elif "maximum_months" not in basis.missing:
            assert after == "undetermined"  # what the penalty does not decide, it does not settle
