# SPDX-License-Identifier: Apache-2.0
"""Messages of the requesting side, as they change the record of the side that was asked.

An answer counts only for the question it names; a late one is recorded and changes
no state.
"""

from __future__ import annotations

from dataclasses import replace

from comity.assistance.decide.step import Decision, move, released
from comity.assistance.facts import (
    PackageStatus,
    Situation,
)
from comity.assistance.messages import (
    AdditionalInformation,
    ConditionReply,
    ConsultationReply,
    EvidenceReceipt,
    Withdrawal,
)
from comity.assistance.model import ConditionStatus, State
from comity.errors import Conflict, Invalid


def additional_information(situation: Situation, message: AdditionalInformation) -> Decision:
    """Take further information: the answer to the open question, or beside it."""
    request = situation.request
    known = {entry.id for entry in request.questions}
    if message.answers is not None and message.answers not in known:
        raise Invalid("assistance.answers", "answers: no such question")
    question = request.open_question
    if message.answers is None:
        action = "information_added"
    elif question and question.id == message.answers:
        action = "information_supplied"
    else:
        action = "earlier_answer_received"
    return move(
        situation,
        action,
        by_officer=False,
        after=replace(
            request,
            questions=tuple(
                replace(entry, answered=True) if entry.id == message.answers else entry
                for entry in request.questions
            ),
            supplements=request.supplements.merged(message.fields),
        ),
        details={"answers": message.answers, "fields": [name for name, _ in message.fields.items]},
    )


def condition_reply(situation: Situation, message: ConditionReply) -> Decision:
    """Take the answer to an offer; an acceptance that comes late binds all the same."""
    request = situation.request
    offer = next((entry for entry in request.offers if entry.id == message.answers), None)
    if offer is None:
        raise Invalid("assistance.answers", "answers: no such offer")
    if offer.status in {ConditionStatus.ACCEPTED, ConditionStatus.DECLINED}:
        raise Conflict("assistance.answered", "answers: the offer was answered already")
    status = ConditionStatus.ACCEPTED if message.accepted else ConditionStatus.DECLINED
    open_offer = request.open_offer
    if open_offer is None or open_offer.id != offer.id:
        action = "earlier_answer_received"
    else:
        action = "condition_accepted" if message.accepted else "condition_declined"
    return move(
        situation,
        action,
        by_officer=False,
        after=replace(
            request,
            offers=tuple(
                replace(entry, status=status) if entry.id == offer.id else entry
                for entry in request.offers
            ),
        ),
        details={
            "answers": offer.id,
            "accepted": message.accepted,
            "conditions": [condition.id for condition in offer.conditions],
        },
    )


def consultation_reply(situation: Situation, message: ConsultationReply) -> Decision:
    """Take the reply in a consultation."""
    request = situation.request
    if message.answers not in {entry.id for entry in request.consultations}:
        raise Invalid("assistance.answers", "answers: no such consultation")
    consultation = request.open_consultation
    in_time = consultation is not None and consultation.id == message.answers
    return move(
        situation,
        "consultation_replied" if in_time else "earlier_answer_received",
        by_officer=False,
        after=replace(
            request,
            consultations=tuple(
                replace(entry, replied=True) if entry.id == message.answers else entry
                for entry in request.consultations
            ),
        ),
        details={"answers": message.answers},
    )


def receipt(situation: Situation, message: EvidenceReceipt) -> Decision:
    """Take the receipt of a package, or its rejection."""
    request = situation.request
    package = request.package(message.package_id)
    if package is None:
        raise Invalid("assistance.package", "package_id: was not delivered")
    if package.status is not PackageStatus.DELIVERED:
        raise Conflict("assistance.answered", "package_id: the package was answered already")
    status = PackageStatus.CONFIRMED if message.verified else PackageStatus.REJECTED
    return move(
        situation,
        "receipt_confirmed" if message.verified else "package_rejected",
        by_officer=False,
        after=request.with_package(replace(package, status=status)),
        details={
            "package": package.id,
            "report": message.report,
            "statements": list(message.statements),
        },
    )


def withdrawal(situation: Situation, _message: Withdrawal) -> Decision:
    """Take the withdrawal of the request."""
    held = situation.request.hold is not None and situation.request.state is State.DELIVERED
    return move(
        situation,
        "withdrawn",
        by_officer=False,
        further=released(situation) if held else (),
    )
