# SPDX-License-Identifier: Apache-2.0
"""Reads of the law pack for its pages: instruments, states, answers, comparisons, whom to ask.

The pack holds no case, so every officer with a role on cases may read it all. Nothing is decided
here: what holds on a day is asked of the engine.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Final

from django.conf import settings

from comity.errors import Invalid
from comity.law.answer import LegalFacts
from comity.law.comparison import compare
from comity.law.engine import assess
from comity.law.explain import instrument_standing, state_standing
from comity.law.explain.page import ENGLISH
from comity.law.explain.paper import PRINTABLE, as_pdf
from comity.law.model import Declaration, Instrument, Source
from comity.law.origin import Origin
from comity.law.pack import Pack
from comity.law.predicates import in_effect
from comity.law.reach import Row, row, states_of
from comity.law.reader import nearest
from comity.law.standing import TAKES_PART, Bound, listed, of_instrument, of_state
from comity.node import permissions
from comity.node.permissions import Officer
from comity.node.queries.law_grounds import sources_of
from comity.node.queries.law_pack import pack_of_page
from comity.node.queries.law_views import (
    AnswerPage,
    BoundLine,
    ComparisonPage,
    DeclarationLine,
    InstrumentLine,
    InstrumentPage,
    InstrumentsPage,
    MeasureLine,
    PackStamp,
    PartyLine,
    ReachPage,
    StateLine,
    StatePage,
    StatesPage,
    Vocabulary,
)

_BOUND: Final = {Bound.YES: "yes", Bound.NO: "no", Bound.UNKNOWN: "unknown"}
#: Standings of a state that has begun to take part and is not bound.
_UNDER_WAY: Final = frozenset({"signed", "consent_expressed", "invited", "not_yet"})
_ROWS_KEPT: Final = 64


# --- instruments -------------------------------------------------------------------------------


def vocabulary(*, officer: Officer) -> Vocabulary:
    """Return what can be asked about."""
    pack = _readable(officer)
    return Vocabulary(
        states=tuple(states_of(pack)),
        measures=tuple(pack.measures),
        offences=tuple(pack.offences),
        elements=tuple(pack.elements),
    )


def instruments(*, officer: Officer, on: date) -> InstrumentsPage:
    """Return every instrument, and whether it is in force on a day."""
    pack = _readable(officer)
    lines = tuple(
        InstrumentLine(
            instrument=item,
            bound=_BOUND[of_instrument(item, on).bound],
            parties=sum(
                any(one.status in TAKES_PART for one in rows) for rows in item.parties.values()
            ),
        )
        for item in sorted(pack.instruments.values(), key=lambda one: one.short.casefold())
    )
    return InstrumentsPage(lines, on, _stamp(pack))


def instrument(*, officer: Officer, instrument_id: str, on: date) -> InstrumentPage:
    """Return one instrument; `Invalid` (`law.instrument.unknown`) where the pack has none."""
    pack = _readable(officer)
    item = pack.instruments.get(instrument_id)
    if item is None:
        raise Invalid(
            "law.instrument.unknown",
            f"the law pack has no instrument {instrument_id[:60]!r}",
            hint=nearest(instrument_id[:60], pack.instruments),
        )
    parties = _parties(pack, item, on)
    declarations = _declarations(item.declarations, on)
    authorities = tuple(
        one for rows in pack.authorities.values() for one in rows if item.id in one.instruments
    )
    measures = _measures(pack, item)
    rules = tuple(
        one for one in pack.rules if item.id in (*one.first.instruments, *one.then.instruments)
    )
    floors = tuple(one for one in pack.floors if one.instrument == item.id)
    standing = of_instrument(item, on)
    origins = [item.origin, item.list.origin]
    origins += [line.party.origin for line in parties]
    origins += [line.declaration.origin for line in declarations]
    origins += [one.origin for line in measures for one in line.provisions]
    origins += [one.origin for one in authorities]
    origins += [one.origin for one in rules] + [one.origin for one in floors]
    return InstrumentPage(
        instrument=item,
        bound=_BOUND[standing.bound],
        standing=instrument_standing(item, standing, on),
        on=on,
        parties=parties,
        declarations=declarations,
        measures=measures,
        authorities=authorities,
        supplemented_by=pack.supplementing(item.id),
        supplements=pack.instruments[item.supplements] if item.supplements else None,
        rules=rules,
        floors=floors,
        offences=tuple(
            (one.id, found.articles, str(found.confidence))
            for one in pack.offences.values()
            if (found := one.under(item.id)) is not None
        ),
        sources=_sources(pack, origins),
        pack=_stamp(pack),
    )


def _parties(pack: Pack, item: Instrument, on: date) -> tuple[PartyLine, ...]:
    lines = []
    for code in sorted(item.parties, key=lambda one: pack.label("state", one)):
        standing = of_state(item, code, on, pack)
        reason = state_standing(item, code, standing, on, pack)
        lines += [
            PartyLine(code, one, _BOUND[standing.bound], reason) for one in item.parties[code]
        ]
    return tuple(lines)


def _declarations(items: Iterable[Declaration], on: date) -> tuple[DeclarationLine, ...]:
    return tuple(
        DeclarationLine(one, _declared(one, on))
        for one in sorted(items, key=lambda one: (one.state, one.article))
    )


def _declared(item: Declaration, on: date) -> str:
    if item.until is not None and item.until.begun(on):
        return "withdrawn"
    effect = in_effect(item, on)
    if effect is None:
        return "undated"
    return "stands" if effect else "later"


def _measures(pack: Pack, item: Instrument) -> tuple[MeasureLine, ...]:
    named_here = [name for name in pack.measures if name in item.provides]
    more = [name for name in item.provisions if name not in item.provides]
    return tuple(
        MeasureLine(name, name in item.provides, item.provisions.get(name, ()))
        for name in (*named_here, *more)
    )


# --- states ------------------------------------------------------------------------------------


def states(*, officer: Officer, on: date) -> StatesPage:
    """Return every state, territory and organisation of the pack with what is recorded of it."""
    pack = _readable(officer)
    return StatesPage(_state_lines(pack.digest, on), on, _stamp(pack))


@lru_cache(maxsize=8)
def _state_lines(_digest: str, on: date) -> tuple[StateLine, ...]:
    pack = pack_of_page()
    in_force = [one for one in pack.instruments.values() if of_instrument(one, on).bound]
    return tuple(
        StateLine(
            state=state,
            bound=sum(
                min(of_instrument(one, on).bound, of_state(one, code, on, pack).bound) is Bound.YES
                for one in in_force
                if listed(one, code, pack)
            ),
            authorities=len(pack.authorities.get(code, ())),
            offences=len(pack.national.get(code, ())),
        )
        for code, state in pack.states.items()
    )


def state(*, officer: Officer, code: str, on: date) -> StatePage:
    """Return what is recorded of a state; `Invalid` (`law.state.unknown`) if it is not known."""
    pack = _readable(officer)
    found = pack.states.get(code)
    if found is None:
        raise Invalid(
            "law.state.unknown",
            f"the law pack has no state {code[:20]!r}",
            hint=pack.hint_of_state(code),
        )
    lines = _bound_lines(pack, code, on)
    declarations = _declarations(pack.declared_by(code), on)
    authorities = pack.authorities.get(code, ())
    practices = pack.practices.get(code, ())
    national = pack.national.get(code, ())
    coverage = tuple(one for one in pack.coverage if code == one.state or code in one.partners)
    adequacy = tuple(one for one in pack.adequacy if one.territory == code)
    origins = [one.origin for one in authorities] + [one.origin for one in practices]
    origins += [one.origin for one in national] + [one.origin for one in coverage]
    origins += [one.origin for one in adequacy]
    origins += [one.declaration.origin for one in declarations]
    names = [name for one in lines for name in one.standing.source]
    return StatePage(
        state=found,
        on=on,
        bound=tuple(one for one in lines if one.bound == "yes"),
        unknown=tuple(one for one in lines if one.bound == "unknown"),
        signed=tuple(one for one in lines if one.bound == "no" and _is_under_way(one)),
        outside=tuple(one for one in lines if one.bound == "no" and not _is_under_way(one)),
        declarations=declarations,
        authorities=authorities,
        practices=practices,
        offences=national,
        territories=tuple(one for one in pack.states.values() if one.of == code),
        territory_of=pack.states[found.of] if found.of else None,
        coverage=coverage,
        adequacy=adequacy,
        sources=_sources(pack, origins, names),
        pack=_stamp(pack),
    )


def _bound_lines(pack: Pack, code: str, on: date) -> list[BoundLine]:
    lines = []
    for item in sorted(pack.instruments.values(), key=lambda one: one.short.casefold()):
        if not listed(item, code, pack):
            continue
        standing, in_force = of_state(item, code, on, pack), of_instrument(item, on)
        party = standing.party
        lines.append(
            BoundLine(
                instrument=item,
                bound=_BOUND[min(standing.bound, in_force.bound)],
                standing=state_standing(item, code, standing, on, pack),
                in_force=instrument_standing(item, in_force, on),
                signed=party.signed.text if party is not None and party.signed else "",
            )
        )
    return lines


def _is_under_way(line: BoundLine) -> bool:
    """Whether the state has taken a step; also where the instrument itself is not in force."""
    code = line.standing.code.removeprefix("law.")
    return code in _UNDER_WAY or line.standing.weight != "against"


# --- questions ---------------------------------------------------------------------------------


def ask(*, officer: Officer, facts: LegalFacts, on: date) -> AnswerPage:
    """Ask the engine; raises `Invalid` as `assess` does."""
    pack = _readable(officer)
    answer = assess(facts=facts, pack=pack, as_of=on)
    return AnswerPage(answer, sources_of(answer.to_json()), _stamp(pack))


def on_paper(*, officer: Officer, page: AnswerPage, language: str) -> bytes:
    """Return an answer as PDF, in English where the printer lacks the officer's letters."""
    pack = _readable(officer)
    printed = language if language in PRINTABLE else ENGLISH
    return as_pdf(page.assessment, pack, language=printed)


