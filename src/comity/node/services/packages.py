# SPDX-License-Identifier: Apache-2.0
"""Packages of evidence: ordered, taken out, announced.

Building, sealing, opening and verifying them take time and are done by the
worker (`comity.node.worker.packages`, `.arrivals`); an officer orders them here.
"""

from __future__ import annotations

import os
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
from comity.canonical.ids import new_object_id, parse_exhibit_number, parse_object_id
from comity.canonical.time import Instant
from comity.errors import Conflict, Invalid, Refused, Unavailable
from comity.evidence.layout import ledger_path
from comity.evidence.tar import write_tar
from comity.evidence.writing import making, making_file, place_folder
from comity.node import permissions
from comity.node.permissions import Officer
from comity.node.services import _custody
from comity.node.services._record import Recorder, recording
from comity.node.services._requests import locked_for
from comity.node.services.proofs import SENT
from comity.node.services.trust import build_trust
from comity.node.store.models import ExhibitRow, PackageExhibitRow, PackageRow, RequestRow

MAX_EXHIBITS: Final = 100


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

    For the console and the operator: `out` is a path of this machine. Both are written, or none;
    what is there already stays.
    """
    package = _readable_package(officer, package_id)
    source = package_folder(package)
    target = Path(out) / "package"
    trust_file = target.with_name("trust.json")
    for path in (target, trust_file):
        if os.path.lexists(path):
            raise Conflict("package.exists", f"{path} exists already")
    with recording(officer=officer, now=now) as record:
        trust = trust_for(package, now=now)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with making(target) as temporary:
                shutil.copytree(source, temporary, dirs_exist_ok=True)
                with making_file(trust_file) as file:
                    file.write(trust)
                    file.flush()  # what fails for want of room fails before this
                    place_folder(temporary, target)
        except OSError as error:  # copytree's own error has no text of the system
            raise Unavailable(
                "package.not_written", f"{target}: cannot be written: {error.strerror or error}"
            ) from error
        _record_export(record, package)
    return target


def open_package(*, officer: Officer, now: Instant, package_id: str) -> BinaryIO:
    """Return a package as a tar archive to be read once; the file has no name on the disk."""
    package = _readable_package(officer, package_id)
    folder = package_folder(package)
    stream: BinaryIO = tempfile.TemporaryFile(dir=settings.CONFIG.packages)  # noqa: SIM115
    with recording(officer=officer, now=now) as record:
        try:
            write_tar(folder, stream, top=str(package.pk), modified=package.made)
            stream.flush()
        except OSError as error:
            stream.close()
            raise Unavailable(
                "package.not_written",
                f"the package cannot be written out: {error.strerror or error}",
                hint="Free space on the volume of the packages.",
            ) from error
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


def _readable_package(officer: Officer, package_id: str) -> PackageRow:
    identifier = parse_object_id(str(package_id), what="package")
    package = PackageRow.objects.select_related("request").filter(pk=identifier).first()
    if package is None or not permissions.may_read(officer, package.request):
        raise permissions.denied("export_package", [])
    permissions.require(officer, "export_package", package.request)
    return package


def _of_request(request: RequestRow, exhibit_id: str) -> ExhibitRow:
    identifier = parse_object_id(str(exhibit_id), what="exhibit_ids")
    exhibit = ExhibitRow.objects.filter(pk=identifier, request=request).first()
    if exhibit is None:
        raise Invalid("exhibit.unknown", f"{identifier} is no exhibit of {request.reference}")
    return exhibit
