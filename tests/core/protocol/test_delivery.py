# SPDX-License-Identifier: Apache-2.0
"""The table of delivery, the order of a queue, the pauses, the series of a case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId
from comity.errors import Conflict
from comity.protocol.delivery import (
    AWAITING,
    DELIVERY,
    LONGEST_PAUSE,
    OPEN,
    Delivery,
    Line,
    Place,
    Taken,
    Waiting,
    after_receipt,
    choose,
    missing_of_series,
    next_of_series,
    pause,
)
from comity.protocol.parcel import Priority
from comity.protocol.receipt import Kind
from support.authorities import BEGIN
from support.requests import an_id

#: How much a state proves: more is never given up for less.
PROVEN = {
    Delivery.QUEUED: 0,
    Delivery.ACCEPTED: 1,
    Delivery.REFUSED: 1,
    Delivery.FAILED: 1,
    Delivery.RELAYED: 2,
    Delivery.NOT_DELIVERED: 3,
    Delivery.DELIVERED: 4,
    Delivery.HANDED_OVER: 5,
}


def test_the_table_knows_every_state() -> None:
    assert set(DELIVERY) == set(Delivery) == set(PROVEN)
    assert not OPEN & AWAITING


def test_the_straight_way() -> None:
    state = Delivery.QUEUED
    for kind, expected in [
        (Kind.ACCEPTED, Delivery.ACCEPTED),
        (Kind.RELAYED, Delivery.RELAYED),
        (Kind.DELIVERED, Delivery.DELIVERED),
        (Kind.HANDED_OVER, Delivery.HANDED_OVER),
    ]:
        state = after_receipt(state, kind)
        assert state is expected


@given(st.lists(st.sampled_from(Kind), max_size=12))
def test_what_has_been_proven_is_never_given_up(kinds: list[Kind]) -> None:
    state = Delivery.QUEUED
    for kind in kinds:
        following = after_receipt(state, kind)
        if kind is not Kind.RELAY_FAILED:  # our own node's word, when it gives up waiting
            assert PROVEN[following] >= PROVEN[state]
        state = following
    if Kind.HANDED_OVER in kinds:
        assert state is Delivery.HANDED_OVER
    elif Kind.DELIVERED in kinds:
        assert state is Delivery.DELIVERED


@given(st.permutations([Kind.ACCEPTED, Kind.RELAYED, Kind.DELIVERED, Kind.HANDED_OVER]))
def test_receipts_in_any_order_lead_to_the_same_state(kinds: list[Kind]) -> None:
    state = Delivery.QUEUED
    for kind in kinds:
        state = after_receipt(state, kind)
    assert state is Delivery.HANDED_OVER


# --- patience ---


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_pause_is_never_shorter_than_a_second_nor_longer_than_six_hours(n, chance) -> None:
    assert timedelta(seconds=1) <= pause(n, chance=chance) <= LONGEST_PAUSE


def test_pauses_grow() -> None:
    longest = [pause(n, chance=0.999999) for n in range(20)]
    assert longest == sorted(longest)
    assert longest[0] <= timedelta(seconds=5)
    assert longest[-1] > timedelta(hours=5, minutes=59)


def test_a_line_is_due_at_once_and_after_a_failure_not_before_its_time() -> None:
    line = Line()
    assert line.is_due(BEGIN)
    failed = line.failed(BEGIN, chance=0.5)
    assert failed.failures == 1
    assert not failed.is_due(BEGIN)
    assert failed.next_attempt is not None
    assert failed.is_due(failed.next_attempt)


# --- the queue ---


@st.composite
def queues(draw: st.DrawFn) -> list[Waiting]:
    """Cases of one peer, each with its series, parts of it on their way already."""
    queue = []
    for case in range(draw(st.integers(0, 3))):
        for seq in range(1, draw(st.integers(1, 4)) + 1):
            queue.append(
                Waiting(
                    key=f"{case}-{seq}",
                    state=draw(st.sampled_from(Delivery)),
                    priority=draw(st.sampled_from(Priority)),
                    created=BEGIN + timedelta(seconds=draw(st.integers(0, 9))),
                    case=an_id("case", case),
                    seq=seq,
                )
            )
    for number in range(draw(st.integers(0, 2))):
        queue.append(
            Waiting(
                key=f"package-{number}",
                state=draw(st.sampled_from(Delivery)),
                priority=Priority.BULK,
                created=BEGIN,
            )
        )
    return draw(st.permutations(queue))


@given(queues())
def test_no_statement_is_sent_before_an_earlier_one_of_its_case(queue: list[Waiting]) -> None:
    chosen = choose(queue)
    waiting = [entry for entry in queue if entry.state in OPEN]
    if chosen is None:
        assert not waiting
        return
    assert chosen in waiting
    if chosen.case is not None:
        assert not [e for e in waiting if e.case == chosen.case and e.seq < chosen.seq]


@given(queues())
def test_nothing_urgent_waits_for_something_that_is_not(queue: list[Waiting]) -> None:
    chosen = choose(queue)
    urgent = [e for e in queue if e.state in OPEN and e.priority is Priority.URGENT]
    if urgent:
        assert chosen is not None
        assert chosen.case in {entry.case for entry in urgent}


# --- the series ---

XV = AuthorityId("xv.moj")


def series(count: int) -> list[Place]:
    places: list[Place] = []
    for seq in range(1, count + 1):
        previous = places[-1].digest if places else None
        places.append(Place(XV, an_id("case"), seq, previous, sha256(b"%d" % seq)))
    return places


@given(st.integers(1, 8).flatmap(lambda n: st.permutations(series(n))))
def test_whatever_the_order_of_arrival_it_is_taken_in_the_order_of_writing(places) -> None:
    taken, record, arrived = Taken(), [], []
    for place in places:
        arrived.append(place)
        while following := next_of_series(arrived, taken=taken):
            record.append(following.seq)
            taken = Taken(following.seq, following.digest)
        missing = set(missing_of_series(arrived, taken=taken))
        here = {p.seq for p in arrived}
        assert missing == {n for n in range(taken.seq + 1, max(here) + 1) if n not in here}
    assert record == list(range(1, len(places) + 1))


def test_a_statement_that_follows_another_story_is_a_conflict() -> None:
    first, second = series(2)
    other = Place(XV, second.case, 2, Sha256("ab" * 32), second.digest)
    with pytest.raises(Conflict) as caught:
        next_of_series([other], taken=Taken(1, first.digest))
    assert caught.value.code == "delivery.series_broken"
    assert next_of_series([other], taken=Taken()) is None
