# SPDX-License-Identifier: Apache-2.0
"""Our ledger for others to check, and our services as a witness of theirs.

Paths and bodies are those of C2SP tlog-tiles and tlog-witness. The checkpoint is
open to anyone: it shows nothing but a size and a root. Tiles and entries are for
peers, whose requests are signed like all others.
"""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse

from comity.canonical.digest import parse_sha256
from comity.canonical.time import Instant
from comity.errors import ComityError, Invalid, Unverified
from comity.ledger.witness import MAX_REQUEST_BYTES
from comity.node.clock import clock
from comity.node.services import ledger, witnessing
from comity.node.store.ledger_storage import DatabaseStorage
from comity.node.wire.callers import Caller, read_body
from comity.node.wire.views import BYTES_TYPE, problem, signed

TEXT_TYPE: Final = "text/plain; charset=utf-8"
#: A tile of one width never changes.
_IMMUTABLE: Final = "private, max-age=31536000, immutable"


def checkpoint(request: HttpRequest) -> HttpResponse:
    """Answer with the newest final checkpoint of our log."""
    try:
        return HttpResponse(ledger.served_checkpoint(), content_type=TEXT_TYPE)
    except Invalid as error:
        return _absent(error)
    except ComityError as error:
        return problem(error, now=clock().now(), path=request.path)


def _tile(_request: HttpRequest, _caller: Caller, now: Instant, rest: str) -> HttpResponse:
    try:
        data = DatabaseStorage(now=now).read(f"tile/{rest}")
    except (Invalid, Unverified) as error:
        return _absent(error)
    return HttpResponse(data, content_type=BYTES_TYPE, headers={"Cache-Control": _IMMUTABLE})


def _add_checkpoint(request: HttpRequest, caller: Caller, now: Instant) -> HttpResponse:
    body = read_body(request, caller, limit=MAX_REQUEST_BYTES)
    answer = witnessing.add_checkpoint(body, now=now)
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)


def _witnessed(_request: HttpRequest, _caller: Caller, _now: Instant, origin: str) -> HttpResponse:
    try:
        note = witnessing.witnessed_checkpoint(parse_sha256(origin, what="address"))
    except Invalid as error:
        return _absent(error)
    return HttpResponse(note, content_type=TEXT_TYPE)


def _absent(error: ComityError) -> HttpResponse:
    """C2SP clients know a missing resource by its 404, not by a problem document."""
    return HttpResponse(f"{error.message}\n", status=404, content_type=TEXT_TYPE)


tile: Final = signed({"GET": _tile})
add_checkpoint: Final = signed({"POST": _add_checkpoint})
witnessed: Final = signed({"GET": _witnessed})
