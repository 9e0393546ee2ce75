# SPDX-License-Identifier: Apache-2.0
"""The parts of an answer: reasons, requirements, clocks, dual criminality, channels, transfer.

Each names the article and how far the record behind it can be trusted, and each
has the JSON form that `answer.py` puts together.
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.canonical.digest import Sha256
from comity.canonical.json import Object
from comity.law.origin import Confidence


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of an answer. `weight`: for, against, or open (it cannot be said)."""

    text: str
    article: str
    record: str
    source: tuple[str, ...]
    confidence: Confidence
    weight: str = "for"
    code: str = ""
    facts: tuple[str, ...] = ()
    """The facts of the question that were looked at, as `name=value`."""
    pack: str = ""
    """The part of the pack that holds the record: the built-in law or an overlay."""
    corrected: str = ""
    """Why an overlay put this record in place of another; empty if none did."""

    def to_json(self) -> Object:
        """Return the reason as JSON."""
        result: Object = {
            "text": self.text,
            "article": self.article,
            "record": self.record,
            "source": list(self.source),
            "confidence": str(self.confidence),
            "weight": self.weight,
            "code": self.code,
            "facts": [*self.facts],
            "pack": self.pack,
        }
        if self.corrected:
            result["corrected"] = self.corrected
        return result


@dataclass(frozen=True, slots=True)
class Requirement:
    """A field of the request. `basis`: instrument (the treaty asks for it), practice, or state."""

    field: str
    label: str
    article: str
    required: bool
    basis: str
    confidence: Confidence

    def to_json(self) -> Object:
        """Return the requirement as JSON."""
        return {
            "field": self.field,
            "label": self.label,
            "article": self.article,
            "required": self.required,
            "basis": self.basis,
            "confidence": str(self.confidence),
        }


@dataclass(frozen=True, slots=True)
class LegalClock:
    """A period. `kind`: minimum, maximum or none (no figure, or no deadline)."""

    id: str
    label: str
    start_event: str
    period: str | None
    calendar: str
    article: str
    consequence: str
    kind: str
    value: str = ""
    continues_on: str = ""
    """The event from which the period no longer ends by itself; empty if none."""
    continues_text: str = ""
    unit: str | None = None
    """The unit in which the period is counted (`deadlines.UNITS`); None without a figure."""
    pause: str | None = None
    """A sentence on what stops the period for a time; None if nothing of the kind is recorded."""
    confidence: Confidence = Confidence.LIKELY

    def to_json(self) -> Object:
        """Return the clock as JSON."""
        return {
            "id": self.id,
            "label": self.label,
            "start_event": self.start_event,
            "period": self.period,
            "unit": self.unit,
            "calendar": self.calendar,
            "pause": self.pause,
            "article": self.article,
            "consequence": self.consequence,
            "kind": self.kind,
            "value": self.value,
            "continues_on": self.continues_on,
            "continues_text": self.continues_text,
            "confidence": str(self.confidence),
        }


