# SPDX-License-Identifier: Apache-2.0
"""`comity evidence`: acquire a source."""

from __future__ import annotations

import platform
from pathlib import Path

import click

from comity import __version__
from comity.canonical.ids import new_object_id, parse_exhibit_number, parse_object_id
from comity.canonical.json import Object
from comity.cli._clock import SystemClock, local_offset
from comity.cli._files import PATH
from comity.cli._output import json_option, progress_bar, quiet_option, show
from comity.errors import Invalid
from comity.evidence.acquisition import AcquisitionRecord
from comity.evidence.model import Actor, LegalAuthority, Tool
from comity.forensics.acquire import RECORD_NAME, Acquired, Order, acquire
from comity.forensics.segments import find_segments
from comity.forensics.source import PathSource

_NOT_STATED = "not stated"


@click.group(name="evidence")
def group() -> None:
    """Acquire a file or a disk, with a record of how."""


@group.command(name="acquire", short_help="Copy and hash a file or a disk, with a record.")
@click.argument("source", type=PATH)
@click.option(
    "--out",
    "target",
    required=True,
    type=PATH,
    help="New folder for the copy and its record.",
)
@click.option("--exhibit", required=True, help="Number of the exhibit, such as EX-1.")
@click.option("--examiner", required=True, help="Name of the person who acquires.")
@click.option("--function", default="examiner", show_default=True, help="That person's function.")
@click.option("--request", help="Identifier of the request that this answers.")
@click.option("--place", default=_NOT_STATED, help="Where this is done.")
@click.option(
    "--purpose", default="acquisition of evidence", show_default=True, help="Why it is acquired."
)
@click.option(
    "--legal-authority",
    default="",
    metavar="TYPE:NUMBER",
    help="By what right: 'court order: XM-CC-118'.",
)
@click.option("--description", default="", help="What the exhibit is.")
@click.option("--remarks", default="", help="Anything out of the ordinary.")
@click.option("--alone", is_flag=True, help="Take this file only, not the set it is a segment of.")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["raw"]),
    default="raw",
    show_default=True,
    help="How the copy is stored: byte for byte.",
)
@json_option
@quiet_option
def acquire_command(source: Path, target: Path, alone: bool, **stated: str) -> None:  # noqa: FBT001 - click passes by name
    """Copy SOURCE byte for byte into a new folder, hash it, read it again, record it.

    SOURCE is a file, a disk image (any segment of an E01 or split raw set brings the
    others) or a block device. It is opened for reading only. Unreadable sectors are
    filled with zeros and recorded. The folder appears complete or not at all.
    """
    order = _order(**stated)
    size = _size_of_all(source, alone=alone)
    with progress_bar(order.exhibit, 3 * size) as move:
        made = acquire(
            source, target=target, order=order, clock=SystemClock(), alone=alone, progress=move
        )
    show(_as_json(made), *_lines(made))


def _order(
    *,
    exhibit: str,
    examiner: str,
    function: str,
    request: str | None,
    place: str,
    purpose: str,
    legal_authority: str,
    description: str,
    remarks: str,
    format_name: str,
) -> Order:
    del format_name  # one so far: stored as it was read
    legal = _legal_authority(legal_authority)
    for option, text in (("examiner", examiner), ("place", place), ("purpose", purpose)):
        if not text.strip():
            raise Invalid("acquire.option", f"--{option}: must not be empty")
    return Order(
        id=new_object_id(),
        exhibit=parse_exhibit_number(exhibit, what="--exhibit"),
        description=description,
        request=parse_object_id(request, what="--request") if request else None,
        examiner=Actor(name=examiner, function=function or "examiner"),
        place=place,
        purpose=purpose,
        legal_authority=legal,
        local_offset=local_offset(),
        host=f"{platform.system()} {platform.release()} {platform.machine()}",
        tool=Tool(name="comity", version=f"{__version__}, Python {platform.python_version()}"),
        remarks=remarks,
    )


def _legal_authority(text: str) -> LegalAuthority:
    """Read TYPE:NUMBER; both or neither, for a form in court must not guess which one it was."""
    if not text.strip():
        return LegalAuthority(type=_NOT_STATED, identifier=_NOT_STATED)
    kind, _, number = text.partition(":")
    if not kind.strip() or not number.strip():
        raise Invalid(
            "acquire.option",
            f"--legal-authority: {text[:80]!r} is not of the form TYPE:NUMBER",
            hint="Write what kind of act it is, a colon and its number: 'court order: XM-CC-118'.",
        )
    return LegalAuthority(type=kind.strip(), identifier=number.strip())


def _size_of_all(source: Path, *, alone: bool) -> int:
    """Return the bytes to read, for the progress bar; refuses a bad source at once."""
    with PathSource(source) as first:
        if alone or first.is_device:
            return first.size
    return sum(path.stat().st_size for path in find_segments(source).paths)


def _as_json(made: Acquired) -> Object:
    return {"folder": str(made.folder), "record": made.record.to_json()}


def _lines(made: Acquired) -> list[str]:
    record = made.record
    lines = [f"Exhibit {record.exhibit}: {record.method}, {record.source.size} bytes"]
    for file in record.files:
        lines.append(f"  {file.path}")
        lines.append(f"    sha256 {file.sha256}")
    lines.append("Copy read again: equal")
    if record.verification.source == "equal":
        lines.append("Source read again: equal")
    else:
        lines.append("Source read again: not compared, since parts of it cannot be read")
    lines += _error_lines(record)
    if record.container is not None:
        check = record.container
        lines.append(f"Container ({check.format}): {check.outcome.replace('_', ' ')}")
        if check.detail:
            lines.append(f"  {check.detail}")
    if record.remarks:
        lines.append(f"Remarks: {record.remarks}")
    lines.append(f"Record: {made.folder / RECORD_NAME}")
    return lines


def _error_lines(record: AcquisitionRecord) -> list[str]:
    if not record.read_errors:
        return []
    total = sum(error.length for error in record.read_errors)
    ranges = len(record.read_errors)
    text = f"NOT READABLE: {total} bytes in {ranges} ranges, filled with zeros and recorded"
    return [text]
