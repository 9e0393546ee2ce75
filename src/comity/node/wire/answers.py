# SPDX-License-Identifier: Apache-2.0
"""The bodies of answers on the wire: receipts, lists of parts, greetings, problems.

All are RFC 8785 JSON with exact members. A problem (RFC 9457) carries the stable
code and the family of the error, so that both sides name a failure alike; where
the clocks differ it carries the time of whoever answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from comity.authorities.directory import DirectoryHead
from comity.canonical import json
from comity.canonical.base64 import read_base64, write_base64
from comity.canonical.ids import AuthorityId
from comity.canonical.json import JSON
from comity.canonical.members import Members
from comity.canonical.time import Instant, write_instant
from comity.errors import ComityError, Conflict, Invalid, Refused, Unavailable, Unverified
from comity.protocol.parcel import MAX_BYTES as MAX_HEADER_BYTES
from comity.protocol.parts import MAX_PARTS
from comity.protocol.receipt import MAX_BYTES as MAX_RECEIPT_BYTES
from comity.protocol.receiving import Quota
from comity.protocol.sending import Answer
from comity.protocol.statement import read_head

JSON_TYPE: Final = "application/json"
PROBLEM_TYPE: Final = "application/problem+json"
#: Largest answer read, in bytes.
MAX_BYTES: Final = 4 << 20
MAX_RECEIPTS: Final = 64
#: Headers in one answer to a peer that asks what waits for it.
MAX_WAITING: Final = 64
PROTOCOL: Final = 1
SUITES: Final = ("S1",)
_FAMILIES: Final = {
    family.family: family for family in (Refused, Invalid, Unverified, Unavailable, Conflict)
}
#: The one place where families of errors become statuses of HTTP.
STATUSES: Final = {
    "refused": 409,
    "invalid": 422,
    "unverified": 401,
    "unavailable": 503,
    "conflict": 409,
}
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,40}(\.[a-z0-9_]{1,60}){1,3}", re.ASCII)


@dataclass(frozen=True)
class Greeting:
    """What a node says of itself: version, suites, clock, directory in use, quota."""

    authority: AuthorityId
    protocol: int
    suites: tuple[str, ...]
    clock: Instant
    serial: int
    directory: DirectoryHead | None
    quota: Quota


def write_receipts(receipts: Iterable[bytes]) -> bytes:
    """Return an answer that is receipts."""
    return json.write({"receipts": _receipts(receipts)})


def read_receipts(data: bytes) -> tuple[bytes, ...]:
    """Read an answer that is receipts."""
    members = _members(data)
    receipts = _read_receipts(members)
    members.end()
    return receipts


def write_progress(have: Iterable[int], receipts: Iterable[bytes]) -> bytes:
    """Return which parts are here, as ranges, and the receipts."""
    ranges: list[JSON] = [[first, last] for first, last in _ranges(sorted(have))]
    return json.write({"have": ranges, "receipts": _receipts(receipts)})


def read_progress(data: bytes) -> Answer:
    """Read which parts the peer has."""
    members = _members(data)
    have: set[int] = set()
    for item in members.array("have", limit=MAX_PARTS):
        if not isinstance(item, list) or len(item) != 2:  # noqa: PLR2004 - a pair
            raise Invalid("wire.answer", "answer: have: expected pairs of numbers")
        first, last = item
        if type(first) is not int or type(last) is not int:
            raise Invalid("wire.answer", "answer: have: expected pairs of numbers")
        if not 0 <= first <= last < MAX_PARTS:
            raise Invalid("wire.answer", "answer: have: no range of parts")
        have.update(range(first, last + 1))
    receipts = _read_receipts(members)
    members.end()
    return Answer(frozenset(have), receipts)


def write_headers(entries: Sequence[tuple[str, bytes]]) -> bytes:
    """Return headers of parcels that wait for the caller, with the cursor of each."""
    listed: list[JSON] = [
        {"cursor": cursor, "header": write_base64(header)} for cursor, header in entries
    ]
    return json.write({"parcels": listed})


def read_headers(data: bytes) -> tuple[tuple[str, bytes], ...]:
    """Read headers of parcels that wait for us."""
    members = _members(data)
    found = []
    for item in members.each("parcels", limit=MAX_WAITING):
        cursor = item.text("cursor", limit=40)
        found.append((cursor, item.base64("header", limit=MAX_HEADER_BYTES)))
        item.end()
    members.end()
    return tuple(found)


def write_greeting(greeting: Greeting) -> bytes:
    """Return the answer to `hello`."""
    head = greeting.directory
    return json.write(
        {
            "authority": greeting.authority,
            "protocol": greeting.protocol,
            "suites": [*greeting.suites],
            "clock": write_instant(greeting.clock),
            "serial": greeting.serial,
            "dir": None if head is None else head.to_json(),
            "quota": {"parcels": greeting.quota.parcels, "size": greeting.quota.size},
        }
    )


def read_greeting(data: bytes) -> Greeting:
    """Read the answer to `hello`."""
    members = _members(data)
    quota = members.members("quota")
    greeting = Greeting(
        authority=members.authority("authority"),
        protocol=members.integer("protocol", minimum=1, maximum=1000),
        suites=members.texts("suites", limit=20, text_limit=10),
        clock=members.instant("clock"),
        serial=members.integer("serial", minimum=1),
        directory=read_head(members),
        quota=Quota(quota.integer("parcels"), quota.integer("size")),
    )
    quota.end()
    members.end()
    return greeting


def write_problem(error: ComityError, *, now: Instant) -> bytes:
    """Return the problem document of an error (RFC 9457)."""
    return json.write(
        {
            "type": "about:blank",
            "status": STATUSES[error.family],
            "code": error.code,
            "family": error.family,
            "detail": error.message[:1_000],
            "hint": error.hint[:500],
            "clock": write_instant(now),
        }
    )


@dataclass(frozen=True)
class Problem:
    """A problem document as read: the error to raise here, and the peer's clock."""

    error: ComityError
    clock: Instant


def read_problem(data: bytes, *, peer: AuthorityId) -> Problem:
    """Read a problem document; the error says who answered it."""
    members = _members(data)
    members.constant("type", "about:blank")
    members.integer("status", minimum=400, maximum=599)
    code = members.text("code", limit=200)
    family = members.choice("family", _FAMILIES)
    detail = members.text("detail", limit=1_000)
    hint = members.text("hint", limit=500, empty=True)
    clock = members.instant("clock")
    members.end()
    if not _CODE.fullmatch(code):
        raise Invalid("wire.answer", "answer: its code is not a code")
    return Problem(_FAMILIES[family](code, f"{peer} answered: {detail}", hint=hint), clock)


def _members(data: bytes) -> Members:
    return Members(json.read_object(data, what="answer", limit=MAX_BYTES), what="answer")


def _receipts(receipts: Iterable[bytes]) -> list[JSON]:
    return [write_base64(receipt) for receipt in receipts]


def _read_receipts(members: Members) -> tuple[bytes, ...]:
    size = 4 * (MAX_RECEIPT_BYTES // 3 + 1)
    texts = members.texts("receipts", limit=MAX_RECEIPTS, text_limit=size)
    return tuple(read_base64(text, what="answer: receipts") for text in texts)


def _ranges(numbers: Sequence[int]) -> Iterable[tuple[int, int]]:
    start = 0
    for place, number in enumerate(numbers):
        if place + 1 == len(numbers) or numbers[place + 1] != number + 1:
            yield numbers[start], number
            start = place + 1
