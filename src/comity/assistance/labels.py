# SPDX-License-Identifier: Apache-2.0
"""What an officer reads for states, outcomes and turns. English msgids; the desk translates."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from comity.assistance.clocks import ClockStatus
from comity.assistance.model import Direction, Kind, Outcome, State
from comity.workflow.table import Turn

_OUTGOING: Final = {
    State.DRAFT: "Draft",
    State.AWAITING_APPROVAL: "Waiting for approval",
    State.SENT: "Sent",
    State.ACKNOWLEDGED: "Acknowledged",
    State.INFORMATION_REQUESTED: "Question to answer",
    State.CONDITION_OFFERED: "Conditions to answer",
    State.CONSULTATION: "Consultation to answer",
    State.POSTPONED: "Postponed",
    State.ACCEPTED: "Accepted",
    State.PARTLY_ANSWERED: "Evidence received in part",
    State.ANSWERED: "Evidence received",
    State.CLOSED: "Closed",
    State.REFUSED: "Refused",
    State.WITHDRAWN: "Withdrawn",
    State.DISCARDED: "Discarded",
}
_INCOMING: Final = {
    State.RECEIVED: "Received",
    State.ACKNOWLEDGED: "Acknowledged",
    State.INFORMATION_REQUESTED: "Waiting for an answer",
    State.CONDITION_OFFERED: "Conditions offered",
    State.CONSULTATION: "In consultation",
    State.POSTPONED: "Postponed",
    State.ACCEPTED: "Accepted",
    State.IN_EXECUTION: "Being carried out",
    State.PARTLY_DELIVERED: "Delivered in part",
    State.DELIVERED: "Delivered",
    State.CLOSED: "Closed",
    State.REFUSED: "Refused",
    State.WITHDRAWN: "Withdrawn",
}
_PRESERVED: Final = "Data preserved"
STATE_LABELS: Final[Mapping[tuple[Direction, State], str]] = MappingProxyType(
    {
        **{(Direction.OUTGOING, state): label for state, label in _OUTGOING.items()},
        **{(Direction.INCOMING, state): label for state, label in _INCOMING.items()},
    }
)
OUTCOME_LABELS: Final[Mapping[Outcome, str]] = MappingProxyType(
    {
        Outcome.OPEN: "Open",
        Outcome.EXECUTED: "Carried out",
        Outcome.PARTLY_EXECUTED: "Carried out in part",
        Outcome.NO_DATA: "No data found",
        Outcome.REFUSED: "Refused",
        Outcome.WITHDRAWN: "Withdrawn",
        Outcome.DISCARDED: "Discarded",
    }
)
TURN_LABELS: Final[Mapping[Turn, str]] = MappingProxyType(
    {
        Turn.REQUESTING: "The requesting side's turn",
        Turn.REQUESTED: "The requested side's turn",
        Turn.SYSTEM: "Nothing left to do",
    }
)
CLOCK_LABELS: Final[Mapping[ClockStatus, str]] = MappingProxyType(
    {
        ClockStatus.RUNNING: "Running",
        ClockStatus.MET: "Met",
        ClockStatus.CONTINUES: "Continues pending a decision",
        ClockStatus.OVERDUE: "Overdue",
        ClockStatus.ENDED: "Ended",
    }
)


def state_label(*, direction: Direction, kind: Kind, state: State) -> str:
    """Return what an officer of this side reads for `state`."""
    if kind is Kind.PRESERVATION and state in {State.ANSWERED, State.DELIVERED}:
        return _PRESERVED
    return STATE_LABELS[direction, state]
