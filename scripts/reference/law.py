# SPDX-License-Identifier: Apache-2.0
"""The law pack as pages: every instrument, every measure, every coded value and rule."""

from __future__ import annotations

from functools import lru_cache

import comity_law
from comity.law.load import load_pack
from comity.law.model import Instrument, Party
from comity.law.pack import Pack
from comity.law.provision import Provision
from reference.markdown import code, page, table

INSTRUMENTS = """
Every instrument of the built-in law, with the states on its list and the measures it has rules
for. *Verified*, *likely* and *unverified* say how far a record can be trusted; a question mark in
an article means that the paragraph is not sure. Where a date is missing it is not established,
and no answer assumes one. Research, not legal advice.
"""
MEASURES = """
Every measure, and which instruments have a rule for it. Where an instrument has none, its rule
for the *parent* is used; a measure without a parent exists only where an instrument says so.
"""
VOCABULARY = """
The names that questions and answers use. Labels in Arabic, Chinese, English, French, Russian and
Spanish stand beside the law, in `src/comity_law/labels`.
"""
RULES = """
Only these records put one basis before another. Two bases that no rule relates are shown as
equal; rules that contradict each other leave the bases undetermined and are named in the answer.
"""
MOST_NAMED = 60


@lru_cache(maxsize=1)
def law() -> Pack:
    """Return the built-in law."""
    return load_pack(comity_law.PATH)


def instruments_page() -> str:
    """Return the page of instruments."""
    pack = law()
    rows = [
        [
            f"[{item.short}](#law-{name.replace('_', '-')})",
            code(name),
            pack.label("class", item.class_),
            item.in_force.text if item.in_force else item.in_force_text,
            str(item.origin.confidence),
        ]
        for name, item in pack.instruments.items()
    ]
    overview = table(["Instrument", "Id", "What it is", "In force", "Confidence"], rows)
    return page(
        "Instruments of the law pack",
        INSTRUMENTS,
        f"Pack `{pack.name}` {pack.version}, as of {pack.as_of}.",
        overview,
        *[_instrument(item, pack) for item in pack.instruments.values()],
    )


def _instrument(item: Instrument, pack: Pack) -> str:
    facts = [
        ["Title", item.title],
        ["Adopted", item.adopted.text if item.adopted else "not established"],
        ["In force", item.in_force.text if item.in_force else item.in_force_text],
        ["Applies from", item.applies_from.text if item.applies_from else ""],
        ["Role", item.role],
        ["Supplements", item.supplements or ""],
        ["Scope", f"{item.scope.text} ({item.scope.article})" if item.scope else ""],
        ["Note", item.note],
        ["Confidence", f"{item.origin.confidence}: {', '.join(item.origin.sources)}"],
    ]
    parts = [
        f"(law-{item.id.replace('_', '-')})=\n## {item.short}",
        table([code(item.id), ""], [row for row in facts if row[1]]),
        _parties(item, pack),
        _declarations(item, pack),
        _provisions(item, pack),
    ]
    return "\n\n".join(part for part in parts if part)


def _parties(item: Instrument, pack: Pack) -> str:
    lists = item.list
    lines = []
    if lists.model == "universal_except":
        lines.append("Every member of the United Nations, except where said otherwise.")
    if lists.model == "not_established":
        lines.append("The parties are not established.")
    groups: dict[str, list[str]] = {}
    for rows in item.parties.values():
        for row in rows:
            groups.setdefault(pack.label("party_status", row.status), []).append(_party(row))
    for status, names in groups.items():
        lines.append(f"**{status.capitalize()} ({len(names)}):** {', '.join(names)}.")
    if lists.completeness:
        lines.append(f"The list: {lists.completeness}.")
    return "\n\n".join(lines)


def _party(row: Party) -> str:
    text = row.state
    if row.in_force is not None:
        text += f" {row.in_force.text}"
    if row.until is not None:
        text += f" until {row.until.text}"
    if str(row.origin.confidence) != "verified":
        text += f" ({row.origin.confidence})"
    return text


