# SPDX-License-Identifier: Apache-2.0
"""Where an instrument and a state stand on a day: bound, not bound, or not to be said.

Three answers, never two. A list that says "party" without a date binds the
state from the day on which the list was seen; before that nothing can be said.
An unverified record alone never says yes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from comity.law.dates import When
from comity.law.model import (
    Instrument,
    Party,
)
from comity.law.origin import Confidence
from comity.law.pack import Pack


class Bound(IntEnum):
    """The answer; the order lets tests say that time only ever adds."""

    NO = 0
    UNKNOWN = 1
    YES = 2


#: Statuses of a state that takes part.
TAKES_PART: Final = frozenset({"party", "bound", "member"})


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer for one state (or for the instrument), why, and by which record.

    `code` names the sentence in `explain.py`; `day` is the date it speaks of.
    """

    bound: Bound
    code: str
    party: Party | None = None
    day: str = ""


def of_instrument(instrument: Instrument, on: date) -> Standing:  # noqa: PLR0911  (one sentence each)
    """Say whether `instrument` itself is in force and applied on `on`."""
    if instrument.in_force_state == "not_in_force":
        return Standing(Bound.NO, "instrument_not_in_force")
    if instrument.in_force is None:
        return Standing(Bound.UNKNOWN, "instrument_not_established")
    begun = instrument.in_force.begun(on)
    if begun is not True:
        provisional = instrument.provisional_from
        if provisional is not None and provisional.begun(on):
            return Standing(Bound.UNKNOWN, "instrument_provisional", day=provisional.text)
        if begun is False:
            return Standing(Bound.NO, "instrument_not_yet", day=instrument.in_force.text)
        return Standing(Bound.UNKNOWN, "instrument_in_force_day", day=instrument.in_force.text)
    if instrument.applies_from is not None and instrument.applies_from.begun(on) is not True:
        return Standing(Bound.NO, "instrument_applies_later", day=instrument.applies_from.text)
    if instrument.term_ends is not None and instrument.term_ends.begun(on) is not False:
        return Standing(Bound.UNKNOWN, "instrument_term_ended", day=instrument.term_ends.text)
    if instrument.origin.confidence is Confidence.UNVERIFIED:
        return Standing(Bound.UNKNOWN, "instrument_unverified")
    return Standing(Bound.YES, "instrument_in_force", day=instrument.in_force.text)


def of_state(instrument: Instrument, code: str, on: date, pack: Pack) -> Standing:
    """Say whether the state or territory `code` is bound by `instrument` on `on`."""
    rows = instrument.parties.get(code)
    if rows is None:
        return _unlisted(instrument, code, on, pack)
    standings = [_of_row(instrument, row, on) for row in rows]
    return max(standings, key=lambda standing: standing.bound)


def binds(instrument: Instrument, code: str, on: date, pack: Pack) -> Bound:
    """Say whether `instrument` is in force on `on` and binds `code`."""
    return min(of_instrument(instrument, on).bound, of_state(instrument, code, on, pack).bound)


def listed(instrument: Instrument, code: str, pack: Pack) -> bool:
    """Whether the instrument's list has anything to say about `code`."""
    if code in instrument.parties:
        return True
    state = pack.states[code]
    if state.of is not None:
        return listed(instrument, state.of, pack)
    return instrument.list.model == "universal_except" and state.kind == "member"


def sides(instrument: Instrument, code: str, pack: Pack) -> frozenset[str]:
    """Return the sides of an agreement on which `code`, or else its state, stands."""
    rows = instrument.parties.get(code)
    if rows is None:
        state = pack.states[code]
        return frozenset() if state.of is None else sides(instrument, state.of, pack)
    return frozenset(row.side for row in rows if row.side)


def one_sovereign(first: str, second: str, pack: Pack) -> bool:
    """Whether the two are a state and its own territory, or two territories of one state.

    A treaty binds a party in respect of its entire territory (Vienna Convention on the
    Law of Treaties, article 29): extended to a territory, it is still one party's.
    """
    return (pack.states[first].of or first) == (pack.states[second].of or second)


def between(instrument: Instrument, first: str, second: str, pack: Pack) -> bool:
    """Whether the lists of `instrument` put the two on opposite ends of it.

    States on the same side of an agreement owe each other nothing under it, nor do
    their territories. Between the parts of one state there is only what they
    concluded with each other, each by a row of its own.
    """
    if not (listed(instrument, first, pack) and listed(instrument, second, pack)):
        return False
    if one_sovereign(first, second, pack):
        return instrument.list.model == "pair" and {first, second} <= instrument.parties.keys()
    return not sides(instrument, first, pack) & sides(instrument, second, pack)