@dataclass(frozen=True, slots=True)
class OffenceMatch:
    """Dual criminality of one offence: outcome met, not_met or undetermined."""

    offence: str
    label: str
    outcome: str
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    """Elements of which it is not known whether the case shows them."""

    def to_json(self) -> Object:
        """Return the match as JSON."""
        return {
            "offence": self.offence,
            "label": self.label,
            "outcome": self.outcome,
            "missing": list(self.missing),
            "reasons": [reason.to_json() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class DualCriminality:
    """The rule and what it gives.

    `outcome`: not_required, not_applicable, met, may_be_refused,
    must_be_refused or undetermined.
    """

    rule: str
    text: str
    article: str
    outcome: str
    note: str = ""
    offences: tuple[OffenceMatch, ...] = ()
    reasons: tuple[Reason, ...] = ()

    def to_json(self) -> Object:
        """Return the finding as JSON."""
        return {
            "rule": self.rule,
            "text": self.text,
            "article": self.article,
            "outcome": self.outcome,
            "note": self.note,
            "offences": [match.to_json() for match in self.offences],
            "reasons": [reason.to_json() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground of refusal. `applies`: yes, no or undetermined, with the reason in `because`."""

    code: str
    label: str
    article: str
    applies: str = "yes"
    because: str = ""

    def to_json(self) -> Object:
        """Return the ground as JSON."""
        return {
            "code": self.code,
            "label": self.label,
            "article": self.article,
            "applies": self.applies,
            "because": self.because,
        }


@dataclass(frozen=True, slots=True)
class Words:
    """A rule that the pack keeps in words (use limits, confidentiality, postponement)."""

    text: str
    applies: str = "yes"
    because: str = ""

    def to_json(self) -> Object:
        """Return the rule as JSON."""
        return {"text": self.text, "applies": self.applies, "because": self.because}


@dataclass(frozen=True, slots=True)
class Institution:
    """An authority that the pack names for a channel."""

    name: str
    role: str
    as_of: str
    record: str
    source: tuple[str, ...]
    confidence: Confidence

    def to_json(self) -> Object:
        """Return the institution as JSON."""
        return {
            "name": self.name,
            "role": self.role,
            "as_of": self.as_of,
            "record": self.record,
            "source": list(self.source),
            "confidence": str(self.confidence),
        }


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to send the request. `open`: yes, no, urgent_only or undetermined."""

    code: str
    label: str
    article: str
    open: str
    because: str
    institutions: tuple[Institution, ...] = ()
    role: str = ""
    """Role of the authorities behind the channel, in the pack's word; empty if it names none."""

    def to_json(self) -> Object:
        """Return the channel as JSON."""
        return {
            "code": self.code,
            "label": self.label,
            "article": self.article,
            "open": self.open,
            "because": self.because,
            "institutions": [item.to_json() for item in self.institutions],
        }


@dataclass(frozen=True, slots=True)
class Language:
    """What is known of the language: the instrument's rule, and what the state declared."""

    rule: str
    accepted: tuple[str, ...]
    text: str
    record: str
    confidence: Confidence

    def to_json(self) -> Object:
        """Return the language rule as JSON."""
        return {
            "rule": self.rule,
            "accepted": list(self.accepted),
            "text": self.text,
            "record": self.record,
            "confidence": str(self.confidence),
        }


@dataclass(frozen=True, slots=True)
class StateRule:
    """What the requested state says of itself (its rule pack), as it bears on this basis."""

    topic: str
    label: str
    text: str
    article: str
    period: str
    record: str
    source: tuple[str, ...]
    confidence: Confidence
    pack: str
    outcome: str = ""
    """For a threshold: met, not_met or not_stated; else empty."""

    def to_json(self) -> Object:
        """Return the rule as JSON."""
        return {
            "topic": self.topic,
            "label": self.label,
            "text": self.text,
            "article": self.article,
            "period": self.period,
            "record": self.record,
            "source": list(self.source),
            "confidence": str(self.confidence),
            "pack": self.pack,
            "outcome": self.outcome,
        }


@dataclass(frozen=True, slots=True)
class Supplement:
    """An instrument that changes or adds to this basis. `binds`: yes, no or undetermined."""

    instrument: str
    title: str
    binds: str
    text: str

    def to_json(self) -> Object:
        """Return the supplement as JSON."""
        return {
            "instrument": self.instrument,
            "title": self.title,
            "binds": self.binds,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class TransferFinding:
    """A ground for transferring personal data that comes into question, with its conditions."""

    ground: str
    regime: str
    article: str
    conditions: tuple[str, ...]
    use_for: str
    text: str
    confidence: Confidence
    sources: tuple[str, ...]
    instruments: tuple[str, ...] = ()

    def to_json(self) -> Object:
        """Return the finding as JSON."""
        return {
            "ground": self.ground,
            "regime": self.regime,
            "article": self.article,
            "conditions": list(self.conditions),
            "use_for": self.use_for,
            "text": self.text,
            "instruments": list(self.instruments),
            "confidence": str(self.confidence),
            "sources": list(self.sources),
        }


@dataclass(frozen=True, slots=True)
class Transfer:
    """How personal data may travel from the requested to the requesting state."""

    exporter: str
    importer: str
    status: str
    """within_regime, grounds or not_established."""
    text: str
    findings: tuple[TransferFinding, ...]

    def to_json(self) -> Object:
        """Return the transfer part as JSON."""
        return {
            "exporter": self.exporter,
            "importer": self.importer,
            "status": self.status,
            "text": self.text,
            "grounds": [item.to_json() for item in self.findings],
        }


@dataclass(frozen=True, slots=True)
class PackPart:
    """One part of the pack that answered: the built-in law, or an overlay and who signed it."""

    name: str
    version: str
    digest: Sha256
    signed_by: str
    reason: str
    as_of: str

    def to_json(self) -> Object:
        """Return the part as JSON."""
        return {
            "name": self.name,
            "version": self.version,
            "as_of": self.as_of,
            "digest": self.digest,
            "signed_by": self.signed_by,
            "reason": self.reason,
        }
