# SPDX-License-Identifier: Apache-2.0
"""The words of an answer, in one place.

Desk, documents, API and command line print what is written here, so that an
officer reads the same sentence everywhere. The engine decides; this module only
says it. Sentences are for officers: they name states and instruments as people
do, and say what to do where something is missing.
"""

from __future__ import annotations

from typing import Final

from comity.law.answer import Reason
from comity.law.model import Declaration, Instrument, Origin, Rule
from comity.law.pack import Pack, Reach
from comity.law.standing import Bound, Standing

_INSTRUMENT: Final = {
    "instrument_in_force": "{short} has been in force since {day}.",
    "instrument_not_in_force": "{short} is not in force: {status}.",
    "instrument_not_established": "Whether {short} is in force is not established: {status}.",
    "instrument_provisional": "{short} was only applied provisionally (from {day}) on this day.",
    "instrument_not_yet": "{short} enters into force only on {day}.",
    "instrument_in_force_day": "{short} entered into force in {day}; the day is not recorded.",
    "instrument_applies_later": "{short} is in force but applies only from {day}.",
    "instrument_term_ended": "The term of {short} ended on {day} unless it was renewed: check.",
    "instrument_unverified": "What the pack knows of {short} is unverified.",
}
_STATE: Final = {
    "bound": "{state} has been bound by {short} since {day}.",
    "bound_day_unknown": "{state} is bound by {short}; since which day is not recorded "
    "(at the latest {day}).",
    "everybody_except": "{state} is a party to {short}: all members of the United Nations are, "
    "with the exceptions listed (list of {day}).",
    "not_yet": "{state} is bound by {short} only from {day}.",
    "since_unknown": "{state} is bound by {short}, but since which day is not recorded: for this "
    "date it cannot be said.",
    "day_unknown": "{state} became bound by {short} in {day}; the day is not recorded.",
    "unverified": "That {state} is or is not bound by {short} is unverified: check the depositary.",
    "unclear": "Whether {state} is bound by {short} is not established.",
    "withdrawn": "{state} has not been bound by {short} since {day}.",
    "withdrawn_day_unknown": "{state} withdrew from {short}; the day is not established.",
    "signed": "{state} has signed {short} but is not bound: signature without ratification.",
    "consent_expressed": "{state} has consented to be bound by {short}, which does not bind it "
    "yet.",
    "invited": "{state} has been invited to accede to {short} and is not known to have done so.",
    "not_party": "{state} is not a party to {short}.",
    "opted_out": "{state} does not take part in {short}.",
    "excluded": "{short} does not extend to {state}: the territory was excluded.",
    "territory_of_unbound": "{state} is a territory of {other}, which is not bound by {short}.",
    "territory_not_recorded": "Whether {other} extended {short} to {state} is not recorded.",
    "list_not_established": "The parties to {short} are not established.",
    "not_on_incomplete_list": "{state} is not on the list of parties to {short}, which is not "
    "complete.",
    "not_on_list": "{state} is not a party to {short}.",
}
_WEIGHT: Final = {Bound.YES: "for", Bound.NO: "against", Bound.UNKNOWN: "open"}


def reason(
    text: str, origin: Origin, *, article: str = "", weight: str = "for", code: str = ""
) -> Reason:
    """Return a line that rests on the record `origin`."""
    return Reason(
        text=text,
        article=article,
        record=origin.record,
        source=origin.sources,
        confidence=origin.confidence,
        weight=weight,
        code=code,
        corrected=origin.corrected,
    )


def instrument_standing(instrument: Instrument, standing: Standing) -> Reason:
    """Say whether the instrument is in force."""
    text = _INSTRUMENT[standing.code].format(
        short=instrument.short, day=standing.day, status=instrument.in_force_text
    )
    return reason(
        text, instrument.origin, weight=_WEIGHT[standing.bound], code=f"law.{standing.code}"
    )


def state_standing(instrument: Instrument, code: str, standing: Standing, pack: Pack) -> Reason:
    """Say whether the state is bound."""
    text = _STATE[standing.code].format(
        state=pack.label("state", code),
        short=instrument.short,
        day=standing.day,
        other=pack.label("state", standing.day) if standing.day in pack.states else "",
    )
    row = standing.party
    if row is not None and row.note:
        text += f" ({_sentence(row.note)})"
    elif row is not None and row.basis:
        text += f" (Date: {row.basis}.)"
    origin = row.origin if row is not None else _list_origin(instrument)
    return reason(text, origin, weight=_WEIGHT[standing.bound], code=f"law.{standing.code}")


