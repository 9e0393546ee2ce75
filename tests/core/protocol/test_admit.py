# SPDX-License-Identifier: Apache-2.0
"""The ten steps of admission: each lets the good pass and refuses by its own code."""

from __future__ import annotations

import json as stdlib_json
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.authorities.key_statement import Revocation, SealPeriod
from comity.authorities.model import Role
from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId, ObjectId
from comity.crypto import envelope
from comity.errors import ComityError, Conflict, Invalid, Refused, Unverified
from comity.protocol import admit, parcel, receipt, statement
from comity.protocol.admit import (
    CODES,
    Step,
    admit_header,
    admit_receipt,
    admit_statement,
    answered_to,
    step_of,
)
from comity.protocol.parcel import Content, Header, sign_header
from comity.protocol.receipt import Kind, Receipt, sign_receipt
from comity.protocol.statement import Statement, sign_statement
from support.authorities import BEGIN, make_authority, make_seal, sign_again
from support.requests import an_id

XV, XM = make_authority("xv.moj"), make_authority("xm.moj")
XL = make_authority("xl.records", roles=frozenset({Role.WITNESS}))
LAB = make_authority("xm.lab", roles=frozenset({Role.FORENSIC}))
NOW = BEGIN + timedelta(days=30)
CASE = an_id("case")
WITHDRAWAL = {"request_id": CASE, "reasons": "No longer needed."}


@dataclass
class Known:
    """What the receiver has: nothing, unless a test says so."""

    ids: dict[tuple[str, str], Sha256] = field(default_factory=dict)
    places: dict[tuple[str, str, int], Sha256] = field(default_factory=dict)
    parties: dict[str, tuple[AuthorityId, AuthorityId]] = field(default_factory=dict)

    def statement_with_id(self, sender, identifier):
        return self.ids.get((sender, identifier))

    def statement_at(self, sender, case, seq):
        return self.places.get((sender, case, seq))

    def requesting(self, case):
        return self.parties.get(case)


def lookup(*statements):
    known = statements or tuple(a.statement for a in (XV, XM, XL, LAB))

    def find(key_id: str):
        for one in known:
            if any(period.key_id == key_id for period in one.seals):
                return one
        raise Unverified("peer.unknown", "no such seal here")

    return find


def a_statement(seal=XV.seal, **changes) -> bytes:
    made = Statement(
        id=an_id("statement"),
        type="assistance.withdrawal/1",
        sender=XV.id,
        to=(XM.id,),
        case=CASE,
        seq=1,
        previous=None,
        created=NOW,
        expires=NOW + timedelta(days=14),
        body=WITHDRAWAL,
    )
    return sign_statement(replace(made, **changes), seal=seal)


def a_header(seal=XV.seal, **changes) -> bytes:
    made = Header(
        sender=XV.id,
        to=(XM.id,),
        content=Content.STATEMENT,
        part_list=Sha256("ab" * 32),
        size=5_000,
        part_size=1 << 24,
        created=NOW,
        expires=NOW + timedelta(days=14),
    )
    return sign_header(replace(made, **changes), seal=seal)


def a_receipt(seal=XV.seal, **changes) -> bytes:
    made = Receipt(
        kind=Kind.RELAYED,
        issuer=XV.id,
        to=XM.id,
        parcel=Sha256("ab" * 32),
        statement=None,
        previous=None,
        at=NOW,
        claimed=NOW,
        serial=1,
        directory=None,
    )
    return sign_receipt(replace(made, **changes), seal=seal).raw


def take(data: bytes, *, find=None, known=None, now=NOW, sender=XV.id, me=XM.id):
    return admit_statement(
        data, me=me, sender=sender, lookup=find or lookup(), known=known or Known(), now=now
    )


def take_header(data: bytes, *, find=None, now=NOW, me=XM.id):
    return admit_header(data, me=me, lookup=find or lookup(), now=now)


def take_receipt(data: bytes, *, find=None, now=NOW, me=XM.id):
    return admit_receipt(data, me=me, lookup=find or lookup(), now=now)


KINDS = {
    "statement": (a_statement, take),
    "header": (a_header, take_header),
    "receipt": (a_receipt, take_receipt),
}
each_kind = pytest.mark.parametrize(("make", "admitted"), KINDS.values(), ids=KINDS)


def refused(call, step: Step, family=ComityError, code: str | None = None) -> ComityError:
    with pytest.raises(family) as caught:
        call()
    assert caught.value.code == (code or CODES[step])
    assert step_of(caught.value) == step
    assert answered_to(caught.value) == (XV.id if step > Step.SIGNATURE else None)
    return caught.value


