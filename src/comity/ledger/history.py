# SPDX-License-Identifier: Apache-2.0
"""What two checkpoints say about each other: growth, a fork, or a clock that lies.

Whoever watches a log compares each checkpoint with the one before. Two
checkpoints of one size with two roots, both signed by the log, are a proof of
fraud that needs no further word; everything else is judged with the
consistency proof that came along.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from comity.errors import Unverified
from comity.ledger import merkle
from comity.ledger.checkpoint import OpenedCheckpoint


class Verdict(Enum):
    """The relation of two checkpoints."""

    CONSISTENT = "consistent"
    INCONSISTENT = "inconsistent"
    EQUIVOCATION = "equivocation"
    NOT_COMPARABLE = "not-comparable"
    CLOCK_ANOMALY = "clock-anomaly"


def compare(
    first: OpenedCheckpoint, second: OpenedCheckpoint, *, hashes: Sequence[bytes]
) -> Verdict:
    """Judge whether `second` continues `first`, given the consistency proof `hashes`.

    EQUIVOCATION: one size, two roots. INCONSISTENT: smaller than before, or the
    proof does not hold. CLOCK_ANOMALY: the tree grew, yet a witness cosigned the
    larger one at an earlier time than the smaller one.
    """
    if first.head.origin != second.head.origin:
        return Verdict.NOT_COMPARABLE
    if first.head.size == second.head.size and first.head.root != second.head.root:
        empty = first.head.size == 0  # no log can sign a second empty tree: a malformed one
        return Verdict.INCONSISTENT if empty else Verdict.EQUIVOCATION
    try:
        merkle.verify_consistency(
            old_size=first.head.size,
            old_root=first.head.root,
            size=second.head.size,
            root=second.head.root,
            hashes=hashes,
        )
    except Unverified:
        return Verdict.INCONSISTENT
    before, after = first.cosigners(), second.cosigners()
    grew = second.head.size > first.head.size
    if grew and any(after[name] < before[name] for name in before.keys() & after.keys()):
        return Verdict.CLOCK_ANOMALY
    return Verdict.CONSISTENT
