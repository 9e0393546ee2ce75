# SPDX-License-Identifier: Apache-2.0
"""What the node sends, over real TLS to a peer that really answers, and to one that does not."""

from __future__ import annotations

import os
import ssl
import uuid
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from click.testing import CliRunner

from comity.canonical.digest import sha256
from comity.canonical.ids import AuthorityId, ObjectId
from comity.crypto import envelope
from comity.errors import Invalid, Refused, Unavailable, Unverified
from comity.node import wake
from comity.node.keyring import keyring
from comity.node.operator.main import main
from comity.node.services import evidence, outbox, register
from comity.node.store.delivery_storage import incoming_parts, outgoing_parts
from comity.node.store.models import (
    DispatchRow,
    LedgerWitnessRow,
    LineRow,
    PackageRow,
    ParcelInRow,
    ParcelOutRow,
    PartInRow,
    PeerRow,
    ReceiptRow,
    StatementInRow,
)
from comity.node.wire import answers
from comity.node.wire.client import PeerLine
from comity.node.worker import delivery
from comity.protocol import receipt as receipts
from comity.protocol import statement
from comity.protocol.delivery import Delivery
from comity.protocol.parcel import seal_package, unseal_package
from comity.protocol.parts import write_part_list
from comity.protocol.receipt import Kind
from support.peer_node import OWN, Peer
from support.requests import an_id, content_for

XM = AuthorityId("xm.moj")


@pytest.fixture
def peer(node, world):
    return Peer(world, XM, node)


def enqueue(node, note: str = "one", *, urgent: bool = False, to: AuthorityId = XM) -> DispatchRow:
    """Queue a message; what it says does not matter to delivery."""
    case = an_id("outbox", note.partition(" ")[0])
    digest = outbox.enqueue(
        message_type="assistance.withdrawal/1",
        body={"request_id": case, "reasons": note},
        to=to,
        case=case,
        urgent=urgent,
        now=node.now(),
    )
    return DispatchRow.objects.get(sha256=digest)


def kinds(row: DispatchRow) -> list[str]:
    return list(row.receipt_rows.order_by("pk").values_list("kind", flat=True))


def line(node) -> PeerLine:
    return PeerLine(statement=register.statement_of(XM), key=keyring().transport, clock=node.now)


def test_a_statement_is_signed_and_numbered_when_it_is_queued(node):
    first, second = enqueue(node, "case one"), enqueue(node, "case two")
    other = enqueue(node, "another")
    assert (first.seq, second.seq, other.seq) == (1, 2, 1)
    read = statement.read_payload(envelope.read(bytes(second.raw)).payload)
    assert read.previous == first.sha256
    assert (read.sender, read.to) == (OWN, (XM,))
    assert read.directory == register.directory_head()
    assert kinds(first) == ["submitted"]


def test_an_unknown_peer_cannot_be_written_to(node):
    with pytest.raises(Unverified) as caught:
        enqueue(node, to=AuthorityId("xq.moj"))
    assert caught.value.code == "peer.unknown"
    assert not DispatchRow.objects.exists()


def test_it_is_delivered_and_every_receipt_is_kept(node, peer):
    row = enqueue(node)
    with peer.serve():
        assert delivery.send_statements(node.now()) > 0
        row.refresh_from_db()
        assert (row.state, kinds(row)) == (Delivery.RELAYED, ["submitted", "accepted", "relayed"])
        peer.open_all()
        [admitted] = peer.holdings.statements.values()
        assert admitted.raw == bytes(row.raw)
    given = [r.raw for r in peer.holdings.issued if r.kind is Kind.DELIVERED]
    response = peer.call("PUT", f"/v1/receipts/{sha256(given[0])}", given[0])
    assert response.status_code == 201
    row.refresh_from_db()
    assert row.state == Delivery.DELIVERED
    assert outbox.tidy(node.now()) == 1
    assert list(outgoing_parts(row.pk).all()) == []
    peer.call("PUT", f"/v1/receipts/{sha256(given[0])}", given[0])
    assert kinds(row) == ["submitted", "accepted", "relayed", "delivered"]


def test_messages_of_a_case_go_in_their_order_and_urgent_ones_first(node, peer):
    for note in ("slow 1", "slow 2", "fast 1"):
        enqueue(node, note)
    enqueue(node, "fast 2", urgent=True)
    with peer.serve():
        delivery.send_statements(node.now())
        peer.open_all()
    notes = [a.statement.body["reasons"] for a in peer.holdings.statements.values()]
    assert notes == ["fast 1", "fast 2", "slow 1", "slow 2"]


