# SPDX-License-Identifier: Apache-2.0
"""What holds for every page: no sideways scroll, no complaint, no barrier that axe knows of.

One request is brought to mid-flight through the console; then every page that an officer can
reach is opened once in each language and looked at in three widths, with text of double size,
and by axe. With SCREENSHOTS=folder each is kept as a picture in two widths.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from demo.network import Network
from playwright.sync_api import Browser

from browser.conftest import XV
from browser.seeded import Case, pages
from browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.live]

AXE = Path(__file__).parents[2] / ".venv-checks" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, PHONE, NARROWEST = 1280, 375, 320
HEIGHT = 900
LANGUAGES = pytest.mark.parametrize("language", ["en", "ar"])


@dataclass
class Seen:
    """What was found wrong, each with the name of its page."""

    sideways: list[str] = field(default_factory=list)
    enlarged: list[str] = field(default_factory=list)
    small: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    barriers: list[str] = field(default_factory=list)
    pages: int = 0


Look = Callable[[str], Seen]


@pytest.fixture(scope="session")
def look(chromium: Browser, network: Network, case: Case, pictures: Path | None) -> Look:
    """Return a function that has looked at every page in a language, once."""

    @cache
    def looked(language: str) -> Seen:
        visitor = Visitor.arrive(chromium, network[XV].desk_url, language=language)
        visitor.sign_in("bram", network.password)
        visitor.speak(language)
        seen = Seen()
        for name, address in pages(case).items():
            look_at(visitor, name, address, seen, pictures)
        visitor.leave()
        return seen

    return looked


def look_at(visitor: Visitor, name: str, address: str, seen: Seen, pictures: Path | None) -> None:
    """Open one page and keep what is wrong with it."""
    visitor.page.set_viewport_size({"width": WIDE, "height": HEIGHT})
    if visitor.open(address).status >= 500:
        seen.faults.append(name)
    seen.pages += 1
    if AXE.is_file():
        seen.barriers += [f"{name}: {barrier}" for barrier in axe(visitor)]
    language = visitor.page.get_attribute("html", "lang")
    for width in (WIDE, PHONE, NARROWEST):
        visitor.page.set_viewport_size({"width": width, "height": HEIGHT})
        if visitor.sideways() > 0:
            seen.sideways.append(f"{name} at {width}: {visitor.sideways()}")
        if width == PHONE:
            seen.small += [f"{name}: {found}" for found in visitor.page.evaluate(SMALL_TARGETS)]
        if pictures and width != NARROWEST:
            visitor.picture(pictures, f"{name}-{language}-{width}")
    visitor.page.set_viewport_size({"width": WIDE, "height": HEIGHT})
    visitor.page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    if visitor.sideways() > 0:
        seen.enlarged.append(f"{name}: {visitor.sideways()}")
    seen.complaints += [f"{name}: {text}" for text in visitor.complaints]
    visitor.complaints.clear()


def axe(visitor: Visitor) -> list[str]:
    """Run axe-core in the page; return what it found."""
    visitor.page.evaluate(AXE.read_text(encoding="utf-8"))
    result = visitor.page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
    )
    assert len(result["passes"]) > 10, "axe looked at nothing"
    return [
        f"{rule['id']}: {node['target']} {json.dumps(node['failureSummary'])[:200]}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]


@LANGUAGES
def test_no_page_scrolls_sideways_in_any_width(look: Look, language: str) -> None:
    seen = look(language)
    assert seen.pages > 30
    assert seen.sideways == []


@LANGUAGES
def test_no_page_makes_the_browser_complain(look: Look, language: str) -> None:
    assert look(language).complaints == []


@LANGUAGES
def test_no_page_is_a_fault_of_ours(look: Look, language: str) -> None:
    assert look(language).faults == []


@LANGUAGES
def test_axe_finds_no_barrier(look: Look, language: str) -> None:
    if not AXE.is_file():
        pytest.skip(f"NOT RUN: axe-core is not at {AXE} (scripts/third_party.sh installs it)")
    assert look(language).barriers == []


@LANGUAGES
def test_text_at_double_size_still_fits(look: Look, language: str) -> None:
    assert look(language).enlarged == []


@LANGUAGES
def test_every_target_is_large_enough(look: Look, language: str) -> None:
    assert look(language).small == []


#: Links, buttons and fields below 24 by 24 pixels that do not stand within a line of text
#: (WCAG 2.2, 2.5.8). The marks of the map are excepted, because each has its equal in the table on
#: the same page (exception "Equivalent").
SMALL_TARGETS = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .filter(e => e.checkVisibility() && !e.closest('.unseen') && !e.classList.contains('unseen'))
  .filter(e => !e.closest('svg.world'))
  .filter(e => !e.closest('p, li, dd, th, td, figcaption, label') || e.matches('button, select'))
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([e, r]) => r.width > 0 && (r.width < 24 || r.height < 24))
  .map(([e, r]) => `${e.tagName} ${e.textContent.trim().slice(0, 30)} ${Math.round(r.width)}x${Math.round(r.height)}`)"""
