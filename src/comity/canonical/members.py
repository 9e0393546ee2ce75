# SPDX-License-Identifier: Apache-2.0
"""Taking the members of a JSON object one by one, and leaving none over.

A reader of a signed object names every member it knows and then calls `end`;
an unknown member, a missing one or one of another type is `Invalid` and names
its place. Nothing is ignored: what a reader does not understand it must not
pretend to have read.

    members = Members(value, what="custody statement")
    authority = members.authority("authority")
    members.end()
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from comity.canonical.base64 import read_base64
from comity.canonical.digest import Sha256, parse_sha256
from comity.canonical.ids import AuthorityId, ObjectId, parse_authority_id, parse_object_id
from comity.canonical.json import JSON, Object
from comity.canonical.time import Instant, read_instant
from comity.errors import Invalid

#: Longest text member read unless the reader says otherwise, in characters.
MAX_TEXT: Final = 10_000
#: Longest array read unless the reader says otherwise, in elements.
MAX_ITEMS: Final = 1_000
_MAX_INTEGER: Final = (1 << 53) - 1
#: How much of which unknown members a message shows.
_MAX_NAMES: Final = 5
_MAX_NAME: Final = 60


class Members:
    """The members of one JSON object, each to be taken exactly once."""

    def __init__(self, value: JSON, *, what: str) -> None:
        """Begin to read `value`, which must be an object; `what` names it in errors."""
        if not isinstance(value, dict):
            raise Invalid("json.not_an_object", f"{what}: expected a JSON object")
        self.what = what
        self._left: Object = dict(value)

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def end(self) -> None:
        """Refuse whatever has not been taken."""
        if self._left:
            names = ", ".join(f"{name[:_MAX_NAME]!r}" for name in sorted(self._left)[:_MAX_NAMES])
            raise Invalid("json.member_unknown", f"{self.what}: unknown member {names}")

    def rest(self) -> frozenset[str]:
        """Return the names that have not been taken, for a format that may grow."""
        return frozenset(self._left)

    def take(self, name: str) -> JSON:
        """Take a member of any type."""
        if name not in self._left:
            raise Invalid("json.member_missing", f"{self.what}: the member {name} is missing")
        return self._left.pop(name)

    def is_null(self, name: str) -> bool:
        """Tell whether the member is null, and if so take it."""
        if name in self._left and self._left[name] is None:
            del self._left[name]
            return True
        return False

    def text(self, name: str, *, limit: int = MAX_TEXT, empty: bool = False) -> str:
        """Take a string of at most `limit` characters, not empty unless `empty`."""
        value = self.take(name)
        if not isinstance(value, str):
            raise self._wrong(name, "a string")
        if len(value) > limit:
            raise Invalid(
                "json.member_too_long",
                f"{self._place(name)}: {len(value)} characters, at most {limit} are read",
            )
        if not value and not empty:
            raise Invalid("json.member_empty", f"{self._place(name)}: must not be empty")
        return value

    def text_or_null(self, name: str, *, limit: int = MAX_TEXT) -> str | None:
        """Take a string or null."""
        return None if self.is_null(name) else self.text(name, limit=limit)

    def choice(self, name: str, allowed: Collection[str]) -> str:
        """Take a string that must be one of `allowed`."""
        value = self.text(name, limit=200)
        if value not in allowed:
            known = ", ".join(sorted(allowed))
            raise Invalid(
                "json.member_value", f"{self._place(name)}: {value!r} is not one of: {known}"
            )
        return value

    def constant(self, name: str, expected: str | int) -> None:
        """Take a member that must have exactly this value."""
        value = self.take(name)
        if type(value) is not type(expected) or value != expected:
            raise Invalid("json.member_value", f"{self._place(name)}: expected {expected!r}")

    def integer(self, name: str, *, minimum: int = 0, maximum: int = _MAX_INTEGER) -> int:
        """Take an integer within bounds, both included."""
        value = self.take(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(name, "an integer")
        if not minimum <= value <= maximum:
            raise Invalid(
                "json.member_range", f"{self._place(name)}: {value} is not in {minimum}..{maximum}"
            )
        return value

    def boolean(self, name: str) -> bool:
        """Take true or false."""
        value = self.take(name)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def array(self, name: str, *, limit: int = MAX_ITEMS) -> list[JSON]:
        """Take an array of at most `limit` elements."""
        value = self.take(name)
        if not isinstance(value, list):
            raise self._wrong(name, "an array")
        if len(value) > limit:
            raise Invalid(
                "json.member_too_long",
                f"{self._place(name)}: {len(value)} elements, at most {limit} are read",
            )
        return value

    def texts(
        self, name: str, *, limit: int = MAX_ITEMS, text_limit: int = MAX_TEXT
    ) -> tuple[str, ...]:
        """Take an array of non-empty strings."""
        values = self.array(name, limit=limit)
        if not all(isinstance(value, str) and 0 < len(value) <= text_limit for value in values):
            raise self._wrong(name, f"an array of strings of 1 to {text_limit} characters")
        return tuple(str(value) for value in values)

    def members(self, name: str) -> Members:
        """Take an object, to be read in its turn."""
        return Members(self.take(name), what=self._place(name))

    def each(self, name: str, *, limit: int = MAX_ITEMS) -> list[Members]:
        """Take an array of objects, to be read in their turn."""
        return [
            Members(item, what=f"{self._place(name)}[{index}]")
            for index, item in enumerate(self.array(name, limit=limit))
        ]

    def instant(self, name: str) -> Instant:
        """Take an RFC 3339 UTC time with whole seconds."""
        return read_instant(self.text(name, limit=40), what=self._place(name))

    def instant_or_null(self, name: str) -> Instant | None:
        """Take a time or null."""
        return None if self.is_null(name) else self.instant(name)

    def sha256(self, name: str) -> Sha256:
        """Take a SHA-256 in lower-case hexadecimal."""
        return parse_sha256(self.text(name, limit=64), what=self._place(name))

    def sha256_or_null(self, name: str) -> Sha256 | None:
        """Take a SHA-256 or null."""
        return None if self.is_null(name) else self.sha256(name)

    def authority(self, name: str) -> AuthorityId:
        """Take the name of an authority."""
        return parse_authority_id(self.text(name, limit=140), what=self._place(name))

    def object_id(self, name: str) -> ObjectId:
        """Take a UUID."""
        return parse_object_id(self.text(name, limit=36), what=self._place(name))

    def object_id_or_null(self, name: str) -> ObjectId | None:
        """Take a UUID or null."""
        return None if self.is_null(name) else self.object_id(name)

    def base64(self, name: str, *, size: int | None = None, limit: int = 1 << 20) -> bytes:
        """Take canonical base64 of exactly `size` bytes, or of at most `limit`."""
        text = self.text(name, limit=4 * ((limit if size is None else size) // 3 + 1), empty=True)
        data = read_base64(text, what=self._place(name))
        if size is not None and len(data) != size:
            raise Invalid(
                "json.member_size", f"{self._place(name)}: {len(data)} bytes, expected {size}"
            )
        return data

    def _place(self, name: str) -> str:
        return f"{self.what}: {name}"

    def _wrong(self, name: str, expected: str) -> Invalid:
        return Invalid("json.member_type", f"{self._place(name)}: expected {expected}")
