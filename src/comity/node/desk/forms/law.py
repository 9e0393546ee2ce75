# SPDX-License-Identifier: Apache-2.0
"""Questions to the law, as addresses carry them: a day, a pair of states, a measure, offences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from comity.node.desk.forms import controls
from comity.node.desk.forms.form import DeskForm
from comity.node.desk.law_words import coded_text
from comity.node.queries.law_views import Vocabulary

#: First part of the names of fields that state a fact of the case: `fact-security_measures=yes`.
FACT: Final = "fact-"
_MOST_MONTHS: Final = 1200
_LONGEST_SEARCH: Final = 100


class LawForm(DeskForm):
    """A question that an address carries: what is missing in it has a default."""

    def __init__(self, data: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
        filled = data.copy() if hasattr(data, "copy") else dict(data)
        for name, value in defaults.items():
            if name not in filled:
                filled[name] = value
        super().__init__(filled)


class DayForm(LawForm):
    """On which day the law is looked at."""

    on = controls.DayControl(label=_lazy("On the day"))

    def __init__(self, data: Mapping[str, Any], today: date) -> None:
        super().__init__(data, {"on": today.isoformat()})


class SearchForm(DayForm):
    """Words to look for, and the day."""

    q = forms.CharField(
        label=_lazy("Words in the name or number"),
        required=False,
        max_length=_LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"type": "search", "dir": "auto", "autocomplete": "off"}),
    )


class AskForm(LawForm):
    """Who asks whom for what, for which offences, on which day, with which facts."""

    def __init__(
        self,
        data: Mapping[str, Any],
        known: Vocabulary,
        *,
        own: str,
        today: date,
        missing: Iterable[str] = (),
    ) -> None:
        super().__init__(data, {"from": own, "on": today.isoformat()})
        self.fields["from"] = choice(known.states, "state", label=_("The state that asks"))
        self.fields["to"] = choice(known.states, "state", label=_("The state that is asked"))
        self.fields["measure"] = choice(known.measures, "measure", label=_("Measure"))
        self.fields["offence"] = several(known.offences, "offence", label=_("Offences"))
        self.fields["months"] = forms.IntegerField(
            label=_("Maximum penalty in the state that asks, in months of imprisonment"),
            required=False,
            min_value=0,
            max_value=_MOST_MONTHS,
            widget=forms.NumberInput(attrs={"dir": "ltr"}),
        )
        self.fields["on"] = controls.DayControl(label=_("On the day"))
        given = [name.removeprefix(FACT) for name in data if name.startswith(FACT)]
        for element in dict.fromkeys([*given, *missing]):
            if element in known.elements:
                self.fields[FACT + element] = _fact(element)

    def clean(self) -> dict[str, Any]:
        """Refuse a state that asks itself."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("from") and cleaned.get("from") == cleaned.get("to"):
            self.add_error("to", _("Choose another state than the one that asks."))
        return cleaned

    def facts(self, answer: str) -> frozenset[str]:
        """Return the facts of the case that were answered with `yes` or `no`."""
        return frozenset(
            name.removeprefix(FACT)
            for name, value in self.cleaned_data.items()
            if name.startswith(FACT) and value == answer
        )


class CompareForm(LawForm):
    """Two states, offences (all, if none is named), a day."""

    def __init__(
        self, data: Mapping[str, Any], known: Vocabulary, *, own: str, today: date
    ) -> None:
        super().__init__(data, {"first": own, "on": today.isoformat()})
        self.fields["first"] = choice(known.states, "state", label=_("One state"))
        self.fields["second"] = choice(known.states, "state", label=_("The other state"))
        self.fields["offence"] = several(known.offences, "offence", label=_("Offences"))
        self.fields["offence"].help_text = _("All offences, if none is chosen.")
        self.fields["on"] = controls.DayControl(label=_("On the day"))

    def clean(self) -> dict[str, Any]:
        """Refuse a state beside itself."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("first") and cleaned.get("first") == cleaned.get("second"):
            self.add_error("second", _("Choose two different states."))
        return cleaned


class ReachForm(LawForm):
    """Which measure, for which offence, on which day."""

    def __init__(
        self, data: Mapping[str, Any], known: Vocabulary, *, measure: str, today: date
    ) -> None:
        super().__init__(data, {"measure": measure, "on": today.isoformat()})
        self.fields["measure"] = choice(known.measures, "measure", label=_("Measure"))
        self.fields["offence"] = choice(
            known.offences, "offence", label=_("Offence"), required=False
        )
        self.fields["on"] = controls.DayControl(label=_("On the day"))


def choice(codes: Iterable[str], vocabulary: str, **options: Any) -> forms.ChoiceField:
    """Return a list of coded values by their labels, in the order of the reader's alphabet."""
    messages = {"required": _("Choose one."), "invalid_choice": _("%(value)s is not known here.")}
    return forms.ChoiceField(
        choices=[("", _("Choose…")), *_labelled(codes, vocabulary)],
        error_messages=messages,
        **options,
    )


def several(codes: Iterable[str], vocabulary: str, **options: Any) -> forms.MultipleChoiceField:
    """Return boxes to tick for coded values."""
    return forms.MultipleChoiceField(
        choices=_labelled(codes, vocabulary),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("%(value)s is not known here.")},
        **options,
    )


def _labelled(codes: Iterable[str], vocabulary: str) -> list[tuple[str, str]]:
    return sorted(((code, coded_text(code, vocabulary)) for code in codes), key=lambda one: one[1])


def _fact(element: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=coded_text(element, "element"),
        required=False,
        choices=[("", _("Not stated")), ("yes", _("The case shows it")), ("no", _("It does not"))],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("%(value)s is not known here.")},
    )
