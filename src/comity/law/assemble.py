# SPDX-License-Identifier: Apache-2.0
"""Put the records of a builder together into a `Pack`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from comity.canonical.digest import Sha256
from comity.law.builder import Builder
from comity.law.model import (
    Authority,
    Declaration,
    Instrument,
    NationalOffence,
    Party,
    Practice,
)
from comity.law.pack import Pack, Part
from comity.law.provision import Provision

OfState = TypeVar("OfState", Authority, NationalOffence, Practice)


def assemble(builder: Builder, parts: tuple[Part, ...], *, digest: Sha256) -> Pack:
    """Return the pack. Name and version are those of all parts, the base first."""
    return Pack(
        name="+".join(part.name for part in parts),
        version="+".join(part.version for part in parts),
        digest=digest,
        as_of=max(part.as_of for part in parts),
        parts=parts,
        sources=builder.sources,
        states=builder.states,
        measures=builder.measures,
        fields=builder.fields,
        grounds=builder.grounds,
        roles=builder.roles,
        codes=builder.codes,
        labels=_labels(builder),
        elements=builder.elements,
        offences=builder.offences,
        floors=tuple(builder.floors.values()),
        instruments=_with_lists(builder),
        rules=tuple(builder.rules.values()),
        coverage=tuple(builder.coverage.values()),
        national=_by_state(builder.national.values()),
        authorities=_by_state(builder.authorities.values()),
        practices=_by_state(builder.practices.values()),
        transfer_grounds=builder.transfer_grounds,
        transfer_rules=tuple(builder.transfer_rules.values()),
        adequacy=tuple(builder.adequacy.values()),
    )


def _by_state(records: Iterable[OfState]) -> dict[str, tuple[OfState, ...]]:
    result: dict[str, list[OfState]] = {}
    for record in records:
        result.setdefault(record.state, []).append(record)
    return {state: tuple(items) for state, items in result.items()}


def _labels(builder: Builder) -> dict[str, dict[str, dict[str, str]]]:
    """English stands in the records; names of states in every language stand with the state."""
    labels = {language: dict(known) for language, known in builder.labels.items()}
    labels["en"] = _english(builder)
    for name, state in builder.states.items():
        for language, text in state.names.items():
            labels.setdefault(language, {}).setdefault("state", {})[name] = text
    return labels


def _english(builder: Builder) -> dict[str, dict[str, str]]:
    """The English labels stand in the records themselves."""
    labels = {
        name: {key: item.label for key, item in known.items()}
        for name, known in builder.codes.items()
    }
    labels["state"] = {key: item.label for key, item in builder.states.items()}
    labels["measure"] = {key: item.label for key, item in builder.measures.items()}
    labels["field"] = {key: item.label for key, item in builder.fields.items()}
    labels["ground"] = {key: item.label for key, item in builder.grounds.items()}
    labels["role"] = {key: item.label for key, item in builder.roles.items()}
    labels["element"] = {key: item.label for key, item in builder.elements.items()}
    labels["offence"] = {key: item.label for key, item in builder.offences.items()}
    return labels


def _with_lists(builder: Builder) -> dict[str, Instrument]:
    parties: dict[str, dict[str, list[Party]]] = {}
    for name, party in builder.parties.items():
        by_state = parties.setdefault(builder.party_instrument[name], {})
        by_state.setdefault(party.state, []).append(party)
    declarations: dict[str, list[Declaration]] = {}
    for declaration in builder.declarations.values():
        declarations.setdefault(declaration.instrument, []).append(declaration)
    provisions: dict[str, dict[str, list[Provision]]] = {}
    for provision in builder.provisions.values():
        by_measure = provisions.setdefault(provision.instrument, {})
        by_measure.setdefault(provision.measure, []).append(provision)
    return {
        name: replace(
            item,
            parties={state: tuple(rows) for state, rows in parties.get(name, {}).items()},
            declarations=tuple(declarations.get(name, ())),
            provisions={key: tuple(rows) for key, rows in provisions.get(name, {}).items()},
        )
        for name, item in sorted(builder.instruments.items())
    }
