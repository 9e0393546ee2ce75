# SPDX-License-Identifier: Apache-2.0
"""The form of a request as data: sections, fields, and the answers given.

Identifiers of fields are those of the law pack (`request_fields`), so that a
requirement of a treaty and a field of the form are the same thing; fields that
only practice asks for stand beside them. Labels and help are English msgids;
the desk translates them. Answers are stored clean (`comity.canonical.text`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, TypeVar

from comity.assistance.field_catalogue import (
    FIELDS,
    FORMS,
    MAX_LINE,
    MAX_LONG,
    Field,
    FieldKind,
    Section,
)
from comity.assistance.identifiers import MAX_IDENTIFIERS, Identifier
from comity.assistance.model import Kind
from comity.canonical.json import JSON, Object
from comity.canonical.members import Members
from comity.canonical.text import check_text, is_blank
from comity.canonical.time import read_date
from comity.errors import Invalid

__all__ = [
    "FIELDS",
    "FORMS",
    "MAX_LINE",
    "MAX_LONG",
    "Answers",
    "Field",
    "FieldKind",
    "FieldValue",
    "Section",
    "field_of",
    "form_for",
    "is_answered",
]

T = TypeVar("T")
FieldValue: TypeAlias = "str | bool | date | tuple[Identifier, ...]"


def field_of(field_id: str) -> Field:
    """Return the field with this id, or raise `Invalid`."""
    if field_id not in FIELDS:
        raise Invalid("field.unknown", f"{field_id[:60]!r} is not a field of a request")
    return FIELDS[field_id]


def form_for(*, kind: Kind, required: Iterable[str] = ()) -> tuple[Field, ...]:
    """Return the form of `kind`, with any further field that a basis requires at its end."""
    names = FORMS[kind]
    further = [name for name in required if name not in names and name in FIELDS]
    return tuple(FIELDS[name] for name in (*names, *dict.fromkeys(further)))


@dataclass(frozen=True)
class Answers:
    """The answers to a form: field ids in ascending order, each with its value.

    Unanswered fields are absent. Make one with `Answers.of`, which checks.
    """

    items: tuple[tuple[str, FieldValue], ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, FieldValue]) -> Answers:
        """Return the answers in `values`; raise `Invalid` naming the field that is wrong."""
        for name, value in values.items():
            _check_value(field_of(name), value)
        return cls(tuple(sorted(values.items())))

    def get(self, field_id: str) -> FieldValue | None:
        """Return the answer, or None where there is none."""
        return dict(self.items).get(field_id)

    def has(self, field_id: str) -> bool:
        """Tell whether the field is answered as a requirement wants it."""
        value = self.get(field_id)
        return value is not None and is_answered(FIELDS[field_id], value)

    def merged(self, other: Answers) -> Answers:
        """Return these answers with those of `other` in their place."""
        return Answers.of({**dict(self.items), **dict(other.items)})

    def to_json(self) -> Object:
        """Return the JSON form: one member per answered field."""
        return {name: _write_value(value) for name, value in self.items}

    @classmethod
    def read(cls, value: JSON, *, what: str) -> Answers:
        """Read the JSON form; raise `Invalid` naming the place."""
        if not isinstance(value, dict):
            raise Invalid("json.not_an_object", f"{what}: expected a JSON object")
        members = Members(value, what=what)
        values: dict[str, FieldValue] = {}
        for name in value:
            if name not in FIELDS:
                raise Invalid("field.unknown", f"{what}: {name[:60]!r} is not a field of a request")
            values[name] = _read_value(members, FIELDS[name])
        return cls(tuple(sorted(values.items())))


def is_answered(field: Field, value: FieldValue) -> bool:
    """Tell whether `value` satisfies a requirement: not blank, and yes where it must be yes."""
    if field.kind is FieldKind.YES_NO:
        return value is True if field.must_be_yes else isinstance(value, bool)
    return not is_blank(value) if isinstance(value, str) else bool(value)


def _check_value(field: Field, value: FieldValue) -> None:
    what = field.id
    match field.kind:
        case FieldKind.TEXT | FieldKind.LONG:
            lines = field.kind is FieldKind.LONG
            check_text(_of(str, value, what), what=what, limit=field.max_length, lines=lines)
        case FieldKind.CHOICE:
            _check_choice(field, _of(str, value, what), what)
        case FieldKind.DATE:
            _of(date, value, what)
        case FieldKind.YES_NO:
            _of(bool, value, what)
        case _:  # identifiers
            entries = _of(tuple, value, what)
            if not 0 < len(entries) <= MAX_IDENTIFIERS:
                raise Invalid("field.count", f"{what}: 1 to {MAX_IDENTIFIERS} identifiers")
            for entry in entries:
                _of(Identifier, entry, what)


def _of(kind: type[T], value: object, what: str) -> T:
    """Return `value`, which must be exactly of `kind` (a datetime is not a date here)."""
    if type(value) is not kind:
        raise Invalid("field.type", f"{what}: expected {kind.__name__}")
    return value


def _check_choice(field: Field, value: str, what: str) -> str:
    if value not in dict(field.choices):
        known = ", ".join(name for name, _ in field.choices)
        raise Invalid("field.choice", f"{what}: {value[:60]!r} is not one of: {known}")
    return value


def _write_value(value: FieldValue) -> JSON:
    if isinstance(value, bool | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return [identifier.to_json() for identifier in value]


def _read_value(members: Members, field: Field) -> FieldValue:
    what = f"{members.what}: {field.id}"
    match field.kind:
        case FieldKind.TEXT | FieldKind.LONG:
            text = members.text(field.id, limit=field.max_length)
            lines = field.kind is FieldKind.LONG
            return check_text(text, what=what, limit=field.max_length, lines=lines)
        case FieldKind.CHOICE:
            return _check_choice(field, members.text(field.id, limit=MAX_LINE), what)
        case FieldKind.DATE:
            return read_date(members.text(field.id, limit=10), what=what)
        case FieldKind.YES_NO:
            return members.boolean(field.id)
        case _:  # identifiers
            entries = members.each(field.id, limit=MAX_IDENTIFIERS)
            if not entries:
                raise Invalid("field.count", f"{what}: 1 to {MAX_IDENTIFIERS} identifiers")
            return tuple(Identifier.read(entry) for entry in entries)
