# SPDX-License-Identifier: Apache-2.0
"""The sending end: one parcel over one line, and what the peer's receipts mean.

`transfer` is the whole conversation about one parcel: offer, part list, missing
parts. It may be cut off anywhere and simply be begun again; the offer is
answered with every receipt there is, so a receipt that was lost on the way comes
again too. It sends at most a given number of parts, so that a large parcel
gives way to an urgent one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, Protocol

from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.time import Instant
from comity.errors import Unverified
from comity.protocol.admit import Lookup, admit_receipt
from comity.protocol.delivery import OPEN, Delivery, after_receipt
from comity.protocol.parts import PartList
from comity.protocol.receipt import Receipt

#: Parts sent before others get their turn: 64 MiB.
MOST_PARTS: Final = 4
#: A part list up to this length is simply given again instead of asking whether it is known.
SHORT_LIST_BYTES: Final = 64 << 10


@dataclass(frozen=True)
class Answer:
    """A peer's answer about parts: which it has, and its receipts so far."""

    have: frozenset[int]
    receipts: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Part:
    """One part on its way: of which list, which number, digest and size."""

    part_list: Sha256
    number: int
    sha256: Sha256
    size: int


class Peer(Protocol):
    """The line to one peer. Every call may raise `Unavailable`; then try again later."""

    def offer(self, digest: Sha256, header: bytes) -> Sequence[bytes]:
        """Offer a parcel; return the peer's receipts for it."""
        ...

    def put_list(self, part_list: Sha256, data: bytes) -> Answer:
        """Give the part list."""
        ...

    def have(self, part_list: Sha256) -> Answer | None:
        """Ask which parts have come; None if the peer has no list yet."""
        ...

    def put_part(self, part: Part, source: BinaryIO) -> Sequence[bytes]:
        """Give one part; return the peer's receipts for the parcel."""
        ...


@dataclass(frozen=True)
class Outgoing:
    """A sealed parcel ready to be sent."""

    digest: Sha256
    header: bytes
    list_digest: Sha256
    list_data: bytes
    parts: PartList


class Dispatches(Protocol):
    """What the sending end keeps of its parcels. The caller's transaction surrounds it."""

    def delivery(
        self, *, peer: AuthorityId, parcel: Sha256 | None, statement: Sha256 | None
    ) -> Delivery | None:
        """Return the state of what was sent to a peer, None if nothing such was."""
        ...

    def has_receipt(self, digest: Sha256) -> bool:
        """Tell whether this receipt has been taken already."""
        ...

    def add_receipt(self, receipt: Receipt, *, state: Delivery) -> None:
        """Keep a peer's receipt and the state that it proves."""
        ...


def take_receipt(
    data: bytes,
    *,
    me: AuthorityId,
    dispatches: Dispatches,
    lookup: Lookup,
    now: Instant,
) -> Receipt:
    """Verify a peer's receipt and let the delivery's state follow from it.

    One that was taken before changes nothing. Raises what `admit_receipt` raises,
    and `Unverified` (`receipt.unknown_object`) for what was never sent to its issuer.
    """
    receipt = admit_receipt(data, me=me, lookup=lookup, now=now).receipt
    if dispatches.has_receipt(receipt.digest):
        return receipt
    state = dispatches.delivery(
        peer=receipt.issuer, parcel=receipt.parcel, statement=receipt.statement
    )
    if state is None:
        raise Unverified(
            "receipt.unknown_object",
            f"{receipt.issuer} sent a receipt for something that was never sent to it",
            hint="Keep the receipt and ask the authority about it.",
        )
    dispatches.add_receipt(receipt, state=after_receipt(state, receipt.kind))
    return receipt


def transfer(
    outgoing: Outgoing,
    peer: Peer,
    *,
    take: Callable[[bytes], Delivery],
    open_part: Callable[[Sha256], BinaryIO],
    most_parts: int = MOST_PARTS,
) -> int:
    """Bring a parcel on its way; return how many parts were sent.

    `take` verifies and keeps a receipt and returns the delivery's state after it.
    """
    state = _take_all(peer.offer(outgoing.digest, outgoing.header), take, Delivery.QUEUED)
    if state not in OPEN:
        return 0
    answer = _ask(outgoing, peer)
    state = _take_all(answer.receipts, take, state)
    sent = 0
    missing = [n for n in range(len(outgoing.parts.parts)) if n not in answer.have]
    for number in missing[:most_parts]:
        digest = outgoing.parts.parts[number]
        part = Part(outgoing.list_digest, number, digest, outgoing.parts.length(number))
        with open_part(digest) as source:
            receipts = peer.put_part(part, source)
        sent += 1
        state = _take_all(receipts, take, state)
        if state not in OPEN:
            break
    return sent


def _ask(outgoing: Outgoing, peer: Peer) -> Answer:
    """Give the part list and learn what is missing; a long list is not given twice."""
    if len(outgoing.list_data) > SHORT_LIST_BYTES:
        answer = peer.have(outgoing.list_digest)
        if answer is not None:
            return answer
    return peer.put_list(outgoing.list_digest, outgoing.list_data)


def _take_all(
    receipts: Sequence[bytes], take: Callable[[bytes], Delivery], state: Delivery
) -> Delivery:
    for receipt in receipts:
        state = take(receipt)
    return state
