# SPDX-License-Identifier: Apache-2.0
"""The queue and the search: nothing is lost, nothing forbidden is shown, however much there is."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from comity.assistance.model import State
from comity.canonical.ids import new_object_id
from comity.errors import Invalid, Refused
from comity.node import permissions, queries
from comity.node.permissions import Officer, Role
from comity.node.queries.queue import PAGE_SIZE
from comity.node.services import assistance
from comity.node.store.findable import folded
from comity.node.store.models import ExhibitRow, RequestRow
from support.officer_walk import Walk, acknowledged, drafted, sent
from support.peer_words import content_from_meridia, hear_request

ROLE_SETS = st.frozensets(st.sampled_from([role.value for role in Role]))


def as_if(roles: frozenset[str]) -> Officer:
    return Officer(id="00000000-0000-4000-8000-000000000000", login="any", name="Any", roles=roles)


def begin(walk: Walk, title: str = "A mailbox", **fields: object) -> str:
    request = assistance.create_request(
        officer=walk.officers["drafter"],
        now=walk.clock.now(),
        kind="preservation",
        requested="xm.moj",
        measure="expedited_preservation",
        offences=["computer_fraud"],
        title=title,
    )
    if fields:
        assistance.save_fields(
            officer=walk.officers["drafter"],
            now=walk.clock.now(),
            request_id=request.id,
            fields=fields,
            version=1,
        )
    return str(request.id)


def discard(walk: Walk, request_id: str, **inputs: str):
    return assistance.discard_draft(
        officer=walk.officers["drafter"], now=walk.clock.now(), request_id=request_id, **inputs
    )


def found(walk: Walk, text: str, role: str = "supervisor") -> set[str]:
    page = queries.queue(officer=walk.officers[role], view="all", now=walk.clock.now(), search=text)
    assert page.total == len(page.items)
    return {item.request_id for item in page.items}


def listed(walk: Walk, view: str, role: str = "supervisor", **more: object) -> list[str]:
    page = queries.queue(officer=walk.officers[role], view=view, now=walk.clock.now(), **more)
    return [item.request_id for item in page.items]


def many(row: RequestRow, count: int) -> None:
    """Add copies of a row, as a ministry has them; half of them are finished."""
    copies = []
    for number in range(count):
        copy = RequestRow.objects.get(pk=row.pk)
        copy.pk, copy.reference = UUID(new_object_id()), f"XV-2020-{number:07d}"
        copy.findable = folded(copy.reference)
        if number % 2:
            copy.state, copy.turn = State.CLOSED, "system"
        copies.append(copy)
    RequestRow.objects.bulk_create(copies, batch_size=100)


# --- a draft that will not be sent -----------------------------------------------------------


def test_a_discarded_draft_is_finished_and_stays_readable(walk):
    request = begin(walk)
    done = discard(walk, request, reasons="Answered by telephone.")
    assert done.state is State.DISCARDED
    for view in ("mine", "waiting", "due", "unassigned"):
        assert request not in listed(walk, view)
    assert listed(walk, "finished") == listed(walk, "all") == [request]
    page = queries.request_page(
        officer=walk.officers["drafter"], request_id=request, now=walk.clock.now()
    )
    assert (page.state_label, page.outcome, page.actions) == ("Discarded", "discarded", ())
    assert not page.editable
    assert page.timeline[0].event == "request.discarded"
    assert page.timeline[0].text == "Answered by telephone."


def test_a_discarded_draft_cannot_come_back(walk):
    request = begin(walk)
    discard(walk, request)
    arguments = {"officer": walk.officers["drafter"], "now": walk.clock.now()}
    with pytest.raises(Refused):
        assistance.save_fields(**arguments, request_id=request, fields={"offence": "x"}, version=1)
    with pytest.raises(Refused):
        assistance.submit_request(**arguments, request_id=request)
    with pytest.raises(Refused):
        discard(walk, request)


def test_what_was_sent_is_withdrawn_and_not_discarded(walk):
    request = sent(walk)
    with pytest.raises(Refused) as refused:
        discard(walk, request.id)
    assert refused.value.code == "workflow.not_now"


def test_a_draft_that_another_request_names_is_not_discarded(walk):
    preservation = begin(walk)
    naming = assistance.create_request(
        officer=walk.officers["drafter"],
        now=walk.clock.now(),
        kind="mutual_assistance",
        requested="xm.moj",
        measure="stored_computer_data",
        offences=["computer_fraud"],
        title="The contents",
        preservation_of=preservation,
    )
    with pytest.raises(Refused) as refused:
        discard(walk, preservation)
    assert "names this preservation" in refused.value.reasons[0]
    discard(walk, naming.id)
    discard(walk, preservation)


# --- everything can be found -----------------------------------------------------------------


def test_finished_and_open_together_are_all(walk):
    request = sent(walk)
    walk.act(request, "withdraw", "approver", reasons="Found elsewhere.")
    open_draft, gone = begin(walk), begin(walk)
    discard(walk, gone)
    assert set(listed(walk, "finished")) == {str(request.id), gone}
    assert set(listed(walk, "all")) == {str(request.id), gone, open_draft}


@pytest.mark.parametrize(
    "text",
    ["XV-2026-0000001", "xv-2026", "0000001", "MAILBOX", "mailbox seller", "seller  mailbox",
     "xm.moj", "Meridia", "XM", "203.0.113.44", "113.44", "AMAL@example", "٢٠٢٦",
     "\u2066XV-2026-0000001\u2069", "\x00mailbox\x00"],
)  # fmt: skip
def test_a_request_is_found_by_what_officers_know_of_it(walk, text):
    identifiers = [
        {"kind": "ip", "value": "203.0.113.44"},
        {"kind": "email", "value": "Amal@example.org"},
    ]
    wanted = begin(walk, "Mailbox of a seller", identifiers=identifiers)
    assert wanted in found(walk, text)


@pytest.mark.parametrize(("title", "text"), [
    ("Почта ПРОДАВЦА", "продавца"), ("İstanbul Straße", "strasse"), ("حفظ البريد ١٢", "البريد 12"),
    ("保全电子邮件", "电子"), ("100 % of_it", "% of_"), ("O'Brien \"x\"", "o'brien"),
])  # fmt: skip
def test_letters_of_every_script_are_folded_alike(walk, title, text):
    begin(walk, "Something else")
    wanted = begin(walk, title)
    assert found(walk, text) == {wanted}


def test_the_other_sides_numbers_and_exhibits_find_a_request(walk):
    request = sent(walk)
    acknowledged(walk, request)
    incoming = hear_request(
        walk.clock, content_from_meridia(walk.clock, measure="stored_computer_data")
    )
    ExhibitRow.objects.create(
        id=UUID(new_object_id()), request_id=incoming.id, number="XV-EX-77", description="A stick",
        status="registered", place="Laboratory", legal_type="warrant", legal_identifier="1",
        created=walk.clock.now(),
    )  # fmt: skip
    assert found(walk, "M 7/26") == {str(request.id)}
    assert found(walk, "ex-77") == {str(incoming.id)}
    assert str(incoming.id) in found(walk, str(incoming.content.reference))
    assert found(walk, "Valdoria") == set()


def test_every_word_must_be_there(walk):
    begin(walk, "Mailbox of a seller")
    assert found(walk, "mailbox buyer") == set()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    text=st.text(max_size=200).filter(lambda text: len(folded(text).split()) <= 10), roles=ROLE_SETS
)
@example(text="\ud800", roles=frozenset({"drafter"}))
@example(text="%_\\'\"", roles=frozenset({"supervisor"}))
def test_a_search_never_shows_what_may_not_be_seen(two_directions, text, roles):
    officer = as_if(roles)
    for search in (text, "a"):
        page = queries.queue(
            officer=officer, view="all", now=two_directions.clock.now(), search=search
        )
        for item in page.items:
            row = RequestRow.objects.get(pk=item.request_id)
            assert permissions.may_read(officer, row)


@pytest.fixture
def two_directions(walk: Walk) -> Walk:
    drafted(walk, "stored_computer_data")
    sent(walk)
    hear_request(walk.clock)
    return walk


@pytest.mark.parametrize(
    ("text", "code"),
    [("x" * 201, "search.too_long"), ("a b c d e f g h i j k", "search.too_many_words")],
)
def test_a_search_without_measure_is_refused(walk, text, code):
    with pytest.raises(Invalid) as invalid:
        found(walk, text)
    assert invalid.value.code == code


# --- however much there is -------------------------------------------------------------------


def test_the_pages_of_a_view_hold_everything_once(walk):
    row = RequestRow.objects.get(pk=begin(walk))
    many(row, 3 * PAGE_SIZE)
    for sort in ("due", "-due", "activity", "-activity"):
        first = queries.queue(
            officer=walk.officers["supervisor"], view="all", now=walk.clock.now(), sort=sort
        )
        assert (first.total, first.pages) == (3 * PAGE_SIZE + 1, 4)
        shown = [
            name
            for number in range(1, first.pages + 1)
            for name in listed(walk, "all", sort=sort, number=number)
        ]
        assert len(shown) == len(set(shown)) == first.total


@pytest.mark.parametrize(("number", "shown"), [(-3, 1), (0, 1), (2, 2), (99, 2)])
def test_a_page_that_is_not_there_is_the_nearest(walk, number, shown):
    many(RequestRow.objects.get(pk=begin(walk)), PAGE_SIZE)
    page = queries.queue(
        officer=walk.officers["supervisor"], view="all", now=walk.clock.now(), number=number
    )
    assert (page.number, page.pages) == (shown, 2)


def test_what_has_no_date_comes_last_in_both_orders(walk):
    dated, undated = begin(walk), begin(walk)
    RequestRow.objects.filter(pk=dated).update(due=walk.clock.now())
    assert listed(walk, "all", sort="due") == listed(walk, "all", sort="-due") == [dated, undated]


@pytest.mark.parametrize("search", ["", "mailbox seller"])
@pytest.mark.parametrize("role", ["drafter", "approver", "supervisor"])
def test_a_page_takes_as_many_queries_for_many_requests_as_for_few(walk, role, search):
    row = RequestRow.objects.get(pk=begin(walk, "Mailbox of a seller"))

    def queries_taken() -> int:
        with CaptureQueriesContext(connection) as taken:
            queries.queue(
                officer=walk.officers[role], view="all", now=walk.clock.now(), search=search
            )
        assert not any('"record"' in one["sql"] for one in taken), "the record is read for a list"
        return len(taken)

    few = queries_taken()
    many(row, 2 * PAGE_SIZE)
    assert queries_taken() == few <= 6


def test_the_column_of_words_follows_from_the_record(walk):
    request = drafted(walk, "stored_computer_data")
    row = RequestRow.objects.get(pk=request.id)
    before = row.findable
    changed = replace(request.content, title="Another TITLE")
    assistance.save_fields(
        officer=walk.officers["drafter"], now=walk.clock.now(), request_id=request.id,
        fields={}, title=changed.title, version=row.version,
    )  # fmt: skip
    row.refresh_from_db()
    assert "another title" in row.findable
    assert "another title" not in before
