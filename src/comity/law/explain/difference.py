# SPDX-License-Identifier: Apache-2.0
"""What changed between two packs, as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from comity.law.difference import Change, Difference, Effect

#: Most pairs of states named for one change of answer.
MAX_PAIRS: Final = 12
#: Most states named of those that an instrument binds.
MAX_STATES: Final = 24
#: What the comparison of answers leaves out, said each time.
NOT_COMPARED: Final = (
    "Only usable bases are compared: dual criminality, contents, clocks and channels can have"
    " changed where a record above speaks of them."
)


def as_text(found: Difference) -> Iterator[str]:
    """Yield the difference as plain text lines."""
    records = _counted(len(found.changes), "record")
    yield f"{records} changed, from {_name(found.old)} to {_name(found.new)}"
    day = found.as_of.isoformat()
    for change in found.changes:
        yield from _change(change, day)
    yield ""
    if not found.effects:
        yield f"No pair of states has other usable bases on {day}. {NOT_COMPARED}"
        return
    has = "has" if len(found.effects) == 1 else "have"
    yield f"On {day}, {_counted(len(found.effects), 'question')} {has} other usable bases:"
    for (pairs, before, after), measures in _grouped(found.effects).items():
        yield f"  {before or 'none'} -> {after or 'none'}"
        yield f"    for {', '.join(measures)}"
        yield f"    {_counted(len(pairs), 'pair')}: {_some(pairs, MAX_PAIRS)}"
    yield NOT_COMPARED


def _name(pack: object) -> str:
    if isinstance(pack, dict):
        return f"{pack.get('name')} {pack.get('version')}"
    return ""


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _some(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _change(change: Change, day: str) -> Iterator[str]:
    states = f" ({', '.join(change.states)})" if change.states else ""
    yield f"  {change.kind}: {change.record}{states}"
    for key, old, new in change.keys:
        yield f"    {key}: {old} -> {new}"
    others = [state for state in change.bound if state not in change.states]
    if others:
        between = f"between {', '.join(change.states)} and" if change.states else "between"
        concerned = f"{_counted(len(others), 'state')} bound by {change.instruments[0]} on {day}"
        yield f"    concerns requests {between} the {concerned}: {_some(others, MAX_STATES)}"


#: Pairs, bases before, bases after.
Group: TypeAlias = tuple[tuple[str, ...], str, str]


def _grouped(effects: tuple[Effect, ...]) -> dict[Group, list[str]]:
    """Return the measures for which the same pairs lost and won the same."""
    by_measure: dict[tuple[str, str, str], list[str]] = {}
    for effect in effects:
        key = (effect.measure, ", ".join(effect.before), ", ".join(effect.after))
        by_measure.setdefault(key, []).append(f"{effect.requesting}-{effect.requested}")
    groups: dict[Group, list[str]] = {}
    for (measure, before, after), pairs in by_measure.items():
        groups.setdefault((tuple(pairs), before, after), []).append(measure)
    return groups
