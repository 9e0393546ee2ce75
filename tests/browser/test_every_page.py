# SPDX-License-Identifier: Apache-2.0
"""What holds for every page: no sideways scroll, no complaint, no barrier that axe knows of.

One request is brought to mid-flight through the console; then every page that an officer can
reach is opened in two languages and two widths. With SCREENSHOTS=folder each is kept as a picture.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from browser.conftest import XV, Visit
from browser.seeded import Case, pages
from browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.live]

AXE = Path(__file__).parents[2] / ".venv-checks" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]


def sitting(visit: Visit, language: str, width: int) -> Visitor:
    """Let an officer with every role of the requesting side sit down."""
    visitor = visit(XV, "bram", language=language, width=width)
    visitor.speak(language)
    return visitor


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [1280, 375, 320])
def test_no_page_scrolls_sideways_or_makes_the_browser_complain(
    visit: Visit, case: Case, language: str, width: int, pictures: Path | None
) -> None:
    visitor = sitting(visit, language, width)
    wide, complaining, faults = [], [], []
    for name, address in pages(case).items():
        response = visitor.open(address)
        if visitor.sideways() > 0:
            wide.append((name, visitor.sideways()))
        if visitor.complaints:
            complaining.append((name, visitor.complaints.copy()))
            visitor.complaints.clear()
        if response.status >= 500:
            faults.append(name)
        if pictures:
            visitor.picture(pictures, f"{name}-{language}-{width}")
    assert (wide, complaining, faults) == ([], [], [])


@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_no_barrier(visit: Visit, case: Case, language: str) -> None:
    if not AXE.is_file():
        pytest.skip(f"NOT RUN: axe-core is not at {AXE} (scripts/third_party.sh installs it)")
    visitor = sitting(visit, language, 1280)
    found = {}
    for name, address in pages(case).items():
        visitor.open(address)
        barriers = axe(visitor)
        if barriers:
            found[name] = barriers
    assert found == {}


def axe(visitor: Visitor) -> list[str]:
    """Run axe-core in the page; return what it found."""
    visitor.page.evaluate(AXE.read_text(encoding="utf-8"))
    result = visitor.page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    assert len(result["passes"]) > 10, "axe looked at nothing"
    return [
        f"{rule['id']}: {node['target']} {json.dumps(node['failureSummary'])[:200]}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_text_at_double_size_still_fits(visit: Visit, case: Case, language: str) -> None:
    visitor = sitting(visit, language, 1280)
    wide = []
    for name, address in pages(case).items():
        visitor.open(address)
        visitor.page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
        if visitor.sideways() > 0:
            wide.append((name, visitor.sideways()))
    assert wide == []


def test_every_target_is_large_enough(visit: Visit, case: Case) -> None:
    visitor = sitting(visit, "en", 375)
    small = []
    for name, address in pages(case).items():
        visitor.open(address)
        small += [f"{name}: {found}" for found in visitor.page.evaluate(SMALL_TARGETS)]
    assert small == []


#: Links, buttons and fields below 24 by 24 pixels that do not stand within a line of text
#: (WCAG 2.2, 2.5.8).
SMALL_TARGETS = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .filter(e => e.checkVisibility() && !e.closest('.unseen') && !e.classList.contains('unseen'))
  .filter(e => !e.closest('p, li, dd, th, td, figcaption, label') || e.matches('button, select'))
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([e, r]) => r.width > 0 && (r.width < 24 || r.height < 24))
  .map(([e, r]) => `${e.tagName} ${e.textContent.trim().slice(0, 30)} ${Math.round(r.width)}x${Math.round(r.height)}`)"""
