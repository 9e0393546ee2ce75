# SPDX-License-Identifier: Apache-2.0
"""From the first word to the sending: contents, basis, two approvals, all recorded."""

from __future__ import annotations

import pytest

from comity.assistance.model import State
from comity.errors import Conflict, Refused
from comity.node.services import accounts, assistance
from comity.node.store.models import ApprovalRow, AuditRow, DispatchRow, PeerRow, RequestRow

FIELDS = {
    "requesting_authority": "Ministry of Justice of Valdoria",
    "offence": "Computer-related fraud, section 12 of the Penal Code",
    "facts_summary": "An account was used to defraud buyers.",
    "data_description": "The content of one mailbox.",
    "data_link_offence": "The mailbox received the payments' confirmations.",
    "custodian_location": "Mail provider in the capital.",
    "necessity": "The provider deletes after thirty days.",
    "intent_mla": "yes",
}


@pytest.fixture
def people(officer):
    return {
        "drafter": officer("amara", "drafter"),
        "first": officer("bram", "approver"),
        "second": officer("ines", "approver"),
        "central": officer("chidi", "central"),
        "operator": officer("otto", "operator"),
    }


def begin(people, node, **more):
    return assistance.create_request(
        officer=people["drafter"],
        now=node.now(),
        kind="preservation",
        requested="xm.moj",
        measure="expedited_preservation",
        offences=["computer_fraud"],
        title="Mailbox of a seller",
        **more,
    )


def test_a_draft_becomes_a_sent_request(node, people):
    request = begin(people, node)
    row = RequestRow.objects.get(pk=request.id)
    assert row.reference == "XV-2026-0000001"
    assert request.content.instrument == "coe_185"
    assistance.save_fields(
        officer=people["drafter"], now=node.now(), request_id=request.id, fields=FIELDS, version=1
    )
    assistance.submit_request(officer=people["drafter"], now=node.now(), request_id=request.id)
    digest = RequestRow.objects.get(pk=request.id).content_sha256
    for name in ("first", "second"):
        assistance.approve_request(
            officer=people[name], now=node.now(), request_id=request.id, digest=digest
        )
    sent = assistance.send_request(officer=people["first"], now=node.now(), request_id=request.id)
    assert sent.state is State.SENT
    dispatch = DispatchRow.objects.get(case=request.id)
    assert dispatch.type == "assistance.request/1"
    audit = AuditRow.objects.get(event="request.sent", request=request.id)
    assert dispatch.sha256.encode() in bytes(audit.payload)


def test_a_missing_field_names_itself_and_its_article(node, people):
    request = begin(people, node)
    with pytest.raises(Refused) as refused:
        assistance.submit_request(officer=people["drafter"], now=node.now(), request_id=request.id)
    assert any("Facts of the case are missing" in r and "29" in r for r in refused.value.reasons)


@pytest.mark.parametrize("nothing", [None, "  ", "\u00a0", "\u200b", "\u3164\u2060"])
def test_what_shows_nothing_is_no_answer(node, people, nothing):
    request = begin(people, node)
    given = {**FIELDS, "necessity": nothing}
    drafter = {"officer": people["drafter"], "now": node.now(), "request_id": request.id}
    assistance.save_fields(**drafter, fields=given, version=1)
    with pytest.raises(Refused) as refused:
        assistance.submit_request(**drafter)
    [reason] = refused.value.reasons
    assert "29" in reason
    assert "necess" in reason.lower()


def test_one_officer_cannot_approve_twice(node, people):
    request = begin(people, node)
    assistance.save_fields(
        officer=people["drafter"], now=node.now(), request_id=request.id, fields=FIELDS, version=1
    )
    assistance.submit_request(officer=people["drafter"], now=node.now(), request_id=request.id)
    digest = RequestRow.objects.get(pk=request.id).content_sha256
    arguments = {"officer": people["first"], "now": node.now(), "request_id": request.id}
    assistance.approve_request(**arguments, digest=digest)
    with pytest.raises(Refused) as refused:
        assistance.approve_request(**arguments, digest=digest)
    assert "You have approved these contents already" in refused.value.reasons[0]
    assert ApprovalRow.objects.count() == 1


def test_a_second_tab_is_told(node, people):
    request = begin(people, node)
    arguments = {"officer": people["drafter"], "now": node.now(), "request_id": request.id}
    assistance.save_fields(**arguments, fields={"offence": "Fraud"}, version=1)
    with pytest.raises(Conflict) as conflict:
        assistance.save_fields(**arguments, fields={"offence": "Theft"}, version=1)
    assert conflict.value.code == "request.version"


@pytest.mark.parametrize("loss", ["disabled", "another role"])
def test_an_approval_counts_only_while_its_officer_is_an_approver(node, people, officer, loss):
    request = begin(people, node)
    assistance.save_fields(
        officer=people["drafter"], now=node.now(), request_id=request.id, fields=FIELDS, version=1
    )
    assistance.submit_request(officer=people["drafter"], now=node.now(), request_id=request.id)
    digest = RequestRow.objects.get(pk=request.id).content_sha256
    act = {"now": node.now(), "request_id": request.id}
    for name in ("first", "second"):
        assistance.approve_request(**act, officer=people[name], digest=digest)
    if loss == "disabled":
        accounts.disable_officer(by=None, login="ines", now=node.now())
    else:
        accounts.set_roles(by=None, login="ines", roles={"drafter"}, now=node.now())
    with pytest.raises(Refused) as refused:
        assistance.send_request(**act, officer=people["first"])
    assert "no approver any more" in refused.value.reasons[0]
    third = officer("dara", "approver")
    assistance.approve_request(**act, officer=third, digest=digest)
    assert assistance.send_request(**act, officer=people["first"]).state is State.SENT


def test_an_authority_without_the_role_sends_no_such_request(node, people):
    drafter = {"officer": people["drafter"], "now": node.now()}
    request = begin(people, node)
    assistance.save_fields(**drafter, request_id=request.id, fields=FIELDS, version=1)
    PeerRow.objects.filter(authority="xm.moj").update(roles=["forensic"])
    with pytest.raises(Refused) as refused:
        assistance.submit_request(**drafter, request_id=request.id)
    assert any("27(2)" in reason for reason in refused.value.reasons)
    PeerRow.objects.filter(authority="xm.moj").update(roles=["contact_24_7"])
    assistance.submit_request(**drafter, request_id=request.id)
