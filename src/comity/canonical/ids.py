# SPDX-License-Identifier: Apache-2.0
"""Typed identifiers.

Identifiers that cross the wire are UUIDs (random, version 4) or names fixed by
an authority; reference numbers are for people. All are restricted to ASCII so
that they sort, print and compare the same everywhere.
"""

from __future__ import annotations

import re
import uuid
from typing import Final, NewType

from comity.errors import Invalid

AuthorityId = NewType("AuthorityId", str)
"""Dotted lower-case name beginning with the state's ISO 3166-1 code: `xv.moj`."""
ObjectId = NewType("ObjectId", str)
"""A UUID in canonical lower-case form."""
Reference = NewType("Reference", str)
"""A number for people: `XV-2026-0000012`."""

_AUTHORITY: Final = re.compile(r"[a-z]{2}(\.[a-z0-9][a-z0-9-]{0,31}){1,3}", re.ASCII)
_UUID: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII
)
_REFERENCE: Final = re.compile(r"[A-Z]{2}-\d{4}-\d{7}", re.ASCII)
_EXHIBIT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII)


def parse_authority_id(text: str, *, what: str = "authority") -> AuthorityId:
    """Return `text` as an authority identifier or raise `Invalid`."""
    if not _AUTHORITY.fullmatch(text):
        raise Invalid(
            "id.authority",
            f"{what}: {text[:60]!r} is not an authority name like 'xv.moj'",
            hint="Two letters for the state, a dot, then lower-case letters, digits or hyphens.",
        )
    return AuthorityId(text)


def parse_object_id(text: str, *, what: str = "identifier") -> ObjectId:
    """Return `text` as an object identifier (UUID) or raise `Invalid`."""
    if not _UUID.fullmatch(text):
        raise Invalid("id.object", f"{what}: {text[:60]!r} is not a lower-case UUID")
    return ObjectId(text)


def parse_reference(text: str, *, what: str = "reference") -> Reference:
    """Return `text` as a reference number for people or raise `Invalid`."""
    if not _REFERENCE.fullmatch(text):
        raise Invalid("id.reference", f"{what}: {text[:60]!r} is not like XV-2026-0000012")
    return Reference(text)


def parse_exhibit_number(text: str, *, what: str = "exhibit") -> str:
    """Return `text` as an exhibit number, safe as a folder name, or raise `Invalid`."""
    if not _EXHIBIT.fullmatch(text) or text.endswith(".") or ".." in text:
        raise Invalid(
            "id.exhibit",
            f"{what}: {text[:60]!r} is not an exhibit number",
            hint="Up to 40 letters, digits, dots, hyphens, underscores; first a letter or digit.",
        )
    return text


def new_object_id() -> ObjectId:
    """Return a fresh random identifier."""
    return ObjectId(str(uuid.uuid4()))


def derived_object_id(*parts: str) -> ObjectId:
    """Return the same identifier for the same parts on every node (UUID version 5).

    Two states use it to name the same event alike in their CASE graphs.
    """
    return ObjectId(str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts))))


_NAMESPACE: Final = uuid.UUID("6f1c2b52-5a3e-5c1b-9f53-2f0d9a0b7c11")