def comparison(
    *, officer: Officer, first: str, second: str, offences: tuple[str, ...], on: date
) -> ComparisonPage:
    """Return two states' law on offences (all, if none is named); raises `Invalid`."""
    pack = _readable(officer)
    found = compare(first=first, second=second, offences=offences, pack=pack, as_of=on)
    return ComparisonPage(found, sources_of(found.to_json()), _stamp(pack))


def reach(
    *, officer: Officer, measure: str, offences: tuple[str, ...], on: date, asking: str = ""
) -> ReachPage:
    """Return whom a state (by default the own one) can ask for a measure; raises `Invalid`."""
    pack = _readable(officer)
    own = asking or settings.CONFIG.state
    found = _row(pack.digest, own, measure, offences, on)
    return ReachPage(own, measure, offences, on, found.states, pack.states[own], _stamp(pack))


@lru_cache(maxsize=_ROWS_KEPT)
def _row(_digest: str, asking: str, measure: str, offences: tuple[str, ...], on: date) -> Row:
    facts = LegalFacts(asking, asking, measure, offences)
    return row(facts=facts, pack=pack_of_page(), as_of=on)


# --- what they share ---------------------------------------------------------------------------


def _readable(officer: Officer) -> Pack:
    permissions.require(officer, "law.read")
    return pack_of_page()


def _stamp(pack: Pack) -> PackStamp:
    return PackStamp(pack.name, pack.version, pack.digest, pack.as_of, pack.parts)


def _sources(
    pack: Pack, origins: Iterable[Origin], names: Iterable[str] = ()
) -> tuple[Source, ...]:
    every = dict.fromkeys([name for one in origins for name in one.sources] + list(names))
    return tuple(pack.sources[name] for name in every if name in pack.sources)
