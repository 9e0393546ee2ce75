# SPDX-License-Identifier: Apache-2.0
"""What an officer of the requested side does: one function per action.

Each takes the situation and the inputs of its form (`comity.assistance.actions`)
and returns a decision, or raises: `Refused` with every reason, `Invalid` for an
input that is wrong. Identifiers of new questions, offers and consultations are
given by the caller, as the core draws no random numbers.
"""

from __future__ import annotations

from dataclasses import replace

from comity.assistance.decide.execution import progress
from comity.assistance.decide.outgoing import closure_reason
from comity.assistance.decide.step import (
    Decision,
    check_reply_by,
    lapsed,
    move,
    postponed,
    postponement_details,
    whole_seconds,
)
from comity.assistance.facts import (
    ConsultationFacts,
    Ground,
    Offer,
    Question,
    Situation,
)
from comity.assistance.messages import (
    Acknowledgement,
    Closure,
    ConditionOffer,
    Consultation,
    ConsultationSubject,
    DataHeld,
    DecisionKind,
    DecisionNotice,
    InformationRequest,
    Postponement,
    ProgressPhase,
)
from comity.assistance.model import Condition, Kind
from comity.canonical.ids import ObjectId
from comity.canonical.text import is_blank
from comity.canonical.time import Instant, write_instant
from comity.errors import Invalid


def acknowledge(
    *, situation: Situation, local_reference: str, handled_by: str, next_step: str = ""
) -> Decision:
    """Acknowledge the request with this side's number."""
    request = situation.request
    message = Acknowledgement(
        request_id=request.id,
        local_reference=local_reference,
        handled_by=handled_by,
        received=request.received or whole_seconds(situation.now),
        next_step=next_step,
    )
    return move(
        situation,
        "acknowledge",
        by_officer=True,
        after=replace(request, local_reference=local_reference),
        details={"received": write_instant(message.received)},
        messages=(message,),
    )


def request_information(
    *,
    situation: Situation,
    question_id: ObjectId,
    question: str,
    data_held: DataHeld,
    reply_by: Instant,
    about: tuple[str, ...] = (),
) -> Decision:
    """Ask what is missing; the work waits until the answer or the date."""
    check_reply_by(reply_by, situation.now)
    request = situation.request
    message = InformationRequest(
        request_id=request.id,
        id=question_id,
        question=question,
        about=about,
        data_held=data_held,
        reply_by=reply_by,
    )
    return move(
        situation,
        "request_information",
        by_officer=True,
        after=replace(
            request, questions=(*request.questions, Question(id=question_id, reply_by=reply_by))
        ),
        details={"question": question_id, "reply_by": write_instant(reply_by)},
        messages=(message,),
    )


def offer_condition(
    *,
    situation: Situation,
    offer_id: ObjectId,
    conditions: tuple[Condition, ...],
    reply_by: Instant,
    explanation: str = "",
) -> Decision:
    """Offer assistance on conditions (27(6), 28(2))."""
    check_reply_by(reply_by, situation.now)
    if not conditions:
        raise Invalid("assistance.too_few", "conditions: at least one")
    request = situation.request
    message = ConditionOffer(
        request_id=request.id,
        id=offer_id,
        conditions=conditions,
        explanation=explanation,
        reply_by=reply_by,
    )
    offer = Offer(id=offer_id, conditions=conditions, reply_by=reply_by)
    return move(
        situation,
        "offer_condition",
        by_officer=True,
        after=replace(request, offers=(*request.offers, offer)),
        details={
            "offer": offer_id,
            "conditions": [condition.id for condition in conditions],
            "reply_by": write_instant(reply_by),
        },
        messages=(message,),
    )


def open_consultation(
    *,
    situation: Situation,
    consultation_id: ObjectId,
    about: ConsultationSubject,
    text: str,
    reply_by: Instant,
    ground: str = "",
) -> Decision:
    """Consult the requesting side before a refusal or postponement (27(6)).

    About a refusal, it names the ground, and serves a refusal on that ground alone.
    """
    check_reply_by(reply_by, situation.now)
    if about is ConsultationSubject.REFUSAL and not ground:
        raise Invalid("assistance.ground", "ground: needed before a refusal")
    if ground:
        _ground(situation, ground)
    request = situation.request
    message = Consultation(
        request_id=request.id,
        id=consultation_id,
        about=about,
        ground=ground,
        text=text,
        reply_by=reply_by,
    )
    entry = ConsultationFacts(id=consultation_id, about=about, ground=ground, reply_by=reply_by)
    return move(
        situation,
        "open_consultation",
        by_officer=True,
        after=replace(request, consultations=(*request.consultations, entry)),
        details={
            "consultation": consultation_id,
            "about": about.value,
            "ground": ground,
            "reply_by": write_instant(reply_by),
        },
        messages=(message,),
    )


