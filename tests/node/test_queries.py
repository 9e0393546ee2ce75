# SPDX-License-Identifier: Apache-2.0
"""Reads show an officer what their roles allow, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.assistance.events import EVENT_NAMES
from comity.assistance.messages import READERS
from comity.assistance.model import Kind, State
from comity.errors import Refused
from comity.evidence.model import CustodyEvent
from comity.node import permissions, queries
from comity.node.permissions import Officer, Role
from comity.node.queries import _labels
from comity.node.services import assistance
from comity.node.services.event_names import NODE_EVENTS
from comity.node.store.models import RequestRow
from comity.node.store.models.evidence import INCOMING_PACKAGE, OUTGOING_PACKAGE
from comity.node.store.models.request import INCOMING_STATES, OUTGOING_STATES
from comity.protocol.receipt import Kind as ReceiptKind
from support.officer_walk import Walk, drafted, sent
from support.peer_words import content_from_meridia, hear_request

VIEWS = ("mine", "waiting", "due", "unassigned")
ROLE_SETS = st.frozensets(st.sampled_from([role.value for role in Role]))


@pytest.fixture
def everything(walk: Walk) -> Walk:
    """Requests in several states on both sides."""
    drafted(walk, "stored_computer_data")
    sent(walk)
    hear_request(walk.clock)
    request = hear_request(
        walk.clock, content_from_meridia(walk.clock, measure="stored_computer_data")
    )
    central = walk.officers["central"]
    act = {"officer": central, "now": walk.clock.now(), "request_id": request.id}
    assistance.acknowledge_request(**act, local_reference="V 1", handled_by="Unit 1")
    assistance.accept_request(**act)
    return walk


def as_if(roles: frozenset[str]) -> Officer:
    return Officer(id="00000000-0000-4000-8000-000000000000", login="any", name="Any", roles=roles)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(roles=ROLE_SETS)
def test_no_list_or_page_shows_what_may_not_be_seen(everything, roles):
    officer, now = as_if(roles), everything.clock.now()
    allowed = {
        str(row.pk) for row in RequestRow.objects.all() if permissions.may_read(officer, row)
    }
    listed = set()
    for view in VIEWS:
        page = queries.queue(officer=officer, view=view, now=now)
        listed |= {item.request_id for item in page.items}
        assert {one.view: one.count for one in page.counts}[view] == len(page.items)
    assert listed <= allowed
    for row in RequestRow.objects.all():
        if str(row.pk) in allowed:
            page = queries.request_page(officer=officer, request_id=str(row.pk), now=now)
            assert {one.action for one in page.actions} <= {
                action
                for action in _actions_of(row.direction)
                if permissions.may(officer, action, row)
            }
            assert all(link.request_id in allowed for link in page.linked)
        else:
            with pytest.raises(Refused):
                queries.request_page(officer=officer, request_id=str(row.pk), now=now)
            with pytest.raises(Refused):
                queries.assessment(officer=officer, request_id=str(row.pk))


def _actions_of(direction: str) -> set[str]:
    return set(permissions._TABLES[direction])


@given(roles=ROLE_SETS)
def test_more_roles_never_see_less(roles):
    for role in roles:
        fewer = permissions.readable(as_if(roles - {role}))
        more = permissions.readable(as_if(roles))
        for direction, states in fewer.items():
            assert more[direction] is None or (states is not None and states <= more[direction])


@given(roles=ROLE_SETS)
def test_an_operator_sees_no_case(roles):
    officer = as_if(roles & {"operator"})
    for states, direction in ((OUTGOING_STATES, "outgoing"), (INCOMING_STATES, "incoming")):
        for state in states:
            row = RequestRow(direction=direction, state=state)
            assert not permissions.may_read(officer, row)


def test_the_ledger_page_hides_references_of_others_cases(everything):
    page = queries.ledger_page(officer=everything.officers["operator"])
    assert page.entries
    assert {entry.reference for entry in page.entries} == {""}
    page = queries.ledger_page(officer=everything.officers["supervisor"])
    assert len({entry.reference for entry in page.entries}) > 2


def test_a_proof_needs_the_right_to_see_its_case(everything):
    from comity.node.store.models import AuditRow

    audit = AuditRow.objects.filter(event="request.drafted").first()
    with pytest.raises(Refused) as refused:
        queries.ledger_proof(officer=everything.officers["central"], index=audit.leaf_index)
    assert refused.value.code == "permission.denied"
    with pytest.raises(Refused) as refused:
        queries.ledger_proof(officer=everything.officers["drafter"], index=audit.leaf_index)
    assert refused.value.code == "ledger.not_final"


def test_what_waits_for_approval_is_every_approvers(walk: Walk):
    request = drafted(walk, "stored_computer_data")
    walk.act(request, "submit", "drafter")
    digest = RequestRow.objects.get(pk=request.id).content_sha256
    walk.act(request, "approve", "approver", digest=digest)
    now = walk.clock.now()
    mine = {
        name: queries.queue(officer=walk.officers[name], view="mine", now=now).items
        for name in ("approver", "second")
    }
    assert (len(mine["approver"]), len(mine["second"])) == (0, 1)


def test_a_grey_button_says_every_reason(walk: Walk):
    request = assistance.create_request(
        officer=walk.officers["drafter"],
        now=walk.clock.now(),
        kind="preservation",
        requested="xm.moj",
        measure="expedited_preservation",
        offences=["computer_fraud"],
        title="A mailbox",
    )
    page = queries.request_page(
        officer=walk.officers["drafter"], request_id=request.id, now=walk.clock.now()
    )
    submit = {one.action: one for one in page.actions}["submit"]
    missing = [one for one in page.checklist if one.required and one.status == "missing"]
    assert not submit.enabled
    assert len(submit.reasons) >= len(missing) > 3
    assert all(one.article for one in missing)


def test_a_page_takes_a_bounded_number_of_queries(everything):
    row = RequestRow.objects.get(state=State.SENT)
    officer, now = everything.officers["supervisor"], everything.clock.now()
    with CaptureQueriesContext(connection) as page:
        queries.request_page(officer=officer, request_id=str(row.pk), now=now)
    with CaptureQueriesContext(connection) as listed:
        queries.queue(officer=officer, view="waiting", now=now)
    assert len(page) <= 20
    assert len(listed) <= 5


def test_due_dates_come_with_the_queue(everything):
    row = RequestRow.objects.get(state=State.ACCEPTED)
    assistance.request_information(
        officer=everything.officers["central"],
        now=everything.clock.now(),
        request_id=str(row.pk),
        question="Which disk?",
        data_held="yes",
        reply_by=everything.clock.now() + timedelta(days=3),
    )
    officer = everything.officers["supervisor"]
    now = everything.clock.now()
    items = queries.queue(officer=officer, view="due", now=now).items
    assert [item.request_id for item in items] == [str(row.pk)]
    assert not items[0].overdue
    later = everything.clock.advance(days=4)
    assert queries.queue(officer=officer, view="due", now=later).items[0].overdue


def test_every_word_is_there():
    assert set(_labels.EVENTS) >= EVENT_NAMES | NODE_EVENTS
    assert set(_labels.CUSTODY) == {event.value for event in CustodyEvent}
    assert set(_labels.KINDS) == {kind.value for kind in Kind}
    assert set(_labels.MESSAGES) >= set(READERS)
    assert set(_labels.RECEIPTS) == {kind.value for kind in ReceiptKind}
    for direction, states in (("outgoing", OUTGOING_PACKAGE), ("incoming", INCOMING_PACKAGE)):
        assert {state for side, state in _labels.PACKAGES if side == direction} >= set(states)
