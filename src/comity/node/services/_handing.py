# SPDX-License-Identifier: Apache-2.0
"""Handing over: the receipt that a named officer has a peer's statement.

It is signed when an officer first acts on the request, since nobody acts on a
request without having its letters in front of them; not when a page is opened,
which browsers do by themselves.
"""

from __future__ import annotations

from uuid import UUID

from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.time import Instant
from comity.node.services._receipts import issuer, lookup_of, own_authority
from comity.node.store.delivery_storage import StoredHoldings, line_to
from comity.node.store.models import ReceiptRow, StatementInRow
from comity.protocol.receipt import Kind
from comity.protocol.receiving import Receiver


def hand_over(*, case: UUID | str, now: Instant) -> int:
    """Sign `handed_over` for every statement of a case that is in the record; return how many.

    Each once. Called in the transaction of the officer's act.
    """
    rows = StatementInRow.objects.filter(case=case, state="applied").order_by("seq")
    given = set(
        ReceiptRow.objects.filter(
            kind=Kind.HANDED_OVER, issuer=own_authority(), statement__in=rows.values("sha256")
        ).values_list("statement", flat=True)
    )
    waiting = [row for row in rows if row.sha256 not in given]
    for row in waiting:
        sender = AuthorityId(row.sender)
        line_to(sender)
        receiver = Receiver(
            me=own_authority(),
            issuer=lambda: issuer(now),
            holdings=StoredHoldings(now=now),
            lookup=lookup_of(sender, now),
        )
        receiver.hand_over(
            sender=sender, statement=Sha256(row.sha256), created=row.created, now=now
        )
    return len(waiting)