def _list_origin(instrument: Instrument) -> Origin:
    listed = instrument.list.origin
    if listed.sources:
        return listed
    return Origin(
        listed.record, listed.confidence, instrument.origin.sources, instrument.origin.pack
    )


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + ("" if text.endswith(".") else ".")


def reach(found: Reach, measure: str, pack: Pack) -> Reason:
    """Say how the instrument reaches the measure."""
    instrument = found.instrument
    label, at = pack.label("measure", measure), pack.label("measure", found.at)
    if found.named:
        text = f"{instrument.short} provides for this measure ({label.lower()})."
    else:
        text = (
            f"{instrument.short} has no rule of its own for this measure; its rule for "
            f"{at.lower()} is used."
        )
    article = found.provisions[0].article if found.provisions else ""
    if not found.provisions:
        text += " Its articles have no record here: read the instrument."
    origin = (
        found.provisions[0].origin
        if found.from_provision_only and found.provisions
        else instrument.origin
    )
    return reason(text, origin, article=article, code="law.measure_covered")


def contents_unverified(instrument: Instrument, origin: Origin) -> Reason:
    """Warn that the rules on contents are unverified."""
    text = (
        f"What is said below about contents, deadlines and grounds under {instrument.short} is "
        "unverified: check it against the text before you rely on it."
    )
    return reason(text, origin, weight="note", code="law.contents_unverified")


def stands(instrument: Instrument) -> Reason:
    """Say why the instrument is no basis by itself."""
    texts = {
        "no_basis": f"{instrument.short} is no legal basis for a request: {instrument.role}.",
        "scheme": f"{instrument.short} binds nobody: {instrument.role}. Check the requested "
        "state's statute.",
        "with_unrecorded": f"{instrument.short} {instrument.role}; those treaties have no record "
        "here.",
    }
    weight = "against" if instrument.stands == "no_basis" else "open"
    return reason(
        texts[instrument.stands],
        instrument.origin,
        weight=weight,
        code=f"law.stands_{instrument.stands}",
    )


def same_side(instrument: Instrument) -> Reason:
    """Say that two states on the same side of an agreement owe each other nothing under it."""
    text = (
        f"{instrument.short} binds the two states on the same side: it gives nothing between them."
    )
    return reason(text, instrument.origin, weight="against", code="law.same_side")


def parent_not_bound(instrument: Instrument, parent: Instrument, bound: Bound) -> Reason:
    """Say that a protocol needs its convention."""
    text = f"{instrument.short} supplements {parent.short}, which " + (
        "does not bind both states." if bound is Bound.NO else "may not bind both states."
    )
    return reason(text, instrument.origin, weight=_WEIGHT[bound], code="law.parent_not_bound")


def by_rule(rule: Rule, *, weight: str) -> Reason:
    """Quote a rule between instruments."""
    return reason(
        rule.text,
        rule.origin,
        article=rule.article,
        weight=weight,
        code=f"law.{rule.kind}:{rule.id}",
    )


def declared(declaration: Declaration, pack: Pack, *, weight: str, code: str) -> Reason:
    """Quote a declaration or reservation."""
    text = (
        f"{_sentence(declaration.type)[:-1]} of {pack.label('state', declaration.state)} to "
        f"article {declaration.article}: {declaration.text}."
    )
    return reason(text, declaration.origin, article=declaration.article, weight=weight, code=code)


def years(months: int) -> str:
    """Write a penalty as people do."""
    if months % 12 == 0:
        count = months // 12
        return f"{count} year" + ("s" if count != 1 else "")
    return f"{months} months"


def joined(words: tuple[str, ...] | list[str]) -> str:
    """Write a list as people do."""
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]


def unverified_only(instrument: Instrument, origin: Origin) -> Reason:
    """Say that an unverified record alone is no basis."""
    text = f"Only an unverified record says that {instrument.short} provides for this measure."
    return reason(text, origin, weight="open", code="law.unverified_only")


def after_the_pack(pack: Pack, day: str) -> str:
    """Warn that the question lies beyond what the pack knows."""
    return (
        f"The law pack was last checked on {pack.as_of.isoformat()}; for {day} it can only say "
        "what was known then."
    )


def nothing_found(requesting: str, requested: str, pack: Pack) -> str:
    """Say that no instrument relates the two states."""
    return (
        f"No instrument of the pack for this measure has both {pack.label('state', requesting)} "
        f"and {pack.label('state', requested)} on its list. What remains is the requested "
        "state's own law, reciprocity, or the diplomatic channel."
    )
