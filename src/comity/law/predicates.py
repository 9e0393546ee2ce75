# SPDX-License-Identifier: Apache-2.0
"""The named tests that records may ask for: scope, penalty, offence elements, dual criminality.

Each test gives a finding: yes, no, or "cannot be said" with the facts that are
missing. None of them knows the name of an instrument or a state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from comity.law import explain
from comity.law.answer import DualCriminality, LegalFacts, OffenceMatch, Reason
from comity.law.model import (
    Confidence,
    Declaration,
    DualRule,
    Instrument,
    Offence,
    Provision,
    Scope,
    Threshold,
)
from comity.law.pack import Pack
from comity.law.standing import Bound, of_state


@dataclass(frozen=True, slots=True)
class Finding:
    """What a test found, why, and which facts are missing."""

    bound: Bound
    reasons: tuple[Reason, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """The question as the tests see it."""

    facts: LegalFacts
    pack: Pack
    on: date

    def offences(self) -> tuple[Offence, ...]:
        """The offence types of the request."""
        return tuple(self.pack.offences[name] for name in self.facts.offences)

    def shows(self, element: str) -> Bound:
        """Whether the case shows `element`."""
        if element in self.facts.elements:
            return Bound.YES
        return Bound.NO if element in self.facts.absent else Bound.UNKNOWN


def in_effect(item: Declaration, on: date) -> bool | None:
    """Whether a declaration stands on `on` (half-open); None where its dates do not say."""
    begun = item.start.begun(on) if item.start is not None else None
    if begun is False:
        return False
    ended = item.until.begun(on) if item.until is not None else False
    if ended:
        return False
    return None if item.start is None and ended is None else True


def listed_under(offence: Offence, instrument: str, articles: tuple[str, ...] = ()) -> bool:
    """Whether `instrument` names the offence (in one of `articles`, if any are given)."""
    found = offence.under(instrument)
    if found is None:
        return False
    if not articles:
        return True
    return any(article.split("(")[0].split(" ")[0] in articles for article in found.articles)


def penalty(case: Case, state: str, months: int, *, stated: int | None) -> Finding:
    """Whether the maximum penalty reaches `months` in `state`.

    A stated maximum decides. Otherwise the recorded national provisions do, but only
    where every recorded provision for every offence reaches the figure.
    """
    name = case.pack.label("state", state)
    if stated is not None:
        reached = stated >= months
        text = (
            f"The stated maximum penalty ({explain.years(stated)}) "
            + ("reaches" if reached else "does not reach")
            + f" {explain.years(months)}."
        )
        fact = Reason(
            text,
            "",
            "facts/maximum_months",
            (),
            Confidence.VERIFIED,
            "for" if reached else "against",
            "law.penalty_stated",
        )
        return Finding(Bound.YES if reached else Bound.NO, (fact,))
    reasons = []
    for offence in case.offences():
        rows = [row for row in case.pack.national.get(state, ()) if offence.id in row.offences]
        strong = [row for row in rows if row.origin.confidence is not Confidence.UNVERIFIED]
        if not strong or not all(row.max_life or (row.max_months or 0) >= months for row in strong):
            return Finding(Bound.UNKNOWN, (), ("maximum_months",))
        reasons.append(
            explain.reason(
                f"{name} punishes {offence.label.lower()} with a maximum of at least "
                f"{explain.years(months)} ({strong[0].law} {strong[0].provision}).",
                strong[0].origin,
                code="law.penalty_recorded",
            )
        )
    if not reasons:
        return Finding(Bound.UNKNOWN, (), ("offence",))
    return Finding(Bound.YES, tuple(reasons))


def in_scope(case: Case, instrument: Instrument, scope: Scope) -> Finding:
    """Whether the case is one that the instrument speaks of (for instance serious crime)."""
    findings = []
    if scope.offences_listed:
        findings.append(_listed_or(case, instrument, scope))
    for element in scope.elements:
        shown = case.shows(element)
        findings.append(Finding(shown, (), () if shown is not Bound.UNKNOWN else (element,)))
    bound = min(finding.bound for finding in findings)
    missing = tuple(name for finding in findings for name in finding.missing)
    weight = {Bound.YES: "for", Bound.NO: "against", Bound.UNKNOWN: "open"}[bound]
    text = f"{instrument.short} counts only for {scope.text}"
    if bound is Bound.UNKNOWN:
        words = [_fact_words(case.pack, name) for name in missing]
        text += f". Not stated: {explain.joined(words)}"
    elif bound is Bound.NO:
        text += ", which this case is not"
    line = explain.reason(
        text + ".", instrument.origin, article=scope.article, weight=weight, code="law.scope"
    )
    inner = tuple(reason for finding in findings for reason in finding.reasons)
    return Finding(bound, (line, *inner), missing)


def _fact_words(pack: Pack, name: str) -> str:
    words = {"offence": "the offence", "maximum_months": "the maximum penalty"}
    return words.get(name) or f"whether {pack.label('element', name)}"


def _listed_or(case: Case, instrument: Instrument, scope: Scope) -> Finding:
    offences = case.offences()
    if not offences:
        return Finding(Bound.UNKNOWN, (), ("offence",))
    listed = [listed_under(offence, instrument.id) for offence in offences]
    if all(listed):
        return Finding(Bound.YES)
    if scope.or_months is not None:
        stated = case.facts.maximum_months
        return penalty(case, case.facts.requesting, scope.or_months, stated=stated)
    if scope.or_element:
        shown = case.shows(scope.or_element)
        return Finding(shown, (), (scope.or_element,) if shown is Bound.UNKNOWN else ())
    return Finding(Bound.UNKNOWN if any(listed) else Bound.NO)


def open_from(case: Case, provision: Provision, threshold: Threshold) -> Finding:
    """Whether the offence is grave enough for the measure, or of a kind that always is."""
    offences = case.offences()
    if threshold.under and offences:
        inside = [listed_under(o, threshold.under, threshold.under_articles) for o in offences]
        if not any(inside):
            text = "None of the offences is one for which this article is open."
            return Finding(
                Bound.NO,
                (
                    explain.reason(
                        text,
                        provision.origin,
                        article=threshold.article,
                        weight="against",
                        code="law.threshold",
                    ),
                ),
            )
    if threshold.exempt_offences and offences:
        if all(offence.id in threshold.exempt_offences for offence in offences):
            text = "The offence is one of those listed for this measure, whatever its penalty."
            return Finding(
                Bound.YES,
                (
                    explain.reason(
                        text,
                        provision.origin,
                        article=threshold.article,
                        code="law.threshold_listed",
                    ),
                ),
            )
    findings = []
    if threshold.requesting_months is not None:
        findings.append(
            penalty(
                case,
                case.facts.requesting,
                threshold.requesting_months,
                stated=case.facts.maximum_months,
            )
        )
    if threshold.requested_months is not None:
        findings.append(
            penalty(case, case.facts.requested, threshold.requested_months, stated=None)
        )
    bound = min((finding.bound for finding in findings), default=Bound.YES)
    missing = tuple(dict.fromkeys(name for finding in findings for name in finding.missing))
    weight = {Bound.YES: "for", Bound.NO: "against", Bound.UNKNOWN: "condition"}[bound]
    line = explain.reason(
        _threshold_text(threshold, case.pack),
        provision.origin,
        article=threshold.article,
        weight=weight,
        code="law.threshold",
    )
    inner = tuple(reason for finding in findings for reason in finding.reasons)
    return Finding(bound, (line, *inner), missing)


def _threshold_text(threshold: Threshold, pack: Pack) -> str:
    parts = []
    if threshold.requesting_months is not None:
        parts.append(
            f"a maximum of at least {explain.years(threshold.requesting_months)} in the "
            "requesting state"
        )
    if threshold.requested_months is not None:
        parts.append(
            f"a maximum of at least {explain.years(threshold.requested_months)} in the "
            "requested state"
        )
    text = "Open only for an offence with " + explain.joined(parts)
    if threshold.exempt_offences:
        labels = [pack.label("offence", name).lower() for name in threshold.exempt_offences]
        text += ", or for " + "; ".join(labels)
    return text + "."


# --- dual criminality ------------------------------------------------------------------------


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


def _no_test(case: Case, instrument: Instrument, provision: Provision) -> _Dual:
    return _Dual("not_required")


def _not_applicable(case: Case, instrument: Instrument, provision: Provision) -> _Dual:
    return _Dual("not_applicable")


def _elsewhere(case: Case, instrument: Instrument, provision: Provision) -> _Dual:
    return _Dual("undetermined")


def _conduct(case: Case, instrument: Instrument, provision: Provision) -> _Dual:
    matches = tuple(match_offence(case, offence) for offence in case.offences())
    outcomes = {match.outcome for match in matches}
    if not matches or "undetermined" in outcomes:
        return _Dual("undetermined" if "not_met" not in outcomes else "not_met", matches)
    return _Dual("not_met" if "not_met" in outcomes else "met", matches)


def _conduct_if_coercive(case: Case, instrument: Instrument, provision: Provision) -> _Dual:
    if not case.pack.measures[case.facts.measure].coercive:
        return _Dual("not_required")
    return _conduct(case, instrument, provision)


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
        text = "The reservation does not reach the offences of this request."
        line = explain.reason(
            text, provision.origin, article=rule.article, code="law.reservation_does_not_reach"
        )
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
    text = (
        f"No declaration of {case.pack.label('state', case.facts.requested)} to article "
        f"{provision.dual_criminality.reservation} of {instrument.short} is recorded for this "
        "day; the lists of declarations are not complete."
    )
    lines.append(
        explain.reason(
            text,
            provision.origin,
            article=provision.dual_criminality.article,
            weight="note",
            code="law.no_reservation_recorded",
        )
    )
    return tuple(lines)


def _list_then_conduct(case: Case, instrument: Instrument, provision: Provision) -> _Dual:
    rule = provision.dual_criminality
    conduct = _conduct(case, instrument, provision)
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
            text = "The offence belongs to the listed categories, for which it is not checked."
            line = explain.reason(
                text, provision.origin, article=rule.article, code="law.listed_category"
            )
            return _Dual("not_required", (), (line, *enough.reasons))
    return conduct


def _threshold(case: Case, instrument: Instrument, provision: Provision) -> _Dual:
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
    return bound, explain.declared(item, pack, weight=weight, code="law.declared_element")


def _punishable(case: Case, offence: Offence, state: str) -> tuple[Bound, tuple[Reason, ...]]:
    pack = case.pack
    name = pack.label("state", state)
    for row in pack.national.get(state, ()):
        if offence.id in row.offences and row.origin.confidence is not Confidence.UNVERIFIED:
            text = f"{name} punishes it: {row.law} {row.provision}".rstrip() + "."
            if row.note:
                text += f" ({row.note}.)"
            return Bound.YES, (
                explain.reason(
                    text, row.origin, article=row.provision, code="law.national_provision"
                ),
            )
    for item in offence.articles:
        instrument = pack.instruments[item.instrument]
        if not instrument.binding or item.confidence is Confidence.UNVERIFIED:
            continue
        if of_state(instrument, state, case.on, pack).bound is Bound.YES:
            articles = explain.joined(item.articles)
            text = (
                f"{name} is bound by {instrument.short} to make it an offence (art {articles}); "
                "its own provision has no record here."
            )
            return Bound.YES, (
                explain.reason(text, offence.origin, article=articles, code="law.treaty_duty"),
            )
    text = f"Whether {name} punishes it has no record here: ask, or name the provision."
    return Bound.UNKNOWN, (
        explain.reason(text, offence.origin, weight="open", code="law.no_national_record"),
    )
