# SPDX-License-Identifier: Apache-2.0
"""The proof that the requesting authority logged its request, on both ends."""

from __future__ import annotations

import pytest

from comity.canonical.ids import new_object_id
from comity.errors import Invalid, Unavailable, Unverified
from comity.node.services import proofs
from comity.node.store.models import DispatchRow, PeerProofRow, RequestRow
from support.meridia import XM, MeridiaLedger
from support.nodeworld import Witnesses
from support.officer_walk import sent
from support.peer_node import Peer
from support.peer_words import hear_request


@pytest.fixture
def received(node):
    request = hear_request(node)
    return RequestRow.objects.get(pk=request.id)


def proof_of_meridia(node, world, row, *, request=None, statement=None, witnesses=2) -> bytes:
    ledger = MeridiaLedger(world)
    private = {
        "request": request or str(row.pk),
        "statement": statement or proofs.statement_of_request(row.pk),
    }
    index = ledger.add("request.sent", private, at=node.now(), peer="xv.moj")
    return ledger.proof(index, now=node.now(), witnesses=witnesses)


def test_the_peers_proof_is_verified_and_kept(node, world, received):
    assert proofs.wanted(node.now()) == [received]
    data = proof_of_meridia(node, world, received)
    proofs.keep_proof(request=received, data=data, now=node.now())
    assert bytes(PeerProofRow.objects.get().proof) == data
    assert proofs.wanted(node.now()) == []


@pytest.mark.parametrize(
    "faults",
    [{"request": new_object_id()}, {"statement": "0" * 64}, {"witnesses": 1}],
    ids=["another request", "another statement", "too few witnesses"],
)
def test_any_other_proof_is_refused(node, world, received, faults):
    data = proof_of_meridia(node, world, received, **faults)
    with pytest.raises(Unverified):
        proofs.keep_proof(request=received, data=data, now=node.now())
    assert not PeerProofRow.objects.exists()


def test_who_has_no_proof_yet_is_asked_again_later(node, received):
    error = Unavailable("ledger.not_final", "not yet")
    proofs.postpone(request=received, error=error, now=node.now())
    assert proofs.wanted(node.now()) == []
    assert proofs.wanted(node.advance(seconds=3)) == [received]
    proofs.postpone(request=received, error=error, now=node.now())
    assert proofs.wanted(node.advance(seconds=3)) == []
    assert PeerProofRow.objects.get().attempts == 2


def test_our_proof_is_given_to_the_recipient_once_it_is_final(walk, world):
    request = sent(walk)
    statement = DispatchRow.objects.get(case=request.id).sha256
    peer = Peer(world, XM, walk.clock)
    assert peer.call("GET", f"/v1/proofs/{statement}").status_code == 503
    Witnesses(world, "xm.moj", "xl.records").cosign(walk.clock.advance(seconds=5))
    answer = peer.call("GET", f"/v1/proofs/{statement}")
    assert answer.status_code == 200
    assert answer.content == proofs.proof_for_peer(statement=statement, peer=XM)
    stranger = Peer(world, "xl.records", walk.clock)
    assert stranger.call("GET", f"/v1/proofs/{statement}").status_code == 422
    with pytest.raises(Invalid):
        proofs.proof_for_peer(statement="0" * 64, peer=XM)