def _declarations(item: Instrument, pack: Pack) -> str:
    if not item.declarations:
        return ""
    rows = [
        [
            pack.label("state", row.state),
            f"{row.type}, art {row.article}",
            row.text,
            f"{row.start.text if row.start else '?'} to {row.until.text if row.until else 'now'}",
            f"{row.origin.confidence}: {', '.join(row.origin.sources)}",
        ]
        for row in item.declarations
    ]
    return table(["State", "What", "Effect", "Period", "Confidence"], rows)


def _provisions(item: Instrument, pack: Pack) -> str:
    rows = [
        [
            pack.label("measure", provision.measure),
            provision.article,
            _contents(provision),
            _clocks(provision),
            f"{pack.label('dual_criminality', provision.dual_criminality.rule)} "
            f"({provision.dual_criminality.article})",
            f"{provision.origin.confidence}",
        ]
        for provisions in item.provisions.values()
        for provision in provisions
    ]
    if not rows:
        named = ", ".join(pack.label("measure", name) for name in item.provides)
        return f"Provides for: {named}. Its articles have no record here." if named else ""
    head = [
        "Measure",
        "Article",
        "The request contains",
        "Clocks",
        "Dual criminality",
        "Confidence",
    ]
    return table(head, rows)


def _contents(provision: Provision) -> str:
    if not provision.required:
        return "no list"
    where = "practice: " if provision.contents_from == "practice" else ""
    return where + ", ".join(code(name) for name in provision.required)


def _clocks(provision: Provision) -> str:
    return "; ".join(f"{clock.label or clock.id}: {clock.value}" for clock in provision.clocks)


def measures_page() -> str:
    """Return the page of measures."""
    pack = law()
    parts = []
    for measure in pack.measures.values():
        own = [
            f"{item.short} (art {', '.join(row.article for row in item.provisions[measure.id])})"
            for item in pack.instruments.values()
            if measure.id in item.provisions
        ]
        listed = [
            item.short
            for item in pack.instruments.values()
            if measure.id in item.provides and measure.id not in item.provisions
        ]
        facts = [
            ["Group", measure.group],
            ["Parent", code(measure.parent) if measure.parent else "none"],
            ["Compels somebody", "yes" if measure.coercive else "no"],
            ["Note", measure.note],
            ["Instruments with a rule", "; ".join(own)],
            ["Instruments that name it without a record", "; ".join(listed)],
        ]
        parts.append(f"## {measure.label}")
        parts.append(table([code(measure.id), ""], [row for row in facts if row[1]]))
    return page("Measures of the law pack", MEASURES, *parts)


def vocabulary_page() -> str:
    """Return the page of coded values."""
    pack = law()
    parts = []
    headings = {
        "offence": "Offence types",
        "element": "Facts that a case shows or does not show",
        "field": "Contents of a request",
        "ground": "Grounds of refusal",
        "channel": "Channels",
        "role": "Roles of authorities",
        "dual_criminality": "Rules on dual criminality",
        "outcome": "Outcomes of the test of dual criminality",
        "status": "Status of a basis",
        "party_status": "Status of a state under an instrument",
        "class": "Classes of instruments",
        "event": "Events from which clocks run",
        "topic": "What a state can say of itself",
    }
    for vocabulary, heading in headings.items():
        labels = pack.labels["en"][vocabulary]
        parts.append(f"## {heading}")
        rows = [[code(name), label] for name, label in labels.items()]
        parts.append(table(["Id", "Label"], rows))
    parts += ["## Rules between instruments", RULES.strip(), _rules(pack)]
    parts += ["## Sources", _sources(pack)]
    return page("Vocabulary, rules and sources of the law pack", VOCABULARY, *parts)


def _rules(pack: Pack) -> str:
    rows = [
        [code(rule.id), rule.kind, rule.text, rule.article, str(rule.origin.confidence)]
        for rule in pack.rules
    ]
    return table(["Rule", "Kind", "What it says", "Citation", "Confidence"], rows)


def _sources(pack: Pack) -> str:
    rows = [
        [code(item.id), item.title, item.kind, item.seen, item.note]
        for item in pack.sources.values()
    ]
    return table(["Id", "Title", "Kind", "What was read", "Note"], rows)
