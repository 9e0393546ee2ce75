# SPDX-License-Identifier: Apache-2.0
"""Exhibits, custody and packages: what examiners do, and what arrives.

Everything that touches evidence is a custody statement in this authority's
name, signed and in the ledger. Building, sealing and verifying packages take
time and are done by the worker (`comity.node.worker.packages`); an officer
orders them here.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from django.conf import settings

from comity.assistance.messages import EvidenceDelivery
from comity.authorities.trust import write_trust
from comity.canonical.ids import AuthorityId, new_object_id, parse_exhibit_number, parse_object_id
from comity.canonical.time import Instant
from comity.errors import Conflict, Invalid, Refused, Unavailable, Unverified
from comity.evidence.acquired import AcquiredFile
from comity.evidence.acquisition import (
    AcquisitionRecord,
    acquired_statement,
    read_record,
    sign_acquisition,
)
from comity.evidence.blobs import LocalBlobStore
from comity.evidence.layout import ledger_path
from comity.evidence.model import Counterpart, CustodyEvent
from comity.evidence.tar import write_tar
from comity.forensics.acquire import FILES_FOLDER, RECORD_NAME
from comity.node import permissions
from comity.node.permissions import Officer
from comity.node.services import _answers, _custody, _signing
from comity.node.services._record import Recorder, recording
from comity.node.services._requests import locked, locked_for, own_authority
from comity.node.services.proofs import SENT
from comity.node.services.trust import build_trust
from comity.node.store.models import (
    AcquisitionRow,
    ExhibitFileRow,
    ExhibitRow,
    PackageExhibitRow,
    PackageRow,
    RequestRow,
)

MAX_EXHIBITS: Final = 100
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


def assemble_package(
    *,
    officer: Officer,
    now: Instant,
    request_id: str,
    exhibit_ids: Iterable[str],
    complete: bool,
) -> str:
    """Order a package of acquired exhibits; return its identifier.

    The worker checks every digest again, states the transfer, waits until the
    ledger has the chain witnessed, builds, seals and cuts it. Then it is ready
    to be delivered.
    """
    with recording(officer=officer, now=now) as record:
        request = locked_for(officer, "assemble_package", request_id)
        _custody.require_at_work(request)
        exhibits = [_of_request(request, exhibit_id) for exhibit_id in exhibit_ids]
        if not 0 < len(exhibits) <= MAX_EXHIBITS:
            raise Invalid("package.exhibits", f"a package holds 1 to {MAX_EXHIBITS} exhibits")
        waiting = [e.number for e in exhibits if e.status != "acquired"]
        if waiting:
            raise Refused(
                "package.exhibits",
                "these exhibits cannot be packed",
                reasons=[f"exhibit {n} is not acquired, or is packed already" for n in waiting],
            )
        package = PackageRow.objects.create(
            id=UUID(new_object_id()),
            request=request,
            direction="outgoing",
            status="ordered",
            complete=complete,
            ordered_by_id=officer.id,
            made=now,
            updated=now,
        )
        for exhibit in exhibits:
            PackageExhibitRow.objects.create(package=package, exhibit=exhibit)
            exhibit.status = "packed"
            exhibit.save(update_fields=["status"])
        audit = record(
            event="package.ordered",
            subject=("package", package.pk),
            request=request.pk,
            private={
                "package": str(package.pk),
                "request": str(request.pk),
                "exhibits": [*sorted(exhibit.number for exhibit in exhibits)],
                "complete": complete,
            },
        )
        numbers = ", ".join(sorted(exhibit.number for exhibit in exhibits))
        record.tell(audit, request=request.pk, facts=(("Exhibits", numbers),))
    return str(package.pk)


def export_package(*, officer: Officer, now: Instant, package_id: str, out: str | Path) -> Path:
    """Copy a package and the trust file that a verifier needs to `out`; return the package's path.

    For the console and the operator: `out` is a path of this machine.
    """
    package = _readable_package(officer, package_id)
    source = package_folder(package)
    target = Path(out)
    with recording(officer=officer, now=now) as record:
        trust = trust_for(package, now=now)
        try:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copytree(source, target / "package")
            (target / "trust.json").write_bytes(trust)
        except FileExistsError as error:
            raise Conflict("package.exists", f"{target / 'package'} exists already") from error
        except OSError as error:
            raise Unavailable("package.not_written", f"{target}: {error}") from error
        _record_export(record, package)
    return target / "package"


def open_package(*, officer: Officer, now: Instant, package_id: str) -> BinaryIO:
    """Return a package as a tar archive to be read once; the file has no name on the disk."""
    package = _readable_package(officer, package_id)
    folder = package_folder(package)
    stream: BinaryIO = tempfile.TemporaryFile(dir=settings.CONFIG.packages)  # noqa: SIM115
    with recording(officer=officer, now=now) as record:
        write_tar(folder, stream, top=str(package.pk), modified=package.made)
        _record_export(record, package)
    stream.seek(0)
    return stream


def trust_for(package: PackageRow, *, now: Instant) -> bytes:
    """Return the trust file for one package: who must have logged and accepted it.

    The asking authority's proof that it sent the request is demanded where the package
    has it; where it came too late to be packed, verification says that it is not there.
    """
    request = package.request
    sent = settings.CONFIG.packages / str(package.pk) / ledger_path(request.requesting, SENT)
    accepted = package.direction == "incoming" and package.status == "accepted"
    return write_trust(
        build_trust(
            now=now,
            proofs_from=sorted({request.requested, *([request.requesting] * sent.is_file())}),
            accepted_by=request.requesting if accepted else None,
            package=str(package.pk),
        )
    )


def package_folder(package: PackageRow) -> Path:
    """Return the folder of an assembled or opened package; `Refused` if there is none yet."""
    folder: Path = settings.CONFIG.packages / str(package.pk)
    if not folder.is_dir():
        raise Refused(
            "package.not_there",
            "there is nothing to take out yet",
            reasons=(f"the package is {package.status}",),
        )
    return folder


def remove_folder(folder: Path) -> None:
    """Remove what an interrupted attempt left under its final name."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


