# SPDX-License-Identifier: Apache-2.0
"""Exhibits and their custody: what examiners do.

Everything that touches evidence is a custody statement in this authority's
name, signed and in the ledger.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings

from comity.canonical.ids import AuthorityId, new_object_id, parse_exhibit_number, parse_object_id
from comity.canonical.time import Instant
from comity.errors import Conflict, Invalid, Unavailable, Unverified
from comity.evidence.acquired import AcquiredFile
from comity.evidence.acquisition import (
    AcquisitionRecord,
    acquired_statement,
    read_record,
    sign_acquisition,
)
from comity.evidence.blobs import LocalBlobStore
from comity.evidence.model import Counterpart, CustodyEvent
from comity.forensics.acquire import FILES_FOLDER, RECORD_NAME
from comity.node import permissions
from comity.node.permissions import Officer
from comity.node.services import _answers, _custody, _signing
from comity.node.services._record import recording
from comity.node.services._requests import locked, locked_for, own_authority
from comity.node.store.models import (
    AcquisitionRow,
    ExhibitFileRow,
    ExhibitRow,
)

_MAX_RECORD_BYTES: Final = 64 << 20
#: Events that an examiner records by hand, with the words of the form.
CUSTODY_EVENTS: Final = (
    ("collected", "Collected"),
    ("sealed", "Sealed in a bag or container"),
    ("transported", "Transported"),
    ("stored", "Put into storage"),
    ("verified", "Digests computed again and found equal"),
    ("copied", "Working copy made"),
    ("examined", "Examined"),
    ("reviewed", "Reviewed"),
    ("returned", "Returned to its owner"),
    ("destroyed", "Destroyed"),
)


def blobs() -> LocalBlobStore:
    """Return the node's store of evidence."""
    return LocalBlobStore(settings.CONFIG.blobs)


def register_exhibit(
    *,
    officer: Officer,
    now: Instant,
    request_id: str,
    number: str,
    description: str,
    seized_at: Instant | str,
    place: str,
    legal_type: str,
    legal_identifier: str,
) -> str:
    """Register an exhibit and begin its chain of custody; return its identifier.

    `seized_at` is when it was taken; the first statement says so in the officer's name.
    """
    taken = _answers.instant(seized_at, name="seized_at")
    if taken > now:
        raise Invalid("exhibit.future", "seized_at: lies in the future")
    with recording(officer=officer, now=now) as record:
        request = locked_for(officer, "register_exhibit", request_id)
        _custody.require_at_work(request)
        label = parse_exhibit_number(_answers.text(number), what="number")
        if ExhibitRow.objects.filter(request=request, number__iexact=label).exists():
            raise Conflict("exhibit.exists", f"exhibit {label} is registered already")
        exhibit = ExhibitRow.objects.create(
            id=UUID(new_object_id()),
            request=request,
            number=label,
            description=_answers.text(description),
            status="registered",
            seized_at=taken,
            place=_answers.text(place),
            legal_type=_answers.text(legal_type),
            legal_identifier=_answers.text(legal_identifier),
            created=now,
        )
        made = _custody.statement(
            exhibit,
            event=CustodyEvent.SEIZED,
            at=taken,
            place=exhibit.place,
            actor=_custody.actor_of(officer),
            purpose=f"execution of request {request.reference}",
        )
        _custody.record_statement(record, exhibit, made)
    return str(exhibit.pk)


def lodge_acquisition(
    *, officer: Officer, now: Instant, exhibit_id: str, folder: str | Path
) -> str:
    """Take a finished acquisition from the intake folder; return the exhibit's identifier.

    Every file is copied into the store and must have the digests of its record;
    the record is then sealed in this authority's name and the chain continued
    with `acquired`. Nothing outside the intake folder is read.
    """
    exhibit = _readable(officer, exhibit_id, "lodge_acquisition")
    _custody.require_at_work(exhibit.request)
    source = _intake(folder)
    acquired = _read_record(source, exhibit)
    store = blobs()
    for file in acquired.files:
        _take_file(store, source, file)
    with recording(officer=officer, now=now) as record:
        _custody.require_at_work(locked(str(exhibit.request_id)))
        exhibit = _locked_exhibit(exhibit.pk)
        if exhibit.status != "registered":
            raise Conflict(
                "exhibit.acquired", f"exhibit {exhibit.number} has been acquired already"
            )
        signed = sign_acquisition(acquired, key=_signing.seal(now))
        AcquisitionRow.objects.create(
            exhibit=exhibit,
            record=signed.raw,
            sha256=signed.digest,
            lodged=now,
            officer_id=officer.id,
        )
        chain = _custody.chain_of(exhibit)
        made = acquired_statement(
            acquired,
            id=new_object_id(),
            authority=AuthorityId(own_authority()),
            request=parse_object_id(str(exhibit.request_id)),
            seq=len(chain) + 1,
            prev=chain[-1].digest if chain else None,
        )
        ExhibitFileRow.objects.bulk_create(
            ExhibitFileRow(
                exhibit=exhibit, path=f.path, size=f.size, sha256=f.sha256, sha512=f.sha512
            )
            for f in acquired.files
        )
        exhibit.status = "acquired"
        exhibit.save(update_fields=["status"])
        _custody.record_statement(record, exhibit, made)
    return str(exhibit.pk)


