# SPDX-License-Identifier: Apache-2.0
"""Words about the case: scope, penalties, thresholds, offence elements, dual criminality."""

from __future__ import annotations

from typing import Final

from comity.law.explain.words import WEIGHT, joined, name_of, reason, sentence, the, years
from comity.law.findings import Reason
from comity.law.model import Concordance, Declaration, Instrument, NationalOffence, Offence, Scope
from comity.law.origin import Confidence
from comity.law.pack import Pack
from comity.law.provision import Provision, Threshold
from comity.law.standing import Bound

_FACTS: Final = {"offence": "the offence", "maximum_months": "the maximum penalty"}
_THRESHOLD_WEIGHT: Final = {**WEIGHT, Bound.UNKNOWN: "condition"}


def _fact(pack: Pack, name: str) -> str:
    return _FACTS.get(name) or f"whether {pack.label('element', name)}"


def penalty_stated(stated: int, months: int) -> Reason:
    """Say whether the penalty that the officer stated is high enough."""
    reached = stated >= months
    verb = "reaches" if reached else "does not reach"
    return Reason(
        text=f"The stated maximum penalty ({years(stated)}) {verb} {years(months)}.",
        article="",
        record="facts/maximum_months",
        source=(),
        confidence=Confidence.VERIFIED,
        weight="for" if reached else "against",
        code="law.penalty_stated",
        facts=(f"maximum_months={stated}",),
    )


def penalty_recorded(row: NationalOffence, offence: Offence, months: int, pack: Pack) -> Reason:
    """Say that the recorded national law is grave enough."""
    name = name_of(row.state, pack, start=True)
    text = (
        f"{name} punishes {offence.label.lower()} with a maximum of at least {years(months)} "
        f"({row.law} {row.provision})."
    )
    return reason(
        text,
        row.origin,
        article=row.provision,
        code="law.penalty_recorded",
        facts=(f"offence={offence.id}",),
    )


def scope(
    instrument: Instrument,
    test: Scope,
    bound: Bound,
    *,
    missing: tuple[str, ...],
    facts: tuple[str, ...],
    pack: Pack,
) -> Reason:
    """Say whether the case is one that the instrument speaks of."""
    text = f"{the(instrument, start=True)} counts only for {test.text}"
    if bound is Bound.UNKNOWN and missing:
        text += f". Not stated: {joined([_fact(pack, name) for name in missing])}"
    elif bound is Bound.UNKNOWN:
        text += "; some of the offences are outside it"
    elif bound is Bound.NO:
        text += ", which this case is not"
    return reason(
        text + ".",
        instrument.origin,
        article=test.article,
        weight=WEIGHT[bound],
        code="law.scope",
        facts=facts,
    )


def _of_threshold(
    text: str, bound: Bound, provision: Provision, test: Threshold, facts: tuple[str, ...]
) -> Reason:
    return reason(
        text,
        provision.origin,
        article=test.article,
        weight=_THRESHOLD_WEIGHT[bound],
        code="law.threshold",
        facts=facts,
    )


def not_open(provision: Provision, test: Threshold, facts: tuple[str, ...]) -> Reason:
    """Say that the article is open only for other offences."""
    text = "None of the offences is one for which this article is open."
    return _of_threshold(text, Bound.NO, provision, test, facts)


def threshold_listed(provision: Provision, test: Threshold, facts: tuple[str, ...]) -> Reason:
    """Say that the offence is open whatever its penalty."""
    text = "The offence is one of those listed for this measure, whatever its penalty."
    return _of_threshold(text, Bound.YES, provision, test, facts)


def threshold(
    provision: Provision, test: Threshold, bound: Bound, facts: tuple[str, ...], pack: Pack
) -> Reason:
    """Say from which penalty the measure is open."""
    parts = [
        f"a maximum of at least {years(months)} in the {side} state"
        for side, months in (
            ("requesting", test.requesting_months),
            ("requested", test.requested_months),
        )
        if months is not None
    ]
    text = "Open only for an offence with " + joined(parts)
    if test.exempt_offences:
        labels = [pack.label("offence", name).lower() for name in test.exempt_offences]
        text += ", or for one of these: " + "; ".join(labels)
    return _of_threshold(text + ".", bound, provision, test, facts)


