# SPDX-License-Identifier: Apache-2.0
"""Identifiers that a provider can act on: address, account, number, with times in UTC.

Requests come back because identifiers are unusable: no port, no time zone, a
range without an end. An identifier here has one spelling per kind, and its
times are instants in UTC.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from comity.assistance.model import check_time, in_place, read_time_or_null
from comity.canonical.json import Object
from comity.canonical.members import Members
from comity.canonical.text import check_text
from comity.canonical.time import Instant, write_instant
from comity.errors import Invalid

#: Most identifiers in one request.
MAX_IDENTIFIERS: Final = 500
#: Longest identifier, in characters.
MAX_VALUE: Final = 2_048
_MAX_PORT: Final = 65_535
_EMAIL: Final = re.compile(r"[^\s@<>()\",;:\\\[\]]{1,64}@[^\s@<>()\",;:\\\[\]]{1,255}")
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]{1,20}://\S+", re.ASCII)
_PHONE: Final = re.compile(r"\+[1-9]\d{4,14}", re.ASCII)


class IdentifierKind(StrEnum):
    """What sort of identifier it is."""

    IP = "ip"
    ACCOUNT = "account"
    EMAIL = "email"
    URL = "url"
    PHONE = "phone"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Identifier:
    """One identifier; `since` (JSON `from`) and `until` bound the time that matters.

    Raises `Invalid` if the value is not of its kind, the port does not belong to
    an address, or the time runs backwards.
    """

    kind: IdentifierKind
    value: str
    port: int | None = None
    since: Instant | None = None
    until: Instant | None = None

    def __post_init__(self) -> None:
        check_identifier(self, what="identifier")

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "kind": self.kind.value,
            "value": self.value,
            "port": self.port,
            "from": write_instant(self.since) if self.since else None,
            "until": write_instant(self.until) if self.until else None,
        }

    @classmethod
    def read(cls, members: Members) -> Identifier:
        """Read the JSON form."""
        kind = IdentifierKind(members.choice("kind", [kind.value for kind in IdentifierKind]))
        value = members.text("value", limit=MAX_VALUE)
        port = (
            None
            if members.is_null("port")
            else members.integer("port", minimum=1, maximum=_MAX_PORT)
        )
        since, until = read_time_or_null(members, "from"), read_time_or_null(members, "until")
        members.end()
        try:
            return cls(kind=kind, value=value, port=port, since=since, until=until)
        except Invalid as error:
            raise in_place(error, "identifier:", members.what) from error


def check_identifier(identifier: Identifier, *, what: str) -> None:
    """Raise `Invalid` naming `what` unless the identifier is well formed."""
    value = identifier.value
    check_text(value, what=f"{what}: value", limit=MAX_VALUE)
    if value != value.strip() or any(unicodedata.category(char) == "Cf" for char in value):
        raise Invalid(
            "identifier.invisible",
            f"{what}: value: an invisible character or a space at an end",
            hint="Copy the identifier again without formatting.",
        )
    _check_kind(identifier, what)
    if identifier.port is not None:
        if identifier.kind is not IdentifierKind.IP:
            raise Invalid("identifier.port", f"{what}: port: only an IP address has a port")
        if not 1 <= identifier.port <= _MAX_PORT:
            raise Invalid("identifier.port", f"{what}: port: {identifier.port} is not in 1..65535")
    for name, instant in (("from", identifier.since), ("until", identifier.until)):
        if instant is not None:
            check_time(instant, what=f"{what}: {name}")
    if identifier.since and identifier.until and identifier.until < identifier.since:
        raise Invalid("identifier.time", f"{what}: until: lies before its beginning")


def _check_kind(identifier: Identifier, what: str) -> None:
    value = identifier.value
    match identifier.kind:
        case IdentifierKind.IP:
            _check_ip(value, what)
        case IdentifierKind.EMAIL if not _EMAIL.fullmatch(value):
            raise Invalid("identifier.email", f"{what}: value: not an e-mail address")
        case IdentifierKind.URL if not _URL.fullmatch(value):
            raise Invalid(
                "identifier.url",
                f"{what}: value: not a URL",
                hint="Begin with the scheme: https://…",
            )
        case IdentifierKind.PHONE if not _PHONE.fullmatch(value):
            raise Invalid(
                "identifier.phone",
                f"{what}: value: not an international telephone number",
                hint="A plus sign, the country code and the number without spaces: +4733445566.",
            )
        case _:
            pass


def _check_ip(value: str, what: str) -> None:
    try:
        address = ipaddress.ip_address(value)
    except ValueError as error:
        raise Invalid("identifier.ip", f"{what}: value: not an IP address") from error
    if str(address) != value:
        raise Invalid(
            "identifier.ip", f"{what}: value: write the address in its short form, {address}"
        )
