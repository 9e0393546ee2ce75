# SPDX-License-Identifier: Apache-2.0
"""One stylesheet, both directions, no inline style or script anywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import comity.node.desk

DESK = Path(comity.node.desk.__file__).parent
CSS = DESK / "static" / "desk" / "desk.css"
TEMPLATES = sorted((DESK / "templates").rglob("*.html"))
PHYSICAL = re.compile(
    r"(?:margin|padding|border|inset)-(?:left|right|top|bottom)\b"
    r"|(?<![-\w])(?:left|right|top|bottom|width|height|(?:min|max)-(?:width|height))\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
    r"|border-(?:top|bottom)-(?:left|right)-radius"
)
#: Widths in the conditions of media queries have no logical form.
CONDITION = re.compile(r"@media[^{]*")
MOST_BYTES = 25_000


def rules() -> str:
    text = re.sub(r"/\*.*?\*/", "", CSS.read_text(encoding="utf-8"), flags=re.DOTALL)
    return CONDITION.sub("@media ", text)


def test_the_stylesheet_has_logical_properties_only():
    assert PHYSICAL.findall(rules()) == []


@pytest.mark.parametrize(
    "rule", ["margin-left: 1rem", "a { left: 0 }", "text-align: right", "max-width: 3rem"]
)
def test_the_check_itself_finds_a_physical_property(rule):
    assert PHYSICAL.search(rule)


def test_there_is_one_stylesheet_and_it_stays_small():
    assert list(DESK.rglob("*.css")) == [CSS]
    assert CSS.stat().st_size < MOST_BYTES


def test_the_stylesheet_asks_nothing_of_other_places():
    assert re.findall(r"url\(|@import", rules()) == []


def test_every_class_of_a_template_is_in_the_stylesheet_and_the_other_way_round():
    styled = set(re.findall(r"\.([a-z][a-z-]+)", rules()))
    used: set[str] = set()
    sources = [path.read_text(encoding="utf-8") for path in TEMPLATES]
    sources += [path.read_text(encoding="utf-8") for path in DESK.rglob("*.py")]
    for text in sources:
        used |= set(re.findall(r"[a-z][a-z-]+", text))
    assert styled - used == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_inline_style_or_script(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", text)
    for tag in re.findall(r"<script[^>]*>", text):
        assert "src=" in tag or 'type="application/json"' in tag


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_switches_escaping_off(path):
    assert not re.search(r"\|\s*safe\b|autoescape|\|\s*safeseq", path.read_text(encoding="utf-8"))


def test_nothing_of_a_printed_page_is_laid_over_its_text():
    printed = rules().rpartition("@media {\n  @page")[2]
    assert "table-header-group" in printed
    assert "fixed" not in printed.partition("}\n\n")[0]
