# SPDX-License-Identifier: Apache-2.0
"""A reader takes every member exactly once, of the right type, and leaves none over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canonical.base64 import read_base64, write_base64
from comity.canonical.members import Members
from comity.errors import Invalid


def refusal(call) -> str:
    with pytest.raises(Invalid) as caught:
        call()
    return caught.value.code


def test_every_member_is_taken_and_nothing_is_left() -> None:
    members = Members(
        {"a": "text", "b": 7, "c": None, "d": ["x"], "e": {"f": True}, "g": "AQI="}, what="thing"
    )
    assert members.text("a") == "text"
    assert members.integer("b") == 7
    assert members.text_or_null("c") is None
    assert members.texts("d") == ("x",)
    inner = members.members("e")
    assert inner.boolean("f") is True
    inner.end()
    assert members.base64("g", size=2) == b"\1\2"
    members.end()


@pytest.mark.parametrize(
    ("value", "call", "code"),
    [
        ([], lambda m: m.end(), "json.not_an_object"),
        ({"a": 1}, lambda m: m.end(), "json.member_unknown"),
        ({}, lambda m: m.text("a"), "json.member_missing"),
        ({"a": 1}, lambda m: m.text("a"), "json.member_type"),
        ({"a": ""}, lambda m: m.text("a"), "json.member_empty"),
        ({"a": "xyz"}, lambda m: m.text("a", limit=2), "json.member_too_long"),
        ({"a": True}, lambda m: m.integer("a"), "json.member_type"),
        ({"a": -1}, lambda m: m.integer("a"), "json.member_range"),
        ({"a": 1}, lambda m: m.boolean("a"), "json.member_type"),
        ({"a": True}, lambda m: m.constant("a", 1), "json.member_value"),
        ({"a": "x"}, lambda m: m.choice("a", {"y"}), "json.member_value"),
        ({"a": {}}, lambda m: m.array("a"), "json.member_type"),
        ({"a": [1, 2]}, lambda m: m.array("a", limit=1), "json.member_too_long"),
        ({"a": [""]}, lambda m: m.texts("a"), "json.member_type"),
        ({"a": [1]}, lambda m: m.each("a"), "json.not_an_object"),
        ({"a": "2026-13-01T00:00:00Z"}, lambda m: m.instant("a"), "time.malformed"),
        ({"a": "ff"}, lambda m: m.sha256("a"), "digest.malformed"),
        ({"a": "XV"}, lambda m: m.authority("a"), "id.authority"),
        ({"a": "1"}, lambda m: m.object_id("a"), "id.object"),
        ({"a": "AQI"}, lambda m: m.base64("a"), "base64.malformed"),
        ({"a": "AQJ="}, lambda m: m.base64("a"), "base64.not_canonical"),
        ({"a": "AQI="}, lambda m: m.base64("a", size=3), "json.member_size"),
    ],
)
def test_each_fault_has_its_code(value, call, code: str) -> None:
    assert refusal(lambda: call(Members(value, what="thing"))) == code


def test_the_error_names_the_place() -> None:
    members = Members({"a": [{"b": 1}]}, what="thing")
    with pytest.raises(Invalid, match=r"thing: a\[0\]: b: expected a string"):
        members.each("a")[0].text("b")


@given(st.binary(max_size=200))
def test_base64_has_one_text_for_one_value(data: bytes) -> None:
    assert read_base64(write_base64(data)) == data


@given(st.text(alphabet="AQg=+/- \n", max_size=12))
def test_no_other_text_is_read_as_base64(text: str) -> None:
    try:
        data = read_base64(text)
    except Invalid:
        return
    assert write_base64(data) == text
