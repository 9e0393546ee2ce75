# SPDX-License-Identifier: Apache-2.0
"""The request's page shows what concerns this side, and tells each officer what stands in the way."""

from __future__ import annotations

import pytest
from django.test import Client

from comity.node.store.models import OfficerRow
from support.officer_walk import Walk, drafted, sent
from support.peer_words import hear_request

MUST = "different officers must approve"
DONE = "These officers approved the contents that were sent."
BOX = 'id="h-approvals"'


@pytest.fixture
def page(walk: Walk):
    """Return a function that opens a request as an officer of the walk."""

    def opened(role: str, request, address: str = "") -> str:
        client = Client()
        client.force_login(
            OfficerRow.objects.get(pk=walk.officers[role].id),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
        answer = client.get(f"/requests/{request.id}/{address}")
        assert answer.status_code == 200
        return answer.content.decode()

    return opened


def test_a_draft_says_that_two_officers_must_approve(walk, page):
    text = page("drafter", drafted(walk, "expedited_preservation"))
    assert MUST in text
    assert "Nobody has approved yet." in text


def test_a_sent_request_says_who_approved_it_and_asks_nobody(walk, page):
    text = page("drafter", sent(walk))
    assert MUST not in text
    assert DONE in text
    assert "A-approver" in text
    assert "Second" in text


def test_an_incoming_request_has_no_box_of_approvals(walk, page):
    text = page("central", hear_request(walk.clock))
    assert BOX not in text
    assert MUST not in text


def test_a_discarded_draft_asks_for_no_approval(walk, page):
    request = drafted(walk, "expedited_preservation")
    walk.act(request, "discard", "drafter")
    assert BOX not in page("drafter", request)
