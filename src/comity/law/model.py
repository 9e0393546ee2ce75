# SPDX-License-Identifier: Apache-2.0
"""The records of a law pack, as they are written, typed.

Nothing here decides anything. Every record has an `id` by which an answer can
name it, a confidence and sources; what the pack does not say is None or empty.
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.law.dates import When
from comity.law.origin import Confidence, Origin
from comity.law.provision import Provision


@dataclass(frozen=True, slots=True)
class Source:
    """A document that was read."""

    id: str
    title: str
    kind: str
    url: str
    seen: str
    note: str


@dataclass(frozen=True, slots=True)
class State:
    """A state, a territory (`of` its state) or an organisation."""

    id: str
    kind: str
    of: str | None
    label: str
    names: dict[str, str]
    fictional: bool
    with_article: bool
    """Whether the English name stands with "the" in a sentence."""
    also: tuple[str, ...] = ()
    """What else people write for it: three letters, former and short names."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of assistance; `parent` is where to look when an instrument has no own rule."""

    id: str
    label: str
    group: str
    parent: str | None
    coercive: bool
    note: str


@dataclass(frozen=True, slots=True)
class Coded:
    """A coded value with its English label (a field, a ground, a role, a channel ...)."""

    id: str
    label: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Element:
    """A fact that a declaration or a scope test asks for."""

    id: str
    label: str
    offences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Concordance:
    """Where an instrument names an offence type."""

    instrument: str
    articles: tuple[str, ...]
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class OptionalElement:
    """An element that instruments let a state add to an offence."""

    text: str
    instruments: tuple[str, ...]
    how: str
    note: str


@dataclass(frozen=True, slots=True)
class Offence:
    """An offence type with its conduct and the articles that name it."""

    id: str
    label: str
    category: str
    conduct: tuple[str, ...]
    fault: str
    articles: tuple[Concordance, ...]
    other_acts: tuple[str, ...]
    options: tuple[OptionalElement, ...]
    note: str
    origin: Origin

    def under(self, instrument: str) -> Concordance | None:
        """Return where `instrument` names this offence."""
        for item in self.articles:
            if item.instrument == instrument:
                return item
        return None


