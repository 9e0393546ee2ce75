# SPDX-License-Identifier: Apache-2.0
"""A peer of an earlier version refuses a message it does not know: the case can go on without."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from comity.canonical.ids import AuthorityId, ObjectId
from comity.errors import ComityError
from comity.node.operator.main import main
from comity.node.services import outbox
from comity.node.store.models import AuditRow, DispatchRow, TimelineRow
from comity.node.worker import delivery
from comity.protocol.delivery import Delivery
from support.officer_walk import sent
from support.peer_node import Peer
from support.requests import an_id

XM = AuthorityId("xm.moj")
#: What this version knows; the next has one more type, and one more member.
KNOWN, LATER = "assistance.withdrawal/1", "assistance.of_a_later_version/1"


@pytest.fixture
def peer(node, world):
    return Peer(world, XM, node)


def enqueue(node, note: str, *, kind: str = KNOWN, case: str = "", **more: str) -> DispatchRow:
    identifier = ObjectId(case or an_id("given-up"))
    digest = outbox.enqueue(
        message_type=kind,
        body={"request_id": identifier, "reasons": note, **more},
        to=XM,
        case=identifier,
        urgent=False,
        now=node.now(),
    )
    return DispatchRow.objects.get(sha256=digest)


def command(*arguments: str):
    return CliRunner().invoke(main, ["outbox", *arguments])


def deliver(node, peer: Peer) -> None:
    """Send what is due; the peer opens it, and answers as its worker would."""
    delivery.send_statements(node.now())
    for incoming in list(peer.holdings.parcels.values()):
        try:
            peer.open_all()
        except ComityError as error:
            refused = next(
                one for one in peer.holdings.parcels.values() if one.arrival == "complete"
            )
            peer.receiver().refuse(refused, error, now=peer.now)
        for receipt in peer.holdings.receipts(incoming.digest):
            outbox.take(receipt, peer=XM, now=node.now())


def taken(peer: Peer) -> list[tuple[int, str]]:
    said = [admitted.statement for admitted in peer.holdings.statements.values()]
    return [(one.seq, one.body["reasons"]) for one in said]


@pytest.mark.parametrize("later", [{"kind": LATER}, {"more_of_it": "later"}])
def test_the_case_goes_on_without_what_the_peer_does_not_know(node, peer, later):
    enqueue(node, "first")
    with peer.serve():
        deliver(node, peer)
        unknown = enqueue(node, "unknown", **later)
        deliver(node, peer)
        third, fourth = enqueue(node, "third"), enqueue(node, "fourth")
        deliver(node, peer)
        assert taken(peer) == [(1, "first")]  # the others wait
        assert "has been updated, or give it up" in command("failed").output
        assert command("again", str(unknown.pk)).exit_code == 0
        deliver(node, peer)
        assert taken(peer) == [(1, "first")]  # said again, refused again
        assert command("give-up", str(unknown.pk)).exit_code == 0
        for _ in range(2):
            deliver(node, peer)
    assert taken(peer) == [(1, "first"), (2, "third"), (3, "fourth")]
    chain = list(peer.holdings.statements.values())
    assert [one.statement.previous for one in chain[1:]] == [one.digest for one in chain[:2]]
    unknown.refresh_from_db()
    assert (unknown.state, unknown.superseded) == (Delivery.NOT_DELIVERED, True)
    assert outbox.failures() == []
    assert AuditRow.objects.filter(event="statement.given_up").count() == 1
    assert AuditRow.objects.filter(event="statement.signed_anew").count() == 2
    # The next may be such a one again, as what resumes a postponement is: it goes alone.
    fifth, sixth = enqueue(node, "fifth", more_of_it="later"), enqueue(node, "sixth")
    with peer.serve():
        for _ in range(2):
            deliver(node, peer)
        assert (fifth.seq, len(taken(peer))) == (4, 3)
        assert command("give-up", str(fifth.pk)).exit_code == 0
        deliver(node, peer)
    assert taken(peer)[3:] == [(4, "sixth")]
    sixth.refresh_from_db()
    assert sixth.superseded
    for row in (third, fourth):
        row.refresh_from_db()
        assert row.superseded
    assert "delivery.superseded" in command("give-up", str(unknown.pk)).output


def test_what_follows_a_message_of_a_newer_set_waits_until_it_was_taken(node, peer):
    """Otherwise it could arrive before the refusal, and name what will never be there."""
    enqueue(node, "first")
    with peer.serve():
        deliver(node, peer)
        newer = enqueue(node, "not a postponement", kind="assistance.postponement/1")
        follows = enqueue(node, "follows")
        assert delivery.seal_statements(node.now()) == 2
        offered = outbox.waiting_for(XM, after=0, most=9, now=node.now())
        assert [bytes(header) for _, header in offered] == [
            bytes(row.header) for row in newer.parcel_rows.all()
        ]
        for _ in range(2):
            delivery.send_statements(node.now())
        newer.refresh_from_db()
        assert newer.state == Delivery.RELAYED
        assert outbox.waiting_for(XM, after=0, most=9, now=node.now()) == []
        DispatchRow.objects.filter(pk=newer.pk).update(state=Delivery.DELIVERED)
        delivery.send_statements(node.now())
    follows.refresh_from_db()
    assert follows.state == Delivery.RELAYED


def test_it_stands_in_the_timeline_of_the_request(walk, node, peer):
    request = sent(walk)
    with peer.serve():
        deliver(node, peer)
        unknown = enqueue(node, "unknown", kind=LATER, case=request.id)
        deliver(node, peer)
        assert command("give-up", str(unknown.pk)).exit_code == 0
    told = TimelineRow.objects.get(request=request.id, event="statement.given_up")
    assert (told.facts, told.statement) == ([["Message", LATER]], unknown.sha256)
    assert enqueue(node, "next", case=request.id).seq == 2


def test_nothing_else_is_given_up(node, peer):
    expired, other = enqueue(node, "expired"), enqueue(node, "refused", case=an_id("other"))
    DispatchRow.objects.filter(pk=other.pk).update(state=Delivery.NOT_DELIVERED)
    with peer.serve():
        refused = command("give-up", str(expired.pk))
        assert (refused.exit_code, "delivery.not_failed" in refused.output) == (5, True)
        refused = command("give-up", str(other.pk))  # the peer has not signed why
        assert (refused.exit_code, "delivery.not_given_up" in refused.output) == (5, True)
        node.advance(days=15)
        delivery.expire(node.now())
        refused = command("give-up", str(expired.pk))
        assert (refused.exit_code, "delivery.not_given_up" in refused.output) == (5, True)
    assert command("give-up", str(expired.pk)).exit_code == 4  # what the peer has is not known


def test_the_request_itself_is_not_given_up(node, peer):
    first = enqueue(node, "no request at all", kind="assistance.request/1")
    with peer.serve():
        deliver(node, peer)
        first.refresh_from_db()
        assert first.state == Delivery.NOT_DELIVERED
        refused = command("give-up", str(first.pk))
    assert (refused.exit_code, "it opens the case" in refused.output) == (5, True)
