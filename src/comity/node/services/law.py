# SPDX-License-Identifier: Apache-2.0
"""What the law engine says of a request on this node.

The pack is the built-in one with the overlays of the settings, read once a
process. Every assessment that an officer acted on is stored with its pack's
digest; nothing here decides, ranks or overrules.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.conf import settings

import comity_law
from comity.assistance.content import AssessmentSummary, RequestContent
from comity.canonical import json
from comity.canonical.digest import Sha256
from comity.canonical.time import Instant
from comity.errors import Invalid
from comity.law.answer import Assessment, Basis, LegalFacts
from comity.law.engine import assess
from comity.law.load import load_pack
from comity.law.pack import Pack
from comity.node.store.models import AssessmentRow, RequestRow


@lru_cache(maxsize=1)
def pack() -> Pack:
    """Return this node's law pack."""
    return load_pack(comity_law.PATH, *settings.CONFIG.law)


def assess_content(content: RequestContent, *, as_of: date) -> Assessment:
    """Ask the engine about the contents of a request on a day."""
    return _assess(
        _state(content.requesting),
        _state(content.requested),
        content.measure,
        content.offences,
        as_of,
    )


def choose(
    content: RequestContent, assessment: Assessment, *, instrument: str, reason: str
) -> tuple[Basis, AssessmentSummary]:
    """Return a basis that an officer chose, and the summary that is sent with the request.

    Raises `Invalid` (`assistance.basis`) for an instrument that the engine did not
    name or found not usable.
    """
    named = {basis.instrument: basis for basis in assessment.bases}
    basis = named.get(instrument)
    if basis is None or basis.status == "not_usable":
        possible = ", ".join(key for key, one in named.items() if one.status != "not_usable")
        raise Invalid(
            "assistance.basis",
            f"instrument: {instrument[:60]!r} cannot be the basis of {content.reference}",
            hint=f"Possible: {possible or 'none'}.",
        )
    summary = AssessmentSummary(
        pack_name=assessment.pack_name,
        pack_version=assessment.pack_version,
        pack_digest=Sha256(assessment.pack_digest),
        as_of=assessment.as_of,
        status=basis.status,
        choice_reason=reason if basis.status == "undetermined" else "",
    )
    return basis, summary


def keep_assessment(row: RequestRow, assessment: Assessment, *, now: Instant) -> AssessmentRow:
    """Store an assessment with its request, as it was given."""
    return AssessmentRow.objects.create(
        request=row,
        made=now,
        as_of=assessment.as_of,
        pack_name=assessment.pack_name,
        pack_version=assessment.pack_version,
        pack_digest=assessment.pack_digest,
        body=json.write(assessment.to_json()),
    )


@lru_cache(maxsize=256)
def _assess(
    requesting: str, requested: str, measure: str, offences: tuple[str, ...], as_of: date
) -> Assessment:
    facts = LegalFacts(
        requesting=requesting, requested=requested, measure=measure, offences=offences
    )
    return assess(facts=facts, pack=pack(), as_of=as_of)


def _state(authority: str) -> str:
    """An authority's name begins with the code of its state."""
    return authority[:2].upper()
