# SPDX-License-Identifier: Apache-2.0
"""The receiving and the sending end against each other, one call at a time."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256 as hash_of
from io import BytesIO

import pytest

from comity.canonical.digest import Sha256, sha256
from comity.errors import ComityError, Invalid, Unavailable, Unverified
from comity.protocol import sending
from comity.protocol.delivery import Delivery
from comity.protocol.parcel import Content, Header, parcel_digest, sign_header
from comity.protocol.parts import PartWriter, read_part_list, write_part_list
from comity.protocol.receipt import Kind
from comity.protocol.receiving import Issuer, Quota, Receiver
from comity.protocol.sending import Answer, Outgoing, Part, take_receipt, transfer
from support.authorities import BEGIN, make_authority
from support.simulator import FaultPlan, MemoryHoldings

XV, XM, XL = make_authority("xv.moj"), make_authority("xm.moj"), make_authority("xl.records")
SMALL = 64 << 10


def lookup(key_id: str):
    for authority in (XV, XM, XL):
        if authority.seal.public.key_id == key_id:
            return authority.statement
    raise Unverified("peer.unknown", "no such authority")


def receiver(holdings: MemoryHoldings, *, quota: Quota | None = None) -> Receiver:
    issuer = Issuer(XM.seal, 1, None)
    return Receiver(me=XM.id, issuer=lambda: issuer, holdings=holdings, lookup=lookup, quota=quota)


@pytest.fixture
def holdings() -> MemoryHoldings:
    return MemoryHoldings(FaultPlan())


class Parcel:
    """A package parcel of Valdoria's with its parts, small ones."""

    def __init__(self, count: int = 3, *, fill: bytes = b"p") -> None:
        self.blobs: dict[Sha256, bytes] = {}
        writer = PartWriter(self._keep, part_size=SMALL)
        for number in range(count):
            writer.write(bytes([number]) + fill * (SMALL - 1))
        writer.write(b"end")
        self.parts = writer.finish()
        self.listed = write_part_list(self.parts)
        self.list_digest = sha256(self.listed)
        self.header = self.sign()
        self.digest = parcel_digest(self.header)

    def _keep(self, data: bytes) -> Sha256:
        self.blobs[sha256(data)] = data
        return sha256(data)

    def sign(self, **changes) -> bytes:
        members = {
            "sender": XV.id,
            "to": (XM.id,),
            "content": Content.PACKAGE,
            "part_list": self.list_digest,
            "size": self.parts.size,
            "part_size": SMALL,
            "created": BEGIN,
            "expires": BEGIN + timedelta(days=14),
        }
        return sign_header(Header(**{**members, **changes}), seal=XV.seal)

    @property
    def outgoing(self) -> Outgoing:
        return Outgoing(self.digest, self.header, self.list_digest, self.listed, self.parts)


class Line:
    """A perfect line to Meridia; counts what passes over it."""

    def __init__(self, holdings: MemoryHoldings) -> None:
        self.end = receiver(holdings)
        self.parts: list[int] = []
        self.lists = 0

    def offer(self, digest, header):
        return self.end.offer(header, now=BEGIN).receipts

    def put_list(self, part_list, data) -> Answer:
        self.lists += 1
        progress = self.end.take_list(data, sender=XV.id, part_list=part_list, now=BEGIN)
        return Answer(progress.have, progress.receipts)

    def have(self, part_list):
        try:
            progress = self.end.progress(sender=XV.id, part_list=part_list, now=BEGIN)
        except Unavailable:
            return None
        return Answer(progress.have, progress.receipts)

    def put_part(self, part: Part, source) -> tuple[bytes, ...]:
        self.parts.append(part.number)
        who = {"sender": XV.id, "part_list": part.part_list}
        ticket = self.end.ticket(**who, number=part.number)
        assert ticket is not None
        data = source.read()
        assert (hash_of(data).hexdigest(), len(data)) == (ticket.sha256, ticket.size)
        return self.end.keep_part(ticket, **who, now=BEGIN)


