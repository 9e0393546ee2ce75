# SPDX-License-Identifier: Apache-2.0
"""The page of one request: everything about it that this officer may see."""

from __future__ import annotations

from comity.assistance.clocks import clocks
from comity.assistance.facts import BasisFacts, RequestFacts, Situation
from comity.assistance.fields import Answers, Field, field_of, form_for
from comity.assistance.guards import APPROVALS_NEEDED, needs_reason_for_haste
from comity.assistance.labels import TURN_LABELS, state_label
from comity.assistance.model import Direction, Kind, State
from comity.assistance.tables import EVIDENCE_WORK
from comity.canonical.time import Instant
from comity.node import permissions
from comity.node.permissions import Officer
from comity.node.queries import _labels
from comity.node.queries._actions import actions
from comity.node.queries._common import Parties, names, readable_request, turn_of
from comity.node.queries._course import conditions, delivery, timeline
from comity.node.queries._evidence import exhibits, packages
from comity.node.queries._messages import troubles
from comity.node.queries.views import (
    ApprovalView,
    BasisView,
    ChecklistItem,
    Choice,
    ClockView,
    FieldView,
    LinkView,
    OfficerView,
    RequestPage,
    SectionView,
)
from comity.node.services import law
from comity.node.services._requests import gather
from comity.node.services.accounts import officer_of
from comity.node.store.models import OfficerRow, RequestRow
from comity.workflow.table import Turn


def request_page(*, officer: Officer, request_id: str, now: Instant) -> RequestPage:
    """Return everything about a request.

    Raises `Refused` (`permission.denied`) if the officer may not see it or it is not there.
    """
    row = readable_request(officer, request_id)
    situation = gather(row, now=now, officer=officer)
    request = situation.request
    content = request.content
    parties = Parties()
    officers = names()
    pack = law.pack()
    return RequestPage(
        request_id=str(row.pk),
        reference=row.reference,
        peer_reference=_peer_reference(row, request),
        title=content.title,
        kind=row.kind,
        kind_label=_labels.KINDS[row.kind],
        measure=row.measure,
        measure_label=pack.measures[row.measure].label,
        offences=tuple(
            Choice(value=name, label=pack.offences[name].label if name in pack.offences else name)
            for name in content.offences
        ),
        direction=row.direction,
        state=row.state,
        state_label=state_label(
            direction=request.direction, kind=request.kind, state=request.state
        ),
        outcome=row.outcome,
        turn=turn_of(row),
        turn_label=TURN_LABELS[Turn(row.turn)],
        urgent=row.urgency in _labels.URGENT,
        urgency=row.urgency,
        requesting=parties.view(row.requesting),
        requested=parties.view(row.requested),
        basis=_basis(row, situation, officers),
        sections=_sections(request, situation.basis),
        editable=_editable(officer, row),
        checklist=_checklist(request, situation.basis),
        actions=actions(officer, row, situation),
        timeline=timeline(row, parties, officers),
        clocks=_clocks(situation, now),
        conditions=conditions(row, request),
        exhibits=exhibits(officer, row, parties),
        packages=packages(officer, row, request),
        approvals=_approvals(row, officers),
        approvals_needed=APPROVALS_NEEDED,
        delivery=delivery(row, parties),
        troubles=troubles(row, parties, now),
        linked=_linked(officer, row),
        assigned_to=_officer_view(row.assigned_to) if row.assigned_to else None,
        assignable=_assignable(officer, row, officers),
        may_register_exhibit=row.state in EVIDENCE_WORK
        and permissions.may(officer, "register_exhibit", row),
        may_assemble=row.state in EVIDENCE_WORK
        and permissions.may(officer, "assemble_package", row),
        created=row.created,
        updated=row.updated,
        version=row.version,
        newest=row.newest,  # type: ignore[attr-defined]  # by readable_request
        digest=row.content_sha256,
    )


def _peer_reference(row: RequestRow, request: RequestFacts) -> str:
    """The other side's number: theirs in the request, or as they acknowledged it."""
    return request.content.reference if row.direction == "incoming" else row.local_reference


def _editable(officer: Officer, row: RequestRow) -> bool:
    drafting = row.state in {State.DRAFT, State.AWAITING_APPROVAL}
    return drafting and permissions.may(officer, "save_fields", row)


def _basis(
    row: RequestRow, situation: Situation, officers: dict[str, OfficerRow]
) -> BasisView | None:
    basis = situation.basis
    if basis is None:
        return None
    summary = situation.request.content.assessment
    chosen = officers.get(str(row.basis_chosen_by_id))
    return BasisView(
        instrument=basis.instrument,
        title=basis.title,
        article=basis.article,
        status=basis.status,
        chosen_by=chosen.name if chosen else "",
        reasons=(summary.choice_reason,) if summary and summary.choice_reason else (),
    )


