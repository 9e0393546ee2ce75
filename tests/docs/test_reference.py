# SPDX-License-Identifier: Apache-2.0
"""The reference pages: made from the code, complete, and not stale."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from support.shared import PROJECT

sys.path.insert(0, str(PROJECT / "scripts"))

from reference.errors import FAMILIES, KEPT, Raised, survey

REFERENCE = PROJECT / "docs/reference"


@pytest.fixture(scope="module")
def raised() -> list[Raised]:
    found, unknown = survey(PROJECT / "src")
    assert unknown == [], "a code must be readable where the error is raised"
    assert len(found) > 100
    return found


def test_every_code_is_dotted_and_lower_case(raised: list[Raised]) -> None:
    malformed = {
        item.code for item in raised if not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_…]+)+", item.code)
    }
    assert malformed == set()


#: Codes that two families share today. The list may only shrink: a code tells a script what to do.
TORN = {
    "acquisition.file",
    "bag.form",
    "custody.not_transferred",
    "envelope.wrong_type",
    "file.unreadable",
    "key_statement.previous",
    "minisign.comment",
    "package.exhibits",
    "package.missing",
    "package.request_differs",
    "package.too_large",
    "package.unreadable",
    "proof.quorum",
    "tar.folder",
}


def test_a_code_always_says_the_same_thing_to_do(raised: list[Raised]) -> None:
    families: dict[str, set[str]] = {}
    for item in raised:
        if item.family != KEPT:
            families.setdefault(item.code, set()).add(item.family)
    torn = {code for code, found in families.items() if len(found) > 1}
    assert torn - TORN == set()
    assert TORN - torn == set(), "mended: take it off the list"


def test_every_code_is_on_the_page(raised: list[Raised]) -> None:
    page = (REFERENCE / "errors.md").read_text()
    assert {item.code for item in raised if f"`{item.code}`" not in page} == set()


def test_the_survey_finds_what_is_passed_on() -> None:
    """The reader of the source is itself held against the source it must understand."""
    from reference.errors import Module

    folder = PROJECT / "build"
    folder.mkdir(exist_ok=True)
    sample = folder / "survey_sample.py"
    sample.write_text(
        "LATE = 'a.constant'\n"
        "def plain():\n    raise Invalid('a.plain', f'{x}: wrong')\n"
        "def helper(code, text):\n    return Unverified(code, text)\n"
        "def caller():\n    raise helper('a.helper', 'no')\n"
        "def either(x):\n    raise Refused('a.one' if x else 'a.two', 'no')\n"
        "def late():\n    raise Conflict(LATE, 'no')\n"
        "def again(error):\n    raise Unavailable(error.code, 'no')\n"
        "def lost(x):\n    raise Invalid(compute(x), 'no')\n"
    )
    found, unknown = Module(sample, "sample").raised()
    assert {(item.code, item.family) for item in found} == {
        ("a.plain", "Invalid"),
        ("a.helper", "Unverified"),
        ("a.one", "Refused"),
        ("a.two", "Refused"),
        ("a.constant", "Conflict"),
    }
    assert {item.family for item in found} <= set(FAMILIES)
    assert unknown == ["sample:15"]


def test_pages_are_not_stale() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/generate_docs.py", "--check"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_page_is_made_by_the_script_or_says_who_keeps_it() -> None:
    by_hand = {"law-answer.md"}
    made = {
        path.name for path in REFERENCE.glob("*.md") if path.read_text().startswith("<!-- Made by ")
    }
    assert {path.name for path in REFERENCE.glob("*.md")} - made <= by_hand
    assert len(made) >= 5


def test_codes_in_the_specifications_exist(raised: list[Raised]) -> None:
    codes = {item.code for item in raised}
    prefixes = {code.split(".")[0] for code in codes}
    patterns = [re.escape(code).replace("…", "[a-z_]+") for code in codes if "…" in code]
    pages = sorted((PROJECT / "docs/spec").glob("*.md"))
    named = {
        (page.name, name)
        for page in pages
        for name in re.findall(r"`([a-z_]+\.[a-z0-9_]+)`", page.read_text())
        if name.split(".")[0] in prefixes
    }
    assert len(named) > 20
    endings = ("json", "jsonld", "toml", "txt", "age", "tar", "md")
    unknown = [
        (page, name)
        for page, name in sorted(named)
        if name not in codes
        and name.split(".")[1] not in endings
        and not is_event(name)
        and not any(re.fullmatch(pattern, name) for pattern in patterns)
    ]
    assert unknown == []


def is_event(name: str) -> bool:
    """Events have dotted names too, and stand in the specifications."""
    return f"`{name}`" in (REFERENCE / "events.md").read_text()
