# SPDX-License-Identifier: Apache-2.0
"""Where a record comes from and how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Confidence(StrEnum):
    """How far a record can be trusted; the order is from weakest to strongest."""

    UNVERIFIED = "unverified"
    LIKELY = "likely"
    VERIFIED = "verified"


_STRENGTH = {Confidence.UNVERIFIED: 0, Confidence.LIKELY: 1, Confidence.VERIFIED: 2}


def weakest(*values: Confidence) -> Confidence:
    """Return the weakest of `values`; a chain is as strong as its weakest record."""
    return min(values, key=_STRENGTH.__getitem__)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record comes from: its id, confidence, source ids and the pack that holds it."""

    record: str
    confidence: Confidence
    sources: tuple[str, ...]
    pack: str
    corrected: str = ""
    """The reason, if an overlay put this record in place of another."""
