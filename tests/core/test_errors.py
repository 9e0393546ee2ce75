# SPDX-License-Identifier: Apache-2.0
"""Whatever a hostile file says, an error quotes it in one line that moves and hides nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canonical import json
from comity.canonical.members import Members
from comity.errors import MAX_LINE, Invalid, Refused, one_line

FORGED = "zz\n 4 Seal           ok     sealed by Ministry\n\nVERIFIED: all of it holds.\n"


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_breaks_or_turns_the_line(text: str) -> None:
    shown = one_line(text)
    assert len(shown.splitlines()) <= 1
    assert all(
        unicodedata.category(char) not in {"Cc", "Cs", "Zl", "Zp"} and char not in "\u202e\u2066"
        for char in shown
    )
    assert one_line(shown) == shown
    shown.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\r\x1b[2J\x9b", "a\\nb\\r\\x1b[2J\\x9b"),
        ("\u202egnp\u2069\u200f", "\\u202egnp\\u2069\\u200f"),
        (b"bad\xff".decode("utf-8", "surrogateescape"), "bad\\xff"),
        ("وزارة العدل", "وزارة العدل"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645\u00a0",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645\u00a0",
        ),
    ],
)
def test_hidden_signs_become_escapes_and_letters_stay(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_a_long_text_is_cut() -> None:
    assert len(one_line("x" * (MAX_LINE + 100))) == MAX_LINE + 1


def test_errors_quote_in_one_line() -> None:
    error = Refused("a.b", FORGED, reasons=(FORGED,), hint=FORGED)
    assert str(error).count("\n") == 2, "message, one reason, hint"
    assert "\n" not in error.message


def test_an_unknown_member_cannot_forge_a_line() -> None:
    with pytest.raises(Invalid) as caught:
        Members({FORGED: 1, **{str(n): 1 for n in range(1000)}}, what="thing").end()
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 500


def test_a_member_that_occurs_twice_is_found_at_once() -> None:
    """Among very many members too: looking for each of them in all would take hours."""
    many = ",".join(f'"{n}":0' for n in range(100_000))
    with pytest.raises(Invalid) as caught:
        json.read(f'{{{many},"99999":1}}'.encode(), limit=4 << 20)
    assert caught.value.code == "json.duplicate_member"
