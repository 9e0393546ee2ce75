# SPDX-License-Identifier: Apache-2.0
"""The labels of an answer's JSON in another language; its codes and sentences stay as they are."""

from __future__ import annotations

from typing import Final

from comity.canonical.json import JSON, Object
from comity.law.pack import Pack

#: Lists of a basis whose entries have a label: the key of the code, and its vocabulary.
_LABELLED: Final = {
    "fields": ("field", "field"),
    "refusal_grounds": ("code", "ground"),
    "channels": ("code", "channel"),
}


def labelled(answer: Object, pack: Pack, language: str) -> Object:
    """Return the answer of `Assessment.to_json` with its labels in `language`, which it names."""
    bases = answer["bases"]
    assert isinstance(bases, list)  # noqa: S101 - our own document
    return {
        **answer,
        "language": language,
        "bases": [_basis(basis, pack, language) for basis in bases],
    }


def _basis(basis: JSON, pack: Pack, language: str) -> JSON:
    assert isinstance(basis, dict)  # noqa: S101 - our own document
    written = dict(basis)
    for name, (key, vocabulary) in _LABELLED.items():
        written[name] = _each(basis[name], key, vocabulary, pack, language)
    dual = basis["dual_criminality"]
    if isinstance(dual, dict):
        rule = pack.label("dual_criminality", str(dual["rule"]), language)
        written["dual_criminality"] = {
            **dual,
            "text": rule[:1].upper() + rule[1:],
            "offences": _each(dual["offences"], "offence", "offence", pack, language),
        }
    return written


def _each(items: JSON, key: str, vocabulary: str, pack: Pack, language: str) -> list[JSON]:
    assert isinstance(items, list)  # noqa: S101 - our own document
    return [
        {**item, "label": pack.label(vocabulary, str(item[key]), language)}
        for item in items
        if isinstance(item, dict)
    ]
