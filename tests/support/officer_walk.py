# SPDX-License-Identifier: Apache-2.0
"""Officers at work: takes actions through the services, and sees that nobody else can."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from comity.assistance.events import EVENT_OF
from comity.assistance.facts import RequestFacts
from comity.assistance.messages import Acknowledgement
from comity.assistance.model import Direction
from comity.errors import Refused
from comity.node import permissions
from comity.node.permissions import Role
from support.peer_words import hear

FIELDS = {
    "offence": "Fraud, section 12",
    "facts_summary": "Buyers were defrauded.",
    "data_description": "One mailbox.",
    "data_link_offence": "Confirmations were sent to it.",
    "custodian_location": "A provider in the capital.",
    "necessity": "It is deleted after thirty days.",
    "intent_mla": "yes",
    "assistance_sought": "The contents of the mailbox.",
    "purpose": "Proof of the payments.",
}


@dataclass
class Walk:
    """Takes actions as officers do and remembers what was taken."""

    clock: Any
    officers: dict[str, permissions.Officer]
    taken: set[tuple[Direction, str]] = field(default_factory=set)

    def act(self, request: RequestFacts, action: str, role: str, **inputs: Any) -> RequestFacts:
        """Take an action: first as everybody who may not, then as `role`."""
        from comity.node.services.assistance import OFFICER_ACTIONS
        from comity.node.store.models import AuditRow, LedgerEntryRow, RequestRow

        row = RequestRow.objects.get(pk=request.id)
        direction = Direction(row.direction)
        self._refuse_others(row, action, inputs)
        before = AuditRow.objects.count()
        entries = LedgerEntryRow.objects.count()
        service = OFFICER_ACTIONS[direction, action]
        done = service(
            officer=self.officers[role], now=self.clock.now(), request_id=request.id, **inputs
        )
        event = EVENT_OF[direction, action]
        recorded = AuditRow.objects.filter(request=request.id, event=event).latest("pk")
        assert AuditRow.objects.count() > before, f"{action} left no event"
        assert LedgerEntryRow.objects.count() - entries == AuditRow.objects.count() - before
        entry = LedgerEntryRow.objects.get(index=recorded.leaf_index)
        assert entry.leaf_sha256 == recorded.leaf_sha256
        assert str(recorded.officer_id) == self.officers[role].id
        self.taken.add((direction, action))
        return done

    def _refuse_others(self, row: Any, action: str, inputs: dict[str, Any]) -> None:
        from comity.node.services.assistance import OFFICER_ACTIONS
        from comity.node.store.models import AuditRow

        allowed = permissions.roles_for(action, row.direction)
        assert allowed, f"{action} is open to no role"
        before = AuditRow.objects.count()
        for role in Role:
            if role in allowed:
                continue
            with pytest.raises(Refused) as refused:
                OFFICER_ACTIONS[Direction(row.direction), action](
                    officer=self.officers[role],
                    now=self.clock.now(),
                    request_id=str(row.pk),
                    **inputs,
                )
            assert refused.value.code == "permission.denied", (action, role)
        assert AuditRow.objects.count() == before


def drafted(walk: Walk, measure: str) -> RequestFacts:
    """Draft a request to Meridia with every field that its basis wants."""
    from comity.node.services import assistance

    preserving = measure == "expedited_preservation"
    request = assistance.create_request(
        officer=walk.officers["drafter"],
        now=walk.clock.now(),
        kind="preservation" if preserving else "mutual_assistance",
        requested="xm.moj",
        measure=measure,
        offences=["computer_fraud"],
        title="A mailbox",
    )
    return walk.act(request, "save_fields", "drafter", fields=FIELDS, version=1)


def sent(walk: Walk, measure: str = "stored_computer_data") -> RequestFacts:
    """Send a request to Meridia."""
    from comity.node.store.models import RequestRow

    request = drafted(walk, measure)
    walk.act(request, "submit", "drafter")
    walk.act(request, "return_to_draft", "approver", reasons="Say more.")
    walk.act(request, "submit", "drafter")
    digest = RequestRow.objects.get(pk=request.id).content_sha256
    walk.act(request, "approve", "approver", digest=digest)
    walk.act(request, "approve", "second", digest=digest)
    return walk.act(request, "send", "approver")


def acknowledged(walk: Walk, request: RequestFacts) -> None:
    """Hear Meridia's acknowledgement."""
    hear(
        walk.clock,
        Acknowledgement(
            request_id=request.id,
            local_reference="M 7/26",
            handled_by="Unit 2",
            received=walk.clock.now(),
        ),
    )
