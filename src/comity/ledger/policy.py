# SPDX-License-Identifier: Apache-2.0
"""C2SP tlog-policy: which logs are accepted and which witnesses make a quorum.

The file names witnesses and groups of them and says which one decides. The
reader is strict about everything the specification fixes; names are octets, so
the file is read as bytes and names are compared as such.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from comity.errors import Invalid
from comity.ledger.checkpoint import LOG_TYPES, WITNESS_TYPES
from comity.ledger.keys import SignatureType, VerifierKey, parse_vkey

#: Largest policy file read. Names, URLs and 32 ML-DSA-44 keys fit many times over.
MAX_POLICY_BYTES: Final = 256 * 1024
#: Most logs, witnesses and groups, each; the specification asks for 32 at least.
MAX_DEFINITIONS: Final = 256
_NONE: Final = b"none"
_KEYWORDS: Final = frozenset({_NONE, b"all", b"any"})
_COUNT: Final = re.compile(rb"[1-9][0-9]{0,3}")
_BLANKS: Final = re.compile(rb"[ \t]+")
_FORBIDDEN: Final = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A log that is accepted; its origin is the name of the key."""

    key: VerifierKey
    url: str


@dataclass(frozen=True, slots=True)
class WitnessEntry:
    """A witness under its name in the policy file."""

    name: bytes
    key: VerifierKey
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """A group cosigns when at least `threshold` of its members do."""

    name: bytes
    threshold: int
    members: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed policy; `quorum` names a witness or group, or is `none`."""

    logs: tuple[LogEntry, ...]
    witnesses: tuple[WitnessEntry, ...]
    groups: tuple[Group, ...]
    quorum: bytes

    def satisfied(self, cosigners: Collection[VerifierKey]) -> bool:
        """Tell whether valid cosignatures of these keys make the quorum."""
        if self.quorum == _NONE:
            return True
        reached = {entry.name for entry in self.witnesses if entry.key in cosigners}
        for group in self.groups:  # members are defined before the group that has them
            if len(reached.intersection(group.members)) >= group.threshold:
                reached.add(group.name)
        return self.quorum in reached


def read_policy(data: bytes, *, what: str = "policy") -> Policy:
    """Parse a policy file; raise `Invalid` naming the line that is wrong."""
    if len(data) > MAX_POLICY_BYTES:
        raise Invalid("policy.too_large", f"{what}: {len(data)} bytes, at most {MAX_POLICY_BYTES}")
    if _FORBIDDEN.search(data):
        raise Invalid("policy.control_character", f"{what}: a control character")
    if data and not data.endswith(b"\n"):
        raise Invalid("policy.no_final_newline", f"{what}: the last line has no newline")
    reader = _Reader()
    for number, line in enumerate(data.split(b"\n"), start=1):
        words = [word for word in _BLANKS.split(line) if word]
        if words and not words[0].startswith(b"#"):
            reader.line(words, f"{what}, line {number}")
    if reader.quorum is None:
        raise Invalid("policy.no_quorum", f"{what}: has no quorum line")
    return Policy(
        logs=tuple(reader.logs),
        witnesses=tuple(reader.witnesses),
        groups=tuple(reader.groups),
        quorum=reader.quorum,
    )


class _Reader:
    """Collects the definitions, each of which may only use earlier ones."""

    def __init__(self) -> None:
        self.logs: list[LogEntry] = []
        self.witnesses: list[WitnessEntry] = []
        self.groups: list[Group] = []
        self.quorum: bytes | None = None
        self._names: set[bytes] = set()
        self._members: set[bytes] = set()

    def line(self, words: list[bytes], where: str) -> None:
        readers = {
            b"log": self._log,
            b"witness": self._witness,
            b"group": self._group,
            b"quorum": self._quorum,
        }
        reader = readers.get(words[0])
        if reader is None:
            raise Invalid("policy.keyword", f"{where}: {_show(words[0])} is not a keyword")
        reader(words[1:], where)
        if max(len(self.logs), len(self.witnesses), len(self.groups)) > MAX_DEFINITIONS:
            raise Invalid("policy.too_many", f"{where}: more than {MAX_DEFINITIONS} definitions")

    def _log(self, words: list[bytes], where: str) -> None:
        if not 1 <= len(words) <= 2:  # noqa: PLR2004 - vkey and optional URL
            raise Invalid("policy.syntax", f"{where}: expected log <vkey> [<url>]")
        key = parse_vkey(_text(words[0], where), what=where)
        if key.type not in LOG_TYPES:
            raise Invalid("policy.key_type", f"{where}: not a key that a log signs with")
        if any(known.key.public == key.public for known in self.logs):
            raise Invalid("policy.duplicate_key", f"{where}: the log's key stands there already")
        self.logs.append(LogEntry(key, _url(words[1:], where)))

    def _witness(self, words: list[bytes], where: str) -> None:
        if not 2 <= len(words) <= 3:  # noqa: PLR2004 - name, vkey and optional URL
            raise Invalid("policy.syntax", f"{where}: expected witness <name> <vkey> [<url>]")
        self._define(words[0], where)
        key = _cosigner(parse_vkey(_text(words[1], where), what=where))
        if any(known.key.public == key.public for known in self.witnesses):
            raise Invalid(
                "policy.duplicate_key", f"{where}: the witness's key stands there already"
            )
        self.witnesses.append(WitnessEntry(words[0], key, _url(words[2:], where)))

    def _group(self, words: list[bytes], where: str) -> None:
        if len(words) < 3:  # noqa: PLR2004 - name, threshold and one member
            raise Invalid("policy.syntax", f"{where}: expected group <name> <threshold> <name>...")
        name, count, *members = words
        for member in members:
            if member not in self._names:
                raise Invalid("policy.unknown_name", f"{where}: {_show(member)} is not defined")
            if member in self._members:
                raise Invalid(
                    "policy.duplicate_member", f"{where}: {_show(member)} is a member already"
                )
            self._members.add(member)
        self._define(name, where)
        self.groups.append(Group(name, _threshold(count, len(members), where), tuple(members)))

    def _quorum(self, words: list[bytes], where: str) -> None:
        if len(words) != 1 or self.quorum is not None:
            raise Invalid("policy.syntax", f"{where}: expected one line quorum <name>")
        if words[0] != _NONE and words[0] not in self._names:
            raise Invalid("policy.unknown_name", f"{where}: {_show(words[0])} is not defined")
        self.quorum = words[0]

    def _define(self, name: bytes, where: str) -> None:
        if name in _KEYWORDS:
            raise Invalid("policy.name", f"{where}: {_show(name)} cannot be a name")
        if name in self._names:
            raise Invalid("policy.duplicate_name", f"{where}: {_show(name)} is defined twice")
        self._names.add(name)


def _threshold(count: bytes, members: int, where: str) -> int:
    named: Mapping[bytes, int] = {b"any": 1, b"all": members}
    if count in named:
        return named[count]
    if not _COUNT.fullmatch(count) or int(count) > members:
        raise Invalid(
            "policy.threshold", f"{where}: {_show(count)} is not any, all or 1 to {members}"
        )
    return int(count)


def _cosigner(key: VerifierKey) -> VerifierKey:
    """Read a witness's plain Ed25519 vkey as its cosignature key, as published policies do."""
    if key.type is SignatureType.ED25519:
        return VerifierKey.of(
            name=key.name, type=SignatureType.COSIGNATURE_ED25519, public=key.public
        )
    assert key.type in WITNESS_TYPES  # noqa: S101 - the three types there are
    return key


def _url(words: list[bytes], where: str) -> str:
    return _text(words[0], where) if words else ""


def _text(word: bytes, where: str) -> str:
    try:
        return word.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid("policy.not_utf8", f"{where}: a key or URL is not UTF-8") from error


def _show(word: bytes) -> str:
    return repr(word[:60].decode("utf-8", "backslashreplace"))
