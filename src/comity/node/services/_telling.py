# SPDX-License-Identifier: Apache-2.0
"""What a message says, for the timeline: the words that were written, and labelled facts.

One entry for every message type; a test holds the table against the core's.
Labels are English msgids. Instants are written in RFC 3339; the desk formats
what it recognises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from comity.assistance.actions import CONDITION_LABELS
from comity.assistance.field_catalogue import FIELDS
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
    PreservationReport,
    RequestMessage,
    Withdrawal,
)
from comity.assistance.model import Condition
from comity.canonical.time import Instant, write_instant
from comity.protocol.statement import Handling, HandlingCode

#: The sender's handling codes, as an officer reads them.
_HANDLING: Final[Mapping[HandlingCode, str]] = MappingProxyType(
    {
        HandlingCode.H0: "H0: to prevent and combat crime, without further restriction",
        HandlingCode.H1: "H1: not as evidence in court without the sender's permission",
        HandlingCode.H2: "H2: not to be passed on without the sender's permission",
        HandlingCode.H3: "H3: other restrictions, stated by the sender",
    }
)


@dataclass(frozen=True)
class Told:
    """The words of a message, and facts as label and value."""

    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def tell_message(message: Message) -> Told:
    """Return what a message says."""
    return _TELLERS[type(message)](message)


def with_handling(told: Told, handling: Handling) -> Told:
    """Add what the sender's statement says of its own use, unless that is nothing special."""
    until = handling.retain_until.isoformat() if handling.retain_until else None
    code = handling.code
    facts = _facts(
        ("Handling", None if code is HandlingCode.H0 else _HANDLING[code]),
        ("Purpose and restrictions", handling.purpose),
        ("May be kept until", until),
    )
    return Told(text=told.text, facts=(*told.facts, *facts))


def _facts(*pairs: tuple[str, str | None]) -> tuple[tuple[str, str], ...]:
    return tuple((label, value) for label, value in pairs if value)


def _when(instant: Instant | None) -> str | None:
    return write_instant(instant) if instant else None


def _conditions(conditions: Iterable[Condition]) -> tuple[tuple[str, str], ...]:
    return tuple((CONDITION_LABELS[one.kind], f"{one.text} ({one.article})") for one in conditions)


def _request(message: RequestMessage) -> Told:
    content = message.content
    return Told(text="", facts=_facts(("Reference", content.reference), ("Title", content.title)))


def _acknowledgement(message: Acknowledgement) -> Told:
    return Told(
        text=message.next_step,
        facts=_facts(
            ("Reference of the requested side", message.local_reference),
            ("Handled by", message.handled_by),
            ("Received", _when(message.received)),
        ),
    )


def _information_request(message: InformationRequest) -> Told:
    about = ", ".join(FIELDS[name].label for name in message.about if name in FIELDS)
    return Told(
        text=message.question,
        facts=_facts(
            ("About", about),
            ("Data kept meanwhile", message.data_held.value),
            ("Reply by", _when(message.reply_by)),
        ),
    )


def _additional_information(message: AdditionalInformation) -> Told:
    fields = ", ".join(FIELDS[name].label for name, _ in message.fields.items if name in FIELDS)
    return Told(text=message.text, facts=_facts(("Fields added or corrected", fields)))


def _condition_offer(message: ConditionOffer) -> Told:
    listed = tuple(
        (CONDITION_LABELS[c.kind], f"{c.text} ({c.article})") for c in message.conditions
    )
    return Told(
        text=message.explanation,
        facts=(*listed, *_facts(("Reply by", _when(message.reply_by)))),
    )


def _condition_reply(message: ConditionReply) -> Told:
    return Told(text=message.reasons)


def _consultation(message: Consultation) -> Told:
    return Told(
        text=message.text,
        facts=_facts(
            ("Considered", message.about.value),
            ("Ground", message.ground),
            ("Reply by", _when(message.reply_by)),
        ),
    )


def _consultation_reply(message: ConsultationReply) -> Told:
    return Told(text=message.text)


def _decision(message: DecisionNotice) -> Told:
    listed = tuple(
        (CONDITION_LABELS[c.kind], f"{c.text} ({c.article})") for c in message.conditions
    )
    return Told(
        text=message.reasons,
        facts=(*_facts(("Ground", message.ground), ("Article", message.article)), *listed),
    )


def _postponement(message: Postponement) -> Told:
    return Told(
        text=message.reasons,
        facts=_facts(("Until about", _when(message.until)), ("Legal ground", message.article)),
    )


def _execution_report(message: ExecutionReport) -> Told:
    report = message.report
    if isinstance(report, PreservationReport):
        return Told(
            text="\n\n".join(part for part in (report.remarks, report.warning) if part),
            facts=_facts(
                ("Result", report.result.value),
                ("Held from", _when(report.held_from)),
                ("Held until", _when(report.held_until)),
                ("Provider", report.provider),
                ("Reference of the hold", report.local_reference),
            ),
        )
    expected = report.expected.isoformat() if report.expected else None
    return Told(
        text=report.text,
        facts=_facts(("About", report.phase.value), ("Expected", expected)),
    )


def _delivery(message: EvidenceDelivery) -> Told:
    return Told(
        text=message.outstanding,
        facts=(
            *((f"Exhibit {one.number}", one.description) for one in message.exhibits),
            *_facts(("Package", message.package_id), ("Seal", message.seal)),
        ),
    )


def _receipt(message: EvidenceReceipt) -> Told:
    return Told(
        text=message.reasons,
        facts=_facts(("Package", message.package_id), ("Report", message.report)),
    )


def _withdrawal(message: Withdrawal) -> Told:
    return Told(text=message.reasons)


def _closure(message: Closure) -> Told:
    return Told(text=message.note, facts=_facts(("Reason", message.reason.value)))


_TELLERS: Final[Mapping[type, Callable[[Any], Told]]] = MappingProxyType(
    {
        RequestMessage: _request,
        Acknowledgement: _acknowledgement,
        InformationRequest: _information_request,
        AdditionalInformation: _additional_information,
        ConditionOffer: _condition_offer,
        ConditionReply: _condition_reply,
        Consultation: _consultation,
        ConsultationReply: _consultation_reply,
        DecisionNotice: _decision,
        Postponement: _postponement,
        ExecutionReport: _execution_report,
        EvidenceDelivery: _delivery,
        EvidenceReceipt: _receipt,
        Withdrawal: _withdrawal,
        Closure: _closure,
    }
)
