# SPDX-License-Identifier: Apache-2.0
"""Sentences for officers that can be translated after they were made.

A `Sentence` is an ordinary English string. It also keeps the untranslated
pattern (`msgid`) and the values filled in, so that the desk can say the same in
another language; everything else treats it as text.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Self


class Sentence(str):
    """English text that remembers its pattern and the values filled in."""

    __slots__ = ("msgid", "values")
    msgid: str
    values: MappingProxyType[str, str]

    def __new__(cls, msgid: str, /, **values: str) -> Self:
        """Fill `values` into the `{names}` of `msgid`."""
        text = msgid.format_map(values) if values else msgid
        sentence = super().__new__(cls, text)
        sentence.msgid = msgid
        sentence.values = MappingProxyType(dict(values))
        return sentence
