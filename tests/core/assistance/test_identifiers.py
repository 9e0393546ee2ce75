# SPDX-License-Identifier: Apache-2.0
"""An identifier that a provider cannot act on does not get into a request."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given

from comity.assistance.identifiers import Identifier, IdentifierKind
from comity.canonical.members import Members
from comity.errors import Invalid
from support.messages import identifiers

EARLY, LATE = datetime(2026, 11, 3, 2, tzinfo=UTC), datetime(2026, 11, 3, 3, tzinfo=UTC)
K = IdentifierKind


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (K.IP, "192.0.2.7"),
        (K.IP, "2001:db8::1"),
        (K.ACCOUNT, "night.owl_77"),
        (K.ACCOUNT, "ليل"),
        (K.EMAIL, "night@mail.example"),
        (K.EMAIL, "夜@例え.example"),
        (K.URL, "https://forum.example/t/77?p=2"),
        (K.PHONE, "+4733445566"),
        (K.OTHER, "IMEI 356938035643809"),
    ],
)
def test_good_identifiers_are_kept_as_they_are(kind, value) -> None:
    assert Identifier(kind=kind, value=value, since=EARLY, until=LATE).value == value


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        (K.IP, "192.0.2.256", "identifier.ip"),
        (K.IP, "192.0.2.007", "identifier.ip"),
        (K.IP, "2001:DB8:0:0::1", "identifier.ip"),
        (K.IP, "192.0.2.0/24", "identifier.ip"),
        (K.EMAIL, "night", "identifier.email"),
        (K.EMAIL, "a b@mail.example", "identifier.email"),
        (K.URL, "forum.example/t/77", "identifier.url"),
        (K.PHONE, "0047 33445566", "identifier.phone"),
        (K.PHONE, "+0733445566", "identifier.phone"),
        (K.ACCOUNT, " night", "identifier.invisible"),
        (K.ACCOUNT, "ni\u200bght", "identifier.invisible"),
        (K.ACCOUNT, "night\u202e", "text.bidirectional_control"),
        (K.ACCOUNT, "night\n", "text.control_character"),
        (K.ACCOUNT, "", "text.blank"),
        (K.OTHER, "x" * 2_049, "text.too_long"),
    ],
)
def test_bad_identifiers_are_refused_with_what_is_wrong(kind, value, code) -> None:
    with pytest.raises(Invalid) as caught:
        Identifier(kind=kind, value=value)
    assert caught.value.code == code


def test_the_short_form_of_an_address_is_told() -> None:
    with pytest.raises(Invalid, match="2001:db8::1"):
        Identifier(kind=K.IP, value="2001:0db8:0:0:0:0:0:1")


def test_ports_belong_to_addresses_and_time_runs_forward() -> None:
    assert Identifier(kind=K.IP, value="192.0.2.7", port=65_535).port == 65_535
    for kind, value, port in ((K.EMAIL, "a@b.example", 25), (K.IP, "192.0.2.7", 0)):
        with pytest.raises(Invalid) as caught:
            Identifier(kind=kind, value=value, port=port)
        assert caught.value.code == "identifier.port"
    with pytest.raises(Invalid) as caught:
        Identifier(kind=K.ACCOUNT, value="night", since=LATE, until=EARLY)
    assert caught.value.code == "identifier.time"


@given(identifiers())
def test_what_is_written_is_read_back(identifier: Identifier) -> None:
    assert Identifier.read(Members(identifier.to_json(), what="x")) == identifier


def test_the_place_is_named_when_read() -> None:
    body = {"kind": "ip", "value": "999.1.1.1", "port": None, "from": None, "until": None}
    with pytest.raises(Invalid, match=r"fields: identifiers\[2\]: value"):
        Identifier.read(Members(body, what="fields: identifiers[2]"))
