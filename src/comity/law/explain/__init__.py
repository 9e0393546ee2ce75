# SPDX-License-Identifier: Apache-2.0
"""The words of an answer, in one place.

Desk, documents, API and command line print what is written here, so that an
officer reads the same sentence everywhere. The engine decides; this package only
says it. Sentences are for officers: they name states and instruments as people
do, and say what to do where something is missing.
"""

from __future__ import annotations

from comity.law.explain.conduct import (
    declared,
    listed_category,
    national_provision,
    no_national_record,
    no_provision_recorded,
    no_reservation,
    not_open,
    only_one_asks,
    penalties_differ,
    penalty_recorded,
    penalty_stated,
    reservation_does_not_reach,
    scope,
    threshold,
    threshold_listed,
    treaty_duty,
)
from comity.law.explain.contents import (
    arises,
    closed_by,
    conditioned_by,
    governed_by,
    language_not_recorded,
    lifted_by,
    no_language_rule,
    not_among_accepted,
    only_with,
)
from comity.law.explain.standing import (
    after_the_pack,
    between_parts,
    by_rule,
    contents_not_recorded,
    contents_unverified,
    instrument_standing,
    nothing_found,
    parent_not_bound,
    reach,
    stands,
    state_standing,
    treaty_not_recorded,
    unverified_only,
)
from comity.law.explain.transfer import adequacy, transfer
from comity.law.explain.words import in_words, joined, reason, sentence, the, years

__all__ = [
    "adequacy",
    "after_the_pack",
    "arises",
    "between_parts",
    "by_rule",
    "closed_by",
    "conditioned_by",
    "contents_not_recorded",
    "contents_unverified",
    "declared",
    "governed_by",
    "in_words",
    "instrument_standing",
    "joined",
    "language_not_recorded",
    "lifted_by",
    "listed_category",
    "national_provision",
    "no_language_rule",
    "no_national_record",
    "no_provision_recorded",
    "no_reservation",
    "not_among_accepted",
    "not_open",
    "nothing_found",
    "only_one_asks",
    "only_with",
    "parent_not_bound",
    "penalties_differ",
    "penalty_recorded",
    "penalty_stated",
    "reach",
    "reason",
    "reservation_does_not_reach",
    "scope",
    "sentence",
    "stands",
    "state_standing",
    "the",
    "threshold",
    "threshold_listed",
    "transfer",
    "treaty_duty",
    "treaty_not_recorded",
    "unverified_only",
    "years",
]
