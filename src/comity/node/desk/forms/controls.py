# SPDX-License-Identifier: Apache-2.0
"""The controls that forms are made of: one for each kind of answer.

A control never shortens what was typed: text that is too long comes back whole with an error.
Labels and help of the core are translated here, where the form is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from comity.node.desk.words import translated

#: Choices up to this number are shown as buttons, more as a list.
MOST_RADIOS: Final = 6


class _Text(forms.CharField):
    """Text. The browser is not told how long it may be: it would cut off a paste without a word."""

    default_error_messages = {
        "required": _lazy("Fill this in."),
        "max_length": _lazy(
            "This has %(show_value)s characters; at most %(limit_value)s can be sent. Shorten it."
        ),
    }

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Return the attributes without `maxlength`."""
        attributes: dict[str, Any] = super().widget_attrs(widget)
        attributes.pop("maxlength", None)
        return attributes


class LineControl(_Text):
    """One line of text in any script."""

    widget = forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"})


class TextControl(_Text):
    """Text of many lines in any script; nothing but line ends is changed."""

    widget = forms.Textarea(attrs={"dir": "auto", "rows": "6"})


class CodeControl(_Text):
    """One line that is an identifier: always from left to right."""

    widget = forms.TextInput(
        attrs={"dir": "ltr", "class": "identifiers", "autocomplete": "off", "spellcheck": "false"}
    )


class _Picker(forms.widgets.DateTimeBaseInput):
    """A browser's picker; what it could not show is shown as the text that was typed."""

    readable: re.Pattern[str]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return the context of the template, as a line of text where the picker would drop it."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        shown = context["widget"]["value"]
        if shown and not self.readable.fullmatch(shown):
            context["widget"]["type"] = "text"
        return context


class DayWidget(_Picker, forms.DateInput):
    """Picks a date."""

    readable = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class MomentWidget(_Picker, forms.DateTimeInput):
    """Picks a date and a time."""

    readable = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?", re.ASCII)


class DayControl(forms.DateField):
    """A calendar date."""

    default_error_messages = {
        "required": _lazy("Give a date."),
        "invalid": _lazy("This is not a date."),
    }
    widget = DayWidget(attrs={"type": "date", "dir": "ltr"}, format="%Y-%m-%d")

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **options)


class MomentControl(forms.DateTimeField):
    """An instant, typed and kept in UTC."""

    default_error_messages = {
        "required": _lazy("Give date and time in UTC."),
        "invalid": _lazy("This is not a date and time."),
    }
    widget = MomentWidget(
        attrs={"type": "datetime-local", "dir": "ltr", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"
    )

    def __init__(self, **options: Any) -> None:
        formats = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        super().__init__(input_formats=formats, **options)

    def to_python(self, value: Any) -> datetime | None:
        """Read what was typed as UTC, whatever the place of the desk."""
        naive = super().to_python(value)
        return naive.replace(tzinfo=UTC, microsecond=0) if naive else None


class TickControl(forms.BooleanField):
    """A box to tick."""

    is_tick = True


def one_of(choices: Iterable[tuple[str, str]], **options: Any) -> forms.ChoiceField:
    """Return a control for one answer of several."""
    said = [(value, translated(label)) for value, label in choices]
    options.setdefault("error_messages", {"required": _("Choose one.")})
    if len(said) > MOST_RADIOS:
        return forms.ChoiceField(choices=[("", _("Choose…")), *said], **options)
    return forms.ChoiceField(choices=said, widget=forms.RadioSelect, **options)


def some_of(choices: Iterable[tuple[str, str]], **options: Any) -> forms.MultipleChoiceField:
    """Return a control for any number of answers."""
    said = [(value, translated(label)) for value, label in choices]
    options.setdefault("error_messages", {"required": _("Choose at least one.")})
    return forms.MultipleChoiceField(choices=said, widget=forms.CheckboxSelectMultiple, **options)


def yes_no(**options: Any) -> forms.ChoiceField:
    """Return a control for a statement that is made or not made."""
    options.setdefault("error_messages", {"required": _("Choose one.")})
    return forms.ChoiceField(
        choices=[("yes", _("Yes")), ("no", _("No"))], widget=forms.RadioSelect, **options
    )
