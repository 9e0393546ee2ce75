# SPDX-License-Identifier: Apache-2.0
"""The two applications of a node: the desk for officers, the wire for peers.

They share a process and a database and nothing else: each has its own port and
its own address table, so no page of the desk can be asked for on the wire's
port, nor the other way round. The wire's requests pass through no session, no
form token and no template: its views get bytes. No body of a stranger's is read
on the wire: who calls is settled by the headers, before Django begins to store it.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.exception import convert_exception_to_response
from django.db import close_old_connections

from comity.errors import ComityError
from comity.node.clock import clock

if TYPE_CHECKING:
    from comity.node.wire.callers import Caller

WIRE_URLS: Final = "comity.node.wire.urls"
#: One part of a parcel (16 MiB) and some room.
MAX_WIRE_BODY_BYTES: Final = (16 << 20) + (1 << 16)
MAX_DESK_BODY_BYTES: Final = 2 << 20

#: Where the scope of a request with a body has its caller, or the error that there is none.
CALLER: Final = "comity.caller"

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]


class WireHandler(ASGIHandler):
    """Django's request handling without the desk's middleware, on the wire's address table."""

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        """Use no middleware at all."""
        for name in ("view", "template_response", "exception"):
            setattr(self, f"_{name}_middleware", [])
        answer = getattr(self, "_get_response_async" if is_async else "_get_response")
        self._middleware_chain = convert_exception_to_response(answer)

    def create_request(self, scope: Mapping[str, Any], body_file: Any) -> Any:
        """Make the request and bind it to the wire's addresses."""
        request, error = super().create_request(scope, body_file)
        if request is not None:
            request.urlconf = WIRE_URLS
        return request, error


def limited(application: Application, most: int) -> Application:
    """Refuse a body larger than `most` bytes before it is read, and one that grows past it."""

    async def guarded(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        stated = dict(scope["headers"]).get(b"content-length", b"0")
        if not stated.isdigit() or int(stated) > most:
            await _too_large(send)
            return
        seen = 0

        async def counted() -> dict[str, Any]:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            return {"type": "http.disconnect"} if seen > most else message

        await application(scope, counted, send)

    return guarded


def identified(application: Application) -> Application:
    """Settle who calls before a body is read; the view finds the answer in the scope.

    Only requests that have a body are looked at: the others cost nothing to take.
    """

    async def guarded(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _has_body(scope):
            caller = await sync_to_async(_caller, thread_sensitive=False)(scope)
            scope = {**scope, CALLER: caller}
            if isinstance(caller, ComityError):
                receive = _no_body()
        await application(scope, receive, send)

    return guarded


def _has_body(scope: Mapping[str, Any]) -> bool:
    headers = dict(scope["headers"])
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"


def _caller(scope: Mapping[str, Any]) -> Caller | ComityError:
    """Return the caller, or why there is none; in a thread, for it asks the database."""
    from comity.node.wire.callers import identify  # it needs the applications, set up by now

    close_old_connections()
    try:
        return identify(ASGIRequest(scope, io.BytesIO()), now=clock().now())
    except ComityError as error:
        return error
    finally:
        close_old_connections()


def _no_body() -> Receive:
    """Return a `receive` for a request whose body stays where it is, unread."""
    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await asyncio.Event().wait()  # until the answer is given: Django then lets go of it
        raise AssertionError

    return receive


async def _too_large(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": b"the body is too large\n"})


def desk_application() -> Application:
    """Return the application of the desk's port."""
    django.setup(set_prefix=False)
    return limited(cast("Application", ASGIHandler()), MAX_DESK_BODY_BYTES)


def wire_application() -> Application:
    """Return the application of the wire's port."""
    django.setup(set_prefix=False)
    return limited(identified(cast("Application", WireHandler())), MAX_WIRE_BODY_BYTES)
