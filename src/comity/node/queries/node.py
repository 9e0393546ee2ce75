# SPDX-License-Identifier: Apache-2.0
"""The node's own pages: ledger, peers, officers."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from comity.node import permissions
from comity.node.clock import clock
from comity.node.permissions import Officer
from comity.node.queries import _labels
from comity.node.queries._common import Parties, visible
from comity.node.queries.node_views import LedgerEntryView, LedgerPage, PeerView, WitnessView
from comity.node.queries.views import OfficerView
from comity.node.services import ledger
from comity.node.store.models import (
    AuditRow,
    DispatchRow,
    KeyStatementRow,
    OfficerRow,
    PeerRow,
    RequestRow,
)
from comity.protocol.delivery import AWAITING, OPEN

#: Entries shown on the ledger's page.
MAX_ENTRIES: Final = 200
_UNDER_WAY: Final = [state.value for state in OPEN | AWAITING]


def ledger_page(*, officer: Officer) -> LedgerPage:
    """Return the log of this authority, its witnesses and its newest entries."""
    permissions.require(officer, "ledger.read")
    state = ledger.status()
    parties = Parties()
    rows = AuditRow.objects.order_by("-leaf_index")[:MAX_ENTRIES]
    seen = dict(
        RequestRow.objects.filter(
            visible(officer), pk__in=[row.request for row in rows if row.request]
        ).values_list("pk", "reference")
    )
    return LedgerPage(
        origin=state.origin,
        sequenced=state.sequenced,
        integrated=state.integrated,
        final=state.final,
        root_sha256=state.root_sha256,
        checkpoint=state.checkpoint,
        published=state.published,
        quorum=settings.CONFIG.quorum,
        witnesses=tuple(
            WitnessView(
                authority=one.authority,
                name=parties.view(one.authority).name,
                size=one.size,
                at=one.at,
            )
            for one in state.witnesses
        ),
        entries=tuple(
            LedgerEntryView(
                index=row.leaf_index,
                at=row.at,
                event=row.event,
                label=_labels.event_label(row.event),
                reference=seen.get(row.request, "") if row.request else "",
                leaf_sha256=row.leaf_sha256,
                status=_status(row.leaf_index, state.integrated, state.final),
            )
            for row in rows
        ),
    )


def ledger_proof(*, officer: Officer, index: int) -> bytes:
    """Return the proof of an entry, with its opening, to an officer who may see its case."""
    permissions.require(officer, "ledger.read")
    row = AuditRow.objects.filter(leaf_index=index).first()
    if row is None:
        raise permissions.denied("ledger.read", [])
    if row.request is not None:
        shown = RequestRow.objects.filter(visible(officer), pk=row.request)
        if not shown.exists():
            raise permissions.denied("ledger.read", [])
    return ledger.proof(index)


def peers(*, officer: Officer) -> tuple[PeerView, ...]:
    """Return the peers and the state of the line to each."""
    permissions.require(officer, "peers.read")
    now = clock().now()
    parties = Parties()
    expiry = {
        (row.authority, row.serial): row.expires for row in KeyStatementRow.objects.order_by("pk")
    }
    found = []
    for row in PeerRow.objects.order_by("state", "name"):
        expires = expiry[row.authority, row.serial]
        waiting = DispatchRow.objects.filter(peer=row.authority, state__in=_UNDER_WAY).count()
        found.append(
            PeerView(
                party=parties.view(row.authority),
                roles=tuple(row.roles),
                serial=row.serial,
                statement_expires=expires,
                wire_url=_wire_url(row.authority),
                status="expired" if row.status == "known" and expires <= now else row.status,
                last_heard=row.last_heard,
                clock_difference=row.clock_difference,
                waiting=waiting,
                last_problem=row.last_problem,
            )
        )
    return tuple(found)


def officers(*, officer: Officer) -> tuple[OfficerView, ...]:
    """Return every account, to who manages them."""
    permissions.require(officer, "officers.manage")
    rows = OfficerRow.objects.filter(is_active=True).order_by("login")
    return tuple(
        OfficerView(
            id=str(row.pk),
            login=row.login,
            name=row.name,
            roles=tuple(sorted(one.role for one in row.role_rows.all())),
        )
        for row in rows.prefetch_related("role_rows")
    )


def _status(index: int, integrated: int, final: int) -> str:
    if index < final:
        return "final"
    return "integrated" if index < integrated else "sequenced"


def _wire_url(authority: str) -> str:
    from comity.errors import Unverified
    from comity.node.services import register

    try:
        return register.statement_of(authority).wire_url or ""
    except Unverified:
        return ""  # in quarantine: its address is not to be used
