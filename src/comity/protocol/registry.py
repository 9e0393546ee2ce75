# SPDX-License-Identifier: Apache-2.0
"""Every message type: who may send it, how its body is read, what it causes.

One literal table. `effects` are actions of the receiver's workflow table
(`comity.assistance.tables`); which of them it is depends on the body and on what
the receiver knows (`comity.assistance.decide.received`). Adding a type means a
row here, a reader in `comity.assistance.messages` and a handler there; a test
compares the three.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from comity.assistance import messages
from comity.assistance.decide.received import EFFECTS
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
    since: int = 1
    """The message set that brought it; nodes of an earlier one refuse it."""


def _row(
    message: type[Message],
    sides: frozenset[Side],
    roles: frozenset[Role] = _CHANNELS,
    *,
    opens: bool = False,
    since: int = 1,
) -> MessageType:
    name = message.TYPE
    return MessageType(name, message.read, sides, roles, EFFECTS[name], opens, since)


_ROWS: Final = (
    _row(messages.RequestMessage, _ASKS, opens=True),
    _row(messages.Acknowledgement, _IS_ASKED),
    _row(messages.InformationRequest, _IS_ASKED),
    _row(messages.AdditionalInformation, _ASKS),
    _row(messages.ConditionOffer, _IS_ASKED),
    _row(messages.ConditionReply, _ASKS),
    _row(messages.Consultation, _IS_ASKED),
    _row(messages.ConsultationReply, _ASKS),
    _row(messages.DecisionNotice, _IS_ASKED),
    _row(messages.Postponement, _IS_ASKED, since=2),
    _row(messages.ExecutionReport, _IS_ASKED),
    _row(messages.EvidenceDelivery, _IS_ASKED, _EVIDENCE),
    _row(messages.EvidenceReceipt, _ASKS, _EVIDENCE),
    _row(messages.Withdrawal, _ASKS),
    _row(messages.Closure, _EITHER),
)

#: Message type by name.
MESSAGES: Final[Mapping[str, MessageType]] = MappingProxyType({row.name: row for row in _ROWS})
#: Types that a peer may not know yet.
NEWER: Final = frozenset(row.name for row in _ROWS if row.since > 1)


def case_of(message: Message) -> ObjectId:
    """Return the case a message is about: the identifier of its request."""
    return message.request_id
