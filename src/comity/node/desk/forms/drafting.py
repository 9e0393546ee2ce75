# SPDX-License-Identifier: Apache-2.0
"""The form that begins a request."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from comity.node.desk import labels
from comity.node.desk.forms import controls
from comity.node.desk.forms.form import Data, DeskForm
from comity.node.queries.views import Choice, NewRequestPage, RequestPage


class NewRequestForm(DeskForm):
    """Kind, other side, measure, offences, title, and the preservation it continues."""

    def __init__(self, page: NewRequestPage, data: Data = None) -> None:
        super().__init__(data)
        self.page = page
        measures = [choice for _kind, group in page.measures for choice in group]
        self.fields["title"] = _title("")
        self.fields["requested"] = controls.one_of(
            _pairs(page.requested), label=_("Which authority is asked")
        )
        self.fields["kind"] = controls.one_of(_pairs(page.kinds), label=_("What is asked"))
        self.fields["measure"] = controls.one_of(
            _pairs(measures), label=_("Measure"), help_text=_("It must belong to the kind above.")
        )
        self.fields["offences"] = controls.some_of(
            _pairs(page.offences), label=_("Offences under investigation")
        )
        self.fields["urgency"] = _urgency("ordinary")
        if page.preservations:
            self.fields["preservation_of"] = controls.one_of(
                _pairs(page.preservations),
                label=_("Continues the preservation"),
                help_text=_("The data stays preserved until this request is decided."),
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """Refuse a measure that does not belong to the kind."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        measures = dict(self.page.measures).get(data.get("kind", ""), ())
        if data.get("measure") and data["measure"] not in {choice.value for choice in measures}:
            known = ", ".join(choice.label for choice in measures)
            self.add_error(
                "measure",
                ValidationError(_("This kind of request has: %(known)s."), params={"known": known}),
            )
        data["preservation_of"] = data.get("preservation_of") or None
        data["offences"] = tuple(data.get("offences", ()))
        return data


class AboutForm(DeskForm):
    """Title and speed of a draft."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, page: RequestPage, data: Data = None) -> None:
        super().__init__(data, initial={"version": page.version})
        self.fields["title"] = _title(page.title)
        self.fields["urgency"] = _urgency(page.urgency)


def _title(initial: str) -> forms.Field:
    return controls.LineControl(
        label=_("Title"),
        max_length=200,
        initial=initial,
        help_text=_("It is sent as the subject of the request, so no names of persons."),
    )


def _urgency(initial: str) -> forms.Field:
    return controls.one_of(
        [(name, labels.label("urgency", name)) for name in ("ordinary", "expedited", "urgent")],
        label=_("How fast"),
        help_text=_("The reason for haste is then asked for in the draft."),
        initial=initial,
    )


def _pairs(choices: tuple[Choice, ...] | list[Choice]) -> list[tuple[str, str]]:
    return [
        (choice.value, f"{choice.label} ({choice.note})" if choice.note else choice.label)
        for choice in choices
    ]
