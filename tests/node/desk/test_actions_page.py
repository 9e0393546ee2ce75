# SPDX-License-Identifier: Apache-2.0
"""The page of one action: why it cannot be now, what it answers, what is said afterwards."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from comity.node.services import assistance
from comity.node.store.models import OfficerRow
from support.officer_walk import Walk, drafted, sent
from support.peer_words import hear_request


@pytest.fixture
def seat(walk: Walk):
    """Return a function that signs an officer of the walk in."""

    def sit_down(role: str) -> Client:
        client = Client()
        client.force_login(
            OfficerRow.objects.get(pk=walk.officers[role].id),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
        return client

    return sit_down


def words(answer) -> str:
    main = BeautifulSoup(answer.content, "html.parser").find("main")
    return " ".join(main.get_text(" ").split())


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_right_role_at_the_wrong_time_is_told_the_time(walk, seat, method):
    request = sent(walk)
    answer = getattr(seat("drafter"), method)(f"/requests/{request.id}/do/discard/")
    assert answer.status_code == 409
    text = words(answer)
    assert "role" not in text
    assert "This request is now: Sent." in text
    assert "“Discard the draft” is possible only while it is: Draft." in text
    assert f'href="/requests/{request.id}/"' in answer.content.decode()


def test_an_open_question_stands_in_the_way_of_accepting(walk, seat):
    request = hear_request(walk.clock)
    walk.act(
        request, "acknowledge", "central", local_reference="V 1/26", handled_by="Unit 2",
        next_step="",
    )  # fmt: skip
    assistance.request_information(
        officer=walk.officers["central"],
        now=walk.clock.now(),
        request_id=request.id,
        question="Which mailbox?",
        about=(),
        data_held="yes",
        reply_by=walk.clock.now().replace(year=walk.clock.now().year + 1),
    )
    answer = seat("central").get(f"/requests/{request.id}/do/accept/")
    assert answer.status_code == 409
    text = words(answer)
    assert "This request is now: Waiting for an answer." in text
    assert "“Accept” is possible only while it is: Acknowledged." in text


def test_another_role_is_still_told_the_role(walk, seat):
    request = sent(walk)
    answer = seat("supervisor").get(f"/requests/{request.id}/do/discard/")
    assert answer.status_code == 403
    assert "It needs the role: Drafter" in words(answer)


@pytest.mark.parametrize("action", ["save_fields", "choose_basis"])
def test_what_has_no_page_of_its_own_is_not_here(walk, seat, action):
    request = drafted(walk, "stored_computer_data")
    assert seat("drafter").get(f"/requests/{request.id}/do/{action}/").status_code == 404