class Sender:
    """`Dispatches` for one parcel."""

    def __init__(self, parcel: Parcel) -> None:
        self.parcel = parcel
        self.state = Delivery.QUEUED
        self.kinds: list[Kind] = []
        self.seen: set[Sha256] = set()

    def delivery(self, *, peer, parcel, statement):
        return self.state if (peer, parcel) == (XM.id, self.parcel.digest) else None

    def has_receipt(self, digest):
        return digest in self.seen

    def add_receipt(self, receipt, *, state) -> None:
        self.seen.add(receipt.digest)
        self.kinds.append(receipt.kind)
        self.state = state

    def take(self, data: bytes) -> Delivery:
        take_receipt(data, me=XV.id, dispatches=self, lookup=lookup, now=BEGIN)
        return self.state

    def send(self, line: Line, most: int = 4) -> int:
        return transfer(
            self.parcel.outgoing,
            line,
            take=self.take,
            open_part=lambda digest: BytesIO(self.parcel.blobs[digest]),
            most_parts=most,
        )


def code_of(call, family=ComityError) -> str:
    with pytest.raises(family) as caught:
        call()
    return caught.value.code


def test_a_large_parcel_goes_in_slices_and_no_part_twice(holdings) -> None:
    parcel, line = Parcel(9), Line(holdings)
    sender = Sender(parcel)
    assert [sender.send(line, most=4) for _ in range(4)] == [4, 4, 2, 0]
    assert line.parts == list(range(10))
    assert sender.state is Delivery.RELAYED
    assert sender.kinds == [Kind.ACCEPTED, Kind.RELAYED]


def test_a_long_list_is_given_once(holdings, monkeypatch) -> None:
    parcel, line = Parcel(9), Line(holdings)
    monkeypatch.setattr(sending, "SHORT_LIST_BYTES", len(parcel.listed) - 1)
    sender = Sender(parcel)
    assert [sender.send(line, most=4) for _ in range(4)] == [4, 4, 2, 0]
    assert line.lists == 1
    assert sender.state is Delivery.RELAYED


def test_only_what_is_missing_is_sent(holdings) -> None:
    parcel, line = Parcel(5), Line(holdings)
    sender = Sender(parcel)
    sender.send(line, most=3)
    holdings.drop_parts(parcel.digest, [1])
    line.parts.clear()
    assert sender.send(line, most=10) == 4
    assert line.parts == [1, 3, 4, 5]


def test_a_part_that_is_here_needs_no_ticket(holdings) -> None:
    parcel, line = Parcel(2), Line(holdings)
    Sender(parcel).send(line, most=1)
    end = receiver(holdings)
    who = {"sender": XV.id, "part_list": parcel.list_digest}
    assert end.ticket(**who, number=0) is None
    ticket = end.ticket(**who, number=2)
    assert ticket is not None
    assert (ticket.number, ticket.size) == (2, 3)
    assert code_of(lambda: end.ticket(**who, number=3)) == "parts.number"


def test_what_was_not_offered_has_no_place_here(holdings) -> None:
    parcel, end = Parcel(), receiver(holdings)
    who = {"sender": XV.id, "part_list": parcel.list_digest}
    assert code_of(lambda: end.take_list(parcel.listed, **who, now=BEGIN)) == "parts.not_offered"
    assert code_of(lambda: end.ticket(**who, number=0), Invalid) == "parts.not_offered"
    end.offer(parcel.header, now=BEGIN)
    assert code_of(lambda: end.progress(**who, now=BEGIN), Unavailable) == "parts.no_list"
    other = {"sender": XL.id, "part_list": parcel.list_digest}
    assert code_of(lambda: end.take_list(parcel.listed, **other, now=BEGIN)) == (
        "parts.not_offered"
    )


def test_the_list_must_be_the_one_that_was_offered_and_of_its_size(holdings) -> None:
    parcel, end = Parcel(), receiver(holdings)
    end.offer(parcel.header, now=BEGIN)
    who = {"sender": XV.id, "part_list": parcel.list_digest}
    other = Parcel(fill=b"q").listed
    assert code_of(lambda: end.take_list(other, **who, now=BEGIN), Unverified) == (
        "parts.list_differs"
    )
    end.take_list(parcel.listed, **who, now=BEGIN)
    assert code_of(lambda: end.take_list(other, **who, now=BEGIN)) == "parts.list_differs"
    assert end.take_list(parcel.listed, **who, now=BEGIN).have == frozenset()
    lying = Parcel(fill=b"r")
    end.offer(lying.sign(size=lying.parts.size + 1), now=BEGIN)
    who = {"sender": XV.id, "part_list": lying.list_digest}
    assert code_of(lambda: end.take_list(lying.listed, **who, now=BEGIN), Invalid) == "parts.size"


