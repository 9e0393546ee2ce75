# SPDX-License-Identifier: Apache-2.0
"""Messages and inputs whose parts contradict each other, or that answer nothing."""

from __future__ import annotations

import pytest

from comity.assistance import decide
from comity.assistance import messages as m
from comity.assistance.clocks import ClockStatus, clocks
from comity.assistance.content import MAX_OFFENCES
from comity.assistance.facts import Hold, Package
from comity.assistance.messages import read_message
from comity.assistance.model import MAX_CONDITIONS, Kind, State
from comity.canonical import json
from comity.errors import Invalid, Refused
from support import requests
from support.two_sides import ALL_ROLES, IN, OUT, TwoSides

D = requests.sha256(b"digest")
NAME = requests.an_id("name")


def delivery(**others) -> dict:
    body = m.EvidenceDelivery(
        request_id=NAME,
        package_id=NAME,
        parcel=D,
        seal=D,
        exhibits=(m.DeliveredExhibit(number="E1", description="An image"),),
        complete=True,
    ).to_json()
    return {**body, **others}


def offer(*conditions) -> dict:
    body = {"request_id": NAME, "id": NAME, "explanation": "", "reply_by": "2026-12-01T00:00:00Z"}
    return {**body, "conditions": [entry.to_json() for entry in conditions]}


def request(**others) -> dict:
    return {"content": {**requests.content_for().to_json(), **others}}


EXHIBIT = {"number": "E1", "description": "An image", "conditions": []}
SAME = requests.a_condition()
MANY = [requests.a_condition(str(number)) for number in range(MAX_CONDITIONS + 1)]
NOTICE = {
    "request_id": NAME,
    "decision": "refused",
    "ground": "political",
    "article": "27(4)",
    "reasons": "x",
    "consultation": NAME,
    "conditions": [],
}


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        (m.EvidenceDelivery, delivery(outstanding="E2"), "delivery.complete"),
        (m.EvidenceDelivery, delivery(exhibits=[]), "assistance.too_few"),
        (m.EvidenceDelivery, delivery(exhibits=[EXHIBIT, EXHIBIT]), "assistance.repeated"),
        (
            m.EvidenceDelivery,
            delivery(exhibits=[{**EXHIBIT, "conditions": [NAME]}]),
            "delivery.condition",
        ),
        (m.EvidenceDelivery, delivery(exhibits=[{**EXHIBIT, "number": "../E1"}]), "id.exhibit"),
        (m.ConditionOffer, offer(), "assistance.too_few"),
        (m.ConditionOffer, offer(SAME, SAME), "assistance.repeated"),
        (m.ConditionOffer, offer(*MANY), "json.member_too_long"),
        (m.DecisionNotice, {**NOTICE, "consultation": None}, "decision.consultation"),
        (m.DecisionNotice, {**NOTICE, "decision": "accepted"}, "decision.ground"),
        (m.RequestMessage, request(offences=[]), "assistance.too_few"),
        (m.RequestMessage, request(offences=["fraud", "fraud"]), "assistance.repeated"),
        (m.RequestMessage, request(offences=["Fraud!"]), "assistance.name"),
        (
            m.RequestMessage,
            request(offences=[f"offence_{n}" for n in range(MAX_OFFENCES + 1)]),
            "json.member_too_long",
        ),
        (m.RequestMessage, request(instrument="coe 185"), "assistance.name"),
        (m.RequestMessage, request(requested="xv.police"), "assistance.same_state"),
    ],
)
def test_a_body_that_contradicts_itself_is_refused(kind, body, code) -> None:
    with pytest.raises(Invalid) as caught:
        read_message(message_type=kind.TYPE, body=body)
    assert caught.value.code == code
    assert caught.value.message.startswith(kind.TYPE)


def test_the_bodies_above_are_good_but_for_the_one_fault() -> None:
    for kind, body in (
        (m.EvidenceDelivery, delivery()),
        (m.ConditionOffer, offer(SAME)),
        (m.ConditionOffer, offer(*MANY[1:])),
        (m.DecisionNotice, NOTICE),
        (m.RequestMessage, request()),
    ):
        message = read_message(message_type=kind.TYPE, body=body)
        assert json.write(message.to_json()) == json.write(body)
    assert read_message(message_type=m.RequestMessage.TYPE, body=request()).request_id


