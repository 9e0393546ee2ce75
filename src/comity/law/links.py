# SPDX-License-Identifier: Apache-2.0
"""What must hold between the records of a pack, once all of them are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from comity.law.builder import PLAIN_VOCABULARIES, Builder, overlap
from comity.law.dates import When
from comity.law.model import (
    Authority,
    Practice,
    TransferRule,
)
from comity.law.provision import Provision
from comity.law.reader import nearest


def check_links(builder: Builder) -> None:
    """Note a fault for every record that points nowhere, round in a circle or twice to one day."""
    _parents(builder)
    _supplements(builder)
    _instrument_references(builder)
    _periods(builder)
    _labels(builder)
    _states(builder)


def _fault(builder: Builder, record: str, code: str, message: str, fix: str) -> None:
    file = builder.file_of(record) or _file_of(record)
    builder.problems.add(code, file, record, message, fix)


def _file_of(record: str) -> str:
    """Return where a record of this id stands in the built-in pack's layout."""
    head = record.partition("/")[0]
    if head in ("measure", "element", "offence", "penalty_floor"):
        return f"vocabulary/{head}s.toml"
    if head in ("rule", "transfer_rule"):
        return "rules/"
    if head in ("coverage", "adequacy", "transfer"):
        return f"{head}.toml"
    return f"jurisdictions/{head}.toml" if head.isupper() else f"instruments/{head}.toml"


def _parents(builder: Builder) -> None:
    for name, measure in builder.measures.items():
        seen = [name]
        parent = measure.parent
        while parent is not None:
            if parent not in builder.measures:
                _fault(
                    builder,
                    f"measure/{name}",
                    "law.unknown_measure",
                    f"its parent {parent!r} is not known",
                    nearest(parent, builder.measures),
                )
                break
            if parent in seen:
                circle = " -> ".join([*seen, parent])
                _fault(
                    builder,
                    f"measure/{name}",
                    "law.circular_parent",
                    f"its parents run in a circle: {circle}",
                    "Remove one of these parents.",
                )
                break
            seen.append(parent)
            parent = builder.measures[parent].parent


def _supplements(builder: Builder) -> None:
    for name, item in builder.instruments.items():
        if item.supplements is not None and item.supplements not in builder.instruments:
            _unknown_instrument(builder, name, item.supplements)
        _no_circle_of_supplements(builder, name)
        if item.stands in ("with_parent", "amends") and item.supplements is None:
            _fault(
                builder,
                name,
                "law.missing_key",
                f"stands {item.stands!r} but does not say what it supplements",
                'Add supplements = "..." to [instrument].',
            )
        if item.in_force_state == "in_force" and item.in_force is None:
            _fault(
                builder,
                name,
                "law.missing_key",
                "is in force since an unknown day",
                'Give in_force, or write in_force_state = "not_established".',
            )


def _no_circle_of_supplements(builder: Builder, name: str) -> None:
    """An instrument that supplements itself, at whatever remove, stands on nothing."""
    seen = [name]
    above = builder.instruments[name].supplements
    while above is not None and above in builder.instruments:
        seen.append(above)
        if above == name:
            _fault(
                builder,
                name,
                "law.circular_parent",
                f"supplements run in a circle: {' -> '.join(seen)}",
                "Remove one of these `supplements`.",
            )
        if above in seen[:-1]:
            return
        above = builder.instruments[above].supplements


def _unknown_instrument(builder: Builder, record: str, name: str) -> None:
    _fault(
        builder,
        record,
        "law.unknown_instrument",
        f"the instrument {name[:60]!r} is not known",
        nearest(name, builder.instruments),
    )


def _instrument_references(builder: Builder) -> None:
    """Every place that names an instrument or a transfer ground names one that exists."""
    for record, name in _named_instruments(builder):
        if name not in builder.instruments:
            _unknown_instrument(builder, record, name)
    for transfer in builder.transfer_rules.values():
        more = (transfer.adequacy_ground,) if transfer.adequacy_ground else ()
        for name in (*transfer.grounds, *more):
            if name not in builder.transfer_grounds:
                _fault(
                    builder,
                    transfer.origin.record,
                    "law.unknown_transfer_ground",
                    f"the ground {name!r} is not known",
                    nearest(name, builder.transfer_grounds),
                )


