# SPDX-License-Identifier: Apache-2.0
"""Words about instruments and states: in force, bound, reached, displaced, not recorded."""

from __future__ import annotations

from datetime import date
from typing import Final

from comity.law.explain.words import WEIGHT, name_of, reason, sentence, the
from comity.law.findings import Reason
from comity.law.model import Coverage, CoveredPartner, Instrument, Rule
from comity.law.origin import Origin
from comity.law.pack import Pack, Reach
from comity.law.standing import Bound, Standing, one_sovereign

_INSTRUMENT: Final = {
    "instrument_in_force": "{The} has been in force since {day}.",
    "instrument_not_in_force": "{The} is not in force: {status}.",
    "instrument_not_established": "Whether {the} is in force is not established: {status}.",
    "instrument_provisional": "{The} was only applied provisionally (from {day}) on this day.",
    "instrument_not_yet": "{The} enters into force only on {day}.",
    "instrument_in_force_day": "{The} entered into force in {day}; the day is not recorded.",
    "instrument_applies_later": "{The} is in force but applies only from {day}.",
    "instrument_term_ended": "The term of {the} ended on {day} unless it was renewed: check.",
    "instrument_unverified": "What the pack knows of {the} is unverified.",
}
_STATE: Final = {
    "bound": "{State} has been bound by {the} since {day}.",
    "bound_day_unknown": "{State} is bound by {the}; since which day is not recorded "
    "(at the latest {day}).",
    "everybody_except": "{State} is a party to {the}: all members of the United Nations are, "
    "with the exceptions listed (list of {day}).",
    "not_yet": "{State} is bound by {the} only from {day}.",
    "provisional": "{State} is bound by {the} from its entry into force; from {day} it was "
    "applied provisionally: check what the state's law gives to that.",
    "since_unknown": "{State} is bound by {the}, but since which day is not recorded: for this "
    "date it cannot be said.",
    "day_unknown": "{State} became bound by {the} in {day}; the day is not recorded.",
    "unverified": "That {state} is or is not bound by {the} is unverified: check the depositary.",
    "unclear": "Whether {state} is bound by {the} is not established.",
    "withdrawn": "{State} has not been bound by {the} since {day}.",
    "withdrawn_day_unknown": "{State} withdrew from {the}; the day is not established.",
    "signed": "{State} has signed {the} but is not bound: signature without ratification.",
    "consent_expressed": "{State} has consented to be bound by {the}, which does not bind it yet.",
    "invited": "{State} has been invited to accede to {the} and is not known to have done so.",
    "not_party": "{State} is not a party to {the}.",
    "opted_out": "{State} does not take part in {the}.",
    "excluded": "{The} does not extend to {state}: the territory was excluded.",
    "territory_of_unbound": "{State} is a territory of {other}, which is not bound by {the}.",
    "territory_not_recorded": "Whether {other} extended {the} to {state} is not recorded.",
    "list_not_established": "The parties to {the} are not established.",
    "not_on_incomplete_list": "{State} is not on the list of parties to {the}; the list is not "
    "complete, so that says little.",
    "not_on_list": "{State} is not a party to {the}.",
}


def instrument_standing(instrument: Instrument, standing: Standing, on: date) -> Reason:
    """Say whether the instrument is in force."""
    text = _INSTRUMENT[standing.code].format(
        **_named(instrument), day=standing.day, status=instrument.in_force_text
    )
    return reason(
        text,
        instrument.origin,
        weight=WEIGHT[standing.bound],
        code=f"law.{standing.code}",
        facts=(f"as_of={on.isoformat()}",),
    )


def state_standing(
    instrument: Instrument, code: str, standing: Standing, on: date, pack: Pack
) -> Reason:
    """Say whether the state is bound."""
    text = _STATE[standing.code].format(
        state=name_of(code, pack),
        State=name_of(code, pack, start=True),
        **_named(instrument),
        day=standing.day,
        other=name_of(standing.day, pack) if standing.day in pack.states else "",
    )
    row = standing.party
    if row is not None and row.note:
        text += f" ({sentence(row.note)})"
    elif row is not None and row.basis:
        text += f" (Date: {row.basis}.)"
    origin = row.origin if row is not None else _list_origin(instrument)
    return reason(
        text,
        origin,
        weight=WEIGHT[standing.bound],
        code=f"law.{standing.code}",
        facts=(f"state={code}", f"as_of={on.isoformat()}"),
    )


def _named(instrument: Instrument) -> dict[str, str]:
    return {"the": the(instrument), "The": the(instrument, start=True)}


def _list_origin(instrument: Instrument) -> Origin:
    listed = instrument.list.origin
    if listed.sources:
        return listed
    return Origin(
        listed.record, listed.confidence, instrument.origin.sources, instrument.origin.pack
    )


