# SPDX-License-Identifier: Apache-2.0
"""Every message type: who may send it, how its body is read, what it causes.

One literal table. `effects` are actions of the receiver's workflow table
(`comity.assistance.tables`); which of them it is depends on the body and on what
the receiver knows. Adding a type means a row here, a reader in
`comity.assistance.messages` and a handler in the node's inbox; a test compares
the three.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from comity.assistance import messages
from comity.assistance.messages import Message
from comity.authorities.model import Role
from comity.canonical.ids import ObjectId
from comity.canonical.members import Members

#: Who sends requests and answers them (Budapest Convention, Articles 27(2) and 35).
_CHANNELS: Final = frozenset({Role.CENTRAL, Role.CONTACT_24_7, Role.COMPETENT})
#: A laboratory may send evidence and the receipts for it, but asks for nothing.
_EVIDENCE: Final = _CHANNELS | {Role.FORENSIC}


class Side(StrEnum):
    """On which side of a case an authority stands."""

    REQUESTING = "requesting"
    REQUESTED = "requested"


_EITHER: Final = frozenset(Side)
_ASKS: Final = frozenset({Side.REQUESTING})
_IS_ASKED: Final = frozenset({Side.REQUESTED})


@dataclass(frozen=True)
class MessageType:
    """One type of message."""

    name: str
    read: Callable[[Members], Message]
    sides: frozenset[Side]
    """Sides of the case whose authority may send it."""
    roles: frozenset[Role]
    """The sender's key statement must give it one of these roles."""
    effects: tuple[str, ...]
    opens: bool = False
    """True for the one type that begins a case at the receiver's."""


def _row(
    message: type[Message],
    sides: frozenset[Side],
    effects: tuple[str, ...],
    roles: frozenset[Role] = _CHANNELS,
    *,
    opens: bool = False,
) -> MessageType:
    return MessageType(message.TYPE, message.read, sides, roles, effects, opens)


_ROWS: Final = (
    _row(messages.RequestMessage, _ASKS, ("request_received",), opens=True),
    _row(messages.Acknowledgement, _IS_ASKED, ("acknowledged",)),
    _row(messages.InformationRequest, _IS_ASKED, ("information_requested",)),
    _row(
        messages.AdditionalInformation,
        _ASKS,
        ("information_supplied", "information_added", "earlier_answer_received"),
    ),
    _row(messages.ConditionOffer, _IS_ASKED, ("condition_offered",)),
    _row(
        messages.ConditionReply,
        _ASKS,
        ("condition_accepted", "condition_declined", "earlier_answer_received"),
    ),
    _row(messages.Consultation, _IS_ASKED, ("consultation_opened",)),
    _row(messages.ConsultationReply, _ASKS, ("consultation_replied", "earlier_answer_received")),
    _row(messages.DecisionNotice, _IS_ASKED, ("accepted", "refused")),
    _row(messages.ExecutionReport, _IS_ASKED, ("preservation_reported", "progress_reported")),
    _row(
        messages.EvidenceDelivery,
        _IS_ASKED,
        ("evidence_delivered_in_part", "evidence_delivered"),
        _EVIDENCE,
    ),
    _row(messages.EvidenceReceipt, _ASKS, ("receipt_confirmed", "package_rejected"), _EVIDENCE),
    _row(messages.Withdrawal, _ASKS, ("withdrawn",)),
    _row(messages.Closure, _EITHER, ("closed_by_peer",)),
)

#: Message type by name.
MESSAGES: Final[Mapping[str, MessageType]] = MappingProxyType({row.name: row for row in _ROWS})


def case_of(message: Message) -> ObjectId:
    """Return the case a message is about: the identifier of its request."""
    return message.request_id
