# SPDX-License-Identifier: Apache-2.0
"""The requested side: a peer's message comes in, officers answer it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.assistance.content import AssessmentSummary, RequestContent
from comity.assistance.fields import Answers
from comity.assistance.messages import AdditionalInformation, RequestMessage
from comity.assistance.model import Kind, State, Urgency
from comity.canonical.digest import sha256
from comity.canonical.ids import new_object_id
from comity.errors import Conflict, Invalid, Refused
from comity.node.services import assistance, law
from comity.node.store.models import AuditRow, DispatchRow, RequestRow

STATEMENT = sha256(b"a signed statement")


def content_from_meridia(**changes) -> RequestContent:
    pack = law.pack()
    values = {
        "request_id": new_object_id(),
        "reference": "XM-2026-0000007",
        "title": "Mailbox of a seller",
        "kind": Kind.PRESERVATION,
        "measure": "expedited_preservation",
        "requesting": "xm.moj",
        "requested": "xv.moj",
        "urgency": Urgency.EXPEDITED,
        "offences": ("computer_fraud",),
        "fields": Answers.of({"facts_summary": "Buyers were defrauded.", "intent_mla": True}),
        "instrument": "coe_185",
        "article": "29",
    }
    values |= changes
    content = RequestContent(**values)
    assessment = law.assess_content(content, as_of=__import__("datetime").date(2026, 3, 2))
    _, summary = law.choose(content, assessment, instrument="coe_185", reason="")
    assert isinstance(summary, AssessmentSummary)
    assert pack.digest == summary.pack_digest
    from dataclasses import replace

    return replace(content, assessment=summary)


def receive(node, content=None, sender="xm.moj"):
    return assistance.take_message(
        sender=sender,
        message=RequestMessage(content=content or content_from_meridia()),
        statement=STATEMENT,
        said_at=node.now(),
        now=node.now(),
    )


@pytest.fixture
def chidi(officer):
    return officer("chidi", "central")


def test_a_request_is_received_recorded_and_answered(node, chidi):
    request = receive(node)
    row = RequestRow.objects.get(pk=request.id)
    assert (row.direction, row.state, row.turn) == ("incoming", "received", "requested")
    assert row.reference == "XV-2026-0000001"
    audit = AuditRow.objects.get(event="request.received")
    assert audit.authority == "xm.moj"
    assert STATEMENT.encode() in bytes(audit.payload)
    done = assistance.acknowledge_request(
        officer=chidi,
        now=node.now(),
        request_id=request.id,
        local_reference=row.reference,
        handled_by="Unit 4, +99",
    )
    assert done.state is State.ACKNOWLEDGED
    assert DispatchRow.objects.get(case=request.id).type == "assistance.acknowledgement/1"


def test_the_same_identifier_twice_is_a_conflict(node):
    content = content_from_meridia()
    receive(node, content)
    with pytest.raises(Conflict) as conflict:
        receive(node, content)
    assert conflict.value.code == "request.known"
    assert RequestRow.objects.count() == 1


def test_a_stranger_cannot_speak_in_anothers_case(node, chidi):
    request = receive(node)
    message = AdditionalInformation(
        request_id=request.id, answers=None, text="More", fields=Answers()
    )
    with pytest.raises(Invalid) as invalid:
        assistance.take_message(
            sender="xl.records",
            message=message,
            statement=STATEMENT,
            said_at=node.now(),
            now=node.now(),
        )
    assert invalid.value.code == "assistance.sender"


def test_a_refusal_needs_a_consultation(node, chidi):
    request = receive(node)
    act = {"officer": chidi, "request_id": request.id}
    assistance.acknowledge_request(
        **act, now=node.now(), local_reference="1/26", handled_by="Unit 4"
    )
    refusal = {"ground": "political", "reasons": "It is a political offence."}
    with pytest.raises(Refused) as refused:
        assistance.refuse_request(**act, now=node.now(), **refusal)
    assert any("27(6)" in reason for reason in refused.value.reasons)
    assistance.open_consultation(
        **act,
        now=node.now(),
        about="refusal",
        text="We consider refusing.",
        reply_by=node.now() + timedelta(days=3),
    )
    with pytest.raises(Refused):
        assistance.refuse_request(**act, now=node.now(), **refusal)
    node.advance(days=4)
    done = assistance.refuse_request(**act, now=node.now(), **refusal)
    assert done.state is State.REFUSED
