# SPDX-License-Identifier: Apache-2.0
"""Is the conduct an offence on both sides, and does it matter?

Dual criminality is tested on the conduct, never on the name of an offence: the
requested state must punish it, and the elements that this state declared must
be shown by the case. Each rule of the vocabulary names one of the tests below;
the engine knows no rule by an instrument's name.
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.law import explain
from comity.law.findings import (
    DualCriminality,
    OffenceMatch,
    Reason,
)
from comity.law.model import (
    Declaration,
    Instrument,
    Offence,
)
from comity.law.origin import Confidence
from comity.law.predicates import (
    Case,
    Finding,
    in_effect,
    listed_under,
    open_from,
    penalty,
)
from comity.law.provision import (
    DualRule,
    Provision,
)
from comity.law.standing import Bound, binds, of_state


def dual_criminality(case: Case, instrument: Instrument, provision: Provision) -> DualCriminality:
    """Apply the provision's rule on dual criminality to the conduct."""
    rule = provision.dual_criminality
    coded = case.pack.codes["dual_criminality"][rule.rule]
    test, _, otherwise = coded.text.partition(":")
    finding = _TESTS[test](case, instrument, provision)
    outcome = otherwise if finding.outcome == "not_met" else finding.outcome
    return DualCriminality(
        rule=rule.rule,
        text=coded.label[0].upper() + coded.label[1:],
        article=rule.article,
        outcome=outcome,
        note=rule.note,
        offences=finding.offences,
        reasons=finding.reasons,
    )


@dataclass(frozen=True, slots=True)
class _Dual:
    outcome: str
    offences: tuple[OffenceMatch, ...] = ()
    reasons: tuple[Reason, ...] = ()


def _no_test(_case: Case, _instrument: Instrument, _provision: Provision) -> _Dual:
    return _Dual("not_required")


def _not_applicable(_case: Case, _instrument: Instrument, _provision: Provision) -> _Dual:
    return _Dual("not_applicable")


def _elsewhere(_case: Case, _instrument: Instrument, _provision: Provision) -> _Dual:
    return _Dual("undetermined")


def _conduct(case: Case, _instrument: Instrument, _provision: Provision) -> _Dual:
    matches = tuple(match_offence(case, offence) for offence in case.offences())
    outcomes = {match.outcome for match in matches}
    if not matches or "undetermined" in outcomes:
        return _Dual("undetermined" if "not_met" not in outcomes else "not_met", matches)
    return _Dual("not_met" if "not_met" in outcomes else "met", matches)


def _conduct_if_coercive(case: Case, _instrument: Instrument, provision: Provision) -> _Dual:
    if not case.pack.measures[case.facts.measure].coercive:
        return _Dual("not_required")
    return _conduct(case, _instrument, provision)


def _conduct_if_declared(case: Case, instrument: Instrument, provision: Provision) -> _Dual:
    rule = provision.dual_criminality
    state = case.facts.requested
    items = [
        item
        for item in instrument.declarations
        if item.state == state and item.article == rule.reservation
    ]
    standing = [item for item in items if in_effect(item, case.on) is not False]
    if not standing:
        return _Dual("not_required", (), _no_declaration(case, instrument, provision, items))
    lines = tuple(
        explain.declared(item, case.pack, weight="open", code="law.reservation")
        for item in standing
    )
    if rule.never_under and _never(case, rule):
        line = explain.reservation_does_not_reach(provision)
        return _Dual("not_required", (), (*lines, line))
    result = _conduct(case, instrument, provision)
    return _Dual(result.outcome, result.offences, lines + result.reasons)


def _never(case: Case, rule: DualRule) -> bool:
    offences = case.offences()
    return bool(offences) and all(
        listed_under(offence, rule.never_under, rule.never_articles) for offence in offences
    )


def _no_declaration(
    case: Case, instrument: Instrument, provision: Provision, ended: list[Declaration]
) -> tuple[Reason, ...]:
    lines = [
        explain.declared(item, case.pack, weight="note", code="law.reservation_not_in_effect")
        for item in ended
    ]
    lines.append(explain.no_reservation(case.facts.requested, instrument, provision, case.pack))
    return tuple(lines)


