# SPDX-License-Identifier: Apache-2.0
"""Dates that cannot be true are not taken from the other side, nor from our own officer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from comity.assistance import clocks
from comity.assistance import messages as m
from comity.assistance.clocks import ClockStatus
from comity.assistance.decide import take
from comity.assistance.messages import ConsultationSubject, DataHeld, PreservationResult
from comity.assistance.model import Kind, State
from comity.errors import Invalid
from support import requests
from support.two_sides import IN, OUT, TwoSides

DAY = timedelta(days=1)


def refusal(both: TwoSides, message: m.Message) -> str:
    with pytest.raises(Invalid) as refused:
        take(situation=both.situation(OUT), message=message)
    return refused.value.code


@pytest.mark.parametrize("days", [-4_000, -30, -2, 2, 400])
def test_a_request_is_not_received_before_it_was_approved_nor_later_than_now(days) -> None:
    both = TwoSides().approve_and_send()
    message = m.Acknowledgement(
        request_id=both.asking.id,
        local_reference="M 7",
        handled_by="Unit 2",
        received=both.now.replace(microsecond=0) + days * DAY,
    )
    assert refusal(both, message) == "assistance.received_time"


def put(both: TwoSides, reply_by: datetime) -> tuple[m.Message, m.Message, m.Message]:
    """Return the three messages that set a date for the reply."""
    words = {"request_id": both.asking.id, "id": both.fresh(), "reply_by": reply_by}
    return (
        m.Consultation(
            **words, about=ConsultationSubject.REFUSAL, ground="political", text="We refuse."
        ),
        m.InformationRequest(**words, question="Which?", about=(), data_held=DataHeld.NO),
        m.ConditionOffer(**words, conditions=(requests.a_condition(),), explanation=""),
    )


def test_nobody_is_asked_to_reply_before_there_was_a_request() -> None:
    both = TwoSides().acknowledged()
    for message in put(both, both.soon(-5)):
        assert refusal(both, message) == "assistance.reply_by"


def test_what_was_long_on_its_way_is_taken_and_overdue_at_once() -> None:
    """It expired, and was signed anew: its words are as they were when they were right."""
    both = TwoSides().acknowledged()
    messages = put(both, both.soon(10))
    both.wait(days=15)
    for message in messages:
        request = take(situation=both.situation(OUT), message=message).request
        [clock] = clocks.clocks(request=request, legal=(), now=both.now)
        assert clock.status is ClockStatus.OVERDUE


@pytest.mark.parametrize("days", [1, 9, 11, 40])
def test_a_refusal_stands_however_late_it_comes_with_its_consultation(days) -> None:
    both = TwoSides().acknowledged()
    both.act(IN, "open_consultation", **both.consultation())
    consultation = both.asked.consultations[-1]
    both.now = consultation.reply_by + DAY
    both.act(IN, "refuse", ground="political", reasons="It is political.")
    both.wait(days=days)
    both.settle()
    assert both.asking.state is both.asked.state is State.REFUSED


def test_a_question_and_an_offer_can_be_answered_however_late_they_come() -> None:
    both = TwoSides().acknowledged()
    both.act(
        IN,
        "request_information",
        question_id=both.fresh(),
        question="Which account?",
        data_held=DataHeld.NO,
        reply_by=both.soon(),
    )
    both.wait(days=15)
    both.settle()
    both.act(OUT, "supplement", text="The first.")
    both.settle()
    assert both.asking.state is both.asked.state is State.ACKNOWLEDGED


def period_of(both: TwoSides, first: int, last: int) -> dict[str, datetime]:
    start = both.now.replace(microsecond=0)
    return {"held_from": start + first * DAY, "held_until": start + last * DAY}


HELD = {"result": PreservationResult.HELD, "provider": "Mail", "local_reference": "H 1"}


def report(both: TwoSides, period: dict[str, datetime]) -> m.ExecutionReport:
    held = m.PreservationReport(**HELD, **period)
    return m.ExecutionReport(request_id=both.asking.id, report=held)


@pytest.mark.parametrize(("first", "last"), [(300, 400), (-400, -300), (-61, 0)])
def test_an_officer_reports_no_hold_that_has_not_begun_or_is_over(first, last) -> None:
    both = TwoSides(kind=Kind.PRESERVATION).accepted()
    with pytest.raises(Invalid, match="held_"):
        both.act(IN, "report_preservation", **HELD, **period_of(both, first, last))


def test_a_hold_that_has_not_begun_or_was_over_before_the_request_is_not_taken() -> None:
    both = TwoSides(kind=Kind.PRESERVATION).accepted()
    assert refusal(both, report(both, period_of(both, 300, 400))) == "preservation.future"
    assert refusal(both, report(both, period_of(both, -400, -300))) == "preservation.over"


def test_a_hold_that_ended_while_the_report_was_on_its_way_is_taken() -> None:
    both = TwoSides(kind=Kind.PRESERVATION).accepted()
    both.report_hold(days=60)
    both.wait(days=75)
    both.settle()
    assert both.asking.hold == both.asked.hold


def test_a_delivery_replaces_only_what_was_rejected() -> None:
    both = TwoSides().in_execution()
    both.act(IN, "deliver", **both.package("E1"))
    message = replace(both.to_asking[0], replaces=(both.fresh(),))
    assert refusal(both, message) == "assistance.replaces"
