# SPDX-License-Identifier: Apache-2.0
"""What can be chosen when a request is begun, and what the law said of one."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any, Final

from django.conf import settings

from comity.assistance.labels import state_label
from comity.assistance.model import MEASURES, Direction, Kind, State
from comity.authorities.model import Role
from comity.canonical import json
from comity.canonical.time import Instant
from comity.errors import ComityError
from comity.node import permissions
from comity.node.permissions import Officer
from comity.node.queries import _labels
from comity.node.queries._common import readable_request, visible
from comity.node.queries.views import AssessmentPage, Choice, NewRequestPage
from comity.node.services import law
from comity.node.store.models import PeerRow, RequestRow

_log = logging.getLogger("comity.law")

#: Authorities that a request may be addressed to have one of these roles.
_ASKED: Final = {Role.CENTRAL.value, Role.CONTACT_24_7.value, Role.COMPETENT.value}
#: States of a preservation that no request for mutual assistance can continue.
_NO_PRESERVATION: Final = (
    State.DRAFT,
    State.AWAITING_APPROVAL,
    State.WITHDRAWN,
    State.REFUSED,
    State.DISCARDED,
)


def new_request_page(*, officer: Officer, now: Instant) -> NewRequestPage:  # noqa: ARG001
    """Return the choices of the form; `Refused` for who may not draft."""
    permissions.require(officer, "create")
    pack = law.pack()
    peers = PeerRow.objects.filter(status="known").order_by("state", "name")
    return NewRequestPage(
        kinds=tuple(Choice(value=kind.value, label=_labels.KINDS[kind]) for kind in Kind),
        requested=tuple(
            Choice(value=row.authority, label=row.name, note=row.state)
            for row in peers
            if _ASKED & set(row.roles) and row.state != settings.CONFIG.state
        ),
        measures=tuple(
            (
                kind.value,
                tuple(Choice(value=name, label=pack.measures[name].label) for name in measures),
            )
            for kind, measures in MEASURES.items()
        ),
        offences=tuple(
            Choice(value=name, label=offence.label)
            for name, offence in sorted(pack.offences.items(), key=lambda one: one[1].label)
        ),
        preservations=_preservations(officer),
    )


def assessment(*, officer: Officer, request_id: str) -> AssessmentPage:
    """Return the law's advice as it was stored with the request last."""
    row = readable_request(officer, request_id)
    stored = row.assessment_rows.latest("pk")
    current = stored.pack_digest == law.pack().digest
    advice: Any
    try:
        advice = law.answer_again(stored)
    except ComityError as error:  # what was stored stands, whatever became of its pack
        _log.warning("%s: the answer is shown as it was stored: %s", row.reference, error.message)
        advice = _stored_answer(
            json.read_object(bytes(stored.body), limit=law.MAX_ASSESSMENT_BYTES)
        )
    return AssessmentPage(
        request_id=str(row.pk),
        reference=row.reference,
        title=row.title,
        as_of=stored.as_of,
        assessment=advice,
        chosen_instrument=row.instrument,
        current=current,
    )


def intake(*, officer: Officer) -> tuple[str, ...]:
    """Return the names of the acquisitions that wait in the intake folder."""
    if not officer.roles & permissions.roles_for("lodge_acquisition", "incoming"):
        raise permissions.denied("lodge_acquisition", ["examiner"])
    folder = settings.CONFIG.intake
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.name for path in folder.iterdir() if path.is_dir()))


def _preservations(officer: Officer) -> tuple[Choice, ...]:
    rows = RequestRow.objects.filter(
        visible(officer), direction=Direction.OUTGOING, kind=Kind.PRESERVATION
    ).exclude(state__in=_NO_PRESERVATION)
    return tuple(
        Choice(
            value=str(row.pk),
            label=f"{row.reference}: {row.title}",
            note=state_label(
                direction=Direction.OUTGOING, kind=Kind.PRESERVATION, state=State(row.state)
            ),
        )
        for row in rows.order_by("-created")
    )


def _stored_answer(body: Any) -> Any:
    """An answer of an earlier pack in the shape that a fresh one has."""
    answer = _as_stored(body)
    pack = answer.pack
    answer.pack_name, answer.pack_version, answer.pack_digest = pack.name, pack.version, pack.digest
    for basis in answer.bases:
        basis.requires = basis.fields
    return answer


def _as_stored(value: Any) -> Any:
    """An answer of an earlier pack: the same names, from the stored words."""
    if isinstance(value, dict):
        return SimpleNamespace(**{name: _as_stored(item) for name, item in value.items()})
    if isinstance(value, list):
        return tuple(_as_stored(item) for item in value)
    return value
