# SPDX-License-Identifier: Apache-2.0
"""The node as a witness of its peers' logs, and the ledger's addresses on the wire."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction
from django.test import Client

from comity.canonical.digest import sha256
from comity.errors import ComityError, Unverified
from comity.ledger import merkle
from comity.ledger.audit import audit
from comity.ledger.checkpoint import open_checkpoint, sign_checkpoint
from comity.ledger.keys import parse_vkey
from comity.ledger.tree_head import TreeHead
from comity.ledger.witness import FORK, INCONSISTENT, TREE_SIZE, write_request
from comity.node.keyring import keyring
from comity.node.services import _ledger_halt, witnessing
from comity.node.store.models import PeerRow, WitnessedLogRow, WitnessEvidenceRow
from comity.node.wire.signature import sign_request
from support.ledger_node import happen, settle, sign

PEER = "xm.moj"


def history(name: str, size: int) -> list[bytes]:
    return [merkle.leaf_hash(f"{name} {number}".encode()) for number in range(size)]


def request(world, leaves: list[bytes], old: int, *, now, authority: str = PEER) -> bytes:
    ring = world.keys(authority)

    def node(level: int, index: int) -> bytes:
        return merkle.root_of(leaves[index << level : (index + 1) << level])

    head = TreeHead(ring.statement.ledger.origin, len(leaves), merkle.root_of(leaves))
    note = sign_checkpoint(head, keys=ring.log_signers, now=now)
    hashes = merkle.consistency_proof(node, old_size=old, size=len(leaves))
    return write_request(old_size=old, hashes=hashes, note=note)


def ask(body: bytes, now):
    return witnessing.add_checkpoint(body, now=now)


def test_a_peer_s_log_is_cosigned_and_kept(node, peers, world) -> None:
    answer = ask(request(world, history("a", 3), 0, now=node.now()), node.now())
    assert answer.status == 200
    row = WitnessedLogRow.objects.get()
    ring = world.keys(PEER)
    opened = open_checkpoint(
        bytes(row.note),
        log_keys=[parse_vkey(text) for text in ring.statement.ledger.log_vkeys],
        witness_keys=[key.verifier for key in keyring().witness_signers],
        strict=True,
    )
    assert (row.authority, row.size, opened.head.size) == (PEER, 3, 3)
    assert opened.cosigners() == {"xv.moj/witness": int(node.now().timestamp())}
    digest = hashlib.sha256(row.origin.encode()).hexdigest()
    assert witnessing.witnessed_checkpoint(digest) == bytes(row.note)
    grown = ask(request(world, history("a", 9), 3, now=node.now()), node.now())
    assert grown.status == 200
    assert WitnessedLogRow.objects.get().size == 9


def test_going_back_and_forking_is_refused_and_kept(node, peers, world) -> None:
    ask(request(world, history("a", 5), 0, now=node.now()), node.now())
    back = ask(request(world, history("a", 3), 3, now=node.now()), node.now())
    assert (back.status, back.body, back.content_type) == (409, b"5\n", TREE_SIZE)
    fork = request(world, history("b", 5), 5, now=node.now())
    assert ask(fork, node.now()).status == 422
    assert ask(fork, node.now()).status == 422
    rewritten = request(world, history("b", 8), 5, now=node.now())
    assert ask(rewritten, node.now()).status == 422
    assert WitnessedLogRow.objects.get().size == 5
    kinds = sorted(WitnessEvidenceRow.objects.values_list("kind", flat=True))
    assert kinds == [FORK, INCONSISTENT]
    with pytest.raises(DatabaseError), transaction.atomic():
        WitnessEvidenceRow.objects.all().delete()


def test_strangers_and_quarantined_peers_are_not_cosigned(node, peers, world) -> None:
    own = request(world, history("a", 1), 0, now=node.now(), authority="xv.moj")
    assert ask(own, node.now()).status == 404
    PeerRow.objects.filter(authority=PEER).update(status="quarantined")
    body = request(world, history("a", 1), 0, now=node.now())
    assert ask(body, node.now()).status == 404
    assert ask(b"nonsense", node.now()).status == 400
    assert not WitnessedLogRow.objects.exists()


def test_a_clock_behind_the_last_signature_signs_nothing(node, peers, world) -> None:
    ask(request(world, history("a", 1), 0, now=node.now()), node.now())
    body = request(world, history("a", 2), 1, now=node.now())
    other = request(world, history("c", 2), 0, now=node.now(), authority="xl.records")
    for one in (body, other):
        assert ask(one, node.now() - timedelta(seconds=1)).status == 503
    assert WitnessedLogRow.objects.get().size == 1
    assert ask(body, node.now()).status == 200


def test_a_lost_answer_is_no_loss(node, peers, world) -> None:
    ask(request(world, history("a", 4), 0, now=node.now()), node.now())
    again = ask(request(world, history("a", 4), 0, now=node.now()), node.now())
    assert (again.status, again.body) == (409, b"4\n")
    assert ask(request(world, history("a", 4), 4, now=node.now()), node.now()).status == 200


def test_what_is_not_stored_is_not_answered(node, peers, world, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise DatabaseError("no more room")

    monkeypatch.setattr(witnessing, "_keep", fail)
    body = request(world, history("a", 1), 0, now=node.now())
    with pytest.raises(DatabaseError):
        ask(body, node.now())
    assert not WitnessedLogRow.objects.exists()


def guard_files() -> list[Path]:
    base = settings.CONFIG.rollback_guard
    return sorted(base.with_name(f"{base.name}.witnessed").glob("*"))


def test_a_database_restored_from_an_old_copy_goes_on_from_the_file(node, peers, world) -> None:
    ask(request(world, history("a", 3), 0, now=node.now()), node.now())
    with transaction.atomic():
        assert ask(request(world, history("a", 7), 3, now=node.now()), node.now()).status == 200
        transaction.set_rollback(True)
    assert WitnessedLogRow.objects.get().size == 3
    # Another history from size 3 on would be a fork of what was cosigned at size 7.
    fork = ask(request(world, history("a", 3) + history("b", 4), 3, now=node.now()), node.now())
    assert (fork.status, fork.body) == (409, b"7\n")
    assert ask(request(world, history("a", 9), 7, now=node.now()), node.now()).status == 200
    assert WitnessedLogRow.objects.get().size == 9


def test_a_file_that_is_gone_or_older_is_noticed(node, peers, world) -> None:
    ask(request(world, history("a", 3), 0, now=node.now()), node.now())
    (path,) = guard_files()
    old = path.read_bytes()
    ask(request(world, history("a", 5), 3, now=node.now()), node.now())
    body = request(world, history("a", 6), 5, now=node.now())
    path.write_bytes(old)
    with pytest.raises(Unverified) as refused:
        ask(body, node.now())
    assert refused.value.code == "witness.guard_behind"
    path.unlink()
    with pytest.raises(Unverified) as refused:
        ask(body, node.now())
    assert refused.value.code == "witness.guard_missing"
    assert WitnessedLogRow.objects.get().size == 5


def test_a_file_that_somebody_changed_is_not_believed(node, peers, world) -> None:
    ask(request(world, history("a", 3), 0, now=node.now()), node.now())
    (path,) = guard_files()
    path.write_bytes(path.read_bytes().replace(b"\n3\n", b"\n2\n", 1))
    with pytest.raises(Unverified):
        ask(request(world, history("a", 4), 3, now=node.now()), node.now())


# --- on the wire ----------------------------------------------------------------------------


def call(world, node, method: str, path: str, body: bytes = b""):
    """Send a signed request of the peer to the node's wire."""
    url = settings.CONFIG.wire_url.rstrip("/") + path
    headers = sign_request(
        method=method,
        url=url,
        body=sha256(body),
        key=world.keys(PEER).transport,
        now=node.now(),
    )
    return Client(headers=headers).generic(
        method, path, body, content_type="application/octet-stream"
    )


