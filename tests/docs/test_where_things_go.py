# SPDX-License-Identifier: Apache-2.0
"""The page that says where things go has a line for every package, and no line too many."""

from __future__ import annotations

import re

from support.repository import tracked_files
from support.shared import PROJECT

PAGE = PROJECT / "docs/explanation/where-things-go.md"


def packages() -> set[str]:
    """Packages of the core and of the node; what is inside one is told by its own docstring."""
    source = PROJECT / "src"
    found = {
        ".".join(path.parent.relative_to(source).parts)
        for path in tracked_files()
        if path.name == "__init__.py" and source in path.parents
    }
    own_line = {name for name in found if name.count(".") <= (2 if ".node." in name else 1)}
    assert len(own_line) > 15
    return own_line - {"comity"}


def test_every_package_has_its_line() -> None:
    described = set(re.findall(r"^\| `(comity[a-z_.]*)` \|", PAGE.read_text(), flags=re.MULTILINE))
    assert packages() - described == set()
    modules = {
        name
        for name in described
        if (PROJECT / "src" / name.replace(".", "/")).with_suffix(".py").exists()
    }
    assert described - packages() - modules == set()


def test_every_folder_has_its_line() -> None:
    lines = re.findall(r"^\| (`[a-z/`, ]+`) \|", PAGE.read_text(), flags=re.MULTILINE)
    described = {name for line in lines for name in re.findall(r"`([a-z/]+)`", line)}
    folders = {
        path.relative_to(PROJECT).parts[0]
        for path in tracked_files()
        if len(path.relative_to(PROJECT).parts) > 1
    }
    top = {name.split("/")[0] for name in described}
    assert {name for name in folders if not name.startswith(".")} - top == {"src", "requirements"}
    tracked = {path.parent for path in tracked_files()}
    tracked |= {parent for folder in tracked for parent in folder.parents}
    assert [name for name in described if PROJECT / name not in tracked] == []
