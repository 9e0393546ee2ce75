# SPDX-License-Identifier: Apache-2.0
"""Signing again what expired on its way, and everything of its case that waits behind it.

A receiver takes the statements of a case in their order and refuses one that has
expired. What expired before it arrived would therefore stop its case for ever. The
same words are signed once more, as a new statement at the same place of the series;
the old one is kept, marked as superseded, with the receipts that say what became of
it. The caller has asked the peer before that it does not have the old one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

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
from comity.node.store.models import AuditRow, DispatchRow
from comity.protocol.delivery import OPEN, UNDELIVERED, Delivery
from comity.protocol.parcel import Content
from comity.protocol.receipt import Kind, Reason
from comity.protocol.statement import (
    DEFAULT_LIFETIME,
    read_payload,
    sign_statement,
    statement_digest,
)

_SUPERSEDED: Final = Reason(
    code="delivery.superseded", text="it was signed anew with those before it"
)


def sign_anew(record: Recorder, lost: DispatchRow) -> None:
    """Sign the series of a lost statement anew from the first that did not arrive.

    Raises `Refused` (`delivery.later_arrived`) if the peer has one that follows: it
    names the old one as its predecessor, so another could never take its place.
    """
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
    earlier = [row for row in series if row.seq < first]
    previous = Sha256(earlier[-1].sha256 or "") if earlier else None
    for row in later:
        previous = _replace(record, row, previous)


def _replace(record: Recorder, old: DispatchRow, previous: Sha256 | None) -> Sha256:
    now = record.now
    statement = replace(
        read_payload(envelope.read(bytes(old.raw)).payload),
        id=new_object_id(),
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
        seq=old.seq,
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
