# SPDX-License-Identifier: Apache-2.0
"""The form of one officer action, made from `comity.assistance.actions`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, Final

from django import forms
from django.forms.boundfield import BoundField

from comity.assistance.actions import ActionForm, Input, InputKind
from comity.node.desk.forms import controls
from comity.node.desk.forms.conditions import conditions
from comity.node.desk.forms.fields import control
from comity.node.desk.forms.form import Data, DeskForm
from comity.node.desk.words import say, translated
from comity.node.queries.views import RequestPage

#: Names of the controls that correct fields of the request.
_FIELD: Final = "field-"


class ActionInputs(DeskForm):
    """Everything an action asks of the officer; `asked` names fields that a question is about."""

    def __init__(
        self,
        action: ActionForm,
        page: RequestPage,
        data: Data = None,
        *,
        asked: Collection[str] = (),
    ) -> None:
        super().__init__(data)
        self.action = action
        self._asked = {_FIELD + name for name in asked}
        for entry in action.inputs:
            if entry.kind is InputKind.FIELDS:
                self._add_fields(page)
            elif entry.kind is InputKind.DIGEST:
                self.fields[entry.id] = forms.CharField(
                    widget=forms.HiddenInput, initial=dict(entry.choices)[entry.id]
                )
            else:
                self.fields[entry.id] = _control(entry)

    def arguments(self) -> dict[str, Any]:
        """Return the answers under the names that the service takes."""
        answers = dict(self.cleaned_data)
        for entry in self.action.inputs:
            if entry.kind is InputKind.FIELDS:
                answers[entry.id] = self._corrected()
        return {entry.id: answers[entry.id] for entry in self.action.inputs}

    def leading(self) -> list[BoundField]:
        """Return what is asked in any case: the action's own inputs, then the fields asked for."""
        own = [self[name] for name in self.fields if not name.startswith(_FIELD)]
        return own + [self[name] for name in self.fields if name in self._asked]

    def folded(self) -> list[BoundField]:
        """Return the other fields of the request, which few answers need."""
        further = (name for name in self.fields if name.startswith(_FIELD))
        return [self[name] for name in further if name not in self._asked]

    def folded_wrong(self) -> bool:
        """Return whether something folded away was refused, so that it must be seen."""
        return any(field.errors for field in self.folded())

    def _add_fields(self, page: RequestPage) -> None:
        for section in page.sections:
            for view in section.fields:
                made = control(replace(view, required=False, article=""))
                made.further = True  # type: ignore[attr-defined]
                self.fields[_FIELD + view.id] = made

    def _corrected(self) -> dict[str, Any]:
        return {
            name.removeprefix(_FIELD): value
            for name, value in self.cleaned_data.items()
            if name.startswith(_FIELD) and value
        }


def _control(entry: Input) -> forms.Field:
    options: dict[str, Any] = {
        "label": translated(entry.label),
        "help_text": say(entry.help),
        "required": entry.required,
    }
    if entry.max_length:
        options["max_length"] = entry.max_length
    simple = _SIMPLE.get(entry.kind)
    if simple is not None:
        return simple(**options)
    many = entry.kind in {InputKind.FIELD_NAMES, InputKind.EXHIBITS}
    return (controls.some_of if many else controls.one_of)(entry.choices, **options)


_SIMPLE: Final[dict[InputKind, Callable[..., forms.Field]]] = {
    InputKind.TEXT: controls.LineControl,
    InputKind.LONG: controls.TextControl,
    InputKind.DATE: controls.DayControl,
    InputKind.INSTANT: controls.MomentControl,
    InputKind.CONDITIONS: conditions,
}
