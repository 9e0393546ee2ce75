# SPDX-License-Identifier: Apache-2.0
"""The parts of an acquisition record: source, files, read errors, second reads, container."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from comity.canonical.digest import Sha256
from comity.canonical.json import JSON, Object
from comity.canonical.members import Members
from comity.canonical.time import Instant, write_instant
from comity.errors import Invalid
from comity.evidence.model import (
    MAX_ITEMS,
    MAX_LONG,
    MAX_SHORT,
    Item,
    Sha512,
    Tool,
    read_sha512,
)
from comity.evidence.names import check_path

_MD5: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_SHA1: Final = re.compile(r"[0-9a-f]{40}", re.ASCII)
#: What the members of a file look like when nothing is wrong with them.
_FILE_FORMS: Final = {
    "path": re.compile(r"[^\0]{1,1024}", re.DOTALL),
    "original_name": re.compile(r"[^\0]{1,1024}", re.DOTALL),
    "md5": _MD5,
    "sha1": _SHA1,
    "sha256": re.compile(r"[0-9a-f]{64}", re.ASCII),
    "sha512": re.compile(r"[0-9a-f]{128}", re.ASCII),
}
SOURCE_KINDS: Final = frozenset({"file", "block_device"})
COMPARISONS: Final = frozenset({"equal", "not_compared"})
OUTCOMES: Final = frozenset({"consistent", "inconsistent", "not_checked"})


@dataclass(frozen=True, kw_only=True)
class Source:
    """What was read. Make, model and serial are empty where the system does not tell them.

    `read_only` tells whether the system refused writes to the device (None: not known).
    """

    kind: str
    name: str
    size: int
    sector_size: int
    make: str = ""
    model: str = ""
    serial: str = ""
    read_only: bool | None = None

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "kind": self.kind,
            "name": self.name,
            "size": self.size,
            "sector_size": self.sector_size,
            "make": self.make,
            "model": self.model,
            "serial": self.serial,
            "read_only": self.read_only,
        }

    @classmethod
    def read(cls, members: Members) -> Source:
        """Read the JSON form."""
        source = cls(
            kind=members.choice("kind", SOURCE_KINDS),
            name=members.text("name", limit=MAX_LONG),
            size=members.integer("size"),
            sector_size=members.integer("sector_size", minimum=1),
            make=members.text("make", limit=MAX_SHORT, empty=True),
            model=members.text("model", limit=MAX_SHORT, empty=True),
            serial=members.text("serial", limit=MAX_SHORT, empty=True),
            read_only=None if members.is_null("read_only") else members.boolean("read_only"),
        )
        members.end()
        return source


@dataclass(frozen=True, kw_only=True)
class AcquiredFile:
    """One file that was written: its stored path, its true name, its size and four digests.

    `original_name` shows bytes that are not UTF-8 as `=XX`; it differs from `path`
    only where the true name is unsafe (`names.stored_name`).
    """

    path: str
    original_name: str
    size: int
    md5: str
    sha1: str
    sha256: Sha256
    sha512: Sha512

    @property
    def item(self) -> Item:
        """The file as custody statements list it."""
        return Item(path=self.path, size=self.size, sha256=self.sha256, sha512=self.sha512)

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "path": self.path,
            "original_name": self.original_name,
            "size": self.size,
            "md5": self.md5,
            "sha1": self.sha1,
            "sha256": self.sha256,
            "sha512": self.sha512,
        }

    @classmethod
    def read(cls, members: Members) -> AcquiredFile:
        """Read the JSON form."""
        file = cls(
            path=check_path(members.text("path", limit=MAX_LONG), what=members.what),
            original_name=members.text("original_name", limit=MAX_LONG),
            size=members.integer("size"),
            md5=_digest(members, "md5", _MD5),
            sha1=_digest(members, "sha1", _SHA1),
            sha256=members.sha256("sha256"),
            sha512=read_sha512(members, "sha512"),
        )
        members.end()
        return file


@dataclass(frozen=True, kw_only=True)
class ReadError:
    """A range of a file that could not be read and was filled with zeros; bytes."""

    path: str
    offset: int
    length: int

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {"path": self.path, "offset": self.offset, "length": self.length}

    @classmethod
    def read(cls, members: Members) -> ReadError:
        """Read the JSON form."""
        error = cls(
            path=members.text("path", limit=MAX_LONG),
            offset=members.integer("offset"),
            length=members.integer("length", minimum=1),
        )
        members.end()
        return error


@dataclass(frozen=True, kw_only=True)
class Verification:
    """The second reads. Anything but `equal` for the copy stops an acquisition."""

    copy: str
    source: str
    at: Instant

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {"copy": self.copy, "source": self.source, "at": write_instant(self.at)}

    @classmethod
    def read(cls, members: Members) -> Verification:
        """Read the JSON form."""
        members.constant("copy", "equal")
        verification = cls(
            copy="equal",
            source=members.choice("source", COMPARISONS),
            at=members.instant("at"),
        )
        members.end()
        return verification


@dataclass(frozen=True, kw_only=True)
class ContainerCheck:
    """A container's own check: the digests stored in it against its medium as read.

    `stored` and `computed` hold `md5` and `sha1` of the medium, where there are any.
    """

    format: str
    outcome: str
    tool: Tool | None
    media_size: int | None
    stored: tuple[tuple[str, str], ...]
    computed: tuple[tuple[str, str], ...]
    detail: str

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "format": self.format,
            "outcome": self.outcome,
            "tool": self.tool.to_json() if self.tool else None,
            "media_size": self.media_size,
            "stored": dict(self.stored),
            "computed": dict(self.computed),
            "detail": self.detail,
        }

    @classmethod
    def read(cls, members: Members) -> ContainerCheck:
        """Read the JSON form."""
        check = cls(
            format=members.text("format", limit=MAX_SHORT),
            outcome=members.choice("outcome", OUTCOMES),
            tool=None if members.is_null("tool") else Tool.read(members.members("tool")),
            media_size=None if members.is_null("media_size") else members.integer("media_size"),
            stored=_digests(members.members("stored")),
            computed=_digests(members.members("computed")),
            detail=members.text("detail", limit=MAX_LONG, empty=True),
        )
        members.end()
        return check


def read_files(members: Members) -> tuple[AcquiredFile, ...]:
    """Take the files of a record."""
    place = f"{members.what}: files"
    return tuple(
        _plain_file(value) or AcquiredFile.read(Members(value, what=f"{place}[{index}]"))
        for index, value in enumerate(members.array("files", limit=MAX_ITEMS))
    )


def _plain_file(value: JSON) -> AcquiredFile | None:
    """Return a file that has nothing wrong with it; else None, for the reader to say what.

    Records of large exhibits have tens of thousands of files.
    """
    if not isinstance(value, dict) or value.keys() != _FILE_FORMS.keys() | {"size"}:
        return None
    size = value["size"]
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        return None
    texts: dict[str, str] = {}
    for name, form in _FILE_FORMS.items():
        text = value[name]
        if not isinstance(text, str) or not form.fullmatch(text):
            return None
        texts[name] = text
    return AcquiredFile(
        path=check_path(texts["path"], what="acquisition record"),
        original_name=texts["original_name"],
        size=size,
        md5=texts["md5"],
        sha1=texts["sha1"],
        sha256=Sha256(texts["sha256"]),
        sha512=Sha512(texts["sha512"]),
    )


def _digest(members: Members, name: str, form: re.Pattern[str]) -> str:
    text = members.text(name, limit=128)
    if not form.fullmatch(text):
        raise Invalid("digest.malformed", f"{members.what}: {name}: not a digest in lower case")
    return text


def _digests(members: Members) -> tuple[tuple[str, str], ...]:
    found = tuple(
        (name, _digest(members, name, form))
        for name, form in (("md5", _MD5), ("sha1", _SHA1))
        if name in members
    )
    members.end()
    return found
