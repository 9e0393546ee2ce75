# SPDX-License-Identifier: Apache-2.0
"""Asks the requesting authorities for the proofs that packages carry of their ledgers."""

from __future__ import annotations

from typing import Final

from comity.canonical.time import Instant
from comity.errors import ComityError
from comity.node.services import proofs
from comity.node.store.models import RequestRow
from comity.node.wire.client import PeerLine
from comity.node.worker.lines import Visits, on_lines

_VISITS: Final = Visits()


def fetch_proofs(now: Instant) -> int:
    """Ask for every proof that is wanted and due; return how many came."""
    wanted: dict[str, list[RequestRow]] = {}
    for request in proofs.wanted(now):
        wanted.setdefault(request.requesting, []).append(request)

    def ask(line: PeerLine, moment: Instant) -> int:
        return sum(_fetch(line, request, moment) for request in wanted[line.peer])

    return on_lines(_VISITS, sorted(wanted), now, ask)


def _fetch(line: PeerLine, request: RequestRow, now: Instant) -> int:
    try:
        data = line.proof(proofs.statement_of_request(request.pk))
        proofs.keep_proof(request=request, data=data, now=now)
    except ComityError as error:
        proofs.postpone(request=request, error=error, now=now)
        if error.code.startswith("wire."):
            raise  # the others would only wait for the same
        return 0
    return 1
