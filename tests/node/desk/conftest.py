# SPDX-License-Identifier: Apache-2.0
"""Officers at the desk of the test node, through Django's own client."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from comity.node.permissions import Officer
from comity.node.services import assistance
from comity.node.store.models import OfficerRow
from support.clock import SetClock

Desk = Callable[..., Client]

#: Answers that make a preservation complete.
FIELDS = {
    "requesting_authority": "Ministry of Justice of Valdoria",
    "offence": "Fraud",
    "facts_summary": "Forged invoices.",
    "data_description": "The disk",
    "data_link_offence": "It sent them.",
    "necessity": "It is erased.",
    "intent_mla": "yes",
}


@pytest.fixture
def desk(officer: Callable[..., Officer]) -> Desk:
    """Return a function that signs an officer with the given roles in."""

    def sit_down(login: str, *roles: str) -> Client:
        made = officer(login, *roles)
        client = Client()
        client.force_login(
            OfficerRow.objects.get(pk=made.id),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
        client.officer = made  # type: ignore[attr-defined]
        return client

    return sit_down


@pytest.fixture
def draft(node: SetClock) -> Callable[..., str]:
    """Return a function that begins a preservation; it returns the request's identifier."""

    def begin(officer: Officer, *, complete: bool = False, title: str = "Keep the disk") -> str:
        request = assistance.create_request(
            officer=officer,
            now=node.now(),
            kind="preservation",
            requested="xm.moj",
            measure="expedited_preservation",
            offences=("computer_fraud",),
            title=title,
        )
        if complete:
            assistance.save_fields(
                officer=officer, now=node.now(), request_id=request.id, fields=FIELDS, version=1
            )
        return str(request.id)

    return begin
