# SPDX-License-Identifier: Apache-2.0
"""Packages on their way out, one stage at a time.

`ordered` (digests checked again, transfer stated) → `awaiting_final` (until
witnesses have cosigned the ledger) → `built` (the sealed bag) → `ready` (cut
into encrypted parts).

Each stage ends with one transaction. What a crash leaves on the disk before it
is made again; a folder under its final name counts only once the row says so.
A package that cannot go on is tried again, at growing intervals, and its
problem is shown.
"""

from __future__ import annotations

import io
import os
import shutil
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import BinaryIO, Final

from django.conf import settings

from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.time import Instant
from comity.errors import Unavailable
from comity.evidence.blobs import LocalBlobStore
from comity.evidence.model import Counterpart, CustodyEvent
from comity.evidence.package import assemble
from comity.evidence.tar import write_tar
from comity.node.keyring import keyring
from comity.node.services import _custody, _signing, evidence, ledger, packages, register
from comity.node.services._packing import package_spec
from comity.node.services._record import recording
from comity.node.services._rejected import why_again
from comity.node.services._requests import peer_of
from comity.node.services.accounts import officer_of
from comity.node.store.models import CustodyRow, ExhibitRow, OfficerRow, PackageRow
from comity.node.worker._stages import advance, each
from comity.protocol.parcel import seal_package
from comity.protocol.parts import write_part_list

#: So long a package waits for the requesting authority's proof that it sent the request.
PROOF_PATIENCE: Final = timedelta(minutes=5)


def state_transfers(now: Instant) -> int:
    """Ordered packages: check every digest again and state the transfer of each exhibit."""
    return each(now, "outgoing", "ordered", _state_transfer)


def build_packages(now: Instant) -> int:
    """Packages whose chains are final in the ledger: build and seal the bag."""
    return each(now, "outgoing", "awaiting_final", _build)


def cut_packages(now: Instant) -> int:
    """Built packages: encrypt to the recipient and cut into parts."""
    return each(now, "outgoing", "built", _cut)


def _state_transfer(package: PackageRow, now: Instant) -> bool:
    store = evidence.blobs()
    carried = [one.exhibit for one in package.exhibit_rows.select_related("exhibit")]
    for exhibit in carried:
        _custody.check_blobs(exhibit, store)
    officer = officer_of(OfficerRow.objects.get(pk=str(package.ordered_by_id)))
    peer = AuthorityId(peer_of(package.request))
    with recording(officer=officer, now=now) as record:
        for exhibit in ExhibitRow.objects.select_for_update().filter(
            pk__in=[one.pk for one in carried]
        ):
            made = _custody.statement(
                exhibit,
                event=CustodyEvent.TRANSFERRED,
                at=now,
                place=settings.CONFIG.name,
                actor=_custody.actor_of(officer),
                purpose=f"answer to request {package.request.reference}",
                counterpart=Counterpart(authority=peer),
                digests_checked=True,
                remarks=why_again(exhibit),
            )
            _custody.record_statement(record, exhibit, made, peer=peer)
        advance(package, "awaiting_final", now)
    return True


def _build(package: PackageRow, now: Instant) -> bool:
    indices = CustodyRow.objects.filter(
        exhibit__package_rows__package=package, audit__isnull=False
    ).values_list("audit__leaf_index", flat=True)
    if not ledger.is_final(max(indices)) or _awaits_proof(package, now):
        return False
    _require_space(package)
    target: Path = settings.CONFIG.packages / str(package.pk)
    packages.remove_folder(target)
    made = assemble(
        package_spec(package, store=evidence.blobs(), now=now),
        target=target,
        seal=_signing.seal(now),
        minisign_key=keyring().minisign,
    )
    with recording(officer=None, now=now) as record:
        package.seal_sha256 = made.seal
        package.size = made.payload_bytes
        record(
            event="package.sealed",
            subject=("package", package.pk),
            request=package.request_id,
            private={
                "package": str(package.pk),
                "request": str(package.request_id),
                "seal": made.seal,
            },
        )
        advance(package, "built", now)
    return True


def _cut(package: PackageRow, now: Instant) -> bool:
    recipient = register.statement_of(peer_of(package.request)).recipient_at(now)
    store = evidence.blobs()
    root = packages.package_folder(package)
    with _tar_stream(root, top=str(package.pk), modified=package.made) as source:
        part_list = seal_package(
            source, recipients=(recipient,), keep=lambda part: _keep(store, part)
        )
    listed = write_part_list(part_list)
    _keep(store, listed)
    package.parcel_sha256 = sha256(listed)
    advance(package, "ready", now)
    return True


def _awaits_proof(package: PackageRow, now: Instant) -> bool:
    """Whether the requesting authority's own proof may still come; nobody waits for ever."""
    here = package.request.proof_rows.exclude(proof=b"").exists()
    return not here and now - package.made < PROOF_PATIENCE


def _require_space(package: PackageRow) -> None:
    """Refuse to begin what would fill the disk: bag, then parts, each as large as the evidence."""
    sizes = ExhibitRow.objects.filter(package_rows__package=package)
    needed = sum(sum(e.file_rows.values_list("size", flat=True)) for e in sizes)
    free = shutil.disk_usage(settings.CONFIG.packages).free
    if free - 2 * needed < settings.CONFIG.smallest_free:
        raise Unavailable(
            "node.disk_full",
            f"there is not enough free space to build this package: {2 * needed} bytes are"
            f" needed, {free} are free",
            hint="Free space on the volume of the packages; the node then goes on by itself.",
        )


def _keep(store: LocalBlobStore, data: bytes) -> Sha256:
    return store.put(io.BytesIO(data)).sha256


class _tar_stream:  # noqa: N801 - used like a function
    """A folder as a tar stream, made by a thread while it is read."""

    def __init__(self, root: Path, *, top: str, modified: Instant) -> None:
        self._arguments = (root, top, modified)
        self._failures: list[BaseException] = []

    def __enter__(self) -> BinaryIO:
        reading, writing = os.pipe()
        self._source = os.fdopen(reading, "rb")
        self._thread = Thread(target=self._write, args=(writing,), name="tar")
        self._thread.start()
        return self._source

    def __exit__(self, kind: object, *rest: object) -> None:
        self._source.close()
        self._thread.join()
        if self._failures and kind is None:
            failure = self._failures[0]
            if not isinstance(failure, OSError):
                raise failure
            raise Unavailable("package.unreadable", f"{self._arguments[0]}: {failure}") from failure

    def _write(self, writing: int) -> None:
        root, top, modified = self._arguments
        try:
            with os.fdopen(writing, "wb") as target:
                write_tar(root, target, top=top, modified=modified)
        except BrokenPipeError:
            pass  # the reader gave up first, and says why
        except BaseException as error:  # noqa: BLE001 - raised again by who reads: half a tar is none
            self._failures.append(error)
