# SPDX-License-Identifier: Apache-2.0
"""What comes in: offers, parts, receipts; then opening, and taking into the record.

Promises: bytes are verified before they are parsed and stored as they came; a
receipt is committed together with what it speaks of; whatever comes twice is
answered as the first time; statements of a case are taken in the order in which
their sender wrote them, and one that is missing is shown, not skipped.

Every function is one transaction, but for the bytes of parts and the opening of
parcels, which happen between transactions and can be done again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import BinaryIO, Final, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId, ObjectId
from comity.canonical.members import Members
from comity.canonical.time import Instant
from comity.crypto import envelope
from comity.errors import ComityError, Conflict, Unavailable, Unverified
from comity.evidence.blobs import LocalBlobStore
from comity.node.keyring import keyring
from comity.node.services import _limits, assistance
from comity.node.services._receipts import (
    compare_directory,
    issuer,
    lookup_of,
    own_authority,
)
from comity.node.store.delivery_storage import (
    StoredHoldings,
    incoming_of,
    incoming_parts,
    line_to,
    listed_parts,
    remove_parts,
)
from comity.node.store.models import (
    PackageRow,
    ParcelInRow,
    PartInRow,
    ReceiptRow,
    StatementInRow,
)
from comity.node.wake import wake_after_commit
from comity.protocol import statement
from comity.protocol.admit import CODES, Step
from comity.protocol.delivery import Place, Taken, missing_of_series, next_of_series
from comity.protocol.parcel import Content, unseal_statement
from comity.protocol.parts import PartList, damaged_parts
from comity.protocol.receiving import Arrival, Offer, Progress, Receiver, Ticket
from comity.protocol.registry import MESSAGES

_log = logging.getLogger("comity.delivery")

#: Errors behind which a damage of our own disk may stand: then the parts are hashed again.
_DAMAGE: Final = ("sealing.", "padding.", "blob.")
#: Errors that are about this node alone; what they stopped is done again later.
_OURS: Final = ("node.", "key.", "keys.", "ledger.", "blob.", "config.")
_MAX_PROBLEM: Final = 2_000

_Thing = TypeVar("_Thing")


def offer(data: bytes, *, sender: AuthorityId, now: Instant) -> Offer:
    """Take a parcel's header from the peer that called; answer with receipts.

    Raises `Unavailable` (`protocol.quota`) when there is no room for it, or when the peer
    has been refused so often that no further refusal is signed and kept for it.
    """
    with transaction.atomic():
        if ReceiptRow.objects.filter(parcel=sha256(data)).exclude(recipient=sender).exists():
            raise Unverified(CODES[Step.SENDER], f"parcel header: was not made by {sender}")
        answer = _receiver(sender, now).offer(data, now=now)
        if answer.refused and answer.fresh:
            _limits.check_refusals(sender, now=now)
        wake_after_commit()
    return answer


def take_list(data: bytes, *, sender: AuthorityId, part_list: Sha256, now: Instant) -> Progress:
    """Take a part list; answer which parts are here."""
    with transaction.atomic():
        receiver = _receiver(sender, now)
        answer = receiver.take_list(data, sender=sender, part_list=part_list, now=now)
        wake_after_commit()
    return answer


def progress(*, sender: AuthorityId, part_list: Sha256, now: Instant) -> Progress:
    """Answer which parts of a parcel are here."""
    with transaction.atomic():
        return _receiver(sender, now).progress(sender=sender, part_list=part_list, now=now)


def take_part(
    source: BinaryIO,
    *,
    signed_digest: Sha256,
    sender: AuthorityId,
    part_list: Sha256,
    number: int,
    now: Instant,
) -> tuple[bytes, ...]:
    """Store one part: durable on the disk first, counted afterwards; answer with receipts.

    `signed_digest` is what the caller's signature says of the bytes to come: if that
    is another part, none of them is read.
    """
    with transaction.atomic():
        receiver = _receiver(sender, now)
        ticket = receiver.ticket(sender=sender, part_list=part_list, number=number)
    if ticket is None:
        return progress(sender=sender, part_list=part_list, now=now).receipts
    if ticket.sha256 != signed_digest:
        raise Unverified("parts.other_part", f"part {number}: announced with another digest")
    _limits.require_space(settings.CONFIG.folder, needed=ticket.size)
    _store(ticket, source)
    with transaction.atomic():
        receiver = _receiver(sender, now)
        receipts = receiver.keep_part(ticket, sender=sender, part_list=part_list, now=now)
        wake_after_commit()
    return receipts


def receipts_about(digest: Sha256, *, peer: AuthorityId) -> tuple[bytes, ...]:
    """Return the receipts issued here to a peer about a parcel or a statement of its own."""
    rows = ReceiptRow.objects.filter(recipient=peer, dispatch__isnull=True)
    about = rows.filter(parcel=digest) | rows.filter(statement=digest)
    return tuple(bytes(raw) for raw in about.order_by("pk").values_list("raw", flat=True))


def open_statements(now: Instant) -> int:
    """Open the complete statement parcels and put their statements into the case file.

    One that cannot be opened just now, or trips a fault, stops no other; what it raised
    is raised when all have had their turn.
    """
    rows = ParcelInRow.objects.filter(arrival=Arrival.COMPLETE, content=Content.STATEMENT)
    return _each(rows.order_by("completed", "offered"), lambda row: _open_statement(row, now))


def apply_statements(now: Instant) -> int:
    """Take waiting statements into the record, each series in its order; return how many.

    A series that cannot go on stops no other; what it raised is raised in the end.
    """
    waiting = StatementInRow.objects.filter(state="waiting")
    series = sorted(set(waiting.values_list("sender", "case")), key=str)
    return _each(series, lambda one: _apply_series(one[0], str(one[1]), now))


def gaps(case: ObjectId) -> tuple[tuple[AuthorityId, tuple[int, ...]], ...]:
    """Return, for each sender, the numbers of its statements in a case that are missing."""
    senders = set(StatementInRow.objects.filter(case=case).values_list("sender", flat=True))
    found = []
    for sender in sorted(senders):
        waiting = [_place(row) for row in _series(sender, case).filter(state="waiting")]
        missing = missing_of_series(waiting, taken=_taken(sender, case))
        if missing:
            found.append((AuthorityId(sender), missing))
    return tuple(found)


def complete_parcel(*, parcel: Sha256, sender: AuthorityId) -> PartList | None:
    """Return the part list of a sender's package parcel once every part is here.

    `parcel` is the digest of its part list, as the message about it says.
    """
    row = ParcelInRow.objects.filter(sender=sender, part_list=parcel).first()
    if row is None or row.arrival == Arrival.OFFERED or row.list_data is None:
        return None
    part_list = listed_parts(row)
    if PartInRow.objects.filter(parcel=row).count() != len(part_list.parts):
        return None  # a damaged part is being fetched again
    return part_list


def parts_of(*, parcel: Sha256, sender: AuthorityId) -> LocalBlobStore:
    """Return where the parts of a sender's package parcel lie: no database is needed to read."""
    row = ParcelInRow.objects.only("digest").get(sender=sender, part_list=parcel)
    return incoming_parts(row.digest)


