# SPDX-License-Identifier: Apache-2.0
"""What a peer may take of this node: room on its disk, and places in its queues.

A peer that has reached a limit is told to wait, or that it goes no further; nothing
of another peer's is touched.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from comity.canonical.ids import AuthorityId
from comity.canonical.time import Instant
from comity.errors import Refused, Unavailable
from comity.node.store.models import ReceiptRow, StatementInRow
from comity.protocol.receipt import Kind, Receipt
from comity.protocol.receiving import Quota
from comity.protocol.statement import Statement

#: What one peer may have under way here, if there is room for it.
QUOTA: Final = Quota()
#: Most statements of one peer that wait here for others before them.
MOST_WAITING: Final = 1_000
#: Most refusals of parcels that are signed for one peer within `REFUSALS_WITHIN`.
MOST_REFUSALS: Final = 1_000
#: Most receipts of a peer for one thing that was sent to it: some four for each time it is sent.
MOST_RECEIPTS: Final = 100
REFUSALS_WITHIN: Final = timedelta(days=1)


def quota() -> Quota:
    """Return what one peer may have under way at present: no more than there is room for."""
    return replace(QUOTA, size=min(QUOTA.size, spare(settings.CONFIG.folder)))


def spare(folder: Path) -> int:
    """Return how many bytes may still be written below `folder`, 0 if none."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free: int = shutil.disk_usage(there).free
    least: int = settings.CONFIG.smallest_free
    return max(0, free - least)


def require_space(folder: Path, *, needed: int) -> None:
    """Raise `Unavailable` (`node.disk_full`) unless `needed` bytes may be written there."""
    found = spare(folder)
    if needed > found:
        raise Unavailable(
            "node.disk_full",
            f"{needed} bytes are needed here, and only {found} may be used",
            hint="Free space on this node's disk; what waits then goes on by itself.",
        )


def check_refusals(peer: AuthorityId, *, now: Instant) -> None:
    """Raise `Unavailable` (`protocol.quota`) if one more refusal would be one too many.

    Every refusal is signed and kept; a peer must not fill the disk with them. Called
    when the refusal has been written, in the transaction that is then undone.
    """
    kept = ReceiptRow.objects.filter(
        recipient=peer, kind=Kind.RELAY_REFUSED, kept__gt=now - REFUSALS_WITHIN
    )
    if kept.count() > MOST_REFUSALS:
        raise Unavailable(
            "protocol.quota",
            f"more than {MOST_REFUSALS} parcels of {peer} were refused within a day",
            hint="No more refusals are signed for now. Read those that were.",
        )


def check_receipts(receipt: Receipt) -> None:
    """Raise `Unavailable` (`protocol.quota`) if a peer gives too many for one thing sent to it.

    Called when the receipt has been kept, in the transaction that is then undone.
    """
    given = ReceiptRow.objects.filter(issuer=receipt.issuer)
    if given.filter(dispatch__receipt_rows__sha256=receipt.digest).count() > MOST_RECEIPTS:
        raise Unavailable(
            "protocol.quota",
            f"more than {MOST_RECEIPTS} receipts of {receipt.issuer} for one and the same thing",
            hint="No more of them are kept.",
        )


def check_waiting(said: Statement, *, next_is: int) -> None:
    """Raise `Refused` (`protocol.backlog`) if too many statements of its sender wait.

    `next_is` is the number that its series waits for: that one always goes on, and may
    be what the others wait for.
    """
    if said.seq == next_is:
        return
    waiting = StatementInRow.objects.filter(state="waiting", sender=said.sender)
    if waiting.count() > MOST_WAITING:
        raise Refused(
            "protocol.backlog",
            f"more than {MOST_WAITING} statements of {said.sender} wait for others before them",
            hint="Send those that are missing first.",
        )