def test_a_silent_peer_is_tried_again_with_growing_pauses(node, peer):
    row = enqueue(node)
    for expected in range(1, 8):
        assert delivery.send_statements(node.now()) == 0
        state = LineRow.objects.get(pk=XM)
        assert state.failures == expected
        wait = state.next_attempt - node.now()
        assert timedelta(seconds=1) <= wait <= timedelta(seconds=5 * 2 ** (expected - 1))
        assert delivery.send_statements(node.now()) == 0
        assert LineRow.objects.get(pk=XM).failures == expected  # not before its time
        node.set(state.next_attempt)
    problem = PeerRow.objects.get(pk=XM).last_problem
    assert "wire.unreachable" in problem
    with peer.serve():
        assert delivery.send_statements(node.now()) > 0
    assert LineRow.objects.get(pk=XM).failures == 0
    row.refresh_from_db()
    assert row.state == Delivery.RELAYED


def test_any_word_from_the_peer_ends_the_pause(node, peer):
    enqueue(node)
    delivery.send_statements(node.now())
    assert LineRow.objects.get(pk=XM).failures == 1
    peer.call("GET", "/v1/hello")
    assert LineRow.objects.get(pk=XM).next_attempt is None


def test_it_ends_the_pause_of_the_witness_too_and_wakes_the_worker(
    node, peer, django_capture_on_commit_callbacks
):
    later = node.now() + timedelta(minutes=10)
    LedgerWitnessRow.objects.create(authority=XM, failures=9, next_attempt=later)
    LedgerWitnessRow.objects.create(authority="xl.records", failures=9, next_attempt=later)
    with django_capture_on_commit_callbacks() as callbacks:
        peer.call("GET", "/v1/hello")
    assert LedgerWitnessRow.objects.get(pk=XM).next_attempt is None
    assert LedgerWitnessRow.objects.get(pk="xl.records").next_attempt == later
    assert wake.wake in callbacks
    with django_capture_on_commit_callbacks() as callbacks:
        peer.call("GET", "/v1/hello")
    assert callbacks == []  # there was no pause any more


def test_a_node_that_starts_asks_everybody_though_it_asked_just_now(node, peer):
    with peer.serve():
        delivery.ask_peers(node.now())
        asked = len(peer.asked)
        delivery.ask_peers(node.now())
        assert len(peer.asked) == asked > 0
        register.ask_everybody()
        delivery.ask_peers(node.now())
        assert len(peer.asked) > asked


@pytest.mark.parametrize("broken", ["/v1/parcels", "/v1/blobs", "/v1/hello"])
def test_a_line_cut_anywhere_is_taken_up_again_without_sending_twice(node, peer, broken):
    row = enqueue(node)
    left = [2]

    def cut(method: str, path: str) -> bool:
        if path.startswith(broken) and left[0]:
            left[0] -= 1
            return True
        return False

    peer.broken = cut
    with peer.serve():
        for _ in range(3):
            delivery.send_statements(node.now())
            node.advance(minutes=1)
        row.refresh_from_db()
        assert row.state == Delivery.RELAYED
        peer.open_all()
    assert len(peer.holdings.statements) == 1
    assert kinds(row) == ["submitted", "accepted", "relayed"]


def test_a_lost_receipt_comes_again_with_the_next_offer(node, peer):
    row = enqueue(node)
    with peer.serve():
        delivery.send_statements(node.now())
        ReceiptRow.objects.filter(issuer=XM).delete()
        DispatchRow.objects.filter(pk=row.pk).update(state=Delivery.QUEUED)
        delivery.send_statements(node.now())
    row.refresh_from_db()
    assert (row.state, kinds(row)) == (Delivery.RELAYED, ["submitted", "accepted", "relayed"])


def test_a_forged_receipt_is_refused(node, peer, world):
    row = enqueue(node)
    with peer.serve():
        delivery.send_statements(node.now())
        peer.open_all()
    good = next(r for r in peer.holdings.issued if r.kind is Kind.DELIVERED)
    other = Peer(world, AuthorityId("xl.records"), node)
    stolen = other.call("PUT", f"/v1/receipts/{good.digest}", good.raw)
    assert stolen.status_code == 401
    invented = receipts.sign_receipt(
        replace(good, statement=sha256(b"never sent"), parcel=None), seal=peer.seal
    )
    response = peer.call("PUT", f"/v1/receipts/{invented.digest}", invented.raw)
    assert b"receipt.unknown_object" in response.content
    row.refresh_from_db()
    assert row.state == Delivery.RELAYED


