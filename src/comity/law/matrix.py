# SPDX-License-Identifier: Apache-2.0
"""Whom can whom ask for a measure: the answer for every pair of states at once.

The cells are what `assess` would say. Two pairs of which the lists say the same
(same instruments, same standing, same sides, same reservations) have the same
answer, so each kind of pair is judged once, by the same engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from comity.canonical.digest import Sha256
from comity.canonical.json import Object
from comity.law.answer import LegalFacts
from comity.law.engine import check_facts, judged
from comity.law.model import Instrument
from comity.law.pack import Pack
from comity.law.predicates import Case, in_effect
from comity.law.standing import Bound, listed, of_state, one_sovereign, sides
from comity.law.unrecorded import speaks_of, unrecorded_treaties

FORMAT = "comity.law.matrix/1"


@dataclass(frozen=True, slots=True)
class Cell:
    """One pair: ids of usable and of undetermined bases, in order of preference."""

    usable: tuple[str, ...]
    undetermined: tuple[str, ...]

    @property
    def status(self) -> str:
        """usable, undetermined or none."""
        return "usable" if self.usable else "undetermined" if self.undetermined else "none"


@dataclass(frozen=True, slots=True)
class Matrix:
    """All pairs of `states` for one measure on one day, the requesting state first."""

    measure: str
    as_of: date
    states: tuple[str, ...]
    cells: dict[tuple[str, str], Cell]
    pack_name: str
    pack_version: str
    pack_digest: Sha256

    def rows(self) -> Iterator[tuple[str, str, Cell]]:
        """Yield (requesting, requested, cell), sorted."""
        for requesting in self.states:
            for requested in self.states:
                if (requesting, requested) in self.cells:
                    yield requesting, requested, self.cells[(requesting, requested)]

    def to_json(self) -> Object:
        """Return the matrix as JSON: one list of pairs for each distinct cell."""
        return {
            "format": FORMAT,
            "measure": self.measure,
            "as_of": self.as_of.isoformat(),
            "states": list(self.states),
            "pairs": [
                {
                    "from": requesting,
                    "to": requested,
                    "status": cell.status,
                    "usable": list(cell.usable),
                    "undetermined": list(cell.undetermined),
                }
                for requesting, requested, cell in self.rows()
            ],
            "pack": {
                "name": self.pack_name,
                "version": self.pack_version,
                "digest": self.pack_digest,
            },
        }


def matrix(
    *,
    facts: LegalFacts,
    pack: Pack,
    as_of: date,
    states: Iterable[str] | None = None,
    involving: frozenset[str] | None = None,
) -> Matrix:
    """Return the answers for every pair of `states` (default: all members and the fictional).

    With `involving`, only the pairs of which one is among these. The states of
    `facts` are ignored; its measure, offences, elements and penalty count.
    Raises `Invalid` as `assess` does.
    """
    names = tuple(sorted(members(pack) if states is None else states))
    if len(names) > 1:
        check_facts(replace(facts, requesting=names[0], requested=names[1]), pack)
    marks = _marks(pack, facts, names, as_of)
    unrecorded = _unrecorded(pack, facts, names, as_of)
    known: dict[object, Cell] = {}
    cells: dict[tuple[str, str], Cell] = {}
    for requesting in names:
        first = marks[requesting].items()
        own = _national(pack, facts, requesting)
        for requested in names:
            if requesting == requested or not _wanted(requesting, requested, involving):
                continue
            second = marks[requested]
            pair = (requesting, requested)
            shared = tuple([(mark, second[i]) for i, mark in first if i in second])
            more = unrecorded.get(pair, ())
            within = pair if one_sovereign(requesting, requested, pack) else ()
            key = (shared, more, own, _national(pack, facts, requested), within)
            cell = known.get(key)
            if cell is None:
                cell = known[key] = _cell(facts, pack, as_of, pair)
            cells[pair] = cell
    return Matrix(facts.measure, as_of, names, cells, pack.name, pack.version, pack.digest)


def _wanted(requesting: str, requested: str, involving: frozenset[str] | None) -> bool:
    return involving is None or requesting in involving or requested in involving


def members(pack: Pack) -> list[str]:
    """The members of the United Nations, and the fictional states of a demonstration."""
    return [
        name for name, state in pack.states.items() if state.kind == "member" or state.fictional
    ]


def _cell(facts: LegalFacts, pack: Pack, on: date, pair: tuple[str, str]) -> Cell:
    case = Case(replace(facts, requesting=pair[0], requested=pair[1]), pack, on)
    ordered = judged(case)
    by_bound = {
        bound: tuple(dict.fromkeys(item.instrument.id for item in ordered if item.verdict is bound))
        for bound in Bound
    }
    unrecorded = tuple(item.id for item in unrecorded_treaties(case))
    return Cell(by_bound[Bound.YES], (*by_bound[Bound.UNKNOWN], *unrecorded))


def _marks(
    pack: Pack, facts: LegalFacts, states: Iterable[str], on: date
) -> dict[str, dict[int, int]]:
    """Return, for each state, a number for what decides under each instrument that lists it.

    Two states have the same number under an instrument when the engine cannot tell
    them apart there: same standing, same side, same reservations.
    """
    numbers: dict[object, int] = {}
    result: dict[str, dict[int, int]] = {state: {} for state in states}
    for index, instrument in enumerate(_relevant(pack, facts.measure)):
        for state, own in result.items():
            if not listed(instrument, state, pack):
                continue
            mark = (
                index,
                of_state(instrument, state, on, pack).bound,
                sides(instrument, state, pack),
                _effects(instrument, state, on),
            )
            own[index] = numbers.setdefault(mark, len(numbers))
    return result


def _unrecorded(
    pack: Pack, facts: LegalFacts, states: tuple[str, ...], on: date
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the coverage lists that speak of a pair (whether or not a record exists too)."""
    chain = set(pack.chain(facts.measure))
    result: dict[tuple[str, str], tuple[str, ...]] = {}
    for item in pack.coverage:
        if item.measure in chain:
            for partner in set(item.partners) & set(states):
                if not speaks_of(item, partner, on):
                    continue
                for pair in ((item.state, partner), (partner, item.state)):
                    result[pair] = (*result.get(pair, ()), item.id)
    return result


def _relevant(pack: Pack, measure: str) -> list[Instrument]:
    """The instruments that reach the measure, and those that they supplement."""
    found = {reach.instrument.id: reach.instrument for reach in pack.reaching(measure)}
    for instrument in list(found.values()):
        if instrument.supplements is not None:
            found[instrument.supplements] = pack.instruments[instrument.supplements]
    return [found[name] for name in sorted(found)]


def _effects(instrument: Instrument, state: str, on: date) -> tuple[str, ...]:
    return tuple(
        item.origin.record
        for item in instrument.declarations
        if item.state == state
        and item.effect in ("excludes_articles", "limits_measure")
        and in_effect(item, on) is not False
    )


def _national(pack: Pack, facts: LegalFacts, state: str) -> str:
    """The state itself where its own law may decide (recorded penalties), else nothing."""
    return state if facts.offences and state in pack.national else ""
