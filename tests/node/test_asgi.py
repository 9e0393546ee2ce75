# SPDX-License-Identifier: Apache-2.0
"""The wire's application: no byte of a body is read before it is known who calls."""

from __future__ import annotations

import asyncio
import json

from comity.node.asgi import CALLER, identified, wire_application


def scope(*headers: tuple[bytes, bytes], method: str = "PUT") -> dict:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": "/v1/parcels/" + "0" * 64,
        "raw_path": b"/v1/parcels/" + b"0" * 64,
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), *headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }


class Caller:
    """A client that notes what is read of its body and what it is answered."""

    def __init__(self) -> None:
        self.asked = 0
        self.answers: list[dict] = []

    async def receive(self) -> dict:
        self.asked += 1
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    async def send(self, message: dict) -> None:
        self.answers.append(message)


def call(application, what: dict) -> Caller:
    caller = Caller()
    asyncio.run(asyncio.wait_for(application(what, caller.receive, caller.send), 30))
    return caller


def test_nothing_of_a_stranger_s_body_is_read(world):
    for headers in (
        [(b"content-length", b"16777216")],
        [(b"transfer-encoding", b"chunked")],
        [(b"content-length", b"16777216"), (b"signature-input", b"nonsense")],
    ):
        caller = call(wire_application(), scope(*headers))
        assert caller.answers[0]["status"] == 401
        body = b"".join(one.get("body", b"") for one in caller.answers[1:])
        assert json.loads(body)["code"] == "wire.unsigned"
        assert caller.asked == 0


def test_what_has_no_body_is_passed_on_as_it_is(world):
    seen = []

    async def application(what, receive, _send) -> None:
        seen.append((CALLER in what, await receive()))

    caller = call(identified(application), scope((b"content-length", b"0"), method="GET"))
    assert caller.asked == 1
    assert seen[0][0] is False
