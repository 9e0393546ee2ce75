# SPDX-License-Identifier: Apache-2.0
"""Between rows and the record that `comity.assistance` decides about.

`facts_of` reads the whole record of a request, `save_facts` writes the next one
that a decision returned. What one writes the other reads back unchanged; a
property test holds the two together.
"""

from __future__ import annotations

from uuid import UUID

from django.db import models

from comity.assistance.content import RequestContent
from comity.assistance.facts import (
    Approval,
    ConsultationFacts,
    Hold,
    LinkedAssistance,
    Offer,
    Package,
    PackageStatus,
    Question,
    RequestFacts,
)
from comity.assistance.messages import ConsultationSubject, PreservationResult
from comity.assistance.model import (
    Condition,
    ConditionKind,
    ConditionStatus,
    Direction,
    State,
)
from comity.assistance.tables import TABLES
from comity.canonical import json
from comity.canonical.digest import Sha256
from comity.canonical.ids import ObjectId
from comity.canonical.members import Members
from comity.canonical.time import Instant
from comity.node.store.models import (
    ApprovalRow,
    ConditionRow,
    ConsultationRow,
    DeliveryRow,
    HoldRow,
    OfferRow,
    QuestionRow,
    RequestRow,
)


def content_of(row: RequestRow) -> RequestContent:
    """Return the contents of a request."""
    value = json.read_canonical_object(bytes(row.content), what=f"request {row.reference}")
    return RequestContent.read(Members(value, what=f"request {row.reference}"))


def facts_of(row: RequestRow) -> RequestFacts:
    """Return the whole record of a request."""
    return RequestFacts(
        direction=Direction(row.direction),
        content=content_of(row),
        state=State(row.state),
        resume=State(row.resume) if row.resume else None,
        approvals=tuple(
            Approval(officer=str(a.officer_id), digest=Sha256(a.digest), at=a.at)
            for a in row.approval_rows.order_by("pk")
        ),
        received=row.received,
        local_reference=row.local_reference,
        questions=tuple(
            Question(id=_id(q.uid), reply_by=q.reply_by, answered=q.answered)
            for q in row.question_rows.order_by("position")
        ),
        offers=tuple(_offer(o) for o in row.offer_rows.order_by("position")),
        consultations=tuple(
            ConsultationFacts(
                id=_id(c.uid),
                about=ConsultationSubject(c.about),
                ground=c.ground,
                reply_by=c.reply_by,
                replied=c.replied,
                spent=c.spent,
            )
            for c in row.consultation_rows.order_by("position")
        ),
        accepted=row.accepted,
        packages=tuple(
            Package(
                id=_id(p.uid),
                exhibits=tuple(p.exhibits),
                complete=p.complete,
                replaces=tuple(ObjectId(name) for name in p.replaces),
                status=PackageStatus(p.status),
            )
            for p in row.delivery_rows.order_by("position")
        ),
        hold=_hold(row),
        linked=_linked(row),
        closed_by_peer=row.closed_by_peer,
    )


def save_facts(row: RequestRow, facts: RequestFacts, *, now: Instant) -> None:
    """Write the record; `row` must be locked by the caller.

    A row without a state in the database yet is inserted.
    """
    content = json.write(facts.content.to_json())
    if bytes(row.content or b"") != content:
        row.version = row.version + 1 if row.content else 1
    row.content, row.content_sha256 = content, facts.content.digest
    row.turn = TABLES[facts.direction].turns[facts.state].value
    row.direction, row.state = facts.direction.value, facts.state.value
    row.resume = facts.resume.value if facts.resume else ""
    row.outcome = facts.outcome.value
    row.title, row.kind = facts.content.title, facts.content.kind.value
    row.measure, row.urgency = facts.content.measure, facts.content.urgency.value
    row.requesting, row.requested = facts.content.requesting, facts.content.requested
    row.instrument, row.article = facts.content.instrument, facts.content.article
    row.preservation_of = _uuid(facts.content.preservation_of)
    row.received, row.local_reference = facts.received, facts.local_reference
    row.accepted, row.closed_by_peer = facts.accepted, facts.closed_by_peer
    row.linked_request = _uuid(facts.linked.request_id) if facts.linked else None
    row.linked_received = facts.linked.received if facts.linked else None
    row.linked_decided = facts.linked.decided if facts.linked else None
    row.updated = now
    row.save(force_insert=row._state.adding)  # noqa: SLF001 - Django's documented flag
    _save_approvals(row, facts)
    _save_questions(row, facts)
    _save_offers(row, facts, now)
    _save_consultations(row, facts)
    _save_deliveries(row, facts)
    _save_hold(row, facts)


