# SPDX-License-Identifier: Apache-2.0
"""Labels that the core keeps as data: fields, actions, conditions, the law's vocabulary."""

from __future__ import annotations

from collections.abc import Iterator

Labelled = tuple[str, str]
"""Place, text."""


def vocabulary() -> Iterator[Labelled]:
    """Yield every label with the module it comes from."""
    yield from _fields()
    yield from _made_of_two()
    yield from _actions()


def _fields() -> Iterator[Labelled]:
    from comity.assistance.field_catalogue import FIELDS, Section

    place = "src/comity/assistance/field_catalogue.py"
    for section in Section:
        yield place, section.value
    for field in FIELDS.values():
        for text in (field.label, field.help, *dict(field.choices).values()):
            yield place, text
        if field.missing != f"{field.label} is missing":
            yield place, field.missing
    yield place, "{label} is missing"


def _actions() -> Iterator[Labelled]:
    from comity.assistance.actions import ACTION_FORMS, CONDITION_LABELS

    place = "src/comity/assistance/actions.py"
    for text in CONDITION_LABELS.values():
        yield place, text
    for form in ACTION_FORMS.values():
        yield place, form.label
        yield place, form.explanation
        for entry in form.inputs:
            for text in (entry.label, entry.help, *dict(entry.choices).values()):
                yield place, text


def _made_of_two() -> Iterator[Labelled]:
    """Yield the sentences that guards put together from a sentence and a citation."""
    place = "src/comity/assistance/guards.py"
    yield place, "{reason} ({instrument}, art. {article})"
    yield place, "{reason} (needed in practice; {instrument}, art. {article})"
    yield "src/comity/node/permissions.py", "this needs the role {roles}"
