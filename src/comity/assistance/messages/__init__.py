# SPDX-License-Identifier: Apache-2.0
"""The messages of a request: what the two authorities say to each other.

Each type is a frozen dataclass with `to_json` and a strict `read`: exactly the
members it names, every limit a constant, `Invalid` with the place of the fault
for any other shape. An answer names what it answers, so that a late answer to an
old question is never taken for an answer to a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from comity.assistance.messages.dialogue import (
    Acknowledgement,
    AdditionalInformation,
    ConditionOffer,
    ConditionReply,
    Consultation,
    ConsultationReply,
    ConsultationSubject,
    DataHeld,
    InformationRequest,
    RequestMessage,
)
from comity.assistance.messages.evidence import DeliveredExhibit, EvidenceDelivery, EvidenceReceipt
from comity.assistance.messages.outcome import (
    Closure,
    ClosureReason,
    DecisionKind,
    DecisionNotice,
    ExecutionReport,
    PreservationReport,
    PreservationResult,
    ProgressPhase,
    ProgressReport,
    Withdrawal,
)
from comity.assistance.messages.postponement import Postponement
from comity.canonical.json import Object
from comity.canonical.members import Members
from comity.errors import Invalid

__all__ = [
    "READERS",
    "Acknowledgement",
    "AdditionalInformation",
    "Closure",
    "ClosureReason",
    "ConditionOffer",
    "ConditionReply",
    "Consultation",
    "ConsultationReply",
    "ConsultationSubject",
    "DataHeld",
    "DecisionKind",
    "DecisionNotice",
    "DeliveredExhibit",
    "EvidenceDelivery",
    "EvidenceReceipt",
    "ExecutionReport",
    "InformationRequest",
    "Message",
    "Postponement",
    "PreservationReport",
    "PreservationResult",
    "ProgressPhase",
    "ProgressReport",
    "RequestMessage",
    "Withdrawal",
    "read_message",
]

Message: TypeAlias = (
    RequestMessage
    | Acknowledgement
    | InformationRequest
    | AdditionalInformation
    | ConditionOffer
    | ConditionReply
    | Consultation
    | ConsultationReply
    | DecisionNotice
    | Postponement
    | ExecutionReport
    | EvidenceDelivery
    | EvidenceReceipt
    | Withdrawal
    | Closure
)

#: Type name -> strict reader of its body.
READERS: Final[Mapping[str, Callable[[Members], Message]]] = MappingProxyType(
    {
        RequestMessage.TYPE: RequestMessage.read,
        Acknowledgement.TYPE: Acknowledgement.read,
        InformationRequest.TYPE: InformationRequest.read,
        AdditionalInformation.TYPE: AdditionalInformation.read,
        ConditionOffer.TYPE: ConditionOffer.read,
        ConditionReply.TYPE: ConditionReply.read,
        Consultation.TYPE: Consultation.read,
        ConsultationReply.TYPE: ConsultationReply.read,
        DecisionNotice.TYPE: DecisionNotice.read,
        Postponement.TYPE: Postponement.read,
        ExecutionReport.TYPE: ExecutionReport.read,
        EvidenceDelivery.TYPE: EvidenceDelivery.read,
        EvidenceReceipt.TYPE: EvidenceReceipt.read,
        Withdrawal.TYPE: Withdrawal.read,
        Closure.TYPE: Closure.read,
    }
)


def read_message(*, message_type: str, body: Object) -> Message:
    """Read the body of a message of this type, or raise `Invalid`."""
    if message_type not in READERS:
        raise Invalid(
            "message.unknown_type",
            f"{message_type[:80]!r} is not a message of assistance",
            hint="One of: " + ", ".join(READERS),
        )
    return READERS[message_type](Members(body, what=message_type))
