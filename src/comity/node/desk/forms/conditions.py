# SPDX-License-Identifier: Apache-2.0
"""Conditions on the use of what is given, one a row: kind, text, article."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from comity.assistance.actions import CONDITION_LABELS
from comity.assistance.model import MAX_CONDITIONS, Condition, ConditionKind
from comity.canonical.ids import new_object_id
from comity.canonical.text import tidy_text
from comity.node.desk.forms.rows import Column, Row, RowsControl, RowsWidget
from comity.node.desk.words import translated


def conditions(**options: Any) -> RowsControl[Condition]:
    """Return a control for conditions; the answer is a tuple of `Condition`."""
    kinds = tuple((kind.value, translated(text)) for kind, text in CONDITION_LABELS.items())
    columns = (
        Column("kind", _("Kind"), "select", kinds),
        Column("text", _("The condition in words"), "text", look="grow"),
        Column("article", _("Article"), "line", look="narrow-cell"),
    )
    widget = RowsWidget(columns, entry=_("Condition"), most=MAX_CONDITIONS)
    return RowsControl(widget, read=_condition, write=_row, **options)


def _condition(row: Row) -> Condition:
    if row["kind"] not in {kind.value for kind in ConditionKind}:
        raise ValidationError(_("the kind is not one of the list"))
    if not row["text"].strip():
        raise ValidationError(_("the words of the condition are missing"))
    return Condition(
        id=new_object_id(),
        kind=ConditionKind(row["kind"]),
        text=tidy_text(row["text"]),
        article=row["article"].strip() or "28(2)",
    )


def _row(condition: Condition) -> Row:
    return {"kind": condition.kind.value, "text": condition.text, "article": condition.article}
