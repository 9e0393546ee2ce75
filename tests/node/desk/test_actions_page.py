# SPDX-License-Identifier: Apache-2.0
"""The page of one action: why it cannot be now, what it answers, what is said afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from comity.assistance.actions import ACTION_FORMS
from comity.assistance.messages import InformationRequest
from comity.assistance.messages.dialogue import DataHeld
from comity.canonical.ids import new_object_id
from comity.node.desk import answering
from comity.node.services import assistance
from comity.node.store.models import OfficerRow
from support.officer_walk import Walk, acknowledged, drafted, sent
from support.peer_words import hear, hear_request


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


QUESTION = "Which of the two mailboxes do you mean?"


def asked(walk: Walk, *about: str):
    """Return a request of ours about which Meridia has asked a question."""
    request = sent(walk)
    acknowledged(walk, request)
    question = InformationRequest(
        request_id=request.id,
        id=new_object_id(),
        question=QUESTION,
        about=about,
        data_held=DataHeld.YES,
        reply_by=walk.clock.now() + timedelta(days=20),
    )
    hear(walk.clock, question)
    return request


def test_a_question_is_answered_in_sight_of_it(walk, seat):
    request = asked(walk, "identifiers", "time_range")
    page = BeautifulSoup(
        seat("drafter").get(f"/requests/{request.id}/do/supplement/").content, "html.parser"
    )
    panel = page.find(attrs={"aria-labelledby": "h-asked"})
    assert QUESTION in panel.get_text()
    assert panel.find("time")
    folded = page.find("details", id="d-further")
    assert folded.has_attr("open") is False
    hidden = {one["id"] for one in folded.find_all("div", class_="field")}
    shown = [one["id"] for one in page.find("form", method="post", novalidate=True)
             .find_all("div", class_="field") if one["id"] not in hidden]  # fmt: skip
    assert shown[0] == "f-text"
    assert set(shown[1:]) == {"f-field-identifiers", "f-field-time_range"}
    assert "f-field-offence" in hidden


def test_every_field_that_a_question_may_name_is_found_by_its_name(walk, seat):
    from comity.node import queries

    request = asked(walk, "offence_time_place", "offence", "property_description")
    page = queries.request_page(
        officer=walk.officers["drafter"], request_id=request.id, now=walk.clock.now()
    )
    names = {view.id for section in page.sections for view in section.fields}
    found = answering.fields_asked(page, answering.answered(page, "supplement"))
    assert found == {"offence_time_place", "offence", "property_description"} & names
    assert "offence" in found


def test_after_the_answer_it_is_said_to_be_on_its_way(walk, seat):
    request = asked(walk)
    client = seat("drafter")
    answer = client.post(
        f"/requests/{request.id}/do/supplement/", {"text": "The first."}, follow=True
    )
    assert "Your answer is on its way to the other side." in words(answer)
    again = client.get(f"/requests/{request.id}/do/supplement/")
    assert QUESTION not in words(again)


def test_every_action_has_its_sentence():
    actions = {action for _, action in ACTION_FORMS} - {"save_fields"}
    assert set(answering.DONE) == actions
    assert all(str(text).endswith(".") for text in answering.DONE.values())


def test_what_the_core_refuses_is_said_at_its_field_and_not_by_its_name(walk, seat):
    request = hear_request(walk.clock)
    walk.act(
        request, "acknowledge", "central", local_reference="V 1/26", handled_by="Unit 2",
        next_step="",
    )  # fmt: skip
    typed = {"question": "Which mailbox?", "data_held": "yes", "reply_by": "2020-01-01T00:00"}
    answer = seat("central").post(f"/requests/{request.id}/do/request_information/", typed)
    page = BeautifulSoup(answer.content, "html.parser")
    assert answer.status_code == 422
    assert "Must lie in the future" in page.select_one("#f-reply_by .field-error").get_text()
    assert "reply_by" not in page.main.get_text()
