# SPDX-License-Identifier: Apache-2.0
"""Answers to a request's form as they come in: typed from the desk, JSON from the console."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from comity.assistance.fields import Answers, Field, FieldKind, FieldValue, field_of
from comity.assistance.identifiers import Identifier
from comity.canonical.members import Members
from comity.canonical.text import is_blank, tidy_text
from comity.canonical.time import Instant, read_date, read_instant
from comity.errors import Invalid

E = TypeVar("E", bound=StrEnum)


def merged(answers: Answers, given: Mapping[str, object]) -> Answers:
    """Return `answers` with those of `given` in their place; a blank one is removed.

    Raises `Invalid` with the field's id in `details["field"]`.
    """
    values = dict(answers.items)
    for name, raw in given.items():
        field = field_of(name)
        try:
            value = _read(field, raw)
            if value is not None:
                Answers.of({name: value})
        except Invalid as error:
            raise Invalid(
                error.code, error.message, hint=error.hint, details={"field": name}
            ) from error
        if value is None:
            values.pop(name, None)
        else:
            values[name] = value
    return Answers.of(values)


def choice(kind: type[E], value: str, *, name: str) -> E:
    """Return `value` as one of the enumeration, or raise `Invalid` naming the input."""
    try:
        return kind(value)
    except ValueError as error:
        known = ", ".join(one.value for one in kind)
        raise Invalid(
            "input.choice",
            f"{name}: {str(value)[:60]!r} is not one of: {known}",
            details={"field": name},
        ) from error


def instant(value: Instant | str, *, name: str) -> Instant:
    """Return an instant as such or as RFC 3339 text."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise Invalid("time.naive", f"{name}: has no time zone", details={"field": name})
        return value.replace(microsecond=0)
    return read_instant(value, what=name)


def instant_or_none(value: Instant | str | None, *, name: str) -> Instant | None:
    """Like `instant`; blank is None."""
    return instant(value, name=name) if value else None


def day_or_none(value: date | str | None, *, name: str) -> date | None:
    """Return a date as such or as ISO 8601 text; blank is None."""
    if not value:
        return None
    return read_date(value, what=name) if isinstance(value, str) else value


def text(value: str) -> str:
    """Return what was typed in the form that is stored."""
    return tidy_text(value)


def _read(field: Field, raw: object) -> FieldValue | None:
    if raw is None or raw in ("", (), []):
        return None
    match field.kind:
        case FieldKind.TEXT | FieldKind.LONG | FieldKind.CHOICE if isinstance(raw, str):
            return None if is_blank(raw) else tidy_text(raw)
        case FieldKind.DATE if isinstance(raw, str):
            return read_date(raw, what=field.id)
        case FieldKind.YES_NO if raw in ("yes", "no"):
            return raw == "yes"
        case FieldKind.IDENTIFIERS if isinstance(raw, list | tuple):
            return tuple(_identifier(one, field.id) for one in raw)
        case _:
            return raw  # type: ignore[return-value]  # judged by `Answers.of`


def _identifier(raw: object, what: str) -> Identifier:
    if isinstance(raw, Identifier):
        return raw
    if not isinstance(raw, dict):
        raise Invalid("field.type", f"{what}: expected identifiers")
    complete = {"port": None, "from": None, "until": None, **raw}
    return Identifier.read(Members(complete, what=what))
