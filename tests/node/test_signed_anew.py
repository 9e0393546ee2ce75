# SPDX-License-Identifier: Apache-2.0
"""A case goes on after a statement expired on its way: said anew, in order, and never twice."""

from __future__ import annotations

import uuid
from io import BytesIO

import pytest
from click.testing import CliRunner

from comity.canonical import json
from comity.canonical.ids import AuthorityId, ObjectId
from comity.crypto import envelope
from comity.errors import Refused, Unavailable
from comity.node.operator.main import main
from comity.node.services import evidence, outbox, proofs
from comity.node.store.models import AuditRow, DispatchRow, PackageRow, ReceiptRow, RequestRow
from comity.node.worker import delivery
from comity.protocol import statement
from comity.protocol.delivery import Delivery
from comity.protocol.parcel import seal_package
from comity.protocol.parts import write_part_list
from support.officer_walk import sent
from support.peer_node import Peer
from support.requests import an_id, content_for

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


@pytest.fixture
def package(node, peer):
    """A small package whose sealed parts are ready, for a request of the peer's."""
    content = content_for(name="package", requesting="xm.moj", requested="xv.moj")
    said = peer.state("assistance.request/1", {"content": content.to_json()}, content.request_id)
    peer.bring(peer.seal_for_node(said))
    delivery.open_statements(node.now())
    delivery.apply_statements(node.now())
    store = evidence.blobs()

    def keep(data: bytes):
        return store.put(BytesIO(data)).sha256

    recipient = peer.keys.statement.recipient_at(node.now())
    parts = seal_package(BytesIO(bytes(90_000)), recipients=(recipient,), keep=keep)
    row = PackageRow.objects.create(
        id=uuid.uuid4(),
        request_id=content.request_id,
        direction="outgoing",
        status="ready",
        complete=True,
        parcel_sha256=keep(write_part_list(parts)),
        made=node.now(),
        updated=node.now(),
    )
    outbox.release_package(package_id=str(row.pk), to=XM, now=node.now())
    return DispatchRow.objects.get(package=row.pk)


def test_a_package_that_expired_is_announced_again_with_the_same_parts(node, peer, package):
    peer.broken = lambda method, path: method == "PUT" and path.count("/") == 4  # no part goes
    with peer.serve():
        delivery.send_packages(node.now())
    package.refresh_from_db()
    assert package.state == Delivery.ACCEPTED
    [first] = peer.holdings.parcels
    node.advance(days=15)
    assert delivery.expire(node.now()) == 1
    assert outbox.tidy(node.now()) == 0  # somebody waits for it still
    assert again(package).exit_code == 4
    peer.broken = lambda _method, _path: False
    with peer.serve():
        assert again(package).exit_code == 0
        node.advance(hours=7)
        delivery.send_packages(node.now())
    package.refresh_from_db()
    assert package.state == Delivery.RELAYED
    [second] = peer.holdings.parcels
    assert first != second
    event = AuditRow.objects.get(event="package.announced_again")
    assert json.read_object(bytes(event.payload)) == {
        "package": str(package.package),
        "request": str(package.case),
        "parcel": second,
    }
    assert "delivery.not_failed" in again(package).output


def test_a_package_that_did_not_open_there_is_not_announced_again(node, peer, package):
    DispatchRow.objects.filter(pk=package.pk).update(state=Delivery.NOT_DELIVERED)
    refused = again(package)
    assert (refused.exit_code, "delivery.package" in refused.output) == (5, True)


def test_the_parts_of_a_package_nobody_waits_for_are_removed(node, peer, package):
    node.advance(days=15)
    delivery.expire(node.now())
    RequestRow.objects.filter(pk=package.case).update(state="withdrawn")
    assert outbox.tidy(node.now()) == 1
    assert "delivery.package" in again(package).output