def _unlisted(  # noqa: PLR0911  (one sentence each)
    instrument: Instrument, code: str, on: date, pack: Pack
) -> Standing:
    state = pack.states[code]
    if state.of is not None:
        parent = of_state(instrument, state.of, on, pack)
        if parent.bound is Bound.NO:
            return Standing(Bound.NO, "territory_of_unbound", parent.party, day=state.of)
        return Standing(Bound.UNKNOWN, "territory_not_recorded", parent.party, day=state.of)
    lists = instrument.list
    if lists.model == "universal_except" and state.kind == "member":
        if instrument.in_force is not None and instrument.in_force.begun(on) is False:
            return Standing(Bound.NO, "not_yet", day=instrument.in_force.text)
        if on < lists.known_since.latest:
            return Standing(Bound.UNKNOWN, "since_unknown", day=lists.known_since.text)
        return Standing(Bound.YES, "everybody_except", day=lists.known_since.text)
    if lists.model == "not_established":
        return Standing(Bound.UNKNOWN, "list_not_established")
    if not lists.complete:
        return Standing(Bound.UNKNOWN, "not_on_incomplete_list")
    return Standing(Bound.NO, "not_on_list")


def _of_row(instrument: Instrument, row: Party, on: date) -> Standing:
    unverified = row.origin.confidence is Confidence.UNVERIFIED
    if row.status == "unclear":
        return _unclear(row, on)
    if row.status == "withdrawn":
        standing = _withdrawn(instrument, row, on)
    elif row.status in TAKES_PART:
        standing = _taking_part(instrument, row, on)
    else:
        standing = Standing(Bound.NO, row.status, row)
    if unverified and standing.bound is not Bound.UNKNOWN:
        return Standing(Bound.UNKNOWN, "unverified", row, standing.day)
    return standing


def _unclear(row: Party, on: date) -> Standing:
    if row.in_force is not None and row.in_force.begun(on) is False:
        return Standing(Bound.NO, "not_yet", row, row.in_force.text)
    return Standing(Bound.UNKNOWN, "unclear", row)


def _withdrawn(instrument: Instrument, row: Party, on: date) -> Standing:
    if row.until is None:
        return Standing(Bound.UNKNOWN, "withdrawn_day_unknown", row)
    gone = row.until.begun(on)
    if gone:
        return Standing(Bound.NO, "withdrawn", row, row.until.text)
    if gone is None:
        return Standing(Bound.UNKNOWN, "withdrawn_day_unknown", row)
    return _since(instrument, row, on, known=None)


def _taking_part(instrument: Instrument, row: Party, on: date) -> Standing:
    if row.until is not None:
        gone = row.until.begun(on)
        if gone is not False:
            bound = Bound.NO if gone else Bound.UNKNOWN
            return Standing(
                bound, "withdrawn" if gone else "withdrawn_day_unknown", row, row.until.text
            )
    return _since(instrument, row, on, known=instrument.list.known_since.latest)


def _before(instrument: Instrument, row: Party, on: date, in_force: When) -> Standing:
    """Decide for a day before a state's date: a provisional application may have begun.

    It does so only for a state that is bound from the instrument's own first day
    (Vienna Convention on the Law of Treaties, article 25).
    """
    provisional = instrument.provisional_from
    if (
        provisional is not None
        and provisional.begun(on)
        and instrument.in_force is not None
        and in_force.text == instrument.in_force.text
    ):
        return Standing(Bound.UNKNOWN, "provisional", row, provisional.text)
    return Standing(Bound.NO, "not_yet", row, in_force.text)


def _since(instrument: Instrument, row: Party, on: date, *, known: date | None) -> Standing:
    """Decide from when the state has been bound; `known` is when the list was seen."""
    if row.in_force is not None:
        begun = row.in_force.begun(on)
        if begun is None and row.not_after is None:
            return Standing(Bound.UNKNOWN, "day_unknown", row, row.in_force.text)
        if begun:
            return Standing(Bound.YES, "bound", row, row.in_force.text)
        if begun is False:
            return _before(instrument, row, on, row.in_force)
    earliest = row.not_before or instrument.in_force
    if earliest is not None and on < earliest.earliest:
        return Standing(Bound.NO, "not_yet", row, earliest.text)
    latest = row.not_after.latest if row.not_after is not None else known
    if latest is None or on < latest:
        return Standing(Bound.UNKNOWN, "since_unknown", row, latest.isoformat() if latest else "")
    return Standing(Bound.YES, "bound_day_unknown", row, latest.isoformat())
