# SPDX-License-Identifier: Apache-2.0
"""No edit of a sound chain is ever sound."""

import contextlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canonical.ids import derived_object_id
from comity.errors import ComityError, Unverified
from comity.evidence.acceptance import received_statement
from comity.evidence.custody import check_chain, check_next, read_statement, sign_statement
from comity.evidence.model import Actor, Counterpart, CustodyEvent
from support import packages
from support.packages import RECIPIENT, SENDER, START

QUIET = [
    CustodyEvent.SEALED,
    CustodyEvent.TRANSPORTED,
    CustodyEvent.STORED,
    CustodyEvent.VERIFIED,
    CustodyEvent.COPIED,
    CustodyEvent.EXAMINED,
    CustodyEvent.REVIEWED,
]
SEALS = {name: packages.authority(name).seal for name in (SENDER, RECIPIENT)}
FIRST = packages.chain(packages.record("EX-1", {"a.raw": b"a"}))[0]


@st.composite
def chains(draw):
    """A sound chain in which the exhibit may go to and fro."""
    chain, at, owner = [FIRST], START + timedelta(hours=1), SENDER
    for number in range(draw(st.integers(1, 6))):
        at += timedelta(minutes=draw(st.integers(0, 90)))
        if draw(st.booleans()):
            event = draw(st.sampled_from(QUIET))
            statement = packages.following(chain[-1], event, at=at, authority=owner)
            chain.append(sign_statement(statement, key=SEALS[owner]))
            continue
        other = RECIPIENT if owner == SENDER else SENDER
        transfer = packages.following(
            chain[-1],
            CustodyEvent.TRANSFERRED,
            at=at,
            authority=owner,
            counterpart=Counterpart(authority=other),
        )
        chain.append(sign_statement(transfer, key=SEALS[owner]))
        answer = received_statement(
            chain[-1],
            id=derived_object_id("answer", str(number)),
            at=at,
            place="Room",
            actor=Actor(name="A", function="officer"),
            purpose="Acceptance",
        )
        chain.append(sign_statement(answer, key=SEALS[other]))
        owner = other
    return chain


@given(chains())
def test_every_chain_made_by_the_rules_is_sound(chain):
    check_chain(chain)
    for number, signed in enumerate(chain):
        check_next(chain[:number], signed)


@given(chains(), st.data())
def test_no_event_can_be_left_out_but_the_last(chain, data):
    removed = data.draw(st.integers(0, len(chain) - 2))
    with pytest.raises(Unverified):
        check_chain([one for number, one in enumerate(chain) if number != removed])


@given(chains(), st.data())
def test_no_two_events_can_change_places(chain, data):
    first, second = data.draw(
        st.lists(st.integers(0, len(chain) - 1), min_size=2, max_size=2, unique=True)
    )
    changed = list(chain)
    changed[first], changed[second] = changed[second], changed[first]
    with pytest.raises(Unverified):
        check_chain(changed)


@given(chains(), st.data())
def test_no_event_can_be_put_in_again(chain, data):
    copied = data.draw(st.sampled_from(chain))
    place = data.draw(st.integers(0, len(chain)))
    with pytest.raises(Unverified):
        check_chain([*chain[:place], copied, *chain[place:]])


@given(st.binary(max_size=400))
def test_the_reader_never_leaks_another_error(data):
    with contextlib.suppress(ComityError):
        read_statement(data)


@given(st.integers(0, len(FIRST.raw) - 1), st.integers(0, 255))
def test_the_reader_never_leaks_another_error_on_damaged_statements(place, byte):
    data = FIRST.raw[:place] + bytes([byte]) + FIRST.raw[place + 1 :]
    with contextlib.suppress(ComityError):
        read_statement(data)
