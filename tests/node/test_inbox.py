# SPDX-License-Identifier: Apache-2.0
"""What a peer brings to the node's wire: verified first, kept as it came, answered with receipts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings

from comity.assistance.model import State
from comity.canonical.digest import sha256
from comity.canonical.ids import AuthorityId, ObjectId
from comity.crypto import envelope
from comity.crypto.keys import SealPrivateKey
from comity.errors import Unavailable, Unverified
from comity.node.services import _ledger_halt, _limits, assistance, inbox
from comity.node.store.delivery_storage import StoredHoldings, incoming_parts
from comity.node.store.models import (
    NonceRow,
    ParcelInRow,
    PartInRow,
    PeerRow,
    ReceiptRow,
    RequestRow,
    StatementInRow,
)
from comity.node.wire import answers
from comity.node.worker import delivery
from comity.protocol import receipt as receipts
from comity.protocol.parcel import Content
from comity.protocol.receipt import Kind
from comity.protocol.receiving import Arrival
from support.peer_node import OWN, Peer
from support.requests import content_for


@pytest.fixture
def peer(node, world):
    return Peer(world, AuthorityId("xm.moj"), node)


@pytest.fixture
def third(node, world):
    return Peer(world, AuthorityId("xl.records"), node)


@pytest.fixture
def halted_ledger():
    yield lambda: _ledger_halt.halt("the disk of this test is full")
    _ledger_halt.reset()


def read(raw: bytes):
    return receipts.read_payload(envelope.read(raw).payload, raw=raw)


def a_request(name: str = "one") -> tuple[dict, ObjectId]:
    """A preservation request of Meridia's to Valdoria, and its case."""
    content = content_for(name=name, requesting="xm.moj", requested="xv.moj")
    return {"content": content.to_json()}, content.request_id


def say(peer: Peer, name: str = "one", **changes) -> bytes:
    body, case = a_request(name)
    return peer.state("assistance.request/1", body, case, **changes)


def problem(response) -> dict:
    assert response["content-type"] == answers.PROBLEM_TYPE
    return json.loads(response.content)


def work(node) -> None:
    delivery.open_statements(node.now())
    delivery.apply_statements(node.now())


def test_a_request_arrives_and_is_taken_into_the_record(node, peer):
    said = say(peer)
    given = [read(raw) for raw in peer.bring(peer.seal_for_node(said))]
    assert [one.kind for one in given] == [Kind.ACCEPTED, Kind.RELAYED]
    assert delivery.open_statements(node.now()) == 1
    row = StatementInRow.objects.get()
    assert bytes(row.raw) == said
    assert delivery.apply_statements(node.now()) == 1
    request = RequestRow.objects.get(pk=a_request()[1])
    assert (request.state, request.requesting) == (State.RECEIVED, "xm.moj")
    last = read(bytes(ReceiptRow.objects.get(kind="delivered").raw))
    assert last.statement == row.sha256
    assert last.previous == given[-1].digest
    assert delivery.apply_statements(node.now()) == 0


def test_what_is_repeated_gets_the_very_same_receipts(node, peer):
    sealed = peer.seal_for_node(say(peer))
    first = peer.bring(sealed)
    for _ in range(20):
        assert peer.bring(sealed) == first
    work(node)
    after = peer.bring(sealed)
    assert after[:2] == first
    assert read(after[2]).kind is Kind.DELIVERED
    assert StatementInRow.objects.count() == RequestRow.objects.count() == 1


def test_the_same_statement_in_another_parcel_is_not_taken_twice(node, peer):
    said = say(peer)
    peer.bring(peer.seal_for_node(said))
    work(node)
    again = peer.seal_for_node(said)
    peer.bring(again)
    work(node)
    assert StatementInRow.objects.count() == 1
    kinds = list(ReceiptRow.objects.filter(parcel=again.digest).values_list("kind", flat=True))
    assert kinds == ["accepted", "relayed", "delivered"]


