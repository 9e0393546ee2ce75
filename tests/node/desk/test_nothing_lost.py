# SPDX-License-Identifier: Apache-2.0
"""What an officer wrote is given back when it cannot be taken: session over, form old, case moved."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from comity.node.queries import request_page
from comity.node.services import assistance
from comity.node.store.models import TimelineRow

ORIGIN = {"origin": "http://testserver"}
TEXT = "Forged invoices,\nsent at night: <b>قضية 12-345/2026</b>"


def soup(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


def typed(page: BeautifulSoup) -> dict[str, str]:
    form = page.select_one("main form")
    return {
        tag["name"]: tag.get("value") or tag.get_text().removeprefix("\n")
        for tag in form.select("[name]")
    }


@pytest.fixture
def amal(desk):
    return desk("amal", "drafter")


def test_a_form_sent_after_the_session_ended_comes_back_whole(amal, draft):
    path = f"/requests/{draft(amal.officer)}/draft/case/"
    sent = {"version": "1", "then": "tasks", "offence": "Fraud", "facts_summary": TEXT}
    answer = Client(headers=ORIGIN).post(path, sent)
    page = soup(answer)
    assert answer.status_code == 401
    assert answer.headers["Cache-Control"] == "no-store"
    assert page.h1.get_text() == "You have been signed out"
    again = typed(page)
    assert {name: again[name] for name in sent} == sent
    assert page.select_one("main a[target=_blank]")["href"] == "/account/login/"
    assert amal.post(page.select_one("main form")["action"], again).status_code == 302
    assert TimelineRow.objects.count() == 2


def test_a_form_of_an_earlier_sign_in_comes_back_whole(amal, draft):
    path = f"/requests/{draft(amal.officer)}/draft/case/"
    client = Client(enforce_csrf_checks=True, headers=ORIGIN)
    client.cookies = amal.cookies
    answer = client.post(path, {"version": "1", "facts_summary": TEXT})
    page = soup(answer)
    assert answer.status_code == 403
    again = typed(page)
    assert again["facts_summary"] == TEXT
    assert client.post(path, again).status_code == 302


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/requests/new/", {"origin": "https://evil.example"}),
        ("/requests/new/", {}),
        ("/account/password/change/", ORIGIN),
    ],
)
@pytest.mark.usefixtures("node")
def test_nothing_of_another_site_and_no_password_is_shown_again(path, headers):
    client = Client(enforce_csrf_checks=True, headers=headers)
    answer = client.post(path, {"title": "words of another", "oldpassword": "a secret of mine"})
    assert answer.status_code in {401, 403}
    assert "words of another" not in answer.content.decode()
    assert "a secret of mine" not in answer.content.decode()


def test_what_a_page_asks_for_in_the_background_is_never_the_sign_in_page(amal, draft):
    request = draft(amal.officer)
    for method, path in (("post", "draft/case/autosave/"), ("get", "live/")):
        answer = getattr(Client(headers={"hx-request": "true"}), method)(
            f"/requests/{request}/{path}"
        )
        assert (answer.status_code, answer.content) == (401, b"")


def test_signing_out_twice_is_no_fault(amal):
    assert amal.post("/account/logout/").status_code == 302
    assert amal.post("/account/logout/").status_code == 302


def test_an_action_decided_on_an_older_page_is_refused_and_the_text_kept(desk, draft, node):
    amal = desk("amal", "drafter")
    request = draft(amal.officer, complete=True)
    submit = f"/requests/{request}/do/submit/"
    shown = typed(soup(amal.get(submit)))
    fields = {"offence": "Theft"}
    version = request_page(officer=amal.officer, request_id=request, now=node.now()).version
    assistance.save_fields(
        officer=amal.officer, now=node.now(), request_id=request, fields=fields, version=version
    )
    answer = amal.post(submit, shown)
    page = soup(answer)
    assert answer.status_code == 409
    assert "after the page was opened" in page.select_one("#errors").get_text()
    assert typed(page)["seen"] != shown["seen"]
    assert amal.post(submit, typed(page)).status_code == 302


def test_what_was_written_for_an_action_that_is_no_longer_possible_is_shown(desk, draft):
    amal = desk("amal", "drafter")
    request = draft(amal.officer, complete=True)
    amal.post(f"/requests/{request}/do/discard/")
    answer = amal.post(f"/requests/{request}/do/supplement/", {"text": TEXT})
    page = soup(answer)
    assert answer.status_code == 409
    assert "<b>قضية 12-345/2026</b>" in page.select_one(".kept").get_text()
