# SPDX-License-Identifier: Apache-2.0
"""One step of one request: lock the row, gather the facts, decide, write everything down.

`step` is the whole of every officer action; `apply` is what follows from any
decision, ours or a peer's: the record, its events in audit and ledger, the
timeline, the messages to send, and the preservation that a request for mutual
assistance continues (Budapest Convention art. 29(7)).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC

from django.conf import settings
from django.db.models import Max

from comity.assistance.clocks import next_due
from comity.assistance.decide import note_assistance_decided, note_assistance_received
from comity.assistance.decide.step import Decision
from comity.assistance.facts import LawFacts, LinkedPreservation, RequestFacts, Situation
from comity.assistance.law_facts import law_facts
from comity.assistance.messages import Message
from comity.assistance.model import MEASURES, Direction, Kind, OfficerRole, State
from comity.assistance.tables import TABLES
from comity.authorities.model import Role as AuthorityRole
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId, ObjectId, parse_object_id
from comity.canonical.time import Instant
from comity.errors import Invalid
from comity.node import permissions
from comity.node.permissions import Officer
from comity.node.services import law
from comity.node.services._handing import hand_over
from comity.node.services._record import Recorder, recording
from comity.node.services._telling import Told, tell_message
from comity.node.store import mapping
from comity.node.store.models import OfficerRow, PackageRow, PeerRow, RequestRow, TimelineRow

#: States in which a request can still be sent.
_UNSENT = {State.DRAFT, State.AWAITING_APPROVAL}
#: A measure that every treaty on mutual assistance reaches, named or by its general part.
_GENERAL = MEASURES[Kind.MUTUAL_ASSISTANCE][0]
#: States in which a request for mutual assistance has been decided or carried out.
_DECIDED = {
    State.REFUSED,
    State.WITHDRAWN,
    State.ANSWERED,
    State.DELIVERED,
    State.CLOSED,
}


def locked(request_id: str) -> RequestRow:
    """Return the row of a request, locked; raise `Invalid` (`request.unknown`)."""
    identifier = parse_object_id(str(request_id), what="request")
    row = RequestRow.objects.select_for_update().filter(pk=identifier).first()
    if row is None:
        raise unknown(identifier)
    return row


def newest_event(request_id: str) -> int:
    """Return the number of the newest event of a request, for `perform`."""
    newest = TimelineRow.objects.filter(request__pk=request_id).aggregate(newest=Max("pk"))[
        "newest"
    ]
    return newest or 0


def locked_for(officer: Officer, action: str, request_id: str) -> RequestRow:
    """Return the row of a request, locked, on which this officer may take `action`.

    Raises `Refused` (`permission.denied`) for a request that is not here exactly as for
    one that the officer may not see: which of the two it is is not told.
    """
    identifier = parse_object_id(str(request_id), what="request")
    row = RequestRow.objects.select_for_update().filter(pk=identifier).first()
    if row is None or not permissions.may_read(officer, row):
        raise permissions.denied(action, [])
    permissions.require(officer, action, row)
    return row


def unknown(identifier: str) -> Invalid:
    """Return the error for a request that is not here."""
    return Invalid("request.unknown", f"there is no request {identifier} here")


def peer_of(row: RequestRow) -> str:
    """Return the other authority of a request."""
    return row.requested if row.direction == Direction.OUTGOING else row.requesting


def gather(row: RequestRow, *, now: Instant, officer: Officer | None = None) -> Situation:
    """Return the request and everything its guards look at."""
    request = mapping.facts_of(row)
    return Situation(
        request=request,
        now=now,
        officer=officer.id if officer else "",
        roles=officer.roles if officer else frozenset(),
        law=_law(request, now),
        preservation=_preservation(row),
        deliverable=_deliverable(row),
        assistance_open=_assistance_open(row),
        former_approvers=_former_approvers(request),
        own_roles=frozenset(AuthorityRole(role) for role in settings.CONFIG.roles),
        # Whom one may ask is a question before the request is sent.
        peer_roles=_roles_of(peer_of(row)) if request.state in _UNSENT else None,
    )


def step(
    *,
    officer: Officer,
    now: Instant,
    request_id: str,
    action: str,
    direction: Direction,
    decide: Callable[[Situation], Decision],
) -> RequestFacts:
    """Let an officer take an action; return the record after it.

    Raises `Refused` (`permission.denied`, or every reason that stands in the
    way), `Invalid` or `Conflict`; then nothing has changed.
    """
    with recording(officer=officer, now=now) as record:
        row = locked_for(officer, action, request_id)
        if row.direction != direction:
            raise Invalid(
                "request.direction", f"{action}: not an action on an {row.direction} request"
            )
        decision = decide(gather(row, now=now, officer=officer))
        apply(record, row, decision, now=now)
    return decision.request


def apply(
    record: Recorder,
    row: RequestRow,
    decision: Decision,
    *,
    now: Instant,
    caused_by: str | None = None,
    statement: Sha256 | None = None,
    told: Told | None = None,
    said_at: Instant | None = None,
) -> None:
    """Write down a decision and all that follows from it.

    For a peer's message `caused_by` is the peer, `statement` the digest of the
    signed message, `told` what it says and `said_at` when it was made.
    """
    mapping.save_facts(row, decision.request, now=now)
    statements = _send(row, decision.messages, now=now)
    said = told or _told(decision)
    for number, event in enumerate(decision.events):
        signed = statement or (statements[0] if statements and number == 0 else None)
        private = {**event.to_json(), **({"statement": signed} if signed else {})}
        audit = record(
            event=event.name,
            subject=("request", row.pk),
            request=row.pk,
            private=private,
            peer=peer_of(row) if signed else None,
            caused_by=caused_by,
        )
        first = number == 0
        record.tell(
            audit,
            request=row.pk,
            text=said.text if first else "",
            facts=said.facts if first else (),
            statement=signed or "",
        )
    if record.officer is not None:
        hand_over(case=row.pk, now=now)
    _follow_link(record, row, decision, now=now, said_at=said_at or now)
    remember_due(row, decision.request, now=now)


def remember_due(row: RequestRow, request: RequestFacts, *, now: Instant) -> None:
    """Keep the next date of the request beside it, so that the queue can sort by it."""
    found = next_due(request=request, law=_law(request, now), now=now)
    row.due = found.due if found else None
    row.due_label = found.label[:300] if found else ""
    row.save(update_fields=["due", "due_label"])


def _former_approvers(request: RequestFacts) -> frozenset[str]:
    """Return the officers who approved and may not approve now."""
    officers = {approval.officer for approval in request.approvals}
    if request.direction is not Direction.OUTGOING or not officers:
        return frozenset()
    present = OfficerRow.objects.filter(
        pk__in=officers, is_active=True, role_rows__role=OfficerRole.APPROVER
    )
    return frozenset(officers - {str(row.pk) for row in present})


def _roles_of(peer: str) -> frozenset[AuthorityRole] | None:
    row = PeerRow.objects.filter(authority=peer).only("roles").first()
    return None if row is None else frozenset(AuthorityRole(role) for role in row.roles)


def _law(request: RequestFacts, now: Instant) -> LawFacts:
    """A request that was received is judged by the law of that day, a draft by today's."""
    day = (request.received or now) if request.direction is Direction.INCOMING else now
    as_of = day.astimezone(UTC).date()
    by = law.pack()
    general = law.assess_content(request.content, as_of=as_of, measure=_GENERAL, by=by)
    return law_facts(law.assess_content(request.content, as_of=as_of, by=by), general=general)


