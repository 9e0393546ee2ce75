# SPDX-License-Identifier: Apache-2.0
"""A small table to fill in, one entry a row, without JavaScript.

There are always blank rows at the end, and saving brings more. A row in which anything was typed
is kept and judged; a row whose every cell is blank does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from comity.errors import Invalid
from comity.node.desk.words import translated

T = TypeVar("T")
Row = dict[str, str]
_BLANK_ROWS: Final = 2
_LEAST_ROWS: Final = 3


@dataclass(frozen=True)
class Column:
    """One cell of every row: `kind` is `select`, `line`, `code`, `text` or `moment`."""

    name: str
    label: str
    kind: str
    choices: tuple[tuple[str, str], ...] = ()
    look: str = ""


class RowsWidget(forms.Widget):
    """Draws the rows, and reads them back."""

    template_name = "desk/widgets/rows.html"
    use_fieldset = True

    def __init__(self, columns: Iterable[Column], *, entry: str, most: int) -> None:
        super().__init__()
        self.columns, self.entry, self.most = tuple(columns), entry, most

    def id_for_label(self, id_: str, index: str | None = None) -> str:  # noqa: ARG002 - Django's
        """Point to the first cell of the first row."""
        return f"{id_}-0-{self.columns[0].name}" if id_ else ""

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the rows to draw: those that are filled and some that are blank."""
        context = super().get_context(name, value, attrs)
        filled = list(value) if isinstance(value, list | tuple) else []
        rows = filled + [{}] * max(_BLANK_ROWS, _LEAST_ROWS - len(filled))
        context["entry"] = self.entry
        context["rows"] = [
            [(column, row.get(column.name, "")) for column in self.columns]
            for row in rows[: self.most]
        ]
        return context

    def value_from_datadict(
        self, data: Mapping[str, str], _files: object, name: str
    ) -> tuple[Row, ...]:
        """Return the rows that are not blank."""
        rows: list[Row] = []
        while len(rows) < self.most + 1 and f"{name}-{len(rows)}-{self.columns[0].name}" in data:
            prefix = f"{name}-{len(rows)}-"
            rows.append({cell.name: data.get(prefix + cell.name, "") for cell in self.columns})
        return tuple(row for row in rows if self._typed(row))

    def value_omitted_from_data(self, data: Mapping[str, str], _files: object, name: str) -> bool:
        """Tell whether the form was sent without this table."""
        return f"{name}-0-{self.columns[0].name}" not in data

    def _typed(self, row: Row) -> bool:
        """A row counts when anything but a list's own first choice was given."""
        return any(row[cell.name].strip() for cell in self.columns if cell.kind != "select")


class RowsControl(forms.Field, Generic[T]):
    """Entries of one type: `read` makes one of a row, `write` a row of one."""

    default_error_messages = {"required": _lazy("Fill in at least one row.")}

    def __init__(
        self,
        widget: RowsWidget,
        *,
        read: Callable[[Row], T],
        write: Callable[[T], Row],
        **options: Any,
    ) -> None:
        super().__init__(widget=widget, **options)
        self.read, self.write = read, write

    def prepare_value(self, value: object) -> object:
        """Return rows, of what is stored as well as of what was typed."""
        if not isinstance(value, list | tuple):
            return []
        return [entry if isinstance(entry, dict) else self.write(entry) for entry in value]

    def clean(self, value: object) -> tuple[T, ...]:
        """Return the entries, or the errors of all rows."""
        rows = value if isinstance(value, tuple) else ()
        if self.required and not rows:
            raise ValidationError(self.error_messages["required"])
        found: list[T] = []
        problems: list[str] = []
        for number, row in enumerate(rows, start=1):
            try:
                found.append(self.read(row))
            except Invalid as error:
                problems.append(_said(number, translated(error.message)))
            except ValidationError as error:
                problems.append(_said(number, error.messages[0]))
        if problems:
            raise ValidationError(problems)
        return tuple(found)


def _said(number: int, problem: str) -> str:
    return _("Row %(number)s: %(problem)s") % {"number": number, "problem": problem}