def expect_package(*, row: RequestRow, message: EvidenceDelivery, now: Instant) -> None:
    """Note that a package is on its way; called within the transaction of its message."""
    if PackageRow.objects.filter(pk=message.package_id).exists():
        raise Conflict(
            "package.known", f"{message.package_id}: another package has this identifier here"
        )
    package = PackageRow.objects.create(
        id=UUID(message.package_id),
        request=row,
        direction="incoming",
        status="expected",
        complete=message.complete,
        seal_sha256=message.seal,
        parcel_sha256=message.parcel,
        made=now,
        updated=now,
    )
    for announced in message.exhibits:
        number = parse_exhibit_number(announced.number, what="exhibits")
        exhibit, _ = ExhibitRow.objects.get_or_create(
            request=row,
            number=number,
            defaults={
                "id": UUID(new_object_id()),
                "description": announced.description,
                "status": "sent",
                "place": "",
                "legal_type": "",
                "legal_identifier": "",
                "created": now,
            },
        )
        PackageExhibitRow.objects.create(package=package, exhibit=exhibit)


def _record_export(record: Recorder, package: PackageRow) -> None:
    record(
        event="package.exported",
        subject=("package", package.pk),
        request=package.request_id,
        private={"package": str(package.pk), "request": str(package.request_id)},
    )


def _readable(officer: Officer, exhibit_id: str, action: str) -> ExhibitRow:
    identifier = parse_object_id(str(exhibit_id), what="exhibit")
    exhibit = ExhibitRow.objects.select_related("request").filter(pk=identifier).first()
    if exhibit is None or not permissions.may_read(officer, exhibit.request):
        raise permissions.denied(action, [])
    permissions.require(officer, action, exhibit.request)
    return exhibit


def _readable_package(officer: Officer, package_id: str) -> PackageRow:
    identifier = parse_object_id(str(package_id), what="package")
    package = PackageRow.objects.select_related("request").filter(pk=identifier).first()
    if package is None or not permissions.may_read(officer, package.request):
        raise permissions.denied("export_package", [])
    permissions.require(officer, "export_package", package.request)
    return package


def _locked_exhibit(identifier: UUID) -> ExhibitRow:
    return ExhibitRow.objects.select_for_update().get(pk=identifier)


def _of_request(request: RequestRow, exhibit_id: str) -> ExhibitRow:
    identifier = parse_object_id(str(exhibit_id), what="exhibit_ids")
    exhibit = ExhibitRow.objects.filter(pk=identifier, request=request).first()
    if exhibit is None:
        raise Invalid("exhibit.unknown", f"{identifier} is no exhibit of {request.reference}")
    return exhibit


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