@pytest.mark.parametrize(
    "message",
    [
        m.AdditionalInformation(request_id=NAME, answers=NAME, text="x", fields=requests.Answers()),
        m.ConditionReply(request_id=NAME, answers=NAME, accepted=True),
        m.ConsultationReply(request_id=NAME, answers=NAME, text="x"),
        m.EvidenceReceipt(request_id=NAME, package_id=NAME, verified=True, report=D, statements=()),
    ],
    ids=lambda message: message.TYPE,
)
def test_an_answer_to_nothing_is_refused(message) -> None:
    import dataclasses

    both = TwoSides().in_execution()
    ours = dataclasses.replace(message, request_id=both.asking.id)
    with pytest.raises(Invalid):
        decide.take(situation=both.situation(IN), message=ours)


def test_a_refusal_names_a_consultation_that_was_opened() -> None:
    both = TwoSides().acknowledged()
    both.act(IN, "open_consultation", **both.consultation())
    both.settle()
    body = {**NOTICE, "request_id": both.asking.id}
    notice = read_message(message_type=m.DecisionNotice.TYPE, body=body)
    with pytest.raises(Invalid, match="consultation"):
        decide.take(situation=both.situation(OUT), message=notice)


def test_a_delivery_names_only_conditions_that_were_accepted() -> None:
    both = TwoSides().in_execution()
    body = delivery(request_id=both.asking.id, conditions=[SAME.to_json()])
    message = read_message(message_type=m.EvidenceDelivery.TYPE, body=body)
    with pytest.raises(Invalid, match="conditions"):
        decide.take(situation=both.situation(OUT), message=message)


def test_inputs_of_officers_that_no_form_would_send() -> None:
    both = TwoSides().in_execution()
    with pytest.raises(Invalid, match="phase"):
        both.act(IN, "report_progress", phase=m.ProgressPhase.STARTED, text="x")
    with pytest.raises(Invalid, match="conditions"):
        both.act(IN, "offer_condition", offer_id=NAME, conditions=(), reply_by=both.soon())
    with pytest.raises(Invalid, match="package_id"):
        both.act(OUT, "confirm_receipt", **both.receipt(NAME))
    with pytest.raises(Refused):
        both.act(OUT, "reply_consultation", text="x")
    with pytest.raises(Refused):
        both.act(OUT, "accept_condition")


def test_a_decision_tells_state_and_outcome() -> None:
    both = TwoSides().acknowledged()
    decision = both.act(IN, "accept")
    assert (decision.state, decision.outcome) == (both.asked.state, both.asked.outcome)


def test_a_basis_without_grounds_or_a_law_that_was_not_asked_is_said() -> None:
    from dataclasses import replace

    both = TwoSides().acknowledged()
    both.act(IN, "open_consultation", **both.consultation())
    both.wait(days=11)
    basis = replace(both.law.bases[0], grounds=())
    both.law = replace(both.law, bases=(basis,))
    with pytest.raises(Invalid, match="ground"):
        both.act(IN, "refuse", ground="political", reasons="x")
    situation = both.situation(IN, "o", ALL_ROLES)
    (entry,) = [e for e in decide.available(situation=situation) if e.action == "refuse"]
    assert entry.reasons == ("Budapest Convention allows no ground of refusal",)
    draft = TwoSides()
    draft.law = None
    with pytest.raises(Refused) as caught:
        draft.act(OUT, "submit")
    assert caught.value.reasons == ("The law has not been asked about this request",)


def test_nothing_lapses_that_was_never_held() -> None:
    both = TwoSides(kind=Kind.PRESERVATION).accepted()
    both.report_hold(result=m.PreservationResult.NO_DATA, held_from=None, held_until=None)
    with pytest.raises(Refused) as caught:
        both.note(IN, decide.note_preservation_lapsed)
    assert caught.value.reasons == ("No hold has been reported",)


def test_a_hold_with_a_request_behind_it_does_not_lapse() -> None:
    both = TwoSides(kind=Kind.PRESERVATION).accepted()
    both.report_hold()
    both.note(IN, decide.note_assistance_received, assistance_id=NAME, received=both.now)
    both.wait(days=90)
    with pytest.raises(Refused) as caught:
        both.note(IN, decide.note_preservation_lapsed)
    assert caught.value.reasons == ("A request for mutual assistance has been received",)


def test_a_latest_date_ends_with_a_withdrawal() -> None:
    both = TwoSides().acknowledged()
    both.act(OUT, "withdraw", reasons="x")
    (view,) = clocks(request=both.asking, legal=[requests.a_clock()], now=both.now)
    assert view.status is ClockStatus.ENDED


def test_records_of_the_core_are_what_a_store_keeps() -> None:
    """The defaults of the record are what a fresh row holds."""
    assert Package(id=NAME, exhibits=("E1",), complete=True).status == "delivered"
    hold = Hold(
        result=m.PreservationResult.NO_DATA,
        held_from=None,
        held_until=None,
        provider="P",
        local_reference="H",
    )
    assert hold.seq == 1
    assert TwoSides().asking.state is State.DRAFT