@dataclass(frozen=True, slots=True)
class PenaltyFloor:
    """A penalty that an instrument sets at least."""

    instrument: str
    article: str
    rule: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class NationalOffence:
    """A provision of national law. Months of imprisonment; None = not fixed or not established."""

    state: str
    law: str
    provision: str
    offences: tuple[str, ...]
    max_months: int | None
    max_life: bool
    aggravated_max_months: int | None
    aggravated_life: bool
    note: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Authority:
    """An institution of a state in one role; `instruments` empty = in general."""

    state: str
    role: str
    institution: str
    instruments: tuple[str, ...]
    as_of: When | None
    note: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Scope:
    """The test that a case must pass before an instrument counts."""

    article: str
    text: str
    offences_listed: bool
    or_months: int | None
    or_element: str
    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Party:
    """What an instrument's list says of one state."""

    state: str
    status: str
    signed: When | None
    deposit: When | None
    in_force: When | None
    not_before: When | None
    not_after: When | None
    until: When | None
    side: str
    basis: str
    note: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class PartyList:
    """The list as a whole: how it is to be read for a state that it does not name."""

    model: str
    known_since: When
    complete: bool
    status_as_of: str
    completeness: str
    note: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration or reservation with its period (from, until: half-open) and coded effect."""

    instrument: str
    state: str
    article: str
    type: str
    text: str
    effect: str
    offences: tuple[str, ...]
    elements: tuple[str, ...]
    articles: tuple[str, ...]
    measures: tuple[str, ...]
    channels: tuple[str, ...]
    only_for: str
    start: When | None
    until: When | None
    note: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Instrument:
    """A treaty, act, scheme or agreement with its lists. `class_` sorts it for the order rules."""

    id: str
    title: str
    short: str
    kind: str
    class_: str
    stands: str
    binding: bool
    number: dict[str, str]
    adopted: When | None
    opened: When | None
    place: str
    in_force: When | None
    in_force_state: str
    in_force_text: str
    in_force_condition: str
    checked: When | None
    applies_from: When | None
    provisional_from: When | None
    term_ends: When | None
    depositary: str
    open_to: str
    role: str
    article: str
    """The article for a measure of which the pack has no provision."""
    supplements: str | None
    provides: tuple[str, ...]
    urls: tuple[str, ...]
    note: str
    scope: Scope | None
    list: PartyList
    parties: dict[str, tuple[Party, ...]]
    declarations: tuple[Declaration, ...]
    provisions: dict[str, tuple[Provision, ...]]
    origin: Origin


@dataclass(frozen=True, slots=True)
class CoveredPartner:
    """One line of such a list; `since` is the year or month that the list gives, if it does."""

    state: str
    since: When | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Coverage:
    """A list, seen in `known_since`, that only says that a treaty with each partner exists."""

    id: str
    state: str
    measure: str
    text: str
    known_since: When | None
    rows: tuple[CoveredPartner, ...]
    status_as_of: str
    completeness: str
    note: str
    origin: Origin

    @property
    def partners(self) -> tuple[str, ...]:
        """The partners that the list names."""
        return tuple(row.state for row in self.rows)

    def of(self, partner: str) -> CoveredPartner | None:
        """Return the line about `partner`."""
        return next((row for row in self.rows if row.state == partner), None)


@dataclass(frozen=True, slots=True)
class Selector:
    """Which bases an order rule speaks of."""

    instruments: tuple[str, ...]
    classes: tuple[str, ...]
    kinds: tuple[str, ...]

    def matches(self, instrument: Instrument) -> bool:
        """Whether the rule speaks of `instrument`."""
        return (
            instrument.id in self.instruments
            or instrument.class_ in self.classes
            or instrument.kind in self.kinds
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule between instruments. Only such a record puts one basis before another.

    `kind`: before (order of preference), displaces (the one takes the other's
    place), subsidiary (articles of `first` fall away where `then` applies),
    excludes (`first` does not reach `measures`), named_first (a basis that names
    the measure goes before one that reaches it by its parent).
    """

    id: str
    kind: str
    first: Selector
    then: Selector
    measures: tuple[str, ...]
    articles: tuple[str, ...]
    article: str
    text: str
    unless_named: bool
    """A `before` rule that gives way where only the basis of `then` names the measure."""
    origin: Origin


@dataclass(frozen=True, slots=True)
class TransferGround:
    """A ground for transferring personal data."""

    id: str
    regime: str
    article: str
    conditions: tuple[str, ...]
    use_for: str
    note: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Adequacy:
    """A decision that a territory protects personal data adequately, under one regime."""

    territory: str
    regime: str
    decision: str
    adopted: When
    until: When | None
    scope: str
    note: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class TransferRule:
    """Which grounds apply, for exporters `exporters`, by addressee or treaty.

    The exporter `*` is any state that is not among the importers. The rule
    speaks of the time from `start` up to, and not including, `until`.
    """

    id: str
    exporters: tuple[str, ...]
    importers: tuple[str, ...]
    addressee: str
    instruments: tuple[str, ...]
    grounds: tuple[str, ...]
    adequacy: str
    adequacy_ground: str
    text: str
    start: When | None
    until: When | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Practice:
    """What a state says of itself: languages, channels, thresholds, required facts, retention."""

    state: str
    topic: str
    text: str
    measures: tuple[str, ...]
    instruments: tuple[str, ...]
    languages: tuple[str, ...]
    fields: tuple[str, ...]
    channels: tuple[str, ...]
    period: str
    months: int | None
    article: str
    start: When | None
    until: When | None
    origin: Origin
