# SPDX-License-Identifier: Apache-2.0
"""What an officer of the requesting side does: one function per action.

Each takes the situation and the inputs of its form (`comity.assistance.actions`)
and returns a decision, or raises: `Refused` with every reason, `Invalid` for an
input that is wrong, `Conflict` where the contents are not those that were read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from comity.assistance.content import RequestContent
from comity.assistance.decide.step import Decision, further_event, move, whole_seconds
from comity.assistance.events import APPROVAL_RECALLED, EVENT_OF, Event
from comity.assistance.facts import Approval, Package, PackageStatus, RequestFacts, Situation
from comity.assistance.fields import Answers
from comity.assistance.messages import (
    AdditionalInformation,
    Closure,
    ClosureReason,
    ConditionReply,
    ConsultationReply,
    EvidenceReceipt,
    PreservationResult,
    RequestMessage,
    Withdrawal,
)
from comity.assistance.model import ConditionStatus, Direction, Kind, OfficerRole
from comity.assistance.tables import OUTGOING
from comity.canonical.digest import Sha256
from comity.canonical.ids import ObjectId
from comity.canonical.time import Instant
from comity.errors import Conflict, Invalid, Refused


def create(
    *, content: RequestContent, officer: str, roles: Iterable[str], now: Instant
) -> Decision:
    """Begin a draft. Raises `Refused` without the role `drafter`."""
    if OfficerRole.DRAFTER.value not in frozenset(roles):
        raise Refused("workflow.role", "a request is drafted by a drafter", reasons=("drafter",))
    content.check()
    request = RequestFacts(direction=Direction.OUTGOING, content=content, state=OUTGOING.initial)
    event = Event(
        name=EVENT_OF[Direction.OUTGOING, OUTGOING.opening],
        request_id=request.id,
        at=now,
        officer=officer,
        details={"digest": content.digest, "kind": content.kind.value},
    )
    return Decision(request=request, turn=OUTGOING.turns[request.state], events=(event,))


def save_fields(*, situation: Situation, content: RequestContent) -> Decision:
    """Keep other contents; approvals that were given are recalled.

    The identity of the request (identifier, reference, kind, both authorities)
    stays: `Invalid` otherwise.
    """
    old = situation.request.content
    for name in ("request_id", "reference", "kind", "requesting", "requested"):
        if getattr(old, name) != getattr(content, name):
            raise Invalid("assistance.identity", f"{name}: cannot be changed in a draft")
    content.check()
    return move(
        situation,
        "save_fields",
        by_officer=True,
        after=replace(situation.request, content=content, approvals=()),
        details={"digest": content.digest},
        further=_recalled(situation),
    )


def submit(*, situation: Situation) -> Decision:
    """Give the draft to two officers for approval."""
    digest = situation.request.content.digest
    return move(
        situation,
        "submit",
        by_officer=True,
        after=replace(situation.request, approvals=()),
        details={"digest": digest},
    )


def discard(*, situation: Situation, reasons: str = "") -> Decision:
    """End a draft that will not be sent. `reasons` stay on this side."""
    return move(
        situation,
        "discard",
        by_officer=True,
        details={"digest": situation.request.content.digest},
        remark=reasons,
    )


def return_to_draft(*, situation: Situation, reasons: str = "") -> Decision:
    """Give the contents back; approvals are recalled. `reasons` stay on this side."""
    return move(
        situation,
        "return_to_draft",
        by_officer=True,
        after=replace(situation.request, approvals=()),
        details={"digest": situation.request.content.digest},
        further=_recalled(situation),
        remark=reasons,
    )


def approve(*, situation: Situation, digest: Sha256) -> Decision:
    """Approve the contents with this digest: those that the officer has read.

    Raises `Conflict` if the contents have changed since.
    """
    request = situation.request
    if digest != request.content.digest:
        raise Conflict(
            "assistance.contents_changed",
            "the contents have changed since you opened the page",
            hint="Open the request again and read it before you approve.",
        )
    at = whole_seconds(situation.now)
    approval = Approval(officer=situation.officer, digest=digest, at=at)
    return move(
        situation,
        "approve",
        by_officer=True,
        after=replace(request, approvals=(*request.valid_approvals, approval)),
        details={"digest": digest},
    )


def send(*, situation: Situation) -> Decision:
    """Send the request. Needs approvals of exactly these contents by two present approvers."""
    request = situation.request
    return move(
        situation,
        "send",
        by_officer=True,
        details={
            "digest": request.content.digest,
            "approved_by": [approval.officer for approval in situation.approvals],
        },
        messages=(RequestMessage(content=request.content),),
    )


def supplement(*, situation: Situation, text: str, fields: Answers | None = None) -> Decision:
    """Send further information; it answers the open question, if there is one."""
    request = situation.request
    fields = fields or Answers()
    question = request.open_question
    message = AdditionalInformation(
        request_id=request.id,
        answers=question.id if question else None,
        text=text,
        fields=fields,
    )
    questions = tuple(
        replace(entry, answered=True) if entry is question else entry for entry in request.questions
    )
    return move(
        situation,
        "supplement",
        by_officer=True,
        after=replace(request, questions=questions, supplements=request.supplements.merged(fields)),
        details={"answers": message.answers, "fields": [name for name, _ in fields.items]},
        messages=(message,),
    )


def accept_condition(*, situation: Situation) -> Decision:
    """Accept the offered conditions, which bind from now on (28(3))."""
    return _answer_offer(situation, accepted=True, reasons="")


def decline_condition(*, situation: Situation, reasons: str) -> Decision:
    """Decline the offered conditions, with reasons."""
    return _answer_offer(situation, accepted=False, reasons=reasons)


def reply_consultation(*, situation: Situation, text: str) -> Decision:
    """Reply in the open consultation."""
    request = situation.request
    consultation = request.open_consultation
    if consultation is None:
        return move(situation, "reply_consultation", by_officer=True)
    message = ConsultationReply(request_id=request.id, answers=consultation.id, text=text)
    consultations = (*request.consultations[:-1], replace(consultation, replied=True))
    return move(
        situation,
        "reply_consultation",
        by_officer=True,
        after=replace(request, consultations=consultations),
        details={"answers": consultation.id},
        messages=(message,),
    )


def confirm_receipt(
    *,
    situation: Situation,
    package_id: ObjectId,
    report: Sha256,
    statements: tuple[Sha256, ...],
) -> Decision:
    """Confirm a package that verified; `statements` are the custody events `received`."""
    package = _package(situation, package_id, PackageStatus.VERIFIED)
    message = EvidenceReceipt(
        request_id=situation.request.id,
        package_id=package_id,
        verified=True,
        report=report,
        statements=statements,
    )
    return _receipt(situation, "confirm_receipt", package, PackageStatus.CONFIRMED, message)


def reject_package(
    *,
    situation: Situation,
    package_id: ObjectId,
    report: Sha256,
    statements: tuple[Sha256, ...],
    reasons: str,
) -> Decision:
    """Reject a package that did not verify; the other side must send it again."""
    package = _package(situation, package_id, PackageStatus.FAILED)
    message = EvidenceReceipt(
        request_id=situation.request.id,
        package_id=package_id,
        verified=False,
        report=report,
        statements=statements,
        reasons=reasons,
    )
    return _receipt(situation, "reject_package", package, PackageStatus.REJECTED, message)


def withdraw(*, situation: Situation, reasons: str) -> Decision:
    """Withdraw the request."""
    message = Withdrawal(request_id=situation.request.id, reasons=reasons)
    return move(situation, "withdraw", by_officer=True, messages=(message,))


def close(*, situation: Situation, note: str = "") -> Decision:
    """Close the request; closing a preservation releases the data."""
    reason = closure_reason(situation)
    message = Closure(request_id=situation.request.id, reason=reason, note=note)
    return move(
        situation, "close", by_officer=True, details={"reason": reason.value}, messages=(message,)
    )


def closure_reason(situation: Situation) -> ClosureReason:
    """Return why the file is closed, as the record shows it."""
    request = situation.request
    if request.kind is Kind.MUTUAL_ASSISTANCE:
        return ClosureReason.COMPLETED
    hold = request.hold
    if hold is None or hold.result is PreservationResult.NO_DATA:
        return ClosureReason.NO_DATA
    if request.linked and not request.assistance_pending:
        return ClosureReason.PRESERVATION_DECIDED
    if hold.held_until and hold.held_until <= situation.now:
        return ClosureReason.PRESERVATION_LAPSED
    return ClosureReason.PRESERVATION_RELEASED


def _recalled(situation: Situation) -> tuple[Event, ...]:
    return tuple(
        further_event(
            situation,
            APPROVAL_RECALLED,
            {"digest": approval.digest, "approved_by": approval.officer},
        )
        for approval in situation.request.approvals
    )


def _answer_offer(situation: Situation, *, accepted: bool, reasons: str) -> Decision:
    request = situation.request
    action = "accept_condition" if accepted else "decline_condition"
    offer = request.open_offer
    if offer is None:
        return move(situation, action, by_officer=True)
    status = ConditionStatus.ACCEPTED if accepted else ConditionStatus.DECLINED
    message = ConditionReply(
        request_id=request.id, answers=offer.id, accepted=accepted, reasons=reasons
    )
    return move(
        situation,
        action,
        by_officer=True,
        after=replace(request, offers=(*request.offers[:-1], replace(offer, status=status))),
        details={
            "answers": offer.id,
            "conditions": [condition.id for condition in offer.conditions],
        },
        messages=(message,),
    )


def _package(situation: Situation, package_id: ObjectId, status: PackageStatus) -> Package:
    package = situation.request.package(package_id)
    if package is None:
        raise Invalid("assistance.package", f"package_id: {package_id} was not delivered")
    if package.status is not status:
        raise Refused(
            "assistance.package_status",
            "this package cannot be answered so",
            reasons=(f"the package is {package.status}, not {status}",),
        )
    return package


def _receipt(
    situation: Situation,
    action: str,
    package: Package,
    status: PackageStatus,
    message: EvidenceReceipt,
) -> Decision:
    return move(
        situation,
        action,
        by_officer=True,
        after=situation.request.with_package(replace(package, status=status)),
        details={
            "package": package.id,
            "report": message.report,
            "statements": list(message.statements),
        },
        messages=(message,),
    )
