# SPDX-License-Identifier: Apache-2.0
"""The law pack of the page that is being made, and its words.

A page reads one pack from its first line to its last, whichever the node turns to meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Final

from comity.law.explain.page import namer
from comity.law.pack import Pack
from comity.node.services import law

_in_use: Final[ContextVar[Pack | None]] = ContextVar("law pack of this page", default=None)


@contextmanager
def one_pack() -> Iterator[None]:
    """Read every word inside from one pack, whichever the node turns to in the meantime."""
    token = _in_use.set(law.pack())
    try:
        yield
    finally:
        _in_use.reset(token)


def pack_of_page() -> Pack:
    """Return the pack of this page; outside a page, the one in use."""
    return _in_use.get() or law.pack()


def label(vocabulary: str, code: str, language: str) -> str:
    """Return the pack's label of a coded value; English where `language` has none."""
    return pack_of_page().label(vocabulary, code, language)


def code_of(vocabulary: str, label: str) -> str:
    """Return the code with that English label, in any case of letters; empty if there is none."""
    return _codes(pack_of_page().digest, vocabulary).get(label.casefold(), "")


def named(text: str) -> str:
    """Return `text` with instruments called by their short titles instead of their ids."""
    pack = pack_of_page()
    return _namer(pack.digest)(text)


def is_instrument(code: str) -> bool:
    """Return whether `code` is an instrument, not a treaty only known to exist."""
    return code in pack_of_page().instruments


@lru_cache(maxsize=4)
def _namer(_digest: str) -> Callable[[str], str]:
    return namer(pack_of_page())


@lru_cache(maxsize=16)
def _codes(_digest: str, vocabulary: str) -> dict[str, str]:
    labels = pack_of_page().labels["en"].get(vocabulary, {})
    return {label.casefold(): code for code, label in labels.items()}
