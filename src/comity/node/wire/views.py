# SPDX-License-Identifier: Apache-2.0
"""What a peer can ask of this node. Bytes in, bytes out; nothing is parsed before it is verified.

| Request | Answer |
| --- | --- |
| `GET /v1/hello` | version, suites, clock, directory in use, quota |
| `PUT /v1/parcels/{sha256}` | a header is offered: receipts, `accepted` or `relay_refused` |
| `PUT /v1/blobs/{sha256}` | the part list: which parts are here |
| `GET /v1/blobs/{sha256}` | which parts are here |
| `PUT /v1/blobs/{sha256}/{n}` | one part: receipts, with `relayed` after the last |
| `GET /v1/blobs/{sha256}/list`, `…/{n}` | the same of a parcel that waits here for the caller |
| `GET /v1/outbox?after=` | headers of parcels that wait here for the caller |
| `PUT`, `GET /v1/receipts/{sha256}` | a receipt is delivered; receipts about an object |
| `GET /v1/proofs/{sha256}` | the ledger's proof that a request was sent to the caller |

Every request is signed (`callers`). A refusal before the caller is known is a
problem document and nothing signed; a parcel's refusal is a signed receipt.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, Final, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from comity.canonical.digest import BLOCK_BYTES, Sha256, parse_sha256, sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.time import Instant
from comity.errors import ComityError, Invalid, Unverified
from comity.node.asgi import CALLER
from comity.node.clock import clock
from comity.node.keyring import keyring
from comity.node.services import _limits, inbox, outbox, register
from comity.node.services import proofs as sending_proofs
from comity.node.wire import answers
from comity.node.wire.answers import Greeting
from comity.node.wire.callers import Caller, identify, read_body
from comity.protocol import parcel, receipt
from comity.protocol.parts import MAX_LIST_BYTES

_log = logging.getLogger("comity.wire")

#: Seconds after which a peer that is asked to wait may come again.
RETRY_AFTER: Final = "30"
BYTES_TYPE: Final = "application/octet-stream"

Handler = Callable[..., HttpResponseBase]


def signed(methods: Mapping[str, Handler]) -> Handler:
    """Return a view that knows its caller and answers every error of ours in one form."""

    def view(request: HttpRequest, **parts: str) -> HttpResponseBase:
        now = clock().now()
        try:
            handler = methods.get(str(request.method))
            if handler is None:
                raise Invalid("wire.method", f"{request.method} is not possible here")
            return handler(request, _caller(request, now), now, **parts)
        except ComityError as error:
            return problem(error, now=now, path=request.path)

    return view


def _caller(request: HttpRequest, now: Instant) -> Caller:
    """Return who calls: settled before the body was read, or now if there is none."""
    found = getattr(request, "scope", {}).get(CALLER)
    if isinstance(found, ComityError):
        raise found
    return found if isinstance(found, Caller) else identify(request, now=now)


def problem(error: ComityError, *, now: Instant, path: str) -> HttpResponse:
    """Return the problem document of an error."""
    status = answers.STATUSES[error.family]
    _log.info("%s: %s %s", path, status, error.code)
    response = HttpResponse(
        answers.write_problem(error, now=now), status=status, content_type=answers.PROBLEM_TYPE
    )
    if error.family == "unavailable":
        response["Retry-After"] = RETRY_AFTER
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer for an address that there is none of."""
    del exception
    error = Invalid("wire.no_such_address", f"there is nothing at {request.path[:200]}")
    return problem(error, now=clock().now(), path=request.path)


def fault(_request: HttpRequest) -> HttpResponse:
    """Answer for a fault of ours, which the log has in full."""
    return HttpResponse("a fault of this node\n", status=500, content_type="text/plain")


def _hello(_request: HttpRequest, _caller: Caller, now: Instant) -> HttpResponse:
    greeting = Greeting(
        authority=AuthorityId(settings.CONFIG.authority),
        protocol=answers.PROTOCOL,
        suites=answers.SUITES,
        clock=now,
        serial=keyring().statement.serial,
        directory=register.directory_head(),
        quota=_limits.QUOTA,
    )
    return _json(answers.write_greeting(greeting))


