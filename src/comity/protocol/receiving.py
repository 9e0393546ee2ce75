# SPDX-License-Identifier: Apache-2.0
"""The receiving end: offers, parts, openings, and the receipt for each.

`Receiver` decides; a `Holdings` remembers. Every method of `Receiver` runs
inside one transaction of its caller, so that a receipt is committed together
with what it speaks of, or neither is. The bytes of parts are stored by the
caller between `ticket` and `keep_part`: first durable on disk, then counted.

Whatever is repeated is answered as the first time, with the very same receipts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from comity.authorities.directory import DirectoryHead
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.time import Instant
from comity.crypto.keys import SealPrivateKey
from comity.errors import ComityError, Conflict, Invalid, Unavailable, Unverified
from comity.protocol.admit import (
    CODES,
    AdmittedStatement,
    Known,
    Lookup,
    Step,
    admit_header,
    admit_statement,
    answered_to,
)
from comity.protocol.parcel import Header, check_part_list, parcel_digest
from comity.protocol.parts import PartList, read_part_list
from comity.protocol.receipt import Kind, Reason, Receipt, sign_receipt

#: Part lists read before, by parcel: a large one is not read anew for every part.
_LISTS: Final[dict[Sha256, PartList]] = {}
_MOST_LISTS: Final = 16


class Arrival(StrEnum):
    """Where an incoming parcel stands."""

    OFFERED = "offered"
    COMPLETE = "complete"
    OPENED = "opened"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """An incoming parcel as it is kept."""

    digest: Sha256
    raw: bytes
    header: Header
    arrival: Arrival
    completed: Instant | None = None


@dataclass(frozen=True)
class Quota:
    """What one peer may have under way at a time, as `hello` publishes it."""

    parcels: int = 256
    size: int = 1 << 42


class Holdings(Known, Protocol):
    """What the receiving end keeps. The caller's transaction surrounds every call."""

    def parcel(self, digest: Sha256) -> Incoming | None:
        """Return the parcel with this identity."""
        ...

    def parcel_listing(self, sender: AuthorityId, part_list: Sha256) -> Incoming | None:
        """Return the sender's parcel with this part list."""
        ...

    def under_way(self, sender: AuthorityId) -> tuple[int, int]:
        """Return how many parcels the sender has under way here, and their bytes."""
        ...

    def add_parcel(self, incoming: Incoming) -> None:
        """Keep a new parcel."""
        ...

    def drop_parcel(self, digest: Sha256) -> None:
        """Forget a parcel that expired before it was whole, with its parts."""
        ...

    def set_arrival(self, digest: Sha256, arrival: Arrival, at: Instant) -> None:
        """Change where a parcel stands; `at` is when it became so."""
        ...

    def part_list(self, digest: Sha256) -> bytes | None:
        """Return a parcel's part list if it has come."""
        ...

    def has_list(self, digest: Sha256) -> bool:
        """Tell whether a parcel's part list has come."""
        ...

    def set_part_list(self, digest: Sha256, data: bytes) -> None:
        """Keep a parcel's part list."""
        ...

    def parts(self, digest: Sha256) -> frozenset[int]:
        """Return the numbers of the parts that are durably stored."""
        ...

    def has_part(self, digest: Sha256, number: int) -> bool:
        """Tell whether one part is stored."""
        ...

    def part_count(self, digest: Sha256) -> int:
        """Return how many parts are stored."""
        ...

    def add_part(self, digest: Sha256, number: int) -> None:
        """Count a part as stored; counting it again changes nothing."""
        ...

    def drop_parts(self, digest: Sha256, numbers: Sequence[int]) -> None:
        """Count parts no longer: their bytes were found damaged."""
        ...

    def receipts(self, parcel: Sha256) -> tuple[bytes, ...]:
        """Return the receipts issued here for a parcel, oldest first."""
        ...

    def last_receipt(self, peer: AuthorityId) -> Sha256 | None:
        """Return the last receipt issued here to a peer."""
        ...

    def add_receipt(self, receipt: Receipt) -> None:
        """Keep a receipt issued here and put it on its way."""
        ...

    def add_statement(self, admitted: AdmittedStatement, *, parcel: Sha256, at: Instant) -> None:
        """Put a statement into the case file, its bytes as they came."""
        ...


@dataclass(frozen=True)
class Issuer:
    """What receipts are signed with, and what they say of it."""

    seal: SealPrivateKey
    serial: int
    directory: DirectoryHead | None


@dataclass(frozen=True)
class Offer:
    """The answer to an offer: the parcel's receipts so far; `fresh` if it was not known."""

    receipts: tuple[bytes, ...]
    fresh: bool
    refused: bool = False


