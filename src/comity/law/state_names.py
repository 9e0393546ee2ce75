# SPDX-License-Identifier: Apache-2.0
"""Find the code that somebody meant who wrote a state's name, three letters or a slip.

A name is never taken for a code by itself: Congo, Korea or Guinea are more than one
state's, and a request must not go to the wrong one. The hint says which code to write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from unicodedata import combining, normalize

from comity.law.model import State

_LONGEST = 60
_SHORTEST = 4
"""Shorter texts are near to a dozen codes at once: which one is meant cannot be guessed."""


def hint(text: str, states: Mapping[str, State]) -> str:
    """Return what to write in place of `text`."""
    wanted = _plain(text[:_LONGEST])
    names: dict[str, list[str]] = {}
    for state in states.values():
        for name in _names(state):
            known = names.setdefault(_plain(name), [])
            if state.id not in known:
                known.append(state.id)
    found = names.get(wanted, []) if wanted else []
    if found:
        return "; ".join(f"{states[code].label} is {code}" for code in found) + "."
    near = get_close_matches(wanted, names, n=3, cutoff=0.8) if len(wanted) >= _SHORTEST else []
    codes = list(dict.fromkeys(code for name in near for code in names[name]))
    if not codes:
        return "Name a state by its ISO 3166-1 code, such as DE for Germany."
    return f"Did you mean {', '.join(f'{code} ({states[code].label})' for code in codes)}?"


def _names(state: State) -> Iterator[str]:
    yield state.id
    yield state.label
    yield from state.names.values()
    yield from state.also


def _plain(text: str) -> str:
    """Return the letters of a name without case, accents, article and punctuation."""
    bare = "".join(char for char in normalize("NFKD", text.casefold()) if not combining(char))
    return "".join(char for char in bare.removeprefix("the ") if char.isalnum())
