# SPDX-License-Identifier: Apache-2.0
"""In Arabic the eye sees identifiers in their own order, in the drawing of the real browser."""

from __future__ import annotations

from itertools import pairwise

import pytest

from browser.conftest import XV, Visit
from browser.seeded import ARABIC_FACTS, Case, pages

pytestmark = [pytest.mark.browser, pytest.mark.live]

IDENTIFIERS = [
    "2026-03-01",
    "2026-03-31",
    "+971-4-555-0199",
    "12-345/2026",
    "203.0.113.1-203.0.113.9",
    "27(4)",
]
#: Return the places, from left to right, of the characters of every occurrence of a text.
PLACES = """wanted => {
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.checkVisibility()) continue;
    for (let at = node.data.indexOf(wanted); at >= 0; at = node.data.indexOf(wanted, at + 1)) {
      const places = [];
      for (let i = 0; i < wanted.length; i++) {
        const range = document.createRange();
        range.setStart(node, at + i);
        range.setEnd(node, at + i + 1);
        const box = range.getClientRects()[0];
        if (box) places.push([Math.round(box.top), box.left]);
      }
      if (places.length === wanted.length) found.push(places);
    }
  }
  return found.slice(0, 20);
}"""


def in_order(places: list[list[float]]) -> bool:
    """Tell whether every character stands to the right of the one before, line by line."""
    return all(after[1] > before[1] or after[0] > before[0] for before, after in pairwise(places))


@pytest.mark.parametrize("language", ["en", "ar"])
def test_an_identifier_in_an_arabic_text_is_drawn_from_left_to_right(
    visit: Visit, case: Case, language: str
) -> None:
    visitor = visit(XV, "bram", language=language)
    visitor.speak(language)
    for name in ("submit", "letter", "kit"):
        visitor.open(pages(case)[name])
        for identifier in IDENTIFIERS:
            drawn = visitor.page.evaluate(PLACES, identifier)
            assert drawn, f"{identifier} is not on the page {name}"
            assert all(in_order(places) for places in drawn), (name, identifier, drawn[:2])


def test_the_check_itself_sees_a_reordered_identifier(visit: Visit) -> None:
    visitor = visit(XV, "bram", language="ar")
    visitor.open("/queue/")
    visitor.page.evaluate(
        "text => { document.querySelector('main').textContent = text; }", ARABIC_FACTS
    )
    drawn = visitor.page.evaluate(PLACES, "2026-03-01")
    assert drawn
    assert not any(in_order(places) for places in drawn)


def test_dates_and_references_of_the_pages_are_drawn_in_order(
    visit: Visit,
    case: Case,
) -> None:
    visitor = visit(XV, "bram", language="ar")
    visitor.speak("ar")
    checked = 0
    for address in pages(case).values():
        visitor.open(address)
        shown = visitor.page.locator("main bdi[dir=ltr].whole").all_inner_texts()
        for text in {text for text in shown if len(text) > 3}:
            drawn = visitor.page.evaluate(PLACES, text)
            assert all(in_order(places) for places in drawn), (address, text)
            checked += len(drawn)
    assert checked > 50
