# SPDX-License-Identifier: Apache-2.0
"""Documents for people: written once as data, shown as plain text or as one HTML file.

The HTML needs nothing from outside, runs no script and prints well. Everything
that came from outside is escaped and its direction isolated, so that no name
can reorder the text around it.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Final

from comity.evidence.names import is_hidden

_LINE: Final = 78
_STYLE: Final = (
    "body{font:16px/1.5 sans-serif;margin:2em auto;max-width:60em;padding:0 1em;color:#111}"
    "h1{font-size:1.6em}h2{font-size:1.2em;margin-top:2em}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #777;padding:.3em .5em;text-align:start;vertical-align:top;"
    "overflow-wrap:anywhere}th{background:#eee}"
    "@media print{body{margin:0;max-width:none}}"
)


@dataclass(frozen=True)
class Section:
    """A heading with labelled values, or with a table of columns and rows, or with both."""

    heading: str
    values: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = field(default=())
    note: str = ""


@dataclass(frozen=True)
class Document:
    """A title and sections."""

    title: str
    sections: tuple[Section, ...]


def to_text(document: Document) -> bytes:
    """Return the document as UTF-8 text."""
    lines = [_plain(document.title), "=" * min(_LINE, len(document.title)), ""]
    for section in document.sections:
        lines += [section.heading, "-" * len(section.heading)]
        width = max((len(label) for label, _ in section.values), default=0)
        for label, value in section.values:
            lines.append(f"{label.ljust(width)}  {_plain(value)}".rstrip())
        for number, row in enumerate(section.rows, start=1):
            lines.append(f"({number})")
            column = max(len(name) for name in section.columns)
            for name, value in zip(section.columns, row, strict=True):
                lines.append(f"    {name.ljust(column)}  {_plain(value)}".rstrip())
        if section.note:
            lines += ["", _plain(section.note)]
        lines.append("")
    return "\n".join(lines).encode("utf-8")


def to_html(document: Document) -> bytes:
    """Return the document as one self-contained HTML file."""
    title = html.escape(_plain(document.title))
    head = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    )
    parts = [head]
    for section in document.sections:
        parts.append(f"<h2>{html.escape(section.heading)}</h2>\n")
        if section.values:
            cells = "".join(
                f'<tr><th scope="row">{html.escape(label)}</th><td>{_cell(value)}</td></tr>\n'
                for label, value in section.values
            )
            parts.append(f"<table>\n{cells}</table>\n")
        if section.rows:
            parts.append(_table(section))
        if section.note:
            parts.append(f"<p>{_cell(section.note)}</p>\n")
    parts.append("</body>\n</html>\n")
    return "".join(parts).encode("utf-8")


def _table(section: Section) -> str:
    heads = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in section.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{_cell(value)}</td>" for value in row) + "</tr>\n"
        for row in section.rows
    )
    return f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"


def _cell(value: str) -> str:
    lines = value.split("\n")
    return "<br>".join(f"<bdi>{html.escape(_plain(line))}</bdi>" for line in lines)


def _plain(value: str) -> str:
    """Return text without control or direction signs: each is shown as its code point."""
    if value.isascii() and value.isprintable():
        return value
    return "".join(
        f"<U+{ord(char):04X}>" if char != "\n" and is_hidden(char) else char for char in value
    ).replace("\n", " / ")
