# SPDX-License-Identifier: Apache-2.0
"""Proofs that the two sides of a request show each other of their own ledgers.

A package shows a court the requested authority's custody events; that the
requesting authority had sent this very request is in *its* ledger. So the
requested side asks for the proof of `request.sent` and packs it. Only the
authority to which a statement was sent can ask for its proof: the opening in it
names the request.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from comity.canonical import json
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.time import Instant
from comity.errors import ComityError, Invalid, Refused, Unavailable, Unverified
from comity.evidence.keyring import Keyring
from comity.evidence.proofs import check_proof
from comity.node.services import ledger
from comity.node.services._record import recording
from comity.node.services.trust import build_trust, package_keys
from comity.node.store.models import AuditRow, DispatchRow, PeerProofRow, RequestRow

#: The event whose proof the requested side packs.
SENT: Final = "request.sent"
_RECEIVED: Final = "request.received"
_FIRST_PAUSE: Final = timedelta(seconds=2)
_LONGEST_PAUSE: Final = timedelta(minutes=10)


def proof_for_peer(*, statement: Sha256, peer: AuthorityId) -> bytes:
    """Return the proof that we logged the sending of a request, to whom it was sent.

    Raises `Invalid` (`proof.unknown`) for anything else, `Unavailable`
    (`ledger.not_final`) until enough witnesses have cosigned.
    """
    dispatch = DispatchRow.objects.filter(sha256=statement, peer=peer).first()
    events = AuditRow.objects.filter(request=dispatch.case, event=SENT) if dispatch else ()
    for row in events:
        if json.read_object(bytes(row.payload)).get("statement") == statement:
            try:
                return ledger.proof(row.leaf_index)
            except Refused as error:
                raise Unavailable(error.code, error.message, hint=error.hint) from error
    raise Invalid("proof.unknown", f"no request was sent to {peer} as {statement[:16]}…")


def statement_of_request(request_id: UUID) -> Sha256:
    """Return the digest of the signed statement in which a request was sent, or came.

    Raises `Invalid` (`proof.unknown`) for a request of which neither is on record.
    """
    rows = AuditRow.objects.filter(request=request_id, event__in=(SENT, _RECEIVED))
    row = rows.order_by("pk").last()  # one that expired on its way was signed anew
    digest = json.read_object(bytes(row.payload)).get("statement") if row else None
    if not isinstance(digest, str):
        raise Invalid("proof.unknown", f"{request_id}: no request was sent or received as this")
    return Sha256(digest)


def wanted(now: Instant) -> list[RequestRow]:
    """Return the received requests whose proof of sending is to be asked for now."""
    rows = RequestRow.objects.filter(direction="incoming").exclude(
        proof_rows__event=SENT, proof_rows__next_attempt__isnull=True
    )
    late = PeerProofRow.objects.filter(event=SENT, next_attempt__gt=now)
    return list(rows.exclude(pk__in=late.values("request")).order_by("created"))


def keep_proof(*, request: RequestRow, data: bytes, now: Instant) -> None:
    """Verify the proof that the requesting authority gave, and keep it.

    Raises `Unverified` or `Invalid` unless it shows, cosigned as we demand it, that
    this very statement of this request was logged as sent.
    """
    authority = AuthorityId(request.requesting)
    proof = check_proof(
        data,
        authority=authority,
        event_type=SENT,
        keyring=Keyring(package_keys(authority)),
        trust=build_trust(now=now),
        now=now,
        what=f"proof of {request.reference}",
    )
    told = (proof.private.get("request"), proof.private.get("statement"))
    if told != (str(request.pk), statement_of_request(request.pk)):
        raise Unverified(
            "proof.other_request", f"the proof of {request.requesting} is about another request"
        )
    with recording(officer=None, now=now) as record:
        PeerProofRow.objects.update_or_create(
            request=request,
            authority=authority,
            event=SENT,
            defaults={"proof": data, "received": now, "next_attempt": None, "problem": ""},
        )
        record(
            event="proof.received",
            subject=("request", request.pk),
            request=request.pk,
            private={"request": str(request.pk), "authority": authority, "event": SENT},
            peer=authority,
        )


def postpone(*, request: RequestRow, error: ComityError, now: Instant) -> None:
    """Note that the proof could not be had yet; it is asked for again, less and less often."""
    key = {"request": request, "authority": request.requesting, "event": SENT}
    row = PeerProofRow.objects.filter(**key).first() or PeerProofRow(**key, received=now)
    row.attempts += 1
    row.next_attempt = now + min(_FIRST_PAUSE * 2 ** min(row.attempts - 1, 12), _LONGEST_PAUSE)
    row.problem = str(error.message)[:500]
    row.save()
