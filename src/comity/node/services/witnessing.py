# SPDX-License-Identifier: Apache-2.0
"""Being a witness: cosigning the checkpoints of the peers' logs (C2SP tlog-witness).

The decision is `comity.ledger.witness`; here its state is read under a lock and
stored before the answer leaves. What a log signed and we had to refuse is kept:
two checkpoints of one size with two roots are a proof of fraud that needs no
further word, and every look at the node's health shows it.
"""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max

from comity.canonical.time import Instant
from comity.errors import Invalid, Unverified
from comity.ledger.keys import VerifierKey, parse_vkey
from comity.ledger.witness import Answer, Evidence, Seen, Witness, read_request
from comity.node.keyring import keyring
from comity.node.services import _ledger_halt, register
from comity.node.services.ledger import stopping_at_disk_errors
from comity.node.store.models import PeerRow, WitnessedLogRow, WitnessEvidenceRow


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
        if hashlib.sha256(row.origin.encode()).hexdigest() == origin_sha256:
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
    row = WitnessedLogRow.objects.select_for_update().filter(pk=origin).first()
    if row is None:
        return None
    return Seen(
        origin=row.origin,
        size=row.size,
        root=bytes.fromhex(row.root),
        note=bytes(row.note),
        signed_at=row.signed_at,
    )


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
