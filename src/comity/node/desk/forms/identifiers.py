# SPDX-License-Identifier: Apache-2.0
"""Identifiers that a provider can act on, one a row: kind, value, port, from and until in UTC."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from comity.assistance.identifiers import MAX_IDENTIFIERS, Identifier, IdentifierKind
from comity.canonical.time import Instant, write_instant
from comity.node.desk.forms.controls import MomentControl
from comity.node.desk.forms.rows import Column, Row, RowsControl, RowsWidget
from comity.node.desk.labels import label


def identifiers(**options: Any) -> RowsControl[Identifier]:
    """Return a control for identifiers; the answer is a tuple of `Identifier`."""
    columns = (
        Column("kind", _("Kind"), "select", _kinds()),
        Column("value", _("Identifier"), "code", look="grow"),
        Column("port", _("Port"), "code", look="narrow-cell"),
        Column("since", _("From (UTC)"), "moment"),
        Column("until", _("Until (UTC)"), "moment"),
    )
    widget = RowsWidget(columns, entry=_("Identifier"), most=MAX_IDENTIFIERS)
    return RowsControl(widget, read=_identifier, write=_row, **options)


def _identifier(row: Row) -> Identifier:
    port = row["port"].strip()
    if row["kind"] not in dict(_kinds()):
        raise ValidationError(_("the kind is not one of the list"))
    if not row["value"].strip():
        raise ValidationError(_("the identifier itself is missing"))
    if port and not (port.isascii() and port.isdigit()):
        raise ValidationError(_("the port is not a number"))
    return Identifier(
        kind=IdentifierKind(row["kind"]),
        value=row["value"].strip(),
        port=int(port) if port else None,
        since=_moment(row["since"]),
        until=_moment(row["until"]),
    )


def _moment(text: str) -> Instant | None:
    return MomentControl(required=False).clean(text.strip().removesuffix("Z"))


def _row(identifier: Identifier) -> Row:
    return {
        "kind": identifier.kind.value,
        "value": identifier.value,
        "port": str(identifier.port or ""),
        "since": _typed(identifier.since),
        "until": _typed(identifier.until),
    }


def _typed(instant: Instant | None) -> str:
    return write_instant(instant).removesuffix("Z") if instant else ""


def _kinds() -> tuple[tuple[str, str], ...]:
    return tuple((kind.value, label("identifier", kind.value)) for kind in IdentifierKind)
