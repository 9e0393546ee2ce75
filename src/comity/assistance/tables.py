# SPDX-License-Identifier: Apache-2.0
"""The two workflow tables: the same request as each side keeps it.

A row without roles is caused by a message of the other side or by the node. A
row that leads back to its own state records something and changes nothing: most
of them are there because messages cross. `tests/core/assistance` drives the two
tables against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from comity.assistance import guards
from comity.assistance.facts import RequestFacts, Situation
from comity.assistance.model import Direction, OfficerRole, State
from comity.workflow.table import RESUME, Guard, Resume, Transition, Turn, Workflow

Row: TypeAlias = Transition[State, Situation]
_SELF: Final = None

_REQUESTING: Final = Turn.REQUESTING
_REQUESTED: Final = Turn.REQUESTED
_SYSTEM: Final = Turn.SYSTEM
_DRAFTER: Final = frozenset({OfficerRole.DRAFTER.value})
_APPROVER: Final = frozenset({OfficerRole.APPROVER.value})
_EITHER: Final = _DRAFTER | _APPROVER
_CENTRAL: Final = frozenset({OfficerRole.CENTRAL.value})


def _rows(
    action: str,
    sources: tuple[State, ...],
    to: State | Resume | None,
    cause: Turn,
    *checks: Guard[Situation],
    roles: frozenset[str] = frozenset(),
) -> tuple[Row, ...]:
    """Return one row per source; no target means that the state stays."""
    return tuple(
        Transition(action, source, source if to is None else to, cause, roles, checks)
        for source in sources
    )


_QUESTIONS: Final = (State.INFORMATION_REQUESTED, State.CONDITION_OFFERED, State.CONSULTATION)
_INTERLUDES: Final = (*_QUESTIONS, State.POSTPONED)
_FINAL: Final = (State.CLOSED, State.REFUSED, State.WITHDRAWN)

# fmt: off
# --- the side that asks -----------------------------------------------------------------

_AT_WORK: Final = (State.ACKNOWLEDGED, State.ACCEPTED, State.PARTLY_ANSWERED)
_SENT_OPEN: Final = (State.SENT, *_AT_WORK, *_INTERLUDES)
_MAY_HOLD_PACKAGES: Final = (State.PARTLY_ANSWERED, *_INTERLUDES, State.REFUSED, State.WITHDRAWN)

OUTGOING: Final[Workflow[State, Situation]] = Workflow(
    name="outgoing",
    opening="create",
    initial=State.DRAFT,
    turns=MappingProxyType(
        {
            State.DRAFT: _REQUESTING,
            State.AWAITING_APPROVAL: _REQUESTING,
            State.SENT: _REQUESTED,
            State.ACKNOWLEDGED: _REQUESTED,
            State.INFORMATION_REQUESTED: _REQUESTING,
            State.CONDITION_OFFERED: _REQUESTING,
            State.CONSULTATION: _REQUESTING,
            State.POSTPONED: _REQUESTED,
            State.ACCEPTED: _REQUESTED,
            State.PARTLY_ANSWERED: _REQUESTED,
            State.ANSWERED: _REQUESTING,
            State.CLOSED: _SYSTEM,
            State.REFUSED: _SYSTEM,
            State.WITHDRAWN: _SYSTEM,
            State.DISCARDED: _SYSTEM,
        }
    ),
    interludes=frozenset(_INTERLUDES),
    final=frozenset((*_FINAL, State.DISCARDED)),
    transitions=(
        # officers
        *_rows("save_fields", (State.DRAFT, State.AWAITING_APPROVAL), State.DRAFT, _REQUESTING,
               roles=_DRAFTER),
        *_rows("submit", (State.DRAFT,), State.AWAITING_APPROVAL, _REQUESTING, *guards.COMPLETE,
               roles=_DRAFTER),
        *_rows("discard", (State.DRAFT,), State.DISCARDED, _REQUESTING, guards.NOT_NAMED,
               roles=_DRAFTER),
        *_rows("return_to_draft", (State.AWAITING_APPROVAL,), State.DRAFT, _REQUESTING,
               roles=_EITHER),
        *_rows("approve", (State.AWAITING_APPROVAL,), _SELF, _REQUESTING, *guards.COMPLETE,
               guards.NOT_TWICE, roles=_APPROVER),
        *_rows("send", (State.AWAITING_APPROVAL,), State.SENT, _REQUESTING, *guards.COMPLETE,
               guards.TWO_APPROVALS, roles=_APPROVER),
        *_rows("supplement", (State.INFORMATION_REQUESTED,), RESUME, _REQUESTING, roles=_DRAFTER),
        *_rows("supplement",
               (State.SENT, *_AT_WORK, State.CONDITION_OFFERED, State.CONSULTATION,
                State.POSTPONED),
               _SELF, _REQUESTING, roles=_DRAFTER),
        *_rows("accept_condition", (State.CONDITION_OFFERED,), RESUME, _REQUESTING,
               roles=_APPROVER),
        *_rows("decline_condition", (State.CONDITION_OFFERED,), RESUME, _REQUESTING,
               roles=_APPROVER),
        *_rows("reply_consultation", (State.CONSULTATION,), RESUME, _REQUESTING, roles=_APPROVER),
        *_rows("confirm_receipt", (*_MAY_HOLD_PACKAGES, State.ANSWERED), _SELF, _REQUESTING,
               guards.IS_ASSISTANCE, guards.PACKAGE_VERIFIED, roles=_EITHER),
        *_rows("reject_package", _MAY_HOLD_PACKAGES, _SELF, _REQUESTING, guards.IS_ASSISTANCE,
               guards.PACKAGE_FAILED, roles=_EITHER),
        *_rows("reject_package", (State.ANSWERED,), State.PARTLY_ANSWERED, _REQUESTING,
               guards.IS_ASSISTANCE, guards.PACKAGE_FAILED, roles=_EITHER),
        *_rows("withdraw", _SENT_OPEN, State.WITHDRAWN, _REQUESTING, guards.NOT_NEEDED,
               roles=_APPROVER),
        *_rows("withdraw", (State.ANSWERED,), State.WITHDRAWN, _REQUESTING, guards.NOT_CONFIRMED,
               guards.NOT_NEEDED, roles=_APPROVER),
        *_rows("close", (State.ANSWERED,), State.CLOSED, _REQUESTING, guards.MAY_BE_CLOSED,
               guards.NOT_NEEDED, roles=_APPROVER),
        # messages of the requested side
        *_rows("acknowledged", (State.SENT,), State.ACKNOWLEDGED, _REQUESTED),
        *_rows("information_requested", _AT_WORK, State.INFORMATION_REQUESTED, _REQUESTED),
        *_rows("condition_offered", _AT_WORK, State.CONDITION_OFFERED, _REQUESTED),
        *_rows("consultation_opened", _AT_WORK, State.CONSULTATION, _REQUESTED),
        *_rows("accepted", (State.ACKNOWLEDGED,), State.ACCEPTED, _REQUESTED),
        *_rows("refused", (*_AT_WORK, State.CONSULTATION), State.REFUSED, _REQUESTED,
               guards.CONSULTATION_OPENED),
        *_rows("postponed", (*_AT_WORK, State.CONSULTATION), State.POSTPONED, _REQUESTED,
               guards.POSTPONABLE, guards.POSTPONEMENT_OPENED),
        *_rows("progress_reported", _AT_WORK, _SELF, _REQUESTED),
        *_rows("progress_reported", _INTERLUDES, RESUME, _REQUESTED),
        *_rows("preservation_reported", (State.ACCEPTED,), State.ANSWERED, _REQUESTED,
               guards.IS_PRESERVATION),
        *_rows("preservation_reported", (State.ANSWERED, State.CLOSED), _SELF, _REQUESTED,
               guards.IS_PRESERVATION),
        *_rows("evidence_delivered_in_part", (State.ACCEPTED, State.PARTLY_ANSWERED),
               State.PARTLY_ANSWERED, _REQUESTED, guards.IS_ASSISTANCE),
        *_rows("evidence_delivered", (State.ACCEPTED, State.PARTLY_ANSWERED), State.ANSWERED,
               _REQUESTED, guards.IS_ASSISTANCE),
        *_rows("closed_by_peer", (State.ANSWERED, State.CLOSED), _SELF, _REQUESTED),
        # messages that crossed the withdrawal
        *(
            row
            for action in (
                "acknowledged", "information_requested", "condition_offered",
                "consultation_opened", "accepted", "refused", "postponed", "progress_reported",
                "preservation_reported", "evidence_delivered_in_part", "evidence_delivered",
                "closed_by_peer",
            )
            for row in _rows(action, (State.WITHDRAWN,), _SELF, _REQUESTED)
        ),
        # the node
        *_rows("package_checked", (*_MAY_HOLD_PACKAGES, State.ANSWERED), _SELF, _SYSTEM,
               guards.PACKAGE_UNCHECKED),
        *_rows("mutual_assistance_received", (*_SENT_OPEN, State.ANSWERED, *_FINAL), _SELF,
               _SYSTEM, guards.IS_PRESERVATION),
        *_rows("mutual_assistance_decided", (*_SENT_OPEN, State.ANSWERED, *_FINAL), _SELF,
               _SYSTEM, guards.IS_PRESERVATION, guards.LINKED),
        *_rows("preservation_lapsed", (State.ANSWERED,), _SELF, _SYSTEM, guards.HOLD_OVER),
    ),
)

# --- the side that is asked -------------------------------------------------------------

_WORKING: Final = (
    State.ACKNOWLEDGED, State.ACCEPTED, State.IN_EXECUTION, State.PARTLY_DELIVERED,
)
_OPEN: Final = (State.RECEIVED, *_WORKING, *_INTERLUDES, State.DELIVERED)
_ENDED: Final = (State.CLOSED, State.REFUSED)
_GAVE_PACKAGES: Final = (State.PARTLY_DELIVERED, *_INTERLUDES, State.REFUSED, State.WITHDRAWN)

INCOMING: Final[Workflow[State, Situation]] = Workflow(
    name="incoming",
    opening="request_received",
    initial=State.RECEIVED,
    turns=MappingProxyType(
        {
            State.RECEIVED: _REQUESTED,
            State.ACKNOWLEDGED: _REQUESTED,
            State.INFORMATION_REQUESTED: _REQUESTING,
            State.CONDITION_OFFERED: _REQUESTING,
            State.CONSULTATION: _REQUESTING,
            State.POSTPONED: _REQUESTED,
            State.ACCEPTED: _REQUESTED,
            State.IN_EXECUTION: _REQUESTED,
            State.PARTLY_DELIVERED: _REQUESTED,
            State.DELIVERED: _REQUESTING,
            State.CLOSED: _SYSTEM,
            State.REFUSED: _SYSTEM,
            State.WITHDRAWN: _SYSTEM,
        }
    ),
    interludes=frozenset(_INTERLUDES),
    final=frozenset(_FINAL),
    transitions=(
        # officers
        *_rows("acknowledge", (State.RECEIVED,), State.ACKNOWLEDGED, _REQUESTED, roles=_CENTRAL),
        *_rows("request_information", _WORKING, State.INFORMATION_REQUESTED, _REQUESTED,
               roles=_CENTRAL),
        *_rows("offer_condition", _WORKING, State.CONDITION_OFFERED, _REQUESTED, roles=_CENTRAL),
        *_rows("open_consultation", _WORKING, State.CONSULTATION, _REQUESTED, roles=_CENTRAL),
        *_rows("proceed_without_reply", _QUESTIONS, RESUME, _REQUESTED, guards.REPLY_OVERDUE,
               roles=_CENTRAL),
        *_rows("accept", (State.ACKNOWLEDGED,), State.ACCEPTED, _REQUESTED, roles=_CENTRAL),
        *_rows("refuse", (*_WORKING, State.CONSULTATION), State.REFUSED, _REQUESTED,
               guards.CONSULTED, guards.GROUNDS_KNOWN, roles=_CENTRAL),
        *_rows("postpone", (*_WORKING, State.CONSULTATION), State.POSTPONED, _REQUESTED,
               guards.POSTPONABLE, guards.POSTPONEMENT_CONSULTED, roles=_CENTRAL),
        *_rows("take_up", (State.POSTPONED,), RESUME, _REQUESTED, roles=_CENTRAL),
        *_rows("start_execution", (State.ACCEPTED,), State.IN_EXECUTION, _REQUESTED,
               roles=_CENTRAL),
        *_rows("report_preservation", (State.ACCEPTED, State.IN_EXECUTION), State.DELIVERED,
               _REQUESTED, guards.IS_PRESERVATION, roles=_CENTRAL),
        *_rows("report_preservation", (State.DELIVERED,), _SELF, _REQUESTED,
               guards.IS_PRESERVATION, roles=_CENTRAL),
        *_rows("report_progress", _WORKING, _SELF, _REQUESTED, roles=_CENTRAL),
        *_rows("deliver_in_part", (State.IN_EXECUTION, State.PARTLY_DELIVERED),
               State.PARTLY_DELIVERED, _REQUESTED, guards.IS_ASSISTANCE, guards.EXHIBITS_READY,
               roles=_CENTRAL),
        *_rows("deliver", (State.IN_EXECUTION, State.PARTLY_DELIVERED), State.DELIVERED,
               _REQUESTED, guards.IS_ASSISTANCE, guards.EXHIBITS_READY, roles=_CENTRAL),
        *_rows("close", (State.DELIVERED,), State.CLOSED, _REQUESTED, guards.CLOSABLE,
               roles=_CENTRAL),
        # messages of the requesting side
        *_rows("information_supplied", (State.INFORMATION_REQUESTED,), RESUME, _REQUESTING),
        *_rows("condition_accepted", (State.CONDITION_OFFERED,), RESUME, _REQUESTING),
        *_rows("condition_declined", (State.CONDITION_OFFERED,), RESUME, _REQUESTING),
        *_rows("consultation_replied", (State.CONSULTATION,), RESUME, _REQUESTING),
        *_rows("information_added", (*_OPEN, *_ENDED), _SELF, _REQUESTING),
        *_rows("earlier_answer_received",
               (*_WORKING, *_INTERLUDES, State.DELIVERED, *_ENDED), _SELF, _REQUESTING),
        *_rows("receipt_confirmed", (*_GAVE_PACKAGES, State.DELIVERED), _SELF, _REQUESTING),
        *_rows("package_rejected", _GAVE_PACKAGES, _SELF, _REQUESTING),
        *_rows("package_rejected", (State.DELIVERED,), State.PARTLY_DELIVERED, _REQUESTING),
        *_rows("withdrawn", _OPEN, State.WITHDRAWN, _REQUESTING),
        *_rows("withdrawn", _ENDED, _SELF, _REQUESTING),
        *_rows("closed_by_peer", (State.DELIVERED,), State.CLOSED, _REQUESTING),
        *_rows("closed_by_peer", (State.CLOSED,), _SELF, _REQUESTING),
        # the node
        *_rows("mutual_assistance_received", (*_OPEN, *_FINAL), _SELF, _SYSTEM,
               guards.IS_PRESERVATION),
        *_rows("mutual_assistance_decided", (*_OPEN, *_FINAL), _SELF, _SYSTEM,
               guards.IS_PRESERVATION, guards.LINKED),
        *_rows("preservation_lapsed", (State.DELIVERED,), _SELF, _SYSTEM, guards.HOLD_OVER),
    ),
)

# fmt: on

#: Where evidence is registered, acquired and packed: where the table lets it be delivered.
EVIDENCE_WORK: Final = frozenset(
    row.source for row in INCOMING.transitions if row.action == "deliver"
)

TABLES: Final[Mapping[Direction, Workflow[State, Situation]]] = MappingProxyType(
    {Direction.OUTGOING: OUTGOING, Direction.INCOMING: INCOMING}
)
_HELD: Final = (State.ANSWERED, State.DELIVERED)


def turn_of(request: RequestFacts) -> Turn:
    """Return whose turn it is on a request: as the table says of its state, with one exception.

    Once data are held, the requesting side owes the request for mutual assistance. When it has
    been received, the requested side keeps the data until it has decided (art. 29(7)).
    """
    if request.state in _HELD and request.assistance_pending:
        return _REQUESTED
    return TABLES[request.direction].turns[request.state]