def test_a_statement_is_no_receipt_and_a_receipt_no_header(node, peer):
    raw = bytes(enqueue(node).raw)
    response = peer.call("PUT", f"/v1/receipts/{sha256(raw)}", raw)
    assert b"protocol.envelope" in response.content
    submitted = bytes(ReceiptRow.objects.get().raw)
    response = peer.call("PUT", f"/v1/parcels/{sha256(submitted)}", submitted)
    assert b"protocol.envelope" in response.content


def test_what_is_not_delivered_in_its_time_is_signed_as_failed(node, peer):
    row = enqueue(node)
    delivery.send_statements(node.now())
    node.advance(days=14)
    assert delivery.expire(node.now()) == 1
    row.refresh_from_db()
    assert (row.state, kinds(row)) == (Delivery.FAILED, ["submitted", "relay_failed"])
    assert delivery.expire(node.now()) == 0
    assert outbox.tidy(node.now()) == 1


def test_what_was_refused_can_be_sent_again_as_it_is(node, peer):
    row = enqueue(node)
    with peer.serve():
        ready = delivery.prepare(row, now=node.now())
        slow = node.now() - timedelta(minutes=10)  # over there the header is from the future
        refusal = peer.receiver().offer(ready.outgoing.header, now=slow)
        outbox.take(refusal.receipts[0], peer=XM, now=node.now())
        row.refresh_from_db()
        assert row.state == Delivery.REFUSED
        outbox.send_again(dispatch=str(row.pk), now=node.now())
        delivery.send_statements(node.now())
        row.refresh_from_db()
        assert row.state == Delivery.RELAYED
        peer.open_all()
    assert ParcelOutRow.objects.filter(dispatch=row).count() == 2
    [admitted] = peer.holdings.statements.values()
    assert admitted.raw == bytes(row.raw)
    with pytest.raises(Refused):
        outbox.send_again(dispatch=str(row.pk), now=node.now())
    with pytest.raises(Invalid):
        outbox.send_again(dispatch=an_id("none"), now=node.now())
    with pytest.raises(Invalid):
        outbox.send_again(dispatch="nothing", now=node.now())


def test_an_operator_sees_what_failed_and_sends_it_again(node, peer):
    def command(*arguments: str):
        return CliRunner().invoke(main, ["outbox", *arguments])

    kept, other = enqueue(node), enqueue(node, "two")
    assert "Everything was delivered" in command("failed").output
    refused = {"state": Delivery.NOT_DELIVERED, "problem": "over there: no room"}
    DispatchRow.objects.filter(pk=kept.pk).update(**refused)
    shown = command("failed").output
    assert str(kept.pk) in shown
    assert "over there: no room" in shown
    assert str(other.pk) not in shown
    assert command("again", str(kept.pk)).exit_code == 0
    with peer.serve():
        assert delivery.send_statements(node.now()) == 2
    kept.refresh_from_db()
    assert kept.state == Delivery.RELAYED
    result = command("again", str(kept.pk))
    assert result.exit_code == 5
    assert "delivery.not_failed" in result.output


# --- the line ---


def test_another_certificate_at_the_address_is_not_the_peer(node, peer, world):
    impostor = Peer(world, AuthorityId("xl.records"), node)
    row = enqueue(node)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*impostor.keys.tls_files)
    with peer.serve(tls=context):
        delivery.send_statements(node.now())
    assert "wire.certificate" in PeerRow.objects.get(pk=XM).last_problem
    assert peer.asked == []  # not one byte of a request was sent
    row.refresh_from_db()
    assert row.state == Delivery.QUEUED


def test_an_older_tls_is_refused(node, peer):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*peer.keys.tls_files)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with peer.serve(tls=context), pytest.raises(Unavailable) as caught, line(node) as opened:
        opened.hello()
    assert caught.value.code == "wire.unreachable"
    assert peer.asked == []


def test_a_peer_with_a_wrong_clock_gets_nothing_and_is_named(node, peer):
    row = enqueue(node)
    peer.clock_error = timedelta(hours=1)
    with peer.serve():
        delivery.send_statements(node.now())
    row.refresh_from_db()
    assert row.state == Delivery.QUEUED
    problem = PeerRow.objects.get(pk=XM).last_problem
    assert "wire.clock_differs" in problem
    assert "3600 seconds apart" in problem


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"authority": AuthorityId("xl.records")}, "wire.other_authority"),
        ({"suites": ("S0",)}, "wire.suite"),
        ({"protocol": 2}, "wire.suite"),
    ],
)
def test_a_peer_that_is_another_or_weaker_is_not_spoken_to(node, peer, change, code):
    peer.greeting = change
    with peer.serve(), pytest.raises(Unverified) as caught, line(node) as opened:
        opened.hello()
    assert caught.value.code == code


