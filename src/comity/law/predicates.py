# SPDX-License-Identifier: Apache-2.0
"""The named tests that records may ask for: scope, penalty, thresholds, periods.

Each test gives a finding: yes, no, or "cannot be said" with the facts that are
missing. None of them knows the name of an instrument or a state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from comity.law import explain
from comity.law.answer import LegalFacts
from comity.law.findings import Reason
from comity.law.model import (
    Declaration,
    Instrument,
    Offence,
    Scope,
)
from comity.law.origin import Confidence
from comity.law.pack import Pack
from comity.law.provision import (
    Provision,
    Threshold,
)
from comity.law.standing import Bound


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

    def looked_at(self, *elements: str) -> tuple[str, ...]:
        """The facts behind a test: offences, penalty and the named elements, as `name=value`."""
        facts = self.facts
        words = {Bound.YES: "shown", Bound.NO: "not shown", Bound.UNKNOWN: "not stated"}
        months = "not stated" if facts.maximum_months is None else str(facts.maximum_months)
        return (
            f"offences={', '.join(facts.offences) or 'not stated'}",
            f"maximum_months={months}",
            *(f"{name}={words[self.shows(name)]}" for name in elements if name),
        )

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
    if stated is not None:
        bound = Bound.YES if stated >= months else Bound.NO
        return Finding(bound, (explain.penalty_stated(stated, months),))
    reasons = []
    for offence in case.offences():
        rows = [row for row in case.pack.national.get(state, ()) if offence.id in row.offences]
        strong = [row for row in rows if row.origin.confidence is not Confidence.UNVERIFIED]
        if not strong or not all(row.max_life or (row.max_months or 0) >= months for row in strong):
            return Finding(Bound.UNKNOWN, (), ("maximum_months",))
        reasons.append(explain.penalty_recorded(strong[0], offence, months, case.pack))
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
    line = explain.scope(
        instrument,
        scope,
        bound,
        missing=missing,
        facts=case.looked_at(*scope.elements, scope.or_element),
        pack=case.pack,
    )
    inner = tuple(reason for finding in findings for reason in finding.reasons)
    return Finding(bound, (line, *inner), missing)


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
            return Finding(Bound.NO, (explain.not_open(provision, threshold, case.looked_at()),))
    exempt = [offence.id in threshold.exempt_offences for offence in offences]
    if exempt and all(exempt):
        return Finding(
            Bound.YES, (explain.threshold_listed(provision, threshold, case.looked_at()),)
        )
    findings = [
        penalty(case, state, months, stated=stated)
        for state, months, stated in (
            (case.facts.requesting, threshold.requesting_months, case.facts.maximum_months),
            (case.facts.requested, threshold.requested_months, None),
        )
        if months is not None
    ]
    bound = min((finding.bound for finding in findings), default=Bound.YES)
    missing = tuple(dict.fromkeys(name for finding in findings for name in finding.missing))
    line = explain.threshold(provision, threshold, bound, case.looked_at(), case.pack)
    inner = tuple(reason for finding in findings for reason in finding.reasons)
    return Finding(bound, (line, *inner), missing)