def test_an_interrupted_transfer_goes_on_where_it_stopped(node, peer):
    sealed = peer.seal_for_node(say(peer))
    peer.call("PUT", f"/v1/parcels/{sealed.digest}", sealed.header)
    asked = peer.call("GET", f"/v1/blobs/{sealed.list_digest}")
    assert (asked.status_code, problem(asked)["code"]) == (503, "parts.no_list")
    peer.call("PUT", f"/v1/blobs/{sealed.list_digest}", sealed.listed)
    asked = peer.call("GET", f"/v1/blobs/{sealed.list_digest}")
    assert answers.read_progress(asked.content).have == frozenset()
    [digest] = sealed.parts.parts
    wrong = bytearray(sealed.blobs[digest])
    wrong[100] ^= 1
    path = f"/v1/blobs/{sealed.list_digest}/0"
    refused = peer.call("PUT", path, bytes(wrong))
    assert problem(refused)["code"] == "parts.other_part"
    assert list(incoming_parts(sealed.digest).all()) == []
    peer.call("PUT", path, sealed.blobs[digest])
    asked = peer.call("GET", f"/v1/blobs/{sealed.list_digest}")
    assert answers.read_progress(asked.content).have == {0}
    assert problem(peer.call("PUT", f"/v1/blobs/{sealed.list_digest}/1", b"x"))["code"] == (
        "parts.number"
    )


def test_statements_wait_for_the_one_before_them(node, peer):
    body, case = a_request()
    first = peer.state("assistance.request/1", body, case)
    second = peer.state(
        "assistance.additional_information/1",
        {"request_id": case, "answers": None, "text": "More.", "fields": {}},
        case,
    )
    peer.bring(peer.seal_for_node(second))
    work(node)
    assert StatementInRow.objects.get().state == "waiting"
    assert inbox.gaps(case) == ((peer.authority, (1,)),)
    peer.bring(peer.seal_for_node(first))
    work(node)
    states = dict(StatementInRow.objects.values_list("seq", "state"))
    assert states == {1: "applied", 2: "applied"}
    assert inbox.gaps(case) == ()


def test_what_cannot_come_now_is_kept_with_the_reason_and_blocks_nothing(node, peer):
    _, case = a_request()
    peer.bring(
        peer.seal_for_node(
            peer.state("assistance.withdrawal/1", {"request_id": case, "reasons": "No."}, case)
        )
    )
    work(node)
    row = StatementInRow.objects.get()
    assert row.state == "rejected"
    assert row.problem
    peer.bring(peer.seal_for_node(say(peer, "two")))
    work(node)
    assert RequestRow.objects.filter(pk=a_request("two")[1]).exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"expires": timedelta(0)}, "protocol.not_fresh"),
        ({"created": timedelta(minutes=10)}, "protocol.not_fresh"),
        ({"to": (AuthorityId("xl.records"),)}, "protocol.not_addressed"),
        ({"sender": AuthorityId("xl.records")}, "protocol.not_addressed"),
    ],
)
def test_a_header_that_does_not_stand_is_refused_with_a_signed_receipt(node, peer, changes, code):
    for name in ("created", "expires"):
        if name in changes:
            changes[name] = node.now() + changes[name]
    if changes.get("expires") == node.now():
        changes["created"] = node.now() - timedelta(days=1)
    sealed = peer.seal_for_node(say(peer), **changes)
    response = peer.call("PUT", f"/v1/parcels/{sealed.digest}", sealed.header)
    assert response.status_code == 422
    [raw] = answers.read_receipts(response.content)
    refusal = read(raw)
    assert refusal.kind is Kind.RELAY_REFUSED
    assert refusal.reason.code == code
    assert not ParcelInRow.objects.exists()
    again = peer.call("PUT", f"/v1/parcels/{sealed.digest}", sealed.header)
    assert answers.read_receipts(again.content) == (raw,)


def test_a_stranger_s_seal_gets_nothing_signed(node, peer):
    sealed = peer.seal_for_node(say(peer), seal=SealPrivateKey.generate())
    response = peer.call("PUT", f"/v1/parcels/{sealed.digest}", sealed.header)
    assert response.status_code == 401
    assert problem(response)["code"] == "protocol.key_unknown"
    assert not ReceiptRow.objects.exists()


