# SPDX-License-Identifier: Apache-2.0
"""Words for what is shown: events, kinds, receipts, stages. English msgids; the desk translates.

Tests hold each table against the list it must cover.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "preservation": "Expedited preservation",
        "mutual_assistance": "Mutual assistance",
    }
)
URGENT: Final = frozenset({"urgent", "expedited"})

EVENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "request.drafted": "Draft begun",
        "request.edited": "Draft changed",
        "request.submitted": "Submitted for approval",
        "request.discarded": "Draft discarded",
        "request.returned_to_draft": "Returned to draft",
        "approval.given": "Approved",
        "approval.recalled": "Approval recalled",
        "request.sent": "Request sent",
        "request.received": "Request received",
        "request.acknowledged": "Acknowledged",
        "acknowledgement.received": "Acknowledgement received",
        "question.asked": "Information asked for",
        "question.received": "Question received",
        "information.supplied": "Information sent",
        "information.received": "Answer received",
        "information.added": "Further information received",
        "answer.received_late": "Answer to something earlier received",
        "reply.overdue": "Went on without the reply",
        "condition.offered": "Conditions offered",
        "condition.offer_received": "Offer of conditions received",
        "condition.accepted": "Conditions accepted",
        "condition.declined": "Conditions declined",
        "condition.acceptance_received": "The conditions were accepted",
        "condition.declination_received": "The conditions were declined",
        "consultation.opened": "Consultation opened",
        "consultation.received": "Consultation received",
        "consultation.replied": "Reply sent",
        "consultation.reply_received": "Reply received",
        "request.accepted": "Request accepted",
        "acceptance.received": "Acceptance received",
        "request.refused": "Request refused",
        "refusal.received": "Refusal received",
        "request.postponed": "Postponed",
        "postponement.received": "The request was postponed",
        "request.taken_up": "Taken up again",
        "execution.started": "Execution started",
        "progress.reported": "Progress reported",
        "progress.received": "Report of progress received",
        "preservation.reported": "Preservation reported",
        "preservation.report_received": "Report of the preservation received",
        "preservation.continued": "Preservation continues for a request for mutual assistance",
        "preservation.decided": "The request that the preservation serves was decided",
        "preservation.lapsed": "The hold has ended",
        "preservation.released": "The data was released",
        "evidence.part_delivered": "Evidence delivered in part",
        "evidence.delivered": "Evidence delivered",
        "evidence.part_received": "Delivery of a part announced",
        "evidence.received": "Delivery of the evidence announced",
        "evidence.checked": "Package checked",
        "evidence.receipt_confirmed": "Receipt confirmed",
        "evidence.receipt_received": "Confirmation of receipt received",
        "evidence.rejected": "Package rejected",
        "evidence.rejection_received": "The package was rejected",
        "request.withdrawn": "Request withdrawn",
        "withdrawal.received": "Withdrawal received",
        "request.closed": "Closed",
        "closure.received": "The other side has closed its file",
        "request.assigned": "Assigned",
        "statement.signed_anew": "Message signed anew",
        "statement.given_up": "Message given up, as the other side does not know its kind",
        "proof.received": "Proof of sending received",
        "exhibit.registered": "Exhibit registered",
        "package.ordered": "Package ordered",
        "package.sealed": "Package sealed",
        "package.announced_again": "Package announced again",
        "package.exported": "Package taken out",
        "package.accepted": "Acceptance added to the package",
        "node.created": "Node made",
        "keys.renewed": "Key statement signed",
        "officer.added": "Officer added",
        "officer.roles_changed": "Roles changed",
        "officer.password_set": "Password set",
        "officer.disabled": "Account closed",
        "directory.pinned": "Directory taken into use",
        "law.pack_adopted": "Law taken into use",
        "peer.added": "Peer added",
        "peer.renewed": "Key statement of a peer renewed",
        "peer.quarantined": "Peer put into quarantine",
        "peer.released": "Peer released from quarantine",
    }
)
CUSTODY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "identified": "Identified",
        "seized": "Seized",
        "collected": "Collected",
        "sealed": "Sealed",
        "transported": "Transported",
        "stored": "Stored",
        "acquired": "Acquired",
        "verified": "Verified",
        "copied": "Copied",
        "examined": "Examined",
        "transferred": "Transferred",
        "received": "Received",
        "rejected": "Rejected",
        "reviewed": "Reviewed",
        "returned": "Returned",
        "destroyed": "Destroyed",
    }
)
PACKAGES: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("outgoing", "ordered"): "Digests are being checked",
        ("outgoing", "awaiting_final"): "Waiting for the witnesses",
        ("outgoing", "built"): "Being sealed to the recipient",
        ("outgoing", "ready"): "Ready to be delivered",
        ("outgoing", "sent"): "Sent",
        ("outgoing", "confirmed"): "Receipt confirmed by the other side",
        ("outgoing", "rejected"): "Rejected by the other side",
        ("incoming", "expected"): "On its way",
        ("incoming", "awaiting_final"): "Verified; waiting for the witnesses",
        ("incoming", "accepted"): "Verified and accepted",
        ("incoming", "failed"): "Did not verify",
        ("incoming", "confirmed"): "Receipt confirmed",
        ("incoming", "rejected"): "Rejected",
    }
)
MESSAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "assistance.request/1": "Request",
        "assistance.acknowledgement/1": "Acknowledgement",
        "assistance.information_request/1": "Question",
        "assistance.additional_information/1": "Further information",
        "assistance.condition_offer/1": "Offer of conditions",
        "assistance.condition_reply/1": "Answer to the conditions",
        "assistance.consultation/1": "Consultation",
        "assistance.consultation_reply/1": "Reply to the consultation",
        "assistance.decision/1": "Decision",
        "assistance.postponement/1": "Postponement",
        "assistance.execution_report/1": "Report",
        "evidence.delivery/1": "Delivery of evidence",
        "evidence.receipt/1": "Receipt for evidence",
        "assistance.withdrawal/1": "Withdrawal",
        "assistance.closure/1": "Closure",
        "package": "Package",
    }
)
RECEIPTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "submitted": "Taken for sending",
        "submission_refused": "Not taken for sending",
        "accepted": "Announcement accepted",
        "relayed": "All parts have arrived",
        "relay_refused": "Refused by the other node",
        "relay_failed": "Could not be passed on in time",
        "delivered": "Delivered",
        "not_delivered": "Not delivered",
        "handed_over": "Handed to an officer",
        "verified": "Verified",
    }
)


def event_label(name: str) -> str:
    """Return the words for an event."""
    if name.startswith("custody."):
        return CUSTODY.get(name.removeprefix("custody."), name)
    return EVENTS.get(name, name)
