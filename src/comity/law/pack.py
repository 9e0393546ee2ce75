# SPDX-License-Identifier: Apache-2.0
"""A law pack in memory: all records, indexed for the engine, with name, version and digest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from comity.canonical.digest import Sha256
from comity.law.model import (
    Adequacy,
    Authority,
    Coded,
    Coverage,
    Declaration,
    Element,
    Instrument,
    Measure,
    NationalOffence,
    Offence,
    PenaltyFloor,
    Practice,
    Rule,
    Source,
    State,
    TransferGround,
    TransferRule,
)
from comity.law.provision import Provision

#: The six official languages of the United Nations.
LANGUAGES: Final = ("ar", "en", "es", "fr", "ru", "zh")


@dataclass(frozen=True, slots=True)
class Part:
    """One directory of a pack: the built-in law, or an overlay by an authority."""

    name: str
    version: str
    as_of: date
    digest: Sha256
    publisher: str
    reason: str
    signed_by: str
    fictional: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """How an instrument reaches a measure: at which measure of the chain, with what provisions."""

    instrument: Instrument
    named: bool
    """The instrument names the measure itself."""
    at: str
    """The measure of the chain that the instrument names."""
    provisions: tuple[Provision, ...]
    """The rules used, perhaps of a measure further up the chain; none if the pack has none."""
    from_provision_only: bool
    """Only a provision says so, not the instrument's own list."""


@dataclass(frozen=True)
class Pack:
    """The law at hand. Build it with `load_pack`."""

    name: str
    version: str
    digest: Sha256
    as_of: date
    parts: tuple[Part, ...]
    sources: dict[str, Source]
    states: dict[str, State]
    measures: dict[str, Measure]
    fields: dict[str, Coded]
    grounds: dict[str, Coded]
    roles: dict[str, Coded]
    codes: dict[str, dict[str, Coded]]
    """Other coded values by vocabulary: channel, dual_criminality, event, status, ..."""
    labels: dict[str, dict[str, dict[str, str]]]
    """language -> vocabulary -> id -> label."""
    elements: dict[str, Element]
    offences: dict[str, Offence]
    floors: tuple[PenaltyFloor, ...]
    instruments: dict[str, Instrument]
    rules: tuple[Rule, ...]
    coverage: tuple[Coverage, ...]
    national: dict[str, tuple[NationalOffence, ...]]
    authorities: dict[str, tuple[Authority, ...]]
    practices: dict[str, tuple[Practice, ...]]
    transfer_grounds: dict[str, TransferGround]
    transfer_rules: tuple[TransferRule, ...]
    adequacy: tuple[Adequacy, ...]
    _reach: dict[str, tuple[Reach, ...]] = field(default_factory=dict, compare=False, repr=False)
    _supplementing: dict[str, tuple[Instrument, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )
    _declared: dict[str, tuple[Declaration, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def chain(self, measure: str) -> Iterator[str]:
        """Yield `measure`, its parent, the parent's parent ..."""
        step: str | None = measure
        while step is not None:
            yield step
            step = self.measures[step].parent

    def reaching(self, measure: str) -> tuple[Reach, ...]:
        """Return every instrument that reaches `measure`, in the order of their ids."""
        if measure not in self._reach:
            found = (self._reach_of(item, measure) for item in self.instruments.values())
            self._reach[measure] = tuple(reach for reach in found if reach is not None)
        return self._reach[measure]

    def _reach_of(self, instrument: Instrument, measure: str) -> Reach | None:
        chain = list(self.chain(measure))
        for index, step in enumerate(chain):
            listed = step in instrument.provides
            if not listed and step not in instrument.provisions:
                continue
            provisions: tuple[Provision, ...] = ()
            for further in chain[index:]:
                if further in instrument.provisions:
                    provisions = instrument.provisions[further]
                    break
            return Reach(instrument, step == measure, step, provisions, not listed)
        return None

    def supplementing(self, instrument: str) -> tuple[Instrument, ...]:
        """Return the instruments that say they supplement `instrument`."""
        if instrument not in self._supplementing:
            self._supplementing[instrument] = tuple(
                item for item in self.instruments.values() if item.supplements == instrument
            )
        return self._supplementing[instrument]

    def declared_by(self, state: str) -> tuple[Declaration, ...]:
        """Return every declaration and reservation of `state`."""
        if not self._declared:
            by_state: dict[str, list[Declaration]] = {}
            for instrument in self.instruments.values():
                for item in instrument.declarations:
                    by_state.setdefault(item.state, []).append(item)
            self._declared.update({key: tuple(value) for key, value in by_state.items()})
        return self._declared.get(state, ())

    def state_named(self, text: str) -> str:
        """Return the code that is meant: `de` is DE; a territory may have its state before it.

        `NL-CW` is Curaçao. Any other text is returned as it is. The prefix is never
        dropped unread: the CA of `US-CA` is no Canada.
        """
        code = text.strip().upper()
        if code in self.states:
            return code
        whole, dash, part = code.rpartition("-")
        found = self.states.get(part) if dash else None
        return part if found is not None and found.of == whole else text.strip()

    def hint_of_state(self, text: str) -> str:
        """Return a sentence with the code of the state that somebody named otherwise."""
        from comity.law.state_names import hint  # only for who made a mistake

        return hint(text, self.states)

    def label(self, vocabulary: str, code: str, language: str = "en") -> str:
        """Return the label of a coded value; in English if `language` has none."""
        translated = self.labels.get(language, {}).get(vocabulary, {}).get(code)
        return translated or self.labels["en"].get(vocabulary, {}).get(code, code)
