# SPDX-License-Identifier: Apache-2.0
"""Messages about evidence: what was sent, and that it arrived and was verified.

Conditions that were accepted travel with the delivery, and every exhibit names
those that bind it (Budapest Convention art. 28(2)-(3)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from comity.assistance.field_catalogue import MAX_LINE, MAX_LONG
from comity.assistance.model import MAX_CONDITIONS, Condition, read_conditions, read_text
from comity.canonical.digest import Sha256, parse_sha256
from comity.canonical.ids import ObjectId, parse_exhibit_number, parse_object_id
from comity.canonical.json import Object
from comity.canonical.members import Members
from comity.canonical.text import check_text
from comity.errors import Invalid

#: Most exhibits in one delivery.
MAX_EXHIBITS: Final = 1_000


@dataclass(frozen=True, kw_only=True)
class DeliveredExhibit:
    """One exhibit of a delivery; `conditions` are the identifiers of those that bind it."""

    number: str
    description: str
    conditions: tuple[ObjectId, ...] = ()

    def __post_init__(self) -> None:
        parse_exhibit_number(self.number, what="exhibit: number")
        check_text(self.description, what="exhibit: description", limit=MAX_LINE)

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "number": self.number,
            "description": self.description,
            "conditions": list(self.conditions),
        }

    @classmethod
    def read(cls, members: Members) -> DeliveredExhibit:
        """Read the JSON form."""
        what = members.what
        exhibit = cls(
            number=parse_exhibit_number(members.text("number", limit=40), what=f"{what}: number"),
            description=read_text(members, "description", limit=MAX_LINE),
            conditions=tuple(
                parse_object_id(name, what=f"{what}: conditions[{index}]")
                for index, name in enumerate(
                    members.texts("conditions", limit=MAX_CONDITIONS, text_limit=36)
                )
            ),
        )
        members.end()
        return exhibit


@dataclass(frozen=True, kw_only=True)
class EvidenceDelivery:
    """A package was sent.

    `complete` ends the delivery; otherwise `outstanding` says what is still to come
    and why. `parcel` is the SHA-256 of the part list of the sealed parcel, `seal` that of
    the package's seal, `replaces` the packages that were rejected.
    """

    TYPE: ClassVar[str] = "evidence.delivery/1"
    request_id: ObjectId
    package_id: ObjectId
    parcel: Sha256
    seal: Sha256
    exhibits: tuple[DeliveredExhibit, ...]
    complete: bool
    outstanding: str = ""
    replaces: tuple[ObjectId, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        self.check(what=self.TYPE)

    def check(self, *, what: str) -> None:
        """Raise `Invalid` where members contradict each other."""
        text = self.outstanding
        check_text(
            text, what=f"{what}: outstanding", limit=MAX_LONG, lines=True, blank=self.complete
        )
        if self.complete and text:
            raise Invalid(
                "delivery.complete", f"{what}: outstanding: a complete delivery leaves nothing out"
            )
        numbers = [exhibit.number for exhibit in self.exhibits]
        if not 0 < len(numbers) <= MAX_EXHIBITS:
            raise Invalid("assistance.too_few", f"{what}: exhibits: 1 to {MAX_EXHIBITS}")
        if len(set(numbers)) != len(numbers):
            raise Invalid("assistance.repeated", f"{what}: exhibits: a number occurs twice")
        known = {condition.id for condition in self.conditions}
        for index, exhibit in enumerate(self.exhibits):
            if not known.issuperset(exhibit.conditions):
                raise Invalid(
                    "delivery.condition",
                    f"{what}: exhibits[{index}]: conditions: names one that is not in the delivery",
                )

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "request_id": self.request_id,
            "package_id": self.package_id,
            "parcel": self.parcel,
            "seal": self.seal,
            "exhibits": [exhibit.to_json() for exhibit in self.exhibits],
            "complete": self.complete,
            "outstanding": self.outstanding,
            "replaces": list(self.replaces),
            "conditions": [condition.to_json() for condition in self.conditions],
        }

    @classmethod
    def read(cls, members: Members) -> EvidenceDelivery:
        """Read the JSON form."""
        complete = members.boolean("complete")
        message = cls(
            request_id=members.object_id("request_id"),
            package_id=members.object_id("package_id"),
            parcel=members.sha256("parcel"),
            seal=members.sha256("seal"),
            exhibits=tuple(
                DeliveredExhibit.read(item) for item in members.each("exhibits", limit=MAX_EXHIBITS)
            ),
            complete=complete,
            outstanding=read_text(
                members, "outstanding", limit=MAX_LONG, lines=True, blank=complete
            ),
            replaces=tuple(
                parse_object_id(name, what=f"{members.what}: replaces[{index}]")
                for index, name in enumerate(
                    members.texts("replaces", limit=MAX_EXHIBITS, text_limit=36)
                )
            ),
            conditions=read_conditions(members, "conditions"),
        )
        members.end()
        return message


@dataclass(frozen=True, kw_only=True)
class EvidenceReceipt:
    """The package arrived and was checked.

    `report` is the SHA-256 of the verification report. `statements` are those of
    the custody statements that the receiver made (`received`, or `rejected`), one
    per exhibit. A package that did not verify is answered with `reasons`.
    """

    TYPE: ClassVar[str] = "evidence.receipt/1"
    request_id: ObjectId
    package_id: ObjectId
    verified: bool
    report: Sha256
    statements: tuple[Sha256, ...]
    reasons: str = ""

    def __post_init__(self) -> None:
        check_text(self.reasons, what="reasons", limit=MAX_LONG, lines=True, blank=self.verified)

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "request_id": self.request_id,
            "package_id": self.package_id,
            "verified": self.verified,
            "report": self.report,
            "statements": list(self.statements),
            "reasons": self.reasons,
        }

    @classmethod
    def read(cls, members: Members) -> EvidenceReceipt:
        """Read the JSON form."""
        verified = members.boolean("verified")
        message = cls(
            request_id=members.object_id("request_id"),
            package_id=members.object_id("package_id"),
            verified=verified,
            report=members.sha256("report"),
            statements=tuple(
                parse_sha256(name, what=f"{members.what}: statements[{index}]")
                for index, name in enumerate(
                    members.texts("statements", limit=MAX_EXHIBITS, text_limit=64)
                )
            ),
            reasons=read_text(members, "reasons", limit=MAX_LONG, lines=True, blank=verified),
        )
        members.end()
        return message
