# SPDX-License-Identifier: Apache-2.0
"""A table of identifiers to fill in: kind, value, port, from and until in UTC.

Works without JavaScript: there are always blank rows at the end, and saving brings more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from comity.assistance.identifiers import MAX_IDENTIFIERS, Identifier, IdentifierKind
from comity.canonical.time import Instant, write_instant
from comity.errors import Invalid
from comity.node.desk.forms.controls import MomentControl
from comity.node.desk.words import translated

_BLANK_ROWS: Final = 2
_LEAST_ROWS: Final = 3


@dataclass(frozen=True)
class Row:
    """One row as it was typed."""

    kind: str = ""
    value: str = ""
    port: str = ""
    since: str = ""
    until: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing that counts was typed."""
        return not f"{self.value}{self.port}{self.since}{self.until}".strip()


COLUMNS: Final = tuple(column.name for column in fields(Row))


class IdentifiersWidget(forms.Widget):
    """Draws the rows, and reads them back."""

    template_name = "desk/widgets/identifiers.html"
    use_fieldset = True

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the rows to draw: those that are filled and some that are blank."""
        context = super().get_context(name, value, attrs)
        filled = list(value) if isinstance(value, list | tuple) else []
        blank = max(_BLANK_ROWS, _LEAST_ROWS - len(filled))
        context["rows"] = filled + [Row()] * blank
        context["kinds"] = _kinds()
        return context

    def value_from_datadict(
        self, data: Mapping[str, str], _files: object, name: str
    ) -> tuple[Row, ...]:
        """Return the rows that are not blank, at most one more than are taken."""
        rows = []
        for number in range(MAX_IDENTIFIERS + _BLANK_ROWS + _LEAST_ROWS):
            prefix = f"{name}-{number}-"
            if f"{prefix}value" not in data:
                break
            rows.append(Row(**{column: data.get(prefix + column, "") for column in COLUMNS}))
        return tuple(row for row in rows if not row.blank)

    def value_omitted_from_data(self, data: Mapping[str, str], _files: object, name: str) -> bool:
        """Tell whether the form was sent without this table."""
        return f"{name}-0-value" not in data


class IdentifiersControl(forms.Field):
    """Identifiers; the answer is a tuple of `Identifier`."""

    widget = IdentifiersWidget

    def prepare_value(self, value: object) -> object:
        """Return rows for what is stored as well as for what was typed."""
        if isinstance(value, list | tuple):
            return [entry if isinstance(entry, Row) else _row(entry) for entry in value]
        return []

    def clean(self, value: object) -> tuple[Identifier, ...]:
        """Return the identifiers, or every row's error."""
        rows: Sequence[Row] = value if isinstance(value, tuple) else ()
        if self.required and not rows:
            raise ValidationError(self.error_messages["required"])
        problems, found = [], []
        for number, row in enumerate(rows, start=1):
            try:
                found.append(_identifier(row))
            except (Invalid, ValidationError) as error:
                text = error.messages[0] if isinstance(error, ValidationError) else error.message
                problems.append(
                    _("Row %(number)s: %(problem)s")
                    % {"number": number, "problem": translated(text)}
                )
        if problems:
            raise ValidationError(problems)
        return tuple(found)


def _identifier(row: Row) -> Identifier:
    port = row.port.strip()
    if row.kind not in [kind.value for kind in IdentifierKind]:
        raise ValidationError(_("the kind is not one of the list"))
    if not row.value.strip():
        raise ValidationError(_("the identifier itself is missing"))
    if port and not (port.isascii() and port.isdigit()):
        raise ValidationError(_("the port is not a number"))
    return Identifier(
        kind=IdentifierKind(row.kind),
        value=row.value.strip(),
        port=int(port) if port else None,
        since=_moment(row.since),
        until=_moment(row.until),
    )


def _moment(text: str) -> Instant | None:
    return MomentControl(required=False).clean(text.strip().removesuffix("Z"))


def _row(identifier: Identifier) -> Row:
    return Row(
        kind=identifier.kind.value,
        value=identifier.value,
        port=str(identifier.port or ""),
        since=write_instant(identifier.since).removesuffix("Z") if identifier.since else "",
        until=write_instant(identifier.until).removesuffix("Z") if identifier.until else "",
    )


def _kinds() -> list[tuple[str, str]]:
    words = {
        "ip": _("IP address"),
        "account": _("Account"),
        "email": _("E-mail"),
        "url": _("Web address"),
        "phone": _("Telephone"),
        "other": _("Other"),
    }
    return [(kind.value, words[kind.value]) for kind in IdentifierKind]
