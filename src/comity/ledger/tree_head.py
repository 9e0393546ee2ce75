# SPDX-License-Identifier: Apache-2.0
"""The text that a checkpoint signs: whose log, how many leaves, which root.

Exactly the three lines of C2SP tlog-checkpoint. Extension lines are refused:
C2SP advises against them, monitors cannot audit them, and the ML-DSA-44
cosignature does not cover them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from comity.errors import Invalid
from comity.ledger.numbers import read_hash, read_number, write_hash

#: Longest origin: its length is one byte in the ML-DSA-44 cosigned message.
MAX_ORIGIN_BYTES: Final = 255
_LINES: Final = 3
_NOT_IN_NAMES: Final = re.compile("[\\s+\\x00-\\x1f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The state of a log: `origin` names it, `size` counts leaves, `root` is 32 bytes."""

    origin: str
    size: int
    root: bytes

    def to_text(self) -> str:
        """Return the three lines, each with its newline."""
        return f"{self.origin}\n{self.size}\n{write_hash(self.root)}\n"


def is_name(name: str) -> bool:
    """Tell whether `name` may name a key: not empty, no Unicode space, no plus, no control."""
    return bool(name) and not _NOT_IN_NAMES.search(name)


def read_tree_head(text: str, *, what: str = "checkpoint") -> TreeHead:
    """Parse the text of a checkpoint; raise `Invalid` unless it is exactly three lines."""
    lines = text.split("\n")
    if lines.pop() != "" or len(lines) < _LINES:
        raise Invalid("checkpoint.lines", f"{what}: an origin, a size and a root are expected")
    if len(lines) > _LINES:
        raise Invalid(
            "checkpoint.extension_lines",
            f"{what}: lines after the root; extension lines are not accepted",
        )
    origin = lines[0]
    if not origin or len(origin.encode()) > MAX_ORIGIN_BYTES:
        raise Invalid("ledger.origin", f"{what}: the origin is empty or too long")
    size = read_number(lines[1], what=f"{what}: tree size")
    root = read_hash(lines[2], what=f"{what}: root hash")
    return TreeHead(origin=origin, size=size, root=root)
