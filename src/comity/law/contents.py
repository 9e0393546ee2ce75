# SPDX-License-Identifier: Apache-2.0
"""What a request under one provision must hold, and what then runs: fields, clocks, channels.

Rules that stand only between parties to another instrument, or that give way to
another treaty, are kept and marked, never dropped in silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from comity.law import explain
from comity.law.deadlines import unit_of
from comity.law.findings import (
    Channel,
    DualCriminality,
    Ground,
    Institution,
    Language,
    LegalClock,
    Requirement,
    StateRule,
    Words,
)
from comity.law.model import (
    Instrument,
    Practice,
    Rule,
)
from comity.law.origin import Confidence
from comity.law.predicates import Case, in_effect, penalty
from comity.law.provision import (
    ChannelRule,
    Provision,
    TextRule,
)
from comity.law.standing import Bound, between, listed, of_instrument, of_state


@dataclass(frozen=True, slots=True)
class GivesWay:
    """Articles of a basis that fall away (`bound` YES) or may do so, and for which treaty."""

    rule: Rule
    bound: Bound
    to: str

    def touches(self, article: str) -> bool:
        """Whether `article` is one of those that fall away."""
        for name in self.rule.articles:
            rest = article.removeprefix(name)
            if article.startswith(name) and (not rest or not rest[0].isalnum()):
                return True
        return False


#: The ground of refusal that the finding on dual criminality decides.
DUAL_CRIMINALITY: Final = "dual_criminality"
_ARISES: Final = {
    "not_required": "no",
    "not_applicable": "no",
    "met": "no",
    "undetermined": "undetermined",
}
BINDS: Final = {Bound.YES: "yes", Bound.NO: "no", Bound.UNKNOWN: "undetermined"}


def pair_binds(case: Case, instrument: Instrument) -> Bound:
    """Whether `instrument` is in force between the two states on the day."""
    pair = (case.facts.requesting, case.facts.requested)
    if all(listed(instrument, code, case.pack) for code in pair) and not between(
        instrument, *pair, case.pack
    ):
        return Bound.NO
    both = (
        of_state(instrument, case.facts.requesting, case.on, case.pack).bound,
        of_state(instrument, case.facts.requested, case.on, case.pack).bound,
    )
    return min(of_instrument(instrument, case.on).bound, *both)


def requirements(case: Case, provision: Provision) -> tuple[Requirement, ...]:
    """Return the fields of the request; those that the requested state asks for come last."""
    basis = provision.contents_from or "practice"
    known = provision.origin.confidence
    result = [
        Requirement(
            field=name,
            label=case.pack.label("field", name),
            article=provision.places.get(name, provision.article) if basis == "instrument" else "",
            required=required,
            basis=basis,
            confidence=known,
        )
        for names, required in ((provision.required, True), (provision.optional, False))
        for name in names
    ]
    named = {item.field for item in result}
    for practice in case.pack.practices.get(case.facts.requested, ()):
        if practice.topic != "required_facts" or not _speaks_of(
            case, practice, provision.instrument
        ):
            continue
        result += [
            Requirement(
                name,
                case.pack.label("field", name),
                practice.article,
                required=True,
                basis="state",
                confidence=practice.origin.confidence,
            )
            for name in practice.fields
            if name not in named
        ]
    return tuple(result)


def _speaks_of(case: Case, practice: Practice, instrument: str) -> bool:
    started = practice.start is None or practice.start.begun(case.on)
    ended = practice.until is not None and practice.until.begun(case.on)
    return (
        bool(started)
        and not ended
        and (not practice.measures or case.facts.measure in practice.measures)
        and (not practice.instruments or instrument in practice.instruments)
    )


def clocks(provision: Provision) -> tuple[LegalClock, ...]:
    """Return the periods that run under the provision."""
    return tuple(
        LegalClock(
            id=clock.id,
            label=clock.label[0].upper() + clock.label[1:],
            start_event=clock.starts,
            period=clock.period,
            calendar=clock.calendar,
            article=clock.article,
            consequence=clock.consequence,
            kind=clock.kind,
            value=clock.value,
            continues_on=clock.continues_on,
            continues_text=clock.continues_text,
            unit=unit_of(clock.period) if clock.period else None,
            pause=clock.pause or None,
            confidence=provision.origin.confidence,
        )
        for clock in provision.clocks
    )


def grounds(
    case: Case, provision: Provision, gives_way: tuple[GivesWay, ...], dual: DualCriminality | None
) -> tuple[Ground, ...]:
    """Return the grounds of refusal, with those that do not apply marked and explained."""
    result = []
    for rule in provision.grounds:
        applies, because = _gives_way(rule.article, gives_way)
        if applies == "yes" and rule.lifted_by:
            applies, because = _lifted(case, rule.lifted_by)
        if applies == "yes" and rule.code == DUAL_CRIMINALITY and dual is not None:
            applies, because = _ARISES.get(dual.outcome, "yes"), explain.arises(dual.outcome)
        result.append(
            Ground(rule.code, case.pack.label("ground", rule.code), rule.article, applies, because)
        )
    return tuple(result)


def _gives_way(article: str, gives_way: tuple[GivesWay, ...]) -> tuple[str, str]:
    for item in gives_way:
        if item.touches(article):
            applies = "no" if item.bound is Bound.YES else "undetermined"
            return applies, explain.governed_by(item.to, item.rule.article, item.bound)
    return "yes", ""


def _lifted(case: Case, name: str) -> tuple[str, str]:
    instrument = case.pack.instruments[name]
    bound = pair_binds(case, instrument)
    if bound is Bound.NO:
        return "yes", ""
    return "no" if bound is Bound.YES else "undetermined", explain.lifted_by(instrument, bound)


def words(case: Case, rule: TextRule | None, gives_way: tuple[GivesWay, ...]) -> tuple[Words, ...]:
    """Return a rule kept in words, marked where it gives way or needs another instrument."""
    if rule is None:
        return ()
    if rule.only_with:
        return (_only_with(case, rule),)
    applies, because = _gives_way(_first_article(rule.text), gives_way)
    return (Words(explain.in_words(rule.text), applies, because),)


def _first_article(text: str) -> str:
    """Return the first article number in a text such as `only if no treaty: 28(2)(b) ...`."""
    for word in text.replace(":", " ").split():
        if word[0].isdigit():
            return word.strip(",;.")
    return ""


def _only_with(case: Case, rule: TextRule) -> Words:
    instrument = case.pack.instruments[rule.only_with]
    bound = pair_binds(case, instrument)
    text = explain.in_words(rule.text)
    return Words(text, BINDS[bound], explain.only_with(instrument, bound))


def channels(case: Case, instrument: Instrument, provision: Provision) -> tuple[Channel, ...]:
    """Return the channels: open, closed by a declaration, or open only with another treaty."""
    result = []
    for rule in provision.channels:
        state, because = _channel_open(case, instrument, rule)
        coded = case.pack.codes["channel"][rule.code]
        result.append(
            Channel(
                code=rule.code,
                label=coded.label,
                article=rule.article,
                open=state,
                because=because,
                institutions=_institutions(case, instrument, coded.text),
                role=coded.text,
            )
        )
    return tuple(result)


def _channel_open(case: Case, instrument: Instrument, rule: ChannelRule) -> tuple[str, str]:
    for item in instrument.declarations:
        if item.state != case.facts.requested or rule.code not in item.channels:
            continue
        if in_effect(item, case.on) is False:
            continue
        if item.effect == "closes_channel":
            return "no", explain.closed_by(item)
    accepted = [
        item
        for item in case.pack.practices.get(case.facts.requested, ())
        if item.topic == "channels" and item.channels and _speaks_of(case, item, instrument.id)
    ]
    if accepted and not any(rule.code in item.channels for item in accepted):
        return "undetermined", explain.not_among_accepted(accepted[0])
    if not rule.only_with:
        return "yes", ""
    other = case.pack.instruments[rule.only_with]
    bound = pair_binds(case, other)
    because = explain.only_with(other, bound)
    if bound is Bound.YES:
        return "yes", " ".join([because, *_conditions(case, other, rule.code)])
    return (rule.otherwise or "no") if bound is Bound.NO else "undetermined", because


def _conditions(case: Case, other: Instrument, code: str) -> list[str]:
    return [
        explain.conditioned_by(item)
        for item in other.declarations
        if item.state == case.facts.requested
        and item.effect == "conditions_channel"
        and code in item.channels
        and in_effect(item, case.on) is not False
    ]


def _institutions(case: Case, instrument: Instrument, role: str) -> tuple[Institution, ...]:
    """Return the authorities named for this role: those for the instrument before general ones."""
    rows = [row for row in case.pack.authorities.get(case.facts.requested, ()) if row.role == role]
    own = [row for row in rows if instrument.id in row.instruments]
    return tuple(
        Institution(
            row.institution,
            row.role,
            row.as_of.text if row.as_of else "",
            row.origin.record,
            row.origin.sources,
            row.origin.confidence,
        )
        for row in own or [row for row in rows if not row.instruments]
    )


def _threshold_outcome(case: Case, practice: Practice) -> str:
    """Whether the case reaches a penalty threshold that the state set for itself."""
    if practice.months is None:
        return ""
    found = penalty(case, case.facts.requesting, practice.months, stated=case.facts.maximum_months)
    return {Bound.YES: "met", Bound.NO: "not_met", Bound.UNKNOWN: "not_stated"}[found.bound]


def state_rules(case: Case, provision: Provision) -> tuple[StateRule, ...]:
    """Return what the requested state says of itself about this measure and instrument."""
    return tuple(
        StateRule(
            topic=item.topic,
            label=case.pack.label("topic", item.topic),
            text=item.text,
            article=item.article,
            period=item.period,
            record=item.origin.record,
            source=item.origin.sources,
            confidence=item.origin.confidence,
            pack=item.origin.pack,
            outcome=_threshold_outcome(case, item),
        )
        for item in case.pack.practices.get(case.facts.requested, ())
        if _speaks_of(case, item, provision.instrument)
    )


def languages(case: Case, provision: Provision) -> tuple[Language, ...]:
    """Return the instrument's rule on language and what the requested state declared.

    Without a declaration the accepted languages are not known; nothing is assumed.
    """
    result = []
    for practice in case.pack.practices.get(case.facts.requested, ()):
        if practice.topic == "languages" and _speaks_of(case, practice, provision.instrument):
            result.append(
                Language(
                    "declared",
                    practice.languages,
                    practice.text,
                    practice.origin.record,
                    practice.origin.confidence,
                )
            )
    known: Confidence = provision.origin.confidence
    text = explain.in_words(provision.language) or explain.no_language_rule()
    result.append(Language("instrument", (), text, provision.id, known))
    if len(result) == 1:
        text = explain.language_not_recorded(case.facts.requested, case.pack)
        result.append(Language("not_established", (), text, "", Confidence.UNVERIFIED))
    return tuple(result)
