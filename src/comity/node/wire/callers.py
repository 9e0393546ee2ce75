# SPDX-License-Identifier: Apache-2.0
"""Who calls: the transport key of a peer in the register, near in time, never twice.

Checked in this order, before a byte of the body is read (`comity.node.asgi.identified`
sees to that): the request names one
key; it is the transport key of a peer's newest key statement; the signature
stands over method, address and body digest; the peer's clock is near ours; the
nonce is new. Only what has passed is taken to be the peer's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.http import HttpRequest

from comity.authorities.key_statement import KeyStatement
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.time import Instant
from comity.errors import Invalid, Unverified
from comity.node.services import register
from comity.node.store.models import KeyStatementRow, NonceRow, PeerRow
from comity.node.wire.client import clock_differs
from comity.node.wire.signature import Signed, claimed_key, verify_request
from comity.protocol.admit import CLOCK_TOLERANCE

#: How long a nonce is remembered: longer than any signature with it is taken.
NONCE_MEMORY: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Caller:
    """A peer that signed the request; `body` is the digest that the body must have."""

    authority: AuthorityId
    body: Sha256


def identify(request: HttpRequest, *, now: Instant) -> Caller:
    """Return the caller of a request.

    Raises `Unverified`: `wire.unsigned`, `wire.unknown_caller`,
    `wire.signature_invalid`, `wire.clock_differs`, `wire.replayed`, or what its key
    statement says (`key.expired`, `key.revoked`). A peer in quarantine is unknown.
    `Unavailable` (`directory.outdated`) while this node's own directory is too old.
    """
    headers = _headers(request)
    statement = _owner(claimed_key(headers))
    key = statement.check_transport(now)
    register.require_directory(now)
    signed = verify_request(
        method=str(request.method),
        url=settings.CONFIG.wire_url.rstrip("/") + request.get_full_path(),
        headers=headers,
        key=key,
    )
    authority = statement.authority.id
    _check_time(authority, signed, now)
    _remember(signed, now)
    register.note_heard(authority=authority, now=now, peer_clock=signed.created)
    register.end_pauses(authority=authority, now=now)
    return Caller(authority, signed.body)


def read_body(request: HttpRequest, caller: Caller, *, limit: int) -> bytes:
    """Read a body of at most `limit` bytes, which must be the one that was signed."""
    data = request.read(limit + 1)
    if len(data) > limit:
        raise Invalid("wire.too_large", f"the body is larger than {limit} bytes")
    if hashlib.sha256(data).hexdigest() != caller.body:
        raise Unverified("wire.body_differs", "the body is not the one that was signed")
    return data


def forget_nonces(now: Instant) -> int:
    """Forget the nonces of requests that would be too old by now; return how many."""
    return NonceRow.objects.filter(seen__lt=now - NONCE_MEMORY).delete()[0]


class _Owners:
    """Transport key id to peer, read again when the register has changed."""

    version: tuple[object, ...] = ()
    peers: Mapping[str, str] = {}


def _owner(key_id: str) -> KeyStatement:
    version = (
        settings.CONFIG.folder,
        KeyStatementRow.objects.aggregate(last=Max("pk"))["last"],
        tuple(PeerRow.objects.order_by("pk").values_list("pk", "status", "serial")),
    )
    if _Owners.version != version:
        _Owners.peers = _owners()
        _Owners.version = version
    authority = _Owners.peers.get(key_id)
    if authority is None:
        raise Unverified(
            "wire.unknown_caller",
            f"no peer of this node has the transport key {key_id[:16]}…",
            hint="The caller must be in the directory that this node has pinned.",
        )
    return register.statement_of(authority)


def _owners() -> dict[str, str]:
    found = {}
    for authority in PeerRow.objects.values_list("authority", flat=True):
        try:
            found[register.statement_of(authority).transport_key_id] = authority
        except Unverified:
            continue  # in quarantine: nobody speaks for it until that is cleared up
    return found


def _headers(request: HttpRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _check_time(authority: AuthorityId, signed: Signed, now: Instant) -> None:
    if abs(signed.created - now) <= CLOCK_TOLERANCE:
        return
    error = clock_differs(authority, signed.created, now)
    register.note_heard(authority=authority, now=now, peer_clock=signed.created)
    register.note_problem(authority=authority, problem=str(error))
    raise error


def _remember(signed: Signed, now: Instant) -> None:
    try:
        with transaction.atomic():
            NonceRow.objects.create(key_id=signed.key_id, nonce=signed.nonce, seen=now)
    except IntegrityError as error:
        raise Unverified(
            "wire.replayed", "this very request was received before; it is not taken twice"
        ) from error