def test_an_altered_header_gets_nothing_signed(node, peer):
    sealed = peer.seal_for_node(say(peer))
    value = json.loads(sealed.header)
    other = json.loads(peer.seal_for_node(say(peer, "two")).header)
    value["signatures"] = other["signatures"]
    altered = json.dumps(value, separators=(",", ":")).encode()
    response = peer.call("PUT", f"/v1/parcels/{sha256(altered)}", altered)
    assert problem(response)["code"] == "protocol.signature_invalid"
    assert not ReceiptRow.objects.exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": (AuthorityId("xl.records"),)}, "protocol.not_addressed"),
        ({"sender": AuthorityId("xl.records")}, "protocol.not_addressed"),
        ({"type": "assistance.nonsense/1"}, "protocol.type_refused"),
        ({"type": "assistance.withdrawal/1"}, "protocol.schema"),
        ({"case": ObjectId("8c3d8d0a-5a3e-4c1b-9f53-2f0d9a0b7c11")}, "protocol.schema"),
        ({"seal": "stranger"}, "protocol.key_unknown"),
    ],
)
def test_a_statement_that_does_not_stand_is_answered_not_delivered(node, peer, changes, code):
    if "seal" in changes:
        changes = {"seal": SealPrivateKey.generate()}
    sealed = peer.seal_for_node(say(peer, **changes))
    peer.bring(sealed)
    work(node)
    refusal = read(bytes(ReceiptRow.objects.get(kind="not_delivered").raw))
    assert refusal.reason.code == code
    assert refusal.parcel == sealed.digest
    assert not StatementInRow.objects.exists()
    work(node)
    assert ReceiptRow.objects.filter(kind="not_delivered").count() == 1


def test_a_witness_may_not_ask_for_assistance(node, third):
    body, case = a_request()
    third.bring(third.seal_for_node(third.state("assistance.request/1", body, case)))
    work(node)
    refusal = read(bytes(ReceiptRow.objects.get(kind="not_delivered").raw))
    assert refusal.reason.code == "protocol.type_refused"


def test_a_third_authority_has_no_say_in_a_case(node, peer, third, world):
    peer.bring(peer.seal_for_node(say(peer)))
    work(node)
    _, case = a_request()
    body = {"request_id": case, "reasons": "Not ours to withdraw."}
    said = peer.state("assistance.withdrawal/1", body, case)
    stolen = third.seal_for_node(said)
    third.bring(stolen)
    work(node)
    refusal = read(bytes(ReceiptRow.objects.get(kind="not_delivered").raw))
    assert refusal.reason.code == "protocol.key_unknown"  # its seal is not the third's
    assert RequestRow.objects.get(pk=case).state == State.RECEIVED


def test_one_identifier_for_two_statements_is_a_conflict(node, peer):
    body, case = a_request()
    said = peer.state("assistance.request/1", body, case)
    peer.bring(peer.seal_for_node(said))
    work(node)
    identifier = StatementInRow.objects.get().identifier
    other = peer.state(
        "assistance.withdrawal/1",
        {"request_id": case, "reasons": "Other words."},
        case,
        id=ObjectId(str(identifier)),
    )
    peer.bring(peer.seal_for_node(other))
    work(node)
    refusal = read(bytes(ReceiptRow.objects.get(kind="not_delivered").raw))
    assert refusal.reason.code == "protocol.identity_reused"


def test_a_part_damaged_on_our_disk_is_noticed_and_asked_for_again(node, peer):
    sealed = peer.seal_for_node(say(peer))
    peer.bring(sealed)
    [digest] = sealed.parts.parts
    path = incoming_parts(sealed.digest).path(digest)
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)
    assert delivery.open_statements(node.now()) == 0
    assert not PartInRow.objects.exists()
    assert not StatementInRow.objects.exists()
    assert not ReceiptRow.objects.filter(kind="not_delivered").exists()
    # Its sender still has it; the worker fetches it (see test_outbox). Here it comes again:
    store = incoming_parts(sealed.digest)
    from io import BytesIO

    store.put(BytesIO(sealed.blobs[digest]), expected=digest)
    PartInRow.objects.create(parcel_id=sealed.digest, number=0)
    assert delivery.open_statements(node.now()) == 1


