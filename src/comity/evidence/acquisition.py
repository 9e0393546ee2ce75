# SPDX-License-Identifier: Apache-2.0
"""The record of an acquisition: what was read, from what, by whom, and how it was checked.

It holds the items that SWGDE 17-F-002 and NIST's forms ask for in an
acquisition report. The check of the data (digests, second reads) and the
container's own check (the digests stored inside an E01) are two statements,
never one: a damaged container header does not make the data wrong, nor does a
sound container make a copy right.

The examiner's tool writes the record unsigned; the authority seals it when it
takes the acquisition over (`sign_acquisition`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from comity.canonical import json
from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId, ObjectId, parse_exhibit_number
from comity.canonical.json import JSON, Object
from comity.canonical.members import Members
from comity.canonical.time import Instant, write_instant
from comity.crypto import envelope as dsse
from comity.crypto.keys import SealPrivateKey
from comity.errors import Invalid
from comity.evidence.acquired import (
    AcquiredFile,
    ContainerCheck,
    ReadError,
    Source,
    Verification,
    read_files,
)
from comity.evidence.model import (
    MAX_LONG,
    MAX_SHORT,
    Actor,
    CustodyEvent,
    CustodyStatement,
    Item,
    LegalAuthority,
    Tool,
)

PAYLOAD_TYPE: Final = "application/vnd.comity.acquisition+json"
#: Largest acquisition record read, in bytes.
MAX_RECORD_BYTES: Final = 64 << 20
#: Most unreadable ranges recorded one by one.
MAX_READ_ERRORS: Final = 100_000
_RECORD: Final = "evidence.acquisition/1"
_OFFSET: Final = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class AcquisitionRecord:
    """One acquisition of one exhibit. Times are UTC; `local_offset` is the examiner's clock's."""

    id: ObjectId
    exhibit: str
    description: str
    request: ObjectId | None
    examiner: Actor
    place: str
    purpose: str
    legal_authority: LegalAuthority
    started: Instant
    finished: Instant
    local_offset: str
    host: str
    tool: Tool
    method: str
    source: Source
    files: tuple[AcquiredFile, ...]
    read_errors: tuple[ReadError, ...]
    verification: Verification
    container: ContainerCheck | None
    remarks: str

    @property
    def items(self) -> tuple[Item, ...]:
        """The files as custody statements list them."""
        return tuple(sorted(file.item for file in self.files))

    def to_json(self) -> Object:
        """Return the JSON form."""
        files: list[JSON] = [file.to_json() for file in self.files]
        read_errors: list[JSON] = [error.to_json() for error in self.read_errors]
        return {
            "v": 1,
            "type": _RECORD,
            "id": self.id,
            "exhibit": self.exhibit,
            "description": self.description,
            "request": self.request,
            "examiner": self.examiner.to_json(),
            "place": self.place,
            "purpose": self.purpose,
            "legal_authority": self.legal_authority.to_json(),
            "started": write_instant(self.started),
            "finished": write_instant(self.finished),
            "local_offset": self.local_offset,
            "host": self.host,
            "tool": self.tool.to_json(),
            "method": self.method,
            "source": self.source.to_json(),
            "files": files,
            "read_errors": read_errors,
            "verification": self.verification.to_json(),
            "container": self.container.to_json() if self.container else None,
            "remarks": self.remarks,
        }

    @classmethod
    def from_json(cls, value: JSON, *, what: str = "acquisition record") -> AcquisitionRecord:
        """Read the JSON form; raise `Invalid` on anything else."""
        members = Members(value, what=what)
        members.constant("v", 1)
        members.constant("type", _RECORD)
        record = cls(
            id=members.object_id("id"),
            exhibit=parse_exhibit_number(members.text("exhibit", limit=100), what=what),
            description=members.text("description", limit=MAX_LONG, empty=True),
            request=members.object_id_or_null("request"),
            examiner=Actor.read(members.members("examiner")),
            place=members.text("place", limit=MAX_SHORT),
            purpose=members.text("purpose", limit=MAX_LONG),
            legal_authority=LegalAuthority.read(members.members("legal_authority")),
            started=members.instant("started"),
            finished=members.instant("finished"),
            local_offset=_offset(members),
            host=members.text("host", limit=MAX_SHORT),
            tool=Tool.read(members.members("tool")),
            method=members.text("method", limit=MAX_SHORT),
            source=Source.read(members.members("source")),
            files=read_files(members),
            read_errors=tuple(
                ReadError.read(item) for item in members.each("read_errors", limit=MAX_READ_ERRORS)
            ),
            verification=Verification.read(members.members("verification")),
            container=None
            if members.is_null("container")
            else ContainerCheck.read(members.members("container")),
            remarks=members.text("remarks", limit=MAX_LONG, empty=True),
        )
        members.end()
        _check(record, what)
        return record


@dataclass(frozen=True)
class SignedAcquisition:
    """A record as read from its envelope; not verified until its signature is."""

    record: AcquisitionRecord
    envelope: dsse.Envelope

    @property
    def raw(self) -> bytes:
        """The exact bytes."""
        return self.envelope.raw

    @property
    def digest(self) -> Sha256:
        """SHA-256 of the exact bytes."""
        return sha256(self.envelope.raw)


def write_record(record: AcquisitionRecord) -> bytes:
    """Return the record's bytes (RFC 8785), as the examiner's tool writes them."""
    payload = json.write(record.to_json())
    read_record(payload)
    return payload


def read_record(data: bytes, *, what: str = "acquisition record") -> AcquisitionRecord:
    """Read an unsigned record; raise `Invalid` on anything else."""
    value = json.read_canonical_object(data, what=what, limit=MAX_RECORD_BYTES)
    return AcquisitionRecord.from_json(value, what=what)


def sign_acquisition(record: AcquisitionRecord, *, key: SealPrivateKey) -> SignedAcquisition:
    """Seal a record in the name of the authority whose seal `key` is."""
    payload = write_record(record)
    return read_acquisition(dsse.sign(payload_type=PAYLOAD_TYPE, payload=payload, key=key))


def read_acquisition(data: bytes, *, what: str = "acquisition record") -> SignedAcquisition:
    """Read a signed record without judging its signatures."""
    envelope = dsse.read(data, what=what, limit=2 * MAX_RECORD_BYTES)
    return SignedAcquisition(record=read_record(envelope.payload, what=what), envelope=envelope)


def acquired_statement(
    record: AcquisitionRecord,
    *,
    id: ObjectId,  # noqa: A002 - the statement's own word
    authority: AuthorityId,
    request: ObjectId,
    seq: int,
    prev: Sha256 | None,
) -> CustodyStatement:
    """Return the custody statement `acquired` that says what this record says."""
    return CustodyStatement(
        id=id,
        authority=authority,
        exhibit=record.exhibit,
        request=request,
        seq=seq,
        prev=prev,
        event=CustodyEvent.ACQUIRED,
        at=record.started,
        ended=record.finished,
        place=record.place,
        actor=record.examiner,
        counterpart=None,
        purpose=record.purpose,
        legal_authority=record.legal_authority,
        items=record.items,
        tool=record.tool,
        digests_checked=True,
        remarks=record.remarks,
    )


def disagreement(record: AcquisitionRecord, statement: CustodyStatement) -> str | None:
    """Return what a record and the statement `acquired` of the same exhibit contradict in."""
    pairs = (
        ("the exhibit", record.exhibit, statement.exhibit),
        ("the request", record.request or statement.request, statement.request),
        ("the examiner", record.examiner, statement.actor),
        ("the place", record.place, statement.place),
        ("the purpose", record.purpose, statement.purpose),
        ("the legal authority", record.legal_authority, statement.legal_authority),
        ("the beginning", record.started, statement.at),
        ("the end", record.finished, statement.ended),
        ("the tool", record.tool, statement.tool),
        ("the files or their digests", record.items, statement.items),
    )
    for name, ours, theirs in pairs:
        if ours != theirs:
            return name
    return None


def _check(record: AcquisitionRecord, what: str) -> None:
    """Check what the members say about each other."""
    if record.finished < record.started:
        raise Invalid("acquisition.times", f"{what}: finished before it started")
    sizes = {file.path: file.size for file in record.files}
    if not sizes or len(sizes) != len(record.files):
        raise Invalid("acquisition.files", f"{what}: no file, or one path twice")
    if [file.path for file in record.files] != sorted(sizes):
        raise Invalid("acquisition.files", f"{what}: the files are not in order")
    if sum(sizes.values()) != record.source.size:
        raise Invalid("acquisition.size", f"{what}: the files are not as large as the source")
    for error in record.read_errors:
        if error.offset + error.length > sizes.get(error.path, 0):
            raise Invalid("acquisition.read_error", f"{what}: a read error outside of its file")


def _offset(members: Members) -> str:
    text = members.text("local_offset", limit=6)
    if not _OFFSET.fullmatch(text):
        raise Invalid("time.malformed", f"{members.what}: local_offset: {text!r} is not +hh:mm")
    return text
