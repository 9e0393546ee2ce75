# SPDX-License-Identifier: Apache-2.0
"""Acquiring a source: copied byte for byte, hashed, read again, recorded.

The result is a folder with the copies and the record, or nothing: everything
is made under a temporary name and renamed at the end. The source is opened for
reading only. Each byte is read once for all four digests; then the copy is
read back from the disk, and the source a second time. Sectors that the medium
does not give are filled with zeros, as is usual, and recorded one by one.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.canonical.digest import Sha256
from comity.canonical.ids import ObjectId
from comity.canonical.time import Clock, Instant
from comity.errors import Conflict, Invalid, Unavailable, Unverified
from comity.evidence.acquired import (
    AcquiredFile,
    ContainerCheck,
    ReadError,
    Source,
    Verification,
)
from comity.evidence.acquisition import AcquisitionRecord, write_record
from comity.evidence.documents import to_html, to_text
from comity.evidence.model import Actor, LegalAuthority, Sha512, Tool
from comity.evidence.names import collision_key, stored_name
from comity.evidence.reports import acquisition_report
from comity.evidence.writing import making, place_folder, sync
from comity.forensics.copying import Progress, changed, copy_source, digest_of, shown
from comity.forensics.ewf import check_container
from comity.forensics.segments import SegmentSet, find_segments
from comity.forensics.source import PathSource

RECORD_NAME: Final = "acquisition.json"
FILES_FOLDER: Final = "files"
METHODS: Final = {False: "copy of the file or files", True: "physical image of the device"}
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
#: What the record and the reports need beside the copies, in bytes.
_SPARE_BYTES: Final = 4 << 20


@dataclass(frozen=True, kw_only=True)
class Order:
    """What the examiner states about an acquisition."""

    id: ObjectId
    exhibit: str
    description: str
    request: ObjectId | None
    examiner: Actor
    place: str
    purpose: str
    legal_authority: LegalAuthority
    local_offset: str
    host: str
    tool: Tool
    remarks: str


@dataclass(frozen=True)
class Acquired:
    """A finished acquisition: its folder and its record."""

    folder: Path
    record: AcquisitionRecord

    @property
    def files(self) -> dict[str, Path]:
        """The copies by their stored paths."""
        return {file.path: self.folder / FILES_FOLDER / file.path for file in self.record.files}


def acquire(
    source: Path,
    *,
    target: Path,
    order: Order,
    clock: Clock,
    alone: bool = False,
    progress: Progress | None = None,
) -> Acquired:
    """Acquire `source` into the new folder `target`.

    A segment brings the other segments of its set, unless `alone`. Raises
    `Invalid` or `Unavailable` for a source that cannot be read (`acquire.source_*`),
    `Conflict` (`acquire.target_exists`, `acquire.source_changed`), `Unavailable`
    (`acquire.disk_full`, `acquire.not_written`), `Unverified`
    (`acquire.copy_differs`). After any of them nothing is left behind.
    """
    _refuse_existing(target)
    with ExitStack() as stack:
        first = stack.enter_context(PathSource(source))
        whole = SegmentSet((source,)) if alone or first.is_device else find_segments(source)
        sources = [
            first if path == source else stack.enter_context(PathSource(path))
            for path in whole.paths
        ]
        job = _Job(
            sources, first, missing=whole.missing, order=order, clock=clock, progress=progress
        )
        try:
            with making(target) as temporary:
                _require_space(target.parent, sources)
                record = job.run(temporary)
                place_folder(temporary, target)
        except OSError as error:
            raise _not_written(target, error) from error
    return Acquired(folder=target, record=record)


class _Job:
    """One acquisition, from open sources to a finished temporary folder."""

    def __init__(
        self,
        sources: Sequence[PathSource],
        named: PathSource,
        *,
        missing: str,
        order: Order,
        clock: Clock,
        progress: Progress | None,
    ) -> None:
        self.sources = sources
        self.named = named
        self.missing = missing
        self.order = order
        self.clock = clock
        self.progress = progress or (lambda _stage, _size: None)
        self.names = stored_names([source.name for source in sources])

    def run(self, folder: Path) -> AcquisitionRecord:
        started = self.clock.now()
        self.check_statements(started)
        (folder / FILES_FOLDER).mkdir(parents=True)
        files, errors = [], []
        for source, name in zip(self.sources, self.names, strict=True):
            file, unread = copy_source(
                source, folder / FILES_FOLDER / name, stored=name, progress=self.progress
            )
            files.append(file)
            errors += unread
        compared = self.verify(folder, files, errors)
        container = check_container([folder / FILES_FOLDER / file.path for file in files])
        record = self.record(started, files, errors, compared, container=container)
        self.write(folder, record)
        return record

    def check_statements(self, started: Instant) -> None:
        """Write the record once with made-up digests: what cannot stand in it is said now.

        Copying may take a day, and a name that is too long must not be noticed after it.
        """
        digests = {"md5": "0" * 32, "sha1": "0" * 40}
        files = [
            AcquiredFile(
                path=name,
                original_name=shown(source.name),
                size=source.size,
                sha256=Sha256("0" * 64),
                sha512=Sha512("0" * 128),
                **digests,
            )
            for source, name in zip(self.sources, self.names, strict=True)
        ]
        write_record(self.record(started, files, [], "equal", container=None))

    def verify(self, folder: Path, files: list[AcquiredFile], errors: list[ReadError]) -> str:
        """Read copies and sources again; return how the sources compared."""
        failed = {error.path for error in errors}
        for source, file in zip(self.sources, files, strict=True):
            with PathSource(folder / FILES_FOLDER / file.path) as copy:
                copy.forget_cache()
                if digest_of(copy, lambda size: self.progress("verify copy", size)) != file.sha256:
                    raise Unverified(
                        "acquire.copy_differs",
                        f"{file.path}: what was written is not what was read",
                        hint="Do not use this disk. Check it and the memory of the computer.",
                    )
            if file.path in failed:
                continue
            source.forget_cache()
            again = digest_of(source, lambda size: self.progress("verify source", size))
            if again != file.sha256 or source.changed():
                raise changed(source)
        return "not_compared" if failed else "equal"

    def record(
        self,
        started: Instant,
        files: list[AcquiredFile],
        errors: list[ReadError],
        compared: str,
        *,
        container: ContainerCheck | None,
    ) -> AcquisitionRecord:
        order, facts = self.order, self.named.facts()
        remarks = [order.remarks] if order.remarks else []
        if self.missing:
            remarks.append(
                f"By the names, a segment of the set is missing: no {self.missing} here."
            )
        finished = self.clock.now()
        return AcquisitionRecord(
            id=order.id,
            exhibit=order.exhibit,
            description=order.description,
            request=order.request,
            examiner=order.examiner,
            place=order.place,
            purpose=order.purpose,
            legal_authority=order.legal_authority,
            started=started,
            finished=finished,
            local_offset=order.local_offset,
            host=order.host,
            tool=order.tool,
            method=METHODS[self.named.is_device],
            source=Source(
                kind="block_device" if self.named.is_device else "file",
                name=shown(self.named.name),
                size=sum(file.size for file in files),
                sector_size=self.named.sector_size,
                make=facts.make,
                model=facts.model,
                serial=facts.serial,
                read_only=facts.read_only,
            ),
            files=tuple(sorted(files, key=lambda file: file.path)),
            read_errors=tuple(errors),
            verification=Verification(copy="equal", source=compared, at=finished),
            container=container,
            remarks="\n".join(remarks),
        )

    def write(self, folder: Path, record: AcquisitionRecord) -> None:
        report = acquisition_report(record)
        for name, data in (
            (RECORD_NAME, write_record(record)),
            ("acquisition.txt", to_text(report)),
            ("acquisition.html", to_html(report)),
        ):
            path = folder / name
            path.write_bytes(data)
            sync(path)
        sync(folder / FILES_FOLDER)
        sync(folder)


def stored_names(originals: Sequence[bytes]) -> list[str]:
    """Return the stored name of each original; raise `Invalid` if two would collide."""
    names = [stored_name(original) for original in originals]
    if len({collision_key(name) for name in names}) != len(names):
        raise Invalid("acquire.names_collide", "two files of the set have names that collide")
    return names


def _refuse_existing(target: Path) -> None:
    if os.path.lexists(target) and not _is_empty_folder(target):
        raise Conflict(
            "acquire.target_exists",
            f"{target}: is already there",
            hint="An acquisition is never written over another. Choose a new folder.",
        )
    if not target.parent.is_dir():
        raise Invalid("acquire.target_parent", f"{target.parent}: there is no such folder")


def _is_empty_folder(path: Path) -> bool:
    if path.is_symlink() or not path.is_dir():
        return False
    try:
        return not any(path.iterdir())
    except OSError as error:
        raise _not_written(path, error) from error


def _require_space(folder: Path, sources: Sequence[PathSource]) -> None:
    needed = sum(source.size for source in sources) + _SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Unavailable(
            "acquire.disk_full",
            f"{folder}: has {free} bytes free, the acquisition needs {needed}",
            hint="Nothing was written. Use a larger disk.",
        )


def _not_written(target: Path, error: OSError) -> Unavailable:
    if error.errno in _FULL:
        return Unavailable(
            "acquire.disk_full",
            f"{target}: the disk is full",
            hint="What was written has been removed again. Use a larger disk.",
        )
    return Unavailable(
        "acquire.not_written", f"{target}: cannot be written: {error.strerror or error}"
    )