def test_parts_are_removed_when_they_are_done_with(node, peer):
    sealed = peer.seal_for_node(say(peer))
    peer.bring(sealed)
    assert inbox.tidy(node.now()) == 0
    work(node)
    assert inbox.tidy(node.now()) == 1
    assert not incoming_parts(sealed.digest).root.joinpath("ab").exists()
    assert not PartInRow.objects.exists()
    assert inbox.tidy(node.now()) == 0


def test_an_officers_first_act_hands_over_what_has_come(node, peer, officer):
    said = say(peer)
    peer.bring(peer.seal_for_node(said))
    work(node)
    assert not ReceiptRow.objects.filter(kind="handed_over").exists()
    chidi, case = officer("chidi", "central"), a_request()[1]
    for action, inputs in [
        ("acknowledge", {"local_reference": "XV 7", "handled_by": "Chidi"}),
        ("accept", {"note": ""}),
    ]:
        assistance.perform(
            officer=chidi, now=node.now(), request_id=case, action=action, inputs=inputs
        )
    row = ReceiptRow.objects.get(kind="handed_over")
    assert (row.statement, row.recipient, row.to_send) == (sha256(said), "xm.moj", True)


def test_a_trouble_of_our_own_rejects_nothing(node, peer, halted_ledger):
    """While our ledger cannot write, a peer's statement waits; it is not held against the peer."""
    peer.bring(peer.seal_for_node(say(peer)))
    delivery.open_statements(node.now())
    halted_ledger()
    with pytest.raises(Unavailable):
        delivery.apply_statements(node.now())
    assert StatementInRow.objects.get().state == "waiting"
    _ledger_halt.reset()
    assert delivery.apply_statements(node.now()) == 1
    assert StatementInRow.objects.get().state == "applied"


def test_a_parcel_that_trips_a_fault_stops_no_other(node, peer):
    """Whatever is wrong with one, the next is opened; then the fault is shown."""
    first = peer.seal_for_node(say(peer, "one"))
    peer.bring(first)
    node.advance(seconds=1)
    peer.bring(peer.seal_for_node(say(peer, "two")))
    ParcelInRow.objects.filter(digest=first.digest).update(list_data=b"[damaged")
    with pytest.raises(Unverified):
        delivery.open_statements(node.now())
    assert StatementInRow.objects.get().case == UUID(a_request("two")[1])
    assert ParcelInRow.objects.get(digest=first.digest).arrival == Arrival.COMPLETE


def test_a_series_that_trips_a_fault_stops_no_other(node, peer):
    for name in ("one", "two"):
        peer.bring(peer.seal_for_node(say(peer, name)))
    delivery.open_statements(node.now())
    first, second = sorted(StatementInRow.objects.all(), key=lambda row: str(row.case))
    StatementInRow.objects.filter(pk=first.pk).update(type="no.such/1")
    with pytest.raises(KeyError):
        delivery.apply_statements(node.now())
    states = dict(StatementInRow.objects.values_list("pk", "state"))
    assert states == {first.pk: "waiting", second.pk: "applied"}


# --- limits ---


def test_no_peer_takes_the_last_of_the_disk(node, peer, monkeypatch):
    sealed = peer.seal_for_node(say(peer))
    part = f"/v1/blobs/{sealed.list_digest}/0"
    peer.call("PUT", f"/v1/parcels/{sealed.digest}", sealed.header)
    peer.call("PUT", f"/v1/blobs/{sealed.list_digest}", sealed.listed)
    all_of_it = replace(settings.CONFIG, smallest_free=1 << 62)
    with monkeypatch.context() as patch:
        patch.setattr(settings, "CONFIG", all_of_it)
        other = peer.seal_for_node(say(peer, "two"))
        response = peer.call("PUT", f"/v1/parcels/{other.digest}", other.header)
        assert (response.status_code, problem(response)["code"]) == (503, "protocol.quota")
        response = peer.call("PUT", part, sealed.blobs[sealed.parts.parts[0]])
        assert (response.status_code, problem(response)["code"]) == (503, "node.disk_full")
        assert not PartInRow.objects.exists()
    assert peer.call("PUT", part, sealed.blobs[sealed.parts.parts[0]]).status_code == 201


