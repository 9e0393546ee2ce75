# SPDX-License-Identifier: Apache-2.0
"""The values of custody: who did what to which items, when, where, why, by what right.

Everything here is plain, frozen and has one JSON form. A custody statement
records what ISO/IEC 27037 and the usual custody forms ask for: a unique
identifier, who handled the exhibit, when and where, for what purpose and on
whose authority, and the digests of every item at that moment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final, NewType

from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId, ObjectId, parse_exhibit_number
from comity.canonical.json import JSON, Object
from comity.canonical.members import Members
from comity.canonical.time import Instant, write_instant
from comity.errors import Invalid
from comity.evidence.names import check_path

Sha512 = NewType("Sha512", str)
"""128 lower-case hexadecimal digits."""

#: Most items (files) of one exhibit.
MAX_ITEMS: Final = 50_000
#: Most events in the custody chain of one exhibit.
MAX_EVENTS: Final = 9_999
#: Longest name, function, place or identifier, in characters.
MAX_SHORT: Final = 500
#: Longest free text, in characters.
MAX_LONG: Final = 10_000
_STATEMENT: Final = "custody.event/1"
_ITEM_MEMBERS: Final = frozenset({"path", "size", "sha256", "sha512"})
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SHA512: Final = re.compile(r"[0-9a-f]{128}", re.ASCII)


class CustodyEvent(StrEnum):
    """What happened to an exhibit."""

    IDENTIFIED = "identified"
    SEIZED = "seized"
    COLLECTED = "collected"
    SEALED = "sealed"
    TRANSPORTED = "transported"
    STORED = "stored"
    ACQUIRED = "acquired"
    VERIFIED = "verified"
    COPIED = "copied"
    EXAMINED = "examined"
    TRANSFERRED = "transferred"
    RECEIVED = "received"
    REJECTED = "rejected"
    REVIEWED = "reviewed"
    RETURNED = "returned"
    DESTROYED = "destroyed"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """The officer who acted, by name and function."""

    name: str
    function: str

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {"name": self.name, "function": self.function}

    @classmethod
    def read(cls, members: Members) -> Actor:
        """Read the JSON form."""
        actor = cls(
            name=members.text("name", limit=MAX_SHORT),
            function=members.text("function", limit=MAX_SHORT),
        )
        members.end()
        return actor


@dataclass(frozen=True, kw_only=True)
class Counterpart:
    """The other side of a hand-over: the authority, and the officer where known."""

    authority: AuthorityId
    name: str = ""
    function: str = ""

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {"authority": self.authority, "name": self.name, "function": self.function}

    @classmethod
    def read(cls, members: Members) -> Counterpart:
        """Read the JSON form."""
        counterpart = cls(
            authority=members.authority("authority"),
            name=members.text("name", limit=MAX_SHORT, empty=True),
            function=members.text("function", limit=MAX_SHORT, empty=True),
        )
        members.end()
        return counterpart


@dataclass(frozen=True, kw_only=True)
class LegalAuthority:
    """By what right: the kind of act (request, warrant, order, consent) and its number."""

    type: str
    identifier: str

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {"type": self.type, "identifier": self.identifier}

    @classmethod
    def read(cls, members: Members) -> LegalAuthority:
        """Read the JSON form."""
        legal = cls(
            type=members.text("type", limit=MAX_SHORT),
            identifier=members.text("identifier", limit=MAX_SHORT),
        )
        members.end()
        return legal


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A program that was used, and its version."""

    name: str
    version: str

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {"name": self.name, "version": self.version}

    @classmethod
    def read(cls, members: Members) -> Tool:
        """Read the JSON form."""
        tool = cls(
            name=members.text("name", limit=MAX_SHORT),
            version=members.text("version", limit=MAX_SHORT),
        )
        members.end()
        return tool


@dataclass(frozen=True, kw_only=True, order=True)
class Item:
    """One file of an exhibit: its path below the exhibit's folder, its size in bytes, digests."""

    path: str
    size: int
    sha256: Sha256
    sha512: Sha512

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "path": self.path,
            "size": self.size,
            "sha256": self.sha256,
            "sha512": self.sha512,
        }

    @classmethod
    def read(cls, members: Members) -> Item:
        """Read the JSON form."""
        item = cls(
            path=check_path(members.text("path", limit=MAX_LONG), what=members.what),
            size=members.integer("size"),
            sha256=members.sha256("sha256"),
            sha512=read_sha512(members, "sha512"),
        )
        members.end()
        return item


