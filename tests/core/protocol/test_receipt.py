# SPDX-License-Identifier: Apache-2.0
"""Receipts: what each kind must carry, and no other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.authorities.directory import DirectoryHead
from comity.canonical import json
from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId
from comity.crypto import envelope
from comity.errors import Invalid
from comity.protocol.receipt import (
    NEGATIVE,
    PAYLOAD_TYPE,
    Kind,
    Reason,
    Receipt,
    read_payload,
    sign_receipt,
)
from support.authorities import BEGIN, make_authority

XM = make_authority("xm.moj")
RECEIPT = Receipt(
    kind=Kind.DELIVERED,
    issuer=XM.id,
    to=AuthorityId("xv.moj"),
    parcel=Sha256("ab" * 32),
    statement=Sha256("cd" * 32),
    previous=None,
    at=BEGIN,
    claimed=BEGIN,
    serial=1,
    directory=DirectoryHead(3, Sha256("ef" * 32)),
)


def code_of(call) -> str:
    with pytest.raises(Invalid) as caught:
        call()
    return caught.value.code


def test_it_is_read_as_it_was_signed() -> None:
    signed = sign_receipt(RECEIPT, seal=XM.seal)
    assert signed == RECEIPT
    assert signed.digest == sha256(signed.raw)
    payload = envelope.verify(
        envelope.read(signed.raw), key=XM.seal.public, payload_type=PAYLOAD_TYPE
    )
    assert read_payload(payload) == RECEIPT


@pytest.mark.parametrize("kind", Kind)
def test_a_refusal_and_nothing_else_has_a_reason(kind: Kind) -> None:
    report = Sha256("12" * 32) if kind is Kind.VERIFIED else None
    reason = Reason("protocol.not_fresh", "expired")
    good = replace(RECEIPT, kind=kind, reason=reason if kind in NEGATIVE else None, report=report)
    assert sign_receipt(good, seal=XM.seal).kind is kind
    wrong = replace(good, reason=None if kind in NEGATIVE else reason)
    assert code_of(lambda: sign_receipt(wrong, seal=XM.seal)) == "receipt.reason"


def test_a_verification_and_nothing_else_has_a_report() -> None:
    without = replace(RECEIPT, kind=Kind.VERIFIED)
    assert code_of(lambda: sign_receipt(without, seal=XM.seal)) == "receipt.report"
    with_one = replace(RECEIPT, report=Sha256("12" * 32))
    assert code_of(lambda: sign_receipt(with_one, seal=XM.seal)) == "receipt.report"


def test_it_is_about_something() -> None:
    about_nothing = replace(RECEIPT, parcel=None, statement=None)
    assert code_of(lambda: sign_receipt(about_nothing, seal=XM.seal)) == "receipt.object"
    assert sign_receipt(replace(RECEIPT, parcel=None), seal=XM.seal)
    assert sign_receipt(replace(RECEIPT, statement=None), seal=XM.seal)


def test_a_reason_is_cut_to_what_is_read() -> None:
    reason = Reason.of(Invalid("a.b", "x" * 5_000))
    refused = replace(RECEIPT, kind=Kind.RELAY_REFUSED, reason=reason)
    assert len(sign_receipt(refused, seal=XM.seal).reason.text) == 1_000


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"v": 2}, "json.member_value"),
        ({"kind": "seen"}, "json.member_value"),
        ({"from": "XM"}, "id.authority"),
        ({"parcel": "ab"}, "digest.malformed"),
        ({"serial": 0}, "json.member_range"),
        ({"reason": {"code": "a.b"}}, "json.member_missing"),
        ({"kind": "relay_refused", "reason": {"code": "a.b", "text": "\u202e"}},
         "text.bidirectional_control"),
        ({"reason": {"code": "a.b", "text": "t", "more": 1}}, "json.member_unknown"),
        ({"officer": "Amara"}, "json.member_unknown"),
    ],
)  # fmt: skip
def test_each_fault_has_its_code(changes, code: str) -> None:
    assert code_of(lambda: read_payload(json.write({**RECEIPT.to_json(), **changes}))) == code


@pytest.mark.parametrize("name", sorted(RECEIPT.to_json()))
def test_no_member_may_be_missing(name: str) -> None:
    value = RECEIPT.to_json()
    del value[name]
    assert code_of(lambda: read_payload(json.write(value))) == "json.member_missing"