def _offer(row: OfferRow) -> Offer:
    conditions = tuple(
        Condition(id=_id(c.uid), kind=ConditionKind(c.kind), text=c.text, article=c.article)
        for c in row.condition_rows.order_by("position")
    )
    return Offer(
        id=_id(row.uid),
        conditions=conditions,
        reply_by=row.reply_by,
        status=ConditionStatus(row.status),
    )


def _hold(row: RequestRow) -> Hold | None:
    found = HoldRow.objects.filter(request=row).first()
    if found is None:
        return None
    return Hold(
        result=PreservationResult(found.result),
        held_from=found.held_from,
        held_until=found.held_until,
        provider=found.provider,
        local_reference=found.local_reference,
        seq=found.seq,
    )


def _linked(row: RequestRow) -> LinkedAssistance | None:
    if row.linked_request is None:
        return None
    return LinkedAssistance(
        request_id=_id(row.linked_request),
        received=row.linked_received,
        decided=row.linked_decided,
    )


def _save_approvals(row: RequestRow, facts: RequestFacts) -> None:
    """Add new approvals; one that stands already is left as it is."""
    known = set(row.approval_rows.values_list("officer_id", "digest"))
    for approval in facts.approvals:
        if (UUID(approval.officer), approval.digest) not in known:
            ApprovalRow.objects.create(
                request=row, officer_id=approval.officer, digest=approval.digest, at=approval.at
            )


def _save_questions(row: RequestRow, facts: RequestFacts) -> None:
    for position, question in enumerate(facts.questions):
        fixed = {"uid": question.id, "reply_by": question.reply_by}
        _keep(QuestionRow, row, position, fixed, {"answered": question.answered})


def _save_offers(row: RequestRow, facts: RequestFacts, now: Instant) -> None:
    for position, offer in enumerate(facts.offers):
        stored = OfferRow.objects.filter(request=row, position=position).first()
        if stored is None:
            stored = OfferRow.objects.create(
                uid=offer.id,
                request=row,
                position=position,
                reply_by=offer.reply_by,
                status=offer.status.value,
                offered=now,
            )
            for place, condition in enumerate(offer.conditions):
                ConditionRow.objects.create(
                    uid=condition.id,
                    offer=stored,
                    position=place,
                    kind=condition.kind.value,
                    text=condition.text,
                    article=condition.article,
                )
        elif stored.status != offer.status.value:
            stored.status, stored.answered = offer.status.value, now
            stored.save()


def _save_consultations(row: RequestRow, facts: RequestFacts) -> None:
    for position, entry in enumerate(facts.consultations):
        changing = {"replied": entry.replied, "spent": entry.spent}
        fixed = {
            "uid": entry.id,
            "about": entry.about.value,
            "ground": entry.ground,
            "reply_by": entry.reply_by,
        }
        _keep(ConsultationRow, row, position, fixed, changing)


def _save_deliveries(row: RequestRow, facts: RequestFacts) -> None:
    for position, package in enumerate(facts.packages):
        fixed = {
            "uid": package.id,
            "exhibits": [*package.exhibits],
            "complete": package.complete,
            "replaces": [*package.replaces],
        }
        _keep(DeliveryRow, row, position, fixed, {"status": package.status.value})


def _keep(
    model: type[models.Model],
    row: RequestRow,
    position: int,
    fixed: dict[str, object],
    changing: dict[str, object],
) -> None:
    """Write the entry at `position`; what is `fixed` is written once and never changed."""
    model.objects.update_or_create(
        request=row,
        position=position,
        defaults=changing,
        create_defaults={**fixed, **changing},
    )


def _save_hold(row: RequestRow, facts: RequestFacts) -> None:
    hold = facts.hold
    if hold is None:
        return
    HoldRow.objects.update_or_create(
        request=row,
        defaults={
            "result": hold.result.value,
            "held_from": hold.held_from,
            "held_until": hold.held_until,
            "provider": hold.provider,
            "local_reference": hold.local_reference,
            "seq": hold.seq,
        },
    )


def _id(value: UUID) -> ObjectId:
    return ObjectId(str(value))


def _uuid(value: ObjectId | None) -> UUID | None:
    return UUID(value) if value else None
