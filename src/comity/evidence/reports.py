# SPDX-License-Identifier: Apache-2.0
"""The acquisition report and the custody form, made from the signed records.

The fields of the report follow SWGDE 17-F-002, those of the form NIST's sample
chain-of-custody form. A field that nobody recorded says so; none is left out.
"""

from __future__ import annotations

from typing import Final

from comity.canonical.time import Instant, write_instant
from comity.evidence.acquired import ContainerCheck
from comity.evidence.acquisition import AcquisitionRecord
from comity.evidence.contents import ExhibitFacts, PackageFacts
from comity.evidence.documents import Document, Section, to_html, to_text
from comity.evidence.layout import report_path
from comity.evidence.model import Actor, CustodyStatement

#: Files that a report lists one by one; the full list is in the acquisition record.
MAX_LISTED: Final = 200
_NOT_RECORDED: Final = "not recorded"
_YES_NO: Final = {True: "yes", False: "no", None: "not known"}
_SOURCE_KINDS: Final = {"file": "file or files", "block_device": "block device"}
_SECOND_READ: Final = {
    "equal": "equal to the first read",
    "not_compared": "not compared (the source has unreadable ranges)",
}
_OUTCOMES: Final = {
    "consistent": "consistent",
    "inconsistent": "NOT consistent",
    "not_checked": "not checked",
}


def reports(facts: PackageFacts) -> dict[str, bytes]:
    """Return path and bytes of every report of a package."""
    made: dict[str, bytes] = {}
    for exhibit in facts.exhibits:
        form = custody_form(facts, exhibit)
        made[report_path(exhibit.number, "custody-form.txt")] = to_text(form)
        made[report_path(exhibit.number, "custody-form.html")] = to_html(form)
        if exhibit.acquisition is not None:
            report = acquisition_report(exhibit.acquisition)
            made[report_path(exhibit.number, "acquisition.txt")] = to_text(report)
            made[report_path(exhibit.number, "acquisition.html")] = to_html(report)
    return made


def acquisition_report(record: AcquisitionRecord) -> Document:
    """Return the acquisition report of one record."""
    sections = [
        _subject(record),
        _circumstances(record),
        _source(record),
        _result(record),
        _files(record),
        _read_errors(record),
    ]
    if record.container is not None:
        sections.append(_container(record.container))
    return Document(f"Acquisition report: exhibit {record.exhibit}", tuple(sections))


def custody_form(facts: PackageFacts, exhibit: ExhibitFacts) -> Document:
    """Return the chain-of-custody form of one exhibit, up to the transfer."""
    first = exhibit.chain[0].statement
    record = exhibit.acquisition
    header = Section(
        "Exhibit",
        (
            ("Exhibit", exhibit.number),
            ("Request", f"{facts.request.reference} ({facts.request.request})"),
            ("Package", facts.package),
            ("First held by", facts.authority_name(first.authority)),
            ("Since", _time(first.at)),
            ("Place", first.place),
            ("Description", (record.description if record else "") or _NOT_RECORDED),
            ("Make, model", _model(record)),
            ("Serial number", (record.source.serial if record else "") or _NOT_RECORDED),
            ("Files", str(len(exhibit.files))),
        ),
    )
    columns = (
        "Event",
        "Time (UTC)",
        "By",
        "Counterpart",
        "Place",
        "Purpose",
        "Legal authority",
        "Digests checked",
        "Statement (SHA-256)",
        "Remarks",
    )
    rows = tuple(_event(facts, signed.statement, signed.digest) for signed in exhibit.chain)
    note = (
        "Each event is a signed statement in data/custody; its entry in the ledger is proved by"
        " the file of the same name that ends with .tlog-proof. The receiver's own statement, if"
        " there is one, is in the folder acceptance."
    )
    return Document(
        f"Chain of custody: exhibit {exhibit.number}",
        (header, Section("Events", columns=columns, rows=rows, note=note)),
    )


def _event(facts: PackageFacts, statement: CustodyStatement, digest: str) -> tuple[str, ...]:
    other = statement.counterpart
    counterpart = "none"
    if other is not None:
        named = Actor(name=other.name, function=other.function)
        counterpart = f"{_actor(named)}{facts.authority_name(other.authority)}"
    checked = "yes" if statement.digests_checked else "no"
    return (
        f"{statement.seq} {statement.event}",
        _time(statement.at) + (f" to {_time(statement.ended)}" if statement.ended else ""),
        f"{_actor(statement.actor)}{facts.authority_name(statement.authority)}",
        counterpart,
        statement.place,
        statement.purpose,
        f"{statement.legal_authority.type}: {statement.legal_authority.identifier}",
        checked if statement.items else "no data yet",
        digest,
        statement.remarks or "none",
    )


