# SPDX-License-Identifier: Apache-2.0
"""Messages of the requested side, as they change the record of the side that asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from comity.assistance.decide.execution import hold_of, package_of
from comity.assistance.decide.step import (
    Decision,
    check_unknown,
    lapsed,
    move,
    postponed,
    postponement_details,
    released,
)
from comity.assistance.facts import (
    ConsultationFacts,
    Offer,
    Question,
    Situation,
)
from comity.assistance.messages import (
    Acknowledgement,
    Closure,
    ConditionOffer,
    Consultation,
    DecisionKind,
    DecisionNotice,
    EvidenceDelivery,
    ExecutionReport,
    InformationRequest,
    Postponement,
    PreservationReport,
    ProgressPhase,
)
from comity.assistance.model import Kind, State
from comity.canonical.json import Object
from comity.canonical.time import Instant, write_instant
from comity.errors import Invalid

#: How far the other side's clock may be ahead of ours.
CLOCK_TOLERANCE: Final = timedelta(days=1)


def acknowledgement(situation: Situation, message: Acknowledgement) -> Decision:
    """Take the acknowledgement: the other side has the request."""
    if message.received > situation.now + CLOCK_TOLERANCE:
        raise Invalid("assistance.received_time", "received: lies in the future")
    if _before_the_request(situation, message.received):
        raise Invalid("assistance.received_time", "received: before the request was approved here")
    return move(
        situation,
        "acknowledged",
        by_officer=False,
        after=replace(
            situation.request,
            received=message.received,
            local_reference=message.local_reference,
        ),
        details={"received": write_instant(message.received)},
    )


def information_request(situation: Situation, message: InformationRequest) -> Decision:
    """Take a question, which is open from now on."""
    request = situation.request
    check_unknown(message.id, (entry.id for entry in request.questions))
    _check_reply_by(situation, message.reply_by)
    question = Question(id=message.id, reply_by=message.reply_by)
    return move(
        situation,
        "information_requested",
        by_officer=False,
        after=replace(request, questions=(*request.questions, question)),
        details={"question": message.id, "reply_by": write_instant(message.reply_by)},
    )


def condition_offer(situation: Situation, message: ConditionOffer) -> Decision:
    """Take an offer of conditions."""
    request = situation.request
    check_unknown(message.id, (entry.id for entry in request.offers))
    _check_reply_by(situation, message.reply_by)
    offer = Offer(id=message.id, conditions=message.conditions, reply_by=message.reply_by)
    return move(
        situation,
        "condition_offered",
        by_officer=False,
        after=replace(request, offers=(*request.offers, offer)),
        details={
            "offer": message.id,
            "conditions": [condition.id for condition in message.conditions],
            "reply_by": write_instant(message.reply_by),
        },
    )


def consultation(situation: Situation, message: Consultation) -> Decision:
    """Take the opening of a consultation."""
    request = situation.request
    check_unknown(message.id, (entry.id for entry in request.consultations))
    _check_reply_by(situation, message.reply_by)
    entry = ConsultationFacts(
        id=message.id, about=message.about, ground=message.ground, reply_by=message.reply_by
    )
    return move(
        situation,
        "consultation_opened",
        by_officer=False,
        after=replace(request, consultations=(*request.consultations, entry)),
        details={
            "consultation": message.id,
            "about": message.about.value,
            "ground": message.ground,
            "reply_by": write_instant(message.reply_by),
        },
    )


def decision(situation: Situation, message: DecisionNotice) -> Decision:
    """Take the decision.

    A refusal names a consultation that was opened about refusing on the same ground and
    is over, an acceptance only conditions that were accepted.
    """
    request = situation.request
    if message.decision is DecisionKind.REFUSED:
        _check_consulted(situation, message)
        return move(
            situation,
            "refused",
            by_officer=False,
            details={"ground": message.ground, "consultation": message.consultation},
        )
    if not set(message.conditions) <= set(request.bound_conditions):
        raise Invalid("assistance.conditions", "conditions: names one that was not accepted")
    spent = tuple(replace(entry, spent=True) for entry in request.consultations)
    return move(
        situation,
        "accepted",
        by_officer=False,
        after=replace(request, accepted=True, consultations=spent),
        details={"conditions": [condition.id for condition in message.conditions]},
    )


def postponement(situation: Situation, message: Postponement) -> Decision:
    """Take the news that action is postponed, after a consultation about that (27(6))."""
    request = situation.request
    held = request.postponement_consultations
    named = next((entry for entry in held if entry.id == message.consultation), None)
    if held and named is None:
        raise Invalid("assistance.consultation", "consultation: unknown, or not about postponing")
    if named is not None and not named.over(situation.now + CLOCK_TOLERANCE):
        raise Invalid("assistance.consultation", "consultation: not answered, and not overdue")
    return move(
        situation,
        "postponed",
        by_officer=False,
        after=postponed(request, message),
        details=postponement_details(message),
    )


def _check_reply_by(situation: Situation, reply_by: Instant) -> None:
    """Refuse a date before there was anything to reply to.

    One that has merely passed is taken, and is overdue at once: it was right when the
    message was first made, which may have expired on its way and been signed anew.
    """
    if _before_the_request(situation, reply_by):
        raise Invalid("assistance.reply_by", "reply_by: before the request was approved here")


def _check_hold(situation: Situation, report: PreservationReport) -> None:
    """Refuse a hold that has not begun, or was over before there was a request for it."""
    if report.held_from and report.held_from > situation.now + CLOCK_TOLERANCE:
        raise Invalid("preservation.future", "held_from: lies in the future")
    if report.held_until and _before_the_request(situation, report.held_until):
        raise Invalid("preservation.over", "held_until: before the request was approved here")


def _before_the_request(situation: Situation, date: Instant) -> bool:
    """Whether a date lies before the request could have been sent, by any clock."""
    approved = max((entry.at for entry in situation.request.approvals), default=None)
    return approved is not None and date < approved - CLOCK_TOLERANCE


def _check_consulted(situation: Situation, message: DecisionNotice) -> None:
    """Refuse a refusal that rests on no consultation, another one, or one still open (27(6)).

    Where there was none at all the table refuses.
    """
    held = situation.request.refusal_consultations
    named = next((entry for entry in held if entry.id == message.consultation), None)
    if held and named is None:
        raise Invalid("assistance.consultation", "consultation: unknown, or not about a refusal")
    if named is not None and named.ground != message.ground:
        raise Invalid("assistance.consultation", "consultation: was about another ground")
    if named is not None and not named.over(situation.now + CLOCK_TOLERANCE):
        raise Invalid("assistance.consultation", "consultation: not answered, and not overdue")


def execution_report(situation: Situation, message: ExecutionReport) -> Decision:
    """Take a report of what is held, or of progress; an offer that was open has lapsed then."""
    request, report = situation.request, message.report
    if isinstance(report, PreservationReport):
        _check_hold(situation, report)
        hold = hold_of(report, request.hold)
        details: Object = {
            "result": report.result.value,
            "held_from": write_instant(report.held_from) if report.held_from else None,
            "held_until": write_instant(report.held_until) if report.held_until else None,
        }
        after = replace(request, hold=hold)
        return move(
            situation, "preservation_reported", by_officer=False, after=after, details=details
        )
    overdue = report.phase is ProgressPhase.REPLY_OVERDUE
    offers = lapsed(request.offers) if overdue else request.offers
    resumed = report.phase is ProgressPhase.RESUMED
    if request.state is State.POSTPONED and not resumed:
        raise Invalid("assistance.phase", "phase: the request is postponed and not taken up again")
    return move(
        situation,
        "progress_reported",
        by_officer=False,
        after=replace(request, offers=offers, postponed=None if resumed else request.postponed),
        details={"phase": report.phase.value},
    )


def delivery(situation: Situation, message: EvidenceDelivery) -> Decision:
    """Take the announcement of a package."""
    request = situation.request
    check_unknown(message.package_id, (package.id for package in request.packages))
    if not set(message.conditions) <= set(request.bound_conditions):
        raise Invalid("assistance.conditions", "conditions: names one that was not accepted")
    if not set(message.replaces) <= {package.id for package in request.rejected_packages}:
        raise Invalid("assistance.replaces", "replaces: only rejected packages are replaced")
    after = replace(request, packages=(*request.packages, package_of(message)))
    whole = message.complete and after.delivery_complete
    return move(
        situation,
        "evidence_delivered" if whole else "evidence_delivered_in_part",
        by_officer=False,
        after=after,
        details={
            "package": message.package_id,
            "seal": message.seal,
            "exhibits": [exhibit.number for exhibit in message.exhibits],
        },
    )


def closure(situation: Situation, message: Closure) -> Decision:
    """Take notice that the other side has closed its file."""
    request = situation.request
    preserved = request.kind is Kind.PRESERVATION and request.state is State.DELIVERED
    return move(
        situation,
        "closed_by_peer",
        by_officer=False,
        after=replace(request, closed_by_peer=True),
        details={"reason": message.reason.value},
        further=released(situation) if preserved else (),
    )