def proceed_without_reply(*, situation: Situation, text: str = "") -> Decision:
    """Go on although no reply came in time; an offer that was open lapses."""
    request = situation.request
    return move(
        situation,
        "proceed_without_reply",
        by_officer=True,
        after=replace(request, offers=lapsed(request.offers)),
        messages=(progress(situation, ProgressPhase.REPLY_OVERDUE, text),),
    )


def accept(*, situation: Situation, note: str = "") -> Decision:
    """Accept the request, under the conditions that were accepted.

    A refusal afterwards needs a new consultation.
    """
    request = situation.request
    message = DecisionNotice(
        request_id=request.id,
        decision=DecisionKind.ACCEPTED,
        reasons=note,
        conditions=request.bound_conditions,
    )
    spent = tuple(replace(entry, spent=True) for entry in request.consultations)
    return move(
        situation,
        "accept",
        by_officer=True,
        after=replace(request, accepted=True, consultations=spent),
        details={"conditions": [condition.id for condition in request.bound_conditions]},
        messages=(message,),
    )


def refuse(*, situation: Situation, ground: str, reasons: str) -> Decision:
    """Refuse, on a ground that the basis allows, with reasons (27(7)), after consultation (27(6)).

    The consultation was about refusing on this very ground. Raises `Refused` with every
    reason, and `Invalid` for a ground that the law does not list or nobody was consulted about.
    """
    request = situation.request
    over = [entry for entry in request.refusal_consultations if entry.over(situation.now)]
    if not over or situation.basis is None:
        return move(situation, "refuse", by_officer=True)
    listed = _ground(situation, ground)
    held = [entry for entry in over if entry.ground == ground]
    if not held:
        raise Invalid(
            "assistance.ground_not_consulted",
            f"ground: {ground!r} is not what the other side was consulted about",
            hint="Consulted about: " + ", ".join(sorted({entry.ground for entry in over})),
        )
    message = DecisionNotice(
        request_id=request.id,
        decision=DecisionKind.REFUSED,
        ground=ground,
        article=listed.article,
        reasons=reasons,
        consultation=held[-1].id,
    )
    return move(
        situation,
        "refuse",
        by_officer=True,
        details={"ground": ground, "article": listed.article, "consultation": held[-1].id},
        messages=(message,),
    )


def postpone(
    *, situation: Situation, until: Instant, reasons: str, legal_ground: str = ""
) -> Decision:
    """Postpone action on the request, with reasons, after consultation (27(5) to (7)).

    The consultation was about postponing; it serves this postponement alone. `legal_ground`
    is needed where the law pack records no rule on postponing that applies.
    """
    request = situation.request
    if until <= situation.now:
        raise Invalid("assistance.until", "until: must lie in the future")
    held = [entry for entry in request.postponement_consultations if entry.over(situation.now)]
    if not held or request.kind is Kind.PRESERVATION:
        return move(situation, "postpone", by_officer=True)  # the table says why not
    message = Postponement(
        request_id=request.id,
        article=_postponing_under(situation, legal_ground),
        reasons=reasons,
        until=until,
        consultation=held[-1].id,
    )
    return move(
        situation,
        "postpone",
        by_officer=True,
        after=postponed(request, message),
        details=postponement_details(message),
        messages=(message,),
    )


def take_up(*, situation: Situation, text: str = "") -> Decision:
    """Take a postponed request up again where it stood."""
    return move(
        situation,
        "take_up",
        by_officer=True,
        after=replace(situation.request, postponed=None),
        messages=(progress(situation, ProgressPhase.RESUMED, text),),
    )


def close(*, situation: Situation, note: str = "") -> Decision:
    """Close this side's file: the receipt was confirmed, or the preservation is over."""
    reason = closure_reason(situation)
    message = Closure(request_id=situation.request.id, reason=reason, note=note)
    return move(
        situation, "close", by_officer=True, details={"reason": reason.value}, messages=(message,)
    )


def _postponing_under(situation: Situation, stated: str) -> str:
    """Return the officer's legal ground, or the article of the basis; empty if it names none.

    Where the law pack records no rule on postponing, or another treaty takes its place, a
    lawful postponement is still possible: the officer states what it rests on.
    """
    basis = situation.basis
    if not is_blank(stated):
        return stated
    if basis is None or not basis.postponement:
        raise Invalid(
            "assistance.legal_ground",
            "legal_ground: no rule on postponing is recorded that applies; state the legal ground",
            hint="Name the treaty or the law, and the article, that lets this request wait.",
            details={"field": "legal_ground"},
        )
    return basis.postponement_article


def _ground(situation: Situation, code: str) -> Ground:
    grounds = situation.basis.grounds if situation.basis else ()
    for ground in grounds:
        if ground.code == code:
            return ground
    raise Invalid(
        "assistance.ground",
        f"ground: {code[:60]!r} is not a ground of refusal of this basis",
        hint="One of: " + (", ".join(ground.code for ground in grounds) or "none"),
    )
