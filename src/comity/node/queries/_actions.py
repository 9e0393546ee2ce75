# SPDX-License-Identifier: Apache-2.0
"""Buttons: what the officer's roles may do now, and every reason why one is grey."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from comity.assistance.actions import ACTION_FORMS, Input, InputKind
from comity.assistance.decide import available
from comity.assistance.facts import PackageStatus, Situation
from comity.assistance.fields import form_for
from comity.node import permissions
from comity.node.permissions import Officer
from comity.node.queries.views import ActionView
from comity.node.store.models import PackageRow, RequestRow

#: Done on pages of their own.
_NOT_BUTTONS: Final = frozenset({"save_fields"})
_PACKAGES: Final = {
    "confirm_receipt": PackageStatus.VERIFIED,
    "reject_package": PackageStatus.FAILED,
}


def actions(officer: Officer, row: RequestRow, situation: Situation) -> tuple[ActionView, ...]:
    """Return the actions of this officer in the present state, in the table's order."""
    found = []
    for one in available(situation=situation):
        if one.action in _NOT_BUTTONS or not permissions.may(officer, one.action, row):
            continue
        form = ACTION_FORMS[situation.request.direction, one.action]
        inputs = tuple(_filled(entry, one.action, row, situation) for entry in form.inputs)
        found.append(
            ActionView(
                action=one.action,
                label=form.label,
                enabled=one.enabled,
                reasons=one.reasons,
                form=replace(form, inputs=inputs),
            )
        )
    return tuple(found)


def _filled(entry: Input, action: str, row: RequestRow, situation: Situation) -> Input:
    """Return an input with the choices that only the request knows."""
    source = _CHOICES.get(entry.kind)
    return replace(entry, choices=source(action, row, situation)) if source else entry


def _fields(_action: str, _row: RequestRow, situation: Situation) -> tuple[tuple[str, str], ...]:
    return tuple((one.id, one.label) for one in form_for(kind=situation.request.kind))


def _grounds(_action: str, _row: RequestRow, situation: Situation) -> tuple[tuple[str, str], ...]:
    basis = situation.basis
    if basis is None:
        return ()
    return tuple((one.code, f"{one.label} ({one.article})") for one in basis.grounds)


def _packages(action: str, _row: RequestRow, situation: Situation) -> tuple[tuple[str, str], ...]:
    wanted = _PACKAGES[action]
    return tuple(
        (one.id, ", ".join(one.exhibits))
        for one in situation.request.packages
        if one.status is wanted
    )


def _exhibits(action: str, row: RequestRow, _situation: Situation) -> tuple[tuple[str, str], ...]:
    """Exhibits of packages that are ready, assembled for this kind of delivery."""
    ready = PackageRow.objects.filter(
        request=row, direction="outgoing", status="ready", complete=action == "deliver"
    )
    carried = ready.values_list(
        "exhibit_rows__exhibit__number", "exhibit_rows__exhibit__description"
    )
    return tuple(sorted((number, f"{number}: {text}") for number, text in carried))


def _digest(_action: str, row: RequestRow, _situation: Situation) -> tuple[tuple[str, str], ...]:
    return (("digest", row.content_sha256),)


_CHOICES: Final[
    dict[InputKind, Callable[[str, RequestRow, Situation], tuple[tuple[str, str], ...]]]
] = {
    InputKind.FIELD_NAMES: _fields,
    InputKind.GROUND: _grounds,
    InputKind.PACKAGE: _packages,
    InputKind.EXHIBITS: _exhibits,
    InputKind.DIGEST: _digest,
}