def test_answers_that_are_no_answers_are_refused(node, peer):
    for body in (b"", b"[]", b'{"receipts":["!"]}', b'{"receipts":[],"more":1}', b"x" * 5_000_000):
        peer.answers = {"/v1/parcels": (200, body)}
        with peer.serve(), pytest.raises(Invalid), line(node) as opened:
            opened.offer(sha256(b"x"), b"x")
    peer.answers = {"/v1/parcels": (500, b"oops")}
    with peer.serve(), pytest.raises((Unavailable, Invalid)), line(node) as opened:
        opened.offer(sha256(b"x"), b"x")


# --- receipts of ours, pulling, mending ---


def arrive(peer: Peer, node, name: str = "one"):
    content = content_for(name=name, requesting="xm.moj", requested="xv.moj")
    case = content.request_id
    said = peer.state("assistance.request/1", {"content": content.to_json()}, case)
    return peer.seal_for_node(said)


def test_our_receipts_are_brought_to_the_peer(node, peer):
    sealed = arrive(peer, node)
    peer.bring(sealed)
    delivery.open_statements(node.now())
    assert delivery.send_receipts(node.now()) == 0  # nobody there
    node.advance(minutes=1)
    with peer.serve():
        assert delivery.send_receipts(node.now()) == 1
        assert delivery.send_receipts(node.now()) == 0
    read = receipts.read_payload(envelope.read(peer.receipts[0]).payload)
    assert (read.kind, read.parcel) == (Kind.DELIVERED, sealed.digest)


def test_a_peer_that_cannot_bring_its_parcel_is_visited(node, peer):
    sealed = arrive(peer, node)
    peer.offers = [sealed]
    LineRow.objects.create(authority="xl.records", asked=node.now())  # only the one is due
    with peer.serve():
        assert delivery.ask_peers(node.now()) == 1
        assert delivery.ask_peers(node.now()) == 0
    delivery.open_statements(node.now())
    assert StatementInRow.objects.get().parcel_id == sealed.digest
    brought = [receipts.read_payload(envelope.read(r).payload).kind for r in peer.receipts]
    assert brought == [Kind.ACCEPTED, Kind.RELAYED]


def test_the_peer_can_fetch_what_we_could_not_bring(node, peer):
    row = enqueue(node)
    assert answers.read_headers(peer.call("GET", "/v1/outbox").content) == ()
    assert delivery.seal_statements(node.now()) == 1
    [(cursor, header)] = answers.read_headers(peer.call("GET", "/v1/outbox").content)
    after = peer.call("GET", f"/v1/outbox?after={cursor}")
    assert answers.read_headers(after.content) == ()
    peer.receiver().offer(header, now=node.now())
    [incoming] = peer.holdings.parcels.values()
    listed = peer.call("GET", f"/v1/blobs/{incoming.header.part_list}/list").content
    peer.receiver().take_list(
        listed, sender=OWN, part_list=incoming.header.part_list, now=node.now()
    )
    fetched = peer.call("GET", f"/v1/blobs/{incoming.header.part_list}/0")
    data = b"".join(fetched.streaming_content)
    ticket = peer.receiver().ticket(sender=OWN, part_list=incoming.header.part_list, number=0)
    assert ticket is not None
    assert sha256(data) == ticket.sha256
    peer.disk[ticket.sha256] = data
    peer.receiver().keep_part(
        ticket, sender=OWN, part_list=incoming.header.part_list, now=node.now()
    )
    peer.open_all()
    for receipt in peer.holdings.issued:
        peer.call("PUT", f"/v1/receipts/{receipt.digest}", receipt.raw)
    row.refresh_from_db()
    assert row.state == Delivery.DELIVERED
    assert peer.call("GET", f"/v1/blobs/{incoming.header.part_list}/7").status_code == 422


def test_another_peer_cannot_fetch_it(node, peer, world):
    enqueue(node)
    delivery.seal_statements(node.now())
    part_list = ParcelOutRow.objects.get().part_list
    other = Peer(world, AuthorityId("xl.records"), node)
    assert answers.read_headers(other.call("GET", "/v1/outbox").content) == ()
    assert b"parts.not_for_you" in other.call("GET", f"/v1/blobs/{part_list}/0").content