@dataclass(frozen=True)
class Ticket:
    """Leave to store one part: whose, which, and what its bytes must be."""

    parcel: Sha256
    number: int
    sha256: Sha256
    size: int


@dataclass(frozen=True)
class Progress:
    """Which parts have come, and the parcel's receipts so far."""

    have: frozenset[int]
    receipts: tuple[bytes, ...]


class Receiver:
    """The receiving end of one authority, for the length of one transaction."""

    def __init__(
        self,
        *,
        me: AuthorityId,
        issuer: Callable[[], Issuer],
        holdings: Holdings,
        lookup: Lookup,
        quota: Quota | None = None,
    ) -> None:
        """`lookup` finds the key statement that names a seal; `issuer` is asked when one signs."""
        self._me = me
        self._issuer = issuer
        self._holdings = holdings
        self._lookup = lookup
        self._quota = quota or Quota()

    def offer(self, data: bytes, *, now: Instant) -> Offer:
        """Take a parcel's header; answer with `accepted`, or `relay_refused`.

        Raises what `admit_header` raises for one that nobody known has signed, and
        `Unavailable` (`protocol.quota`) when the sender has too much under way.
        """
        digest = parcel_digest(data)
        known = self._holdings.receipts(digest)
        if known:
            refused = self._holdings.parcel(digest) is None
            return Offer(known, fresh=False, refused=refused)
        try:
            header = self._admit_new(data, now)
        except ComityError as error:
            sender = answered_to(error)
            if sender is None:
                raise
            reason = Reason.of(error)
            self._issue(Kind.RELAY_REFUSED, sender, digest, now, now, reason=reason)
            return Offer(self._holdings.receipts(digest), fresh=True, refused=True)
        incoming = Incoming(digest=digest, raw=data, header=header, arrival=Arrival.OFFERED)
        self._holdings.add_parcel(incoming)
        self._issue(Kind.ACCEPTED, header.sender, digest, header.created, now)
        return Offer(self._holdings.receipts(digest), fresh=True)

    def take_list(
        self, data: bytes, *, sender: AuthorityId, part_list: Sha256, now: Instant
    ) -> Progress:
        """Take the part list of an offered parcel; answer which parts are here."""
        incoming = self._offered(sender, part_list)
        known = self._holdings.part_list(incoming.digest)
        if known is None:
            check_part_list(incoming.header, read_part_list(data, expected=part_list))
            self._holdings.set_part_list(incoming.digest, data)
        elif known != data:
            raise Unverified("parts.list_differs", "part list: is not the one that was offered")
        return self.progress(sender=sender, part_list=part_list, now=now)

    def progress(self, *, sender: AuthorityId, part_list: Sha256, now: Instant) -> Progress:
        """Answer which parts of a parcel are here.

        Raises `Unavailable` (`parts.no_list`) while the list has not come.
        """
        incoming = self._offered(sender, part_list)
        self._complete(incoming, now)
        have = self._holdings.parts(incoming.digest)
        return Progress(have, self._holdings.receipts(incoming.digest))

    def ticket(self, *, sender: AuthorityId, part_list: Sha256, number: int) -> Ticket | None:
        """Return what part `number` must be, None if it is here already."""
        incoming = self._offered(sender, part_list)
        parts = self._list(incoming)
        size = parts.length(number)
        if self._holdings.has_part(incoming.digest, number):
            return None
        return Ticket(incoming.digest, number, parts.parts[number], size)

    def keep_part(
        self, ticket: Ticket, *, sender: AuthorityId, part_list: Sha256, now: Instant
    ) -> tuple[bytes, ...]:
        """Count a part whose bytes are durably stored; answer with the receipts.

        With the last part the parcel is complete and `relayed` is among them.
        """
        self._holdings.add_part(ticket.parcel, ticket.number)
        self._complete(self._offered(sender, part_list), now)
        return self._holdings.receipts(ticket.parcel)

    def take_statement(self, incoming: Incoming, data: bytes, *, now: Instant) -> AdmittedStatement:
        """Put the statement of an opened parcel into the case file and sign `delivered`.

        Raises what `admit_statement` raises; the caller then calls `refuse` in a
        transaction of its own.
        """
        admitted = admit_statement(
            data,
            me=self._me,
            sender=incoming.header.sender,
            lookup=self._lookup,
            known=self._holdings,
            now=incoming.completed or now,
        )
        if not admitted.repeated:
            self._holdings.add_statement(admitted, parcel=incoming.digest, at=now)
        self._holdings.set_arrival(incoming.digest, Arrival.OPENED, now)
        self._issue(
            Kind.DELIVERED,
            incoming.header.sender,
            incoming.digest,
            admitted.statement.created,
            now,
            statement=admitted.digest,
        )
        return admitted

    def package_opened(self, incoming: Incoming, *, now: Instant) -> None:
        """Sign `delivered` for a package parcel whose content was opened whole."""
        self._holdings.set_arrival(incoming.digest, Arrival.OPENED, now)
        header = incoming.header
        self._issue(Kind.DELIVERED, header.sender, incoming.digest, header.created, now)

    def refuse(self, incoming: Incoming, error: ComityError, *, now: Instant) -> None:
        """Sign `not_delivered`: the parcel came whole, and its content does not stand."""
        self._holdings.set_arrival(incoming.digest, Arrival.REFUSED, now)
        header = incoming.header
        reason = Reason.of(error)
        self._issue(
            Kind.NOT_DELIVERED, header.sender, incoming.digest, header.created, now, reason=reason
        )

    def hand_over(
        self, *, sender: AuthorityId, statement: Sha256, created: Instant, now: Instant
    ) -> None:
        """Sign `handed_over`: a named officer has the statement."""
        self._issue(Kind.HANDED_OVER, sender, None, created, now, statement=statement)

    def verified(self, incoming: Incoming, *, report: Sha256, now: Instant) -> None:
        """Sign `verified`: the package was checked, with the digest of the report."""
        header = incoming.header
        self._issue(
            Kind.VERIFIED, header.sender, incoming.digest, header.created, now, report=report
        )

    def _admit_new(self, data: bytes, now: Instant) -> Header:
        admitted = admit_header(data, me=self._me, lookup=self._lookup, now=now)
        header = admitted.header
        earlier = self._holdings.parcel_listing(header.sender, header.part_list)
        if earlier and earlier.arrival is Arrival.OFFERED and now >= earlier.header.expires:
            self._holdings.drop_parcel(earlier.digest)  # it never became whole, and comes again
        elif earlier:
            raise Conflict(
                CODES[Step.IDENTITY],
                f"parcel header: {header.sender} announced the same ciphertext before",
                details={"step": int(Step.IDENTITY), "sender": header.sender},
            )
        parcels, size = self._holdings.under_way(header.sender)
        if parcels >= self._quota.parcels or size + header.size > self._quota.size:
            raise Unavailable(
                "protocol.quota",
                f"{header.sender}: {parcels} parcels of {size} bytes under way; no room for more",
                hint="Try again when some of them have been opened.",
            )
        return header

    def _offered(self, sender: AuthorityId, part_list: Sha256) -> Incoming:
        incoming = self._holdings.parcel_listing(sender, part_list)
        if incoming is None:
            raise Invalid(
                "parts.not_offered",
                f"{sender} has offered no parcel with the part list {part_list[:16]}…",
                hint="Offer the parcel's header first.",
            )
        return incoming

    def _complete(self, incoming: Incoming, now: Instant) -> None:
        count = len(self._list(incoming).parts)
        if incoming.arrival is not Arrival.OFFERED:
            return
        if self._holdings.part_count(incoming.digest) == count:
            self._holdings.set_arrival(incoming.digest, Arrival.COMPLETE, now)
            header = incoming.header
            self._issue(Kind.RELAYED, header.sender, incoming.digest, header.created, now)

    def _list(self, incoming: Incoming) -> PartList:
        # What is remembered may be from a transaction that was undone: ask first.
        if not self._holdings.has_list(incoming.digest):
            raise Unavailable("parts.no_list", "the part list of this parcel has not come yet")
        known = _LISTS.get(incoming.digest)
        if known is not None:
            return known
        data = self._holdings.part_list(incoming.digest) or b""
        if len(_LISTS) >= _MOST_LISTS:
            _LISTS.clear()
        _LISTS[incoming.digest] = read_part_list(data, expected=incoming.header.part_list)
        return _LISTS[incoming.digest]

    def _issue(
        self,
        kind: Kind,
        to: AuthorityId,
        parcel: Sha256 | None,
        claimed: Instant,
        now: Instant,
        *,
        statement: Sha256 | None = None,
        reason: Reason | None = None,
        report: Sha256 | None = None,
    ) -> None:
        issuer = self._issuer()
        receipt = Receipt(
            kind=kind,
            issuer=self._me,
            to=to,
            parcel=parcel,
            statement=statement,
            previous=self._holdings.last_receipt(to),
            at=now,
            claimed=claimed,
            serial=issuer.serial,
            directory=issuer.directory,
            reason=reason,
            report=report,
        )
        self._holdings.add_receipt(sign_receipt(receipt, seal=issuer.seal))
