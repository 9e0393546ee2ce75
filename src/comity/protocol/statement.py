# SPDX-License-Identifier: Apache-2.0
"""Statements: what one authority says to another, signed for good.

A statement names its sender and its recipients inside the signature, so that
nobody can pass it on as if it had been meant for another; it names its place in
the sender's series for the case (`seq`, `prev`), so that one taken out is
missed. Its bytes are stored and forwarded as they were signed, never written
again.

A later version may add members. One that the reader does not know is left
alone unless the sender lists it under `critical`: then the statement is refused,
because it would be understood wrongly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from comity.authorities.directory import DirectoryHead
from comity.canonical import json
from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId, ObjectId, parse_authority_id
from comity.canonical.json import Object
from comity.canonical.members import Members
from comity.canonical.text import check_text
from comity.canonical.time import Instant, read_date, write_instant
from comity.crypto import envelope
from comity.crypto.keys import SealPrivateKey
from comity.errors import Invalid

PAYLOAD_TYPE: Final = "application/vnd.comity.statement+json"
#: Largest statement read, in bytes of its envelope.
MAX_BYTES: Final = 1 << 20
MAX_RECIPIENTS: Final = 16
MAX_PURPOSE: Final = 500
#: Longest time between creation and expiry.
MAX_LIFETIME: Final = timedelta(days=60)
#: How long delivery is tried unless the sender says otherwise.
DEFAULT_LIFETIME: Final = timedelta(days=14)
_TYPE: Final = re.compile(r"[a-z][a-z_]{0,40}\.[a-z][a-z_]{0,40}/[1-9][0-9]{0,2}", re.ASCII)
_MEMBERS: Final = frozenset(
    "v id type from to case seq prev created expires handling critical body dir".split()
)


class HandlingCode(StrEnum):
    """How a statement may be used, in the codes that police forces exchange."""

    H0 = "H0"
    """For the prevention and combating of crime, without further restriction."""
    H1 = "H1"
    """Not as evidence in court without the originator's permission."""
    H2 = "H2"
    """Not to be passed on without the originator's permission."""
    H3 = "H3"
    """Other restrictions, stated in the purpose."""


@dataclass(frozen=True)
class Handling:
    """Signed words on use: handling code, purpose, and until when it may be kept."""

    code: HandlingCode = HandlingCode.H0
    purpose: str = ""
    retain_until: date | None = None

    def to_json(self) -> Object:
        """Return the members that `read` takes."""
        return {
            "code": self.code.value,
            "purpose": self.purpose,
            "retain_until": self.retain_until.isoformat() if self.retain_until else None,
        }

    @classmethod
    def read(cls, members: Members) -> Handling:
        """Read what `to_json` makes."""
        code = HandlingCode(members.choice("code", [code.value for code in HandlingCode]))
        purpose = members.text("purpose", limit=MAX_PURPOSE, empty=True)
        check_text(purpose, what=members.what, limit=MAX_PURPOSE, blank=True)
        until = members.text_or_null("retain_until", limit=10)
        members.end()
        if code is HandlingCode.H3 and not purpose:
            raise Invalid("statement.handling", f"{members.what}: H3 must state the restriction")
        retain = None if until is None else read_date(until, what=f"{members.what}: retain_until")
        return cls(code=code, purpose=purpose, retain_until=retain)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A statement. `seq` counts the sender's statements in the case from 1 without gaps."""

    id: ObjectId
    type: str
    sender: AuthorityId
    to: tuple[AuthorityId, ...]
    case: ObjectId
    seq: int
    previous: Sha256 | None
    created: Instant
    expires: Instant
    body: Object
    directory: DirectoryHead | None = None
    handling: Handling = field(default_factory=Handling)

    def to_json(self) -> Object:
        """Return the payload that is signed."""
        return {
            "v": 1,
            "id": self.id,
            "type": self.type,
            "from": self.sender,
            "to": [*self.to],
            "case": self.case,
            "seq": self.seq,
            "prev": self.previous,
            "created": write_instant(self.created),
            "expires": write_instant(self.expires),
            "handling": self.handling.to_json(),
            "critical": [],
            "body": self.body,
            "dir": None if self.directory is None else self.directory.to_json(),
        }


def sign_statement(statement: Statement, *, seal: SealPrivateKey) -> bytes:
    """Return the signed bytes; what a reader would refuse is not signed."""
    payload = json.write(statement.to_json())
    read_payload(payload)
    data = envelope.sign(payload_type=PAYLOAD_TYPE, payload=payload, key=seal)
    if len(data) > MAX_BYTES:
        raise Invalid(
            "statement.too_large",
            f"statement: {len(data)} bytes, at most {MAX_BYTES} are sent",
            hint="Send what is large as evidence, in a package.",
        )
    return data


def statement_digest(data: bytes) -> Sha256:
    """Return the statement's identity: SHA-256 of its exact signed bytes."""
    return sha256(data)


def read_payload(payload: bytes, *, what: str = "statement") -> Statement:
    """Read a payload whose signature has been verified; raise `Invalid` on any doubt."""
    members = Members(json.read_canonical_object(payload, what=what, limit=MAX_BYTES), what=what)
    members.constant("v", 1)
    statement = Statement(
        id=members.object_id("id"),
        type=_read_type(members),
        sender=members.authority("from"),
        to=read_recipients(members),
        case=members.object_id("case"),
        seq=members.integer("seq", minimum=1),
        previous=members.sha256_or_null("prev"),
        created=members.instant("created"),
        expires=members.instant("expires"),
        handling=Handling.read(members.members("handling")),
        body=_read_body(members),
        directory=read_head(members),
    )
    _check_critical(members)
    if (statement.seq == 1) != (statement.previous is None):
        raise Invalid(
            "statement.series", f"{what}: the first of a series, and no other, has no predecessor"
        )
    check_lifetime(statement.created, statement.expires, what=what)
    return statement


def read_recipients(members: Members) -> tuple[AuthorityId, ...]:
    """Take `to`: sorted, each once, at least one."""
    texts = members.texts("to", limit=MAX_RECIPIENTS, text_limit=140)
    if not texts or list(texts) != sorted(set(texts)):
        raise Invalid("statement.recipients", f"{members.what}: to: sorted names, each once")
    return tuple(parse_authority_id(text, what=f"{members.what}: to") for text in texts)


def read_head(members: Members) -> DirectoryHead | None:
    """Take `dir`: the directory that the sender has in use, or null."""
    return None if members.is_null("dir") else DirectoryHead.read(members.members("dir"))


def check_lifetime(created: Instant, expires: Instant, *, what: str) -> None:
    """Refuse a period that is empty or longer than anything is tried."""
    if not timedelta(0) < expires - created <= MAX_LIFETIME:
        raise Invalid(
            "statement.lifetime",
            f"{what}: expires must follow created by at most {MAX_LIFETIME.days} days",
        )


def _read_type(members: Members) -> str:
    text = members.text("type", limit=100)
    if not _TYPE.fullmatch(text):
        raise Invalid("statement.type", f"{members.what}: {text[:60]!r} is no message type")
    return text


def _read_body(members: Members) -> Object:
    body = members.take("body")
    if not isinstance(body, dict):
        raise Invalid("statement.body", f"{members.what}: body: expected an object")
    return body


def _check_critical(members: Members) -> None:
    critical = members.texts("critical", limit=50, text_limit=100)
    unknown = sorted(set(critical) - _MEMBERS)
    if unknown:
        raise Invalid(
            "statement.critical",
            f"{members.what}: must be read with {', '.join(unknown)[:200]}, unknown here",
            hint="The sender's software is newer. Update this node, then ask for it again.",
        )
