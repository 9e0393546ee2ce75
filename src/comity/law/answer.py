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
from comity.canonical.json import JSON, Object
from comity.errors import Invalid
from comity.law.findings import (
    Channel,
    DualCriminality,
    Ground,
    Language,
    LegalClock,
    PackPart,
    Reason,
    Requirement,
    StateRule,
    Supplement,
    Transfer,
    Words,
)
from comity.law.origin import Confidence

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

    def __post_init__(self) -> None:
        """Count an offence that is named twice once: it is one question with one answer."""
        object.__setattr__(self, "offences", tuple(dict.fromkeys(self.offences)))

    def to_json(self) -> Object:
        """Return the facts as JSON."""
        return {
            "requesting": self.requesting,
            "requested": self.requested,
            "measure": self.measure,
            "offences": [*self.offences],
            "elements": [*sorted(self.elements)],
            "absent": [*sorted(self.absent)],
            "maximum_months": self.maximum_months,
        }

    @classmethod
    def from_json(cls, value: Object, *, what: str = "facts") -> LegalFacts:
        """Read what `to_json` wrote, or raise `Invalid` (`law.facts_malformed`)."""
        texts = {name: value.get(name) for name in ("requesting", "requested", "measure")}
        lists = {name: value.get(name, []) for name in ("offences", "elements", "absent")}
        months = value.get("maximum_months")
        if not (
            all(isinstance(text, str) for text in texts.values())
            and all(_is_texts(items) for items in lists.values())
            and (months is None or (isinstance(months, int) and not isinstance(months, bool)))
        ):
            raise Invalid("law.facts_malformed", f"{what}: these are not legal facts")
        return cls(
            requesting=str(texts["requesting"]),
            requested=str(texts["requested"]),
            measure=str(texts["measure"]),
            offences=tuple(_texts(lists["offences"])),
            elements=frozenset(_texts(lists["elements"])),
            absent=frozenset(_texts(lists["absent"])),
            maximum_months=months,
        )


def _is_texts(value: JSON) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _texts(value: JSON) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


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
    state_rules: tuple[StateRule, ...] = ()
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
            "requires": [item.field for item in self.requires if item.required],
            "fields": [item.to_json() for item in self.requires],
            "clocks": [item.to_json() for item in self.clocks],
            "dual_criminality": None if dual is None else dual.to_json(),
            "refusal_grounds": [item.to_json() for item in self.refusal_grounds],
            "postponement": [item.to_json() for item in self.postponement],
            "use_limits": [item.to_json() for item in self.use_limits],
            "confidentiality": [item.to_json() for item in self.confidentiality],
            "channels": [item.to_json() for item in self.channels],
            "languages": [item.to_json() for item in self.languages],
            "supplements": [item.to_json() for item in self.supplements],
            "state_rules": [item.to_json() for item in self.state_rules],
            "equal_to": list(self.equal_to),
            "confidence": str(self.confidence),
            "contents_confidence": None if contents is None else str(contents),
            "sources": list(self.sources),
            "note": self.note,
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
    parts: tuple[PackPart, ...] = ()

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
                "parts": [part.to_json() for part in self.parts],
            },
        }
