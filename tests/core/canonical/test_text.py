# SPDX-License-Identifier: Apache-2.0
"""Text is stored clean, in every script, and every refusal says where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canonical.text import check_text, is_blank, tidy_text
from comity.errors import Invalid

SAMPLES = [
    "Illegal access",
    "الدخول غير المشروع إلى نظام حاسوبي",
    "未经授权访问计算机系统",
    "Несанкционированный доступ",
    "می‌خواهم",  # Persian with a zero-width non-joiner
    "क्‍ष",  # Devanagari with a zero-width joiner
    "naïve, e\u0301 combining, 🙂",
    "\u200fعنوان",  # a right-to-left mark turns nothing but itself
]


@pytest.mark.parametrize("text", SAMPLES)
def test_every_script_passes_unchanged(text: str) -> None:
    assert check_text(text, what="title", limit=200) == text


@pytest.mark.parametrize("code", [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
def test_characters_that_turn_the_direction_are_refused(code: int) -> None:
    with pytest.raises(Invalid) as caught:
        check_text(f"ab{chr(code)}c", what="title", limit=200, lines=True)
    assert caught.value.code == "text.bidirectional_control"
    assert caught.value.message.startswith(f"title: character 3 is U+{code:04X}")


@pytest.mark.parametrize("code", [*range(9), 0xB, 0xC, *range(0xD, 0x20), *range(0x7F, 0xA0)])
def test_control_characters_are_refused_even_in_long_texts(code: int) -> None:
    with pytest.raises(Invalid) as caught:
        check_text(f"ab{chr(code)}", what="facts", limit=200, lines=True)
    assert caught.value.code == "text.control_character"


@pytest.mark.parametrize("text", ["a\nb", "a\tb"])
def test_newline_and_tab_only_where_there_are_lines(text: str) -> None:
    assert check_text(text, what="facts", limit=9, lines=True) == text
    with pytest.raises(Invalid):
        check_text(text, what="title", limit=9)


@pytest.mark.parametrize("bad", ["\ud800", "\ufffe", "\U0010ffff", "\ufdd0"])
def test_what_is_no_character_is_refused(bad: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_text("x" + bad, what="title", limit=9)
    assert caught.value.code == "text.not_a_character"


def test_length_counts_characters_and_blank_is_not_text() -> None:
    assert check_text("文" * 20_000, what="facts", limit=20_000)
    with pytest.raises(Invalid) as caught:
        check_text("文" * 20_001, what="facts", limit=20_000)
    assert caught.value.code == "text.too_long"
    for empty in ("", "  ", "\n", "\u00a0\u2003"):
        with pytest.raises(Invalid) as caught:
            check_text(empty, what="title", limit=9, lines=True)
        assert caught.value.code == "text.blank"
        assert check_text(empty, what="title", limit=9, lines=True, blank=True) == empty


@given(st.text())
def test_a_check_returns_the_text_or_raises_invalid(text: str) -> None:
    complaint = "x: "
    try:
        assert check_text(text, what="x", limit=1_000, lines=True, blank=True) == text
    except Invalid as error:
        complaint = error.message
    assert complaint.startswith("x: ")


@given(st.text())
def test_tidying_is_done_once(text: str) -> None:
    once = tidy_text(text)
    assert tidy_text(once) == once
    assert "\r" not in once


def test_forms_send_carriage_returns_and_nobody_sees_them() -> None:
    assert tidy_text("  one \r\ntwo\rthree\u2028four \n") == "one\ntwo\nthree\nfour"
    assert tidy_text("e\u0301") == "é"


@pytest.mark.parametrize(
    "text",
    ["\u200b", "\u2060 \ufeff", "\u200d", "\u3164", "\u2800\u2800", "\u00ad", "\u0301", "\ufe0f"],
)
def test_what_nobody_can_see_is_blank(text: str) -> None:
    assert is_blank(text)
    with pytest.raises(Invalid) as caught:
        check_text(text, what="necessity", limit=9)
    assert caught.value.code == "text.blank"


@pytest.mark.parametrize("text", ["x", "\u200bx", "7", "§", "€", "文", "ع", "🏥", "-"])
def test_one_sign_that_shows_is_enough(text: str) -> None:
    assert not is_blank(text)
