# SPDX-License-Identifier: Apache-2.0
"""The form that begins a request."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from comity.node.desk import labels
from comity.node.desk.forms import controls
from comity.node.desk.forms.form import Data, DeskForm
from comity.node.desk.words import translated
from comity.node.queries.views import Choice, NewRequestPage, RequestPage


class NewRequestForm(DeskForm):
    """Kind, other side, measure, offences, title, and the preservation it continues."""

    def __init__(self, page: NewRequestPage, data: Data = None) -> None:
        super().__init__(data)
        self.page = page
        self.fields["title"] = _title("")
        self.fields["requested"] = controls.one_of(
            _pairs(page.requested), label=_("Which authority is asked")
        )
        self.fields["measure"] = controls.one_of(_measures(page), label=_("What is asked"))
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
        """Name the kind of request that the measure belongs to."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for kind, measures in self.page.measures:
            if data.get("measure") in {choice.value for choice in measures}:
                data["kind"] = kind
        data["preservation_of"] = data.get("preservation_of") or None
        data["offences"] = tuple(data.get("offences", ()))
        return data


def _measures(page: NewRequestPage) -> list[tuple[str, str]]:
    """Every measure with the kind of request that asks for it."""
    kinds = {choice.value: choice.label for choice in page.kinds}
    return [
        (choice.value, f"{translated(kinds[kind])}: {translated(choice.label)}")
        if len(measures) > 1
        else (choice.value, choice.label)
        for kind, measures in page.measures
        for choice in measures
    ]


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