def test_what_came_whole_counts_until_it_is_opened(node, peer):
    peer.bring(peer.seal_for_node(say(peer)))
    holdings = StoredHoldings(now=node.now())
    parcels, size = holdings.under_way(peer.authority)
    assert parcels == 1
    assert size == ParcelInRow.objects.get().size
    delivery.open_statements(node.now())
    assert holdings.under_way(peer.authority) == (0, 0)


def test_a_package_nobody_announced_is_removed_when_it_expires(node, peer):
    content, expires = Content.PACKAGE, node.now() + timedelta(days=1)
    sealed = peer.seal_for_node(say(peer), content=content, expires=expires)
    peer.bring(sealed)
    node.advance(hours=23)
    assert inbox.tidy(node.now()) == 0
    node.advance(hours=2)
    assert inbox.tidy(node.now()) == 1
    assert not PartInRow.objects.exists()
    assert not [path for path in incoming_parts(sealed.digest).root.rglob("*") if path.is_file()]


def test_only_so_many_statements_of_a_peer_wait(node, peer, monkeypatch):
    """Those that a series waits for still come in, and end the waiting."""
    monkeypatch.setattr(_limits, "MOST_WAITING", 2)
    _, case = a_request()
    first = say(peer)
    for note in "abc":
        said = peer.state("assistance.withdrawal/1", {"request_id": case, "reasons": note}, case)
        peer.bring(peer.seal_for_node(said))
        node.advance(seconds=1)  # they are opened in the order in which they came
    work(node)
    assert StatementInRow.objects.filter(state="waiting").count() == 2
    refused = ParcelInRow.objects.get(arrival=Arrival.REFUSED)
    assert "[protocol.backlog]" in refused.problem
    peer.bring(peer.seal_for_node(first))
    work(node)
    assert not StatementInRow.objects.filter(state="waiting").exists()


def test_only_so_many_refusals_are_signed_for_a_peer(node, peer, monkeypatch):
    monkeypatch.setattr(_limits, "MOST_REFUSALS", 2)
    codes = []
    for _ in range(4):
        sealed = peer.seal_for_node(say(peer), created=node.now() + timedelta(minutes=10))
        codes.append(peer.call("PUT", f"/v1/parcels/{sealed.digest}", sealed.header).status_code)
    assert codes == [422, 422, 503, 503]
    assert ReceiptRow.objects.filter(kind=Kind.RELAY_REFUSED).count() == 2
    node.advance(days=1, seconds=1)
    sealed = peer.seal_for_node(say(peer), created=node.now() + timedelta(minutes=10))
    answer = peer.call("PUT", f"/v1/parcels/{sealed.digest}", sealed.header)
    assert answer.status_code == 422


# --- who calls ---


def test_unsigned_requests_are_nobody_s(node, peer):
    response = peer.send("GET", "/v1/hello", b"", {})
    assert (response.status_code, problem(response)["code"]) == (401, "wire.unsigned")


def test_the_same_request_does_not_work_twice(node, peer, world):
    from comity.node.wire.signature import sign_request

    url = world.configs[OWN].wire_url + "/v1/hello"
    headers = sign_request(
        method="GET", url=url, body=sha256(b""), key=peer.keys.transport, now=node.now()
    )
    assert peer.send("GET", "/v1/hello", b"", headers).status_code == 200
    again = peer.send("GET", "/v1/hello", b"", headers)
    assert (again.status_code, problem(again)["code"]) == (401, "wire.replayed")
    node.advance(minutes=11)
    assert delivery.forget_nonces(node.now()) == 1
    late = peer.send("GET", "/v1/hello", b"", headers)
    assert problem(late)["code"] == "wire.clock_differs"
    assert not NonceRow.objects.exists()


