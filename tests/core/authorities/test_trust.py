# SPDX-License-Identifier: Apache-2.0
"""The trust file: complete, unambiguous, and the same when written again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.authorities.trust import (
    Expectation,
    Trust,
    TrustedAuthority,
    WitnessRule,
    read_trust,
    write_trust,
)
from comity.canonical.ids import AuthorityId, ObjectId
from comity.errors import Invalid, Unverified
from support.authorities import BEGIN, make_authority, make_trust

XV, XM = make_authority("xv.moj"), make_authority("xm.moj")
WHOLE = make_trust(
    XV,
    XM,
    witnesses={XV.id: WitnessRule(1, (XM.id,))},
    expect=Expectation(
        proofs_from=(XV.id, XM.id),
        accepted_by=XM.id,
        package=ObjectId("8c3d8d0a-5a3e-4c1b-9f53-2f0d9a0b7c11"),
    ),
)


def test_it_is_read_as_it_was_written() -> None:
    trust = read_trust(write_trust(WHOLE))
    assert trust == WHOLE
    assert write_trust(trust) == write_trust(WHOLE)
    assert read_trust(json.dumps(json.loads(write_trust(WHOLE)), indent=2).encode()) == WHOLE


def test_it_knows_whom_it_trusts() -> None:
    statement = WHOLE.read_key_statement(XV.statement.raw, authority=XV.id)
    assert statement.seal_at(BEGIN) == XV.seal.public
    with pytest.raises(Unverified, match=r"trust\.unknown_authority"):
        WHOLE.authority(AuthorityId("xl.records"))
    with pytest.raises(Unverified, match=r"envelope\.unknown_key"):
        WHOLE.read_key_statement(XM.statement.raw, authority=XV.id)


def test_a_statement_for_another_authority_under_the_same_root_is_refused() -> None:
    same_root = Trust(
        made=BEGIN,
        authorities=(
            XM.trusted(),
            TrustedAuthority(
                id=AuthorityId("xv.police"), name="Police", state="XV", root=XV.root.public
            ),
        ),
    )
    with pytest.raises(Unverified, match=r"key_statement\.other_authority"):
        same_root.read_key_statement(XV.statement.raw, authority=AuthorityId("xv.police"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda t: t.update(format="comity.trust/2"), "json.member_value"),
        (lambda t: t.pop("made"), "json.member_missing"),
        (lambda t: t.update(more=1), "json.member_unknown"),
        (lambda t: t["authorities"].append(t["authorities"][0]), "trust.names"),
        (lambda t: t["authorities"].pop(1), "trust.names"),
        (lambda t: t["authorities"][0].update(state="XM"), "authority.state"),
        (lambda t: t["authorities"][0]["root"].update(ed25519="AA=="), "json.member_size"),
        (lambda t: t["witnesses"]["xv.moj"].update(quorum=2), "json.member_range"),
        (lambda t: t["witnesses"]["xv.moj"].update(names=["xm.moj"] * 2), "trust.names"),
        (lambda t: t["witnesses"].update({"XV": {}}), "id.authority"),
        (lambda t: t.update(witnesses=[]), "trust.witnesses"),
        (lambda t: t["expect"].update(accepted_by="xl.records"), "trust.names"),
        (lambda t: t["expect"].update(package="seven"), "id.object"),
        (lambda t: t["expect"].pop("package"), "json.member_missing"),
    ],
)
def test_each_fault_has_its_code(change, code: str) -> None:
    value = json.loads(write_trust(WHOLE))
    change(value)
    with pytest.raises(Invalid) as caught:
        read_trust(json.dumps(value).encode())
    assert caught.value.code == code


@given(st.binary(max_size=200))
def test_other_bytes_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(Invalid):
        read_trust(data)
