# SPDX-License-Identifier: Apache-2.0
"""Dates that cannot be true are not taken from the other side, nor from our own officer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from comity.assistance import messages as m
from comity.assistance.decide import take
from comity.assistance.messages import ConsultationSubject, DataHeld, PreservationResult
from comity.assistance.model import Kind
from comity.errors import Invalid
from support import requests
from support.two_sides import IN, OUT, TwoSides

DAY = timedelta(days=1)


def refusal(both: TwoSides, message: m.Message, *, said: timedelta | None = None) -> str:
    made = None if said is None else both.now + said
    with pytest.raises(Invalid) as refused:
        take(situation=replace(both.situation(OUT), said=made), message=message)
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


def test_nobody_is_asked_to_reply_before_the_question_was_put() -> None:
    both = TwoSides().acknowledged()
    words = {"request_id": both.asking.id, "id": both.fresh(), "reply_by": both.soon(-5)}
    consultation = m.Consultation(
        **words, about=ConsultationSubject.REFUSAL, ground="political", text="We refuse."
    )
    question = m.InformationRequest(**words, question="Which?", about=(), data_held=DataHeld.NO)
    offer = m.ConditionOffer(**words, conditions=(requests.a_condition(),), explanation="")
    for message in (consultation, question, offer):
        assert refusal(both, message, said=timedelta(0)) == "assistance.reply_by"
    # One that was long on its way is taken: it was put in time.
    late = replace(both.situation(OUT), said=both.now - 9 * DAY)
    assert take(situation=late, message=consultation).request.consultations


@pytest.mark.parametrize(("first", "last"), [(300, 400), (-400, -300), (-61, 0)])
def test_a_hold_has_begun_and_is_not_over(first, last) -> None:
    both = TwoSides(kind=Kind.PRESERVATION).accepted()
    start = both.now.replace(microsecond=0)
    period = {"held_from": start + first * DAY, "held_until": start + last * DAY}
    words = {"result": PreservationResult.HELD, "provider": "Mail", "local_reference": "H 1"}
    with pytest.raises(Invalid, match="held_"):
        both.act(IN, "report_preservation", **words, **period)
    report = m.ExecutionReport(
        request_id=both.asking.id, report=m.PreservationReport(**words, **period)
    )
    assert refusal(both, report) in {"preservation.future", "preservation.over"}


def test_a_delivery_replaces_only_what_was_rejected() -> None:
    both = TwoSides().in_execution()
    both.act(IN, "deliver", **both.package("E1"))
    message = replace(both.to_asking[0], replaces=(both.fresh(),))
    assert refusal(both, message) == "assistance.replaces"
