# SPDX-License-Identifier: Apache-2.0
"""Signing again what expired on its way, and what waits behind it or behind one given up.

A receiver takes the statements of a case in their order and refuses one that has
expired. What expired before it arrived would therefore stop its case for ever. The
same words are signed once more, as a new statement at the same place of the series;
the old one is kept, marked as superseded, with the receipts that say what became of
it. The caller has asked the peer before that it does not have the old one.

A statement of a type that the peer does not know stops its case likewise. It can be
given up: then what waits behind it is signed anew without it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from comity.assistance.messages import RequestMessage
from comity.canonical import json
from comity.canonical.digest import Sha256
from comity.canonical.ids import new_object_id
from comity.canonical.json import Object
from comity.crypto import envelope
from comity.errors import Refused
from comity.node.services import _signing, register
from comity.node.services._parcels import retire
from comity.node.services._receipts import own_receipt
from comity.node.services._record import Recorder
from comity.node.services.proofs import SENT
from comity.node.store.delivery_storage import line_to
from comity.node.store.models import AuditRow, DispatchRow, RequestRow
from comity.protocol.admit import CODES, Step
from comity.protocol.delivery import OPEN, UNDELIVERED, Delivery
from comity.protocol.parcel import Content
from comity.protocol.receipt import Kind, Reason
from comity.protocol.statement import (
    DEFAULT_LIFETIME,
    read_payload,
    sign_statement,
    statement_digest,
)

#: What a peer answers to a type, or a value of one, that its version does not have.
_UNKNOWN: Final = frozenset({CODES[Step.TYPE], CODES[Step.SCHEMA]})
_SUPERSEDED: Final = Reason(
    code="delivery.superseded", text="it was signed anew with those before it"
)


def sign_anew(record: Recorder, lost: DispatchRow) -> None:
    """Sign the series of a lost statement anew from the first that did not arrive.

    Raises `Refused` (`delivery.later_arrived`) if the peer has one that follows: it
    names the old one as its predecessor, so another could never take its place.
    """
    arrived, later = _divided(lost)
    _replace_all(record, arrived, later)


def is_unknown_there(row: DispatchRow) -> bool:
    """Tell whether the peer has signed that it does not know such a message."""
    if Delivery(row.state) is not Delivery.NOT_DELIVERED:
        return False
    answers = row.receipt_rows.filter(issuer=row.peer, kind=Kind.NOT_DELIVERED.value)
    last = answers.order_by("-pk").first()
    return last is not None and last.reason_code in _UNKNOWN


def give_up(record: Recorder, lost: DispatchRow) -> None:
    """Leave out of its series what the peer does not know; sign anew what waits behind it.

    The place is free there: what was refused before it was filed has none. Raises
    `Refused` (`delivery.not_given_up`) unless the peer has signed just that, or for the
    message that opens the case; and as `sign_anew`.
    """
    if lost.content != Content.STATEMENT or not is_unknown_there(lost):
        raise Refused(
            "delivery.not_given_up",
            f"{lost}: cannot be given up",
            reasons=("the other side has not signed that it does not know such a message",),
            hint="Send it again: comity-node outbox again.",
        )
    if lost.type == RequestMessage.TYPE:
        raise Refused(
            "delivery.not_given_up",
            f"{lost}: cannot be given up",
            reasons=("it opens the case: without it the other side knows nothing of the others",),
            hint="Send it again when the other side's program has been updated.",
        )
    arrived, later = _divided(lost)
    retire(lost)
    lost.superseded, lost.updated = True, record.now
    lost.save(update_fields=["superseded", "updated"])
    audit = record(
        event="statement.given_up",
        subject=("request", str(lost.case)),
        request=lost.case,
        private={"request": str(lost.case), "statement": lost.sha256, "type": lost.type},
        peer=lost.peer,
    )
    if lost.case is not None and RequestRow.objects.filter(pk=lost.case).exists():
        record.tell(
            audit,
            request=lost.case,
            facts=(("Message", lost.type),),
            statement=lost.sha256 or "",
        )
    _replace_all(record, arrived, [row for row in later if row.pk != lost.pk])


def _divided(lost: DispatchRow) -> tuple[list[DispatchRow], list[DispatchRow]]:
    """Return what arrived of a series, and what comes from the first that did not."""
    line_to(lost.peer)
    series = list(
        DispatchRow.objects.select_for_update()
        .filter(peer=lost.peer, case=lost.case, content=Content.STATEMENT, superseded=False)
        .order_by("seq")
    )
    first = next((row.seq for row in series if Delivery(row.state) in UNDELIVERED), None)
    if first is None:
        raise Refused("delivery.not_failed", f"{lost}: is on its way or has arrived")
    later = [row for row in series if row.seq >= first]
    arrived = [row for row in later if Delivery(row.state) not in UNDELIVERED | OPEN]
    if arrived:
        raise Refused(
            "delivery.later_arrived",
            f"{lost}: cannot be signed anew",
            reasons=(f"{lost.peer} has statement {arrived[0].seq} of the case, which follows it",),
            hint="Settle it with the other authority by another channel, and begin a new request.",
        )
    return [row for row in series if row.seq < first], later


def _replace_all(record: Recorder, arrived: list[DispatchRow], later: list[DispatchRow]) -> None:
    previous = Sha256(arrived[-1].sha256 or "") if arrived else None
    for seq, row in enumerate(later, start=arrived[-1].seq + 1 if arrived else 1):
        previous = _replace(record, row, seq, previous)


def _replace(record: Recorder, old: DispatchRow, seq: int, previous: Sha256 | None) -> Sha256:
    now = record.now
    statement = replace(
        read_payload(envelope.read(bytes(old.raw)).payload),
        id=new_object_id(),
        seq=seq,
        previous=previous,
        created=now,
        expires=now + DEFAULT_LIFETIME,
        directory=register.directory_head(),
    )
    raw = sign_statement(statement, seal=_signing.seal(now))
    digest = statement_digest(raw)
    retire(old)
    if Delivery(old.state) in OPEN:
        own_receipt(Kind.RELAY_FAILED, old, now=now, reason=_SUPERSEDED)
        old.state = Delivery.FAILED.value
    old.superseded, old.updated = True, now
    old.save(update_fields=["state", "superseded", "updated"])
    new = DispatchRow.objects.create(
        peer=old.peer,
        content=old.content,
        priority=old.priority,
        state=Delivery.QUEUED.value,
        created=now,
        expires=statement.expires,
        updated=now,
        sha256=digest,
        identifier=statement.id,
        type=old.type,
        case=old.case,
        seq=seq,
        raw=raw,
    )
    own_receipt(Kind.SUBMITTED, new, now=now)
    _record(record, old, digest)
    return digest


def _record(record: Recorder, old: DispatchRow, digest: Sha256) -> None:
    private: Object = {"request": str(old.case), "statement": digest, "instead_of": old.sha256}
    subject = ("request", str(old.case))
    record(
        event="statement.signed_anew",
        subject=subject,
        request=old.case,
        private=private,
        peer=old.peer,
    )
    # The requested side asks for the proof that the statement it has was logged as sent.
    for row in AuditRow.objects.filter(request=old.case, event=SENT).order_by("pk"):
        payload = json.read_object(bytes(row.payload))
        if payload.get("statement") == old.sha256:
            record(
                event=SENT,
                subject=subject,
                request=old.case,
                private={**payload, "statement": digest},
                peer=old.peer,
            )
