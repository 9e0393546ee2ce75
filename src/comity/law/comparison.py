# SPDX-License-Identifier: Apache-2.0
"""Two states' law on an offence side by side: what they punish, under which elements, how hard.

Shows what is recorded and what is not. It compares records; it does not judge
whether a law is good, and it never reads a missing record as a missing offence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from comity.canonical.digest import Sha256
from comity.canonical.json import Object
from comity.law import explain
from comity.law.answer import LegalFacts
from comity.law.dual_criminality import match_offence
from comity.law.findings import OffenceMatch, Reason
from comity.law.model import NationalOffence, Offence
from comity.law.pack import Pack
from comity.law.predicates import Case, in_effect
from comity.law.standing import Bound, binds

FORMAT = "comity.law.comparison/1"


@dataclass(frozen=True, slots=True)
class Penalty:
    """A national provision with its maximum penalty in months; None where it is not fixed."""

    law: str
    provision: str
    max_months: int | None
    max_life: bool
    aggravated_max_months: int | None
    aggravated_life: bool
    note: str
    reason: Reason

    @property
    def text(self) -> str:
        """The maximum penalty in words."""
        basic = _months(self.max_months, life=self.max_life)
        graver = _months(self.aggravated_max_months, life=self.aggravated_life)
        if not graver:
            return basic or "maximum not recorded"
        return f"{basic or 'maximum not recorded'}; graver forms {graver}"

    def to_json(self) -> Object:
        """Return the provision as JSON."""
        return {
            "law": self.law,
            "provision": self.provision,
            "max_months": self.max_months,
            "max_life": self.max_life,
            "aggravated_max_months": self.aggravated_max_months,
            "aggravated_life": self.aggravated_life,
            "text": self.text,
            "note": self.note,
            "record": self.reason.record,
            "source": list(self.reason.source),
            "confidence": str(self.reason.confidence),
        }


def _months(months: int | None, *, life: bool) -> str:
    if life:
        return "life"
    return "" if months is None else f"up to {explain.years(months)}"


@dataclass(frozen=True, slots=True)
class Side:
    """What is recorded of one state for one offence."""

    state: str
    label: str
    penalties: tuple[Penalty, ...]
    duties: tuple[Reason, ...]
    """Instruments that bind the state to punish it."""
    declared: tuple[Reason, ...]
    """Declarations and reservations that change the offence there."""
    elements: tuple[str, ...]

    def to_json(self) -> Object:
        """Return the side as JSON."""
        return {
            "state": self.state,
            "label": self.label,
            "provisions": [item.to_json() for item in self.penalties],
            "treaties": [item.to_json() for item in self.duties],
            "declared": [item.to_json() for item in self.declared],
            "elements": list(self.elements),
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One offence: both sides, what differs, and whether each side's requests would match."""

    offence: Offence
    sides: tuple[Side, Side]
    differences: tuple[str, ...]
    matches: tuple[tuple[str, OffenceMatch], tuple[str, OffenceMatch]]
    """(requested state, match) for requests in either direction."""

    def to_json(self) -> Object:
        """Return the row as JSON."""
        return {
            "offence": self.offence.id,
            "label": self.offence.label,
            "conduct": list(self.offence.conduct),
            "fault": self.offence.fault,
            "options": [
                {"text": item.text, "instruments": list(item.instruments)}
                for item in self.offence.options
            ],
            "states": [side.to_json() for side in self.sides],
            "differences": list(self.differences),
            "dual_criminality": {state: match.to_json() for state, match in self.matches},
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two states, some offences, one day."""

    states: tuple[str, str]
    rows: tuple[Row, ...]
    as_of: date
    pack_name: str
    pack_version: str
    pack_digest: Sha256

    def to_json(self) -> Object:
        """Return the comparison as JSON."""
        return {
            "format": FORMAT,
            "states": list(self.states),
            "as_of": self.as_of.isoformat(),
            "offences": [row.to_json() for row in self.rows],
            "pack": {
                "name": self.pack_name,
                "version": self.pack_version,
                "digest": self.pack_digest,
            },
        }


def compare(
    *, first: str, second: str, offences: Sequence[str], pack: Pack, as_of: date
) -> Comparison:
    """Return the law of two states on `offences` (all, if none is named) side by side.

    Raises `Invalid` as `assess` does.
    """
    from comity.law.engine import check_facts

    names = tuple(offences) or tuple(pack.offences)
    measure = next(iter(pack.measures))
    first, second = pack.state_named(first), pack.state_named(second)
    check_facts(LegalFacts(first, second, measure, names), pack)
    rows = tuple(_row(pack, pack.offences[name], first, second, as_of) for name in names)
    return Comparison((first, second), rows, as_of, pack.name, pack.version, pack.digest)


def _row(pack: Pack, offence: Offence, first: str, second: str, on: date) -> Row:
    sides = (_side(pack, offence, first, on), _side(pack, offence, second, on))
    return Row(
        offence=offence,
        sides=sides,
        differences=_differences(pack, sides),
        matches=(
            (first, _match(pack, offence, second, first, on)),
            (second, _match(pack, offence, first, second, on)),
        ),
    )


def _match(pack: Pack, offence: Offence, requesting: str, requested: str, on: date) -> OffenceMatch:
    facts = LegalFacts(requesting, requested, next(iter(pack.measures)), (offence.id,))
    return match_offence(Case(facts, pack, on), offence)


def _side(pack: Pack, offence: Offence, state: str, on: date) -> Side:
    standing = [
        item
        for item in pack.declared_by(state)
        if offence.id in item.offences and in_effect(item, on) is not False
    ]
    rows = [row for row in pack.national.get(state, ()) if offence.id in row.offences]
    recorded = bool(rows)
    return Side(
        state=state,
        label=pack.label("state", state),
        penalties=tuple(_penalty(pack, row) for row in rows),
        duties=tuple(
            explain.treaty_duty(
                state, pack.instruments[item.instrument], item, offence, pack, recorded=recorded
            )
            for item in offence.articles
            if pack.instruments[item.instrument].binding
            and binds(pack.instruments[item.instrument], state, on, pack) is Bound.YES
        ),
        declared=tuple(
            explain.declared(item, pack, weight="note", code="law.declared_element")
            for item in standing
        ),
        elements=tuple(name for item in standing for name in item.elements),
    )


def _penalty(pack: Pack, row: NationalOffence) -> Penalty:
    return Penalty(
        law=row.law,
        provision=row.provision,
        max_months=row.max_months,
        max_life=row.max_life,
        aggravated_max_months=row.aggravated_max_months,
        aggravated_life=row.aggravated_life,
        note=row.note,
        reason=explain.national_provision(row, pack),
    )


def _differences(pack: Pack, sides: tuple[Side, Side]) -> tuple[str, ...]:
    lines = []
    for side, other in (sides, sides[::-1]):
        for element in side.elements:
            if element not in other.elements:
                lines.append(explain.only_one_asks(side.state, element, pack))
        if other.penalties and not side.penalties:
            lines.append(explain.no_provision_recorded(side.state, pack))
    maxima = [_highest(side) for side in sides]
    if None not in maxima and maxima[0] != maxima[1]:
        lines.append(
            explain.penalties_differ(
                [(side.state, _words(value)) for side, value in zip(sides, maxima, strict=True)],
                pack,
            )
        )
    return tuple(lines)


_LIFE = 10_000


def _highest(side: Side) -> int | None:
    """The highest recorded maximum of the basic form, in months; None if none is recorded."""
    values = [_LIFE if item.max_life else item.max_months for item in side.penalties]
    known = [value for value in values if value is not None]
    return max(known, default=None)


def _words(months: int | None) -> str:
    if months is None:
        return "not recorded"
    return "life" if months == _LIFE else explain.years(months)
