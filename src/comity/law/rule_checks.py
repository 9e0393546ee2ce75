# SPDX-License-Identifier: Apache-2.0
"""A rule between instruments must speak of something, and cite what exists."""

from __future__ import annotations

import re
from typing import Final

from comity.law.builder import Builder
from comity.law.model import Rule, Selector
from comity.law.reader import Table, nearest

#: Words of a citation that are ids: `coe_185` of `coe_185 27(1), 28(1)`.
_ID: Final = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")


def must_select(table: Table, record: Rule) -> None:
    """Note a fault for a rule that speaks of nothing: it would change no answer."""
    needed: dict[str, object] = {}
    if record.kind not in ("named_first", "one_state"):
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


def check_citations(builder: Builder) -> None:
    """Note a fault for a rule that cites an article of an instrument that is not recorded."""
    for rule in builder.rules.values():
        for name in _ID.findall(rule.article):
            if name not in builder.instruments:
                builder.problems.add(
                    "law.unknown_instrument",
                    builder.file_of(f"rule/{rule.id}") or "rules/",
                    f"rule/{rule.id}",
                    f"cites an article of {name!r}, which is not known",
                    nearest(name, builder.instruments),
                )
