# SPDX-License-Identifier: Apache-2.0
"""Sending again holds what it has read: a receipt, or a second operator, waits behind it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.canonical.ids import AuthorityId, ObjectId
from comity.errors import Refused
from comity.node.services import outbox
from comity.node.store.models import DispatchRow, LineRow
from comity.node.worker import delivery
from comity.protocol.delivery import Delivery
from support.requests import an_id

XM = AuthorityId("xm.moj")


@pytest.fixture
def lost(node) -> DispatchRow:
    """A statement that a peer refused."""
    case = ObjectId(an_id("lock"))
    digest = outbox.enqueue(
        message_type="assistance.withdrawal/1",
        body={"request_id": case, "reasons": "No longer needed."},
        to=XM,
        case=case,
        urgent=False,
        now=node.now(),
    )
    DispatchRow.objects.filter(sha256=digest).update(state=Delivery.NOT_DELIVERED)
    return DispatchRow.objects.get(sha256=digest)


@pytest.mark.parametrize("days", [0, 15])
def test_line_and_row_are_locked_before_either_is_written(node, lost, days):
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite lets one write at a time: `make test DB=postgresql` shows the locks")
    node.advance(days=days)
    with CaptureQueriesContext(connection) as captured:
        outbox.send_again(dispatch=str(lost.pk), now=node.now())
    said = [query["sql"] for query in captured]
    line, row = LineRow._meta.db_table, DispatchRow._meta.db_table

    def first(start: str, table: str, end: str = "") -> int:
        return next(
            number
            for number, sql in enumerate(said)
            if sql.startswith(start) and f'"{table}"' in sql and sql.endswith(end)
        )

    locked_line = first("SELECT", line, "FOR UPDATE")
    locked_row = first("SELECT", row, "FOR UPDATE")
    assert locked_line < locked_row < first("UPDATE", row)


def test_who_comes_second_is_told_so(node, lost):
    outbox.send_again(dispatch=str(lost.pk), now=node.now())
    with pytest.raises(Refused) as refused:
        outbox.send_again(dispatch=str(lost.pk), now=node.now())
    assert refused.value.code == "delivery.not_failed"
    node.advance(days=15)
    delivery.expire(node.now())
    outbox.send_again(dispatch=str(lost.pk), now=node.now())
    with pytest.raises(Refused) as refused:
        outbox.send_again(dispatch=str(lost.pk), now=node.now())
    assert refused.value.code == "delivery.superseded"
