# SPDX-License-Identifier: Apache-2.0
"""From the first word of a request to its sending: draft, legal basis, two approvals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from uuid import UUID

from django.conf import settings

from comity.assistance.content import RequestContent
from comity.assistance.decide import outgoing
from comity.assistance.decide.step import Decision
from comity.assistance.facts import RequestFacts, Situation
from comity.assistance.fields import Answers
from comity.assistance.model import Direction, Kind, State, Urgency
from comity.canonical.digest import parse_sha256
from comity.canonical.ids import (
    AuthorityId,
    ObjectId,
    Reference,
    new_object_id,
    parse_authority_id,
    parse_object_id,
)
from comity.canonical.time import Instant
from comity.errors import Conflict, Invalid
from comity.law.answer import Assessment
from comity.node import permissions
from comity.node.permissions import Officer
from comity.node.services import _answers, law, register
from comity.node.services._record import Recorder, recording
from comity.node.services._requests import apply, gather, locked_for, step
from comity.node.store import mapping
from comity.node.store.models import CounterRow, RequestRow

_OUTGOING = Direction.OUTGOING


def create_request(
    *,
    officer: Officer,
    now: Instant,
    kind: str,
    requested: str,
    measure: str,
    offences: Sequence[str],
    title: str,
    urgency: str = Urgency.ORDINARY,
    preservation_of: str | None = None,
) -> RequestFacts:
    """Begin a draft; the law is asked at once, and its only usable basis taken.

    Raises `Unverified` (`peer.unknown`) for an authority that is not pinned and
    `Invalid` for anything that a request cannot hold.
    """
    permissions.require(officer, "create")
    register.peer(parse_authority_id(requested, what="requested"))
    earlier = _earlier(preservation_of)
    with recording(officer=officer, now=now) as record:
        content = RequestContent(
            request_id=new_object_id(),
            reference=next_reference(now),
            title=_answers.text(title),
            kind=_answers.choice(Kind, kind, name="kind"),
            measure=measure,
            requesting=AuthorityId(settings.CONFIG.authority),
            requested=AuthorityId(requested),
            urgency=_answers.choice(Urgency, urgency, name="urgency"),
            offences=tuple(offences),
            fields=Answers.of(_first_answers(earlier)),
            preservation_of=ObjectId(str(earlier.pk)) if earlier else None,
        )
        assessment = _assess(content, now)
        content = _with_only_basis(content, assessment)
        decision = outgoing.create(
            content=content, officer=officer.id, roles=officer.roles, now=now
        )
        row = RequestRow(
            id=UUID(content.request_id),
            reference=content.reference,
            created=now,
            created_by_id=officer.id,
            assigned_to_id=officer.id,
        )
        apply(record, row, decision, now=now)
        law.keep_assessment(row, assessment, now=now)
    return decision.request


def save_fields(
    *,
    officer: Officer,
    now: Instant,
    request_id: str,
    fields: Mapping[str, object],
    version: int,
    title: str | None = None,
    urgency: str | None = None,
) -> RequestFacts:
    """Keep answers as they are typed; blank ones are removed, the others stay.

    `version` is that of the page the officer sees: `Conflict` (`request.version`)
    if the draft was changed elsewhere since.
    """
    with recording(officer=officer, now=now) as record:
        row = _draft(officer, request_id, version)
        content = mapping.facts_of(row).content
        changed = replace(
            content,
            fields=_answers.merged(content.fields, fields),
            title=content.title if title is None else _answers.text(title),
            urgency=content.urgency
            if urgency is None
            else _answers.choice(Urgency, urgency, name="urgency"),
        )
        return _keep(record, row, changed, officer=officer, now=now)


def choose_basis(
    *,
    officer: Officer,
    now: Instant,
    request_id: str,
    instrument: str,
    version: int,
    reason: str = "",
) -> RequestFacts:
    """Put the request on a legal basis that the law names as usable or undetermined.

    Where it is undetermined, `reason` says why this officer chooses it; it is sent
    with the request.
    """
    with recording(officer=officer, now=now) as record:
        row = _draft(officer, request_id, version, action="choose_basis")
        content = mapping.facts_of(row).content
        assessment = _assess(content, now)
        basis, summary = law.choose(
            content, assessment, instrument=instrument, reason=_answers.text(reason)
        )
        changed = replace(
            content, instrument=basis.instrument, article=basis.article, assessment=summary
        )
        row.basis_chosen_by_id = officer.id
        law.keep_assessment(row, assessment, now=now)
        return _keep(record, row, changed, officer=officer, now=now)


def submit_request(*, officer: Officer, now: Instant, request_id: str) -> RequestFacts:
    """Give the draft to two officers for approval."""
    return _step(officer, now, request_id, "submit", lambda s: outgoing.submit(situation=s))


def discard_draft(
    *, officer: Officer, now: Instant, request_id: str, reasons: str = ""
) -> RequestFacts:
    """End a draft that will not be sent; it stays readable. `reasons` stay on this side."""
    why = _answers.text(reasons)
    return _step(
        officer,
        now,
        request_id,
        "discard",
        lambda s: outgoing.discard(situation=s, reasons=why),
    )


def return_to_draft(
    *, officer: Officer, now: Instant, request_id: str, reasons: str = ""
) -> RequestFacts:
    """Open the contents for changes again; approvals are recalled."""
    why = _answers.text(reasons)
    return _step(
        officer,
        now,
        request_id,
        "return_to_draft",
        lambda s: outgoing.return_to_draft(situation=s, reasons=why),
    )


def approve_request(
    *, officer: Officer, now: Instant, request_id: str, digest: str
) -> RequestFacts:
    """Approve the contents with this digest: those on the page that the officer read.

    One officer approves once (a constraint of the database as well); `Conflict`
    if the contents have changed since.
    """
    read = parse_sha256(digest, what="digest")
    return _step(
        officer, now, request_id, "approve", lambda s: outgoing.approve(situation=s, digest=read)
    )


def send_request(*, officer: Officer, now: Instant, request_id: str) -> RequestFacts:
    """Sign, seal and send the request. Refused with every reason that stands in the way."""
    return _step(officer, now, request_id, "send", lambda s: outgoing.send(situation=s))


def next_reference(now: Instant) -> Reference:
    """Return the next reference number of this authority's state and year."""
    series = f"{settings.CONFIG.state}-{now.astimezone(UTC).year}"
    CounterRow.objects.get_or_create(name=series, defaults={"value": 0})
    counter = CounterRow.objects.select_for_update().get(name=series)
    counter.value += 1
    counter.save()
    return Reference(f"{series}-{counter.value:07d}")


