# SPDX-License-Identifier: Apache-2.0
"""Requests for assistance: every intention of an officer, and every message of a peer.

One function an intention; each is one transaction, checks the officer's role,
asks the core to decide and records what happened. `OFFICER_ACTIONS` is the
table that desk, console and tests go by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from comity.assistance.decide import received as from_peer
from comity.assistance.facts import RequestFacts
from comity.assistance.messages import EvidenceDelivery, EvidenceReceipt, Message, RequestMessage
from comity.assistance.model import Direction
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId, parse_object_id
from comity.canonical.time import Instant
from comity.errors import Conflict, Invalid, Refused
from comity.node import permissions
from comity.node.permissions import Officer
from comity.node.services import law, ledger, packages
from comity.node.services._record import Recorder, recording
from comity.node.services._rejected import take_back
from comity.node.services._requests import (
    apply,
    gather,
    locked,
    locked_for,
    newest_event,
    peer_of,
)
from comity.node.services._telling import Told, tell_message, with_handling
from comity.node.services.accounts import officer_of
from comity.node.services.answering import (
    accept_request,
    acknowledge_request,
    close_incoming,
    deliver_in_part,
    deliver_request,
    offer_condition,
    open_consultation,
    postpone_request,
    proceed_without_reply,
    refuse_request,
    report_preservation,
    report_progress,
    request_information,
    start_execution,
    take_up_request,
)
from comity.node.services.asking import (
    accept_condition,
    close_outgoing,
    confirm_receipt,
    decline_condition,
    reject_package,
    reply_consultation,
    supplement_request,
    withdraw_request,
)
from comity.node.services.drafting import (
    approve_request,
    choose_basis,
    create_request,
    discard_draft,
    next_reference,
    return_to_draft,
    save_fields,
    send_request,
    submit_request,
)
from comity.node.store import mapping
from comity.node.store.models import AssignmentRow, OfficerRow, RequestRow
from comity.protocol.statement import Handling

__all__ = [
    "OFFICER_ACTIONS",
    "accept_condition",
    "accept_request",
    "acknowledge_request",
    "approve_request",
    "assign_request",
    "assign_requests",
    "choose_basis",
    "close_incoming",
    "close_outgoing",
    "confirm_receipt",
    "create_request",
    "decline_condition",
    "deliver_in_part",
    "deliver_request",
    "discard_draft",
    "offer_condition",
    "open_consultation",
    "perform",
    "postpone_request",
    "proceed_without_reply",
    "refuse_request",
    "reject_package",
    "reply_consultation",
    "report_preservation",
    "report_progress",
    "request_information",
    "return_to_draft",
    "save_fields",
    "send_request",
    "start_execution",
    "submit_request",
    "supplement_request",
    "take_message",
    "take_up_request",
    "withdraw_request",
]

#: The service of every officer action. All take `officer`, `now`, `request_id`, and by name
#: the inputs of the action's form (`comity.assistance.actions`).
OFFICER_ACTIONS: Final[Mapping[tuple[Direction, str], Callable[..., RequestFacts]]] = (
    MappingProxyType(
        {
            (Direction.OUTGOING, "save_fields"): save_fields,
            (Direction.OUTGOING, "submit"): submit_request,
            (Direction.OUTGOING, "discard"): discard_draft,
            (Direction.OUTGOING, "return_to_draft"): return_to_draft,
            (Direction.OUTGOING, "approve"): approve_request,
            (Direction.OUTGOING, "send"): send_request,
            (Direction.OUTGOING, "supplement"): supplement_request,
            (Direction.OUTGOING, "accept_condition"): accept_condition,
            (Direction.OUTGOING, "decline_condition"): decline_condition,
            (Direction.OUTGOING, "reply_consultation"): reply_consultation,
            (Direction.OUTGOING, "confirm_receipt"): confirm_receipt,
            (Direction.OUTGOING, "reject_package"): reject_package,
            (Direction.OUTGOING, "withdraw"): withdraw_request,
            (Direction.OUTGOING, "close"): close_outgoing,
            (Direction.INCOMING, "acknowledge"): acknowledge_request,
            (Direction.INCOMING, "request_information"): request_information,
            (Direction.INCOMING, "offer_condition"): offer_condition,
            (Direction.INCOMING, "open_consultation"): open_consultation,
            (Direction.INCOMING, "proceed_without_reply"): proceed_without_reply,
            (Direction.INCOMING, "accept"): accept_request,
            (Direction.INCOMING, "refuse"): refuse_request,
            (Direction.INCOMING, "postpone"): postpone_request,
            (Direction.INCOMING, "take_up"): take_up_request,
            (Direction.INCOMING, "start_execution"): start_execution,
            (Direction.INCOMING, "report_preservation"): report_preservation,
            (Direction.INCOMING, "report_progress"): report_progress,
            (Direction.INCOMING, "deliver_in_part"): deliver_in_part,
            (Direction.INCOMING, "deliver"): deliver_request,
            (Direction.INCOMING, "close"): close_incoming,
        }
    )
)


def perform(
    *,
    officer: Officer,
    now: Instant,
    request_id: str,
    action: str,
    inputs: Mapping[str, Any],
    seen: int | None = None,
) -> RequestFacts:
    """Take the action of that name on a request, with the inputs of its form.

    `seen` is the newest event of the page that the officer decided on: if there is a newer one
    by now, `Conflict` (`request.moved_on`). Without it the state alone decides.
    """
    identifier = parse_object_id(str(request_id), what="request")
    row = RequestRow.objects.filter(pk=identifier).only("direction", "state").first()
    if row is None or not permissions.may_read(officer, row):
        # Whether it exists is not told to who may not see it.
        raise permissions.denied(action, [])
    service = OFFICER_ACTIONS.get((Direction(row.direction), action))
    if service is None:
        raise Invalid("request.action", f"{action[:40]!r} is no action on this request")
    with ledger.stopping_at_disk_errors(), transaction.atomic():
        if seen is not None:
            _require_unmoved(identifier, seen)
        return service(officer=officer, now=now, request_id=identifier, **inputs)


def _require_unmoved(identifier: str, seen: int) -> None:
    """Lock the request, and refuse if anything happened that the officer has not seen."""
    RequestRow.objects.select_for_update().get(pk=identifier)
    if newest_event(identifier) != seen:
        raise Conflict(
            "request.moved_on",
            "something happened on this request after the page was opened, so nothing was done",
            hint="What you wrote is still below. Look at what is new, then decide again.",
        )


def assign_request(*, officer: Officer, now: Instant, request_id: str, to: str) -> RequestFacts:
    """Give a request to an officer (their identifier or login), who must be able to read it."""
    with recording(officer=officer, now=now) as record:
        return _assign(record, officer, request_id, to)


def assign_requests(
    *, officer: Officer, now: Instant, request_ids: Iterable[str], to: str
) -> tuple[RequestFacts, ...]:
    """Give several requests to an officer: all of them, or none if one cannot be given."""
    chosen = tuple(dict.fromkeys(request_ids))
    if not chosen:
        raise Invalid("request.none_chosen", "no request was chosen")
    with recording(officer=officer, now=now) as record:
        return tuple(_assign(record, officer, request_id, to) for request_id in chosen)


def _assign(record: Recorder, officer: Officer, request_id: str, to: str) -> RequestFacts:
    row = locked_for(officer, "assign", request_id)
    chosen = _officer(to)
    if not permissions.may_read(officer_of(chosen), row):
        raise Refused(
            "request.assignment",
            f"{row.reference} cannot be given to {chosen.name}",
            reasons=("their roles do not let them read it",),
        )
    row.assigned_to, row.updated = chosen, record.now
    row.save(update_fields=["assigned_to", "updated"])
    AssignmentRow.objects.create(request=row, officer=chosen, by_id=officer.id, at=record.now)
    audit = record(
        event="request.assigned",
        subject=("request", row.pk),
        request=row.pk,
        private={"request": str(row.pk), "officer": str(chosen.pk), "by": officer.id},
    )
    record.tell(audit, request=row.pk, facts=(("Given to", chosen.name),))
    return mapping.facts_of(row)


def take_message(
    *,
    sender: AuthorityId,
    message: Message,
    statement: Sha256,
    said_at: Instant,
    now: Instant,
    handling: Handling | None = None,
) -> RequestFacts:
    """Take in a peer's verified message: what it says happens to our record.

    `statement` is the digest of the signed statement it came in, `said_at` the
    time the statement gives for itself, `handling` what it says of its use. Raises
    `Refused`, `Invalid` or `Conflict` for a message that cannot come now, is about
    something unknown, or contradicts what is known; then nothing has changed.
    """
    with recording(officer=None, now=now) as record:
        if isinstance(message, RequestMessage):
            row, decision = _new_request(message, sender, now=now)
        else:
            row = locked(message.request_id)
            if peer_of(row) != sender:
                raise Invalid(
                    "assistance.sender", f"{row.reference} is no request shared with {sender}"
                )
            decision = from_peer.take(situation=gather(row, now=now), message=message)
        apply(
            record,
            row,
            decision,
            now=now,
            caused_by=sender,
            statement=statement,
            told=with_handling(_told(message), handling or Handling()),
            said_at=said_at,
        )
        if isinstance(message, RequestMessage):
            assessment = law.assess_content(message.content, as_of=now.date())
            law.keep_assessment(row, assessment, now=now)
        if isinstance(message, EvidenceReceipt) and not message.verified:
            take_back(row=row, package_id=message.package_id)
        if isinstance(message, EvidenceDelivery):
            packages.expect_package(row=row, message=message, now=now)
        return decision.request


def _told(message: Message) -> Told:
    """Return what a message says, and of a request what the law here does not know of it."""
    told = tell_message(message)
    unknown = law.unknown_offences(message.content) if isinstance(message, RequestMessage) else ()
    if not unknown:
        return told
    return Told(told.text, (*told.facts, ("Offences unknown to the law here", ", ".join(unknown))))


def _new_request(
    message: RequestMessage, sender: AuthorityId, *, now: Instant
) -> tuple[RequestRow, Any]:
    content = message.content
    if RequestRow.objects.filter(pk=content.request_id).exists():
        raise Conflict(
            "request.known", f"{content.request_id}: another request has this identifier here"
        )
    decision = from_peer.receive(
        message=message, sender=sender, recipient=AuthorityId(settings.CONFIG.authority), now=now
    )
    row = RequestRow(id=UUID(content.request_id), reference=next_reference(now), created=now)
    return row, decision


def _officer(to: str) -> OfficerRow:
    active = OfficerRow.objects.filter(is_active=True)
    by_id = active.filter(pk=to) if _is_uuid(to) else active.filter(login=to)
    row = by_id.first()
    if row is None:
        raise Invalid("officer.unknown", f"there is no active officer {to[:60]!r} here")
    return row


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
