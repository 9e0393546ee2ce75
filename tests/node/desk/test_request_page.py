# SPDX-License-Identifier: Apache-2.0
"""The request's page shows what concerns this side, and tells each officer what stands in the way."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from comity.node import queries
from comity.node.desk import history
from comity.node.desk.views.request import request_context
from comity.node.queries.views import ReceiptView
from comity.node.services import evidence
from comity.node.store.models import ExhibitRow, OfficerRow
from support.officer_walk import Walk, drafted, sent
from support.peer_words import content_from_meridia, hear_request

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


@pytest.fixture
def executing(walk: Walk):
    """A request for stored data that an examiner works on, without an exhibit yet."""
    request = hear_request(
        walk.clock, content_from_meridia(walk.clock, measure="stored_computer_data")
    )
    walk.act(request, "acknowledge", "central", local_reference="V 1/26", handled_by="Unit 1")
    walk.act(request, "accept", "central")
    walk.act(request, "start_execution", "central")
    return request


def test_an_examiner_is_not_told_that_there_is_nothing_to_do(executing, page):
    text = page("examiner", executing)
    assert 'id="do-assemble"' in text
    assert "There is nothing for you to do" not in text


def test_a_package_without_exhibits_says_why_instead_of_asking(executing, page):
    text = page("examiner", executing, "packages/new/")
    assert "No exhibit is ready." in text
    assert "Make the package" not in text


def test_an_empty_intake_says_so(walk, executing, page, world):
    intake = world.configs["xv.moj"].intake
    for left in intake.iterdir():  # the folder is that of all tests
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    evidence.register_exhibit(
        officer=walk.officers["examiner"],
        now=walk.clock.now(),
        request_id=str(executing.id),
        number="XV-EX-1",
        description="A stick",
        seized_at=walk.clock.now(),
        place="Laboratory",
        legal_type="Search warrant",
        legal_identifier="1",
    )
    exhibit = ExhibitRow.objects.get(number="XV-EX-1")
    text = page("examiner", executing, f"exhibits/{exhibit.pk}/acquisition/")
    assert "The intake of this node is empty." in text
    assert "<fieldset" not in text


def test_an_offer_without_a_condition_is_asked_for_one_in_our_words(walk, executing, page):
    client = Client()
    client.force_login(
        OfficerRow.objects.get(pk=walk.officers["central"].id),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    answer = client.post(f"/requests/{executing.id}/do/offer_condition/", {})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Fill in at least one row." in text
    assert "This field is required" not in text


def test_receipts_are_listed_once_and_do_not_bury_what_happened(walk, executing):
    page = queries.request_page(
        officer=walk.officers["central"], request_id=str(executing.id), now=walk.clock.now()
    )
    receipt = ReceiptView(
        message="assistance.decision/1",
        message_label="Decision",
        direction="outgoing",
        kind="delivered",
        kind_label="Delivered",
        at=walk.clock.now(),
        by="Ministry of Justice of Meridia",
        detail="",
    )
    page = replace(page, delivery=(receipt,) * 12)
    assert {entry.kind for entry in history.history(page)} == {"event"}
    context = request_context(page, RequestFactory().get("/"))
    shown = BeautifulSoup(render_to_string("desk/parts/request_body.html", context), "html.parser")
    assert len(shown.find_all(string="Delivered")) == 12  # once each
    folded = shown.select_one("details#d-delivery")
    assert folded.summary.get_text() == "12 receipts"
    assert not folded.has_attr("open")


def test_a_letter_says_when_it_was_sent_or_that_it_was_not(desk, draft):
    client = desk("author", "drafter")
    answer = client.get(f"/requests/{draft(client.officer)}/letter/")
    letter = answer.content.decode().partition('<div class="letter"')[2]
    assert "Not sent." in letter
    assert "Sent:" not in letter
