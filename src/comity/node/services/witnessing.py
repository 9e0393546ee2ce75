# SPDX-License-Identifier: Apache-2.0
"""Being a witness: cosigning the checkpoints of the peers' logs (C2SP tlog-witness).

The decision is `comity.ledger.witness`; here its state is read under a lock and
stored before the answer leaves, twice: in the database, and in a file beside the
rollback guard, on the other volume. A database restored from an old copy goes on
from the file, so this witness never goes back behind what it has cosigned.

What a log signed and we had to refuse is kept: two checkpoints of one size with
two roots are a proof of fraud that needs no further word.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max

from comity.canonical.digest import sha256
from comity.canonical.time import Instant
from comity.errors import Invalid, Unavailable, Unverified
from comity.ledger.checkpoint import read_checkpoint
from comity.ledger.directory import FileGuard
from comity.ledger.keys import VerifierKey, parse_vkey
from comity.ledger.note import verify_note
from comity.ledger.witness import Answer, Evidence, Seen, Witness, read_request
from comity.node.keyring import keyring
from comity.node.services import _ledger_halt, register
from comity.node.services.ledger import stopping_at_disk_errors
from comity.node.store.models import PeerRow, WitnessedLogRow, WitnessEvidenceRow

_log = logging.getLogger("comity.ledger")


def add_checkpoint(body: bytes, *, now: Instant) -> Answer:
    """Answer an add-checkpoint request; what it changes is durable when this returns."""
    _ledger_halt.check()
    owner, keys = _log_of(body)
    witness = Witness(keys=keyring().witness_signers, logs={keys[0].name: keys} if keys else {})
    try:
        with stopping_at_disk_errors(), transaction.atomic():
            latest = WitnessedLogRow.objects.aggregate(at=Max("signed_at"))["at"] or 0
            answer = witness.add_checkpoint(body, seen=_seen, last_signed=latest, now=now)
            if answer.state:
                _keep(owner, answer.state)
                _remember(answer.state)
            if answer.evidence:
                _keep_evidence(owner, answer.evidence, now)
    except IntegrityError:
        # Two first requests of one log at once: the other one was served.
        return Answer(503, b"busy, try again\n")
    return answer


def witnessed_checkpoint(origin_sha256: str) -> bytes:
    """Return the last checkpoint that we cosigned of the log with this origin's digest.

    Raises `Invalid` (`witness.no_checkpoint`) if there is none.
    """
    for row in WitnessedLogRow.objects.all():
        if sha256(row.origin.encode()) == origin_sha256:
            return bytes(row.note)
    raise Invalid("witness.no_checkpoint", "this witness has cosigned no such log")


def _log_of(body: bytes) -> tuple[str, list[VerifierKey]]:
    """Return the peer whose log the request names, and the keys of that log; none if unknown."""
    try:
        origin = read_request(body).checkpoint.head.origin
    except Invalid:
        return "", []  # the witness answers what is wrong with it
    for authority in PeerRow.objects.filter(status="known").values_list("authority", flat=True):
        try:
            statement = register.statement_of(authority)
        except Unverified:  # between two directories
            continue
        if statement.ledger.origin == origin and authority != settings.CONFIG.authority:
            return authority, [parse_vkey(text) for text in statement.ledger.log_vkeys]
    return "", []


def _seen(origin: str) -> Seen | None:
    """Return the larger of what the database and the file remember of a log."""
    row = WitnessedLogRow.objects.select_for_update().filter(pk=origin).first()
    note = _guard(origin).read()
    if note is None:
        if row is None:
            return None
        raise Unverified(
            "witness.guard_missing",
            f"{_guard_path(origin)}: is missing, but checkpoints of {origin} have been cosigned",
            hint="Put the folder back. Nothing of this log is cosigned until then.",
        )
    held = _read_own(note)
    if row is not None and (row.size, row.root) != (held.size, held.root.hex()):
        if row.size >= held.size:
            raise Unverified(
                "witness.guard_behind",
                f"{_guard_path(origin)}: is older than the database, or of another tree",
                hint="One of the two was restored from an old copy. Find out which; sign nothing.",
            )
        _log.warning("%s: the database is behind what was cosigned; going on from the file", origin)
    return held


def _read_own(note: bytes) -> Seen:
    """Read a checkpoint that we cosigned; the file may have been changed, so verify it."""
    read = read_checkpoint(note)
    own = [key.verifier for key in keyring().witness_signers]
    lines = verify_note(read.note, keys=own, what="kept checkpoint")
    return Seen(
        origin=read.head.origin,
        size=read.head.size,
        root=read.head.root,
        note=note,
        signed_at=max(one.timestamp or 0 for one in lines),
    )


def _remember(state: Seen) -> None:
    path = _guard_path(state.origin)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable("witness.disk", f"{path.parent}: {error.strerror}") from error
    guard = FileGuard(path)
    guard.replace(state.note, previous=guard.read())


def _guard(origin: str) -> FileGuard:
    return FileGuard(_guard_path(origin))


def _guard_path(origin: str) -> Path:
    base: Path = settings.CONFIG.rollback_guard
    return base.with_name(f"{base.name}.witnessed") / sha256(origin.encode())


def _keep(owner: str, state: Seen) -> None:
    changed = WitnessedLogRow.objects.filter(pk=state.origin).update(
        size=state.size, root=state.root.hex(), note=state.note, signed_at=state.signed_at
    )
    if not changed:
        WitnessedLogRow.objects.create(
            origin=state.origin,
            authority=owner,
            size=state.size,
            root=state.root.hex(),
            note=state.note,
            signed_at=state.signed_at,
        )


def _keep_evidence(owner: str, evidence: Evidence, now: Instant) -> None:
    digest = hashlib.sha256(evidence.submitted + b"\x00" + evidence.held).hexdigest()
    WitnessEvidenceRow.objects.get_or_create(
        sha256=digest,
        defaults={
            "origin": evidence.origin,
            "authority": owner,
            "kind": evidence.kind,
            "submitted": evidence.submitted,
            "held": evidence.held,
            "at": now,
        },
    )
