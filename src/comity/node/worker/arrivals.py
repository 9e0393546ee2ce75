# SPDX-License-Identifier: Apache-2.0
"""Packages that arrive, one stage at a time.

`expected` (until every part is there; then opened and verified, and the receipt
of every exhibit stated in our name) → `awaiting_final` (until witnesses have
cosigned our ledger) → `accepted` (our half is in the package). A package that
does not verify is `failed`; it is kept, its report says what was wrong, and an
officer tells the sender.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from django.conf import settings

from comity.assistance.decide import note_package_checked
from comity.canonical import json
from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId, ObjectId, new_object_id
from comity.canonical.json import JSON
from comity.canonical.time import Instant
from comity.errors import ComityError, Unverified
from comity.evidence import layout
from comity.evidence.acceptance import AcceptanceSpec, received_statement, write_acceptance
from comity.evidence.custody import SignedStatement, read_statement
from comity.evidence.model import Actor
from comity.evidence.report import Fault, Report, Status, Step
from comity.evidence.request_reference import read_reference
from comity.evidence.unpack import unpack_sealed
from comity.evidence.verify import verify_package
from comity.forensics.ewf import check_exhibit
from comity.node.keyring import keyring
from comity.node.services import _custody, _signing, inbox, ledger, packages
from comity.node.services._limits import require_space
from comity.node.services._packing import custody_entry, request_reference
from comity.node.services._record import Recorder, recording
from comity.node.services._requests import apply, gather, locked, own_authority, peer_of
from comity.node.services.trust import build_trust, package_keys
from comity.node.store.models import CustodyRow, ExhibitFileRow, ExhibitRow, PackageRow
from comity.node.worker._stages import advance, each
from comity.protocol.parts import read_parts

_STATEMENT: Final = re.compile(r"\d{4}-[a-z]+\.json", re.ASCII)
#: The step that this node adds to those of the verifier.
_OURS: Final = 14
#: Longest value of a package that is repeated in a fault, in characters.
_MAX_SHOWN: Final = 200


def open_packages(now: Instant) -> int:
    """Packages whose parts have all arrived: open, verify, state the receipt."""
    return each(now, "incoming", "expected", _open)


def accept_packages(now: Instant) -> int:
    """Verified packages whose receipts are final in our ledger: add our half."""
    return each(now, "incoming", "awaiting_final", _accept)


def _open(package: PackageRow, now: Instant) -> bool:
    parcel = Sha256(package.parcel_sha256)
    sender = AuthorityId(peer_of(package.request))
    part_list = inbox.complete_parcel(parcel=parcel, sender=sender)
    if part_list is None:
        return False
    target: Path = settings.CONFIG.packages / str(package.pk)
    packages.remove_folder(target)
    require_space(settings.CONFIG.packages, needed=part_list.size)
    parts = inbox.parts_of(parcel=parcel, sender=sender)
    try:
        with read_parts(part_list, parts.open) as source:
            unpack_sealed(source, target, identities=keyring().identities)
    except ComityError as error:
        if error.family == "unavailable":
            raise  # a full disk is no fault of the package
        if inbox.drop_damaged(parcel=parcel, sender=sender):
            return False  # our own disk damaged it: the parts are fetched again
        _finish(package, _unopened(error), now, failure=error)
        return True
    report = verify_package(
        target, trust=build_trust(now=now), now=now, check_container=check_exhibit
    )
    _finish(package, _compared(package, report), now)
    return True


def _finish(
    package: PackageRow, report: Report, now: Instant, *, failure: ComityError | None = None
) -> None:
    """Write down what the verification found, with all that follows from it."""
    data = json.write(report.to_json())
    with recording(officer=None, now=now) as record:
        row = locked(str(package.request_id))
        package.report, package.report_sha256 = data, sha256(data)
        package.verified = report.ok
        if report.ok:
            for carried in package.exhibit_rows.select_related("exhibit"):
                _receive(record, package, carried.exhibit, now=now)
        decision = note_package_checked(
            situation=gather(row, now=now),
            package_id=ObjectId(str(package.pk)),
            verified=report.ok,
            report=Sha256(package.report_sha256),
        )
        apply(record, row, decision, now=now)
        inbox.answer_package(
            parcel=Sha256(package.parcel_sha256),
            sender=AuthorityId(peer_of(row)),
            report=Sha256(package.report_sha256),
            opened=failure is None,
            reason=failure,
            now=now,
        )
        advance(package, "awaiting_final" if report.ok else "failed", now)


def _receive(record: Recorder, package: PackageRow, exhibit: ExhibitRow, *, now: Instant) -> None:
    """Take over the sender's chain as it is in the verified package, and continue it."""
    folder = settings.CONFIG.packages / str(package.pk) / "data" / "custody" / exhibit.number
    names = sorted(p.name for p in folder.iterdir() if _STATEMENT.fullmatch(p.name))
    chain = [_statement(folder / name) for name in names]
    for signed, name in zip(chain, names, strict=True):
        proof = (folder / name).with_suffix(".tlog-proof").read_bytes()
        _custody.keep_statement(exhibit, signed, proof=proof)
    transfer = chain[-1]
    last = transfer.statement
    exhibit.place, exhibit.status = last.place, "received"
    exhibit.legal_type = last.legal_authority.type
    exhibit.legal_identifier = last.legal_authority.identifier
    exhibit.seized_at = chain[0].statement.at
    exhibit.save()
    ExhibitFileRow.objects.bulk_create(
        ExhibitFileRow(exhibit=exhibit, path=i.path, size=i.size, sha256=i.sha256, sha512=i.sha512)
        for i in last.items
    )
    made = received_statement(
        transfer,
        id=new_object_id(),
        # The sender's clock may be a little ahead: a chain's time never goes back.
        at=max(now, last.ended or last.at),
        place=settings.CONFIG.name,
        actor=Actor(name=settings.CONFIG.name, function="node, after verification"),
        purpose=f"receipt for request {package.request.reference}",
    )
    _custody.record_statement(record, exhibit, made, peer=last.authority)


