# SPDX-License-Identifier: Apache-2.0
"""A rule between instruments must speak of something, or it changes no answer."""

from __future__ import annotations

from comity.law.model import Rule, Selector
from comity.law.reader import Table


def must_select(table: Table, record: Rule) -> None:
    """Note a fault for a rule that speaks of nothing: it would change no answer."""
    needed: dict[str, object] = {}
    if record.kind != "named_first":
        needed["first"] = record.first != Selector((), (), ())
    if record.kind in ("before", "displaces", "subsidiary"):
        needed["then"] = record.then != Selector((), (), ())
    if record.kind == "subsidiary":
        needed["articles"] = record.articles
    if record.kind == "excludes":
        needed["measures"] = record.measures
    for key, given in needed.items():
        if not given:
            table.fault(
                key,
                "law.empty_rule",
                f"names nothing, so that the rule ({record.kind}) says nothing",
                f"Say in {key} what the rule speaks of.",
            )