def test_one_ciphertext_is_announced_once(holdings) -> None:
    parcel, end = Parcel(), receiver(holdings)
    end.offer(parcel.header, now=BEGIN)
    again = end.offer(parcel.sign(created=BEGIN + timedelta(seconds=1)), now=BEGIN)
    assert again.refused
    assert holdings.issued[-1].reason is not None
    assert holdings.issued[-1].reason.code == "protocol.identity_reused"


def test_a_flood_is_told_to_wait_and_nothing_is_signed(holdings) -> None:
    end = receiver(holdings, quota=Quota(parcels=2, size=1 << 30))
    for fill in (b"a", b"b"):
        assert not end.offer(Parcel(fill=fill).header, now=BEGIN).refused
    third = Parcel(fill=b"c")
    issued = len(holdings.issued)
    assert code_of(lambda: end.offer(third.header, now=BEGIN), Unavailable) == "protocol.quota"
    assert len(holdings.issued) == issued
    small = receiver(MemoryHoldings(FaultPlan()), quota=Quota(parcels=9, size=1_000))
    assert code_of(lambda: small.offer(third.header, now=BEGIN), Unavailable) == "protocol.quota"


def test_a_package_is_delivered_when_it_opened_and_verified_with_its_report(holdings) -> None:
    parcel, line = Parcel(2), Line(holdings)
    sender = Sender(parcel)
    sender.send(line)
    incoming = holdings.parcel(parcel.digest)
    assert incoming is not None
    line.end.package_opened(incoming, now=BEGIN)
    line.end.verified(incoming, report=Sha256("ab" * 32), now=BEGIN)
    for receipt in holdings.issued:
        sender.take(receipt.raw)
    assert sender.state is Delivery.DELIVERED
    assert sender.kinds[-1] is Kind.VERIFIED
    assert holdings.issued[-1].report == "ab" * 32


def test_a_refused_offer_ends_the_transfer(holdings) -> None:
    parcel, line = Parcel(), Line(holdings)
    parcel.header = parcel.sign(expires=BEGIN + timedelta(seconds=1), created=BEGIN)
    parcel.digest = parcel_digest(parcel.header)
    line.offer = lambda _digest, header: (
        line.end.offer(  # the peer's clock is a minute ahead
            header, now=BEGIN + timedelta(minutes=1)
        ).receipts
    )
    sender = Sender(parcel)
    assert sender.send(line) == 0
    assert sender.state is Delivery.REFUSED
    assert line.parts == []


def test_a_receipt_for_what_was_never_sent_is_refused(holdings) -> None:
    parcel, line = Parcel(), Line(holdings)
    Sender(parcel).send(line)
    stranger = Sender(Parcel(fill=b"x"))
    raw = holdings.issued[0].raw
    assert code_of(lambda: stranger.take(raw), Unverified) == "receipt.unknown_object"


def test_a_transfer_stops_when_the_peer_says_it_has_enough(holdings) -> None:
    """A receipt that ends the delivery ends the sending, whatever is still missing."""
    parcel, line = Parcel(4), Line(holdings)
    sender = Sender(parcel)

    def put_part(part: Part, source):
        receipts = Line.put_part(line, part, source)
        if part.number == 1:
            incoming = holdings.parcel(parcel.digest)
            line.end.refuse(incoming, Invalid("a.b", "no more"), now=BEGIN)
            return tuple(r.raw for r in holdings.issued)
        return receipts

    line.put_part = put_part
    assert sender.send(line, most=10) == 2
    assert sender.state is Delivery.NOT_DELIVERED


def test_parts_of_a_list_are_what_the_list_says() -> None:
    parcel = Parcel(3)
    read = read_part_list(parcel.listed, expected=parcel.list_digest)
    assert [read.length(n) for n in range(4)] == [SMALL, SMALL, SMALL, 3]