@pytest.mark.parametrize("seconds", [-3_600, -121, 121, 3_600])
def test_a_clock_that_is_off_is_said_on_both_sides(node, peer, seconds):
    peer.clock_error = timedelta(seconds=seconds)
    response = peer.call("GET", "/v1/hello")
    said = problem(response)
    assert (response.status_code, said["code"]) == (401, "wire.clock_differs")
    assert f"{abs(seconds)} seconds apart" in said["detail"]
    row = PeerRow.objects.get(pk="xm.moj")
    assert row.clock_difference == seconds
    assert "wire.clock_differs" in row.last_problem


@pytest.mark.parametrize("seconds", [-120, 0, 120])
def test_a_clock_within_two_minutes_is_borne(node, peer, seconds):
    peer.clock_error = timedelta(seconds=seconds)
    response = peer.call("GET", "/v1/hello")
    assert answers.read_greeting(response.content).clock == node.now()


def test_a_signature_holds_for_one_method_address_and_body(node, peer, world):
    from comity.node.wire.signature import sign_request

    base = world.configs[OWN].wire_url
    sealed = peer.seal_for_node(say(peer))
    path = f"/v1/parcels/{sealed.digest}"

    def headers(method="PUT", url=base + path, body=sealed.header):
        return sign_request(
            method=method, url=url, body=sha256(body), key=peer.keys.transport, now=node.now()
        )

    for wrong, code in [
        (headers(method="GET"), "wire.signature_invalid"),
        (headers(url=base + "/v1/hello"), "wire.signature_invalid"),
        (headers(url="https://other.test" + path), "wire.signature_invalid"),
        (headers(body=b"other"), "wire.body_differs"),
        ({**headers(), "signature": "comity=:AAAA:"}, "wire.signature_invalid"),
        (
            {**headers(), "content-digest": headers(body=b"x")["content-digest"]},
            "wire.signature_invalid",
        ),
    ]:
        response = peer.send("PUT", path, sealed.header, wrong)
        assert (response.status_code, problem(response)["code"]) == (401, code)
    assert peer.send("PUT", path, sealed.header, headers()).status_code == 201


def test_an_unknown_peer_is_told_so(node, peer, world):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from comity.node.wire.signature import sign_request

    headers = sign_request(
        method="GET",
        url=world.configs[OWN].wire_url + "/v1/hello",
        body=sha256(b""),
        key=Ed25519PrivateKey.generate(),
        now=node.now(),
    )
    response = peer.send("GET", "/v1/hello", b"", headers)
    assert (response.status_code, problem(response)["code"]) == (401, "wire.unknown_caller")


def test_a_peer_in_quarantine_is_unknown(node, peer):
    PeerRow.objects.filter(pk="xm.moj").update(status="quarantined")
    assert problem(peer.call("GET", "/v1/hello"))["code"] == "wire.unknown_caller"
    PeerRow.objects.filter(pk="xm.moj").update(status="known")
    assert peer.call("GET", "/v1/hello").status_code == 200


def test_a_peer_whose_statement_has_expired_is_told_so(node, peer):
    node.advance(days=3_700)
    assert problem(peer.call("GET", "/v1/hello"))["code"] in {"key.expired", "wire.unknown_caller"}


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "/v1/hello", "wire.method"),
        ("PUT", "/v1/parcels/zz", "digest.malformed"),
        ("GET", f"/v1/blobs/{'0' * 64}", "parts.not_offered"),
        ("GET", f"/v1/blobs/{'0' * 64}/list", "parts.not_for_you"),
        ("GET", f"/v1/blobs/{'0' * 64}/7", "parts.not_for_you"),
        ("GET", "/v1/outbox?after=x", "wire.cursor"),
        ("PUT", f"/v1/receipts/{'0' * 64}", "wire.digest_differs"),
    ],
)
def test_wrong_questions_get_an_answer_with_a_code(node, peer, method, path, code):
    response = peer.call(method, path, b"body" if method == "PUT" else b"")
    assert response.status_code in {401, 422, 503}
    assert problem(response)["code"] == code


def test_a_body_larger_than_it_may_be_is_refused(node, peer):
    big = b"x" * 40_000
    response = peer.call("PUT", f"/v1/parcels/{sha256(big)}", big)
    assert problem(response)["code"] == "wire.too_large"
