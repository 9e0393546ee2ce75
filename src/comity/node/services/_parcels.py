# SPDX-License-Identifier: Apache-2.0
"""Sealing what is to be sent, and announcing it: once, so that every attempt is the same.

A statement is sealed when it is first tried, to the key that its recipient has
then. A package was sealed by the worker before the officer delivered it; its
parts lie among the blobs.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from django.db import transaction

from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.time import Instant
from comity.errors import Conflict
from comity.evidence.blobs import LocalBlobStore
from comity.node.services import _signing, evidence, register
from comity.node.services._receipts import own_authority
from comity.node.store.delivery_storage import outgoing_parts, remove_parts
from comity.node.store.models import DispatchRow, ParcelOutRow
from comity.protocol.delivery import Delivery
from comity.protocol.parcel import (
    Content,
    Header,
    Priority,
    parcel_digest,
    seal_statement,
    sign_header,
)
from comity.protocol.parts import PartList, read_part_list, write_part_list
from comity.protocol.sending import Outgoing
from comity.protocol.statement import DEFAULT_LIFETIME


@dataclass(frozen=True)
class Ready:
    """A dispatch sealed and announced, with the store of its parts."""

    outgoing: Outgoing
    store: LocalBlobStore


def prepare(row: DispatchRow, *, now: Instant) -> Ready:
    """Return the dispatch as it is sent, sealing it first if that was not done."""
    store = parts_of(row)
    current = row.parcel_rows.filter(retired=False).first()
    if current is not None and not _holds(store, current):
        retire(row)  # its ciphertext is lost: a statement can be sealed again
        current = None
    if current is None:
        if row.content == Content.PACKAGE:
            raise Conflict("delivery.parts_missing", f"{row}: its parts are no longer on the disk")
        current = _seal(row, store, now=now)
    listed = bytes(current.list_data)
    outgoing = Outgoing(
        digest=Sha256(current.digest),
        header=bytes(current.header),
        list_digest=Sha256(current.part_list),
        list_data=listed,
        parts=read_part_list(listed, expected=Sha256(current.part_list)),
    )
    return Ready(outgoing, store)


def announce(row: DispatchRow, parts: PartList, *, now: Instant) -> ParcelOutRow:
    """Sign the header of a sealed dispatch and keep it."""
    listed = write_part_list(parts)
    header = sign_header(
        Header(
            sender=own_authority(),
            to=(AuthorityId(row.peer),),
            content=Content(row.content),
            part_list=sha256(listed),
            size=parts.size,
            part_size=parts.part_size,
            created=now,
            expires=row.expires,
            priority=Priority(row.priority),
        ),
        seal=_signing.seal(now),
    )
    return ParcelOutRow.objects.create(
        dispatch=row,
        digest=parcel_digest(header),
        header=header,
        part_list=sha256(listed),
        list_data=listed,
        size=parts.size,
        sealed=now,
    )


def announce_again(row: DispatchRow, *, now: Instant) -> ParcelOutRow:
    """Announce a package once more that was refused or failed: the same parts, another header."""
    sealed = row.parcel_rows.get(retired=False)
    parts = read_part_list(bytes(sealed.list_data), expected=Sha256(sealed.part_list))
    retire(row)
    row.state, row.problem = Delivery.QUEUED.value, ""
    row.expires, row.updated, row.tidied = now + DEFAULT_LIFETIME, now, False
    row.save(update_fields=["state", "problem", "expires", "updated", "tidied"])
    return announce(row, parts, now=now)


def parts_are_here(row: DispatchRow) -> bool:
    """Tell whether every part of what was sealed last is on the disk still."""
    sealed = row.parcel_rows.filter(retired=False).first()
    return sealed is not None and _holds(parts_of(row), sealed)


def retire(row: DispatchRow) -> None:
    """Let go of a sealed form; it stays known for receipts that are still on their way."""
    row.parcel_rows.filter(retired=False).update(retired=True)


def forget_parts(row: DispatchRow) -> None:
    """Remove the ciphertext of a dispatch from the disk."""
    if row.content == Content.STATEMENT:
        remove_parts(outgoing_parts(row.pk))
        return
    store = evidence.blobs()
    for sealed in row.parcel_rows.all():
        parts = read_part_list(bytes(sealed.list_data), expected=Sha256(sealed.part_list))
        for digest in (*parts.parts, Sha256(sealed.part_list)):
            store.delete(digest)


def parts_of(row: DispatchRow) -> LocalBlobStore:
    """Return where the parts of a dispatch lie."""
    return evidence.blobs() if row.content == Content.PACKAGE else outgoing_parts(row.pk)


def _seal(row: DispatchRow, store: LocalBlobStore, *, now: Instant) -> ParcelOutRow:
    recipient = register.statement_of(row.peer).recipient_at(now)
    parts = seal_statement(
        bytes(row.raw),
        recipients=(recipient,),
        keep=lambda part: store.put(BytesIO(part)).sha256,
    )
    with transaction.atomic():
        return announce(row, parts, now=now)


def _holds(store: LocalBlobStore, sealed: ParcelOutRow) -> bool:
    listed = bytes(sealed.list_data)
    parts = read_part_list(listed, expected=Sha256(sealed.part_list))
    return all(store.has(digest) for digest in parts.parts)
