# SPDX-License-Identifier: Apache-2.0
"""What goes out: statements signed in the transaction that caused them, and packages.

Promises: a message that an officer's act causes is signed and stored in the same
transaction as the act, with a `submitted` receipt of our own; from then on it is
delivered, or its failure is signed and shown. Nothing here waits for a network:
the worker does (`comity.node.worker.delivery`).
"""

from __future__ import annotations

from typing import BinaryIO

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from comity.assistance.model import State
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId, ObjectId, new_object_id, parse_object_id
from comity.canonical.json import Object
from comity.canonical.time import Instant
from comity.errors import Invalid, Refused
from comity.node.services import _limits, _signing, evidence, register
from comity.node.services._anew import give_up as leave_out
from comity.node.services._anew import sign_anew
from comity.node.services._parcels import (
    announce,
    announce_again,
    forget_parts,
    parts_are_here,
    parts_of,
    retire,
)
from comity.node.services._receipts import (
    compare_directory,
    lookup_of,
    own_authority,
    own_receipt,
)
from comity.node.services._record import Recorder, recording
from comity.node.store.delivery_storage import StoredDispatches, line_to
from comity.node.store.models import (
    DispatchRow,
    LineRow,
    PackageRow,
    ParcelOutRow,
    ReceiptRow,
    RequestRow,
)
from comity.node.wake import wake_after_commit
from comity.protocol.delivery import AWAITING, OPEN, UNDELIVERED, Delivery, after_receipt
from comity.protocol.parcel import Content, Priority
from comity.protocol.parts import MAX_LIST_BYTES, read_part_list
from comity.protocol.receipt import Kind, Reason, Receipt
from comity.protocol.registry import NEWER
from comity.protocol.sending import take_receipt
from comity.protocol.statement import DEFAULT_LIFETIME, Statement, sign_statement, statement_digest

_ENDED = frozenset({State.CLOSED, State.REFUSED, State.WITHDRAWN})
_EXPIRED = Reason(code="delivery.expired", text="it was not delivered before it expired")


def enqueue(
    *,
    message_type: str,
    body: Object,
    to: AuthorityId,
    case: ObjectId,
    urgent: bool,
    now: Instant,
) -> Sha256:
    """Sign a statement for a peer and queue it; return its digest.

    Called inside the transaction of the act that causes it. Raises `Unverified`
    (`peer.*`) for a peer that cannot be written to, `Refused` when this node may
    not sign.
    """
    register.statement_of(to)
    line_to(to)  # one writer to a peer at a time: the series has no gaps and no doubles
    series = DispatchRow.objects.filter(
        peer=to, case=case, content=Content.STATEMENT, superseded=False
    )
    last = series.order_by("-seq").first()
    statement = Statement(
        id=new_object_id(),
        type=message_type,
        sender=own_authority(),
        to=(to,),
        case=case,
        seq=1 if last is None else last.seq + 1,
        previous=None if last is None else Sha256(last.sha256 or ""),
        created=now,
        expires=now + DEFAULT_LIFETIME,
        body=body,
        directory=register.directory_head(),
    )
    raw = sign_statement(statement, seal=_signing.seal(now))
    digest = statement_digest(raw)
    row = DispatchRow.objects.create(
        peer=to,
        content=Content.STATEMENT.value,
        priority=(Priority.URGENT if urgent else Priority.NORMAL).value,
        state=Delivery.QUEUED.value,
        created=now,
        expires=statement.expires,
        updated=now,
        sha256=digest,
        identifier=statement.id,
        type=message_type,
        case=case,
        seq=statement.seq,
        raw=raw,
    )
    own_receipt(Kind.SUBMITTED, row, now=now)
    wake_after_commit()
    return digest


def release_package(*, package_id: str, to: AuthorityId, now: Instant) -> None:
    """Queue a package whose parts are ready; called when the officer delivers it."""
    package = PackageRow.objects.get(pk=package_id)
    digest = Sha256(package.parcel_sha256)
    with evidence.blobs().open(digest) as source:
        parts = read_part_list(source.read(MAX_LIST_BYTES + 1), expected=digest)
    row = DispatchRow.objects.create(
        peer=to,
        content=Content.PACKAGE.value,
        priority=Priority.BULK.value,
        state=Delivery.QUEUED.value,
        created=now,
        expires=now + DEFAULT_LIFETIME,
        updated=now,
        package=package.pk,
        case=package.request_id,
    )
    parcel = announce(row, parts, now=now)
    own_receipt(Kind.SUBMITTED, row, now=now, parcel=Sha256(parcel.digest))
    wake_after_commit()


