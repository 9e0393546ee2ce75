# SPDX-License-Identifier: Apache-2.0
"""The question put to the law, and the answer it gives.

An answer advises; a person decides. Every line of it names the article, the
record of the pack it rests on, the sources and how far they can be trusted.
`to_json` gives the stable form that the command line, the API and the store
use (`docs/reference/law-answer.md`); its `format` changes with its meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from comity.canonical.digest import Sha256
from comity.canonical.json import Object
from comity.law.model import Confidence

FORMAT: Final = "comity.law.answer/1"

USABLE: Final = "usable"
NOT_USABLE: Final = "not_usable"
UNDETERMINED: Final = "undetermined"


@dataclass(frozen=True, slots=True)
class LegalFacts:
    """What the law is asked about.

    `requesting`, `requested`: ISO 3166-1 codes. `measure`, `offences`,
    `elements`: ids of the pack. `elements` are facts that the case shows,
    `absent` facts that it certainly does not show; what is in neither is not
    known. `maximum_months`: the maximum penalty of the offence in the
    requesting state, in months of imprisonment; None = not stated.
    """

    requesting: str
    requested: str
    measure: str
    offences: tuple[str, ...] = ()
    elements: frozenset[str] = frozenset()
    maximum_months: int | None = None
    absent: frozenset[str] = frozenset()

    def to_json(self) -> Object:
        """Return the facts as JSON."""
        return {
            "requesting": self.requesting,
            "requested": self.requested,
            "measure": self.measure,
            "offences": list(self.offences),
            "elements": sorted(self.elements),
            "absent": sorted(self.absent),
            "maximum_months": self.maximum_months,
        }


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
    corrected: str = ""

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
    confidence: Confidence = Confidence.LIKELY

    def to_json(self) -> Object:
        """Return the clock as JSON."""
        return {
            "id": self.id,
            "label": self.label,
            "start_event": self.start_event,
            "period": self.period,
            "calendar": self.calendar,
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
class Basis:
    """One candidate basis.

    `confidence` is that of the weakest record on which the status rests;
    `contents_confidence` that of the rules on contents, clocks and grounds.
    """

    instrument: str
    title: str
    article: str
    status: str
    reasons: tuple[Reason, ...]
    requires: tuple[Requirement, ...]
    clocks: tuple[LegalClock, ...]
    dual_criminality: DualCriminality | None
    refusal_grounds: tuple[Ground, ...]
    postponement: tuple[Words, ...]
    use_limits: tuple[Words, ...]
    confidentiality: tuple[Words, ...]
    channels: tuple[Channel, ...]
    languages: tuple[Language, ...]
    confidence: Confidence
    sources: tuple[str, ...]
    measure: str = ""
    """The measure whose rule is used; differs from the one asked for where a parent is used."""
    addressee: str = "state"
    contents_confidence: Confidence | None = None
    missing: tuple[str, ...] = ()
    supplements: tuple[Supplement, ...] = ()
    equal_to: tuple[str, ...] = ()
    note: str = ""
    provision: str = ""

    def to_json(self) -> Object:
        """Return the basis as JSON."""
        contents = self.contents_confidence
        dual = self.dual_criminality
        return {
            "instrument": self.instrument,
            "title": self.title,
            "article": self.article,
            "status": self.status,
            "measure": self.measure,
            "addressee": self.addressee,
            "reasons": [item.to_json() for item in self.reasons],
            "missing": list(self.missing),
            "requires": [item.to_json() for item in self.requires],
            "clocks": [item.to_json() for item in self.clocks],
            "dual_criminality": None if dual is None else dual.to_json(),
            "refusal_grounds": [item.to_json() for item in self.refusal_grounds],
            "postponement": [item.to_json() for item in self.postponement],
            "use_limits": [item.to_json() for item in self.use_limits],
            "confidentiality": [item.to_json() for item in self.confidentiality],
            "channels": [item.to_json() for item in self.channels],
            "languages": [item.to_json() for item in self.languages],
            "supplements": [item.to_json() for item in self.supplements],
            "equal_to": list(self.equal_to),
            "confidence": str(self.confidence),
            "contents_confidence": None if contents is None else str(contents),
            "sources": list(self.sources),
            "note": self.note,
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
class Assessment:
    """The whole answer: bases in order of preference, the transfer ground, and which law it is."""

    bases: tuple[Basis, ...]
    facts: LegalFacts
    transfer: Transfer
    notes: tuple[str, ...]
    checked: tuple[str, ...]
    """Ids of all instruments that were looked at."""
    citations: tuple[Reason, ...]
    """What the answer rests on where no basis is a candidate."""
    pack_name: str
    pack_version: str
    pack_digest: Sha256
    as_of: date

    @property
    def usable(self) -> tuple[Basis, ...]:
        """The usable bases, in order of preference."""
        return tuple(basis for basis in self.bases if basis.status == USABLE)

    @property
    def undetermined(self) -> tuple[Basis, ...]:
        """The bases of which it cannot be said whether they can be used."""
        return tuple(basis for basis in self.bases if basis.status == UNDETERMINED)

    def to_json(self) -> Object:
        """Return the answer in its stable form."""
        return {
            "format": FORMAT,
            "as_of": self.as_of.isoformat(),
            "facts": self.facts.to_json(),
            "usable": list(dict.fromkeys(basis.instrument for basis in self.usable)),
            "undetermined": list(dict.fromkeys(basis.instrument for basis in self.undetermined)),
            "bases": [basis.to_json() for basis in self.bases],
            "transfer": self.transfer.to_json(),
            "notes": list(self.notes),
            "checked": list(self.checked),
            "citations": [reason.to_json() for reason in self.citations],
            "pack": {
                "name": self.pack_name,
                "version": self.pack_version,
                "digest": self.pack_digest,
            },
        }