def _named_instruments(builder: Builder) -> Iterator[tuple[str, str]]:
    """Yield (record, instrument it names)."""
    for offence in builder.offences.values():
        for item in offence.articles:
            yield f"offence/{offence.id}", item.instrument
    for rule in builder.rules.values():
        for name in (*rule.first.instruments, *rule.then.instruments):
            yield f"rule/{rule.id}", name
    lists: tuple[Mapping[str, Authority | Practice | TransferRule], ...] = (
        builder.authorities,
        builder.practices,
        builder.transfer_rules,
    )
    for records in lists:
        for record in records.values():
            for name in record.instruments:
                yield record.origin.record, name
    for provision in builder.provisions.values():
        yield from _named_by(provision)


def _named_by(provision: Provision) -> Iterator[tuple[str, str]]:
    names = [channel.only_with for channel in provision.channels]
    names += [ground.lifted_by for ground in provision.grounds]
    names += [rule.only_with for rule in (provision.use_limits, provision.confidentiality) if rule]
    names += [provision.dual_criminality.never_under]
    if provision.threshold is not None:
        names.append(provision.threshold.under)
    for name in names:
        if name:
            yield provision.id, name


def _periods(builder: Builder) -> None:
    rows: dict[str, list[tuple[str, When | None, When | None]]] = {}
    for name, party in builder.parties.items():
        key = f"{builder.party_instrument[name]}/party/{party.state}"
        rows.setdefault(key, []).append((name, party.in_force or party.not_before, party.until))
    for name, item in builder.declarations.items():
        key = f"{item.instrument}/declaration/{item.state}/{item.article}/{item.effect}"
        rows.setdefault(key, []).append((name, item.start, item.until))
    for periods in rows.values():
        for (one, *first), (other, *second) in combinations(periods, 2):
            if overlap((first[0], first[1]), (second[0], second[1])):
                _fault(
                    builder,
                    other,
                    "law.overlapping_periods",
                    f"covers a time that {one} covers as well",
                    "End the one (until) on the day on which the other begins.",
                )


def _labels(builder: Builder) -> None:
    known: dict[str, set[str]] = {name: set(builder.codes[name]) for name in PLAIN_VOCABULARIES}
    known |= {
        "state": set(builder.states),
        "measure": set(builder.measures),
        "field": set(builder.fields),
        "ground": set(builder.grounds),
        "role": set(builder.roles),
        "element": set(builder.elements),
        "offence": set(builder.offences),
    }
    for language, vocabularies in builder.labels.items():
        for vocabulary, labels in vocabularies.items():
            for code in labels:
                if code not in known.get(vocabulary, set()):
                    builder.problems.add(
                        "law.unknown_value",
                        f"labels/{language}.toml",
                        f"{vocabulary}.{code}",
                        "is the label of nothing",
                        nearest(code, known.get(vocabulary, set())),
                    )


def _states(builder: Builder) -> None:
    for name, state in builder.states.items():
        if (state.kind == "territory") != (state.of is not None):
            builder.problems.add(
                "law.territory",
                "vocabulary/states.toml",
                name,
                "a territory names its state in `of`, and only a territory does",
                'Add of = "..", or change the kind.',
            )
        if state.of is not None and state.of not in builder.states:
            builder.problems.add(
                "law.unknown_state",
                "vocabulary/states.toml",
                f"{name}.of",
                f"{state.of!r} is not known",
                nearest(state.of, builder.states),
            )
        elif state.of is not None and builder.states[state.of].of is not None:
            builder.problems.add(
                "law.circular_parent",
                "vocabulary/states.toml",
                f"{name}.of",
                f"{state.of!r} is itself a territory, and a territory binds nobody",
                "Name in `of` the state that both belong to.",
            )
