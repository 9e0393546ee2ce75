# SPDX-License-Identifier: Apache-2.0
"""What was typed into a form that could not be taken: shown again, so that nothing is lost.

A page of the desk is never cached, so a browser that goes back shows an empty form. Whatever
answers a form with something else than that form therefore gives the texts back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, QueryDict

#: Members of a form that the officer never sees.
_HIDDEN: Final = frozenset({"csrfmiddlewaretoken"})
#: A shorter value without a blank is taken for a choice, not for something that was written.
_WRITTEN: Final = 24


@dataclass(frozen=True)
class Kept:
    """A form to send again: texts to read, and the other values."""

    address: str
    texts: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...]


def again(request: HttpRequest) -> Kept | None:
    """Return the form that was sent, if it came from a page of the desk.

    Forms about signing in are not kept: they hold passwords. Nor is anything that another site
    made this browser send.
    """
    match = request.resolver_match
    if request.method != "POST" or match is None or match.namespace != "desk":
        return None
    if request.headers.get("Origin") != f"{request.scheme}://{request.get_host()}":
        return None
    pairs = _pairs(request.POST)
    return Kept(
        address=request.get_full_path(),
        texts=tuple(pair for pair in pairs if _is_written(pair[1])),
        others=tuple(pair for pair in pairs if not _is_written(pair[1])),
    )


def texts(data: QueryDict) -> tuple[str, ...]:
    """Return what was written in a form, without what was chosen."""
    return tuple(text for _name, text in _pairs(data) if _is_written(text))


def _pairs(data: QueryDict) -> list[tuple[str, str]]:
    return [
        (name, str(value))
        for name, values in data.lists()
        if name not in _HIDDEN
        for value in values
        if value
    ]


def _is_written(text: str) -> bool:
    return len(text) >= _WRITTEN or len(text.split()) > 1
