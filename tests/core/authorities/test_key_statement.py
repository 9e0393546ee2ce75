# SPDX-License-Identifier: Apache-2.0
"""Key statements: what speaks for an authority, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.authorities.key_statement import (
    PAYLOAD_TYPE,
    KeyStatement,
    LedgerKeys,
    RecipientPeriod,
    Revocation,
    SealPeriod,
    check_successor,
    read_key_statement,
    sign_key_statement,
)
from comity.authorities.model import Authority, Role
from comity.canonical import json
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId
from comity.crypto import envelope
from comity.crypto.sealing import EncryptionIdentity
from comity.errors import ComityError, Invalid, Unverified
from support.authorities import BEGIN, make_authority, make_seal, seed, sign_again

XV = make_authority("xv.moj")
DAY = timedelta(days=1)


def refusal(call) -> str:
    with pytest.raises(ComityError) as caught:
        call()
    assert isinstance(caught.value, Invalid | Unverified)
    return caught.value.code


def test_a_statement_says_what_was_signed() -> None:
    statement = XV.statement
    assert read_key_statement(statement.raw, root=XV.root.public) == statement
    assert statement.seal_at(BEGIN) == XV.seal.public
    assert statement.seal_at(BEGIN, key_id=XV.seal.public.key_id) == XV.seal.public
    assert statement.recipient_at(BEGIN) == XV.identity.recipient
    assert statement.check_transport(BEGIN) == XV.transport.public_key().public_bytes_raw()


def test_only_the_root_signs_it() -> None:
    assert refusal(lambda: read_key_statement(XV.statement.raw, root=XV.seal.public)) == (
        "envelope.unknown_key"
    )
    other = envelope.sign(
        payload_type="application/vnd.comity.statement+json",
        payload=json.write(XV.statement.to_json()),
        key=XV.root,
    )
    assert refusal(lambda: read_key_statement(other, root=XV.root.public)) == "envelope.wrong_type"


def test_a_seal_speaks_from_its_first_instant_until_before_its_last() -> None:
    period = SealPeriod(XV.seal.public, BEGIN + DAY, BEGIN + 2 * DAY)
    statement = sign_again(XV.statement, XV.root, seals=(period,))
    moment = timedelta(seconds=1)
    assert refusal(lambda: statement.seal_at(BEGIN)) == "key.not_yet_valid"
    assert refusal(lambda: statement.seal_at(BEGIN + DAY - moment)) == "key.not_yet_valid"
    assert statement.seal_at(BEGIN + DAY) == XV.seal.public
    assert statement.seal_at(BEGIN + 2 * DAY - moment) == XV.seal.public
    assert refusal(lambda: statement.seal_at(BEGIN + 2 * DAY)) == "key.expired"


def test_of_two_seals_the_newer_signs_and_both_verify() -> None:
    new = make_seal("new")
    seals = (SealPeriod(XV.seal.public, BEGIN, None), SealPeriod(new.public, BEGIN + DAY, None))
    statement = sign_again(XV.statement, XV.root, seals=seals)
    later = BEGIN + 3 * DAY
    assert statement.seal_at(BEGIN) == XV.seal.public
    assert statement.seal_at(later) == new.public
    assert statement.seal_at(later, key_id=XV.seal.public.key_id) == XV.seal.public
    assert refusal(lambda: statement.seal_at(later, key_id=make_seal("x").public.key_id)) == (
        "key.unknown"
    )
    assert refusal(lambda: statement.seal_at(BEGIN, key_id=new.public.key_id)) == (
        "key.not_yet_valid"
    )


def test_a_revoked_key_stands_for_what_it_signed_before() -> None:
    old, new = XV.seal.public, make_seal("new").public
    statement = sign_again(
        XV.statement,
        XV.root,
        seals=(SealPeriod(old, BEGIN, None), SealPeriod(new, BEGIN, None)),
        revoked=(
            Revocation(Sha256(old.key_id), BEGIN + DAY, "stolen"),
            Revocation(Sha256(XV.statement.transport_key_id), BEGIN + DAY, "stolen"),
        ),
    )
    assert statement.seal_at(BEGIN, key_id=old.key_id) == old
    assert refusal(lambda: statement.seal_at(BEGIN + DAY, key_id=old.key_id)) == "key.revoked"
    assert statement.seal_at(BEGIN + DAY) == new
    assert statement.check_transport(BEGIN)
    assert refusal(lambda: statement.check_transport(BEGIN + DAY)) == "key.revoked"


def test_nothing_speaks_after_the_statement_has_expired() -> None:
    end = XV.statement.expires
    assert refusal(lambda: XV.statement.seal_at(end)) == "key.expired"
    assert refusal(lambda: XV.statement.recipient_at(end)) == "key.expired"
    assert refusal(lambda: XV.statement.check_transport(end)) == "key.expired"


def test_statements_follow_one_another_without_a_gap() -> None:
    first = XV.statement
    second = sign_again(first, XV.root, serial=2, previous=first.digest, issued=BEGIN + DAY)
    check_successor(first, second)
    for change, code in [
        ({"serial": 3}, "key_statement.serial"),
        ({"previous": Sha256("0" * 64)}, "key_statement.previous"),
        ({"issued": BEGIN - DAY}, "key_statement.issued"),
    ]:
        wrong = replace(second, **change)
        assert refusal(lambda wrong=wrong: check_successor(first, wrong)) == code
    stranger = make_authority("xm.moj").statement
    assert refusal(lambda: check_successor(first, stranger)) == "key_statement.other_authority"


LEDGER = XV.statement.ledger
TWICE = SealPeriod(XV.seal.public, BEGIN, None)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"seals": ()}, "key_statement.no_seal"),
        ({"seals": (TWICE, TWICE)}, "key_statement.key_twice"),
        ({"seals": (TWICE,) * 17}, "json.member_too_long"),
        ({"seals": (SealPeriod(XV.seal.public, BEGIN, BEGIN),)}, "key_statement.period"),
        ({"expires": BEGIN}, "key_statement.period"),
        ({"serial": 0}, "json.member_range"),
        ({"serial": 2}, "key_statement.previous"),
        ({"previous": Sha256("0" * 64)}, "key_statement.previous"),
        ({"wire_url": "https://node.test"}, "key_statement.address"),
        ({"tls_sha256": Sha256("0" * 64)}, "key_statement.address"),
        (
            {"wire_url": "http://node.test", "tls_sha256": Sha256("0" * 64)},
            "key_statement.address",
        ),
        ({"suite": "S0"}, "json.member_value"),
        ({"transport": bytes(32)}, "key.small_order"),
        ({"minisign": b"\xff" * 32}, "key.not_canonical"),
        ({"transport": b"x"}, "json.member_size"),
        ({"recipients": (RecipientPeriod("age1x", BEGIN, None),)}, "bech32.malformed"),
        ({"ledger": replace(LEDGER, origin="a b")}, "key_statement.ledger"),
        ({"ledger": replace(LEDGER, log_vkeys=("a\nb",))}, "key_statement.ledger"),
        (
            {"revoked": tuple(Revocation(Sha256("0" * 64), BEGIN, "r") for _ in range(65))},
            "json.member_too_long",
        ),
    ],
)
def test_an_unsound_statement_is_neither_signed_nor_read(change, code: str) -> None:
    wrong = replace(XV.statement, **change)
    assert refusal(lambda: sign_key_statement(wrong, root=XV.root)) == code


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"roles": ["central", "central"]}, "authority.roles"),
        ({"roles": ["hub", "central"]}, "authority.roles"),
        ({"roles": ["king"]}, "authority.roles"),
        ({"state": "XM"}, "authority.state"),
        ({"state": "xv"}, "authority.state"),
        ({"name": "a\nb"}, "authority.name"),
        ({"name": " "}, "authority.name"),
        ({"id": "XV"}, "id.authority"),
        ({"more": 1}, "json.member_unknown"),
    ],
)
def test_an_authority_is_read_strictly(members, code: str) -> None:
    value = XV.statement.to_json()
    value["authority"] |= members
    data = envelope.sign(payload_type=PAYLOAD_TYPE, payload=json.write(value), key=XV.root)
    assert refusal(lambda: read_key_statement(data, root=XV.root.public)) == code


@given(st.integers(0, len(XV.statement.raw) - 1), st.integers(1, 255))
def test_a_changed_byte_is_never_accepted(place: int, mask: int) -> None:
    data = bytearray(XV.statement.raw)
    data[place] ^= mask
    assert refusal(lambda: read_key_statement(bytes(data), root=XV.root.public))


periods = st.tuples(st.integers(0, 100), st.one_of(st.none(), st.integers(1, 100)))


@given(
    st.lists(periods, min_size=1, max_size=3),
    st.lists(periods, max_size=2),
    st.sets(st.sampled_from(Role)),
    st.text(min_size=1, max_size=40).filter(lambda s: s.isprintable() and s.strip()),
)
def test_what_is_signed_is_read_back(seals, recipients, roles, name: str) -> None:
    def period(start, length):
        begin = BEGIN + start * DAY
        return begin, None if length is None else begin + length * DAY

    statement = KeyStatement(
        authority=Authority(
            id=AuthorityId("xv.moj"), name=name, state="XV", roles=frozenset(roles)
        ),
        serial=1,
        previous=None,
        issued=BEGIN,
        expires=BEGIN + 400 * DAY,
        wire_url="https://[::1]:8443/wire",
        tls_sha256=Sha256("ab" * 32),
        seals=tuple(
            SealPeriod(make_seal(f"s{i}").public, *period(*p)) for i, p in enumerate(seals)
        ),
        recipients=tuple(
            RecipientPeriod(EncryptionIdentity(seed(f"r{i}")).recipient, *period(*p))
            for i, p in enumerate(recipients)
        ),
        transport=XV.statement.transport,
        minisign=XV.statement.minisign,
        ledger=LedgerKeys("a", (), ("b+1+c",), "d"),
    )
    data = sign_key_statement(statement, root=XV.root)
    assert read_key_statement(data, root=XV.root.public) == statement
