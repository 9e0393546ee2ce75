# SPDX-License-Identifier: Apache-2.0
"""The law as data: instruments, parties and declarations, each with its source.

`load_pack` reads a pack and its overlays; `assess` answers a question from it.
"""

from __future__ import annotations

from comity.law.answer import (
    Assessment,
    Basis,
    LegalFacts,
)
from comity.law.engine import assess
from comity.law.findings import (
    DualCriminality,
    Ground,
    LegalClock,
    Reason,
    Requirement,
)
from comity.law.load import load_pack
from comity.law.pack import Pack

__all__ = [
    "Assessment",
    "Basis",
    "DualCriminality",
    "Ground",
    "LegalClock",
    "LegalFacts",
    "Pack",
    "Reason",
    "Requirement",
    "assess",
    "load_pack",
]
