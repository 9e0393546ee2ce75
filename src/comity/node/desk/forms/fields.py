# SPDX-License-Identifier: Apache-2.0
"""The form of one section of a request, made from the core's description of its fields.

Nothing is ever required here: a draft may be saved half done, and what the law still misses
stands in the checklist. Only what cannot be stored is refused, and the rest is saved all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from comity.errors import Invalid
from comity.node.desk.bidi import prose
from comity.node.desk.formats import article
from comity.node.desk.forms import controls
from comity.node.desk.forms.form import Data, DeskForm
from comity.node.desk.forms.identifiers import identifiers
from comity.node.desk.words import say, translated
from comity.node.queries.views import FieldView


def control(view: FieldView) -> forms.Field:
    """Return the control for one field, without its present value."""
    options: dict[str, Any] = {
        "label": translated(view.label),
        "help_text": format_html_join(mark_safe("<br>"), "{}", ((one,) for one in _help(view))),
        "required": False,
    }
    made = _KINDS[view.kind](view, options)
    made.needed = view.required  # type: ignore[attr-defined]
    return made


def _help(view: FieldView) -> Iterator[SafeString]:
    """What the field is for, and who asks for it."""
    if view.help:
        yield say(view.help)
    if view.article:
        yield format_html(_("Required by {}."), article(view.article))
    elif view.required:
        yield prose(_("The request cannot be sent without it."))


class FieldsForm(DeskForm):
    """The fields of one section, with what was saved or what was typed."""

    def __init__(self, fields: Iterable[FieldView], data: Data = None) -> None:
        views = tuple(fields)
        super().__init__(data, initial={view.id: _initial(view) for view in views})
        for view in views:
            self.fields[view.id] = control(view)

    def refuse(self, error: Invalid) -> bool:
        """Mark the field that the core refused; it no longer counts as given."""
        name = str(error.details.get("field", ""))
        if name not in self.cleaned_data:
            return False
        self.add_error(name, translated(error.message))
        return True

    def given(self) -> dict[str, Any]:
        """Return the answers that can be stored; blank ones are empty."""
        self.is_valid()
        return dict(self.cleaned_data)


def _initial(view: FieldView) -> object:
    """The stored answer as its control shows it."""
    if view.kind == "yes_no" and isinstance(view.value, bool):
        return "yes" if view.value else "no"
    return view.value


def _line(view: FieldView, options: dict[str, Any]) -> forms.Field:
    return controls.LineControl(max_length=view.max_length or None, **options)


def _text(view: FieldView, options: dict[str, Any]) -> forms.Field:
    return controls.TextControl(max_length=view.max_length or None, **options)


def _choice(view: FieldView, options: dict[str, Any]) -> forms.Field:
    choices = [(choice.value, choice.label) for choice in view.choices]
    return controls.one_of(choices, **options)


_KINDS = {
    "text": _line,
    "long": _text,
    "date": lambda _view, options: controls.DayControl(**options),
    "choice": _choice,
    "yes_no": lambda _view, options: controls.yes_no(**options),
    "identifiers": lambda _view, options: identifiers(**options),
}
