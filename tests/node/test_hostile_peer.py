# SPDX-License-Identifier: Apache-2.0
"""A peer that restricts, floods or lies, through its own front door and with its own keys."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId, new_object_id
from comity.node.services import _limits, inbox, outbox
from comity.node.store.models import DispatchRow, ReceiptRow, TimelineRow
from comity.protocol import receipt as receipts
from comity.protocol.receipt import Kind
from comity.protocol.statement import Handling, HandlingCode
from support.peer_node import OWN, Peer
from support.requests import content_for

XM = AuthorityId("xm.moj")


@pytest.fixture
def peer(node, world):
    return Peer(world, XM, node)


def ask(peer: Peer, name: str, **changes) -> str:
    """Bring a request of the peer's; return its identifier."""
    content = content_for(name=name, requesting="xm.moj", requested="xv.moj")
    body = {"content": content.to_json()}
    said = peer.state("assistance.request/1", body, content.request_id, **changes)
    peer.bring(peer.seal_for_node(said))
    return content.request_id


def test_what_the_sender_says_of_the_use_is_shown(node, peer):
    handling = Handling(HandlingCode.H3, "Not before the arrest", date(2027, 1, 31))
    restricted, free = ask(peer, "one", handling=handling), ask(peer, "two")
    inbox.open_statements(node.now())
    inbox.apply_statements(node.now())
    shown = {str(row.request_id): dict(row.facts) for row in TimelineRow.objects.all()}
    assert shown[restricted]["Handling"].startswith("H3")
    assert shown[restricted]["Purpose and restrictions"] == "Not before the arrest"
    assert shown[restricted]["May be kept until"] == "2027-01-31"
    assert "Handling" not in shown[free]


def test_no_peer_fills_the_disk_with_receipts(node, peer, monkeypatch):
    monkeypatch.setattr(_limits, "MOST_RECEIPTS", 5)
    case = new_object_id()
    digest = outbox.enqueue(
        message_type="assistance.withdrawal/1",
        body={"request_id": case, "reasons": "x"},
        to=XM,
        case=case,
        urgent=False,
        now=node.now(),
    )
    row = DispatchRow.objects.get(sha256=digest)
    answers = []
    for seconds in range(8):
        given = receipts.sign_receipt(
            receipts.Receipt(
                kind=Kind.ACCEPTED,
                issuer=XM,
                to=OWN,
                parcel=None,
                statement=Sha256(digest),
                previous=None,
                at=node.now() - timedelta(seconds=seconds),
                claimed=row.created,
                serial=1,
                directory=None,
            ),
            seal=peer.seal,
        )
        answers.append(peer.call("PUT", f"/v1/receipts/{given.digest}", given.raw).status_code)
    assert answers == [201] * 5 + [503] * 3
    assert ReceiptRow.objects.filter(issuer=XM).count() == 5
