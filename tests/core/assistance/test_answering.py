# SPDX-License-Identifier: Apache-2.0
"""The requested side at work: questions, conditions, consultation, refusal, delivery, closing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.assistance import decide
from comity.assistance.facts import PackageStatus
from comity.assistance.fields import Answers
from comity.assistance.messages import (
    Closure,
    ClosureReason,
    ConditionReply,
    ConsultationSubject,
    DataHeld,
    DecisionKind,
    DecisionNotice,
    ExecutionReport,
    ProgressPhase,
    ProgressReport,
    Withdrawal,
)
from comity.assistance.model import ConditionStatus, Outcome, State
from comity.assistance.tables import OUTGOING
from comity.errors import Conflict, Invalid, Refused
from comity.workflow.table import Turn, reasons_against
from support import requests
from support.two_sides import ALL_ROLES, IN, OUT, TwoSides


def reasons(both: TwoSides, side, action: str) -> tuple[str, ...]:
    situation = both.situation(side, requests.CENTRAL, ALL_ROLES)
    found = {entry.action: entry for entry in decide.available(situation=situation)}
    return found[action].reasons


def ask(both: TwoSides, **others):
    return both.act(
        IN,
        "request_information",
        question_id=both.fresh(),
        question="Which source port?",
        about=("identifiers",),
        data_held=DataHeld.YES,
        **{"reply_by": both.soon(), **others},
    )


def offer(both: TwoSides):
    number = both.fresh()
    return both.act(
        IN,
        "offer_condition",
        offer_id=number,
        conditions=(requests.a_condition(number), requests.a_condition(number + "b")),
        reply_by=both.soon(),
    )


# --- acknowledgement and questions


def test_the_acknowledgement_tells_when_the_request_came() -> None:
    both = TwoSides().approve_and_send()
    arrived = both.now
    both.wait(days=3)
    both.act(IN, "acknowledge", local_reference="MJ 77/26", handled_by="Unit 3, +4733445566")
    both.settle()
    assert both.asking.received == both.asked.received == arrived
    assert both.asking.local_reference == "MJ 77/26"


@pytest.mark.parametrize("begin", ["acknowledged", "accepted", "in_execution"])
def test_a_question_is_answered_and_the_work_goes_on_where_it_was(begin) -> None:
    both = getattr(TwoSides(), begin)()
    before = (both.asking.state, both.asked.state)
    ask(both)
    both.settle()
    assert both.asking.state is both.asked.state is State.INFORMATION_REQUESTED
    fields = Answers.of({"penalties": "8 years"})
    decision = both.act(OUT, "supplement", text="Port 51311.", fields=fields)
    assert decision.messages[0].answers == both.asked.open_question.id
    both.settle()
    assert (both.asking.state, both.asked.state) == before
    assert both.asked.fields.get("penalties") == "8 years"
    assert both.asked.content == both.asking.content, "what was approved stays as it was"
    assert both.asked.content.fields.get("penalties") is None


def test_an_answer_counts_only_for_the_question_it_names() -> None:
    both = TwoSides().acknowledged()
    ask(both)
    both.settle()
    both.wait(days=11)
    both.act(OUT, "supplement", text="Port 51311.")  # under way while the date passes
    both.act(IN, "proceed_without_reply")
    ask(both)
    late = both.deliver(IN)
    assert late.events[0].name == "answer.received_late"
    assert both.asked.state is State.INFORMATION_REQUESTED, "the new question is still open"
    both.settle()
    assert both.asking.state is State.INFORMATION_REQUESTED
    assert [entry.answered for entry in both.asked.questions] == [True, False]


def test_nobody_goes_on_before_the_date_or_sets_a_date_in_the_past() -> None:
    both = TwoSides().acknowledged()
    with pytest.raises(Invalid, match="reply_by"):
        ask(both, reply_by=both.now)
    ask(both)
    assert reasons(both, IN, "proceed_without_reply") == ("The date for the reply has not passed",)
    both.wait(days=10)
    assert reasons(both, IN, "proceed_without_reply"), "the day itself is still in time"
    both.wait(minutes=1)
    assert reasons(both, IN, "proceed_without_reply") == ()


# --- conditions


def test_accepted_conditions_bind_and_travel_to_every_exhibit() -> None:
    both = TwoSides().acknowledged()
    offered = offer(both).messages[0].conditions
    both.settle()
    both.act(OUT, "accept_condition")
    both.settle()
    assert both.asking.bound_conditions == both.asked.bound_conditions == offered
    notice = both.act(IN, "accept").messages[0]
    assert notice.conditions == offered
    both.act(IN, "start_execution")
    delivery = both.act(IN, "deliver", **both.package("E1", "E2")).messages[0]
    assert delivery.conditions == offered
    assert all(
        exhibit.conditions == tuple(entry.id for entry in offered) for exhibit in delivery.exhibits
    )


def test_declined_conditions_do_not_bind_and_the_reasons_are_told() -> None:
    both = TwoSides().acknowledged()
    offer(both)
    both.settle()
    with pytest.raises(Invalid, match="reasons"):
        both.act(OUT, "decline_condition", reasons=" ")
    both.act(OUT, "decline_condition", reasons="Our courts are open.")
    both.settle()
    assert both.asked.state is State.ACKNOWLEDGED
    assert both.asked.offers[0].status is ConditionStatus.DECLINED
    assert both.act(IN, "accept").messages[0].conditions == ()


def test_an_offer_that_nobody_answered_lapses_on_both_sides() -> None:
    both = TwoSides().acknowledged()
    offer(both)
    both.settle()
    both.wait(days=11)
    both.act(IN, "proceed_without_reply")
    both.settle()
    assert both.asking.offers == both.asked.offers
    assert both.asking.offers[0].status is ConditionStatus.LAPSED
    with pytest.raises(Refused):
        both.act(OUT, "accept_condition")


def test_an_acceptance_that_was_under_way_binds_all_the_same() -> None:
    both = TwoSides().acknowledged()
    offer(both)
    both.settle()
    both.wait(days=11)
    both.act(OUT, "accept_condition")
    both.act(IN, "proceed_without_reply")
    both.settle()
    assert both.asking.offers == both.asked.offers
    assert len(both.asked.bound_conditions) == 2


def test_an_offer_is_answered_once() -> None:
    both = TwoSides().acknowledged()
    offer(both)
    both.settle()
    reply = both.act(OUT, "accept_condition").messages[0]
    both.settle()
    again = ConditionReply(
        request_id=reply.request_id, answers=reply.answers, accepted=False, reasons="No."
    )
    with pytest.raises(Conflict):
        decide.take(situation=both.situation(IN), message=again)
    assert len(both.asked.bound_conditions) == 2


# --- consultation and refusal


def refuse(both: TwoSides, ground: str = "political"):
    return both.act(IN, "refuse", ground=ground, reasons="The offence is political.")


def test_a_refusal_needs_a_consultation_first() -> None:
    both = TwoSides().acknowledged()
    expected = (
        "The other side has not been consulted about a refusal (Budapest Convention, art. 27(6))",
    )
    assert reasons(both, IN, "refuse") == expected
    with pytest.raises(Refused) as caught:
        refuse(both)
    assert caught.value.reasons == expected


def test_a_refusal_waits_for_the_reply_or_its_date() -> None:
    both = TwoSides().acknowledged()
    both.act(IN, "open_consultation", **both.consultation())
    assert reasons(both, IN, "refuse") == (
        "The consultation has not been answered, and its reply date has not passed",
    )
    both.wait(days=11)
    assert reasons(both, IN, "refuse") == ()
    refuse(both)
    both.settle()
    assert both.asking.state is State.REFUSED
    assert both.asking.outcome is both.asked.outcome is Outcome.REFUSED


def test_a_refusal_after_the_reply_names_ground_article_reasons_and_consultation() -> None:
    both = TwoSides().acknowledged()
    both.act(IN, "open_consultation", **both.consultation())
    both.settle()
    assert both.asking.state is State.CONSULTATION
    both.act(OUT, "reply_consultation", text="It is an ordinary offence.")
    both.settle()
    assert both.asked.state is State.ACKNOWLEDGED
    with pytest.raises(Invalid) as caught:
        refuse(both, ground="too_much_work")
    assert "political" in caught.value.hint
    with pytest.raises(Invalid, match="reasons"):
        both.act(IN, "refuse", ground="political", reasons="")
    notice = refuse(both).messages[0]
    assert (notice.ground, notice.article) == ("political", "27(4)(a)")
    assert notice.consultation == both.asked.consultations[0].id


def test_a_consultation_before_the_acceptance_does_not_serve_a_later_refusal() -> None:
    both = TwoSides().acknowledged()
    both.act(IN, "open_consultation", **both.consultation())
    both.settle()
    both.act(OUT, "reply_consultation", text="It is an ordinary offence.")
    both.settle()
    both.act(IN, "accept")
    both.settle()
    assert both.asking.consultations == both.asked.consultations
    assert "has not been consulted" in reasons(both, IN, "refuse")[0]


def test_without_the_law_nothing_is_refused() -> None:
    both = TwoSides().acknowledged()
    both.act(IN, "open_consultation", **both.consultation())
    both.wait(days=11)
    both.law = None
    assert reasons(both, IN, "refuse") == ("The law has not been asked about this request",)
    with pytest.raises(Refused):
        refuse(both)


@pytest.mark.parametrize(
    "about", [entry for entry in ConsultationSubject if entry is not ConsultationSubject.REFUSAL]
)
def test_a_consultation_about_something_else_serves_no_refusal(about) -> None:
    both = TwoSides().acknowledged()
    both.act(IN, "open_consultation", **both.consultation(about=about, ground="political"))
    both.settle()
    both.act(OUT, "reply_consultation", text="Take your time.")
    both.settle()
    assert "has not been consulted about a refusal" in reasons(both, IN, "refuse")[0]
    with pytest.raises(Refused):
        refuse(both)
    with pytest.raises(Refused):
        decide.take(situation=both.situation(OUT), message=a_refusal(both))


def test_a_refusal_rests_on_the_ground_that_was_consulted_about() -> None:
    both = TwoSides().acknowledged()
    both.act(IN, "open_consultation", **both.consultation(ground="essential_interests"))
    both.settle()
    both.act(OUT, "reply_consultation", text="It does not touch them.")
    both.settle()
    with pytest.raises(Invalid) as caught:
        refuse(both, ground="political")
    assert caught.value.code == "assistance.ground_not_consulted"
    assert "essential_interests" in caught.value.hint
    with pytest.raises(Invalid, match="another ground"):
        decide.take(situation=both.situation(OUT), message=a_refusal(both))
    assert refuse(both, ground="essential_interests").messages[0].ground == "essential_interests"
    both.settle()
    assert both.asking.state is State.REFUSED


def test_a_refusal_is_not_believed_while_the_consultation_is_open() -> None:
    both = TwoSides().acknowledged()
    both.act(IN, "open_consultation", **both.consultation())
    both.settle()
    with pytest.raises(Invalid, match="not answered"):
        decide.take(situation=both.situation(OUT), message=a_refusal(both))


def test_a_consultation_about_a_refusal_names_its_ground() -> None:
    both = TwoSides().acknowledged()
    with pytest.raises(Invalid, match="ground: needed"):
        both.act(IN, "open_consultation", **both.consultation(ground=""))


def test_another_basis_is_told_no_article_of_the_convention() -> None:
    both = TwoSides(content=replace(requests.content_for(), instrument="un_transnational"))
    both.asked = replace(both.asking, direction=IN, state=State.ACKNOWLEDGED)
    assert reasons(both, IN, "refuse")[0] == (
        "The other side has not been consulted about a refusal"
    )


def a_refusal(both: TwoSides) -> DecisionNotice:
    """Return a refusal as a peer might send it, on the last consultation."""
    return DecisionNotice(
        request_id=both.asking.id,
        decision=DecisionKind.REFUSED,
        ground="political",
        article="27(4)(a)",
        reasons="No.",
        consultation=both.asked.consultations[-1].id,
    )


def test_a_peer_that_refuses_without_consultation_is_not_believed() -> None:
    both = TwoSides().acknowledged()
    notice = DecisionNotice(
        request_id=both.asking.id,
        decision=DecisionKind.REFUSED,
        ground="political",
        article="27(4)(a)",
        reasons="No.",
        consultation=both.fresh(),
    )
    with pytest.raises(Refused) as caught:
        decide.take(situation=both.situation(OUT), message=notice)
    assert "27(6)" in caught.value.reasons[0]


def test_a_peer_that_names_conditions_nobody_accepted_is_not_believed() -> None:
    both = TwoSides().acknowledged()
    notice = DecisionNotice(
        request_id=both.asking.id,
        decision=DecisionKind.ACCEPTED,
        conditions=(requests.a_condition(),),
    )
    with pytest.raises(Invalid, match="conditions"):
        decide.take(situation=both.situation(OUT), message=notice)


# --- delivery


def delivered(*, complete: bool = True) -> tuple[TwoSides, str]:
    both = TwoSides().in_execution()
    package = both.package("E1")
    if complete:
        both.act(IN, "deliver", **package)
    else:
        both.act(IN, "deliver_in_part", **package, outstanding="E2 is encrypted.")
    both.settle()
    return both, package["package_id"]


def checked(both: TwoSides, name: str, *, verified: bool) -> None:
    both.note(
        OUT,
        decide.note_package_checked,
        package_id=name,
        verified=verified,
        report=requests.sha256(b"report"),
    )


def test_a_delivery_in_part_says_what_is_outstanding_and_why() -> None:
    both = TwoSides().in_execution()
    with pytest.raises(Invalid, match="outstanding"):
        both.act(IN, "deliver_in_part", **both.package("E1"), outstanding="  ")
    both.act(IN, "deliver_in_part", **both.package("E1"), outstanding="E2 is encrypted.")
    both.settle()
    assert (both.asking.state, both.asked.state) == (State.PARTLY_ANSWERED, State.PARTLY_DELIVERED)


def test_only_exhibits_that_were_acquired_are_delivered_and_once_per_package() -> None:
    both = TwoSides().in_execution()
    with pytest.raises(Refused) as caught:
        both.act(IN, "deliver", **both.package("E1", "E9"))
    assert caught.value.reasons == ("exhibit E9 has not been acquired",)
    both.deliverable = ()
    assert "acquired" in reasons(both, IN, "deliver")[0]
    both.deliverable = ("E1",)
    package = both.package("E1")
    both.act(IN, "deliver_in_part", **package, outstanding="More.")
    with pytest.raises(Conflict):
        both.act(IN, "deliver", **package)


def test_receipt_is_confirmed_only_for_a_package_that_verified() -> None:
    both, name = delivered()
    assert reasons(both, OUT, "confirm_receipt")
    with pytest.raises(Refused):
        both.act(OUT, "confirm_receipt", **both.receipt(name))
    checked(both, name, verified=True)
    both.act(OUT, "confirm_receipt", **both.receipt(name))
    both.settle()
    assert both.asked.package(name).status is PackageStatus.CONFIRMED


def test_the_requested_side_closes_only_after_the_receipt() -> None:
    both, name = delivered()
    assert reasons(both, IN, "close") == ("The receipt of the evidence has not been confirmed",)
    with pytest.raises(Refused):
        both.act(IN, "close")
    checked(both, name, verified=True)
    both.act(OUT, "confirm_receipt", **both.receipt(name))
    both.settle()
    closure = both.act(IN, "close").messages[0]
    assert closure.reason is ClosureReason.COMPLETED
    both.settle()
    assert (both.asking.state, both.asked.state) == (State.ANSWERED, State.CLOSED)
    both.act(OUT, "close")
    both.settle()
    assert both.asking.outcome is both.asked.outcome is Outcome.EXECUTED


def test_the_requesting_side_answers_every_package_before_it_closes() -> None:
    both, name = delivered()
    expected = ("The receipt of the evidence has not been confirmed",)
    assert reasons(both, OUT, "close") == expected
    checked(both, name, verified=True)
    assert reasons(both, OUT, "close") == expected, "checked is not yet confirmed"
    assert reasons(both, OUT, "reject_package") == (
        "No delivered package has failed its verification",
    )
    with pytest.raises(Refused):
        both.act(OUT, "reject_package", **both.receipt(name), reasons="x")
    with pytest.raises(Invalid):
        checked(both, name, verified=True)
    unchecked = OUTGOING.row(state=State.ANSWERED, action="package_checked")
    assert reasons_against(unchecked, both.situation(OUT)) == (
        "No delivered package is waiting to be verified",
    )


def test_closing_by_the_requesting_side_closes_both() -> None:
    both, name = delivered()
    checked(both, name, verified=True)
    both.act(OUT, "confirm_receipt", **both.receipt(name))
    both.act(OUT, "close", note="Thank you.")
    both.settle()
    assert both.asking.state is both.asked.state is State.CLOSED


def test_a_package_that_does_not_verify_is_rejected_and_made_good() -> None:
    both, bad = delivered()
    checked(both, bad, verified=False)
    assert reasons(both, OUT, "confirm_receipt")
    both.act(OUT, "reject_package", **both.receipt(bad), reasons="The seal does not verify.")
    both.settle()
    assert (both.asking.state, both.asked.state) == (State.PARTLY_ANSWERED, State.PARTLY_DELIVERED)
    package = both.package("E1")
    message = both.act(IN, "deliver", **package).messages[0]
    assert message.replaces == (bad,)
    both.settle()
    checked(both, package["package_id"], verified=True)
    both.act(OUT, "confirm_receipt", **both.receipt(package["package_id"]))
    both.settle()
    assert both.asked.receipts_complete


def test_a_rejection_that_crosses_the_last_delivery_leaves_both_sides_waiting() -> None:
    both, bad = delivered(complete=False)
    checked(both, bad, verified=False)
    both.act(OUT, "reject_package", **both.receipt(bad), reasons="Damaged.")
    both.act(IN, "deliver", **both.package("E2"))
    both.settle()
    assert (both.asking.state, both.asked.state) == (State.PARTLY_ANSWERED, State.PARTLY_DELIVERED)
    assert not both.asking.delivery_complete
    with pytest.raises(Invalid, match="replaces"):
        both.act(
            IN,
            "deliver_in_part",
            **both.package("E1"),
            outstanding="x",
            replaces=(requests.an_id("never sent"),),
        )


def test_evidence_that_crossed_a_withdrawal_is_still_receipted() -> None:
    both = TwoSides().in_execution()
    package = both.package("E1")
    both.act(IN, "deliver", **package)
    both.act(OUT, "withdraw", reasons="No longer needed.")
    both.settle()
    assert (both.asking.state, both.asked.state) == (State.WITHDRAWN, State.WITHDRAWN)
    checked(both, package["package_id"], verified=True)
    both.act(OUT, "confirm_receipt", **both.receipt(package["package_id"]))
    both.settle()
    assert both.asked.package(package["package_id"]).status is PackageStatus.CONFIRMED
    assert both.asking.outcome is both.asked.outcome is Outcome.PARTLY_EXECUTED


def test_confirmed_evidence_is_not_withdrawn_from() -> None:
    both, name = delivered()
    checked(both, name, verified=True)
    both.act(OUT, "confirm_receipt", **both.receipt(name))
    assert reasons(both, OUT, "withdraw") == (
        "The evidence has been received and confirmed; close the request instead",
    )


# --- messages that cannot be


def test_a_message_about_another_request_or_to_the_wrong_side_is_refused() -> None:
    both = TwoSides().acknowledged()
    elsewhere = Withdrawal(request_id=both.fresh(), reasons="x")
    with pytest.raises(Invalid, match="another request"):
        decide.take(situation=both.situation(IN), message=elsewhere)
    backwards = Withdrawal(request_id=both.asking.id, reasons="x")
    with pytest.raises(Invalid, match="requesting side"):
        decide.take(situation=both.situation(OUT), message=backwards)


def test_a_message_that_cannot_come_now_is_refused() -> None:
    both = TwoSides().approve_and_send()
    early = ExecutionReport(
        request_id=both.asking.id,
        report=ProgressReport(phase=ProgressPhase.PROGRESS, text="On the way."),
    )
    with pytest.raises(Refused) as caught:
        decide.take(situation=both.situation(OUT), message=early)
    assert caught.value.code == "workflow.not_now"
    closing = Closure(request_id=both.asking.id, reason=ClosureReason.COMPLETED)
    with pytest.raises(Refused):
        decide.take(situation=both.situation(IN), message=closing)


def test_the_turn_is_always_one_sides() -> None:
    both = TwoSides().acknowledged()
    assert ask(both).turn is Turn.REQUESTING
    both.settle()
    assert both.act(OUT, "supplement", text="Here.").turn is Turn.REQUESTED


def test_events_hold_no_free_text() -> None:
    """What the officers wrote is in messages; the record of events names ids, dates and codes."""
    both, name = delivered(complete=False)
    checked(both, name, verified=False)
    both.act(OUT, "reject_package", **both.receipt(name), reasons="The seal does not verify.")
    both.act(OUT, "withdraw", reasons="The suspect has confessed.")
    both.settle()
    written = str([event.to_json() for _, event in both.events])
    for words in ("encrypted", "verify.", "confessed", "Takeover", "Image of"):
        assert words not in written
