# SPDX-License-Identifier: Apache-2.0
"""What happened, in the past tense: the events that the audit log and the ledger keep.

An event holds identifiers, digests, dates and codes; no free text and no name of
a person beyond the officer's identifier. The names are a closed list; a name that
is retired stays in the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from comity.assistance.model import Direction
from comity.canonical.ids import ObjectId
from comity.canonical.json import Object
from comity.canonical.time import Instant, write_instant
from comity.errors import Invalid

_OUTGOING: Final = {
    "create": "request.drafted",
    "save_fields": "request.edited",
    "submit": "request.submitted",
    "discard": "request.discarded",
    "return_to_draft": "request.returned_to_draft",
    "approve": "approval.given",
    "send": "request.sent",
    "supplement": "information.supplied",
    "accept_condition": "condition.accepted",
    "decline_condition": "condition.declined",
    "reply_consultation": "consultation.replied",
    "confirm_receipt": "evidence.receipt_confirmed",
    "reject_package": "evidence.rejected",
    "withdraw": "request.withdrawn",
    "close": "request.closed",
    "acknowledged": "acknowledgement.received",
    "information_requested": "question.received",
    "condition_offered": "condition.offer_received",
    "consultation_opened": "consultation.received",
    "accepted": "acceptance.received",
    "refused": "refusal.received",
    "postponed": "postponement.received",
    "progress_reported": "progress.received",
    "preservation_reported": "preservation.report_received",
    "evidence_delivered_in_part": "evidence.part_received",
    "evidence_delivered": "evidence.received",
    "closed_by_peer": "closure.received",
    "package_checked": "evidence.checked",
    "mutual_assistance_received": "preservation.continued",
    "mutual_assistance_decided": "preservation.decided",
    "preservation_lapsed": "preservation.lapsed",
}
_INCOMING: Final = {
    "request_received": "request.received",
    "acknowledge": "request.acknowledged",
    "request_information": "question.asked",
    "offer_condition": "condition.offered",
    "open_consultation": "consultation.opened",
    "proceed_without_reply": "reply.overdue",
    "accept": "request.accepted",
    "refuse": "request.refused",
    "postpone": "request.postponed",
    "take_up": "request.taken_up",
    "start_execution": "execution.started",
    "report_preservation": "preservation.reported",
    "report_progress": "progress.reported",
    "deliver_in_part": "evidence.part_delivered",
    "deliver": "evidence.delivered",
    "close": "request.closed",
    "information_supplied": "information.received",
    "information_added": "information.added",
    "condition_accepted": "condition.acceptance_received",
    "condition_declined": "condition.declination_received",
    "consultation_replied": "consultation.reply_received",
    "earlier_answer_received": "answer.received_late",
    "receipt_confirmed": "evidence.receipt_received",
    "package_rejected": "evidence.rejection_received",
    "withdrawn": "withdrawal.received",
    "closed_by_peer": "closure.received",
    "mutual_assistance_received": "preservation.continued",
    "mutual_assistance_decided": "preservation.decided",
    "preservation_lapsed": "preservation.lapsed",
}

#: The event that each action of each table records.
EVENT_OF: Final[Mapping[tuple[Direction, str], str]] = MappingProxyType(
    {
        **{(Direction.OUTGOING, action): name for action, name in _OUTGOING.items()},
        **{(Direction.INCOMING, action): name for action, name in _INCOMING.items()},
    }
)
#: Events beside that of the action itself.
APPROVAL_RECALLED: Final = "approval.recalled"
PRESERVATION_RELEASED: Final = "preservation.released"
#: Names no longer used, kept so that old entries can be read.
RETIRED: Final[frozenset[str]] = frozenset()
#: Every name that a ledger entry of assistance may carry.
EVENT_NAMES: Final[frozenset[str]] = (
    frozenset(EVENT_OF.values()) | {APPROVAL_RECALLED, PRESERVATION_RELEASED} | RETIRED
)


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened to one request.

    `officer` is the acting officer's identifier, empty where the other side or the
    node itself acted. `details` are identifiers, digests, dates and codes.
    """

    name: str
    request_id: ObjectId
    at: Instant
    officer: str = ""
    details: Object = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name not in EVENT_NAMES:
            raise Invalid("event.unknown", f"{self.name!r} is not an event of assistance")

    def to_json(self) -> Object:
        """Return the JSON form: the private body of the ledger entry."""
        return {
            "event": self.name,
            "request": self.request_id,
            "at": write_instant(self.at),
            "officer": self.officer,
            "details": self.details,
        }
