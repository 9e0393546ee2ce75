# SPDX-License-Identifier: Apache-2.0
"""`comity package`: create, pack, open and verify sealed packages of evidence."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from comity.authorities.trust import MAX_BYTES as MAX_TRUST_BYTES
from comity.authorities.trust import read_trust
from comity.canonical.time import read_instant
from comity.cli._bench import read_bench
from comity.cli._clock import SystemClock
from comity.cli._files import PATH, open_file, read_file
from comity.cli._output import json_option, progress_bar, quiet_option, show
from comity.cli._package import NOT_STATED, Statements, create_package, pack_package
from comity.crypto.sealing import read_identity
from comity.errors import Invalid, Unavailable, Unverified
from comity.evidence.reading import list_files
from comity.evidence.report import MAX_SHOWN, Report, Status, Step
from comity.evidence.unpack import unpack, unpack_sealed
from comity.evidence.verify import verify_package
from comity.forensics.ewf import check_exhibit

_AGE_MAGIC = b"age-encryption.org/"
_MARKS = {Status.OK: "ok", Status.FAILED: "FAILED", Status.NOT_CHECKED: "-"}


@click.group(name="package")
def group() -> None:
    """Make, open and verify sealed packages of evidence."""


@group.command(name="verify", short_help="Verify an opened package, step by step.")
@click.argument("package", type=PATH)
@click.option(
    "--trust",
    "trust_file",
    required=True,
    type=PATH,
    help="Trust file with the roots of the authorities (and what must be there).",
)
@click.option("--at", help="Take this as the present time (UTC, 2026-11-21T09:30:00Z).")
@json_option
@quiet_option
@click.pass_context
def verify_command(ctx: click.Context, package: Path, trust_file: Path, at: str | None) -> None:
    """Verify the opened PACKAGE, step by step; exit 0 only if all of it holds.

    Needs no network and no node. Every byte of evidence is read once.
    """
    trust = read_trust(read_file(trust_file, limit=MAX_TRUST_BYTES), what=str(trust_file))
    now = read_instant(at, what="--at") if at else SystemClock().now()
    with progress_bar("Verifying", _folder_size(package)) as move:
        report = verify_package(
            package,
            trust=trust,
            now=now,
            progress=lambda size: move("reading", size),
            check_container=check_exhibit,
        )
    show(report.to_json(), *_report_lines(report))
    ctx.exit(0 if report.ok else 1)


@group.command(name="open", short_help="Open a package that came as one file.")
@click.argument("file", type=PATH)
@click.option(
    "--identity",
    "identities",
    multiple=True,
    type=PATH,
    help="File with the age identity to which a sealed package was sealed.",
)
@click.option("--out", "target", required=True, type=PATH, help="New folder.")
@json_option
@quiet_option
def open_command(file: Path, identities: tuple[Path, ...], target: Path) -> None:
    """Open a package FILE (.tar, or sealed: .tar.age) into a new folder.

    The folder appears complete or not at all. Opening verifies nothing:
    `comity package verify` does.
    """
    keys = [read_identity(path) for path in identities]
    with _open(file) as source, _naming(file):
        sealed = source.read(len(_AGE_MAGIC)) == _AGE_MAGIC
        source.seek(0)
        if sealed and not keys:
            raise Invalid(
                "package.identity_missing",
                f"{file}: is sealed",
                hint="Give the file with your age identity: --identity FILE.",
            )
        with progress_bar("Opening", file.stat().st_size) as move:
            if sealed:
                unpack_sealed(
                    source, target, identities=keys, progress=lambda size: move("writing", size)
                )
            else:
                unpack(source, target, progress=lambda size: move("writing", size))
    show(
        {"folder": str(target), "sealed": sealed},
        f"Opened into {target}",
        f"Now verify it: comity package verify {target} --trust TRUST.json",
    )


@group.command(name="create", short_help="Seal acquired exhibits into a package.")
@click.argument("acquisitions", nargs=-1, required=True, type=PATH)
@click.option("--keys", required=True, type=PATH, help="Key folder.")
@click.option("--ledger", required=True, type=PATH, help="Ledger folder; made if new.")
@click.option("--to", "recipient", required=True, help="Authority that will receive it.")
@click.option("--out", "target", required=True, type=PATH, help="New folder.")
@click.option("--request", help="Identifier of the request (a new one is made if none is given).")
@click.option("--reference", default="BENCH", help="Number of the request for people.")
@click.option("--instrument", default=NOT_STATED, help="Legal basis, such as coe_185.")
@click.option("--article", default=NOT_STATED, help="Article of the instrument.")
@click.option("--measure", default=NOT_STATED, help="What was asked for.")
@click.option(
    "--purpose", default="transfer of evidence", show_default=True, help="Why it is handed over."
)
@click.option("--use-limit", "use_limits", multiple=True, help="A limit on use; may be repeated.")
@click.option("--officer", required=True, help="Name of the officer who hands the evidence over.")
@click.option("--function", default="officer", show_default=True, help="That officer's function.")
@click.option("--place", default=NOT_STATED, help="Where it is handed over.")
@json_option
@quiet_option
def create_command(
    acquisitions: tuple[Path, ...], keys: Path, ledger: Path, target: Path, **stated: object
) -> None:
    """Seal ACQUISITIONS (folders made by `comity evidence acquire`) into a package.

    For each exhibit the events `acquired` and `transferred` are stated, signed and
    written into the ledger; then the package is assembled and sealed.
    """
    statements = Statements.of(stated)
    made = create_package(
        acquisitions,
        bench=read_bench(keys),
        ledger=ledger,
        target=target,
        statements=statements,
        now=SystemClock().now(),
    )
    show(
        {
            "folder": str(target),
            "package": made.package,
            "seal": made.seal,
            "payload_bytes": made.payload_bytes,
            "payload_files": made.payload_files,
        },
        f"Package {made.package} is in {target}",
        f"Seal (SHA-256) {made.seal}",
        f"{made.payload_files} files, {made.payload_bytes} bytes",
    )


@group.command(name="pack", short_help="Pack a package into one file, sealed or plain.")
@click.argument("package", type=PATH)
@click.option("--out", "target", required=True, type=PATH, help="New file.")
@click.option(
    "--recipient",
    "recipients",
    multiple=True,
    help="Seal it to this age1pq key; may be repeated. Without one the file is plain tar.",
)
@json_option
@quiet_option
def pack_command(package: Path, target: Path, recipients: tuple[str, ...]) -> None:
    """Pack the folder PACKAGE into one file, sealed if a recipient is given."""
    with progress_bar("Packing", _folder_size(package)) as move:
        pack_package(
            package,
            target,
            recipients=recipients,
            now=SystemClock().now(),
            progress=lambda size: move("writing", size),
        )
    show(
        {"file": str(target), "sealed": bool(recipients)},
        f"{'Sealed' if recipients else 'Plain'} file {target}",
    )


def _report_lines(report: Report) -> list[str]:
    lines: list[str] = []
    for step in report.steps:
        lines += _step_lines(step)
    lines.append("")
    lines.append("This verification does not tell:")
    lines += [f"  - {text}" for text in report.not_checked]
    lines.append("")
    if report.ok:
        lines.append(f"Package  {report.package}")
        lines.append(f"Sender   {report.sender}, for {report.recipient}")
        lines.append(f"Accepted {report.accepted_by or 'not yet'}")
        lines.append(f"Seal     {report.seal}")
        lines.append("VERIFIED: all of it holds.")
    else:
        failed = ", ".join(str(step.number) for step in report.failed)
        lines.append(f"NOT VERIFIED: step {failed} failed. Do not rely on this package.")
    return lines


def _step_lines(step: Step) -> list[str]:
    lines = [f"{step.number:>2} {step.title:<14} {_MARKS[step.status]:<6} {step.detail}".rstrip()]
    if step.status is not Status.FAILED:
        return lines
    for fault in step.faults[:MAX_SHOWN]:
        lines.append(f"     {fault.file}")
        lines.append(f"       {fault.message} [{fault.code}]")
    if len(step.faults) > MAX_SHOWN:
        lines.append(f"     and {len(step.faults) - MAX_SHOWN} more")
    return lines


def _folder_size(package: Path) -> int:
    """Return the bytes below a folder, for the progress bar; refuse what is no folder."""
    try:
        status = package.stat()
    except OSError as error:
        raise Invalid("package.missing", f"{package}: there is no such folder") from error
    if not stat.S_ISDIR(status.st_mode):
        raise Invalid(
            "package.not_a_folder",
            f"{package}: is no folder",
            hint="Open the file first: comity package open FILE --out FOLDER.",
        )
    return sum(list_files(package).files.values())


def _open(path: Path) -> BinaryIO:
    if path.is_dir():
        raise Invalid(
            "package.is_a_folder",
            f"{path}: is a folder, so it is open already",
            hint="Verify it: comity package verify FOLDER --trust TRUST.json",
        )
    try:
        return open_file(path)
    except (Invalid, Unavailable) as error:
        code = error.code.replace("file.missing", "package.missing")
        code = code.replace("file.unreadable", "package.unreadable")
        raise type(error)(code, error.message) from error


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Begin what is said against an archive or a sealed file with the name of the file."""
    try:
        yield
    except (Invalid, Unverified) as error:
        if error.code.partition(".")[0] not in {"tar", "name", "sealing"}:
            raise
        raise type(error)(error.code, f"{path}: {error.message}", hint=error.hint) from error
