# SPDX-License-Identifier: Apache-2.0
"""Statements: what is signed, what a reader leaves alone, what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.authorities.directory import DirectoryHead
from comity.canonical import json
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId
from comity.crypto import envelope
from comity.errors import Invalid
from comity.protocol.statement import (
    PAYLOAD_TYPE,
    Handling,
    HandlingCode,
    Statement,
    read_payload,
    sign_statement,
    statement_digest,
)
from support.authorities import BEGIN, make_authority
from support.requests import an_id

XV = make_authority("xv.moj")
CASE = an_id("case")
STATEMENT = Statement(
    id=an_id("statement"),
    type="assistance.withdrawal/1",
    sender=XV.id,
    to=(AuthorityId("xl.records"), AuthorityId("xm.moj")),
    case=CASE,
    seq=2,
    previous=Sha256("ab" * 32),
    created=BEGIN,
    expires=BEGIN + timedelta(days=14),
    body={"request_id": CASE, "reasons": "سحب"},
    directory=DirectoryHead(7, Sha256("cd" * 32)),
    handling=Handling(HandlingCode.H3, "For this case only.", date(2030, 1, 1)),
)


def payload(**changes) -> bytes:
    return json.write({**STATEMENT.to_json(), **changes})


def refusal(data: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        read_payload(data)
    return caught.value.code


def test_it_is_read_as_it_was_signed() -> None:
    raw = sign_statement(STATEMENT, seal=XV.seal)
    signed = envelope.read(raw)
    assert envelope.verify(signed, key=XV.seal.public, payload_type=PAYLOAD_TYPE)
    assert read_payload(signed.payload) == STATEMENT
    assert statement_digest(raw) != statement_digest(sign_statement(STATEMENT, seal=XV.seal))


def test_a_first_statement_has_no_predecessor() -> None:
    first = replace(STATEMENT, seq=1, previous=None, directory=None, handling=Handling())
    assert read_payload(json.write(first.to_json())) == first


def test_a_member_of_a_later_version_is_left_alone_unless_it_is_critical() -> None:
    assert read_payload(payload(mood="serious")) == STATEMENT
    assert read_payload(payload(critical=["body", "to"])) == STATEMENT
    assert refusal(payload(mood="serious", critical=["mood"])) == "statement.critical"
    assert refusal(payload(critical=["mood"])) == "statement.critical"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"v": 2}, "json.member_value"),
        ({"id": "7"}, "id.object"),
        ({"type": "withdrawal"}, "statement.type"),
        ({"type": "assistance.withdrawal/0"}, "statement.type"),
        ({"type": "assistance.withdrawal/1\n"}, "statement.type"),
        ({"from": "XV"}, "id.authority"),
        ({"to": []}, "statement.recipients"),
        ({"to": ["xm.moj", "xl.records"]}, "statement.recipients"),
        ({"to": ["xm.moj", "xm.moj"]}, "statement.recipients"),
        ({"to": [f"xm.a{n:02}" for n in range(17)]}, "json.member_too_long"),
        ({"seq": 0}, "json.member_range"),
        ({"seq": 1}, "statement.series"),
        ({"prev": None}, "statement.series"),
        ({"expires": "2026-01-01T00:00:00Z"}, "statement.lifetime"),
        ({"expires": "2026-03-03T00:00:01Z"}, "statement.lifetime"),
        ({"created": "2026-01-01T00:00:00+00:00"}, "time.malformed"),
        ({"body": []}, "statement.body"),
        ({"dir": {"version": 0, "sha256": "cd" * 32}}, "json.member_range"),
        ({"dir": {"version": 1}}, "json.member_missing"),
        ({"handling": {"code": "H9", "purpose": "", "retain_until": None}}, "json.member_value"),
        ({"handling": {"code": "H3", "purpose": "", "retain_until": None}}, "statement.handling"),
        ({"handling": {"code": "H0", "purpose": "a\u202eb", "retain_until": None}},
         "text.bidirectional_control"),
        ({"handling": {"code": "H0", "purpose": "", "retain_until": "2030-02-30"}},
         "date.malformed"),
        ({"critical": "body"}, "json.member_type"),
    ],
)  # fmt: skip
def test_each_fault_has_its_code(changes, code: str) -> None:
    assert refusal(payload(**changes)) == code


@pytest.mark.parametrize("name", sorted(STATEMENT.to_json()))
def test_no_member_may_be_missing(name: str) -> None:
    value = STATEMENT.to_json()
    del value[name]
    assert refusal(json.write(value)) == "json.member_missing"


def test_what_a_reader_would_refuse_is_not_signed() -> None:
    with pytest.raises(Invalid):
        sign_statement(replace(STATEMENT, to=()), seal=XV.seal)


def test_what_is_too_large_is_not_signed() -> None:
    body = {"request_id": CASE, "reasons": "x" * 800_000}
    with pytest.raises(Invalid) as caught:
        sign_statement(replace(STATEMENT, body=body), seal=XV.seal)
    assert caught.value.code == "statement.too_large"


@given(
    seq=st.integers(2, 2**53 - 1),
    days=st.integers(1, 60),
    code=st.sampled_from([HandlingCode.H0, HandlingCode.H1, HandlingCode.H2]),
    purpose=st.text(st.sampled_from("aé ع中.-"), max_size=40),
    until=st.none() | st.dates(date(2001, 1, 1)),
    words=st.dictionaries(st.text(max_size=5), st.integers(-9, 9) | st.text(max_size=9)),
)
def test_every_statement_survives(*, seq, days, code, purpose, until, words) -> None:
    made = replace(
        STATEMENT,
        seq=seq,
        expires=BEGIN + timedelta(days=days),
        handling=Handling(code, purpose, until),
        body=words,
    )
    assert read_payload(json.write(made.to_json())) == made
