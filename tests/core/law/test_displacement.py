# SPDX-License-Identifier: Apache-2.0
"""One instrument takes another's place for what it covers, and for nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from comity.law.answer import LegalFacts
from comity.law.engine import assess
from comity.law.pack import Pack

DAY = date(2026, 11, 21)

#: Rule -> two states that are bound by both instruments, and the measures that the first does not
#: name and for which it displaces all the same: somebody has read that it covers them. A measure
#: that is added to the vocabulary, and falls back on a general rule, is not displaced unread.
COVERED = {
    "eu_eio-displaces-conventions": (
        ("DE", "FR"),
        # Investigative measures that gather evidence (Directive 2014/41/EU, article 3).
        {"emergency_mla", "asset_identification", "criminal_records"},
    ),
    "eu_eaw-displaces-extradition": (("DE", "FR"), set()),
    # Both are conventions on legal assistance as a whole, and Chisinau names all that Minsk names.
    "cis_chisinau-displaces-minsk": (("KZ", "BY"), None),
}


def test_every_rule_was_read(pack: Pack) -> None:
    assert {rule.id for rule in pack.rules if rule.kind == "displaces"} == set(COVERED)


@pytest.mark.parametrize("name", COVERED)
def test_nothing_is_displaced_beyond_what_is_covered(pack: Pack, name: str) -> None:
    (requesting, requested), covered = COVERED[name]
    (rule,) = [rule for rule in pack.rules if rule.id == name]
    named = {m for one in rule.first.instruments for m in pack.instruments[one].provides}
    if covered is None:
        for one in rule.then.instruments:
            assert set(pack.instruments[one].provides) <= named
        covered = set(pack.measures) - named
    displaced = {
        measure
        for measure in pack.measures
        for basis in assess(
            facts=LegalFacts(requesting, requested, measure), pack=pack, as_of=DAY
        ).bases
        if f"law.displaces:{name}" in {reason.code for reason in basis.reasons}
    }
    assert displaced
    assert displaced <= named | covered
