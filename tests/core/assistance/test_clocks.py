# SPDX-License-Identifier: Apache-2.0
"""The clocks of a request, above all those of a preservation, seen from both sides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.assistance import decide
from comity.assistance.clocks import ClockStatus, ClockView, clocks, next_due
from comity.assistance.facts import LawFacts
from comity.assistance.messages import (
    Acknowledgement,
    DataHeld,
    PreservationReport,
    PreservationResult,
    read_message,
)
from comity.assistance.model import Clock, Kind, Outcome, State
from comity.assistance.tables import turn_of
from comity.canonical.ids import new_object_id
from comity.errors import Invalid, Refused
from comity.workflow.table import Turn
from support import requests
from support.two_sides import ALL_ROLES, IN, OUT, TwoSides, held

HELD = PreservationResult.HELD
S = ClockStatus


def seen(both: TwoSides, side) -> dict[str, ClockView]:
    legal = both.law.bases[0].clocks
    views = clocks(request=both.record(side), legal=legal, now=both.now)
    return {view.id: view for view in views}


def statuses(both: TwoSides) -> dict[str, ClockStatus]:
    """What both sides see; they must see the same."""
    assert seen(both, OUT) == seen(both, IN)
    return {name: view.status for name, view in seen(both, OUT).items()}


def link(both: TwoSides) -> str:
    name = both.fresh()
    for side in (IN, OUT):
        both.note(side, decide.note_assistance_received, assistance_id=name, received=both.now)
    return name


def test_no_clock_starts_before_its_event() -> None:
    both = TwoSides(kind=Kind.PRESERVATION).acknowledged()
    assert statuses(both) == {}


def test_a_hold_runs_at_least_sixty_days_on_both_sides() -> None:
    both = held()
    view = seen(both, OUT)["minimum_preservation"]
    assert (view.article, view.due - view.starts) == ("29(7)", timedelta(days=60))
    assert statuses(both) == {"minimum_preservation": S.RUNNING, "hold": S.RUNNING}
    both.wait(days=59, hours=23, minutes=59)
    assert statuses(both)["hold"] is S.RUNNING
    both.wait(minutes=1)
    assert statuses(both) == {"minimum_preservation": S.MET, "hold": S.ENDED}


@given(st.integers(1, 60 * 86_400 - 1))
def test_a_shorter_hold_is_never_reported(seconds: int) -> None:
    period = timedelta(seconds=seconds)
    both = TwoSides(kind=Kind.PRESERVATION).accepted()
    with pytest.raises(Invalid) as caught:
        both.report_hold(held_until=both.now + period)
    assert caught.value.code == "preservation.too_short"
    assert "29(7)" in caught.value.hint
    assert both.asked.hold is None


@pytest.mark.parametrize(
    ("others", "code"),
    [
        ({"held_from": None}, "preservation.period"),
        ({"held_until": None}, "preservation.period"),
        (
            {
                "held_from": requests.START + timedelta(days=1),
                "held_until": requests.START + timedelta(days=90),
            },
            "preservation.future",
        ),
        ({"result": PreservationResult.NO_DATA}, "preservation.no_hold"),
        ({"result": PreservationResult.HELD_IN_PART}, "text.blank"),
        ({"provider": ""}, "text.blank"),
    ],
)
def test_a_report_that_contradicts_itself_is_refused(others, code) -> None:
    both = TwoSides(kind=Kind.PRESERVATION).accepted()
    with pytest.raises(Invalid) as caught:
        both.report_hold(**others)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 11, 1),  # noqa: DTZ001
        datetime(2026, 11, 1, 0, 0, 0, 5, tzinfo=UTC),
        datetime(1969, 12, 31, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
    ],
)
def test_times_are_whole_seconds_in_utc_that_a_request_can_speak_of(start) -> None:
    with pytest.raises(Invalid) as caught:
        PreservationReport(
            result=HELD, held_from=start, held_until=start, provider="P", local_reference="H"
        )
    assert caught.value.code == "assistance.time"


def test_a_far_date_from_the_other_side_breaks_no_clock() -> None:
    both = TwoSides().approve_and_send()
    body = {
        "request_id": both.asking.id,
        "local_reference": "1",
        "handled_by": "x",
        "received": "9999-12-31T23:59:59Z",
        "next_step": "",
    }
    with pytest.raises(Invalid, match="received"):
        read_message(message_type=Acknowledgement.TYPE, body=body)
    ahead = read_message(
        message_type=Acknowledgement.TYPE, body={**body, "received": "2027-01-01T00:00:00Z"}
    )
    with pytest.raises(Invalid, match="lies in the future"):
        decide.take(situation=both.situation(OUT), message=ahead)


def test_a_hold_is_renewed_and_not_shortened() -> None:
    both = held()
    both.wait(days=50)
    earlier = requests.START + timedelta(days=59)
    with pytest.raises(Invalid) as caught:
        both.report_hold(held_from=earlier - timedelta(days=60), held_until=earlier)
    assert caught.value.code == "preservation.shortened"
    both.report_hold(days=90)
    both.settle()
    assert both.asking.hold == both.asked.hold
    assert seen(both, OUT)["hold"].due == both.now + timedelta(days=90)


def test_nothing_found_starts_no_clock_and_can_be_closed() -> None:
    both = TwoSides(kind=Kind.PRESERVATION).accepted()
    both.report_hold(result=PreservationResult.NO_DATA, held_from=None, held_until=None)
    both.settle()
    assert statuses(both) == {}
    both.act(IN, "close")
    both.settle()
    assert both.asked.outcome is both.asking.outcome is Outcome.NO_DATA


def test_once_the_request_for_assistance_is_received_the_clock_continues_on_both_sides() -> None:
    both = held()
    both.wait(days=55)
    name = link(both)
    both.wait(days=400)
    assert statuses(both) == {
        "minimum_preservation": S.CONTINUES,
        "until_decision": S.CONTINUES,
        "hold": S.CONTINUES,
    }
    view = seen(both, OUT)["minimum_preservation"]
    assert view.due is None
    assert "until the request is decided" in view.consequence
    for side in (IN, OUT):
        both.note(side, decide.note_assistance_decided, assistance_id=name, decided=both.now)
    assert set(statuses(both).values()) == {S.ENDED}


def test_a_request_that_comes_after_the_hold_has_ended_saves_nothing() -> None:
    both = held()
    both.wait(days=61)
    link(both)
    assert statuses(both) == {"minimum_preservation": S.MET, "hold": S.ENDED}


def test_two_requests_may_rest_on_one_preservation() -> None:
    both = held()
    first, second = link(both), link(both)
    both.note(IN, decide.note_assistance_decided, assistance_id=first, decided=both.now)
    assert seen(both, IN)["hold"].status is S.CONTINUES
    both.note(IN, decide.note_assistance_decided, assistance_id=second, decided=both.now)
    assert seen(both, IN)["hold"].status is S.ENDED


def test_a_preservation_is_not_closed_by_the_requested_side_while_it_is_needed() -> None:
    both = held()
    with pytest.raises(Refused) as caught:
        both.act(IN, "close")
    assert caught.value.reasons == (
        "The data is still preserved; the other side has not released it",
    )
    name = link(both)
    with pytest.raises(Refused) as caught:
        both.act(IN, "close")
    assert "29(7)" in caught.value.reasons[0]
    both.note(IN, decide.note_assistance_decided, assistance_id=name, decided=both.now)
    with pytest.raises(Refused) as caught:
        both.note(IN, decide.note_assistance_decided, assistance_id=name, decided=both.now)
    assert caught.value.reasons == ("No request for mutual assistance is pending",)
    both.act(IN, "close")
    assert both.asked.state is State.CLOSED


def test_the_requesting_side_does_not_release_what_its_own_request_needs() -> None:
    both = held()
    both.assistance_open = True  # sent, and not yet known to be received
    for action, inputs in (("close", {}), ("withdraw", {"reasons": "x"})):
        with pytest.raises(Refused) as caught:
            both.act(OUT, action, **inputs)
        assert "depends on this preservation" in caught.value.reasons[0]
    both.assistance_open = False
    both.act(OUT, "close")
    both.settle()
    assert both.asked.state is State.CLOSED
    assert [event.name for side, event in both.events if side is IN][-1] == "preservation.released"


def test_a_hold_that_ended_without_a_request_lapses_and_both_can_close() -> None:
    both = held()
    with pytest.raises(Refused):
        both.note(IN, decide.note_preservation_lapsed)
    both.wait(days=60)
    for side in (IN, OUT):
        both.note(side, decide.note_preservation_lapsed)
    closure = both.act(IN, "close").messages[0]
    assert closure.reason.value == "preservation_lapsed"


def test_a_link_is_noted_once_and_decided_only_if_it_is_there() -> None:
    both = held()
    name = link(both)
    with pytest.raises(Exception, match="already"):
        both.note(IN, decide.note_assistance_received, assistance_id=name, received=both.now)
    with pytest.raises(Invalid):
        both.note(IN, decide.note_assistance_decided, assistance_id=both.fresh(), decided=both.now)


def test_a_latest_date_is_running_then_overdue_and_met_once_answered() -> None:
    both = TwoSides().accepted()

    def status() -> ClockStatus:
        return clocks(request=both.asking, legal=[requests.a_clock()], now=both.now)[0].status

    assert status() is S.RUNNING
    both.wait(days=30)
    assert status() is S.OVERDUE
    both.act(IN, "start_execution")
    both.act(IN, "deliver", **both.package("E1"))
    both.settle()
    assert status() is S.MET


def test_events_that_no_statement_reports_start_no_clock() -> None:
    both = held()
    home = requests.a_clock(start_event="domestic_order_made", period="P90D")
    assert clocks(request=both.asked, legal=[home], now=both.now)[0].id == "hold"


def test_an_open_question_has_its_date_and_the_queue_takes_the_nearest() -> None:
    both = TwoSides().acknowledged()
    both.act(
        IN,
        "request_information",
        question_id=both.fresh(),
        question="Which port?",
        data_held=DataHeld.NOT_KNOWN,
        reply_by=both.soon(5),
    )
    both.settle()
    (view,) = seen(both, OUT).values()
    assert (view.id, view.due, view.status) == ("reply", both.soon(5), S.RUNNING)
    law = LawFacts(
        pack_digest=both.law.pack_digest,
        bases=(
            _with_clocks(both, requests.a_clock(), requests.a_clock(kind="minimum", period="P1D")),
        ),
    )
    due = next_due(request=both.asking, law=law, now=both.now)
    assert due.id == "reply"
    both.wait(days=6)
    assert next_due(request=both.asking, law=law, now=both.now).status is S.OVERDUE
    both.act(OUT, "supplement", text="51311")
    assert next_due(request=both.asking, law=law, now=both.now).id == "answer"
    assert next_due(request=both.asking, law=None, now=both.now) is None


def _with_clocks(both: TwoSides, *found: Clock):
    return replace(both.law.bases[0], clocks=found)


def test_preservation_and_assistance_are_answered_each_in_its_own_way() -> None:
    both = TwoSides().in_execution()
    with pytest.raises(Refused):
        both.report_hold()
    keeping = TwoSides(kind=Kind.PRESERVATION).in_execution()
    with pytest.raises(Refused) as caught:
        keeping.act(IN, "deliver", **keeping.package("E1"))
    assert caught.value.reasons == ("A preservation is answered with a report of what is held",)


def test_a_warning_travels_with_the_report() -> None:
    both = TwoSides(kind=Kind.PRESERVATION).accepted()
    message = both.report_hold(warning="The provider notifies its users.").messages[0]
    assert message.report.warning == "The provider notifies its users."
    assert isinstance(message.report.held_from, datetime)


def test_a_preservation_lists_no_action_of_assistance() -> None:
    both = held()
    asking = decide.available(situation=both.situation(OUT, "o", ALL_ROLES))
    assert [one.action for one in asking] == ["withdraw", "close"]
    asked = decide.available(situation=both.situation(IN, "o", ALL_ROLES))
    assert [one.action for one in asked] == ["report_preservation", "close"]


def test_once_assistance_is_asked_for_the_side_that_holds_the_data_has_the_turn() -> None:
    both = held()
    assert {turn_of(both.record(side)) for side in (OUT, IN)} == {Turn.REQUESTING}
    assistance = new_object_id()
    for side in (OUT, IN):
        asked = both.note(
            side, decide.note_assistance_received, assistance_id=assistance, received=both.now
        )
        assert asked.turn is turn_of(both.record(side)) is Turn.REQUESTED
    for side in (OUT, IN):
        both.note(side, decide.note_assistance_decided, assistance_id=assistance, decided=both.now)
        assert turn_of(both.record(side)) is Turn.REQUESTING
