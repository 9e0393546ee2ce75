# SPDX-License-Identifier: Apache-2.0
"""What a message of the other side, or the node itself, does to this side's record.

Messages arrive exactly once and in the order in which they were sent, but those
of the two sides cross. An answer therefore counts only for the question it
names; a late one is recorded and changes no state. A message that the other
side could not have sent raises `Refused` or `Invalid`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from comity.assistance.decide import to_requested, to_requesting
from comity.assistance.decide.step import Decision, whole_seconds
from comity.assistance.events import EVENT_OF, Event
from comity.assistance.facts import (
    RequestFacts,
    Situation,
)
from comity.assistance.messages import (
    Acknowledgement,
    AdditionalInformation,
    Closure,
    ConditionOffer,
    ConditionReply,
    Consultation,
    ConsultationReply,
    DecisionNotice,
    EvidenceDelivery,
    EvidenceReceipt,
    ExecutionReport,
    InformationRequest,
    Message,
    Postponement,
    RequestMessage,
    Withdrawal,
)
from comity.assistance.model import Direction
from comity.assistance.tables import INCOMING
from comity.canonical.ids import AuthorityId
from comity.canonical.time import Instant
from comity.errors import Invalid


def receive(
    *, message: RequestMessage, sender: AuthorityId, recipient: AuthorityId, now: Instant
) -> Decision:
    """Open the record of a request that arrived at `now`.

    Raises `Invalid` unless the contents name sender and recipient.
    """
    content = message.content
    if content.requesting != sender:
        raise Invalid("assistance.sender", f"content: requesting: sent by {sender}")
    if content.requested != recipient:
        raise Invalid("assistance.recipient", "content: requested: another authority is asked")
    request = RequestFacts(
        direction=Direction.INCOMING,
        content=content,
        state=INCOMING.initial,
        received=whole_seconds(now),
    )
    event = Event(
        name=EVENT_OF[Direction.INCOMING, INCOMING.opening],
        request_id=request.id,
        at=now,
        details={"digest": content.digest, "kind": content.kind.value},
    )
    return Decision(request=request, turn=INCOMING.turns[request.state], events=(event,))


def take(*, situation: Situation, message: Message) -> Decision:
    """Return what `message` does to the record.

    Raises `Refused` if it cannot come now, `Invalid` if it is about something
    unknown, `Conflict` if it gives a known identifier to something else.
    """
    request = situation.request
    if message.request_id != request.id:
        raise Invalid("assistance.request_id", "request_id: about another request")
    handler = _HANDLERS.get((request.direction, type(message)))
    if handler is None:
        raise Invalid(
            "assistance.direction",
            f"{message.TYPE}: not sent to the {_side(request.direction)} side",
        )
    return handler(situation, message)


def _side(direction: Direction) -> str:
    return "requesting" if direction is Direction.OUTGOING else "requested"


_HANDLERS: Final[Mapping[tuple[Direction, type], Callable[..., Decision]]] = MappingProxyType(
    {
        (Direction.OUTGOING, Acknowledgement): to_requesting.acknowledgement,
        (Direction.OUTGOING, InformationRequest): to_requesting.information_request,
        (Direction.OUTGOING, ConditionOffer): to_requesting.condition_offer,
        (Direction.OUTGOING, Consultation): to_requesting.consultation,
        (Direction.OUTGOING, DecisionNotice): to_requesting.decision,
        (Direction.OUTGOING, Postponement): to_requesting.postponement,
        (Direction.OUTGOING, ExecutionReport): to_requesting.execution_report,
        (Direction.OUTGOING, EvidenceDelivery): to_requesting.delivery,
        (Direction.OUTGOING, Closure): to_requesting.closure,
        (Direction.INCOMING, AdditionalInformation): to_requested.additional_information,
        (Direction.INCOMING, ConditionReply): to_requested.condition_reply,
        (Direction.INCOMING, ConsultationReply): to_requested.consultation_reply,
        (Direction.INCOMING, EvidenceReceipt): to_requested.receipt,
        (Direction.INCOMING, Withdrawal): to_requested.withdrawal,
        (Direction.INCOMING, Closure): to_requesting.closure,
    }
)

#: The actions that a message may be on the side that receives it.
EFFECTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        RequestMessage.TYPE: ("request_received",),
        Acknowledgement.TYPE: ("acknowledged",),
        InformationRequest.TYPE: ("information_requested",),
        ConditionOffer.TYPE: ("condition_offered",),
        Consultation.TYPE: ("consultation_opened",),
        DecisionNotice.TYPE: ("accepted", "refused"),
        Postponement.TYPE: ("postponed",),
        ExecutionReport.TYPE: ("preservation_reported", "progress_reported"),
        EvidenceDelivery.TYPE: ("evidence_delivered_in_part", "evidence_delivered"),
        AdditionalInformation.TYPE: (
            "information_supplied",
            "information_added",
            "earlier_answer_received",
        ),
        ConditionReply.TYPE: (
            "condition_accepted",
            "condition_declined",
            "earlier_answer_received",
        ),
        ConsultationReply.TYPE: ("consultation_replied", "earlier_answer_received"),
        EvidenceReceipt.TYPE: ("receipt_confirmed", "package_rejected"),
        Withdrawal.TYPE: ("withdrawn",),
        Closure.TYPE: ("closed_by_peer",),
    }
)