@each_kind
def test_what_stands_is_admitted(make, admitted) -> None:
    taken = admitted(make())
    assert taken.signer == XV.statement


def test_an_admitted_statement_comes_with_its_message_and_its_bytes() -> None:
    data = a_statement()
    taken = take(data)
    assert (taken.raw, taken.digest, taken.repeated) == (data, sha256(data), False)
    assert taken.message.reasons == "No longer needed."


# --- steps 1 to 5: nobody is known yet, nothing is answered ---


@each_kind
def test_step_1_size(make, admitted) -> None:
    limit = {a_statement: statement, a_header: parcel, a_receipt: receipt}[make].MAX_BYTES
    refused(lambda: admitted(b" " * (limit + 1)), Step.SIZE, Invalid)


@each_kind
@pytest.mark.parametrize("data", [b"", b"{}", b"null", b"\xff", b"[" * 500, b'{"payload":NaN}'])
def test_step_2_envelope(make, admitted, data) -> None:
    refused(lambda: admitted(data), Step.ENVELOPE)


@each_kind
def test_step_2_one_signature_is_not_enough(make, admitted) -> None:
    value = stdlib_json.loads(make())
    for index in (0, 1):
        one = {**value, "signatures": [value["signatures"][index]]}
        data = stdlib_json.dumps(one, separators=(",", ":"), sort_keys=True).encode()
        error = refused(lambda data=data: admitted(data), Step.ENVELOPE, Unverified)
        assert error.details["cause"] == "envelope.signature_missing"


@pytest.mark.parametrize("made", KINDS)
@pytest.mark.parametrize("read", KINDS)
def test_step_2_one_kind_is_never_taken_for_another(made: str, read: str) -> None:
    data = KINDS[made][0]()
    if made == read:
        assert KINDS[read][1](data)
    else:
        error = refused(lambda: KINDS[read][1](data), Step.ENVELOPE)
        assert error.details["cause"] == "envelope.wrong_type"


@each_kind
def test_step_3_sender(make, admitted) -> None:
    refused(lambda: admitted(make(), find=lookup(XM.statement)), Step.SENDER, Unverified)


@each_kind
def test_step_4_key(make, admitted) -> None:
    day = timedelta(days=1)
    ended = sign_again(
        XV.statement, XV.root, seals=(SealPeriod(XV.seal.public, BEGIN, BEGIN + day),)
    )
    later = sign_again(XV.statement, XV.root, seals=(SealPeriod(XV.seal.public, NOW + day, None),))
    stolen = sign_again(
        XV.statement,
        XV.root,
        revoked=(Revocation(Sha256(XV.seal.public.key_id), NOW, "stolen"),),
    )
    for key_statement, code in [
        (ended, "protocol.key_expired"),
        (later, "protocol.key_not_yet_valid"),
        (stolen, "protocol.key_revoked"),
    ]:
        find = lookup(key_statement)
        refused(lambda find=find: admitted(make(), find=find), Step.KEY, Unverified, code)
    assert admitted(make(), find=lookup(stolen), now=NOW - timedelta(seconds=1))

    def unknown(_key_id: str):
        raise Unverified("key.unknown", "not one of its seals")

    refused(lambda: admitted(make(), find=unknown), Step.KEY, Unverified, "protocol.key_unknown")
    expired = XV.statement.expires
    refused(lambda: admitted(make(), now=expired), Step.KEY, Unverified, "protocol.key_expired")


@each_kind
def test_step_5_signature(make, admitted) -> None:
    value, other = stdlib_json.loads(make()), stdlib_json.loads(make())
    changes = {"to": (XM.id, AuthorityId("xz.moj"))} if make is not a_receipt else {"serial": 2}
    value["payload"] = stdlib_json.loads(make(**changes))["payload"]
    assert value["payload"] != other["payload"]
    data = stdlib_json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
    refused(lambda: admitted(data), Step.SIGNATURE, Unverified)


@each_kind
@given(place=st.integers(0, 10**6), mask=st.integers(1, 255))
def test_no_changed_byte_is_ever_admitted(make, admitted, place: int, mask: int) -> None:
    data = bytearray(SIGNED[make])
    data[place % len(data)] ^= mask
    with pytest.raises(ComityError) as caught:
        admitted(bytes(data))
    assert step_of(caught.value) <= Step.SIGNATURE


SIGNED = {make: make() for make, _ in KINDS.values()}


# --- steps 6 to 10: the sender is known and gets a signed answer ---


@each_kind
def test_step_6_addressee(make, admitted) -> None:
    refused(lambda: admitted(make(), me=XL.id), Step.ADDRESSEE, Unverified)


