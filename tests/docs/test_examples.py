# SPDX-License-Identifier: Apache-2.0
"""Commands, links and tables in README and manual: they exist and mean what they say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from support.repository import files_with
from support.shared import PROJECT

README = PROJECT / "README.md"
STATES_OF_WORK = {"works", "partly", "not yet"}


def pages() -> list[Path]:
    return [path for path in files_with(".md") if "/changes/" not in str(path)]


def console_lines(page: Path) -> list[str]:
    """Return the commands of a page's console blocks, continuation lines joined."""
    text = page.read_text()
    blocks = re.findall(r"^```console\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    joined = "\n".join(blocks).replace("\\\n", " ")
    return [line.removeprefix("$ ") for line in joined.splitlines() if line.strip()]


def ours(line: str) -> list[str] | None:
    """Return the words of one of our commands, or None for another program's."""
    words = shlex.split(line, comments=True)
    if words and Path(words[0]).name in ("comity", "comity-node"):
        return [Path(words[0]).name, *words[1:]]
    return None


def program(name: str) -> click.Command:
    if name == "comity":
        from comity.cli.main import cli

        return cli
    from comity.node.operator.main import main

    return main


def faults(words: list[str]) -> list[str]:
    """Return what is wrong with a command line: an unknown command or option."""
    command: click.Command = program(words[0])
    rest = words[1:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        member = command.get_command(click.Context(command), rest[0])
        if member is None:
            return [f"{' '.join(words)}: there is no command {rest[0]}"]
        command, rest = member, rest[1:]
    known = {
        option
        for parameter in command.get_params(click.Context(command))
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    given = [word.split("=")[0] for word in rest if re.match(r"--?[a-z]", word)]
    return [f"{' '.join(words)}: there is no option {word}" for word in given if word not in known]


def test_every_command_in_the_manual_exists() -> None:
    lines = [(page, line) for page in pages() for line in console_lines(page)]
    checked = [(page, words) for page, line in lines if (words := ours(line)) is not None]
    assert len(checked) >= 10, "the manual shows our commands in console blocks"
    wrong = [
        f"{page.relative_to(PROJECT)}: {fault}"
        for page, words in checked
        for fault in faults(words)
    ]
    assert wrong == []


def test_every_make_target_in_the_manual_exists() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))
    exported = re.search(r"^export (.*)$", makefile, flags=re.MULTILINE)
    assert exported is not None
    variables = set(exported.group(1).split())
    seen = 0
    for page in pages():
        for line in console_lines(page):
            words = shlex.split(line, comments=True)
            if not words or words[0] != "make":
                continue
            seen += 1
            assert words[1] in targets, f"{page.name}: {line}"
            named = {word.split("=")[0] for word in words[2:]}
            assert named <= variables, f"{page.name}: {line}"
    assert seen >= 5


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    local = [target.split("#")[0] for target in targets if "://" not in target]
    # An address of the desk, in the manual that it shows: tests/node/desk/test_help.py opens it.
    files = [target for target in local if not target.startswith("/")]
    gone = [target for target in files if target and not (page.parent / target).exists()]
    assert gone == []


def test_readme_says_plainly_what_works() -> None:
    rows = re.findall(
        r"^\| ([^|]+) \| (\**[a-z ]+\**) \| ([^|]+) \|$", README.read_text(), re.MULTILINE
    )
    states = [state.strip("* ") for _, state, _ in rows]
    assert len(rows) >= 12
    assert set(states) == STATES_OF_WORK, "an honest table has all three"
    short = [part for part, _, meaning in rows if len(meaning.split()) < 5]
    assert short == [], "say what it means, not only that"


def test_readme_names_the_two_commands() -> None:
    shown = [line.split("#")[0].strip() for line in console_lines(README)]
    assert {"make demo", "make demo PLAY=1", "make test"} <= set(shown)