def declared(
    declaration: Declaration, pack: Pack, *, weight: str, code: str, facts: tuple[str, ...] = ()
) -> Reason:
    """Quote a declaration or reservation."""
    text = (
        f"{declaration.type.capitalize()} of {name_of(declaration.state, pack)} to article "
        f"{declaration.article}: {declaration.text}."
    )
    if declaration.until is not None:
        text += f" (Until {declaration.until.text}.)"
    return reason(
        text,
        declaration.origin,
        article=declaration.article,
        weight=weight,
        code=code,
        facts=facts,
    )


def reservation_does_not_reach(provision: Provision) -> Reason:
    """Say that the reservation is no matter for these offences."""
    return reason(
        "The reservation does not reach the offences of this request.",
        provision.origin,
        article=provision.dual_criminality.article,
        code="law.reservation_does_not_reach",
    )


def no_reservation(state: str, instrument: Instrument, provision: Provision, pack: Pack) -> Reason:
    """Say that none is recorded, which is not the same as that there is none."""
    text = (
        f"No declaration of {name_of(state, pack)} to article "
        f"{provision.dual_criminality.reservation} of {the(instrument)} is recorded for this day; "
        "the lists of declarations are not complete."
    )
    return reason(
        text,
        provision.origin,
        article=provision.dual_criminality.article,
        weight="note",
        code="law.no_reservation_recorded",
    )


def listed_category(provision: Provision) -> Reason:
    """Say that dual criminality is not checked for the listed categories."""
    return reason(
        "The offence belongs to the listed categories, for which it is not checked.",
        provision.origin,
        article=provision.dual_criminality.article,
        code="law.listed_category",
    )


def national_provision(row: NationalOffence, pack: Pack) -> Reason:
    """Name the provision of the requested state."""
    text = (
        f"{name_of(row.state, pack, start=True)} punishes it: {row.law} {row.provision}".rstrip()
        + "."
    )
    if row.note:
        text += f" ({sentence(row.note)})"
    return reason(text, row.origin, article=row.provision, code="law.national_provision")


def treaty_duty(
    state: str,
    instrument: Instrument,
    item: Concordance,
    offence: Offence,
    pack: Pack,
    *,
    recorded: bool,
) -> Reason:
    """Say that the state is bound to punish it, and whether its own provision is recorded."""
    articles = joined(item.articles)
    text = (
        f"{name_of(state, pack, start=True)} is bound by {the(instrument)} to make it an offence "
        f"(art {articles})"
    )
    text += "." if recorded else "; its own provision has no record here."
    return reason(text, offence.origin, article=articles, code="law.treaty_duty")


def no_national_record(state: str, offence: Offence, pack: Pack) -> Reason:
    """Say that nothing is known of the requested state's law."""
    text = (
        f"Whether {name_of(state, pack)} punishes it has no record here: ask, or name the "
        "provision."
    )
    return reason(text, offence.origin, weight="open", code="law.no_national_record")


def only_one_asks(state: str, element: str, pack: Pack) -> str:
    """Say that only one of two states asks for an element."""
    return f"Only {name_of(state, pack)} asks that {pack.label('element', element)}."


def no_provision_recorded(state: str, pack: Pack) -> str:
    """Say that only the other state's provision is recorded."""
    return (
        f"No provision of {name_of(state, pack)} is recorded here, which does not mean that "
        "there is none."
    )


def penalties_differ(maxima: list[tuple[str, str]], pack: Pack) -> str:
    """Say that the highest recorded maxima differ."""
    parts = [f"{name_of(state, pack)} {words}" for state, words in maxima]
    return f"The highest recorded maximum of the basic form differs: {joined(parts)}."
