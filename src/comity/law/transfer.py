# SPDX-License-Identifier: Apache-2.0
"""On which ground may personal data travel back? As the pack's transfer rules say.

The data travel from the requested to the requesting state. An adequacy decision
under one regime is never read as one under another.
"""

from __future__ import annotations

from collections.abc import Sequence

from comity.law import explain
from comity.law.answer import (
    NOT_USABLE,
    Basis,
)
from comity.law.contents import pair_binds
from comity.law.findings import (
    Transfer,
    TransferFinding,
)
from comity.law.model import (
    Adequacy,
    TransferRule,
)
from comity.law.pack import Pack
from comity.law.predicates import Case
from comity.law.standing import Bound


def transfer(case: Case, bases: Sequence[Basis]) -> Transfer:
    """Return the grounds that come into question for the bases that are not ruled out."""
    pack = case.pack
    exporter, importer = case.facts.requested, case.facts.requesting
    open_bases = [basis for basis in bases if basis.status != NOT_USABLE]
    findings: list[TransferFinding] = []
    within = False
    speaking = [rule for rule in pack.transfer_rules if _speaks_of(case, rule, open_bases)]
    for rule in speaking:
        if rule.adequacy and importer in rule.exporters:
            within = within or rule.addressee == "state"
            continue
        findings += _adequate(case, rule, importer)
        findings += [_finding(pack, rule, name) for name in rule.grounds if _exists(case, name)]
    status = "within_regime" if within else "grounds" if findings else "not_established"
    text = explain.transfer(
        exporter,
        importer,
        pack,
        status=status,
        regimes=_regimes(case, importer),
        needed=next((rule.adequacy for rule in speaking if rule.adequacy), ""),
    )
    return Transfer(exporter, importer, status, text, tuple(findings))


def _regimes(case: Case, importer: str) -> frozenset[str]:
    """The regimes under which a decision finds the receiving state adequate."""
    return frozenset(
        item.regime
        for item in case.pack.adequacy
        if item.territory == importer and _stands(item, case)
    )


def _exists(case: Case, ground: str) -> bool:
    """Whether the regime of a ground can stand: an instrument that binds not both gives none."""
    regime = case.pack.instruments.get(case.pack.transfer_grounds[ground].regime)
    return regime is None or pair_binds(case, regime) is not Bound.NO


def _in_time(rule: TransferRule, case: Case) -> bool:
    started = rule.start is None or rule.start.begun(case.on)
    ended = rule.until is not None and rule.until.begun(case.on)
    return bool(started) and not ended


def _speaks_of(case: Case, rule: TransferRule, bases: Sequence[Basis]) -> bool:
    exporter, importer = case.facts.requested, case.facts.requesting
    if not _in_time(rule, case):
        return False
    others = "*" in rule.exporters and exporter not in rule.importers
    if not others and exporter not in rule.exporters:
        return False
    if rule.importers and importer not in rule.importers:
        return False
    if rule.instruments:
        named = {basis.instrument for basis in bases}
        named |= {s.instrument for basis in bases for s in basis.supplements if s.binds == "yes"}
        if not named & set(rule.instruments):
            return False
    if rule.addressee:
        addressees = {basis.addressee for basis in bases} or {"state"}
        return rule.addressee in addressees
    return True


def _adequate(case: Case, rule: TransferRule, importer: str) -> list[TransferFinding]:
    if not rule.adequacy:
        return []
    ground = case.pack.transfer_grounds[rule.adequacy_ground]
    return [
        TransferFinding(
            ground=ground.id,
            regime=ground.regime,
            article=ground.article,
            conditions=ground.conditions,
            use_for=ground.use_for,
            text=explain.adequacy(item, case.pack),
            confidence=item.origin.confidence,
            sources=item.origin.sources,
        )
        for item in case.pack.adequacy
        if item.territory == importer and item.regime == rule.adequacy and _stands(item, case)
    ]


def _stands(item: Adequacy, case: Case) -> bool:
    ended = item.until is not None and item.until.begun(case.on) is not False
    return bool(item.adopted.begun(case.on)) and not ended


def _finding(pack: Pack, rule: TransferRule, name: str) -> TransferFinding:
    ground = pack.transfer_grounds[name]
    return TransferFinding(
        ground=ground.id,
        regime=ground.regime,
        article=ground.article,
        conditions=ground.conditions,
        use_for=ground.use_for,
        text=rule.text,
        confidence=ground.origin.confidence,
        sources=ground.origin.sources,
        instruments=rule.instruments,
    )
