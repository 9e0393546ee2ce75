# SPDX-License-Identifier: Apache-2.0
"""From the law engine's answer to what guards and clocks look at.

Guards see small values and not the whole answer, so that a decision can be
repeated years later from what was stored with it.
"""

from __future__ import annotations

import re
from typing import Final

from comity.assistance.facts import BasisFacts, ChannelFacts, Ground, LawFacts, Requirement
from comity.assistance.model import Clock
from comity.law.answer import Assessment, Basis
from comity.law.findings import LegalClock
from comity.law.origin import Confidence

#: The code of a reason that another treaty takes the place of articles of this one.
_SUBSIDIARY: Final = "law.subsidiary:"
#: An article as law packs write it: `27(5)` anywhere, or `15` where the rule begins with it.
_ARTICLE: Final = re.compile(
    r"\b[0-9]{1,3}\([0-9]{1,2}\)(?!\?)|(?:(?<=^)|(?<=^see article ))[0-9]{1,3}(?=;|:| \()",
    re.ASCII,
)


def law_facts(assessment: Assessment, *, general: Assessment | None = None) -> LawFacts:
    """Return what guards look at. A ground that does not apply is left out.

    `general` answers for mutual assistance where the request is for another measure: a
    treaty on mutual assistance between the two states may not name a preservation, and
    still takes the place of article 27.
    """
    return LawFacts(
        pack_digest=assessment.pack_digest,
        bases=tuple(
            _basis(basis, displaced=_displaced(assessment, basis) or _displaced(general, basis))
            for basis in assessment.bases
        ),
    )


def _displaced(assessment: Assessment | None, basis: Basis) -> bool:
    return assessment is not None and any(
        reason.code.startswith(_SUBSIDIARY)
        for other in assessment.bases
        if other.instrument == basis.instrument
        for reason in other.reasons
    )


def _article(rule: str) -> str:
    """Return the article in the words of the law pack; none where they say it is uncertain."""
    found = None if "not certain" in rule else _ARTICLE.search(rule)
    return found.group() if found else ""


def _basis(basis: Basis, *, displaced: bool) -> BasisFacts:
    # What the pack says of postponing is among the articles that give way to another treaty.
    rules = () if displaced else basis.postponement
    postponement = "; ".join(rule.text for rule in rules if rule.applies == "yes")
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
        postponement=postponement,
        postponement_article=_article(postponement),
        verified=basis.contents_confidence is Confidence.VERIFIED,
        displaced=displaced,
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
