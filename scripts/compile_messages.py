# SPDX-License-Identifier: Apache-2.0
"""Compile the message catalogues of the desk, `django.po` to `django.mo`, with Babel.

Needs no gettext programs. Prints how many catalogues and messages it compiled and fails when it
found none, when a message's placeholders differ from its source, or when a message is fuzzy.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "src" / "comity" / "node" / "desk" / "locale"
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


def read(path: Path) -> Catalog:
    """Read one catalogue; its language is the name of its folder."""
    with path.open("rb") as stream:
        return read_po(stream, locale=path.parents[1].name, abort_invalid=True)


def faults(message: Message) -> list[str]:
    """Return what is wrong with one translated message."""
    sources = message.id if isinstance(message.id, tuple) else (message.id,)
    said = message.string if isinstance(message.string, tuple) else (message.string,)
    if not message.id or not any(said):
        return []
    found = []
    if message.fuzzy:
        found.append("is fuzzy")
    known = {name for source in sources for name in PLACEHOLDER.findall(source)}
    always = set(PLACEHOLDER.findall(sources[-1])) if len(said) == 1 else set()
    for text in said:
        names = set(PLACEHOLDER.findall(text))
        if not text:
            found.append("lacks a plural form")
        elif names - known or always - names:
            found.append(f"has other placeholders than its source: {text!r}")
    return found


def compile_one(path: Path) -> tuple[int, list[str]]:
    """Write the `.mo` beside `path`; return how many messages it holds and what is wrong."""
    catalogue = read(path)
    problems = [
        f"{path.relative_to(ROOT)}: {message.id!r} {fault}"
        for message in catalogue
        for fault in faults(message)
    ]
    with path.with_suffix(".mo").open("wb") as stream:
        write_mo(stream, catalogue)
    return sum(1 for message in catalogue if message.id and message.string), problems


def main() -> int:
    """Compile every catalogue; return the exit status."""
    paths = sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))
    results = [compile_one(path) for path in paths]
    problems = [problem for _, found in results for problem in found]
    for problem in problems:
        print(problem, file=sys.stderr)
    messages = sum(count for count, _ in results)
    catalogues = "1 message catalogue" if len(paths) == 1 else f"{len(paths)} message catalogues"
    print(f"compiled {catalogues} with {messages} messages")
    return 1 if problems or not messages else 0


if __name__ == "__main__":
    raise SystemExit(main())
