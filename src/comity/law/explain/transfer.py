# SPDX-License-Identifier: Apache-2.0
"""Words about the transfer of personal data."""

from __future__ import annotations

from comity.law.explain.words import name_of
from comity.law.model import Adequacy
from comity.law.pack import Pack


def adequacy(item: Adequacy, pack: Pack) -> str:
    """Name an adequacy decision."""
    scope = f" ({item.scope})" if item.scope else ""
    return f"Adequacy decision {item.decision} for {name_of(item.territory, pack)}{scope}."


def transfer(
    exporter: str, importer: str, pack: Pack, *, status: str, regimes: frozenset[str], needed: str
) -> str:
    """Say how personal data may travel. `regimes`: those under which the importer is adequate."""
    sender, receiver = name_of(exporter, pack), name_of(importer, pack)
    if status == "within_regime":
        first = name_of(exporter, pack, start=True)
        return (
            f"{first} and {receiver} are under the same law-enforcement data protection regime; no "
            "ground for a third country is needed."
        )
    if status == "not_established":
        return (
            f"The pack records no ground for {sender} as sender: its national law and the data "
            "clauses of the instrument decide."
        )
    text = f"Personal data would travel from {sender} to {receiver} on one of these grounds."
    if needed and needed not in regimes:
        text += "".join(
            f" The adequacy decision for {receiver} under the {other} does not cover transfers "
            "between law-enforcement authorities."
            for other in sorted(regimes)
        )
    return text
