# SPDX-License-Identifier: Apache-2.0
"""A peer that restricts, floods or lies, through its own front door and with its own keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId, new_object_id
from comity.node.queries import health, request_page
from comity.node.services import _limits, inbox, outbox
from comity.node.store.models import DispatchRow, OfficerRow, ReceiptRow, RequestRow, TimelineRow
from comity.protocol import receipt as receipts
from comity.protocol.receipt import Kind
from comity.protocol.statement import Handling, HandlingCode
from support.peer_node import OWN, Peer
from support.requests import content_for

XM = AuthorityId("xm.moj")


@pytest.fixture
def peer(node, world):
    return Peer(world, XM, node)


def ask(peer: Peer, name: str, *, offences: tuple[str, ...] = (), **changes) -> str:
    """Bring a request of the peer's; return its identifier."""
    content = content_for(name=name, requesting="xm.moj", requested="xv.moj")
    if offences:
        content = replace(content, offences=offences)
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


def messages(items) -> tuple[str, str]:
    """Return what the node's health says of messages."""
    [item] = [one for one in items if one.id == "messages"]
    return item.status, item.detail


def test_what_has_no_effect_and_what_is_missing_is_seen(node, peer, officer):
    supervisor, operator = officer("sofia", "supervisor"), officer("otto", "operator")
    assert messages(health.node_health(node.now()))[0] == "ok"
    case = ask(peer, "one")
    body = {"request_id": case, "reason": "completed", "note": ""}
    early = peer.state("assistance.closure/1", body, case)  # nothing was delivered
    peer.bring(peer.seal_for_node(early))
    inbox.open_statements(node.now())
    inbox.apply_statements(node.now())
    status, told = messages(health.health_page(supervisor, node.now()))
    assert status == "warning"
    assert "assistance.closure/1 of xm.moj" in told
    assert case in told
    for items in (health.node_health(node.now()), health.health_page(operator, node.now())):
        assert messages(items) == ("warning", "1 of xm.moj had no effect here: workflow.not_now")
    peer.state("assistance.withdrawal/1", {"request_id": case, "reasons": "x"}, case)  # is lost
    later = peer.state("assistance.withdrawal/1", {"request_id": case, "reasons": "x"}, case)
    peer.bring(peer.seal_for_node(later))
    inbox.open_statements(node.now())
    inbox.apply_statements(node.now())
    node.advance(hours=2)
    told = messages(health.health_page(supervisor, node.now()))[1]
    assert f"in case {case} the messages 3 of xm.moj are missing" in told
    for items in (health.node_health(node.now()), health.health_page(operator, node.now())):
        assert messages(items)[1].endswith("; messages of xm.moj are missing in 1 case")


def test_the_page_of_the_request_tells_of_it(node, peer, officer):
    central = officer("chidi", "central")
    case, quiet = ask(peer, "one"), ask(peer, "two")
    body = {"request_id": case, "reason": "completed", "note": ""}
    peer.bring(peer.seal_for_node(peer.state("assistance.closure/1", body, case)))
    peer.state("assistance.withdrawal/1", {"request_id": case, "reasons": "x"}, case)  # is lost
    later = peer.state("assistance.withdrawal/1", {"request_id": case, "reasons": "x"}, case)
    peer.bring(peer.seal_for_node(later))
    inbox.open_statements(node.now())
    inbox.apply_statements(node.now())
    page = request_page(officer=central, request_id=case, now=node.now())
    assert [one.kind for one in page.troubles] == ["no_effect"]
    assert page.troubles[0].reasons[-1] == "the state is received"
    node.advance(hours=2)
    text = shown(central, case)
    assert "Closure of Ministry of Justice of Meridia" in text
    assert "it had no effect here" in text
    assert "the state is received" in text
    assert "Missing of the messages of Ministry of Justice of Meridia : 3 ." in text
    assert "no effect" not in shown(central, quiet)


def shown(reader, case: str) -> str:
    """Return what an officer reads on the page of a request."""
    client = Client()
    client.force_login(
        OfficerRow.objects.get(pk=reader.id),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    answer = client.get(f"/requests/{case}/")
    return " ".join(BeautifulSoup(answer.content, "html.parser").get_text(" ").split())


def test_an_offence_that_only_the_peers_law_knows_loses_no_request(node, peer, officer):
    case = ask(peer, "one", offences=("computer_fraud", "theft_of_qubits"))
    inbox.open_statements(node.now())
    inbox.apply_statements(node.now())
    assert RequestRow.objects.get(pk=case).state == "received"
    facts = dict(TimelineRow.objects.get(request=case).facts)
    assert facts["Offences unknown to the law here"] == "theft_of_qubits"
    central = officer("chidi", "central")
    page = request_page(officer=central, request_id=case, now=node.now())
    assert {one.action for one in page.actions if one.enabled} == {"acknowledge"}


def test_another_peer_gets_no_receipts_with_a_header_that_is_not_its_own(node, peer, world):
    content = content_for(name="one", requesting="xm.moj", requested="xv.moj")
    body = {"content": content.to_json()}
    sealed = peer.seal_for_node(peer.state("assistance.request/1", body, content.request_id))
    peer.bring(sealed)
    third = Peer(world, AuthorityId("xl.records"), node)
    answer = third.call("PUT", f"/v1/parcels/{sealed.digest}", sealed.header)
    assert (answer.status_code, b"protocol.sender_unknown" in answer.content) == (401, True)
    again = peer.call("PUT", f"/v1/parcels/{sealed.digest}", sealed.header)
    assert again.status_code == 200
