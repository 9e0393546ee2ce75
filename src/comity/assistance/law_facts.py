# SPDX-License-Identifier: Apache-2.0
"""From the law engine's answer to what guards and clocks look at.

Guards see small values and not the whole answer, so that a decision can be
repeated years later from what was stored with it.
"""

from __future__ import annotations

from comity.assistance.facts import BasisFacts, ChannelFacts, Ground, LawFacts, Requirement
from comity.assistance.model import Clock
from comity.law.answer import Assessment, Basis
from comity.law.findings import LegalClock


def law_facts(assessment: Assessment) -> LawFacts:
    """Return what guards look at. A ground that does not apply is left out."""
    return LawFacts(
        pack_digest=assessment.pack_digest,
        bases=tuple(_basis(basis) for basis in assessment.bases),
    )


def _basis(basis: Basis) -> BasisFacts:
    return BasisFacts(
        instrument=basis.instrument,
        title=basis.title,
        article=basis.article,
        status=basis.status,
        requires=tuple(
            Requirement(
                field=entry.field,
                label=entry.label,
                article=entry.article,
                required=entry.required,
                basis=entry.basis,
            )
            for entry in basis.requires
        ),
        grounds=tuple(
            Ground(code=entry.code, label=entry.label, article=entry.article)
            for entry in basis.refusal_grounds
            if entry.applies != "no"
        ),
        clocks=tuple(_clock(clock) for clock in basis.clocks),
        channels=tuple(ChannelFacts(code=one.code, open=one.open) for one in basis.channels),
        postponement="; ".join(rule.text for rule in basis.postponement if rule.applies != "no"),
    )


def _clock(clock: LegalClock) -> Clock:
    return Clock(
        id=clock.id,
        label=clock.label,
        start_event=clock.start_event,
        period=clock.period,
        calendar=clock.calendar,
        article=clock.article,
        consequence=clock.consequence,
        kind=clock.kind,
        continues_on=clock.continues_on,
        continues_text=clock.continues_text,
    )
