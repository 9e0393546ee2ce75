# SPDX-License-Identifier: Apache-2.0
"""Small law packs, and packs made of changed files of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from comity.law.load import PartFiles

Edit = Callable[[dict[str, bytes]], object]


def edited(part: PartFiles, edit: Edit) -> PartFiles:
    """Return `part` with its files changed by `edit`; the change must change something."""
    files = dict(part.files)
    edit(files)
    assert files != dict(part.files)
    return replace(part, files=files)


def swap(name: str, old: str, new: str, *, count: int = 1) -> Edit:
    """Return an edit that puts `new` in place of `old` in the file `name`."""

    def edit(files: dict[str, bytes]) -> None:
        text = files[name].decode()
        assert old in text, f"{name} does not hold {old!r}"
        files[name] = text.replace(old, new, count).encode()

    return edit


def append(name: str, text: str) -> Edit:
    """Return an edit that adds `text` to the end of the file `name`."""

    def edit(files: dict[str, bytes]) -> None:
        files[name] = files.get(name, b"# SPDX-License-Identifier: Apache-2.0\n") + text.encode()

    return edit


def overlay(**files: str) -> PartFiles:
    """Return a small overlay: pack.toml, and the given files by name (without .toml)."""
    header = (
        'format = "comity.law.pack/1"\nname = "overlay"\nversion = "1"\nas_of = "2026-11-21"\n'
        'publisher = "a test"\nreason = "to test"\n'
    )
    contents = {"pack.toml": header, **{f"{name}.toml": text for name, text in files.items()}}
    return PartFiles("overlay", {name: text.encode() for name, text in contents.items()})


#: The smallest pack: two states, one treaty, one measure. Parsed in a moment.
TINY = PartFiles(
    "tiny",
    {
        "pack.toml": b"""format = "comity.law.pack/1"
name = "tiny"
version = "1"
as_of = "2026-11-21"
publisher = "a test"
reason = "to test"
""",
        "vocabulary/codes.toml": b"""
[[class]]
id = "mla_treaty"
label = "treaty"
[[party_status]]
id = "party"
label = "party"
[[addressee]]
id = "state"
label = "state"
[[dual_criminality]]
id = "not_required"
label = "not required"
test = "none"
""",
        "vocabulary/all.toml": b"""
[[source]]
id = "s"
title = "A source"
kind = "test"
seen = "all"
[[state]]
id = "XA"
kind = "member"
label = "A"
[[state]]
id = "XB"
kind = "member"
label = "B"
[[state]]
id = "XC"
kind = "member"
label = "C"
[[measure]]
id = "help"
label = "Help"
group = "general"
""",
        "treaty.toml": b"""
[instrument]
id = "treaty"
title = "A Treaty"
short = "Treaty"
kind = "global"
class = "mla_treaty"
stands = "alone"
in_force = "2000-01-01"
in_force_state = "in_force"
provides = ["help"]
confidence = "verified"
source = ["s"]
[parties]
model = "listed"
known_since = "2026-01-01"
complete = true
[[party]]
state = "XB"
status = "party"
in_force = "2001-01-01"
confidence = "verified"
source = ["s"]
[[provision]]
id = "help"
measure = "help"
article = "1"
addressee = "state"
confidence = "verified"
source = ["s"]
[provision.dual_criminality]
rule = "not_required"
article = "1"
""",
    },
)
