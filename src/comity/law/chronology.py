# SPDX-License-Identifier: Apache-2.0
"""Dates and figures of a pack that cannot all be true.

Only what is certain is a fault: a date known to the year contradicts another
only where no day of that year fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from comity.law.builder import Builder, overlap
from comity.law.dates import When
from comity.law.model import Adequacy, Instrument, Party, Practice


def check_dates(builder: Builder) -> None:
    """Note a fault for every record whose dates contradict each other or those of another.

    Nobody is bound before the instrument is in force (unless it applied provisionally),
    nor before the deposit; one state has one figure for one measure at a time; an
    instrument says once of a measure what it asks of one addressee.
    """
    for name, instrument in builder.instruments.items():
        _order(builder, name, ("in_force", instrument.in_force), ("adopted", instrument.adopted))
    for name, party in builder.parties.items():
        _party(builder, name, party)
    _figures(builder)
    _decisions(builder)
    _provisions(builder)


def _order(
    builder: Builder, record: str, later: tuple[str, When | None], earlier: tuple[str, When | None]
) -> None:
    """Note a fault if the one date is before the other for certain."""
    (name, day), (other_name, other) = later, earlier
    if day is None or other is None or day.latest >= other.earliest:
        return
    _fault(
        builder,
        record,
        "law.impossible_dates",
        f"{name} {day.text} is before {other_name} {other.text}",
        "Check both dates against the source.",
    )


def _party(builder: Builder, name: str, party: Party) -> None:
    own = ("in_force", party.in_force)
    _order(builder, name, own, ("deposit", party.deposit))
    _order(builder, name, ("deposit", party.deposit), ("signed", party.signed))
    _order(builder, name, ("in_force_not_after", party.not_after), _earliest(party))
    instrument = builder.instruments.get(builder.party_instrument[name])
    if instrument is not None:
        _order(builder, name, own, ("the instrument's beginning", _beginning(instrument)))


def _earliest(party: Party) -> tuple[str, When | None]:
    return "in_force_not_before", party.not_before


def _beginning(instrument: Instrument) -> When | None:
    """The first day on which a state can be bound: provisional application counts."""
    return instrument.provisional_from or instrument.in_force


def _figures(builder: Builder) -> None:
    """Two figures of one state for one thing at one time: which holds cannot be said."""
    for (one, first), (other, second) in combinations(_with_figures(builder), 2):
        if (first.state, first.topic) != (second.state, second.topic):
            continue
        if not _meet(first.measures, second.measures):
            continue
        if not _meet(first.instruments, second.instruments):
            continue
        if overlap((first.start, first.until), (second.start, second.until)):
            _twice(builder, other, one)


def _with_figures(builder: Builder) -> Iterator[tuple[str, Practice]]:
    for name, practice in builder.practices.items():
        if practice.months is not None or practice.period:
            yield name, practice


def _meet(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Whether two lists speak of one thing; an empty list speaks of everything."""
    return not first or not second or not set(first).isdisjoint(second)


def _decisions(builder: Builder) -> None:
    """A decision is renewed before it ends, so two may overlap; one within the other is twice."""
    for (one, first), (other, second) in combinations(builder.adequacy.items(), 2):
        if (first.territory, first.regime, first.scope) != (
            second.territory,
            second.regime,
            second.scope,
        ):
            continue
        if _within(first, second) or _within(second, first):
            _twice(builder, other, one)


def _within(inner: Adequacy, outer: Adequacy) -> bool:
    if inner.adopted.earliest < outer.adopted.latest:
        return False
    if outer.until is None:
        return True
    return inner.until is not None and inner.until.latest <= outer.until.earliest


def _provisions(builder: Builder) -> None:
    seen: dict[tuple[str, str, str], str] = {}
    for name, provision in builder.provisions.items():
        key = (provision.instrument, provision.measure, provision.addressee)
        first = seen.setdefault(key, name)
        if first != name:
            _fault(
                builder,
                name,
                "law.provision_twice",
                f"{first} speaks of the same measure and addressee",
                "Join the two, or say to whom each of them speaks (addressee).",
            )


def _twice(builder: Builder, record: str, other: str) -> None:
    _fault(
        builder,
        record,
        "law.overlapping_periods",
        f"covers a time that {other} covers as well",
        "End the one (until) on the day on which the other begins.",
    )


def _fault(builder: Builder, record: str, code: str, message: str, fix: str) -> None:
    builder.problems.add(code, builder.file_of(record) or "", record, message, fix)