def _send(row: RequestRow, messages: Sequence[Message], *, now: Instant) -> list[Sha256]:
    """Sign the messages and put them into the outbox; return their digests."""
    from comity.node.services import outbox  # it knows packages, which know requests

    return [
        outbox.enqueue(
            message_type=message.TYPE,
            body=message.to_json(),
            to=AuthorityId(peer_of(row)),
            case=ObjectId(str(row.pk)),
            urgent=row.urgency == "urgent",
            now=now,
        )
        for message in messages
    ]


def _told(decision: Decision) -> Told:
    if decision.messages:
        return tell_message(decision.messages[0])
    return Told(text=decision.remark)


def _preservation(row: RequestRow) -> LinkedPreservation | None:
    if row.preservation_of is None:
        return None
    linked = RequestRow.objects.filter(
        pk=row.preservation_of, direction=row.direction, kind=Kind.PRESERVATION
    ).first()
    if linked is None:
        return None
    return LinkedPreservation(
        request_id=ObjectId(str(linked.pk)),
        state=State(linked.state),
        requested=AuthorityId(linked.requested),
    )


def _deliverable(row: RequestRow) -> tuple[str, ...]:
    """Numbers of the exhibits that lie in a package which is ready to go."""
    ready = PackageRow.objects.filter(request=row, direction="outgoing", status="ready")
    return tuple(sorted(ready.values_list("exhibit_rows__exhibit__number", flat=True)))


def _assistance_open(row: RequestRow) -> bool:
    """Whether an open request for mutual assistance of this side names this preservation."""
    if row.kind != Kind.PRESERVATION:
        return False
    ended = (State.CLOSED, State.REFUSED, State.WITHDRAWN, State.DISCARDED)
    naming = RequestRow.objects.filter(preservation_of=row.pk, direction=row.direction)
    return naming.exclude(state__in=ended).exists()


def _follow_link(
    record: Recorder, row: RequestRow, decision: Decision, *, now: Instant, said_at: Instant
) -> None:
    """Tell the preservation what became of the request that it serves."""
    request = decision.request
    if request.content.preservation_of is None or request.received is None:
        return
    linked = (
        RequestRow.objects.select_for_update()
        .filter(
            pk=request.content.preservation_of,
            direction=row.direction,
            kind=Kind.PRESERVATION,
            requesting=row.requesting,
            requested=row.requested,
        )
        .first()
    )
    if linked is None:
        return
    _note_received(record, linked, request, now=now)
    if request.state in _DECIDED:
        _note_decided(record, linked, request, now=now, decided=said_at)


def _note_received(
    record: Recorder, linked: RequestRow, request: RequestFacts, *, now: Instant
) -> None:
    situation = gather(linked, now=now)
    known = {link.request_id for link in situation.request.linked}
    if request.id in known or not _may_note(situation, "mutual_assistance_received"):
        return
    assert request.received is not None  # noqa: S101 - the caller asked
    noted = note_assistance_received(
        situation=situation, assistance_id=request.id, received=request.received
    )
    apply(record, linked, noted, now=now)


def _note_decided(
    record: Recorder, linked: RequestRow, request: RequestFacts, *, now: Instant, decided: Instant
) -> None:
    situation = gather(linked, now=now)
    undecided = {link.request_id for link in situation.request.linked if link.decided is None}
    if request.id not in undecided or not _may_note(situation, "mutual_assistance_decided"):
        return
    noted = note_assistance_decided(situation=situation, assistance_id=request.id, decided=decided)
    apply(record, linked, noted, now=now)


def _may_note(situation: Situation, action: str) -> bool:
    """Whether the workflow lets the node note something on a preservation just now."""
    table = TABLES[situation.request.direction]
    return table.row(state=situation.request.state, action=action) is not None


def own_authority() -> str:
    """Return the name of this node's authority."""
    return str(settings.CONFIG.authority)