def _put_parcel(request: HttpRequest, caller: Caller, now: Instant, digest: str) -> HttpResponse:
    data = _named(read_body(request, caller, limit=parcel.MAX_BYTES), digest)
    answer = inbox.offer(data, sender=caller.authority, now=now)
    status = 422 if answer.refused else 201 if answer.fresh else 200
    return _json(answers.write_receipts(answer.receipts), status=status)


def _put_list(request: HttpRequest, caller: Caller, now: Instant, digest: str) -> HttpResponse:
    data = _named(read_body(request, caller, limit=MAX_LIST_BYTES), digest)
    answer = inbox.take_list(data, sender=caller.authority, part_list=sha256(data), now=now)
    return _json(answers.write_progress(answer.have, answer.receipts), status=201)


def _get_progress(_request: HttpRequest, caller: Caller, now: Instant, digest: str) -> HttpResponse:
    answer = inbox.progress(sender=caller.authority, part_list=_digest(digest), now=now)
    return _json(answers.write_progress(answer.have, answer.receipts))


def _put_part(
    request: HttpRequest, caller: Caller, now: Instant, digest: str, number: str
) -> HttpResponse:
    receipts = inbox.take_part(
        cast("BinaryIO", request),  # it reads like a file, which is all that is asked of it
        signed_digest=caller.body,
        sender=caller.authority,
        part_list=_digest(digest),
        number=int(number),
        now=now,
    )
    return _json(answers.write_receipts(receipts), status=201)


def _get_list(_request: HttpRequest, caller: Caller, _now: Instant, digest: str) -> HttpResponse:
    data = outbox.waiting_list(_digest(digest), peer=caller.authority)
    return HttpResponse(data, content_type=BYTES_TYPE)


def _get_part(
    _request: HttpRequest, caller: Caller, _now: Instant, digest: str, number: str
) -> HttpResponseBase:
    part = outbox.waiting_part(_digest(digest), int(number), peer=caller.authority)
    return StreamingHttpResponse(_blocks(part), content_type=BYTES_TYPE)


def _get_outbox(request: HttpRequest, caller: Caller, now: Instant) -> HttpResponse:
    after = request.GET.get("after", "")
    if after and not (after.isascii() and after.isdigit() and len(after) < 19):  # noqa: PLR2004
        raise Invalid("wire.cursor", f"{after[:40]!r} is no cursor of this node")
    waiting = outbox.waiting_for(
        caller.authority, after=int(after or 0), most=answers.MAX_WAITING, now=now
    )
    return _json(answers.write_headers([(str(cursor), header) for cursor, header in waiting]))


def _put_receipt(request: HttpRequest, caller: Caller, now: Instant, digest: str) -> HttpResponse:
    data = _named(read_body(request, caller, limit=receipt.MAX_BYTES), digest)
    outbox.take(data, peer=caller.authority, now=now)
    return _json(answers.write_receipts(()), status=201)


def _get_receipts(
    _request: HttpRequest, caller: Caller, _now: Instant, digest: str
) -> HttpResponse:
    receipts = inbox.receipts_about(_digest(digest), peer=caller.authority)
    return _json(answers.write_receipts(receipts))


def _get_proof(_request: HttpRequest, caller: Caller, _now: Instant, digest: str) -> HttpResponse:
    data = sending_proofs.proof_for_peer(statement=_digest(digest), peer=caller.authority)
    return HttpResponse(data, content_type=BYTES_TYPE)


hello: Final = signed({"GET": _hello})
parcels: Final = signed({"PUT": _put_parcel})
blobs: Final = signed({"PUT": _put_list, "GET": _get_progress})
part_lists: Final = signed({"GET": _get_list})
parts: Final = signed({"PUT": _put_part, "GET": _get_part})
waiting: Final = signed({"GET": _get_outbox})
receipts: Final = signed({"PUT": _put_receipt, "GET": _get_receipts})
proofs: Final = signed({"GET": _get_proof})


def _named(data: bytes, digest: str) -> bytes:
    if sha256(data) != _digest(digest):
        raise Unverified("wire.digest_differs", "the body is not what its address says")
    return data


def _digest(text: str) -> Sha256:
    return parse_sha256(text, what="address")


def _json(data: bytes, *, status: int = 200) -> HttpResponse:
    return HttpResponse(data, status=status, content_type=answers.JSON_TYPE)


def _blocks(source: BinaryIO) -> Iterator[bytes]:
    with source:
        while block := source.read(BLOCK_BYTES):
            yield block