@each_kind
def test_step_6_nobody_speaks_in_another_s_name(make, admitted) -> None:
    name = "issuer" if make is a_receipt else "sender"
    data = make(**{name: AuthorityId("xv.police")})
    refused(lambda: admitted(data), Step.ADDRESSEE, Unverified)


def test_step_6_what_another_wrote_is_not_passed_on_as_ours() -> None:
    """A dishonest recipient cannot send a statement on in a parcel of its own."""
    data = a_statement()
    refused(lambda: take(data, sender=XM.id), Step.ADDRESSEE, Unverified)
    also_to_us = a_statement(to=(XL.id, XM.id))
    refused(lambda: take(also_to_us, sender=XL.id), Step.ADDRESSEE, Unverified)


@each_kind
def test_step_7_freshness(make, admitted) -> None:
    name = "at" if make is a_receipt else "created"
    borne, beyond = NOW + timedelta(seconds=120), NOW + timedelta(seconds=121)
    assert admitted(make(**{name: borne}))
    refused(lambda: admitted(make(**{name: beyond})), Step.FRESHNESS, Invalid)


@pytest.mark.parametrize("kind", ["statement", "header"])
def test_step_7_expiry(kind: str) -> None:
    make, admitted = KINDS[kind]
    end = NOW + timedelta(days=14)
    assert admitted(make(), now=end - timedelta(seconds=1))
    refused(lambda: admitted(make(), now=end), Step.FRESHNESS, Invalid)


def test_step_8_identity() -> None:
    data = a_statement()
    same = Known(ids={(XV.id, an_id("statement")): sha256(data)})
    assert take(data, known=same).repeated
    other = Known(ids={(XV.id, an_id("statement")): Sha256("cd" * 32)})
    refused(lambda: take(data, known=other), Step.IDENTITY, Conflict)
    place = Known(places={(XV.id, CASE, 1): Sha256("cd" * 32)})
    refused(lambda: take(data, known=place), Step.IDENTITY, Conflict)


def test_step_9_type() -> None:
    refused(lambda: take(a_statement(type="assistance.gossip/1")), Step.TYPE, Invalid)
    refused(lambda: take(a_statement(type="assistance.withdrawal/2")), Step.TYPE, Invalid)


def test_step_9_role() -> None:
    data = a_statement(sender=XL.id, seal=XL.seal)
    with pytest.raises(Refused) as caught:
        take(data, sender=XL.id)
    assert caught.value.code == "protocol.type_refused"
    data = a_statement(sender=LAB.id, seal=LAB.seal)
    with pytest.raises(Refused):
        take(data, sender=LAB.id)


def test_step_9_party_and_side() -> None:
    theirs = Known(parties={CASE: (AuthorityId("xz.moj"), XM.id)})
    refused(lambda: take(a_statement(), known=theirs), Step.TYPE, Refused)
    asked = Known(parties={CASE: (XM.id, XV.id)})
    refused(lambda: take(a_statement(), known=asked), Step.TYPE, Refused)
    asking = Known(parties={CASE: (XV.id, XM.id)})
    assert take(a_statement(), known=asking)


@pytest.mark.parametrize(
    "changes",
    [
        {"body": {}},
        {"body": {**WITHDRAWAL, "more": 1}},
        {"body": {**WITHDRAWAL, "reasons": ""}},
        {"body": {**WITHDRAWAL, "request_id": an_id("another case")}},
        {"case": ObjectId(an_id("another case"))},
    ],
)
def test_step_10_schema(changes) -> None:
    refused(lambda: take(a_statement(**changes)), Step.SCHEMA, Invalid)


@each_kind
def test_step_10_signed_members_that_are_malformed(make, admitted) -> None:
    module = {a_statement: statement, a_header: parcel, a_receipt: receipt}[make]
    for payload in (b"{}", b"[]", b'{"v":1 }', b'{"v":1}'):
        data = envelope.sign(payload_type=module.PAYLOAD_TYPE, payload=payload, key=XV.seal)
        refused(lambda data=data: admitted(data), Step.SCHEMA)


def test_every_step_has_its_own_code() -> None:
    assert set(CODES) == set(Step)
    assert len(set(CODES.values())) == len(Step)
    assert [step.value for step in Step] == list(range(1, 11))
    assert step_of(Invalid("x.y", "not of admission")) == 0
    assert admit.__doc__ is not None
    for step in Step:
        assert f"{step.value:>2}  {step.name.lower()}" in admit.__doc__


def test_a_stranger_with_our_key_format_is_still_a_stranger() -> None:
    refused(lambda: take(a_statement(seal=make_seal("stranger"))), Step.SENDER, Unverified)