def _actor(actor: Actor) -> str:
    words = [word for word in (actor.name, actor.function) if word]
    return "".join(f"{word}, " for word in words)


def _subject(record: AcquisitionRecord) -> Section:
    return Section(
        "Subject",
        (
            ("Exhibit", record.exhibit),
            ("Description", record.description or _NOT_RECORDED),
            ("Request", record.request or _NOT_RECORDED),
            (
                "Legal authority",
                f"{record.legal_authority.type}: {record.legal_authority.identifier}",
            ),
            ("Purpose", record.purpose),
            ("Acquisition", record.id),
        ),
    )


def _circumstances(record: AcquisitionRecord) -> Section:
    return Section(
        "Circumstances",
        (
            ("Examiner", f"{record.examiner.name}, {record.examiner.function}"),
            ("Place", record.place),
            ("Started (UTC)", _time(record.started)),
            ("Finished (UTC)", _time(record.finished)),
            ("Local time", f"UTC{record.local_offset}"),
            ("Computer", record.host),
            ("Tool", f"{record.tool.name} {record.tool.version}"),
            ("Method", record.method),
            ("Remarks", record.remarks or "none"),
        ),
    )


def _source(record: AcquisitionRecord) -> Section:
    source = record.source
    return Section(
        "Source",
        (
            ("Kind", _SOURCE_KINDS[source.kind]),
            ("Name", source.name),
            ("Size", f"{source.size} bytes"),
            ("Sector size", f"{source.sector_size} bytes"),
            ("Make, model", _model(record)),
            ("Serial number", source.serial or _NOT_RECORDED),
            ("Read-only at acquisition", _YES_NO[source.read_only]),
        ),
    )


def _result(record: AcquisitionRecord) -> Section:
    return Section(
        "Verification of the data",
        (
            ("Copy, second read", _SECOND_READ[record.verification.copy]),
            ("Source, second read", _SECOND_READ[record.verification.source]),
            ("Verified (UTC)", _time(record.verification.at)),
        ),
    )


def _files(record: AcquisitionRecord) -> Section:
    listed = record.files[:MAX_LISTED]
    left = len(record.files) - len(listed)
    return Section(
        "Files and digests",
        columns=("File", "True name", "Bytes", "MD5", "SHA-1", "SHA-256", "SHA-512"),
        rows=tuple(
            (
                file.path,
                file.original_name,
                str(file.size),
                file.md5,
                file.sha1,
                file.sha256,
                file.sha512,
            )
            for file in listed
        ),
        note=f"{left} more files are listed in the acquisition record." if left else "",
    )


def _read_errors(record: AcquisitionRecord) -> Section:
    size = record.source.sector_size
    listed = record.read_errors[:MAX_LISTED]
    left = len(record.read_errors) - len(listed)
    note = f"{left} more ranges are listed in the acquisition record." if left else ""
    return Section(
        "Unreadable ranges, filled with zeros",
        columns=("File", "First byte", "Bytes", "Sectors"),
        rows=tuple(
            (
                error.path,
                str(error.offset),
                str(error.length),
                f"{error.offset // size} to {(error.offset + error.length - 1) // size}",
            )
            for error in listed
        ),
        note=note if record.read_errors else "None: every byte of the source was read.",
    )


def _container(check: ContainerCheck) -> Section:
    digests = [
        *((f"Stored {name.upper()}", value) for name, value in check.stored),
        *((f"Computed {name.upper()}", value) for name, value in check.computed),
    ]
    return Section(
        "The container's own check",
        (
            ("Format", check.format),
            ("Outcome", _OUTCOMES[check.outcome]),
            (
                "Checked with",
                f"{check.tool.name} {check.tool.version}" if check.tool else "nothing",
            ),
            ("Medium", f"{check.media_size} bytes" if check.media_size is not None else "not read"),
            *digests,
            ("Detail", check.detail or "none"),
        ),
        note="This concerns the container as it was received. The digests of the files above are"
        " a statement of their own.",
    )


def _model(record: AcquisitionRecord | None) -> str:
    if record is None:
        return _NOT_RECORDED
    return f"{record.source.make} {record.source.model}".strip() or _NOT_RECORDED


def _time(instant: Instant) -> str:
    return write_instant(instant).replace("T", " ").removesuffix("Z")
