# SPDX-License-Identifier: Apache-2.0
"""On which ground may personal data travel back? As the pack's transfer rules say.

The data travel from the requested to the requesting state. An adequacy decision
under one regime is never read as one under another.
"""

from __future__ import annotations

from collections.abc import Sequence

from comity.law.answer import NOT_USABLE, Basis, Transfer, TransferFinding
from comity.law.model import Adequacy, TransferRule
from comity.law.pack import Pack
from comity.law.predicates import Case


def transfer(case: Case, bases: Sequence[Basis]) -> Transfer:
    """Return the grounds that come into question for the bases that are not ruled out."""
    pack = case.pack
    exporter, importer = case.facts.requested, case.facts.requesting
    open_bases = [basis for basis in bases if basis.status != NOT_USABLE]
    findings: list[TransferFinding] = []
    within = False
    for rule in pack.transfer_rules:
        if not _speaks_of(rule, exporter, importer, open_bases):
            continue
        if rule.adequacy and importer in rule.exporters:
            within = within or rule.addressee == "state"
            continue
        findings += _adequate(case, rule, importer)
        findings += [_finding(pack, rule, name) for name in rule.grounds]
    return Transfer(
        exporter=exporter,
        importer=importer,
        status="within_regime" if within else "grounds" if findings else "not_established",
        text=_text(case, exporter, importer, within=within, found=bool(findings)),
        findings=tuple(findings),
    )


def _speaks_of(rule: TransferRule, exporter: str, importer: str, bases: Sequence[Basis]) -> bool:
    if "*" not in rule.exporters and exporter not in rule.exporters:
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
            text=f"Adequacy decision {item.decision} for {case.pack.label('state', importer)}"
            + (f" ({item.scope})" if item.scope else "")
            + ".",
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


def _text(case: Case, exporter: str, importer: str, *, within: bool, found: bool) -> str:
    pack = case.pack
    sender, receiver = pack.label("state", exporter), pack.label("state", importer)
    if within:
        return (
            f"{sender} and {receiver} are under the same law-enforcement data protection regime; "
            "no ground for a third country is needed."
        )
    others = {
        item.regime for item in pack.adequacy if item.territory == importer and _stands(item, case)
    }
    if not found:
        return (
            f"The pack records no ground for {sender} as sender: its national law and the data "
            "clauses of the instrument decide."
        )
    text = f"Personal data would travel from {sender} to {receiver} on one of these grounds."
    if "GDPR" in others and "LED" not in others:
        text += (
            f" The adequacy decision for {receiver} under the GDPR does not cover transfers "
            "between law-enforcement authorities."
        )
    return text