@pytest.fixture(autouse=True)
def on_the_wire(settings) -> None:  # pytest-django's: undone after the test
    settings.ROOT_URLCONF = "comity.node.wire.urls"
    settings.MIDDLEWARE = []


def test_the_log_is_served_as_tiles(node, peers, world) -> None:
    happen(node, 300)
    settle(node, peers)

    def read(path: str) -> bytes:
        response = call(world, node, "GET", f"/ledger/{path}")
        assert response.status_code == 200, path
        return response.content

    own = keyring().statement.ledger
    found = audit(
        read,
        log_keys=[parse_vkey(text) for text in own.log_vkeys],
        witness_keys=[
            key.verifier
            for who in ("xm.moj", "xl.records")
            for key in world.keys(who).witness_signers
        ],
    )
    assert found.ok, found.faults


def test_anyone_may_read_the_checkpoint_and_peers_the_rest(node, peers, world) -> None:
    assert Client().get("/ledger/checkpoint").status_code == 404
    happen(node)
    sign(node)
    response = Client().get("/ledger/checkpoint")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert Client().get("/ledger/tile/0/000.p/1").status_code == 401
    assert Client().post("/witness/add-checkpoint").status_code == 401


@pytest.mark.parametrize(
    "rest", ["0/000", "0/../000", "9/000.p/1", "entries/000.p/255", "x" * 200, "0/000.p/1/2"]
)
def test_tiles_that_are_not_there(node, peers, world, rest) -> None:
    assert call(world, node, "GET", f"/ledger/tile/{rest}").status_code == 404


def test_cosigning_over_the_wire(node, peers, world) -> None:
    body = request(world, history("a", 2), 0, now=node.now())
    response = call(world, node, "POST", "/witness/add-checkpoint", body)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
    origin = world.keys(PEER).statement.ledger.origin
    path = f"/witness/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"
    assert call(world, node, "GET", path).content == bytes(WitnessedLogRow.objects.get().note)
    for absent in ("0" * 64, "nothing"):
        answer = call(world, node, "GET", f"/witness/{absent}/checkpoint")
        assert answer.status_code == 404
    again = call(world, node, "POST", "/witness/add-checkpoint", body)
    assert (again.status_code, again["Content-Type"]) == (409, TREE_SIZE)
    huge = call(world, node, "POST", "/witness/add-checkpoint", b"x" * 300_000)
    assert huge.status_code == 422


def test_a_stopped_ledger_cosigns_nothing(node, peers, world) -> None:
    _ledger_halt.halt("the test says so")
    body = request(world, history("a", 1), 0, now=node.now())
    with pytest.raises(ComityError):
        ask(body, node.now())
    response = call(world, node, "POST", "/witness/add-checkpoint", body)
    assert response.status_code == 503
