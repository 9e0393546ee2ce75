# SPDX-License-Identifier: Apache-2.0
"""Identifiers keep their order, and nothing a person typed becomes markup."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.node.desk.bidi import ltr, prose

ARABIC = st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهوي ", min_size=1).map(lambda t: f"ا{t}ب")
IDENTIFIERS = st.one_of(
    st.dates().map(str),
    st.from_regex(r"\+[1-9][0-9]{1,2}-[0-9]-[0-9]{3}-[0-9]{4}", fullmatch=True),
    st.ip_addresses().map(str),
    st.tuples(st.ip_addresses(v=4), st.ip_addresses(v=4)).map(lambda pair: f"{pair[0]}-{pair[1]}"),
    st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    st.from_regex(r"[0-9]{2}-[0-9]{3}/20[0-9]{2}", fullmatch=True),
    st.from_regex(r"[0-9]{2}\([0-9]\)(\([a-f]\))?", fullmatch=True),
    st.from_regex(r"[a-z]{3,8}@[a-z]{3,8}\.example", fullmatch=True),
)


def words(html: str) -> str:
    """Return what a reader sees: the text without its markup."""
    return unescape(re.sub(r"<[^>]*>", "", html))


@given(before=ARABIC, identifier=IDENTIFIERS, after=ARABIC)
def test_an_identifier_between_arabic_letters_is_always_isolated_whole(before, identifier, after):
    html = prose(f"{before} {identifier} {after}")
    assert f"{ltr(identifier)}" in html


LATIN = st.from_regex(r"[A-Za-z]{2,9}( [a-z]{2,9}){0,3}", fullmatch=True)


@given(first=LATIN, name=ARABIC, between=LATIN, other=ARABIC)
def test_a_sentence_from_left_to_right_keeps_the_order_of_its_names(first, name, between, other):
    html = prose(f"{first} {name} {between} {other}.")
    assert html == f'<bdi dir="ltr">{first} {name} {between} {other}.</bdi>'


@given(first=LATIN, name=ARABIC, identifier=IDENTIFIERS, last=LATIN)
def test_a_number_after_an_arabic_name_is_isolated_in_any_sentence(first, name, identifier, last):
    html = prose(f"{first} {name} {identifier} {last}")
    assert html.startswith('<bdi dir="ltr">')
    assert identifier[0].isalpha() or ltr(identifier) in html


@given(before=ARABIC, identifier=IDENTIFIERS, after=ARABIC)
def test_the_full_stop_of_the_sentence_is_never_taken_into_the_isolate(before, identifier, after):
    assert f"{identifier}</bdi>." in prose(f"{before} {identifier}. {after}")


@given(st.text())
def test_prose_never_changes_the_text(text):
    plain = re.sub("[\u202a-\u202e]", "", text)
    assert words(prose(plain)) == plain


@given(st.text(alphabet="<>&\"'ابج/=script "))
def test_prose_never_lets_markup_through(text):
    tags = re.findall(r"<[^>]*>", prose(text))
    assert set(tags) <= {'<bdi dir="ltr">', '<bdi dir="ltr" class="whole">', "</bdi>"}


@given(st.text())
def test_ltr_never_lets_markup_through(text):
    assert words(ltr(text)) == text
    opening, closing = re.findall(r"<[^>]*>", ltr(text))
    assert opening.startswith('<bdi dir="ltr"')
    assert closing == "</bdi>"


def test_a_short_identifier_is_never_broken_over_two_lines():
    assert ltr("2026-03-01") == '<bdi dir="ltr" class="whole">2026-03-01</bdi>'
    assert "whole" not in ltr("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")


def test_text_without_arabic_needs_no_isolates():
    assert prose("Sent on 2026-03-01 by <someone>") == "Sent on 2026-03-01 by &lt;someone&gt;"


@pytest.mark.parametrize("override", ["\u202a", "\u202b", "\u202c", "\u202d", "\u202e"])
def test_an_override_is_shown_and_not_obeyed(override):
    html = prose(f"invoice{override}fdp.exe")
    assert override not in html
    assert f"U+{ord(override):04X}" in html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("المادة 27(4).", "المادة [27(4)]."),
        ("(انظر 27(4))", "(انظر [27(4)])"),
        ("قال: «Microsoft Corp. 365»", "قال: «[Microsoft Corp. 365]»"),
        ("هاتف +971 4 555 0199", "هاتف [+971 4 555 0199]"),
        ("شبكة 2001:db8::.", "شبكة [2001:db8::]."),
        ("نعم - لا", "نعم - لا"),
    ],
)
def test_brackets_and_quotation_marks_of_the_sentence_stay_outside(text, expected):
    marked = re.sub(r"<bdi[^>]*>", "[", prose(text)).replace("</bdi>", "]")
    assert marked == expected