def _sections(request: RequestFacts, basis: BasisFacts | None) -> tuple[SectionView, ...]:
    required = {one.field: one.article for one in basis.requires if one.required} if basis else {}
    if needs_reason_for_haste(request.content):
        required.setdefault("urgency_reason", "")
    answers = request.fields
    form = form_for(kind=request.kind, required=required)
    sections: dict[str, list[Field]] = {}
    for field in form:
        sections.setdefault(field.section.value, []).append(field)
    return tuple(_section(title, fields, answers, required) for title, fields in sections.items())


def _section(
    title: str, fields: list[Field], answers: Answers, required: dict[str, str]
) -> SectionView:
    missing = [one for one in fields if one.id in required and not answers.has(one.id)]
    if missing:
        status = "incomplete"
    elif any(one.id in required or answers.has(one.id) for one in fields):
        status = "complete"
    else:
        status = "optional"
    return SectionView(
        id=fields[0].section.name.lower().replace("_", "-"),
        title=title,
        fields=tuple(_field(one, answers, required) for one in fields),
        status=status,
    )


def _field(field: Field, answers: Answers, required: dict[str, str]) -> FieldView:
    value = answers.get(field.id)
    return FieldView(
        id=field.id,
        label=field.label,
        help=field.help,
        kind=field.kind.value,
        value="" if value is None else value,
        max_length=field.max_length,
        choices=tuple(Choice(value=name, label=label) for name, label in field.choices),
        required=field.id in required,
        article=required.get(field.id, ""),
    )


def _checklist(request: RequestFacts, basis: BasisFacts | None) -> tuple[ChecklistItem, ...]:
    if basis is None:
        return ()
    answers = request.fields
    return tuple(
        ChecklistItem(
            field=one.field,
            label=_label(one.field, one.label),
            article=one.article,
            status="present" if answers.has(one.field) else "missing",
            required=one.required,
        )
        for one in basis.requires
    )


def _label(field: str, fallback: str) -> str:
    from comity.errors import Invalid

    try:
        return field_of(field).label
    except Invalid:
        return fallback


def _clocks(situation: Situation, now: Instant) -> tuple[ClockView, ...]:
    legal = situation.basis.clocks if situation.basis else ()
    return tuple(
        ClockView(
            id=one.id,
            label=one.label,
            starts=one.starts,
            due=one.due,
            article=one.article,
            status=one.status.value,
            consequence=one.consequence,
        )
        for one in clocks(request=situation.request, legal=legal, now=now)
    )


def _approvals(row: RequestRow, officers: dict[str, OfficerRow]) -> tuple[ApprovalView, ...]:
    return tuple(
        ApprovalView(
            officer=officers[str(one.officer_id)].name,
            officer_login=officers[str(one.officer_id)].login,
            at=one.at,
            digest=one.digest,
            current=one.digest == row.content_sha256,
        )
        for one in row.approval_rows.order_by("at", "pk")
    )


def _linked(officer: Officer, row: RequestRow) -> tuple[LinkView, ...]:
    found = []
    if row.preservation_of is not None:
        earlier = RequestRow.objects.filter(pk=row.preservation_of, direction=row.direction)
        found += [(one, "preservation_of") for one in earlier]
    later = RequestRow.objects.filter(preservation_of=row.pk, direction=row.direction)
    found += [(one, "continued_by") for one in later.order_by("created")]
    return tuple(
        LinkView(
            request_id=str(one.pk),
            reference=one.reference,
            title=one.title,
            relation=relation,
            state_label=state_label(
                direction=Direction(one.direction), kind=Kind(one.kind), state=State(one.state)
            ),
        )
        for one, relation in found
        if permissions.may_read(officer, one)
    )


def _assignable(
    officer: Officer, row: RequestRow, officers: dict[str, OfficerRow]
) -> tuple[Choice, ...]:
    if not permissions.may(officer, "assign", row):
        return ()
    active = [one for one in officers.values() if one.is_active]
    return tuple(
        Choice(value=str(one.pk), label=one.name)
        for one in sorted(active, key=lambda one: one.name)
        if permissions.may_read(officer_of(one), row)
    )


def _officer_view(row: OfficerRow) -> OfficerView:
    found = officer_of(row)
    return OfficerView(
        id=found.id, login=found.login, name=found.name, roles=tuple(sorted(found.roles))
    )
