# SPDX-License-Identifier: Apache-2.0
"""The queue as an officer meets it: every view, the search, what an empty list says, pages."""

from __future__ import annotations

import re

import pytest

from comity.node.queries.queue import PAGE_SIZE
from comity.node.services import assistance
from comity.node.store.models import RequestRow

VIEWS = ("mine", "waiting", "due", "unassigned", "finished", "all")


def main_of(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode().partition("<main")[2]


@pytest.mark.parametrize("view", VIEWS)
def test_an_empty_view_says_what_it_would_hold(desk, view):
    page = main_of(desk("supervisor", "supervisor"), f"/queue/?view={view}")
    assert f'href="?view={view}" aria-current="page"' in page
    assert re.search(r'class="empty"><p>[A-Z][^<]{15,}\.', page)


def test_a_discarded_draft_is_under_finished_with_a_confirmation_before_it(desk, draft):
    client = desk("author", "drafter")
    request = draft(client.officer, title="Keep the disk")
    page = client.get(f"/requests/{request}/")
    assert f"/requests/{request}/do/discard/" in page.content.decode()
    asked = main_of(client, f"/requests/{request}/do/discard/")
    assert "This cannot be undone" in asked
    assert "never sent" in asked
    assert "Nobody outside this authority." in asked
    done = client.post(f"/requests/{request}/do/discard/", {"reasons": "Not needed."}, follow=True)
    text = done.content.decode()
    assert "Discarded" in text
    assert "Not needed." in text
    assert "do-discard" not in text
    assert "Keep the disk" in main_of(client, "/queue/?view=finished")
    assert "Keep the disk" not in main_of(client, "/queue/?view=mine")
    for address in ("draft/", "draft/about/", "draft/case/"):
        assert client.get(f"/requests/{request}/{address}").status_code in {302, 409}, address


def test_who_may_not_discard_sees_no_button_and_gets_403(desk, officer, draft):
    request = draft(officer("author", "drafter"))
    for role in ("approver", "supervisor"):
        client = desk(role, role)
        assert "do-discard" not in client.get(f"/requests/{request}/").content.decode()
        assert client.get(f"/requests/{request}/do/discard/").status_code == 403
        assert client.post(f"/requests/{request}/do/discard/", {}).status_code == 403


def test_a_search_finds_and_an_empty_one_says_what_was_searched(desk, draft):
    client = desk("author", "drafter")
    draft(client.officer, title="Keep the <b>disk</b>")
    page = main_of(client, "/queue/?q=DISK")
    assert re.search(r"<h2 id=\"found\">\D*>1</\w+> request found</h2>", page)
    assert "&lt;b&gt;disk" in page
    assert 'aria-current="page"' not in page
    nothing = main_of(client, "/queue/?q=%3Cscript%3E")
    assert "requests found</h2>" in nothing
    assert "&lt;script&gt;" in nothing
    assert "references of both sides" in nothing
    assert "<script>" not in nothing


def test_a_search_that_is_too_long_is_a_page_that_says_so(desk):
    client = desk("author", "drafter")
    answer = client.get("/queue/", {"q": "x" * 201})
    assert answer.status_code == 422
    assert "A search has at most 200 characters" in answer.content.decode()


def test_the_links_to_other_pages_keep_the_search_and_the_order(desk, draft):
    client = desk("author", "drafter")
    row = RequestRow.objects.get(pk=draft(client.officer))
    for number in range(PAGE_SIZE):
        copy = RequestRow.objects.get(pk=row.pk)
        copy.pk = row.pk.__class__(int=row.pk.int ^ (number + 1))
        copy.reference = f"XV-2020-{number:07d}"
        copy.save(force_insert=True)
    first = main_of(client, "/queue/?q=keep+disk&sort=-due")
    assert "Page <bdi" in first or "Page 1" in first
    (after,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = main_of(client, f"/queue/{after.replace('&amp;', '&')}")
    assert "q=keep+disk" in after
    assert "sort=-due" in after
    assert len(re.findall(r'<th scope="row"', first)) == PAGE_SIZE
    assert len(re.findall(r'<th scope="row"', second)) == 1
    assert 'rel="next"' not in second
    for odd in ("page=x", "page=-1", "page=99999999999", "page=²", "sort=odd", "view=odd", "q=%00"):
        assert client.get(f"/queue/?{odd}").status_code == 200, odd


def test_finished_requests_cannot_be_given_to_anybody_from_the_list(desk, draft, officer, node):
    author = officer("author", "drafter")
    request = draft(author)
    assistance.discard_draft(officer=author, now=node.now(), request_id=request)
    client = desk("supervisor", "supervisor")
    assert 'name="request"' not in main_of(client, "/queue/?view=finished")


def test_assigning_without_a_choice_says_so(desk):
    client = desk("supervisor", "supervisor")
    answer = client.post("/queue/assign/", {"view": "mine", "officer": "x"}, follow=True)
    assert "No request was chosen" in answer.content.decode()
    assert answer.redirect_chain[0][0] == "/queue/?view=mine"


ABSENT = "0198c0de-0000-7000-8000-000000000000"


def test_a_request_that_is_not_there_answers_like_one_that_is_hidden(desk, draft, officer):
    hidden = draft(officer("author", "drafter"))
    central = desk("cleo", "central")  # may assign what came in, and does not see what goes out
    for request in (hidden, ABSENT):
        many = central.post("/queue/assign/", {"request": request, "officer": "cleo"})
        one = central.post(f"/requests/{request}/assign/", {"officer": "cleo"})
        assert (many.status_code, one.status_code) == (403, 403)


def test_requests_are_given_together_or_not_at_all(desk, draft, officer):
    request = draft(officer("author", "drafter"))
    head = desk("sora", "supervisor")
    form = {"request": [request, ABSENT], "officer": "sora"}
    assert head.post("/queue/assign/", form).status_code == 403
    row = RequestRow.objects.get()
    assert row.assigned_to.login == "author"
    head.post("/queue/assign/", {**form, "request": [request]})
    row.refresh_from_db()
    assert row.assigned_to.login == "sora"
