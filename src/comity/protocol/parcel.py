# SPDX-License-Identifier: Apache-2.0
"""Parcels: an age file in parts, and a signed header that announces it.

The header is all that a network or a relay sees: from whom, to whom, how large,
how urgent, until when. It is signed with both signatures so that a node can
refuse a parcel before one byte of it arrives. The content is one statement or
one package, sealed to the recipients. A parcel's identity is the SHA-256 of the
header's exact bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import BinaryIO, Final

from comity.canonical import json
from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.json import Object
from comity.canonical.members import Members
from comity.canonical.time import Instant, write_instant
from comity.crypto import envelope
from comity.crypto.age_format import ByteSource, ByteTarget
from comity.crypto.keys import SealPrivateKey
from comity.crypto.sealing import EncryptionIdentity, seal, unseal
from comity.errors import Invalid
from comity.protocol.padding import PaddedPackage, pad_statement, padme, unpad_statement
from comity.protocol.parts import (
    MAX_PARTS,
    PART_BYTES,
    SMALLEST_PART_BYTES,
    PartList,
    PartWriter,
    read_parts,
)
from comity.protocol.statement import MAX_BYTES as MAX_STATEMENT_BYTES
from comity.protocol.statement import check_lifetime, read_recipients

PAYLOAD_TYPE: Final = "application/vnd.comity.parcel-header+json"
SUITE: Final = "S1"
#: Largest header read, in bytes of its envelope.
MAX_BYTES: Final = 32 << 10
#: Largest ciphertext of a statement parcel: padding, and room for the age header.
MAX_STATEMENT_PARCEL_BYTES: Final = padme(MAX_STATEMENT_BYTES + 8) + (128 << 10)
MAX_PARCEL_BYTES: Final = MAX_PARTS * PART_BYTES


class Content(StrEnum):
    """What a parcel holds."""

    STATEMENT = "statement"
    PACKAGE = "package"


class Priority(StrEnum):
    """In which queue a parcel waits: a large one must never delay an urgent one."""

    URGENT = "urgent"
    NORMAL = "normal"
    BULK = "bulk"


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a parcel's header says."""

    sender: AuthorityId
    to: tuple[AuthorityId, ...]
    content: Content
    part_list: Sha256
    size: int
    part_size: int
    created: Instant
    expires: Instant
    priority: Priority = Priority.NORMAL

    def to_json(self) -> Object:
        """Return the payload that is signed."""
        return {
            "v": 1,
            "suite": SUITE,
            "from": self.sender,
            "to": [*self.to],
            "content": self.content.value,
            "partlist_sha256": self.part_list,
            "size": self.size,
            "part_size": self.part_size,
            "created": write_instant(self.created),
            "expires": write_instant(self.expires),
            "priority": self.priority.value,
        }


def sign_header(header: Header, *, seal: SealPrivateKey) -> bytes:
    """Return the signed header; what a reader would refuse is not signed."""
    payload = json.write(header.to_json())
    read_payload(payload)
    return envelope.sign(payload_type=PAYLOAD_TYPE, payload=payload, key=seal)


def parcel_digest(data: bytes) -> Sha256:
    """Return the parcel's identity: SHA-256 of the header's exact signed bytes."""
    return sha256(data)


def read_payload(payload: bytes, *, what: str = "parcel header") -> Header:
    """Read a payload whose signature has been verified; raise `Invalid` on any doubt."""
    members = Members(json.read_canonical_object(payload, what=what, limit=MAX_BYTES), what=what)
    members.constant("v", 1)
    members.constant("suite", SUITE)
    header = Header(
        sender=members.authority("from"),
        to=read_recipients(members),
        content=Content(members.choice("content", [kind.value for kind in Content])),
        part_list=members.sha256("partlist_sha256"),
        size=members.integer("size", minimum=1, maximum=MAX_PARCEL_BYTES),
        part_size=members.integer("part_size", minimum=SMALLEST_PART_BYTES, maximum=PART_BYTES),
        created=members.instant("created"),
        expires=members.instant("expires"),
        priority=Priority(members.choice("priority", [kind.value for kind in Priority])),
    )
    members.end()
    check_lifetime(header.created, header.expires, what=what)
    if header.content is Content.STATEMENT and header.size > MAX_STATEMENT_PARCEL_BYTES:
        raise Invalid("parcel.size", f"{what}: too large for a statement")
    return header


def check_part_list(header: Header, part_list: PartList) -> None:
    """Raise `Invalid` (`parts.size`) unless the list is of the size that the header says."""
    if (part_list.size, part_list.part_size) != (header.size, header.part_size):
        raise Invalid("parts.size", "part list: not of the size that the header announced")


def seal_statement(
    data: bytes, *, recipients: tuple[str, ...], keep: Callable[[bytes], Sha256]
) -> PartList:
    """Seal one signed statement into parts, which `keep` stores."""
    writer = PartWriter(keep)
    seal(BytesIO(pad_statement(data)), writer, recipients=recipients)
    return writer.finish()


def seal_package(
    source: ByteSource,
    *,
    recipients: tuple[str, ...],
    keep: Callable[[bytes], Sha256],
    progress: Callable[[int], None] | None = None,
) -> PartList:
    """Seal a package's archive into parts in constant memory."""
    writer = PartWriter(keep)
    seal(PaddedPackage(source), writer, recipients=recipients, progress=progress)
    return writer.finish()


def unseal_statement(
    part_list: PartList,
    *,
    open_part: Callable[[Sha256], BinaryIO],
    identities: tuple[EncryptionIdentity, ...],
) -> bytes:
    """Open a statement parcel; raise `Unverified` or `Invalid` as `unseal` does."""
    if part_list.size > MAX_STATEMENT_PARCEL_BYTES:
        raise Invalid("parcel.size", "parcel: too large for a statement")
    target = BytesIO()
    with read_parts(part_list, open_part) as source:
        unseal(source, target, identities=identities)
    return unpad_statement(target.getvalue())


def unseal_package(
    part_list: PartList,
    target: ByteTarget,
    *,
    open_part: Callable[[Sha256], BinaryIO],
    identities: tuple[EncryptionIdentity, ...],
    progress: Callable[[int], None] | None = None,
) -> None:
    """Open a package parcel into `target` in constant memory; discard it on any error."""
    with read_parts(part_list, open_part) as source:
        unseal(source, target, identities=identities, progress=progress)
