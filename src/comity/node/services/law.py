# SPDX-License-Identifier: Apache-2.0
"""What the law engine says of a request on this node.

The pack is the one adopted last (`comity.node.services.law_packs`). Every assessment
that an officer acted on is stored with its pack's digest, and answered again from
that very pack however the law has changed since; nothing here decides, ranks or
overrules.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

from django.conf import settings

from comity.assistance.content import AssessmentSummary, RequestContent
from comity.canonical import json
from comity.canonical.digest import Sha256
from comity.canonical.time import Instant
from comity.errors import Conflict, Invalid, Refused
from comity.law.answer import Assessment, Basis, LegalFacts
from comity.law.engine import assess
from comity.law.pack import Pack
from comity.node.services import law_packs
from comity.node.store.models import AssessmentRow, RequestRow

#: Largest stored assessment, in bytes.
MAX_ASSESSMENT_BYTES: Final = 8 << 20
#: How many packs stay in memory: the one in use, and those of old requests.
_PACKS_IN_MEMORY: Final = 3


def pack() -> Pack:
    """Return the law pack in use.

    Raises `Refused` (`law.none_adopted`) before the first was adopted, and as
    `kept_pack` does if its file was lost or altered.
    """
    last = law_packs.in_use()
    if last is None:
        raise Refused(
            "law.none_adopted",
            "this node has adopted no law pack yet",
            hint="comity-node law adopt, or start the node: it adopts the law of its settings.",
        )
    return kept_pack(last.digest)


@lru_cache(maxsize=_PACKS_IN_MEMORY)
def kept_pack(digest: Sha256) -> Pack:
    """Return a pack that is in use or was; read and checked once a process.

    Raises `Invalid` (`law.pack_not_kept`), `Unverified` (`law.pack_altered`) or
    `Unavailable` (`law.store_unreadable`).
    """
    return law_packs.store().open(digest)


def assess_content(
    content: RequestContent, *, as_of: date, measure: str = "", by: Pack | None = None
) -> Assessment:
    """Ask the engine about the contents of a request on a day, by the pack in use.

    `measure` asks about another one than the contents name; `by` spares who asks twice
    from finding the pack in use again.

    What another authority wrote may name an offence that its law pack has and ours has
    not: it is left out here, and `unknown_offences` says so.
    """
    by = by or pack()
    facts = LegalFacts(
        requesting=_state(content.requesting),
        requested=_state(content.requested),
        measure=measure or content.measure,
        offences=tuple(name for name in content.offences if name in by.offences),
    )
    return _assess(by.digest, facts, as_of)


def unknown_offences(content: RequestContent) -> tuple[str, ...]:
    """Return the offences of another authority's request that the law pack here does not know."""
    if content.requesting == settings.CONFIG.authority:
        return ()
    known = pack().offences
    return tuple(name for name in content.offences if name not in known)


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


def answer_again(stored: AssessmentRow) -> Assessment:
    """Answer a stored question again, from the pack of its day.

    Raises as `kept_pack` does, and `Conflict` (`law.answered_otherwise`) when this
    version of the program reads that pack differently: then the stored words stand.
    """
    body = json.read_object(bytes(stored.body), what="assessment", limit=MAX_ASSESSMENT_BYTES)
    facts = body["facts"]
    again = assess(
        facts=LegalFacts.from_json(facts if isinstance(facts, dict) else {}, what="assessment"),
        pack=kept_pack(Sha256(stored.pack_digest)),
        as_of=stored.as_of,
    )
    if json.write(again.to_json()) != bytes(stored.body):
        raise Conflict(
            "law.answered_otherwise",
            f"the answer of {stored.as_of} comes out otherwise in this version of the program",
            hint="The stored answer is the one that counts.",
        )
    return again


@lru_cache(maxsize=256)
def _assess(digest: Sha256, facts: LegalFacts, as_of: date) -> Assessment:
    return assess(facts=facts, pack=kept_pack(digest), as_of=as_of)


def _state(authority: str) -> str:
    """An authority's name begins with the code of its state."""
    return authority[:2].upper()
