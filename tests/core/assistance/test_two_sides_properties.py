# SPDX-License-Identifier: Apache-2.0
"""Every never and always of a request, under random legal acts of both sides.

Two records are driven against each other (`support.walker`). Messages cross; each
direction delivers exactly once and in order, as the protocol does, however late.
Whenever nothing is under way, both sides must tell the same story.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from comity.assistance import clocks, record
from comity.assistance.events import EVENT_OF
from comity.assistance.facts import PackageStatus, RequestFacts
from comity.assistance.model import ConditionStatus, Kind, Outcome, State
from comity.assistance.tables import TABLES
from comity.canonical import json
from support.two_sides import TwoSides
from support.walker import STAGES, Walker

#: Which state of the requested side goes with which of the requesting side, when
#: nothing is under way. A withdrawal may cross a refusal or a closure.
AGREE = {
    State.SENT: {State.RECEIVED},
    State.ACKNOWLEDGED: {State.ACKNOWLEDGED},
    State.INFORMATION_REQUESTED: {State.INFORMATION_REQUESTED},
    State.CONDITION_OFFERED: {State.CONDITION_OFFERED},
    State.CONSULTATION: {State.CONSULTATION},
    State.POSTPONED: {State.POSTPONED},
    State.ACCEPTED: {State.ACCEPTED, State.IN_EXECUTION},
    State.PARTLY_ANSWERED: {State.PARTLY_DELIVERED},
    State.ANSWERED: {State.DELIVERED, State.CLOSED},
    State.CLOSED: {State.CLOSED},
    State.REFUSED: {State.REFUSED},
    State.WITHDRAWN: {State.WITHDRAWN, State.REFUSED, State.CLOSED},
}
UNSENT = {State.DRAFT, State.AWAITING_APPROVAL, State.DISCARDED}
UNANSWERED = {PackageStatus.VERIFIED, PackageStatus.FAILED}


def records(both: TwoSides) -> list[RequestFacts]:
    return [found for found in (both.asking, both.asked) if found]


def story(request: RequestFacts) -> dict[str, object]:
    """What both sides must know alike; only one of them checks packages."""
    return {
        "contents": request.content.digest,
        "fields": request.fields,
        "questions": request.questions,
        "offers": request.offers,
        "bound": request.bound_conditions,
        "consultations": request.consultations,
        "accepted": request.accepted,
        "packages": [
            replace(entry, status=PackageStatus.DELIVERED) if entry.status in UNANSWERED else entry
            for entry in request.packages
        ],
        "complete": request.delivery_complete,
        "receipts": request.receipts_complete,
        "hold": request.hold,
        "linked": request.linked,
        "postponed": request.postponed,
    }


def check(walker: Walker) -> None:
    """Everything that must hold at every moment."""
    both = walker.both
    for request in records(both):
        table = TABLES[request.direction]
        assert request.state in table.turns, "a state without an owner"
        interlude = request.state in table.interludes
        assert interlude == (request.resume is not None)
        asked = interlude and request.state is not State.POSTPONED
        assert asked == (request.reply_by is not None)
        assert request.state is not State.POSTPONED or request.postponed is not None
        if request.state is State.REFUSED:
            assert any(not entry.spent for entry in request.consultations)
        accepted = [entry for entry in request.offers if entry.status is ConditionStatus.ACCEPTED]
        assert len(request.bound_conditions) == len(accepted)
        if request.state in {State.DRAFT, State.SENT, State.RECEIVED, State.ACCEPTED}:
            assert request.outcome is Outcome.OPEN
        stored = json.write(record.write_record(request))
        assert record.read_record(json.read_canonical_object(stored)) == request
    if walker.quiet:
        check_agreement(both)


def check_agreement(both: TwoSides) -> None:
    """Both sides tell the same story."""
    if both.asked is None:
        assert both.asking.state in UNSENT
        return
    pair = (both.asking.state, both.asked.state)
    assert pair[1] in AGREE[pair[0]], pair
    assert story(both.asking) == story(both.asked)
    if pair[0] is State.WITHDRAWN is not pair[1]:
        return
    assert both.asking.outcome is both.asked.outcome, pair
    resumes = (both.asking.resume, both.asked.resume)
    assert resumes == (None, None) or resumes[1] in AGREE[resumes[0]], resumes
    if pair[0] is not State.SENT and pair != (State.ANSWERED, State.CLOSED):
        legal = both.law.bases[0].clocks
        first, second = (
            clocks.clocks(request=request, legal=legal, now=both.now) for request in records(both)
        )
        assert first == second


class Requests(RuleBasedStateMachine):
    """The walker as Hypothesis drives it, so that a failure is cut down to its steps."""

    walker: Walker | None = None

    @initialize(kind=st.sampled_from(list(Kind)), stage=st.sampled_from(STAGES))
    def begin(self, kind: Kind, stage: str) -> None:
        self.walker = Walker(kind, stage)

    @rule(number=st.integers(0, 1 << 16))
    def step(self, number: int) -> None:
        self.walker.step(number)

    @invariant()
    def everything_holds(self) -> None:
        if self.walker:
            check(self.walker)


TestTwoSides = Requests.TestCase
TestTwoSides.settings = settings(stateful_step_count=40)


@pytest.mark.slow
def test_long_walks_reach_everything_and_hold() -> None:
    """Seeded walks, so that the run is the same everywhere, and every event is met."""
    met: Counter[tuple[str, str]] = Counter()
    for seed in range(60):
        random = Random(seed)
        walker = Walker(random.choice(list(Kind)), random.choice(STAGES))
        for _ in range(70):
            walker.step(random.getrandbits(32))
            check(walker)
        met.update((side, event.name) for side, event in walker.both.events)
    named = {(direction, name) for (direction, _), name in EVENT_OF.items()}
    assert {name for _, name in named - set(met)} <= {"preservation.lapsed"}
