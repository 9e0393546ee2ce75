# SPDX-License-Identifier: Apache-2.0
"""Asks the requesting authorities for the proofs that packages carry of their ledgers."""

from __future__ import annotations

from comity.canonical.time import Instant
from comity.errors import ComityError
from comity.node.clock import clock
from comity.node.keyring import keyring
from comity.node.services import proofs, register
from comity.node.store.models import RequestRow
from comity.node.wire.client import PeerLine


def fetch_proofs(now: Instant) -> int:
    """Ask for every proof that is wanted and due; return how many came."""
    return sum(_fetch(request, now) for request in proofs.wanted(now))


def _fetch(request: RequestRow, now: Instant) -> int:
    try:
        statement = proofs.statement_of_request(request.pk)
        line = PeerLine(
            statement=register.statement_of(request.requesting),
            key=keyring().transport,
            clock=clock().now,
        )
        with line:
            data = line.proof(statement)
        proofs.keep_proof(request=request, data=data, now=now)
    except ComityError as error:
        proofs.postpone(request=request, error=error, now=now)
        return 0
    return 1
