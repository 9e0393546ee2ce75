# SPDX-License-Identifier: Apache-2.0
"""Words about contents: rules that give way, channels that are closed, languages."""

from __future__ import annotations

from comity.law.explain.words import name_of, the
from comity.law.model import Declaration, Instrument, Practice
from comity.law.pack import Pack
from comity.law.standing import Bound


def governed_by(name: str, article: str, bound: Bound) -> str:
    """Say which treaty governs instead."""
    verb = "governs" if bound is Bound.YES else "may govern"
    return f"{name} {verb} this between the two states ({article})."


def lifted_by(instrument: Instrument, bound: Bound) -> str:
    """Say that a protocol lifts a ground."""
    if bound is Bound.YES:
        return f"Lifted by {the(instrument)}, which binds both states."
    return f"Lifted by {the(instrument)}, if it binds both states: check."


def only_with(instrument: Instrument, bound: Bound) -> str:
    """Say whether the instrument that a rule needs binds both states."""
    if bound is Bound.YES:
        return f"{the(instrument, start=True)} binds both states."
    if bound is Bound.NO:
        return f"{the(instrument, start=True)} does not bind both states."
    return f"Only if {the(instrument)} binds both states: check."


def closed_by(declaration: Declaration) -> str:
    """Say that a declaration closes a channel."""
    return f"Closed by declaration to article {declaration.article}: {declaration.text}."


def conditioned_by(declaration: Declaration) -> str:
    """Say which condition a declaration sets."""
    return f"Declaration to article {declaration.article}: {declaration.text}."


def no_language_rule() -> str:
    """Say that the instrument is silent."""
    return "the instrument has no rule on language"


def language_not_recorded(state: str, pack: Pack) -> str:
    """Say that the accepted languages are not known."""
    return (
        f"Which languages {name_of(state, pack)} accepts is not recorded: ask, or add a "
        "translation."
    )


def arises(outcome: str) -> str:
    """Say whether the ground of missing dual criminality arises."""
    return {
        "not_required": "Dual criminality is not required here.",
        "not_applicable": "Dual criminality does not arise here.",
        "met": "The conduct is an offence on both sides.",
        "undetermined": "Whether the conduct is an offence there cannot be said yet.",
    }.get(outcome, "")


def not_among_accepted(practice: Practice) -> str:
    """Say that the state named other channels as those it accepts."""
    return f"Not among the channels that the requested state names: {practice.text}."
