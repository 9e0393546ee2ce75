# SPDX-License-Identifier: Apache-2.0
"""May this node sign now? Everything that leaves it under its seal asks here first.

A signature made with a wrong clock, or after the key statement has expired, is
worth nothing in court and cannot be taken back. So the node stops, and says so.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings

from comity.canonical.time import Instant
from comity.crypto.keys import SealPrivateKey
from comity.errors import Refused
from comity.node.keyring import keyring
from comity.node.store.models import PeerRow

#: A peer's clock counts if the peer was heard this lately.
_HEARD_LATELY: Final = timedelta(hours=24)


def seal(now: Instant) -> SealPrivateKey:
    """Return the seal to sign with.

    Raises `Refused`: `key.expired` and its like, or `node.clock` when this node's
    clock differs from most of its peers'.
    """
    problem = clock_problem(now)
    if problem:
        raise Refused(
            "node.clock",
            "this node does not sign while its clock is in doubt",
            reasons=(problem,),
            hint="Set the computer's clock (chrony with NTS); `comity-node check` shows the peers.",
        )
    return keyring().seal(now)


def clock_problem(now: Instant) -> str:
    """Return what is wrong with the clock; empty if nothing is known to be.

    One peer with a wrong clock must not stop us: the clock is in doubt when at
    least half of the peers heard lately differ by more than the tolerance.
    """
    tolerance: int = settings.CONFIG.clock_tolerance
    rows = PeerRow.objects.filter(clock_difference__isnull=False, last_heard__isnull=False)
    heard = [
        (row.authority, row.clock_difference or 0)
        for row in rows
        if row.last_heard and abs(now - row.last_heard) < _HEARD_LATELY
    ]
    far = [(name, difference) for name, difference in heard if abs(difference) > tolerance]
    if not far or 2 * len(far) < len(heard):
        return ""
    named = ", ".join(f"{name} by {difference} s" for name, difference in far)
    return f"the clocks of peers differ from ours: {named} (tolerance {tolerance} s)"