def answer_package(
    *,
    parcel: Sha256,
    sender: AuthorityId,
    report: Sha256,
    opened: bool,
    reason: ComityError | None = None,
    now: Instant,
) -> None:
    """Sign `delivered` and `verified` for a package, or `not_delivered` if it did not open.

    Called in the transaction that writes down what the verification found.
    """
    row = ParcelInRow.objects.select_for_update().get(sender=sender, part_list=parcel)
    incoming = incoming_of(row)
    receiver = _receiver(sender, now)
    if opened:
        receiver.package_opened(incoming, now=now)
        receiver.verified(incoming, report=report, now=now)
    else:
        failure = reason or Unverified("package.unreadable", "the package could not be opened")
        receiver.refuse(incoming, failure, now=now)
    wake_after_commit()


def drop_damaged(*, parcel: Sha256, sender: AuthorityId) -> int:
    """Hash the stored parts again; let go of those that are damaged; return how many."""
    row = ParcelInRow.objects.get(sender=sender, part_list=parcel)
    return _drop_damaged(row)


def tidy(now: Instant) -> int:
    """Remove the parts of parcels that are done with.

    So are, once they have expired, those that never became whole, and packages of which
    no message ever spoke.
    """
    done = ParcelInRow.objects.filter(stored=True, arrival__in=[Arrival.OPENED, Arrival.REFUSED])
    expired = ParcelInRow.objects.filter(stored=True, expires__lte=now)
    late = expired.filter(arrival=Arrival.OFFERED)
    awaited = PackageRow.objects.filter(direction="incoming", status="expected")
    unannounced = expired.filter(arrival=Arrival.COMPLETE, content=Content.PACKAGE).exclude(
        part_list__in=awaited.values("parcel_sha256")
    )
    rows = [*done, *late, *unannounced]
    for row in rows:
        with transaction.atomic():
            PartInRow.objects.filter(parcel=row).delete()
            ParcelInRow.objects.filter(pk=row.pk).update(stored=False)
        remove_parts(incoming_parts(row.digest))
    return len(rows)


def _each(things: Iterable[_Thing], work: Callable[[_Thing], int]) -> int:
    """Do the work for each; raise the first thing that went wrong after the last one."""
    done, first = 0, None
    for thing in things:
        try:
            done += work(thing)
        except Exception as error:  # noqa: BLE001 - no peer's parcel may stop another's
            _log.warning("%s: %s: %s", thing, type(error).__name__, error)
            first = first or error
    if first is not None:
        raise first
    return done


def _receiver(sender: AuthorityId, now: Instant) -> Receiver:
    return Receiver(
        me=own_authority(),
        issuer=lambda: issuer(now),
        holdings=StoredHoldings(now=now),
        lookup=lookup_of(sender, now),
        quota=_limits.quota(),
    )


