# SPDX-License-Identifier: Apache-2.0
"""What the pages about the law show: records of the pack with what follows from them on a day.

The records are those of `comity.law.model`, as the pack writes them; what is missing in a record
stays missing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from comity.law.answer import Assessment
from comity.law.comparison import Comparison
from comity.law.findings import PackPart, Reason, Transfer
from comity.law.model import (
    Adequacy,
    Authority,
    Coverage,
    Declaration,
    Instrument,
    NationalOffence,
    Party,
    PenaltyFloor,
    Practice,
    Rule,
    Source,
    State,
)
from comity.law.pack import Part
from comity.law.provision import Provision
from comity.law.reach import Reachable

STANDS = "stands"


@dataclass(frozen=True)
class PackStamp:
    """Which law a page was made from."""

    name: str
    version: str
    digest: str
    as_of: date | None
    """The day to which the pack was checked; None where a stored answer does not say it."""
    parts: tuple[Part | PackPart, ...]


@dataclass(frozen=True)
class Vocabulary:
    """What can be asked about: ids of the pack, in its order."""

    states: tuple[str, ...]
    """States and territories; an organisation asks nobody."""
    measures: tuple[str, ...]
    offences: tuple[str, ...]
    elements: tuple[str, ...]


@dataclass(frozen=True)
class InstrumentLine:
    """An instrument in the list of all. `bound`: whether it is in force (yes, no, unknown)."""

    instrument: Instrument
    bound: str
    parties: int
    """States that its list says take part."""


@dataclass(frozen=True)
class InstrumentsPage:
    """All instruments on a day."""

    lines: tuple[InstrumentLine, ...]
    on: date
    pack: PackStamp


@dataclass(frozen=True)
class PartyLine:
    """What the list of an instrument says of a state, and what follows on the day."""

    state: str
    party: Party
    bound: str
    standing: Reason


@dataclass(frozen=True)
class DeclarationLine:
    """A declaration or reservation; `standing`: stands, withdrawn, later or undated."""

    declaration: Declaration
    standing: str


@dataclass(frozen=True)
class MeasureLine:
    """A measure that an instrument provides, with its rules; none if the pack has none."""

    measure: str
    named: bool
    provisions: tuple[Provision, ...]


@dataclass(frozen=True)
class InstrumentPage:
    """One instrument on a day."""

    instrument: Instrument
    bound: str
    standing: Reason
    on: date
    parties: tuple[PartyLine, ...]
    declarations: tuple[DeclarationLine, ...]
    measures: tuple[MeasureLine, ...]
    authorities: tuple[Authority, ...]
    supplemented_by: tuple[Instrument, ...]
    supplements: Instrument | None
    rules: tuple[Rule, ...]
    floors: tuple[PenaltyFloor, ...]
    offences: tuple[tuple[str, tuple[str, ...], str], ...]
    """Offence, the articles that name it, confidence."""
    sources: tuple[Source, ...]
    pack: PackStamp


@dataclass(frozen=True)
class StateLine:
    """A state in the list of all: how many instruments bind it, what is recorded of it."""

    state: State
    bound: int
    authorities: int
    offences: int


@dataclass(frozen=True)
class StatesPage:
    """All states and territories on a day."""

    lines: tuple[StateLine, ...]
    on: date
    pack: PackStamp


@dataclass(frozen=True)
class BoundLine:
    """An instrument and where the state stands with it on the day."""

    instrument: Instrument
    bound: str
    """yes: bound by an instrument in force; no; unknown."""
    standing: Reason
    in_force: Reason
    signed: str
    """The date of signature as the record writes it, else empty."""


@dataclass(frozen=True)
class StatePage:
    """What is recorded of one state on a day."""

    state: State
    on: date
    bound: tuple[BoundLine, ...]
    unknown: tuple[BoundLine, ...]
    signed: tuple[BoundLine, ...]
    """Signed or otherwise under way, but not bound."""
    outside: tuple[BoundLine, ...]
    """Not bound: opted out, withdrew, is not a party."""
    declarations: tuple[DeclarationLine, ...]
    authorities: tuple[Authority, ...]
    practices: tuple[Practice, ...]
    offences: tuple[NationalOffence, ...]
    territories: tuple[State, ...]
    territory_of: State | None
    coverage: tuple[Coverage, ...]
    adequacy: tuple[Adequacy, ...]
    sources: tuple[Source, ...]
    pack: PackStamp


@dataclass(frozen=True)
class AnswerPage:
    """An answer of the law, with the sources that it names."""

    assessment: Assessment
    sources: tuple[Source, ...]
    pack: PackStamp


@dataclass(frozen=True)
class Grounds:
    """What a stored answer rests on: transfer of personal data, sources, the law that was read."""

    transfer: Transfer
    sources: tuple[Source, ...]
    pack: PackStamp


@dataclass(frozen=True)
class ComparisonPage:
    """Two states' law on offences side by side."""

    comparison: Comparison
    sources: tuple[Source, ...]
    pack: PackStamp


@dataclass(frozen=True)
class ReachPage:
    """Whom the own state can ask for a measure, and how fast."""

    asking: str
    measure: str
    offences: tuple[str, ...]
    on: date
    states: tuple[Reachable, ...]
    own: State
    pack: PackStamp