@dataclass(frozen=True, kw_only=True)
class CustodyStatement:
    """One custody event in the words of the authority that answers for it.

    `seq` counts the events of this exhibit from 1, across authorities. `prev` is
    the SHA-256 of the exact bytes of the event before, None for the first.
    `at` and `ended` are UTC; `ended` is None for an act of a moment. `items`
    are in ascending order of their paths, and empty for as long as the exhibit
    is a thing and not yet data.
    """

    id: ObjectId
    authority: AuthorityId
    exhibit: str
    request: ObjectId
    seq: int
    prev: Sha256 | None
    event: CustodyEvent
    at: Instant
    ended: Instant | None
    place: str
    actor: Actor
    counterpart: Counterpart | None
    purpose: str
    legal_authority: LegalAuthority
    items: tuple[Item, ...]
    tool: Tool | None
    digests_checked: bool
    remarks: str

    def to_json(self) -> Object:
        """Return the JSON form."""
        items: list[JSON] = [item.to_json() for item in self.items]
        return {
            "v": 1,
            "type": _STATEMENT,
            "id": self.id,
            "authority": self.authority,
            "exhibit": self.exhibit,
            "request": self.request,
            "seq": self.seq,
            "prev": self.prev,
            "event": self.event.value,
            "at": write_instant(self.at),
            "ended": write_instant(self.ended) if self.ended else None,
            "place": self.place,
            "actor": self.actor.to_json(),
            "counterpart": self.counterpart.to_json() if self.counterpart else None,
            "purpose": self.purpose,
            "legal_authority": self.legal_authority.to_json(),
            "items": items,
            "tool": self.tool.to_json() if self.tool else None,
            "digests_checked": self.digests_checked,
            "remarks": self.remarks,
        }

    @classmethod
    def from_json(cls, value: JSON, *, what: str = "custody statement") -> CustodyStatement:
        """Read the JSON form; raise `Invalid` on anything else."""
        members = Members(value, what=what)
        members.constant("v", 1)
        members.constant("type", _STATEMENT)
        statement = cls(
            id=members.object_id("id"),
            authority=members.authority("authority"),
            exhibit=parse_exhibit_number(members.text("exhibit", limit=100), what=what),
            request=members.object_id("request"),
            seq=members.integer("seq", minimum=1, maximum=MAX_EVENTS),
            prev=members.sha256_or_null("prev"),
            event=CustodyEvent(members.choice("event", [event.value for event in CustodyEvent])),
            at=members.instant("at"),
            ended=members.instant_or_null("ended"),
            place=members.text("place", limit=MAX_SHORT),
            actor=Actor.read(members.members("actor")),
            counterpart=None
            if members.is_null("counterpart")
            else Counterpart.read(members.members("counterpart")),
            purpose=members.text("purpose", limit=MAX_LONG),
            legal_authority=LegalAuthority.read(members.members("legal_authority")),
            items=read_items(members, "items"),
            tool=None if members.is_null("tool") else Tool.read(members.members("tool")),
            digests_checked=members.boolean("digests_checked"),
            remarks=members.text("remarks", limit=MAX_LONG, empty=True),
        )
        members.end()
        return statement


def read_sha512(members: Members, name: str) -> Sha512:
    """Take a SHA-512 in lower-case hexadecimal."""
    text = members.text(name, limit=128)
    if not _SHA512.fullmatch(text):
        raise Invalid(
            "digest.malformed", f"{members.what}: {name}: not 128 lower-case hexadecimal digits"
        )
    return Sha512(text)


def _plain_item(value: JSON) -> Item | None:
    """Return an item that has nothing wrong with it; else None, for `Item.read` to say what.

    Large exhibits have tens of thousands of items in every statement.
    """
    if not isinstance(value, dict) or value.keys() != _ITEM_MEMBERS:
        return None
    path, size, sha256, sha512 = (value[name] for name in ("path", "size", "sha256", "sha512"))
    if not (isinstance(path, str) and isinstance(sha256, str) and isinstance(sha512, str)):
        return None
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        return None
    if not (_SHA256.fullmatch(sha256) and _SHA512.fullmatch(sha512)):
        return None
    return Item(
        path=check_path(path, what="item"), size=size, sha256=Sha256(sha256), sha512=Sha512(sha512)
    )


def read_items(members: Members, name: str) -> tuple[Item, ...]:
    """Take items in strictly ascending order of their paths, so that none is there twice."""
    place = f"{members.what}: {name}"
    items = tuple(
        _plain_item(value) or Item.read(Members(value, what=f"{place}[{index}]"))
        for index, value in enumerate(members.array(name, limit=MAX_ITEMS))
    )
    for before, after in pairwise(items):
        if before.path >= after.path:
            raise Invalid(
                "custody.items_order",
                f"{members.what}: {name}: {after.path!r} is out of order or there twice",
            )
    return items