def reach(found: Reach, measure: str, pack: Pack) -> Reason:
    """Say how the instrument reaches the measure."""
    instrument = found.instrument
    label, at = pack.label("measure", measure), pack.label("measure", found.at)
    if found.named:
        text = f"{the(instrument, start=True)} provides for this measure ({label.lower()})."
    else:
        text = (
            f"{the(instrument, start=True)} has no rule of its own for this measure; its rule for "
            f"{at.lower()} is used."
        )
    article = found.provisions[0].article if found.provisions else instrument.article
    origin = (
        found.provisions[0].origin
        if found.from_provision_only and found.provisions
        else instrument.origin
    )
    facts = (f"measure={measure}",)
    return reason(text, origin, article=article, code="law.measure_covered", facts=facts)


def contents_not_recorded(instrument: Instrument) -> Reason:
    """Say that the pack knows no provision, and what it does know of the instrument."""
    known = f" ({instrument.role})" if instrument.article else ""
    text = (
        "What a request must hold, and which deadlines and grounds of refusal stand, is not "
        f"recorded for {the(instrument)}{known}: read the instrument."
    )
    return reason(
        text,
        instrument.origin,
        article=instrument.article,
        weight="open",
        code="law.contents_not_recorded",
    )


def contents_unverified(instrument: Instrument, origin: Origin) -> Reason:
    """Warn that the rules on contents are unverified."""
    text = (
        f"What is said below about contents, deadlines and grounds under {the(instrument)} is "
        "unverified: check it against the text before you rely on it."
    )
    return reason(text, origin, weight="note", code="law.contents_unverified")


def stands(instrument: Instrument) -> Reason:
    """Say why the instrument is no basis by itself."""
    name = the(instrument, start=True)
    texts = {
        "no_basis": f"{name} is no legal basis for a request: {instrument.role}.",
        "scheme": f"{name} binds nobody: {instrument.role}. Check the requested state's statute.",
        "with_unrecorded": f"{name} {instrument.role}; those treaties have no record here.",
    }
    weight = "against" if instrument.stands == "no_basis" else "open"
    return reason(
        texts[instrument.stands],
        instrument.origin,
        weight=weight,
        code=f"law.stands_{instrument.stands}",
    )


def parent_not_bound(instrument: Instrument, parent: Instrument, bound: Bound) -> Reason:
    """Say that a protocol needs its convention."""
    text = f"{the(instrument, start=True)} supplements {the(parent)}, which " + (
        "does not bind both states." if bound is Bound.NO else "may not bind both states."
    )
    return reason(text, instrument.origin, weight=WEIGHT[bound], code="law.parent_not_bound")


def by_rule(rule: Rule, *, weight: str) -> Reason:
    """Quote a rule between instruments."""
    return reason(
        rule.text,
        rule.origin,
        article=rule.article,
        weight=weight,
        code=f"law.{rule.kind}:{rule.id}",
    )


def unverified_only(instrument: Instrument, origin: Origin) -> Reason:
    """Say that an unverified record alone is no basis."""
    text = f"Only an unverified record says that {the(instrument)} provides for this measure."
    return reason(text, origin, weight="open", code="law.unverified_only")


def after_the_pack(pack: Pack, day: str) -> str:
    """Warn that the question lies beyond what the pack knows."""
    return (
        f"The law pack was last checked on {pack.as_of.isoformat()}; for {day} it can only say "
        "what was known then."
    )


def nothing_found(requesting: str, requested: str, pack: Pack) -> str:
    """Say that no instrument relates the two states."""
    if one_sovereign(requesting, requested, pack):
        rules = [f" {rule.text} ({rule.article})" for rule in _of_one_state(pack)]
        return (
            f"{name_of(requesting, pack, start=True)} and {name_of(requested, pack)} belong to "
            f"one state.{''.join(rules)}"
        )
    return (
        f"No instrument of the pack for this measure has both {name_of(requesting, pack)} "
        f"and {name_of(requested, pack)} on its list. What remains is the requested "
        "state's own law, reciprocity, or the diplomatic channel."
    )


def between_parts(pack: Pack) -> tuple[Reason, ...]:
    """Quote the rules why no treaty stands between the parts of one state."""
    return tuple(by_rule(rule, weight="against") for rule in _of_one_state(pack))


def _of_one_state(pack: Pack) -> list[Rule]:
    return [rule for rule in pack.rules if rule.kind == "one_state"]


def treaty_not_recorded(item: Coverage, row: CoveredPartner, on: date, pack: Pack) -> Reason:
    """Say that a treaty exists of which the pack knows no more, and since when if a list does."""
    text = (
        f"{name_of(row.state, pack, start=True)} has {item.text} ({_since_when(item, row, on)}); "
        "the treaty itself has no record here: read it before you rely on it."
    )
    return reason(text, row.origin, weight="open", code="law.treaty_not_recorded")


def _since_when(item: Coverage, row: CoveredPartner, on: date) -> str:
    listed = f"list of {item.known_since.text}" if item.known_since else "list without a date"
    if row.since is not None:
        open_day = "" if row.since.begun(on) else ", on a day of that time that is not recorded"
        return f"since {row.since.text}{open_day}; {listed}"
    if item.known_since is not None and item.known_since.begun(on):
        return listed
    return f"{listed}; since when, and so whether on this day, is not recorded"
