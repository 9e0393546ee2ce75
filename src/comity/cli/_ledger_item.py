# SPDX-License-Identifier: Apache-2.0
"""Whether a log holds all events of one item, for whoever has the item's secret."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from comity.canonical.digest import parse_sha256
from comity.cli._files import read_file
from comity.ledger.leaf import Leaf, check_complete, slot

#: Most events of one item that are looked for.
MAX_EVENTS: Final = 1_000_000
_MAX_SECRET: Final = 1 << 10


@dataclass(frozen=True)
class Item:
    """An item whose events are looked for: its secret, how many there were, those found."""

    secret: bytes
    events: int
    slots: frozenset[bytes]
    leaves: list[Leaf]

    @classmethod
    def of(cls, file: Path | None, events: int | None) -> Item | None:
        """Take the two options, which go together."""
        if file is None and events is None:
            return None
        if file is None or events is None:
            raise click.UsageError("give --item-secret and --events together")
        text = read_file(file, limit=_MAX_SECRET).decode("ascii", "replace").strip()
        secret = bytes.fromhex(parse_sha256(text, what=str(file)))
        slots = (slot(item_secret=secret, sequence=number) for number in range(events + 1))
        return cls(secret, events, frozenset(slots), [])

    def look_at(self, leaf: Leaf) -> None:
        """Keep a leaf of this item, and no other."""
        if leaf.slot in self.slots:
            self.leaves.append(leaf)

    def require_complete(self) -> None:
        """Raise `Unverified` (`leaf.incomplete`) unless each event was found once, and no more."""
        check_complete(self.leaves, item_secret=self.secret, events=self.events)