def record_custody_event(
    *,
    officer: Officer,
    now: Instant,
    exhibit_id: str,
    event: str,
    at: Instant | str,
    place: str,
    purpose: str,
    counterpart: str = "",
    remarks: str = "",
) -> str:
    """Add a signed statement to an exhibit's chain; return the digest of the statement.

    For `verified` every file is hashed again first. Custody goes on when the request is
    closed, as the exhibit does; it is refused only while the exhibit is packed.
    """
    if event not in dict(CUSTODY_EVENTS):
        known = ", ".join(name for name, _ in CUSTODY_EVENTS)
        raise Invalid("custody.event", f"event: {event[:40]!r} is not one of: {known}")
    happened = _answers.instant(at, name="at")
    if happened > now:
        raise Invalid("custody.future", "at: lies in the future")
    kind = CustodyEvent(event)
    exhibit = _readable(officer, exhibit_id, "record_custody")
    if kind is CustodyEvent.VERIFIED:
        _custody.check_blobs(exhibit, blobs())
    with recording(officer=officer, now=now) as record:
        exhibit = _locked_exhibit(exhibit.pk)
        _custody.require_unpacked(exhibit)
        made = _custody.statement(
            exhibit,
            event=kind,
            at=happened,
            place=_answers.text(place),
            actor=_custody.actor_of(officer),
            purpose=_answers.text(purpose),
            counterpart=_counterpart(counterpart),
            digests_checked=kind is CustodyEvent.VERIFIED,
            remarks=_answers.text(remarks),
        )
        row = _custody.record_statement(record, exhibit, made)
    return str(row.sha256)


def _readable(officer: Officer, exhibit_id: str, action: str) -> ExhibitRow:
    identifier = parse_object_id(str(exhibit_id), what="exhibit")
    exhibit = ExhibitRow.objects.select_related("request").filter(pk=identifier).first()
    if exhibit is None or not permissions.may_read(officer, exhibit.request):
        raise permissions.denied(action, [])
    permissions.require(officer, action, exhibit.request)
    return exhibit


def _locked_exhibit(identifier: UUID) -> ExhibitRow:
    return ExhibitRow.objects.select_for_update().get(pk=identifier)


def _counterpart(text: str) -> Counterpart | None:
    words = _answers.text(text)
    if not words:
        return None
    return Counterpart(authority=AuthorityId(own_authority()), name=words)


def _intake(folder: str | Path) -> Path:
    """Return a folder below the intake, or refuse."""
    base: Path = settings.CONFIG.intake.resolve()
    path = (base / folder).resolve()
    if path == base or not path.is_relative_to(base) or not path.is_dir():
        raise Invalid(
            "acquisition.folder",
            f"folder: {str(folder)[:200]!r} is no folder of the intake",
            hint=f"Put the acquisition into {base} first.",
        )
    return path


def _read_record(source: Path, exhibit: ExhibitRow) -> AcquisitionRecord:
    path = source / RECORD_NAME
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_RECORD_BYTES + 1)
    except OSError as error:
        raise Invalid(
            "acquisition.record",
            f"{source.name}: its {RECORD_NAME} cannot be read: {error.strerror}",
            hint="A finished acquisition holds the record that `comity evidence acquire` wrote.",
        ) from error
    record = read_record(data, what=f"{source.name}/{RECORD_NAME}")
    if record.exhibit != exhibit.number:
        raise Invalid(
            "acquisition.exhibit",
            f"{source.name}: is of exhibit {record.exhibit}, not of {exhibit.number}",
        )
    if record.request not in (None, str(exhibit.request_id)):
        raise Invalid("acquisition.request", f"{source.name}: was made for another request")
    return record


def _take_file(store: LocalBlobStore, source: Path, file: AcquiredFile) -> None:
    path = source / FILES_FOLDER / file.path
    if not path.resolve().is_relative_to(source):
        raise Invalid("acquisition.path", f"{source.name}: {file.path!r} leads elsewhere")
    try:
        with path.open("rb") as stream:
            hashing = _custody.HashingReader(stream)
            store.put(hashing, expected=file.sha256)  # type: ignore[arg-type]
    except FileNotFoundError as error:
        raise Invalid(
            "acquisition.file", f"{source.name}: {file.path} is in the record and not there"
        ) from error
    except OSError as error:
        raise Unavailable("acquisition.file", f"{path}: {error.strerror}") from error
    if hashing.sha512 != file.sha512:
        raise Unverified(
            "acquisition.digest", f"{source.name}: {file.path} has another SHA-512 than its record"
        )
