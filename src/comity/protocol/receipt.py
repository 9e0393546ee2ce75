# SPDX-License-Identifier: Apache-2.0
"""Receipts: signed proof of each step of delivery.

A receipt names the object by digest, both clocks, the directory its issuer has
in use, the serial of the key statement it was signed under, and the receipt that
its issuer gave to the same authority before it: one taken out of a book of
receipts leaves a gap. The kinds are those of ETSI EN 319 522 (e-CODEX calls
them evidences), under our own short names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from comity.authorities.directory import DirectoryHead
from comity.canonical import json
from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.json import Object
from comity.canonical.members import Members
from comity.canonical.text import check_text
from comity.canonical.time import Instant, write_instant
from comity.crypto import envelope
from comity.crypto.keys import SealPrivateKey
from comity.errors import ComityError, Invalid
from comity.protocol.statement import read_head

PAYLOAD_TYPE: Final = "application/vnd.comity.receipt+json"
#: Largest receipt read, in bytes of its envelope.
MAX_BYTES: Final = 32 << 10
MAX_REASON: Final = 1_000


class Kind(StrEnum):
    """What a receipt proves (ETSI EN 319 522-1 clause 6 in brackets)."""

    SUBMITTED = "submitted"
    """The sender's own node took the statement for sending [SubmissionAcceptance]."""
    SUBMISSION_REFUSED = "submission_refused"
    """The sender's own node would not send it [SubmissionRejection]."""
    ACCEPTED = "accepted"
    """The header is in order; the parcel may come."""
    RELAYED = "relayed"
    """The ciphertext is complete, every digest verified [RelayAcceptance]."""
    RELAY_REFUSED = "relay_refused"
    """The receiving node refused the parcel [RelayRejection]."""
    RELAY_FAILED = "relay_failed"
    """It could not be passed on in its time [RelayFailure]."""
    DELIVERED = "delivered"
    """Opened, signatures valid, stored [ContentConsignment]."""
    NOT_DELIVERED = "not_delivered"
    """Opened or not, it did not stand [ContentConsignmentFailure]."""
    HANDED_OVER = "handed_over"
    """A named officer has it [ContentHandover]."""
    VERIFIED = "verified"
    """The package's verification ended; `report` is the digest of the report."""


NEGATIVE: Final = frozenset(
    {Kind.SUBMISSION_REFUSED, Kind.RELAY_REFUSED, Kind.RELAY_FAILED, Kind.NOT_DELIVERED}
)


@dataclass(frozen=True)
class Reason:
    """Why not: a stable code and a sentence."""

    code: str
    text: str

    @classmethod
    def of(cls, error: ComityError) -> Reason:
        """Return the reason that an error gives."""
        return cls(code=error.code, text=error.message[:MAX_REASON])


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """One receipt. `raw` are the signed bytes it was read from (empty before signing)."""

    kind: Kind
    issuer: AuthorityId
    to: AuthorityId
    parcel: Sha256 | None
    statement: Sha256 | None
    previous: Sha256 | None
    at: Instant
    """The issuer's clock."""
    claimed: Instant
    """When the object was made, by the clock of whoever made it."""
    serial: int
    directory: DirectoryHead | None
    reason: Reason | None = None
    report: Sha256 | None = None
    raw: bytes = field(default=b"", repr=False, compare=False)

    @property
    def digest(self) -> Sha256:
        """SHA-256 of the signed bytes: the receipt's identity."""
        return sha256(self.raw)

    def to_json(self) -> Object:
        """Return the payload that is signed."""
        return {
            "v": 1,
            "kind": self.kind.value,
            "from": self.issuer,
            "to": self.to,
            "parcel": self.parcel,
            "statement": self.statement,
            "previous": self.previous,
            "at": write_instant(self.at),
            "claimed": write_instant(self.claimed),
            "serial": self.serial,
            "dir": None if self.directory is None else self.directory.to_json(),
            "reason": (
                None
                if self.reason is None
                else {"code": self.reason.code, "text": self.reason.text}
            ),
            "report": self.report,
        }


def sign_receipt(receipt: Receipt, *, seal: SealPrivateKey) -> Receipt:
    """Return the receipt with its signed bytes; what a reader would refuse is not signed."""
    payload = json.write(receipt.to_json())
    read_payload(payload)
    raw = envelope.sign(payload_type=PAYLOAD_TYPE, payload=payload, key=seal)
    return read_payload(payload, raw=raw)


def read_payload(payload: bytes, *, raw: bytes = b"", what: str = "receipt") -> Receipt:
    """Read a payload whose signature has been verified; raise `Invalid` on any doubt."""
    members = Members(json.read_canonical_object(payload, what=what, limit=MAX_BYTES), what=what)
    members.constant("v", 1)
    receipt = Receipt(
        kind=Kind(members.choice("kind", [kind.value for kind in Kind])),
        issuer=members.authority("from"),
        to=members.authority("to"),
        parcel=members.sha256_or_null("parcel"),
        statement=members.sha256_or_null("statement"),
        previous=members.sha256_or_null("previous"),
        at=members.instant("at"),
        claimed=members.instant("claimed"),
        serial=members.integer("serial", minimum=1),
        directory=read_head(members),
        reason=None if members.is_null("reason") else _read_reason(members.members("reason")),
        report=members.sha256_or_null("report"),
        raw=raw,
    )
    members.end()
    if receipt.parcel is None and receipt.statement is None:
        raise Invalid("receipt.object", f"{what}: is about nothing")
    if (receipt.kind in NEGATIVE) != (receipt.reason is not None):
        raise Invalid("receipt.reason", f"{what}: a refusal, and nothing else, has a reason")
    if (receipt.kind is Kind.VERIFIED) != (receipt.report is not None):
        raise Invalid("receipt.report", f"{what}: a verification, and nothing else, has a report")
    return receipt


def _read_reason(members: Members) -> Reason:
    code = members.text("code", limit=100)
    text = members.text("text", limit=MAX_REASON)
    members.end()
    check_text(code, what=f"{members.what}: code", limit=100)
    check_text(text, what=f"{members.what}: text", limit=MAX_REASON, lines=True)
    return Reason(code=code, text=text)
