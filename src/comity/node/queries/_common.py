# SPDX-License-Identifier: Apache-2.0
"""What several queries share: who may see what, parties, finality of ledger entries."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Max, Q
from django.db.models.functions import Coalesce

from comity.canonical.ids import parse_object_id
from comity.node import permissions
from comity.node.permissions import Officer
from comity.node.queries.views import PartyView, Turn
from comity.node.store.models import OfficerRow, PeerRow, RequestRow


def visible(officer: Officer) -> Q:
    """Return the condition on requests that this officer may see."""
    condition = Q(pk__in=[])
    for direction, states in permissions.readable(officer).items():
        allowed = Q(direction=direction)
        condition |= allowed if states is None else allowed & Q(state__in=states)
    return condition


def readable_request(officer: Officer, request_id: str) -> RequestRow:
    """Return a request that the officer may see.

    Raises `Refused` (`permission.denied`) for one they may not see and for one that
    is not there: which of the two it is is not told. `newest` of the row is the number of its
    newest event at this moment: whatever happens during later reads counts as new.
    """
    identifier = parse_object_id(str(request_id), what="request")
    rows = RequestRow.objects.select_related("assigned_to").annotate(
        newest=Coalesce(Max("timeline_rows"), 0)
    )
    row = rows.filter(pk=identifier).first()
    if row is None or not permissions.may_read(officer, row):
        raise permissions.denied("read", [])
    return row


class Parties:
    """Authorities as an officer reads them; asks the register once."""

    def __init__(self) -> None:
        self._peers = {row.authority: row for row in PeerRow.objects.all()}

    def view(self, authority: str) -> PartyView:
        """Return an authority by its name."""
        if authority == settings.CONFIG.authority:
            return PartyView(authority, settings.CONFIG.name, settings.CONFIG.state)
        row = self._peers.get(authority)
        if row is None:
            return PartyView(authority, authority, authority[:2].upper())
        return PartyView(authority, row.name, row.state)


def turn_of(row: RequestRow) -> Turn:
    """Return whose move it is, seen from here."""
    if row.turn == "system":
        return "nobody"
    ours = "requesting" if row.direction == "outgoing" else "requested"
    return "ours" if row.turn == ours else "theirs"


def names() -> dict[str, OfficerRow]:
    """Return every officer by identifier, for timelines."""
    return {str(row.pk): row for row in OfficerRow.objects.prefetch_related("role_rows")}
