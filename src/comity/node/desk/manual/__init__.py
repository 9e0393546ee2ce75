# SPDX-License-Identifier: Apache-2.0
"""The officers' manual: Markdown files beside this module, shown at `/help/` without a network.

The files are part of the program, so an installed node has them. They are ours and hold no
HTML; links go to other pages of the manual (`finding.md`) or to pages of the desk (`/queue/`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

#: The pages in the order in which an officer needs them.
PAGES: Final = (
    "first-request",
    "answering",
    "evidence",
    "checking-a-package",
    "the-law",
    "finding",
    "signing-in",
    "keyboard",
)
_OTHER_PAGE: Final = re.compile(r"([a-z-]+)\.md")


@dataclass(frozen=True)
class ManualPage:
    """One page: its title, its first paragraph, and the whole of it as HTML."""

    name: str
    title: str
    summary: str
    html: SafeString


@cache
def manual() -> tuple[ManualPage, ...]:
    """Return every page, in order."""
    return tuple(_page(name) for name in PAGES)


def page_of(name: str) -> ManualPage | None:
    """Return the page with this name, None if there is none."""
    return next((page for page in manual() if page.name == name), None)


def source(name: str) -> str:
    """Return the Markdown of a page."""
    return resources.files(__package__).joinpath(f"{name}.md").read_text(encoding="utf-8")


def _page(name: str) -> ManualPage:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(source(name))
    for token in _every(tokens):
        if token.type == "link_open":
            token.attrSet("href", _address(str(token.attrGet("href"))))
    texts = [token.content for token in tokens if token.type == "inline"]
    html = str(reader.renderer.render(tokens, reader.options, {}))
    return ManualPage(name, texts[0], texts[1], mark_safe(html))  # noqa: S308 - our own files


def _every(tokens: list[Token]) -> list[Token]:
    return [one for token in tokens for one in (token, *_every(token.children or []))]


def _address(target: str) -> str:
    """A page of the manual by the name of its file; everything else as it stands."""
    other = _OTHER_PAGE.fullmatch(target)
    return reverse("desk:help-page", args=[other[1]]) if other else target