def failures() -> list[DispatchRow]:
    """Return what was refused, failed or did not stand, oldest first."""
    states = [state.value for state in UNDELIVERED]
    rows = DispatchRow.objects.filter(state__in=states, superseded=False)
    return list(rows.defer("raw").order_by("created"))


def undelivered(*, dispatch: str, locked: bool = False) -> DispatchRow:
    """Return what is to be sent again; raise as `send_again`.

    `locked` takes the line and then the row, as whoever takes a receipt does: what is
    read here stands until the transaction ends.
    """
    identifier = parse_object_id(dispatch, what="delivery")
    row = DispatchRow.objects.filter(pk=identifier).first()
    if row is None:
        raise Invalid("delivery.unknown", f"{identifier}: nothing such was sent from here")
    if locked:
        line_to(row.peer)
        row = DispatchRow.objects.select_for_update().get(pk=identifier)
    if Delivery(row.state) not in UNDELIVERED:
        raise Refused("delivery.not_failed", f"{row}: is on its way or has arrived")
    if row.superseded:
        raise Refused("delivery.superseded", f"{row}: has been signed anew already")
    opened = Delivery(row.state) is Delivery.NOT_DELIVERED
    if row.content == Content.PACKAGE and (opened or not parts_are_here(row)):
        why = "the other side received it and could not open it"
        raise Refused(
            "delivery.package",
            f"{row}: cannot be sent again as it is",
            reasons=(why if opened else "its parts are no longer on the disk",),
            hint="Once the other side has rejected it, assemble a new package.",
        )
    return row


def send_again(*, dispatch: str, now: Instant) -> None:
    """Try once more what was refused, failed or did not stand, sealed and announced anew.

    The same statement, byte for byte: a peer that had it after all answers with
    `delivered`. One that has expired no peer would take: its words are signed anew, with
    those of the same case that wait behind it; the caller has asked the peer just now for
    its receipts. A package is announced again, its parts are the same. Raises `Refused`
    (`delivery.not_failed`, `delivery.package`, `delivery.superseded`,
    `delivery.later_arrived`) or `Invalid` (`delivery.unknown`).
    """
    with recording(officer=None, now=now) as record:
        row = undelivered(dispatch=dispatch, locked=True)
        if row.content == Content.PACKAGE:
            _announce_again(record, row)
            return
        if row.expires <= now:
            sign_anew(record, row)
            LineRow.objects.filter(authority=row.peer).update(next_attempt=None, failures=0)
            return
        record.unchanged = True  # the very same bytes: nothing new is said
        retire(row)
        row.state, row.updated, row.problem = Delivery.QUEUED.value, now, ""
        row.save(update_fields=["state", "updated", "problem"])
        LineRow.objects.filter(authority=row.peer).update(next_attempt=None, failures=0)
        wake_after_commit()


def give_up(*, dispatch: str, now: Instant) -> None:
    """Leave out a statement whose type the peer does not know; let its case go on.

    The caller has asked the peer just now for its receipts. What is told there is then
    another story than here: the event stands in the request's timeline. Raises as
    `undelivered`, or `Refused` (`delivery.not_given_up`, `delivery.later_arrived`).
    """
    with recording(officer=None, now=now) as record:
        row = undelivered(dispatch=dispatch, locked=True)
        leave_out(record, row)
        LineRow.objects.filter(authority=row.peer).update(next_attempt=None, failures=0)


def _announce_again(record: Recorder, row: DispatchRow) -> None:
    parcel = announce_again(row, now=record.now)
    record(
        event="package.announced_again",
        subject=("package", str(row.package)),
        request=row.case,
        private={
            "package": str(row.package),
            "request": str(row.case),
            "parcel": parcel.digest,
        },
        peer=row.peer,
    )


def take(data: bytes, *, peer: AuthorityId, now: Instant) -> Receipt:
    """Verify and keep a receipt that a peer gave; its delivery's state follows.

    Raises as `comity.protocol.sending.take_receipt`.
    """
    with transaction.atomic():
        line_to(peer)
        receipt = take_receipt(
            data,
            me=own_authority(),
            dispatches=StoredDispatches(now=now),
            lookup=lookup_of(peer, now),
            now=now,
        )
        _limits.check_receipts(receipt)
        compare_directory(authority=peer, theirs=receipt.directory)
        wake_after_commit()
    return receipt


def state_of(row: DispatchRow) -> Delivery:
    """Return the present state of a dispatch."""
    return Delivery(DispatchRow.objects.values_list("state", flat=True).get(pk=row.pk))


