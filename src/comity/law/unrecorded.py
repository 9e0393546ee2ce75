# SPDX-License-Identifier: Apache-2.0
"""Treaties of which only the existence is known.

A list may say that some treaty exists between two states without saying what it
holds. Such a treaty is shown, as undetermined: somebody has to read it.
"""

from __future__ import annotations

from datetime import date

from comity.law import explain
from comity.law.answer import UNDETERMINED, Basis
from comity.law.model import Coverage
from comity.law.predicates import Case


def unrecorded_treaties(case: Case) -> list[Coverage]:
    """Return the coverage lists that say a treaty exists of which the pack has no record."""
    pair = {case.facts.requesting, case.facts.requested}
    reaching = case.pack.reaching(case.facts.measure)
    chain = set(case.pack.chain(case.facts.measure))
    recorded = any(
        reach.instrument.list.model == "pair" and pair <= reach.instrument.parties.keys()
        for reach in reaching
    )
    if recorded:
        return []
    return [
        item
        for item in case.pack.coverage
        if item.measure in chain
        and item.state in pair
        and any(speaks_of(item, partner, case.on) for partner in pair - {item.state})
    ]


def speaks_of(item: Coverage, partner: str, on: date) -> bool:
    """Whether the list names `partner`, and not with a date that had not come on this day."""
    row = item.of(partner)
    return row is not None and (row.since is None or row.since.begun(on) is not False)


def coverage_basis(case: Case, item: Coverage) -> Basis:
    """Return the basis that stands for the treaty."""
    partner = ({case.facts.requesting, case.facts.requested} - {item.state}).pop()
    row = item.of(partner)
    assert row is not None  # noqa: S101  (unrecorded_treaties asked the list)
    line = explain.treaty_not_recorded(item, row, case.on, case.pack)
    return Basis(
        instrument=item.id,
        title=item.text[0].upper() + item.text[1:],
        article="",
        status=UNDETERMINED,
        reasons=(line,),
        requires=(),
        clocks=(),
        dual_criminality=None,
        refusal_grounds=(),
        postponement=(),
        use_limits=(),
        confidentiality=(),
        channels=(),
        languages=(),
        confidence=row.origin.confidence,
        sources=row.origin.sources,
        measure=case.facts.measure,
        missing=("treaty_text",),
        note=item.note,
    )