def _list_then_conduct(case: Case, _instrument: Instrument, provision: Provision) -> _Dual:
    rule = provision.dual_criminality
    conduct = _conduct(case, _instrument, provision)
    offences = case.offences()
    if offences and all(offence.id in rule.exempt_offences for offence in offences):
        enough = (
            penalty(
                case, case.facts.requesting, rule.exempt_months, stated=case.facts.maximum_months
            )
            if rule.exempt_months is not None
            else Finding(Bound.YES)
        )
        if enough.bound is Bound.YES:
            line = explain.listed_category(provision)
            return _Dual("not_required", (), (line, *enough.reasons))
    return conduct


def _threshold(case: Case, _instrument: Instrument, provision: Provision) -> _Dual:
    if provision.threshold is None:
        return _Dual("undetermined")
    finding = open_from(case, provision, provision.threshold)
    outcome = {Bound.YES: "not_required", Bound.NO: "not_met", Bound.UNKNOWN: "undetermined"}
    return _Dual(outcome[finding.bound], (), finding.reasons)


_TESTS = {
    "none": _no_test,
    "not_applicable": _not_applicable,
    "elsewhere": _elsewhere,
    "domestic": _elsewhere,
    "conduct": _conduct,
    "conduct_if_coercive": _conduct_if_coercive,
    "conduct_if_declared": _conduct_if_declared,
    "list_then_conduct": _list_then_conduct,
    "threshold": _threshold,
}


def match_offence(case: Case, offence: Offence, state: str | None = None) -> OffenceMatch:
    """Say whether the conduct is an offence in the requested state, whatever its name there.

    Elements that the state declared must be shown by the case; an element of
    which nothing is known leaves the question open.
    """
    state = state or case.facts.requested
    lines: list[Reason] = []
    missing: list[str] = []
    verdict = Bound.YES
    for item in case.pack.declared_by(state):
        if offence.id not in item.offences or in_effect(item, case.on) is False:
            continue
        if (
            of_state(case.pack.instruments[item.instrument], state, case.on, case.pack).bound
            is Bound.NO
        ):
            continue
        found, line = _declared_element(case, item, missing)
        if line is not None:
            lines.append(line)
            verdict = min(verdict, found)
    punishable, proof = _punishable(case, offence, state)
    verdict = min(verdict, punishable)
    outcome = {Bound.YES: "met", Bound.NO: "not_met", Bound.UNKNOWN: "undetermined"}[verdict]
    return OffenceMatch(offence.id, offence.label, outcome, (*lines, *proof), tuple(missing))


def _declared_element(
    case: Case, item: Declaration, missing: list[str]
) -> tuple[Bound, Reason | None]:
    pack = case.pack
    if item.effect == "limits_offence":
        return Bound.UNKNOWN, explain.declared(item, pack, weight="open", code="law.limited")
    if item.effect != "requires_elements":
        return Bound.YES, None
    if item.only_for and case.shows(item.only_for) is Bound.NO:
        return Bound.YES, None
    shown = {name: case.shows(name) for name in item.elements}
    missing += [name for name, bound in shown.items() if bound is Bound.UNKNOWN]
    bound = min(shown.values())
    weight = {Bound.YES: "for", Bound.NO: "against", Bound.UNKNOWN: "open"}[bound]
    facts = case.looked_at(*item.elements)
    line = explain.declared(item, pack, weight=weight, code="law.declared_element", facts=facts)
    return bound, line


def _punishable(case: Case, offence: Offence, state: str) -> tuple[Bound, tuple[Reason, ...]]:
    pack = case.pack
    for row in pack.national.get(state, ()):
        if offence.id in row.offences and row.origin.confidence is not Confidence.UNVERIFIED:
            return Bound.YES, (explain.national_provision(row, pack),)
    for item in offence.articles:
        instrument = pack.instruments[item.instrument]
        if not instrument.binding or item.confidence is Confidence.UNVERIFIED:
            continue
        if binds(instrument, state, case.on, pack) is Bound.YES:
            return Bound.YES, (
                explain.treaty_duty(state, instrument, item, offence, pack, recorded=False),
            )
    return Bound.UNKNOWN, (explain.no_national_record(state, offence, pack),)
