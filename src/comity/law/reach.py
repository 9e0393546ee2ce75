# SPDX-License-Identifier: Apache-2.0
"""Whom can one state ask for a measure, and how fast: one row of the matrix, with its reasons.

Every other state is asked about with `assess`, so that a row never says anything else than the
whole answer does. Only usable bases count for the speed; where there is none, the undetermined
ones do, because they are what an officer would look at next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from comity.law.answer import UNDETERMINED, USABLE, Assessment, Basis, LegalFacts
from comity.law.deadlines import read_period
from comity.law.engine import assess, check_facts
from comity.law.findings import Channel, LegalClock
from comity.law.pack import Pack

NONE: Final = "none"
#: Role of the authorities behind a channel that is staffed at all hours (the pack's word).
CONTACT_ROLE: Final = "contact_24_7"
#: Events on the side that is asked, from which a period of the answer runs.
RECEIPT: Final = frozenset({"request_received", "order_received", "complete_documents_received"})
_DAYS_OF_A_MONTH: Final = 30


@dataclass(frozen=True, slots=True)
class Through:
    """A channel or a clock, and the basis that has it."""

    basis: Basis
    channel: Channel | None = None
    clock: LegalClock | None = None


@dataclass(frozen=True, slots=True)
class Reachable:
    """What one other state can be asked, and how fast.

    `status`: usable, undetermined or none. `bases`: those that the status
    rests on, in order of preference. `contact`: an open channel to a contact
    point that is staffed at all hours. `period`: the shortest period that runs
    from the receipt of the request. None where no basis has one.
    """

    state: str
    status: str
    bases: tuple[Basis, ...]
    contact: Through | None
    period: Through | None

    @property
    def instruments(self) -> tuple[str, ...]:
        """The instruments of the bases, each once."""
        return tuple(dict.fromkeys(basis.instrument for basis in self.bases))


@dataclass(frozen=True, slots=True)
class Row:
    """All the states that one state can turn to, for one measure on one day."""

    facts: LegalFacts
    as_of: date
    states: tuple[Reachable, ...]
    pack_name: str
    pack_version: str
    pack_digest: str


def row(*, facts: LegalFacts, pack: Pack, as_of: date, states: Iterable[str] | None = None) -> Row:
    """Return whom `facts.requesting` can ask; the requested state of `facts` is ignored.

    `states`: codes, by default every state and territory of the pack. Raises
    `Invalid` as `assess` does.
    """
    wanted = frozenset(states_of(pack) if states is None else states)
    others = [name for name in states_of(pack) if name in wanted and name != facts.requesting]
    check_facts(replace(facts, requested=next(iter(others), facts.requesting)), pack)
    return Row(
        facts=facts,
        as_of=as_of,
        states=tuple(
            _reachable(assess(facts=replace(facts, requested=name), pack=pack, as_of=as_of))
            for name in others
        ),
        pack_name=pack.name,
        pack_version=pack.version,
        pack_digest=pack.digest,
    )


def states_of(pack: Pack) -> Iterator[str]:
    """Yield every state and territory of the pack; organisations are not asked for help."""
    yield from (name for name, state in pack.states.items() if state.kind != "organisation")


def _reachable(answer: Assessment) -> Reachable:
    bases, status = answer.usable, USABLE
    if not bases:
        bases, status = answer.undetermined, UNDETERMINED
    return Reachable(
        state=answer.facts.requested,
        status=status if bases else NONE,
        bases=bases,
        contact=next(_contacts(bases), None),
        period=min(_periods(bases), key=_length, default=None),
    )


def _contacts(bases: Iterable[Basis]) -> Iterator[Through]:
    for basis in bases:
        for channel in basis.channels:
            if channel.open == "yes" and channel.role == CONTACT_ROLE:
                yield Through(basis, channel=channel)


def _periods(bases: Iterable[Basis]) -> Iterator[Through]:
    for basis in bases:
        for clock in basis.clocks:
            if clock.kind == "maximum" and clock.period and clock.start_event in RECEIPT:
                yield Through(basis, clock=clock)


def _length(found: Through) -> timedelta:
    """How long a period is, for putting periods in order only: a month counts 30 days."""
    clock = found.clock
    period = read_period(clock.period) if clock is not None and clock.period else None
    if period is None:
        return timedelta.max
    return timedelta(days=period.months * _DAYS_OF_A_MONTH + period.days, minutes=period.minutes)