def _store(ticket: Ticket, source: BinaryIO) -> None:
    incoming_parts(ticket.parcel).put(source, expected=ticket.sha256, limit=ticket.size)


def _open_statement(row: ParcelInRow, now: Instant) -> int:
    incoming = incoming_of(row)
    store = incoming_parts(row.digest)
    part_list = listed_parts(row)
    if PartInRow.objects.filter(parcel=row).count() != len(part_list.parts):
        return 0  # a damaged part is being fetched again
    try:
        data = unseal_statement(part_list, open_part=store.open, identities=keyring().identities)
        with transaction.atomic():
            line_to(row.sender)
            admitted = _receiver(incoming.header.sender, now).take_statement(
                incoming, data, now=now
            )
            said = admitted.statement
            if not admitted.repeated:
                taken = _taken(said.sender, said.case)
                _limits.check_waiting(said, next_is=taken.seq + 1)
            compare_directory(authority=row.sender, theirs=said.directory)
            wake_after_commit()
    except ComityError as error:
        if error.code.startswith(_DAMAGE) and _drop_damaged(row):
            return 0
        if isinstance(error, Unavailable):
            raise
        _refuse(row, error, now)
    return 1


def _refuse(row: ParcelInRow, error: ComityError, now: Instant) -> None:
    _log.warning("parcel %s from %s is not delivered: %s", row.digest, row.sender, error)
    with transaction.atomic():
        line_to(row.sender)
        incoming = incoming_of(row)
        _receiver(incoming.header.sender, now).refuse(incoming, error, now=now)
        ParcelInRow.objects.filter(pk=row.pk).update(problem=str(error)[:_MAX_PROBLEM])
        wake_after_commit()


def _drop_damaged(row: ParcelInRow) -> int:
    part_list = listed_parts(row)
    store = incoming_parts(row.digest)
    present = [digest for digest in part_list.parts if store.has(digest)]
    missing = set(part_list.parts) - set(present)
    kept = PartList(size=0, part_size=0, parts=tuple(present))
    lost = missing | set(damaged_parts(kept, store.open))
    for digest in lost:
        store.delete(digest)
    numbers = [n for n, digest in enumerate(part_list.parts) if digest in lost]
    if numbers:
        _log.error("parcel %s: %d stored parts are damaged", row.digest, len(numbers))
        PartInRow.objects.filter(parcel=row, number__in=numbers).delete()
        problem = f"{len(numbers)} stored parts were damaged and are fetched again"
        ParcelInRow.objects.filter(pk=row.pk).update(problem=problem)
        wake_after_commit()
    return len(numbers)


def _apply_series(sender: str, case: str, now: Instant) -> int:
    done = 0
    while True:
        waiting = {row.seq: row for row in _series(sender, case).filter(state="waiting")}
        taken = _taken(sender, case)
        places = [_place(row) for row in waiting.values()]
        try:
            place = next_of_series(places, taken=taken)
        except Conflict as error:
            _reject(waiting[taken.seq + 1], error, now)
            done += 1
            continue
        if place is None:
            return done
        _apply(waiting[place.seq], now)
        done += 1


def _apply(row: StatementInRow, now: Instant) -> None:
    """Take one statement into the record, in one transaction with the mark that it was."""
    read = statement.read_payload(envelope.read(bytes(row.raw)).payload)
    message = MESSAGES[row.type].read(Members(read.body, what=row.type))
    try:
        with transaction.atomic():
            locked = StatementInRow.objects.select_for_update().get(pk=row.pk)
            if locked.state != "waiting":
                return
            assistance.take_message(
                sender=AuthorityId(row.sender),
                message=message,
                statement=Sha256(row.sha256),
                said_at=read.created,
                handling=read.handling,
                now=now,
            )
            locked.state, locked.applied = "applied", now
            locked.save(update_fields=["state", "applied"])
    except ComityError as error:
        if isinstance(error, Unavailable) or error.code.startswith(_OURS):
            raise  # a trouble of this node says nothing against the statement
        _reject(row, error, now)


def _reject(row: StatementInRow, error: ComityError, now: Instant) -> None:
    """Keep a statement that has no effect here, with the reason, for people to see."""
    _log.warning("statement %s from %s is not applied: %s", row.sha256, row.sender, error)
    StatementInRow.objects.filter(pk=row.pk).update(
        state="rejected", applied=now, problem=str(error)[:_MAX_PROBLEM]
    )


def _series(sender: str, case: str) -> QuerySet[StatementInRow]:
    return StatementInRow.objects.filter(sender=sender, case=case)


def _taken(sender: str, case: str) -> Taken:
    last = _series(sender, case).exclude(state="waiting").order_by("-seq").first()
    return Taken() if last is None else Taken(last.seq, Sha256(last.sha256))


def _place(row: StatementInRow) -> Place:
    return Place(
        sender=AuthorityId(row.sender),
        case=ObjectId(str(row.case)),
        seq=row.seq,
        previous=Sha256(row.previous) or None,
        digest=Sha256(row.sha256),
    )
