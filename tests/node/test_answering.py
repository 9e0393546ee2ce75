# SPDX-License-Identifier: Apache-2.0
"""The requested side: a peer's message comes in, officers answer it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.assistance.fields import Answers
from comity.assistance.messages import AdditionalInformation, RequestMessage, Withdrawal
from comity.assistance.model import State
from comity.errors import Conflict, Invalid, Refused
from comity.node.services import assistance
from comity.node.store.models import AssessmentRow, AuditRow, DispatchRow, RequestRow, TimelineRow
from support.peer_words import content_from_meridia, hear, hear_request, statement_of


@pytest.fixture
def chidi(officer):
    return officer("chidi", "central")


def acknowledge(node, chidi, request):
    return assistance.acknowledge_request(
        officer=chidi,
        now=node.now(),
        request_id=request.id,
        local_reference="1/26",
        handled_by="Unit 4, +99",
    )


def test_a_request_is_received_recorded_and_answered(node, chidi):
    content = content_from_meridia(node)
    request = hear_request(node, content)
    row = RequestRow.objects.get(pk=request.id)
    assert (row.direction, row.state, row.turn) == ("incoming", "received", "requested")
    assert row.reference == "XV-2026-0000001"
    audit = AuditRow.objects.get(event="request.received")
    assert audit.authority == "xm.moj"
    assert statement_of(RequestMessage(content=content)).encode() in bytes(audit.payload)
    assert AssessmentRow.objects.get(request=row).pack_digest
    done = acknowledge(node, chidi, request)
    assert done.state is State.ACKNOWLEDGED
    assert DispatchRow.objects.get(case=request.id).type == "assistance.acknowledgement/1"


def test_no_personal_words_stand_in_audit_or_ledger(node, chidi):
    request = hear_request(node)
    acknowledge(node, chidi, request)
    for row in AuditRow.objects.all():
        for word in (b"defrauded", b"Mailbox", b"Unit 4", b"Chidi"):
            assert word not in bytes(row.payload)
    assert TimelineRow.objects.filter(facts__icontains="Unit 4").exists()


def test_the_same_identifier_twice_is_a_conflict(node):
    content = content_from_meridia(node)
    hear_request(node, content)
    with pytest.raises(Conflict) as conflict:
        hear_request(node, content)
    assert conflict.value.code == "request.known"
    assert RequestRow.objects.count() == 1


def test_a_stranger_cannot_speak_in_anothers_case(node):
    request = hear_request(node)
    message = AdditionalInformation(
        request_id=request.id, answers=None, text="More", fields=Answers()
    )
    before = AuditRow.objects.count()
    with pytest.raises(Invalid) as invalid:
        hear(node, message, sender="xl.records")
    assert invalid.value.code == "assistance.sender"
    assert AuditRow.objects.count() == before


def test_a_request_for_somebody_else_is_not_taken(node):
    from dataclasses import replace

    content = replace(content_from_meridia(node), requested="xl.records")
    with pytest.raises(Invalid) as invalid:
        hear_request(node, content)
    assert invalid.value.code == "assistance.recipient"
    assert not RequestRow.objects.exists()


def test_a_refusal_needs_a_consultation(node, chidi):
    request = hear_request(node)
    act = {"officer": chidi, "request_id": request.id}
    acknowledge(node, chidi, request)
    refusal = {"ground": "political", "reasons": "It is a political offence."}
    with pytest.raises(Refused) as refused:
        assistance.refuse_request(**act, now=node.now(), **refusal)
    assert any("27(6)" in reason for reason in refused.value.reasons)
    assistance.open_consultation(
        **act,
        now=node.now(),
        about="refusal",
        ground="political",
        text="We consider refusing.",
        reply_by=node.now() + timedelta(days=3),
    )
    with pytest.raises(Refused):
        assistance.refuse_request(**act, now=node.now(), **refusal)
    node.advance(days=4)
    done = assistance.refuse_request(**act, now=node.now(), **refusal)
    assert done.state is State.REFUSED


def test_a_preservation_continues_for_the_request_that_follows(node, chidi):
    preservation = hear_request(node)
    node.advance(days=1)
    follow_up = hear_request(
        node,
        content_from_meridia(node, measure="stored_computer_data", preservation_of=preservation.id),
    )
    events = AuditRow.objects.filter(request=preservation.id).values_list("event", flat=True)
    assert "preservation.continued" in events
    hear(node, Withdrawal(request_id=follow_up.id, reasons="No longer needed."))
    events = AuditRow.objects.filter(request=preservation.id).values_list("event", flat=True)
    assert "preservation.decided" in events


def test_a_request_is_given_to_an_officer_who_may_read_it(node, chidi, officer):
    request = hear_request(node)
    drafter = officer("amara", "drafter")
    with pytest.raises(Refused) as refused:
        assistance.assign_request(
            officer=chidi, now=node.now(), request_id=request.id, to=drafter.id
        )
    assert refused.value.code == "request.assignment"
    assistance.assign_request(officer=chidi, now=node.now(), request_id=request.id, to="chidi")
    assert RequestRow.objects.get().assigned_to.login == "chidi"
    assert AuditRow.objects.filter(event="request.assigned").count() == 1
