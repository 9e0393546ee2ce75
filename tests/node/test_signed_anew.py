# SPDX-License-Identifier: Apache-2.0
"""A case goes on after a statement expired on its way: said anew, in order, and never twice."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from comity.canonical.ids import AuthorityId, ObjectId
from comity.crypto import envelope
from comity.errors import Refused, Unavailable
from comity.node.operator.main import main
from comity.node.services import outbox, proofs
from comity.node.store.models import AuditRow, DispatchRow, ReceiptRow
from comity.node.worker import delivery
from comity.protocol import statement
from comity.protocol.delivery import Delivery
from support.officer_walk import sent
from support.peer_node import Peer
from support.requests import an_id

XM = AuthorityId("xm.moj")


@pytest.fixture
def peer(node, world):
    return Peer(world, XM, node)


def enqueue(node, case: str, note: str) -> DispatchRow:
    identifier = ObjectId(an_id(case))
    digest = outbox.enqueue(
        message_type="assistance.withdrawal/1",
        body={"request_id": identifier, "reasons": note},
        to=XM,
        case=identifier,
        urgent=False,
        now=node.now(),
    )
    return DispatchRow.objects.get(sha256=digest)


def again(row: DispatchRow):
    return CliRunner().invoke(main, ["outbox", "again", str(row.pk)])


def taken(peer: Peer) -> list[tuple[int, str]]:
    said = [admitted.statement for admitted in peer.holdings.statements.values()]
    return [(one.seq, one.body["reasons"]) for one in said]


def test_what_expired_is_said_anew_with_what_waits_behind_it(node, peer):
    first, second = enqueue(node, "one", "first"), enqueue(node, "one", "second")
    node.advance(days=15)
    assert delivery.expire(node.now()) == 2
    third, other = enqueue(node, "one", "third"), enqueue(node, "two", "other")
    assert again(second).exit_code == 4  # nobody answers: what the peer has is not known
    with peer.serve():
        node.advance(hours=7)
        delivery.send_statements(node.now())
        peer.open_all()
        assert taken(peer) == [(1, "other")]  # the third waits for the first
        assert again(second).exit_code == 0
        delivery.send_statements(node.now())
        peer.open_all()
    assert taken(peer)[1:] == [(1, "first"), (2, "second"), (3, "third")]
    chain = list(peer.holdings.statements.values())[1:]
    assert [one.statement.previous for one in chain] == [None, *(one.digest for one in chain[:2])]
    for row in (first, second, third):
        row.refresh_from_db()
        assert (row.state, row.superseded) == (Delivery.FAILED, True)
        assert statement.read_payload(envelope.read(bytes(row.raw)).payload).seq == row.seq
    other.refresh_from_db()
    assert not other.superseded
    assert outbox.failures() == []
    assert AuditRow.objects.filter(event="statement.signed_anew").count() == 3
    refused = again(first)
    assert (refused.exit_code, "delivery.superseded" in refused.output) == (5, True)
    assert enqueue(node, "one", "fourth").seq == 4


def test_what_the_peer_has_after_all_is_not_said_twice(node, peer):
    row = enqueue(node, "one", "first")
    with peer.serve():
        delivery.send_statements(node.now())
        peer.open_all()
        # Every answer of the peer was lost.
        ReceiptRow.objects.filter(issuer=XM).delete()
        DispatchRow.objects.filter(pk=row.pk).update(state=Delivery.QUEUED)
        node.advance(days=15)
        assert delivery.expire(node.now()) == 1
        refused = again(row)
    assert "delivery.not_failed" in refused.output
    row.refresh_from_db()
    assert (row.state, row.superseded) == (Delivery.DELIVERED, False)


def test_nothing_takes_the_place_of_one_that_a_later_one_names(node, peer):
    first, second = enqueue(node, "one", "first"), enqueue(node, "one", "second")
    DispatchRow.objects.filter(pk=second.pk).update(state=Delivery.RELAYED)
    node.advance(days=15)
    DispatchRow.objects.filter(pk=first.pk).update(state=Delivery.NOT_DELIVERED)
    with pytest.raises(Refused) as refused:
        outbox.send_again(dispatch=str(first.pk), now=node.now())
    assert refused.value.code == "delivery.later_arrived"
    assert DispatchRow.objects.count() == 2


def test_a_request_that_is_signed_anew_can_be_proven_as_sent(walk, node):
    request = sent(walk)
    old = DispatchRow.objects.get(case=request.id)
    assert proofs.statement_of_request(request.id) == old.sha256
    node.advance(days=15)
    delivery.expire(node.now())
    outbox.send_again(dispatch=str(old.pk), now=node.now())
    new = DispatchRow.objects.get(case=request.id, superseded=False)
    assert proofs.statement_of_request(request.id) == new.sha256 != old.sha256
    with pytest.raises(Unavailable):  # no witness has cosigned yet; but it is on record
        proofs.proof_for_peer(statement=new.sha256, peer=XM)
