# SPDX-License-Identifier: Apache-2.0
"""Decisions: one pure function per action, on both sides.

A decision takes a situation (the record, who acts, when, what the law says) and
returns the next record, the events that happened and the messages to send. It
reads no clock and writes nothing. `available` says which actions an officer has
now, and why one is not possible. `take` applies a message of the other side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from comity.assistance.decide import incoming, outgoing
from comity.assistance.decide.execution import (
    deliver,
    deliver_in_part,
    report_preservation,
    report_progress,
    start_execution,
)
from comity.assistance.decide.incoming import (
    accept,
    acknowledge,
    offer_condition,
    open_consultation,
    postpone,
    proceed_without_reply,
    refuse,
    request_information,
    take_up,
)
from comity.assistance.decide.noted import (
    note_assistance_decided,
    note_assistance_received,
    note_package_checked,
    note_preservation_lapsed,
)
from comity.assistance.decide.outgoing import (
    accept_condition,
    approve,
    confirm_receipt,
    create,
    decline_condition,
    discard,
    reject_package,
    reply_consultation,
    return_to_draft,
    save_fields,
    send,
    submit,
    supplement,
    withdraw,
)
from comity.assistance.decide.received import receive, take
from comity.assistance.decide.step import Decision
from comity.assistance.facts import Situation
from comity.assistance.guards import OF_ONE_KIND
from comity.assistance.model import Direction
from comity.assistance.tables import TABLES, Row
from comity.workflow.table import Availability

__all__ = [
    "ACTIONS",
    "Availability",
    "Decision",
    "accept",
    "accept_condition",
    "acknowledge",
    "approve",
    "available",
    "close",
    "confirm_receipt",
    "create",
    "decline_condition",
    "deliver",
    "deliver_in_part",
    "discard",
    "note_assistance_decided",
    "note_assistance_received",
    "note_package_checked",
    "note_preservation_lapsed",
    "offer_condition",
    "open_consultation",
    "postpone",
    "proceed_without_reply",
    "receive",
    "refuse",
    "reject_package",
    "reply_consultation",
    "report_preservation",
    "report_progress",
    "request_information",
    "return_to_draft",
    "save_fields",
    "send",
    "start_execution",
    "submit",
    "supplement",
    "take",
    "take_up",
    "withdraw",
]


def available(*, situation: Situation) -> tuple[Availability, ...]:
    """Return the actions that the officer's roles have in the present state.

    An action of another role or state is not in the list at all, nor is one that
    no request of this kind ever has; one that is but not possible now has every
    reason why.
    """
    request = situation.request
    table = TABLES[request.direction]
    found = table.available(state=request.state, roles=situation.roles, facts=situation)
    rows = {row.action: row for row in table.transitions if row.source == request.state}
    return tuple(one for one in found if _fits_kind(rows[one.action], situation))


def _fits_kind(row: Row, situation: Situation) -> bool:
    return not any(guard.check(situation) for guard in row.guards if guard in OF_ONE_KIND)


def close(*, situation: Situation, note: str = "") -> Decision:
    """Close this side's file, on either side."""
    outgoing_side = situation.request.direction is Direction.OUTGOING
    side = outgoing.close if outgoing_side else incoming.close
    return side(situation=situation, note=note)


#: The function of every officer action; its keyword parameters are the inputs of the form.
ACTIONS: Final[Mapping[tuple[Direction, str], Callable[..., Decision]]] = MappingProxyType(
    {
        (Direction.OUTGOING, "save_fields"): save_fields,
        (Direction.OUTGOING, "submit"): submit,
        (Direction.OUTGOING, "discard"): discard,
        (Direction.OUTGOING, "return_to_draft"): return_to_draft,
        (Direction.OUTGOING, "approve"): approve,
        (Direction.OUTGOING, "send"): send,
        (Direction.OUTGOING, "supplement"): supplement,
        (Direction.OUTGOING, "accept_condition"): accept_condition,
        (Direction.OUTGOING, "decline_condition"): decline_condition,
        (Direction.OUTGOING, "reply_consultation"): reply_consultation,
        (Direction.OUTGOING, "confirm_receipt"): confirm_receipt,
        (Direction.OUTGOING, "reject_package"): reject_package,
        (Direction.OUTGOING, "withdraw"): withdraw,
        (Direction.OUTGOING, "close"): close,
        (Direction.INCOMING, "acknowledge"): acknowledge,
        (Direction.INCOMING, "request_information"): request_information,
        (Direction.INCOMING, "offer_condition"): offer_condition,
        (Direction.INCOMING, "open_consultation"): open_consultation,
        (Direction.INCOMING, "proceed_without_reply"): proceed_without_reply,
        (Direction.INCOMING, "accept"): accept,
        (Direction.INCOMING, "refuse"): refuse,
        (Direction.INCOMING, "postpone"): postpone,
        (Direction.INCOMING, "take_up"): take_up,
        (Direction.INCOMING, "start_execution"): start_execution,
        (Direction.INCOMING, "report_preservation"): report_preservation,
        (Direction.INCOMING, "report_progress"): report_progress,
        (Direction.INCOMING, "deliver_in_part"): deliver_in_part,
        (Direction.INCOMING, "deliver"): deliver,
        (Direction.INCOMING, "close"): close,
    }
)
