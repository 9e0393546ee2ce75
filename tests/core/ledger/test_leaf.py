# SPDX-License-Identifier: Apache-2.0
"""Leaves: what they say, what they hide, and the one form they have."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ComityError, Invalid, Unverified
from comity.ledger import leaf as leaves
from comity.ledger import merkle
from comity.ledger.keys import SignatureType
from comity.ledger.note import sign_note
from support.ledgers import (
    NOW,
    POLICY,
    event,
    event_key,
    key,
    private_body,
    salt,
    seed,
)

SECRET = seed("item", "item")


def make(**changes) -> leaves.Leaf:
    arguments = {
        "authority": "xv.moj",
        "event_type": "custody.acquired",
        "private": private_body(0),
        "salt": salt(0),
        "item_secret": SECRET,
        "sequence": 0,
        "peer": "xm.moj",
        "policy": POLICY,
        "at": NOW,
        "signer": event_key(),
    }
    return leaves.make_leaf(**(arguments | changes))


def members_of(leaf: leaves.Leaf) -> dict:
    return json.loads(leaf.data.split(b"\n")[1])


def b64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def test_the_form_of_a_leaf() -> None:
    leaf = make()
    first, second, blank, line, rest = leaf.data.split(b"\n")
    assert first == b"comity/event/v1"
    assert line.startswith("— xv.moj/events ".encode())
    assert (blank, rest) == (b"", b"")
    body = json.dumps(private_body(0), sort_keys=True, separators=(",", ":")).encode()
    assert json.loads(second) == {
        "auth": "xv.moj",
        "body": b64url(hashlib.sha256(b"comity/commit/v1\0" + salt(0) + body).digest()),
        "peer": "xm.moj",
        "pol": b64url(bytes.fromhex(POLICY)),
        "slot": b64url(hmac.digest(SECRET, b"comity/slot/v1" + bytes(8), "sha256")),
        "t": "2026-11-21T19:31Z",
        "type": "custody.acquired",
        "v": 1,
    }
    assert leaf.hash == hashlib.sha256(b"\0" + leaf.data).digest()
    assert leaf.hash == merkle.leaf_hash(leaf.data)


def test_a_leaf_reads_back_to_itself() -> None:
    leaf = make()
    assert leaves.read_leaf(leaf.data) == leaf
    assert leaf.at == NOW
    assert leaf.peer == "xm.moj"
    assert leaves.slot_of(leaf.data) == leaf.slot.hex()


def test_a_leaf_opens_only_with_its_own_opening() -> None:
    leaf, verifier = make(), event_key().verifier
    leaves.open_leaf(leaf.data, private=private_body(0), salt=salt(0), verifier=verifier)
    for private, with_salt in ((private_body(1), salt(0)), (private_body(0), salt(1))):
        with pytest.raises(Unverified) as refused:
            leaves.open_leaf(leaf.data, private=private, salt=with_salt, verifier=verifier)
        assert refused.value.code == "leaf.commitment"
    with pytest.raises(Unverified):
        leaves.verify_leaf(leaf.data, verifier=event_key("xm.moj").verifier)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"authority": "XV.MOJ"}, "id.authority"),
        ({"peer": "nobody"}, "id.authority"),
        ({"event_type": "Acquired"}, "leaf.event_type"),
        ({"event_type": "custody.acquired free text"}, "leaf.event_type"),
        ({"event_types": frozenset({"request.sent"})}, "leaf.event_type"),
        ({"salt": bytes(31)}, "leaf.salt"),
        ({"item_secret": bytes(31)}, "leaf.item_secret"),
        ({"sequence": -1}, "leaf.sequence"),
        ({"sequence": 1 << 63}, "leaf.sequence"),
        ({"policy": "00"}, "digest.malformed"),
        ({"private": {"amount": 1.5}}, "json.float"),
        ({"at": datetime(2026, 1, 1)}, "time.naive"),  # noqa: DTZ001 - the fault under test
        ({"signer": key("xv.moj/w", SignatureType.COSIGNATURE_ED25519)}, "leaf.signer"),
    ],
)
def test_what_no_leaf_is_made_of(changes: dict, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        make(**changes)
    assert refused.value.code == code


def test_the_time_is_cut_to_the_minute_in_utc() -> None:
    at = datetime(2026, 11, 21, 21, 31, 59, tzinfo=timezone(timedelta(hours=2)))
    assert members_of(make(at=at))["t"] == "2026-11-21T19:31Z"


def signed(text: str) -> bytes:
    return sign_note(text, keys=[event_key()], now=NOW)


def altered(**changes) -> bytes:
    members = {name: one for name, one in (members_of(make()) | changes).items() if one != "gone"}
    body = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return signed(f"comity/event/v1\n{body}\n")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (altered(extra="x"), "json.member_unknown"),
        (altered(t="gone"), "json.member_missing"),
        (altered(v=2), "json.member_value"),
        (altered(t="2026-11-21T19:31:05Z"), "leaf.time"),
        (altered(t="2026-13-21T19:31Z"), "leaf.time"),
        (altered(t="٢٠٢٦-11-21T19:31Z"), "leaf.time"),
        (altered(body="AA"), "leaf.base64url"),
        (altered(slot="*" * 43), "leaf.base64url"),
        (altered(pol=b64url(bytes(32))[:-1] + "B"), "leaf.base64url"),
        (altered(pol=b64url(b"\xfb" * 32).replace("-", "+")), "leaf.base64url"),
        (altered(type=7), "json.member_type"),
        (altered(peer=7), "json.member_type"),
        (signed("comity/event/v2\n{}\n"), "leaf.format"),
        (signed("comity/event/v1\n{}\n{}\n"), "leaf.format"),
        (signed("comity/event/v1\n{} \n"), "json.not_canonical"),
        (signed("comity/event/v1\n[]\n"), "json.not_an_object"),
        (make().data + make().data.split(b"\n")[3] + b"\n", "leaf.note"),
        (make().data[:-1], "note.no_final_newline"),
        (b"x" * 65_536, "leaf.size"),
    ],
)
def test_no_other_form_is_read(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        leaves.read_leaf(data)
    assert refused.value.code == code


@given(st.data())
def test_no_bit_of_a_leaf_may_change(data: st.DataObject) -> None:
    whole = event(0).data
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((Invalid, Unverified)):
        leaves.verify_leaf(bytes(changed), verifier=event_key().verifier)


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_refused_in_our_own_words(data: bytes) -> None:
    for attempt in (data, b"comity/event/v1\n" + data):
        with pytest.raises((Invalid, Unverified)):
            leaves.verify_leaf(attempt, verifier=event_key().verifier)


@given(
    st.dictionaries(st.text(max_size=8), st.integers(-(2**53) + 1, 2**53 - 1) | st.text()),
    st.binary(min_size=32, max_size=32),
)
def test_a_leaf_never_shows_its_private_body(private: dict, with_salt: bytes) -> None:
    leaf = make(private=private, salt=with_salt)
    again = make(private=private, salt=bytes(32) if any(with_salt) else b"\1" * 32)
    assert leaf.commitment != again.commitment
    assert len(leaf.data) == len(make().data)
    assert leaves.open_leaf(
        leaf.data, private=private, salt=with_salt, verifier=event_key().verifier
    )


@given(st.integers(1, 12), st.data())
def test_no_event_of_an_item_can_be_left_out(count: int, data: st.DataObject) -> None:
    item = [event(number) for number in range(count)]
    others = [event(number, item="other") for number in range(3)]
    leaves.check_complete([*others, *item], item_secret=SECRET, events=count)
    gone = data.draw(st.integers(0, count - 1))
    with pytest.raises(Unverified) as refused:
        leaves.check_complete(item[:gone] + item[gone + 1 :], item_secret=SECRET, events=count)
    assert refused.value.details == {"sequence": gone, "found": 0}
    with pytest.raises(Unverified) as refused:
        leaves.check_complete([*item, item[gone]], item_secret=SECRET, events=count)
    assert refused.value.details == {"sequence": gone, "found": 2}
    with pytest.raises(Unverified) as refused:
        leaves.check_complete([*item, event(count)], item_secret=SECRET, events=count)
    assert refused.value.details == {"sequence": count, "found": 1}


def test_after_erasure_a_register_of_items_matches_nothing() -> None:
    # Salts and item secrets are destroyed; what an attacker has is every private body.
    stored = [make(private=private_body(number), salt=salt(number)) for number in range(20)]
    commitments = {leaf.commitment for leaf in stored}
    slots = {leaf.slot for leaf in stored}
    for number in range(20):
        body = json.dumps(private_body(number), sort_keys=True, separators=(",", ":")).encode()
        for guess in (body, b"comity/commit/v1\0" + body, b"comity/commit/v1\0" + bytes(32) + body):
            assert hashlib.sha256(guess).digest() not in commitments
        for secret in (bytes(32), hashlib.sha256(body).digest()):
            assert leaves.slot(item_secret=secret, sequence=number) not in slots


def test_errors_are_always_ours() -> None:
    with pytest.raises(ComityError):
        leaves.read_leaf(b"")
    assert NOW.tzinfo is UTC
