# SPDX-License-Identifier: Apache-2.0
"""Collect every text an officer may read into the desk's message catalogues.

Looks at the desk's templates and Python, at the sentences, labels and errors of the core, and at
the vocabulary of the law packs. Existing translations are kept; texts that are gone are dropped.
With `--check` nothing is written and the exit status says whether a catalogue is behind.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po
from django.conf import settings

from compile_messages import LOCALE, ROOT, read

SOURCE = ROOT / "src" / "comity"
DESK = SOURCE / "node" / "desk"
KEYWORDS = {
    "_": None,
    "_lazy": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "_in": ((1, "c"), 2),
}
#: Calls in the core whose first string is a sentence for officers.
SENTENCES = {"Sentence", "_require"}
#: Errors: the second argument is the message, `hint` the advice.
ERRORS = {"Refused", "Invalid", "Unverified", "Unavailable", "Conflict", "ComityError"}
#: Where errors come from that officers meet on the desk.
ERROR_SOURCES = (
    "node/services", "node/queries", "node/permissions.py", "canonical/text.py", "workflow",
    "assistance/fields.py", "assistance/identifiers.py", "assistance/content.py",
    "assistance/guards.py", "assistance/decide/outgoing.py", "assistance/decide/incoming.py",
    "assistance/decide/execution.py", "assistance/decide/step.py", "evidence/custody.py",
    "evidence/acquisition.py",
)  # fmt: skip

BRACED = re.compile(r"\{\w*\}|%\(\w+\)s")

Found = tuple[str, "str | tuple[str, str]", str]
"""Context, message, place."""


def templates() -> Iterator[Found]:
    """Yield the messages of the desk's templates."""
    from django.utils.translation.template import templatize

    for path in sorted(DESK.rglob("*.html")):
        code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        flat = "\n".join(line.strip() for line in code.splitlines())
        yield from _python(io.BytesIO(flat.encode()), _place(path))


def desk_code() -> Iterator[Found]:
    """Yield the messages of the desk's Python."""
    for path in sorted(DESK.rglob("*.py")):
        with path.open("rb") as stream:
            yield from _python(stream, _place(path))


def _python(stream: io.BufferedIOBase, place: str) -> Iterator[Found]:
    for _line, message, _comments, context in extract(
        "python", stream, keywords=KEYWORDS, options={"encoding": "utf-8"}
    ):
        yield context or "", message if isinstance(message, str) else tuple(message[:2]), place


def sentences() -> Iterator[Found]:
    """Yield the guard sentences of the core, and the errors officers meet."""
    for path in sorted(SOURCE.rglob("*.py")):
        if DESK in path.parents:
            continue
        inside = any(path.is_relative_to(SOURCE / part) for part in ERROR_SOURCES)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                for text in _said(node, with_errors=inside):
                    yield "", text, _place(path)


def _said(call: ast.Call, *, with_errors: bool) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in SENTENCES:
        yield from (text for text in map(_pattern, call.args) if text and " " in text)
    elif with_errors and name in ERRORS:
        wanted = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "hint")]
        yield from (text for text in map(_pattern, wanted) if text)
        for word in call.keywords:
            if word.arg == "reasons":
                yield from (text for text in map(_pattern, _elements(word.value)) if text)


def _elements(node: ast.expr) -> list[ast.expr]:
    """Return what a literal list holds, or what a comprehension makes."""
    if isinstance(node, ast.Tuple | ast.List):
        return node.elts
    return [node.elt] if isinstance(node, ast.ListComp | ast.GeneratorExp) else []


def _pattern(node: ast.expr) -> str:
    """Return a string literal, or an f-string with `{value1}` for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts, count = [], 0
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append(str(part.value))
            else:
                count += 1
                parts.append(f"{{value{count}}}")
        return "".join(parts)
    return ""


def tables() -> Iterator[Found]:
    """Yield the labels that the core and the node keep as data."""
    from collect_vocabulary import vocabulary

    for place, text in vocabulary():
        yield "", text, place


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def collect() -> Catalog:
    """Return a catalogue of everything, without translations, in the order of its places."""
    catalogue = Catalog(project="comity", charset="utf-8")
    every: Iterable[Iterator[Found]] = (templates(), desk_code(), sentences(), tables())
    for source in every:
        for context, message, place in source:
            if (
                context
                or isinstance(message, tuple)
                or re.search(r"[^\W\d_]", BRACED.sub("", message))
            ):
                catalogue.add(message, locations=[(place, 0)], context=context or None)
    return catalogue


def renewed(path: Path, found: Catalog) -> Catalog:
    """Return the catalogue at `path` with exactly the messages that were found."""
    old, new = read(path), read(path)
    for message in list(new):
        if message.id:
            new.delete(message.id, message.context)
    for message in found:
        if message.id:
            before = old.get(message.id, message.context)
            string = before.string if before else ""
            places = sorted(set(message.locations))
            new.add(message.id, string, locations=places, context=message.context)
    return new


def main() -> int:
    """Renew or check every catalogue; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    settings.configure(USE_I18N=True)
    found = collect()
    behind = 0
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        new = renewed(path, found)
        missing = [message.id for message in new if message.id and not any(_forms(message.string))]
        for text in missing:
            print(f"{_place(path)}: no translation of {text!r}", file=sys.stderr)
        behind += len(missing)
        if not check:
            with path.open("wb") as stream:
                write_po(stream, new, width=100, sort_output=False, include_lineno=False)
    print(f"{len(found)} messages collected, {behind} without a translation")
    return 1 if behind or not len(found) else 0


def _forms(string: object) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (str(string),)


if __name__ == "__main__":
    raise SystemExit(main())
