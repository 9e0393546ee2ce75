# SPDX-License-Identifier: Apache-2.0
"""What is committed: licensed, of readable size, finished, and free of its authors' machines."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.repository import files_with, lines_matching, text_of, tracked_files
from support.shared import PROJECT

HARD_CAP_LINES = 600
#: Texts that others wrote, and locks that a tool wrote.
NOT_OUR_WORDS = ("LICENSE", "requirements/", "package-lock.json")
KINDS_OF_FRAGMENT = ("added", "changed", "fixed")


def relative(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def our_words() -> tuple[Path, ...]:
    return tuple(path for path in tracked_files() if not relative(path).startswith(NOT_OUR_WORDS))


@pytest.mark.parametrize("suffix", [".py", ".sh", ".css", ".js", ".toml"])
def test_every_source_file_names_its_licence(suffix: str) -> None:
    beginnings = {
        path: "\n".join((text_of(path) or "").splitlines()[:3])
        for path in tracked_files()
        if path.name.endswith(suffix) and path.name != "pyproject.toml" and path.stat().st_size
    }
    without = [
        relative(path)
        for path, head in beginnings.items()
        if "SPDX-License-Identifier: Apache-2.0" not in head
    ]
    assert without == []


def test_no_module_is_too_long_to_read() -> None:
    lengths = {relative(path): len(path.read_text().splitlines()) for path in files_with(".py")}
    too_long = {
        name: n
        for name, n in lengths.items()
        if n > HARD_CAP_LINES and "/migrations/" not in name  # Django writes those
    }
    assert too_long == {}


def test_every_module_says_what_it_promises() -> None:
    silent = [
        relative(path)
        for path in files_with(".py")
        if relative(path).startswith("src/")
        and "/migrations/" not in relative(path)
        and not re.match(r'(#[^\n]*\n)+"""\S', path.read_text())
    ]
    assert silent == []


def test_nothing_is_left_to_be_done_later() -> None:
    # Spelt apart, so that this file does not find itself.
    marks = "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"])
    assert lines_matching(rf"\b({marks})\b", our_words()) == []


def test_no_path_of_anyones_machine() -> None:
    folders = [str(Path.home()), str(PROJECT)]
    ours = "|".join(re.escape(folder) for folder in folders if folder != "/")
    # Not preceded by a name: keys/root.json is a file of a node.
    anyones = rf"(?<![\w./-])({ours}|/ho[m]e/[a-z]+|/User[s]|/wo[r]k|/fa[r]m)/"
    assert lines_matching(anyones, our_words()) == []


def configured_index_hosts() -> set[str]:
    """Hosts this machine's package clients are set up with."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    urls = re.findall(r"https?://[^\s'\"]+", listed.stdout)
    return {host for host in (urlsplit(url).hostname for url in urls) if host}


def test_no_address_of_a_package_index() -> None:
    public = r"(pypi|pythonhosted|npmjs|yarnpkg)\.(org|com)"
    hosts = "|".join([public, *map(re.escape, configured_index_hosts())])
    assert lines_matching(hosts, tracked_files()) == []


def test_the_npm_lock_has_digests_and_no_addresses() -> None:
    lock = (PROJECT / "tests/thirdparty/package-lock.json").read_text()
    assert '"integrity": "sha512-' in lock
    assert '"resolved"' not in lock


@pytest.mark.parametrize("name", ["run", "dev", "checks", "setup"])
def test_every_locked_package_has_a_digest(name: str) -> None:
    lock = (PROJECT / f"requirements/{name}.txt").read_text()
    blocks = re.split(r"\n(?=[a-zA-Z0-9])", lock)
    packages = [block for block in blocks if "==" in block.splitlines()[0]]
    assert len(packages) >= 2
    assert [block.splitlines()[0] for block in packages if "--hash=sha256:" not in block] == []
    assert "--index-url" not in lock


def test_the_lock_holds_what_was_asked_for() -> None:
    def names(text: str) -> set[str]:
        found = re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)", text, flags=re.MULTILINE)
        return {re.sub(r"[-_.]+", "-", name).lower() for name in found}

    for name in ("run", "dev", "checks", "setup"):
        asked = names((PROJECT / f"requirements/{name}.in").read_text())
        locked = names((PROJECT / f"requirements/{name}.txt").read_text())
        assert asked <= locked, f"requirements/{name}.txt is stale: compile it again"


def test_changes_are_announced_in_fragments() -> None:
    fragments = [path for path in (PROJECT / "changes").iterdir() if path.name != "README.md"]
    assert fragments
    wrong = [
        path.name
        for path in fragments
        if not re.fullmatch(rf"[a-z0-9-]+\.({'|'.join(KINDS_OF_FRAGMENT)})\.md", path.name)
        or not path.read_text().strip()
    ]
    assert wrong == []


def test_every_decision_has_its_four_parts() -> None:
    decisions = sorted((PROJECT / "docs/adr").glob("0*.md"))
    assert len(decisions) >= 10
    numbers = [int(path.name[:4]) for path in decisions]
    assert numbers == list(range(1, len(decisions) + 1))
    for path in decisions:
        text = path.read_text()
        assert text.startswith(f"# {int(path.name[:4])}. ")
        for part in ("Context", "Decision", "Consequences", "What would change our mind"):
            assert f"**{part}.**" in text, f"{path.name} lacks {part!r}"