def expire(*, now: Instant) -> int:
    """Sign the failure of what was not delivered in its time; return how many."""
    states = [state.value for state in OPEN | AWAITING]
    overdue = DispatchRow.objects.filter(state__in=states, expires__lte=now)
    failed = 0
    for pk in list(overdue.values_list("pk", flat=True)):
        with transaction.atomic():
            row = DispatchRow.objects.select_for_update().get(pk=pk)
            if row.state not in states:
                continue
            current = row.parcel_rows.filter(retired=False).first()
            parcel = None if current is None else Sha256(current.digest)
            own_receipt(Kind.RELAY_FAILED, row, now=now, parcel=parcel, reason=_EXPIRED)
            row.state = after_receipt(Delivery(row.state), Kind.RELAY_FAILED).value
            row.updated, row.problem = now, _EXPIRED.text
            row.save(update_fields=["state", "updated", "problem"])
            failed += 1
    return failed


def tidy(now: Instant) -> int:
    """Remove the ciphertext of what has arrived or has expired; return of how many dispatches."""
    arrived = Q(state__in=[Delivery.DELIVERED.value, Delivery.HANDED_OVER.value])
    lost = Q(state__in=[state.value for state in UNDELIVERED], expires__lte=now)
    # A package can be announced again as long as somebody waits for it.
    ended = RequestRow.objects.filter(state__in=[state.value for state in _ENDED])
    lost &= Q(content=Content.STATEMENT) | Q(case__in=ended.values("pk"))
    rows = list(DispatchRow.objects.filter(arrived | lost, tidied=False))
    for row in rows:
        forget_parts(row)
        DispatchRow.objects.filter(pk=row.pk).update(tidied=True)
    return len(rows)


def behind_a_doubtful_one(dispatch: str = "") -> Exists:
    """Return whether an earlier statement of the case may have no place in it in the end.

    Such a one was refused or failed, or its peer may not know its type, or did not know
    it, or another of the case, before. The peer would hold back whatever follows; and what
    has not been given yet can still be signed anew. `dispatch` leads from the rows asked to
    dispatches.
    """
    given_up = DispatchRow.objects.filter(
        peer=OuterRef("peer"),
        case=OuterRef("case"),
        superseded=True,
        state=Delivery.NOT_DELIVERED.value,
    )
    refused = ReceiptRow.objects.filter(dispatch=OuterRef("pk"), kind=Kind.NOT_DELIVERED.value)
    lost = Q(state__in=[state.value for state in UNDELIVERED])
    under_way = Q(state__in=[state.value for state in OPEN | AWAITING])
    earlier = DispatchRow.objects.filter(
        lost | under_way & (Q(type__in=NEWER) | Q(Exists(refused)) | Q(Exists(given_up))),
        content=Content.STATEMENT,
        superseded=False,
        peer=OuterRef(f"{dispatch}peer"),
        case=OuterRef(f"{dispatch}case"),
        seq__lt=OuterRef(f"{dispatch}seq"),
    )
    return Exists(earlier)


def waiting_for(
    peer: AuthorityId, *, after: int, most: int, now: Instant
) -> list[tuple[int, bytes]]:
    """Return headers of parcels that a peer may fetch, with their cursors, oldest first.

    Only what has been announced: the worker seals and announces whatever is due. What
    waits behind a statement that may not stand is not given away here either.
    """
    rows = ParcelOutRow.objects.filter(
        pk__gt=after,
        retired=False,
        dispatch__peer=peer,
        dispatch__expires__gt=now,
        dispatch__state__in=[state.value for state in OPEN],
    )
    rows = rows.exclude(behind_a_doubtful_one("dispatch__"))
    return [(row.pk, bytes(row.header)) for row in rows.order_by("pk")[:most]]


def waiting_list(part_list: Sha256, *, peer: AuthorityId) -> bytes:
    """Return the part list of a parcel for this peer; raise `Invalid` (`parts.not_for_you`)."""
    return bytes(_sealed_for(part_list, peer).list_data)


def waiting_part(part_list: Sha256, number: int, *, peer: AuthorityId) -> BinaryIO:
    """Open one part of a parcel for this peer, also after it was relayed: it may be damaged there.

    Raises `Invalid` (`parts.not_for_you`, `parts.number`) or `Unavailable` (`blob.missing`).
    """
    sealed = _sealed_for(part_list, peer)
    parts = read_part_list(bytes(sealed.list_data), expected=part_list)
    parts.length(number)
    return parts_of(sealed.dispatch).open(parts.parts[number])


def _sealed_for(part_list: Sha256, peer: AuthorityId) -> ParcelOutRow:
    row = ParcelOutRow.objects.filter(part_list=part_list, dispatch__peer=peer).first()
    if row is None:
        raise Invalid("parts.not_for_you", f"there is no parcel {part_list[:16]}… for {peer}")
    return row
