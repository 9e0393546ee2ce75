# SPDX-License-Identifier: Apache-2.0
"""Making packages on a bench: from acquisition folders, keys and a ledger folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Final

from comity.canonical.digest import Sha256
from comity.canonical.ids import (
    AuthorityId,
    ObjectId,
    new_object_id,
    parse_authority_id,
    parse_object_id,
)
from comity.canonical.time import Instant
from comity.cli._bench import Bench, BenchLedger, new_item_secrets, open_ledger
from comity.cli._files import new_file, read_file
from comity.crypto.keys import SealPrivateKey
from comity.crypto.sealing import seal as seal_to
from comity.errors import Conflict, Invalid
from comity.evidence.acquisition import (
    MAX_RECORD_BYTES,
    AcquisitionRecord,
    SignedAcquisition,
    acquired_statement,
    read_record,
    sign_acquisition,
)
from comity.evidence.custody import (
    SignedStatement,
    check_next,
    leaf_event_type,
    leaf_private,
    sign_statement,
)
from comity.evidence.model import Actor, Counterpart, CustodyEvent, CustodyStatement
from comity.evidence.package import (
    CustodyEntry,
    EvidenceFile,
    ExhibitContents,
    PackageSpec,
    SealedPackage,
    assemble,
)
from comity.evidence.request_reference import RequestReference
from comity.evidence.tar import write_tar
from comity.forensics.acquire import FILES_FOLDER, RECORD_NAME

NOT_STATED: Final = "not stated"


@dataclass(frozen=True, kw_only=True)
class Statements:
    """What the officer states about the transfer."""

    recipient: AuthorityId
    request: ObjectId
    reference: str
    instrument: str
    article: str
    measure: str
    purpose: str
    use_limits: tuple[str, ...]
    officer: Actor
    place: str

    @classmethod
    def of(cls, stated: Mapping[str, object]) -> Statements:
        """Take the options of `comity package create`."""
        request = stated["request"]
        limits = stated["use_limits"]
        return cls(
            recipient=parse_authority_id(str(stated["recipient"]), what="--to"),
            request=parse_object_id(str(request), what="--request") if request else new_object_id(),
            reference=str(stated["reference"]),
            instrument=str(stated["instrument"]),
            article=str(stated["article"]),
            measure=str(stated["measure"]),
            purpose=str(stated["purpose"]),
            use_limits=tuple(str(one) for one in limits) if isinstance(limits, tuple) else (),
            officer=Actor(name=str(stated["officer"]), function=str(stated["function"])),
            place=str(stated["place"]),
        )


@dataclass(frozen=True)
class _Exhibit:
    folder: Path
    record: AcquisitionRecord
    signed: SignedAcquisition
    chain: tuple[SignedStatement, ...]


def create_package(
    folders: Sequence[Path],
    *,
    bench: Bench,
    ledger: Path,
    target: Path,
    statements: Statements,
    now: Instant,
) -> SealedPackage:
    """State, sign and log the custody of each acquisition, and assemble the package.

    The ledger is written only when the evidence has been copied and found unchanged: what
    fails before that leaves no trace, and can be repeated.
    """
    if os.path.lexists(target):
        raise Conflict("package.exists", f"{target}: is already there")
    if statements.recipient == bench.authority:
        raise Invalid("package.recipient", "a package goes to another authority than the sender")
    seal = bench.seal(now)
    exhibits = [_exhibit(folder, bench, seal, statements, now) for folder in folders]
    numbers = [exhibit.record.exhibit for exhibit in exhibits]
    if len({number.casefold() for number in numbers}) != len(numbers):
        raise Invalid("package.exhibits", "two acquisitions have the same exhibit number")
    spec = PackageSpec(
        package=new_object_id(),
        sender=bench.authority,
        recipient=statements.recipient,
        contact=statements.officer.name,
        request=_reference(bench, statements),
        exhibits=tuple(_contents(exhibit) for exhibit in exhibits),
        keys=(bench.statement,),
        ledger_proofs=(),
        sealed_at=now,
    )
    with open_ledger(bench, ledger) as log:
        return assemble(
            spec,
            target=target,
            seal=seal,
            minisign_key=bench.minisign(),
            prove=lambda: _log_all(log, exhibits, now),
        )


def pack_package(
    package: Path,
    target: Path,
    *,
    recipients: Sequence[str],
    now: Instant,
    progress: Callable[[int], None],
) -> None:
    """Write a package as one tar file, sealed to `recipients` if there are any."""
    with new_file(target) as file:
        if recipients:
            _seal(package, file.fileno(), recipients, now, progress)
        else:
            write_tar(package, file, top=_top(package), modified=now, progress=progress)


def _seal(
    package: Path,
    descriptor: int,
    recipients: Sequence[str],
    now: Instant,
    progress: Callable[[int], None],
) -> None:
    """Pack and seal in one pass: the plain archive is never on the disk."""
    reading, writing = os.pipe()
    failures: list[BaseException] = []

    def pack() -> None:
        try:
            with os.fdopen(writing, "wb") as plain:
                write_tar(package, plain, top=_top(package), modified=now, progress=progress)
        except BrokenPipeError:
            pass  # the sealing side gave up first, and says why
        except BaseException as error:  # noqa: BLE001 - raised below: half an archive is none
            failures.append(error)

    worker = Thread(target=pack, name="tar")
    worker.start()
    try:
        with os.fdopen(reading, "rb") as plain, os.fdopen(os.dup(descriptor), "wb") as sink:
            seal_to(plain, sink, recipients=recipients)
    finally:
        worker.join()
    if failures:
        raise failures[0]


def _top(package: Path) -> str:
    return package.resolve().name or "package"


def _exhibit(
    folder: Path, bench: Bench, seal: SealPrivateKey, statements: Statements, now: Instant
) -> _Exhibit:
    """Sign the record of one acquisition and its two custody statements."""
    path = folder / RECORD_NAME
    record = read_record(read_file(path, limit=MAX_RECORD_BYTES), what=str(path))
    if record.request not in (None, statements.request):
        raise Invalid(
            "package.request_differs",
            f"{path}: was acquired for request {record.request}",
            hint="Give the same identifier with --request.",
        )
    first = acquired_statement(
        record,
        id=new_object_id(),
        authority=bench.authority,
        request=statements.request,
        seq=1,
        prev=None,
    )
    acquired = sign_statement(first, key=seal)
    transferred = sign_statement(_transfer(acquired, statements, now), key=seal)
    check_next([acquired], transferred)
    return _Exhibit(folder, record, sign_acquisition(record, key=seal), (acquired, transferred))


def _transfer(acquired: SignedStatement, statements: Statements, now: Instant) -> CustodyStatement:
    before = acquired.statement
    return CustodyStatement(
        id=new_object_id(),
        authority=before.authority,
        exhibit=before.exhibit,
        request=before.request,
        seq=before.seq + 1,
        prev=acquired.digest,
        event=CustodyEvent.TRANSFERRED,
        at=now,
        ended=None,
        place=statements.place,
        actor=statements.officer,
        counterpart=Counterpart(authority=statements.recipient),
        purpose=statements.purpose,
        legal_authority=before.legal_authority,
        items=before.items,
        tool=None,
        digests_checked=True,
        remarks="",
    )


def _log_all(log: BenchLedger, exhibits: Sequence[_Exhibit], now: Instant) -> dict[Sha256, bytes]:
    """Write every statement into the ledger; return their proofs by the statements' digests."""
    secrets = new_item_secrets([exhibit.record.exhibit for exhibit in exhibits])
    for exhibit in exhibits:
        for number, signed in enumerate(exhibit.chain):
            other = signed.statement.counterpart
            log.add(
                leaf_event_type(signed.statement.event),
                leaf_private(signed),
                item_secret=secrets[exhibit.record.exhibit],
                number=number,
                peer=other.authority if other else None,
                at=now,
            )
    digests = [signed.digest for exhibit in exhibits for signed in exhibit.chain]
    return dict(zip(digests, log.proofs(now=now), strict=True))


def _contents(exhibit: _Exhibit) -> ExhibitContents:
    files = exhibit.folder / FILES_FOLDER
    return ExhibitContents(
        number=exhibit.record.exhibit,
        files=tuple(
            EvidenceFile.at(files / file.path, item=file.path) for file in exhibit.record.files
        ),
        custody=tuple(CustodyEntry(signed=signed) for signed in exhibit.chain),
        acquisition=exhibit.signed,
    )


def _reference(bench: Bench, statements: Statements) -> RequestReference:
    return RequestReference(
        request=statements.request,
        reference=statements.reference,
        kind=NOT_STATED,
        measure=statements.measure,
        requesting=statements.recipient,
        requested=bench.authority,
        instrument=statements.instrument,
        article=statements.article,
        purpose=statements.purpose,
        urgency=NOT_STATED,
        use_limits=statements.use_limits,
        statement=None,
    )
