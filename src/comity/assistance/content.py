# SPDX-License-Identifier: Apache-2.0
"""The contents of a request: everything that is sent, and what approvals approve.

Two officers approve one digest; whoever changes a single character changes the
digest and so recalls the approvals. The advice of the law engine is part of the
contents: the requested side sees on which basis, by which pack, of which day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from comity.assistance.fields import Answers
from comity.assistance.model import MAX_ARTICLE, MAX_NAME, MEASURES, Kind, Urgency, read_text
from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId, ObjectId, Reference, parse_reference
from comity.canonical.json import Object, write
from comity.canonical.members import Members
from comity.canonical.time import read_date
from comity.errors import Invalid

#: Longest title of a request, in characters.
MAX_TITLE: Final = 200
#: Most offences in one request.
MAX_OFFENCES: Final = 30
#: Longest reason for a choice of basis, in characters.
MAX_REASON: Final = 4_000
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,79}", re.ASCII)
BASIS_STATUSES: Final = ("usable", "undetermined")


@dataclass(frozen=True, kw_only=True)
class AssessmentSummary:
    """What the law engine said when the basis was chosen.

    `status` is that of the chosen basis. Where the engine found it undetermined,
    `choice_reason` is why an officer chose it all the same.
    """

    pack_name: str
    pack_version: str
    pack_digest: Sha256
    as_of: date
    status: str
    choice_reason: str = ""

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "pack_name": self.pack_name,
            "pack_version": self.pack_version,
            "pack_digest": self.pack_digest,
            "as_of": self.as_of.isoformat(),
            "status": self.status,
            "choice_reason": self.choice_reason,
        }

    @classmethod
    def read(cls, members: Members) -> AssessmentSummary:
        """Read the JSON form."""
        summary = cls(
            pack_name=read_text(members, "pack_name", limit=MAX_NAME),
            pack_version=read_text(members, "pack_version", limit=MAX_NAME),
            pack_digest=members.sha256("pack_digest"),
            as_of=read_date(members.text("as_of", limit=10), what=f"{members.what}: as_of"),
            status=members.choice("status", BASIS_STATUSES),
            choice_reason=read_text(
                members, "choice_reason", limit=MAX_REASON, lines=True, blank=True
            ),
        )
        members.end()
        return summary


@dataclass(frozen=True, kw_only=True)
class RequestContent:
    """Everything that is sent. A draft may still lack basis and answers."""

    request_id: ObjectId
    reference: Reference
    title: str
    kind: Kind
    measure: str
    requesting: AuthorityId
    requested: AuthorityId
    urgency: Urgency
    offences: tuple[str, ...]
    fields: Answers
    instrument: str = ""
    article: str = ""
    preservation_of: ObjectId | None = None
    assessment: AssessmentSummary | None = None

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "request_id": self.request_id,
            "reference": self.reference,
            "title": self.title,
            "kind": self.kind.value,
            "measure": self.measure,
            "requesting": self.requesting,
            "requested": self.requested,
            "urgency": self.urgency.value,
            "offences": list(self.offences),
            "fields": self.fields.to_json(),
            "instrument": self.instrument,
            "article": self.article,
            "preservation_of": self.preservation_of,
            "assessment": self.assessment.to_json() if self.assessment else None,
        }

    @classmethod
    def read(cls, members: Members) -> RequestContent:
        """Read the JSON form, of a draft or of a request that was sent."""
        what = members.what
        content = cls(
            request_id=members.object_id("request_id"),
            reference=parse_reference(
                members.text("reference", limit=40), what=f"{what}: reference"
            ),
            title=read_text(members, "title", limit=MAX_TITLE),
            kind=Kind(members.choice("kind", [kind.value for kind in Kind])),
            measure=_read_name(members, "measure"),
            requesting=members.authority("requesting"),
            requested=members.authority("requested"),
            urgency=Urgency(members.choice("urgency", [value.value for value in Urgency])),
            offences=_read_offences(members),
            fields=Answers.read(members.take("fields"), what=f"{what}: fields"),
            instrument=_read_name(members, "instrument", blank=True),
            article=read_text(members, "article", limit=MAX_ARTICLE, blank=True),
            preservation_of=members.object_id_or_null("preservation_of"),
            assessment=(
                None
                if members.is_null("assessment")
                else AssessmentSummary.read(members.members("assessment"))
            ),
        )
        members.end()
        content.check(what=what)
        return content

    def check(self, *, what: str = "request") -> None:
        """Raise `Invalid` where members contradict each other."""
        if self.measure not in MEASURES[self.kind]:
            raise Invalid(
                "assistance.measure",
                f"{what}: measure: {self.measure!r} is not asked for by a {self.kind} request",
                hint="One of: " + ", ".join(MEASURES[self.kind]),
            )
        if self.requesting[:2] == self.requested[:2]:
            raise Invalid("assistance.same_state", f"{what}: requested: of the requesting state")
        if self.preservation_of and self.kind is Kind.PRESERVATION:
            raise Invalid(
                "assistance.link", f"{what}: preservation_of: only mutual assistance has it"
            )
        if self.preservation_of == self.request_id:
            raise Invalid("assistance.link", f"{what}: preservation_of: the request itself")

    @property
    def digest(self) -> Sha256:
        """The SHA-256 of the canonical JSON form: what officers approve."""
        return sha256(write(self.to_json()))

    def with_fields(self, fields: Answers) -> RequestContent:
        """Return the same contents with other answers."""
        return replace(self, fields=fields)


def _read_name(members: Members, name: str, *, blank: bool = False) -> str:
    value = members.text(name, limit=MAX_NAME, empty=blank)
    if value and not _NAME.fullmatch(value):
        raise Invalid("assistance.name", f"{members.what}: {name}: not a name of the law pack")
    return value


def _read_offences(members: Members) -> tuple[str, ...]:
    offences = members.texts("offences", limit=MAX_OFFENCES, text_limit=MAX_NAME)
    what = f"{members.what}: offences"
    if not offences:
        raise Invalid("assistance.too_few", f"{what}: at least one offence")
    if len(set(offences)) != len(offences):
        raise Invalid("assistance.repeated", f"{what}: an offence occurs twice")
    for index, offence in enumerate(offences):
        if not _NAME.fullmatch(offence):
            raise Invalid("assistance.name", f"{what}[{index}]: not a name of the law pack")
    return offences
