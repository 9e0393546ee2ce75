# SPDX-License-Identifier: Apache-2.0
"""Strict reading of signed JSON, beside the standard library's tolerant reader."""

from __future__ import annotations

import json

from bench.measure import Comparison
from comity.canonical.json import read_canonical_object, write

_OBJECT = {
    "items": [{"path": f"evidence/X-1/{n:05}", "sha256": "ab" * 32, "size": n} for n in range(500)]
}
_BYTES = write(_OBJECT)
_TIMES = 20


def _ours(_: object) -> None:
    for _turn in range(_TIMES):
        read_canonical_object(_BYTES, what="bench", limit=len(_BYTES))


def _peer(_: object) -> None:
    for _turn in range(_TIMES):
        json.loads(_BYTES)


COMPARISONS = (
    Comparison(
        name="read canonical JSON (500 entries)",
        unit="MB",
        amount=_TIMES * len(_BYTES) / 1e6,
        ours=_ours,
        peer=_peer,
        peer_name="json.loads, which checks nothing",
    ),
)
