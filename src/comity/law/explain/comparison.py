# SPDX-License-Identifier: Apache-2.0
"""A comparison of two states as plain text."""

from __future__ import annotations

from collections.abc import Iterator

from comity.law.comparison import Comparison, Row, Side


def as_text(found: Comparison) -> Iterator[str]:
    """Yield the comparison as plain text lines."""
    for row in found.rows:
        yield from _row(row)
    yield ""
    yield f"On {found.as_of.isoformat()}, from {found.pack_name} {found.pack_version}."


def _row(row: Row) -> Iterator[str]:
    yield ""
    yield f"{row.offence.label}: {'; '.join(row.offence.conduct)}"
    for option in row.offence.options:
        yield f"  a state may add: {option.text} ({', '.join(option.instruments)})"
    for side in row.sides:
        yield from _side(side)
    for line in row.differences:
        yield f"  differs: {line}"
    for state, match in row.matches:
        words = {"met": "punishable there", "not_met": "not met"}
        outcome = words.get(match.outcome, "cannot be said without more facts")
        missing = f" ({', '.join(match.missing)})" if match.missing else ""
        yield f"  a request to {state}: {outcome}{missing}"


def _side(side: Side) -> Iterator[str]:
    yield f"  {side.label}"
    for item in side.penalties:
        yield (
            f"    {item.law} {item.provision}: {item.text}"
            f"  [{item.reason.confidence}, {', '.join(item.reason.source)}]"
        )
    if not side.penalties:
        yield "    no national provision is recorded"
    for reason in (*side.duties, *side.declared):
        yield f"    {reason.text}  [{reason.confidence}, {', '.join(reason.source)}]"
