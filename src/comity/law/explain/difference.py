# SPDX-License-Identifier: Apache-2.0
"""What changed between two packs, as plain text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from comity.law.difference import Change, Difference, Effect

#: Most pairs of states named for one change of answer.
MAX_PAIRS: Final = 12
#: What the comparison of answers leaves out, said each time.
NOT_COMPARED: Final = (
    "Only usable bases are compared: dual criminality, contents, clocks and channels can have"
    " changed where a record above speaks of them."
)


def as_text(found: Difference) -> Iterator[str]:
    """Yield the difference as plain text lines."""
    yield f"{len(found.changes)} record(s) changed, from {_name(found.old)} to {_name(found.new)}"
    for change in found.changes:
        yield from _change(change)
    yield ""
    day = found.as_of.isoformat()
    if not found.effects:
        yield f"No pair of states has other usable bases on {day}. {NOT_COMPARED}"
        return
    yield f"On {day}, {len(found.effects)} question(s) have other usable bases:"
    for (measure, before, after), pairs in _grouped(found.effects).items():
        shown = ", ".join(pairs[:MAX_PAIRS])
        more = f" and {len(pairs) - MAX_PAIRS} more" if len(pairs) > MAX_PAIRS else ""
        yield f"  {measure}: {before or 'none'} -> {after or 'none'}"
        yield f"    {shown}{more}"
    yield NOT_COMPARED


def _name(pack: object) -> str:
    if isinstance(pack, dict):
        return f"{pack.get('name')} {pack.get('version')}"
    return ""


def _change(change: Change) -> Iterator[str]:
    states = f" ({', '.join(change.states)})" if change.states else ""
    yield f"  {change.kind}: {change.record}{states}"
    for key, old, new in change.keys:
        yield f"    {key}: {old} -> {new}"


def _grouped(effects: tuple[Effect, ...]) -> dict[tuple[str, str, str], list[str]]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    for effect in effects:
        key = (effect.measure, ", ".join(effect.before), ", ".join(effect.after))
        groups.setdefault(key, []).append(f"{effect.requesting}-{effect.requested}")
    return groups