def _step(
    officer: Officer,
    now: Instant,
    request_id: str,
    action: str,
    decide: Callable[[Situation], Decision],
) -> RequestFacts:
    return step(
        officer=officer,
        now=now,
        request_id=request_id,
        action=action,
        direction=_OUTGOING,
        decide=decide,
    )


def _draft(
    officer: Officer, request_id: str, version: int, *, action: str = "save_fields"
) -> RequestRow:
    row = locked_for(officer, action, request_id)
    if row.version != version:
        raise Conflict(
            "request.version",
            f"{row.reference} was changed elsewhere since this page was opened",
            hint="Reload the page; what you typed here was not saved.",
            details={"version": row.version},
        )
    return row


def _keep(
    record: Recorder, row: RequestRow, content: RequestContent, *, officer: Officer, now: Instant
) -> RequestFacts:
    situation: Situation = gather(row, now=now, officer=officer)
    if content == situation.request.content:
        record.unchanged = True
        return situation.request
    decision: Decision = outgoing.save_fields(situation=situation, content=content)
    apply(record, row, decision, now=now)
    return decision.request


def _assess(content: RequestContent, now: Instant) -> Assessment:
    return law.assess_content(content, as_of=now.astimezone(UTC).date())


def _with_only_basis(content: RequestContent, assessment: Assessment) -> RequestContent:
    """Take the basis if there is just one; which of several is an officer's choice."""
    usable = [basis for basis in assessment.bases if basis.status == "usable"]
    if len(usable) != 1:
        return content
    basis, summary = law.choose(content, assessment, instrument=usable[0].instrument, reason="")
    return replace(content, instrument=basis.instrument, article=basis.article, assessment=summary)


def _earlier(preservation_of: str | None) -> RequestRow | None:
    if not preservation_of:
        return None
    identifier = parse_object_id(preservation_of, what="preservation_of")
    row = RequestRow.objects.filter(
        pk=identifier, direction=_OUTGOING, kind=Kind.PRESERVATION
    ).first()
    if row is None:
        raise Invalid(
            "assistance.link", f"preservation_of: {identifier} is no preservation of this authority"
        )
    return row


def _first_answers(earlier: RequestRow | None) -> dict[str, str]:
    answers = {"requesting_authority": str(settings.CONFIG.name)}
    if earlier is not None:
        held = earlier.state in {State.ANSWERED, State.CLOSED}
        answers["preservation_status"] = "preserved" if held else "requested"
    return answers
