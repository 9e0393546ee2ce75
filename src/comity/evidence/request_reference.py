# SPDX-License-Identifier: Apache-2.0
"""The page in a package that says which request the evidence answers.

It names the request, its legal basis, its purpose and the limits on use, and
holds the digest of the signed request, so that the request itself, which may
say more than a court should see, need not travel with the evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from comity.canonical import json
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId, ObjectId
from comity.canonical.json import JSON, Object
from comity.canonical.members import Members
from comity.evidence.model import MAX_LONG, MAX_SHORT

#: Largest request reference read, in bytes.
MAX_REFERENCE_BYTES: Final = 256 << 10
#: Most limits on use.
MAX_USE_LIMITS: Final = 50
_REFERENCE: Final = "evidence.request_reference/1"


@dataclass(frozen=True, kw_only=True)
class RequestReference:
    """What a package says of the request that it answers.

    `statement` is the SHA-256 of the exact bytes of the signed request as it was
    delivered; None on a bench that has no such request.
    """

    request: ObjectId
    reference: str
    kind: str
    measure: str
    requesting: AuthorityId
    requested: AuthorityId
    instrument: str
    article: str
    purpose: str
    urgency: str
    use_limits: tuple[str, ...]
    statement: Sha256 | None

    def to_json(self) -> Object:
        """Return the JSON form."""
        use_limits: list[JSON] = list(self.use_limits)
        return {
            "v": 1,
            "type": _REFERENCE,
            "request": self.request,
            "reference": self.reference,
            "kind": self.kind,
            "measure": self.measure,
            "requesting": self.requesting,
            "requested": self.requested,
            "instrument": self.instrument,
            "article": self.article,
            "purpose": self.purpose,
            "urgency": self.urgency,
            "use_limits": use_limits,
            "statement": self.statement,
        }

    @classmethod
    def from_json(cls, value: JSON, *, what: str = "request reference") -> RequestReference:
        """Read the JSON form; raise `Invalid` on anything else."""
        members = Members(value, what=what)
        members.constant("v", 1)
        members.constant("type", _REFERENCE)
        reference = cls(
            request=members.object_id("request"),
            reference=members.text("reference", limit=MAX_SHORT),
            kind=members.text("kind", limit=MAX_SHORT),
            measure=members.text("measure", limit=MAX_SHORT),
            requesting=members.authority("requesting"),
            requested=members.authority("requested"),
            instrument=members.text("instrument", limit=MAX_SHORT),
            article=members.text("article", limit=MAX_SHORT),
            purpose=members.text("purpose", limit=MAX_LONG),
            urgency=members.text("urgency", limit=MAX_SHORT),
            use_limits=members.texts("use_limits", limit=MAX_USE_LIMITS, text_limit=MAX_LONG),
            statement=members.sha256_or_null("statement"),
        )
        members.end()
        return reference


def write_reference(reference: RequestReference) -> bytes:
    """Return the bytes of the page (RFC 8785), after reading them back."""
    data = json.write(reference.to_json())
    read_reference(data)
    return data


def read_reference(data: bytes, *, what: str = "request reference") -> RequestReference:
    """Read the page; raise `Invalid` on anything else."""
    value = json.read_canonical_object(data, what=what, limit=MAX_REFERENCE_BYTES)
    return RequestReference.from_json(value, what=what)