def test_a_damaged_part_is_fetched_again_from_its_sender(node, peer):
    sealed = arrive(peer, node)
    peer.bring(sealed)
    [digest] = sealed.parts.parts
    path = incoming_parts(sealed.digest).path(digest)
    path.chmod(0o600)
    path.write_bytes(b"\0" * path.stat().st_size)
    assert delivery.open_statements(node.now()) == 0
    assert "damaged" in ParcelInRow.objects.get().problem
    peer.offers = [sealed]
    with peer.serve():
        assert delivery.mend_parcels(node.now()) == 1
    assert PartInRow.objects.count() == 1
    assert delivery.open_statements(node.now()) == 1
    assert ParcelInRow.objects.get().problem == ""


def test_another_directory_under_the_same_version_is_noticed(node, peer):
    from comity.authorities.directory import DirectoryHead

    head = register.directory_head()
    other = DirectoryHead(head.version, sha256(b"another view"))
    content = content_for(requesting="xm.moj", requested="xv.moj")
    said = peer.state(
        "assistance.request/1",
        {"content": content.to_json()},
        ObjectId(content.request_id),
        directory=other,
    )
    peer.bring(peer.seal_for_node(said))
    delivery.open_statements(node.now())
    assert "directory.two_views" in PeerRow.objects.get(pk=XM).last_problem


# --- packages ---


@pytest.fixture
def package(node, peer):
    """A package of 41 MiB whose sealed parts are ready, for a request of the peer's."""
    content = content_for(name="package", requesting="xm.moj", requested="xv.moj")
    said = peer.state("assistance.request/1", {"content": content.to_json()}, content.request_id)
    peer.bring(peer.seal_for_node(said))
    delivery.open_statements(node.now())
    delivery.apply_statements(node.now())
    store = evidence.blobs()

    def keep(data: bytes):
        return store.put(BytesIO(data)).sha256

    archive = os.urandom(41 << 20)
    parts = seal_package(
        BytesIO(archive), recipients=(peer.keys.statement.recipient_at(node.now()),), keep=keep
    )
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
    return row, archive, parts


def test_a_package_goes_part_by_part_and_no_part_twice(node, peer, package):
    row, archive, parts = package
    outbox.release_package(package_id=str(row.pk), to=XM, now=node.now())
    dispatch = DispatchRow.objects.get(package=row.pk)
    cuts = [3]

    def cut(method: str, path: str) -> bool:
        """Cut the line at every second part, three times."""
        if method == "PUT" and path.count("/") == 4 and cuts[0] and len(peer.asked) % 2:
            cuts[0] -= 1
            return True
        return False

    peer.broken = cut
    with peer.serve():
        for _ in range(12):
            delivery.send_packages(node.now())
            node.advance(minutes=1)
        dispatch.refresh_from_db()
        assert dispatch.state == Delivery.RELAYED
    assert cuts == [0]
    [incoming] = [p for p in peer.holdings.parcels.values() if p.header.size > 1 << 20]
    assert peer.holdings.part_count(incoming.digest) == len(parts.parts) == 3
    out = BytesIO()
    unseal_package(
        parts, out, open_part=lambda d: BytesIO(peer.disk[d]), identities=peer.keys.identities
    )
    assert out.getvalue()[: len(archive)] == archive
    assert len(out.getvalue()) % (1 << 20) == 0
    peer.receiver().package_opened(incoming, now=node.now())
    last = peer.holdings.issued[-1]
    outbox.take(last.raw, peer=XM, now=node.now())
    dispatch.refresh_from_db()
    assert dispatch.state == Delivery.DELIVERED
    assert outbox.tidy(node.now()) == 1
    assert not any(evidence.blobs().has(digest) for digest in parts.parts)


def test_a_package_whose_parts_are_gone_is_not_sent_and_says_so(node, peer, package):
    row, _, parts = package
    outbox.release_package(package_id=str(row.pk), to=XM, now=node.now())
    evidence.blobs().delete(parts.parts[1])
    with peer.serve():
        assert delivery.send_packages(node.now()) == 0
    dispatch = DispatchRow.objects.get(package=row.pk)
    assert "delivery.parts_missing" in dispatch.problem
    assert dispatch.next_attempt > node.now()


def test_a_large_package_does_not_hold_up_a_word(node, peer, package):
    row, _, _ = package
    outbox.release_package(package_id=str(row.pk), to=XM, now=node.now())
    enqueue(node, "urgent words", urgent=True)
    with peer.serve():
        delivery.send_statements(node.now())
        assert len(peer.holdings.parcels) == 1
        peer.open_all()
    assert len(peer.holdings.statements) == 1
