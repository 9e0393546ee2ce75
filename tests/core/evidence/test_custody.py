# SPDX-License-Identifier: Apache-2.0
"""Each rule of an unbroken chain, broken once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from comity.canonical import json
from comity.canonical.digest import sha256
from comity.canonical.ids import AuthorityId, new_object_id
from comity.crypto import envelope
from comity.errors import Invalid, Refused, Unverified
from comity.evidence.acceptance import received_statement
from comity.evidence.custody import (
    PAYLOAD_TYPE,
    check_chain,
    check_next,
    holder,
    leaf_event_type,
    leaf_private,
    read_statement,
    require_next,
    sign_statement,
    verify_statement,
)
from comity.evidence.model import Actor, Counterpart, CustodyEvent, CustodyStatement
from support import packages
from support.packages import RECIPIENT, SENDER, START

SEAL = packages.authority(SENDER).seal
OTHER = packages.authority(RECIPIENT).seal
LATER = START + timedelta(days=1)


@pytest.fixture(scope="module")
def chain():
    return packages.chain(packages.record("EX-1", {"a.raw": b"a", "b.raw": b"b"}))


def signed(statement, key=SEAL):
    return sign_statement(statement, key=key)


def after(chain, event, *, at=LATER, **changes):
    return signed(packages.following(chain[-1], event, at=at, **changes))


def received(chain, **changes):
    statement = received_statement(
        chain[-1],
        id=new_object_id(),
        at=LATER,
        place="Evidence room",
        actor=Actor(name="Jon", function="officer"),
        purpose="Acceptance",
    )
    return signed(replace(statement, **changes), OTHER)


def refusal(chain, following):
    with pytest.raises(Unverified) as caught:
        check_next(chain, following)
    with pytest.raises(Unverified):
        check_chain([*chain, following])
    return caught.value.code


def test_a_chain_of_three_and_its_acceptance_are_sound(chain):
    check_chain(chain)
    check_chain([*chain, received(chain)])
    assert holder(chain) == SENDER
    assert holder([*chain, received(chain)]) == RECIPIENT


def test_an_empty_chain_is_no_chain():
    with pytest.raises(Unverified) as caught:
        check_chain([])
    assert caught.value.code == "custody.empty"


def test_a_statement_is_its_own_exact_bytes(chain):
    again = read_statement(chain[0].raw)
    assert again == chain[0]
    assert again.digest == sha256(chain[0].raw)
    assert again.file_name == "0001-acquired.json"
    assert CustodyStatement.from_json(chain[0].statement.to_json()) == chain[0].statement


def test_only_its_authoritys_seal_verifies_a_statement(chain):
    assert verify_statement(chain[0], key=SEAL.public) == chain[0].statement
    with pytest.raises(Unverified) as caught:
        verify_statement(chain[0], key=OTHER.public)
    assert caught.value.code == "envelope.unknown_key"


def test_a_payload_of_another_type_is_no_statement(chain):
    payload = json.write(chain[0].statement.to_json())
    data = envelope.sign(payload_type="application/json", payload=payload, key=SEAL)
    with pytest.raises(Unverified) as caught:
        verify_statement(read_statement(data), key=SEAL.public)
    assert caught.value.code == "envelope.wrong_type"


def test_the_leaf_commits_to_the_statement(chain):
    assert leaf_event_type(CustodyEvent.STORED) == "custody.stored"
    assert leaf_private(chain[1]) == {
        "statement": chain[1].digest,
        "exhibit": "EX-1",
        "seq": 2,
    }


@pytest.mark.parametrize("removed", [0, 1])
def test_a_removed_event_is_missed(chain, removed):
    left = [one for number, one in enumerate(chain) if number != removed]
    with pytest.raises(Unverified) as caught:
        check_chain(left)
    assert caught.value.code == "custody.gap"


def test_reordered_events_are_noticed(chain):
    with pytest.raises(Unverified) as caught:
        check_chain([chain[0], chain[2], chain[1]])
    assert caught.value.code == "custody.gap"


def test_a_repeated_event_is_noticed(chain):
    assert refusal(chain[:2], chain[1]) == "custody.gap"


def test_an_event_that_names_another_predecessor_is_refused(chain):
    wrong = after(chain[:2], CustodyEvent.EXAMINED, prev=sha256(b"another"))
    assert refusal(chain[:2], wrong) == "custody.prev"


def test_time_does_not_go_back(chain):
    early = after(chain[:1], CustodyEvent.STORED, at=START)
    assert refusal(chain[:1], early) == "custody.time_goes_back"
    together = after(chain[:1], CustodyEvent.STORED, at=chain[0].statement.ended)
    check_next(chain[:1], together)


def test_an_event_does_not_end_before_it_begins(chain):
    wrong = after(chain[:2], CustodyEvent.EXAMINED, ended=LATER - timedelta(seconds=1))
    assert refusal(chain[:2], wrong) == "custody.times"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exhibit": "EX-2"}, "custody.exhibit"),
        ({"request": new_object_id()}, "custody.request"),
        ({"seq": 4}, "custody.gap"),
        ({"authority": RECIPIENT}, "custody.not_holder"),
        ({"items": ()}, "custody.items_differ"),
    ],
)
def test_what_stays_the_same_from_event_to_event(chain, changes, code):
    assert refusal(chain[:2], after(chain[:2], CustodyEvent.EXAMINED, **changes)) == code


def test_no_file_may_change_its_digest(chain):
    items = chain[0].statement.items
    changed = (replace(items[0], sha256=sha256(b"x")), *items[1:])
    wrong = after(chain[:2], CustodyEvent.EXAMINED, items=changed)
    assert refusal(chain[:2], wrong) == "custody.items_differ"


def test_a_thing_becomes_data_only_once(chain):
    first = replace(
        chain[0].statement, event=CustodyEvent.SEIZED, items=(), digests_checked=False, tool=None
    )
    seized = signed(first)
    acquired = signed(
        packages.following(
            seized,
            CustodyEvent.ACQUIRED,
            at=LATER,
            items=chain[0].statement.items,
            digests_checked=True,
            tool=chain[0].statement.tool,
        )
    )
    check_chain([seized, acquired])
    back = after([seized, acquired], CustodyEvent.STORED, items=())
    assert refusal([seized, acquired], back) == "custody.items_differ"


@pytest.mark.parametrize("event", sorted(set(CustodyEvent)))
def test_only_some_events_begin_a_chain(chain, event):
    counterpart = Counterpart(authority=RECIPIENT)
    first = signed(replace(chain[0].statement, event=event, counterpart=counterpart))
    if event in {"identified", "seized", "collected", "acquired"}:
        check_chain([first])
    else:
        assert refusal([], first) == "custody.first"


def test_a_transfer_is_answered_by_the_receiver_and_nobody_else(chain):
    assert refusal(chain, after(chain, CustodyEvent.STORED)) == "custody.not_answered"
    own = received(chain, authority=SENDER)
    assert refusal(chain, own) == "custody.wrong_receiver"
    elsewhere = received(chain, counterpart=Counterpart(authority=AuthorityId("xl.records")))
    assert refusal(chain, elsewhere) == "custody.wrong_sender"


def test_nothing_is_received_that_was_not_transferred(chain):
    wrong = after(chain[:2], CustodyEvent.RECEIVED, counterpart=Counterpart(authority=SENDER))
    assert refusal(chain[:2], wrong) == "custody.not_transferred"


def test_a_rejected_transfer_leaves_the_exhibit_where_it_was(chain):
    rejected = received(chain, event=CustodyEvent.REJECTED)
    whole = [*chain, rejected]
    check_chain(whole)
    assert holder(whole) == SENDER
    check_next(whole, after(whole, CustodyEvent.STORED, at=LATER, authority=SENDER))


def test_a_transfer_that_was_not_answered_is_made_again_with_its_reason(chain):
    why = "Transferred again: the package was rejected, statement 9f2c…"
    again = {"event": CustodyEvent.TRANSFERRED, "at": LATER, "digests_checked": True}
    to = Counterpart(authority=RECIPIENT)
    other = Counterpart(authority=AuthorityId("xl.records"))
    event = again.pop("event")
    whole = [*chain, after(chain, event, **again, counterpart=to, remarks=why)]
    check_chain(whole)
    assert holder(whole) == SENDER
    check_chain([*whole, received(whole, at=LATER)])
    for changes, code in (
        ({"counterpart": to}, "custody.transferred_again"),
        ({"counterpart": to, "remarks": "\u200b "}, "custody.transferred_again"),
        ({"counterpart": other, "remarks": why}, "custody.wrong_receiver"),
        ({"counterpart": to, "remarks": why, "authority": RECIPIENT}, "custody.not_holder"),
    ):
        assert refusal(chain, after(chain, event, **{**again, **changes})) == code


def test_a_hand_over_names_its_counterpart(chain):
    wrong = after(chain[:2], CustodyEvent.TRANSFERRED)
    assert refusal(chain[:2], wrong) == "custody.counterpart"


@pytest.mark.parametrize("event", [CustodyEvent.RETURNED, CustodyEvent.DESTROYED])
def test_nothing_follows_the_end(chain, event):
    ended = [*chain[:2], after(chain[:2], event)]
    check_chain(ended)
    late = after(ended, CustodyEvent.STORED, at=LATER + timedelta(days=1))
    assert refusal(ended, late) == "custody.after_end"


def test_a_transfer_without_digests_is_no_transfer(chain):
    wrong = after(
        chain[:2],
        CustodyEvent.TRANSFERRED,
        counterpart=Counterpart(authority=RECIPIENT),
        digests_checked=False,
    )
    assert refusal(chain[:2], wrong) == "custody.digests_not_checked"


def test_an_acquisition_names_its_tool_and_files(chain):
    statement = chain[0].statement
    assert refusal([], signed(replace(statement, tool=None))) == "custody.tool"
    assert refusal([], signed(replace(statement, items=()))) == "custody.items"


def test_an_officer_is_told_why_an_event_cannot_be_recorded(chain):
    with pytest.raises(Refused) as caught:
        require_next(chain, after(chain, CustodyEvent.STORED))
    assert caught.value.code == "custody.not_answered"
    assert caught.value.details == {"exhibit": "EX-1", "seq": 4}


@pytest.mark.parametrize(
    "changes",
    [
        {"place": ""},
        {"purpose": ""},
        {"actor": Actor(name="", function="x")},
        {"exhibit": "../x"},
        {"seq": 0},
        {"seq": 10_000},
        {"remarks": "x" * 10_001},
        {"authority": "XM"},
    ],
)
def test_what_a_reader_would_refuse_is_not_signed(chain, changes):
    with pytest.raises(Invalid):
        signed(replace(chain[0].statement, **changes))


def test_items_stand_in_order_and_once(chain):
    items = chain[0].statement.items
    for wrong in (items[::-1], (items[0], items[0])):
        with pytest.raises(Invalid) as caught:
            signed(replace(chain[0].statement, items=wrong))
        assert caught.value.code == "custody.items_order"


@pytest.mark.parametrize("name", ["../a", "/a", "a//b", "a/", ".", "a\\b", "a\n", "50%", "a ", ""])
def test_an_item_lies_safely_below_its_exhibit(chain, name):
    item = replace(chain[0].statement.items[0], path=name)
    with pytest.raises(Invalid):
        signed(replace(chain[0].statement, items=(item,)))


def test_every_member_must_be_there_and_no_other(chain):
    value = chain[0].statement.to_json()
    for name in value:
        less = {other: member for other, member in value.items() if other != name}
        with pytest.raises(Invalid):
            CustodyStatement.from_json(less)
    with pytest.raises(Invalid) as caught:
        CustodyStatement.from_json({**value, "extra": 1})
    assert caught.value.code == "json.member_unknown"


def test_a_statement_that_is_not_canonical_is_refused(chain):
    value = json.write(chain[0].statement.to_json())
    data = envelope.sign(payload_type=PAYLOAD_TYPE, payload=value + b" ", key=SEAL)
    with pytest.raises(Invalid) as caught:
        read_statement(data)
    assert caught.value.code == "json.not_canonical"