def _accept(package: PackageRow, now: Instant) -> bool:
    rows = CustodyRow.objects.filter(
        exhibit__package_rows__package=package, audit__isnull=False, event="received"
    ).select_related("audit")
    if not ledger.is_final(max(rows.values_list("audit__leaf_index", flat=True))):
        return False
    root: Path = settings.CONFIG.packages / str(package.pk)
    if not (root / layout.ACCEPTANCE).exists():
        write_acceptance(
            root,
            AcceptanceSpec(
                package=ObjectId(str(package.pk)),
                authority=AuthorityId(own_authority()),
                received=tuple(custody_entry(row) for row in rows),
                keys=package_keys(),
                accepted=max(now, *(row.at for row in rows)),
            ),
            seal=_signing.seal(now),
        )
    with recording(officer=None, now=now) as record:
        record(
            event="package.accepted",
            subject=("package", package.pk),
            request=package.request_id,
            private={
                "package": str(package.pk),
                "request": str(package.request_id),
                "seal": package.seal_sha256,
            },
        )
        advance(package, "accepted", now)
    return True


def _compared(package: PackageRow, report: Report) -> Report:
    """Add the step that only the receiving node can check: is it what was announced?"""
    request = package.request
    pairs = (
        ("package", report.package, str(package.pk)),
        ("sender", report.sender, request.requested),
        ("recipient", report.recipient, own_authority()),
        ("seal", report.seal, package.seal_sha256),
    )
    wrong = [f"its {name} is {found}, announced was {told}" for name, found, told in pairs
             if found != told]  # fmt: skip
    if not wrong and report.ok:
        wrong = [*_other_request(package), *_other_exhibits(package)]
    step = _step("the package is the one that was announced, for the request we sent", wrong)
    return _with(report, step)


def _other_request(package: PackageRow) -> list[str]:
    """Compare what the package says of its request with the request that we sent.

    Without this a package made for another case would be received into this one. Of
    the limits on use it may name only such as we accepted; one fewer is the sender's
    own affair, as in the message that announces the package.
    """
    path = settings.CONFIG.packages / str(package.pk) / layout.REQUEST
    found = read_reference(path.read_bytes(), what=layout.REQUEST)
    ours = request_reference(package.request)
    told, sent = found.to_json(), replace(ours, use_limits=found.use_limits).to_json()
    wrong = [
        f"of its request {name} is {_short(told[name])}, of the one we sent {_short(sent[name])}"
        for name in sent
        if told[name] != sent[name]
    ]
    unknown = [limit for limit in found.use_limits if limit not in ours.use_limits]
    wrong += [f"it names a limit on use that we did not accept: {_short(one)}" for one in unknown]
    return wrong


def _other_exhibits(package: PackageRow) -> list[str]:
    folder = settings.CONFIG.packages / str(package.pk) / "data" / "custody"
    found = sorted(path.name for path in folder.iterdir())
    carried = [one.exhibit for one in package.exhibit_rows.select_related("exhibit")]
    told = sorted(exhibit.number for exhibit in carried)
    if found != told:
        return [f"it holds {', '.join(found)}; announced was {', '.join(told)}"]
    # A chain is received once: a second one for the same exhibit would fork its custody.
    again = [exhibit.number for exhibit in carried if exhibit.custody_rows.exists()]
    return [f"exhibit {number} was received before" for number in sorted(again)]


def _short(value: JSON) -> str:
    """Return a value as JSON, cut: what a peer wrote must not fill the report, nor forge it."""
    text = json.write(value).decode()
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


def _unopened(error: ComityError) -> Report:
    """Return the report of a parcel that could not be opened at all."""
    fault = Fault(file="", code=error.code, message=error.message)
    step = Step(
        number=0, title="Opening", status=Status.FAILED, detail=error.message, faults=(fault,)
    )
    return Report(
        steps=(step,),
        package=None,
        sender=None,
        recipient=None,
        seal=None,
        accepted_by=None,
        not_checked=(),
    )


def _step(detail: str, wrong: list[str]) -> Step:
    found = [Unverified("package.not_announced", f"the package: {text}") for text in wrong]
    faults = tuple(Fault(file="", code=error.code, message=error.message) for error in found)
    return Step(
        number=_OURS,
        title="Announcement",
        status=Status.FAILED if wrong else Status.OK,
        detail=wrong[0] if wrong else detail,
        faults=faults,
    )


def _with(report: Report, step: Step) -> Report:
    return replace(report, steps=(*report.steps, step))


def _statement(path: Path) -> SignedStatement:
    return read_statement(path.read_bytes(), what=path.name)
