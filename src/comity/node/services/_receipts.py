# SPDX-License-Identifier: Apache-2.0
"""Who signs receipts here, whose seals are looked up, and receipts about our own sending."""

from __future__ import annotations

import logging

from django.conf import settings

from comity.authorities.directory import DirectoryHead
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.time import Instant
from comity.node.keyring import keyring
from comity.node.services import _signing, register
from comity.node.store.delivery_storage import keep_receipt, line_to
from comity.node.store.models import DirectoryRow, DispatchRow
from comity.protocol.admit import Lookup
from comity.protocol.receipt import Kind, Reason, Receipt, sign_receipt
from comity.protocol.receiving import Issuer

_log = logging.getLogger("comity.delivery")


def own_authority() -> AuthorityId:
    """Return the name of this node's authority."""
    return AuthorityId(settings.CONFIG.authority)


def issuer(now: Instant) -> Issuer:
    """Return who signs this node's receipts now; raise `Refused` if it may not sign."""
    return Issuer(
        seal=_signing.seal(now),
        serial=keyring().statement.serial,
        directory=register.directory_head(),
    )


def lookup_of(peer: AuthorityId, now: Instant) -> Lookup:
    """Return the look-up of the seals of one peer, and of no other authority."""
    return lambda key_id: register.statement_at(peer, key_id=key_id, instant=now)


def compare_directory(*, authority: str, theirs: DirectoryHead | None) -> None:
    """Notice a hub that shows two directories under one version.

    What the peer signed is kept with its receipt or statement, our own directory
    in the register: the two together prove it.
    """
    if theirs is None:
        return
    ours = DirectoryRow.objects.filter(version=theirs.version).first()
    if ours is not None and ours.sha256 != theirs.sha256:
        problem = (
            f"has another directory than this node under version {theirs.version} "
            f"({theirs.sha256}): the hub showed two [directory.two_views]"
        )
        _log.error("%s %s", authority, problem)
        register.note_problem(authority=authority, problem=problem)


def own_receipt(
    kind: Kind,
    row: DispatchRow,
    *,
    now: Instant,
    parcel: Sha256 | None = None,
    reason: Reason | None = None,
) -> None:
    """Sign what this node itself did with something of ours: took it, or gave it up."""
    who, me = issuer(now), own_authority()
    line = line_to(me)
    receipt = sign_receipt(
        Receipt(
            kind=kind,
            issuer=me,
            to=me,
            parcel=parcel,
            statement=None if row.sha256 is None else Sha256(row.sha256),
            previous=Sha256(line.last_receipt) or None,
            at=now,
            claimed=row.created,
            serial=who.serial,
            directory=who.directory,
            reason=reason,
        ),
        seal=who.seal,
    )
    keep_receipt(receipt, kept=now, dispatch=row)
    line.last_receipt = receipt.digest
    line.save(update_fields=["last_receipt"])
