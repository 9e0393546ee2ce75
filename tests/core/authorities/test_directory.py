# SPDX-License-Identifier: Apache-2.0
"""The directory: signed by the hub, never rolled back, keys from the authorities themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.authorities.directory import PAYLOAD_TYPE, read_directory, sign_directory
from comity.canonical import json
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId
from comity.crypto import envelope
from comity.errors import ComityError, Conflict, Invalid, Unverified
from support.authorities import BEGIN, make_authority, make_seal

HUB, XV, XM = make_seal("hub"), make_authority("xv.moj"), make_authority("xm.moj")
END = BEGIN + timedelta(days=7)
ENTRIES = [(a.root.public, a.statement.raw) for a in (XV, XM)]


def make(version: int = 3, entries=ENTRIES, end=END) -> bytes:
    return sign_directory(version=version, issued=BEGIN, expires=end, entries=entries, hub=HUB)


SIGNED = make()


def read(data: bytes, *, now=BEGIN, known_version=None, known_digest=None, hub=HUB):
    return read_directory(
        data, hub=hub.public, now=now, known_version=known_version, known_digest=known_digest
    )


def refusal(*args, **kwargs) -> str:
    with pytest.raises(ComityError) as caught:
        read(*args, **kwargs)
    assert isinstance(caught.value, Invalid | Unverified | Conflict)
    return caught.value.code


def test_each_entry_carries_the_authoritys_own_statement() -> None:
    directory = read(SIGNED)
    assert [entry.authority for entry in directory.entries] == ["xm.moj", "xv.moj"]
    assert directory.entry(XV.id).statement.raw == XV.statement.raw
    assert directory.entry(XV.id).root == XV.root.public
    with pytest.raises(Unverified) as caught:
        directory.entry(AuthorityId("xl.records"))
    assert caught.value.code == "directory.unknown_authority"


def test_rollback_expiry_and_strangers_are_refused() -> None:
    assert read(SIGNED, known_version=3, known_digest=read(SIGNED).digest).version == 3
    assert read(SIGNED, known_version=2).version == 3
    assert refusal(SIGNED, known_version=4) == "directory.rolled_back"
    assert read(SIGNED, now=END - timedelta(seconds=1))
    assert refusal(SIGNED, now=END) == "directory.expired"
    assert refusal(SIGNED, hub=make_seal("another hub")) == "envelope.unknown_key"


def test_two_views_of_one_version_are_a_conflict() -> None:
    other = read(make(entries=ENTRIES[:1])).digest
    with pytest.raises(Conflict) as caught:
        read(SIGNED, known_version=3, known_digest=other)
    assert caught.value.code == "directory.two_views"
    assert read(make(version=4), known_version=3, known_digest=other).version == 4


def test_the_hub_cannot_put_keys_into_an_authoritys_mouth() -> None:
    """A statement must stand under the entry's root, and speak for the entry's authority."""
    with pytest.raises(Unverified):
        make(entries=[(HUB.public, XV.statement.raw)])
    payload = json.read_object(envelope.read(SIGNED).payload, limit=1 << 20)
    payload["entries"][0]["authority"] = "xl.records"
    payload["entries"].sort(key=lambda entry: entry["authority"])
    data = envelope.sign(payload_type=PAYLOAD_TYPE, payload=json.write(payload), key=HUB)
    assert refusal(data) == "directory.entries"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda p: p["entries"].reverse(), "directory.entries"),
        (lambda p: p["entries"].append(p["entries"][-1]), "directory.entries"),
        (lambda p: p.update(expires=p["issued"]), "directory.period"),
        (lambda p: p.update(version=0), "json.member_range"),
        (lambda p: p.update(v=2), "json.member_value"),
        (lambda p: p.update(note=""), "json.member_unknown"),
        (lambda p: p["entries"][0].update(note=""), "json.member_unknown"),
    ],
)
def test_an_unsound_directory_is_refused_even_from_the_hub(change, code: str) -> None:
    payload = json.read_object(envelope.read(SIGNED).payload, limit=1 << 20)
    change(payload)
    data = envelope.sign(payload_type=PAYLOAD_TYPE, payload=json.write(payload), key=HUB)
    assert refusal(data) == code


def test_an_expired_directory_is_not_signed() -> None:
    with pytest.raises(Invalid):
        make(end=BEGIN)


def test_an_unknown_digest_type_is_no_view() -> None:
    assert read(SIGNED, known_version=2, known_digest=Sha256("0" * 64)).version == 3


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_a_changed_byte_is_never_accepted(place: int, mask: int) -> None:
    data = bytearray(SIGNED)
    data[place] ^= mask
    assert refusal(bytes(data))
