# SPDX-License-Identifier: Apache-2.0
"""Read the records that stand outside instruments: vocabulary, states' files, rules, transfer.

Each function reads one table and places one record; `READERS` says which
top-level key of a file leads to which function. States and sources are read
first, because every other record refers to them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from comity.law.builder import PLAIN_VOCABULARIES, Builder, ends_after
from comity.law.model import (
    Adequacy,
    Authority,
    Coded,
    Concordance,
    Coverage,
    CoveredPartner,
    Element,
    Measure,
    NationalOffence,
    Offence,
    OptionalElement,
    PenaltyFloor,
    Practice,
    Rule,
    Selector,
    Source,
    State,
    TransferGround,
    TransferRule,
)
from comity.law.origin import Confidence
from comity.law.reader import Table
from comity.law.rule_checks import must_select

INSTRUMENT_KINDS: Final = (
    "global",
    "regional",
    "regional_open",
    "eu_act",
    "bilateral",
    "bilateral_eu",
    "scheme",
)
STATE_KINDS: Final = ("member", "observer", "other", "organisation", "territory")
RULE_KINDS: Final = ("before", "displaces", "subsidiary", "excludes", "named_first", "one_state")
DUAL_TESTS: Final = (
    "none",
    "not_applicable",
    "conduct",
    "conduct_if_coercive",
    "conduct_if_declared",
    "list_then_conduct",
    "threshold",
    "domestic",
    "elsewhere",
)


def source(table: Table, builder: Builder) -> None:
    """A document that was read."""
    record = Source(
        id=table.identifier("id"),
        title=table.text("title"),
        kind=table.text("kind"),
        url=table.optional("url") or "",
        seen=table.text("seen"),
        note=table.optional("note") or "",
    )
    builder.place(builder.sources, record.id, record, table, key="id")


def state(table: Table, builder: Builder) -> None:
    """A state, territory or organisation."""
    record = State(
        id=table.identifier("id"),
        kind=table.choice("kind", STATE_KINDS),
        of=table.optional("of"),
        label=table.text("label"),
        names=table.texts("names"),
        fictional=table.flag("fictional"),
        with_article=table.flag("with_article"),
        also=table.strings("also"),
    )
    builder.place(builder.states, record.id, record, table, key="id")


def measure(table: Table, builder: Builder) -> None:
    """A measure of assistance."""
    record = Measure(
        id=table.identifier("id"),
        label=table.text("label"),
        group=table.text("group"),
        parent=table.optional("parent"),
        coercive=table.flag("coercive"),
        note=table.optional("note") or "",
    )
    builder.place(builder.measures, record.id, record, table, key="id")


def _coded(records: str) -> Callable[[Table, Builder], None]:
    def read(table: Table, builder: Builder) -> None:
        target: dict[str, Coded] = getattr(builder, records)
        record = Coded(table.identifier("id"), table.text("label"))
        builder.place(target, record.id, record, table, key="id")

    return read


def _plain(vocabulary: str) -> Callable[[Table, Builder], None]:
    def read(table: Table, builder: Builder) -> None:
        text = table.optional("role") or ""
        if vocabulary == "dual_criminality":
            test = table.choice("test", DUAL_TESTS)
            text = f"{test}:{table.optional('otherwise') or ''}"
        if vocabulary == "channel" and table.flag("urgent"):
            text = "urgent"
        record = Coded(table.identifier("id"), table.text("label"), text)
        builder.place(builder.codes[vocabulary], record.id, record, table, key="id")

    return read


def element(table: Table, builder: Builder) -> None:
    """A fact that a declaration or a scope test asks for."""
    record = Element(table.identifier("id"), table.text("label"), table.strings("offences"))
    builder.place(builder.elements, record.id, record, table, key="id")


def offence(table: Table, builder: Builder) -> None:
    """An offence type."""
    name = table.identifier("id")
    record = Offence(
        id=name,
        label=table.text("label"),
        category=table.text("category"),
        conduct=table.strings("conduct"),
        fault=table.text("fault"),
        articles=tuple(
            Concordance(
                inner.text("instrument"),
                inner.strings("articles"),
                Confidence(inner.choice("confidence", tuple(Confidence)) or "unverified"),
            )
            for inner in table.tables("articles")
        ),
        other_acts=table.strings("other_acts"),
        options=tuple(
            OptionalElement(
                inner.text("text"),
                inner.strings("instruments"),
                inner.optional("how") or "",
                inner.optional("note") or "",
            )
            for inner in table.tables("options")
        ),
        note=table.optional("note") or "",
        origin=builder.origin(table, f"offence/{name}"),
    )
    builder.place(builder.offences, name, record, table, key="id")


def penalty_floor(table: Table, builder: Builder) -> None:
    """A penalty that an instrument sets at least."""
    instrument, article = table.text("instrument"), table.text("article")
    name = f"penalty_floor/{instrument}/{article}"
    record = PenaltyFloor(instrument, article, table.text("rule"), builder.origin(table, name))
    builder.place(builder.floors, name, record, table, key="article")


def national_offence(table: Table, builder: Builder, of: str) -> None:
    """A provision of national law."""
    law, provision = table.text("law"), table.optional("provision") or ""
    name = f"{of}/offence/{law}/{provision}" if provision else f"{of}/offence/{law}"
    record = NationalOffence(
        state=of,
        law=law,
        provision=provision,
        offences=table.known("offences", builder.offences, code="law.unknown_offence"),
        max_months=table.whole("max_months"),
        max_life=table.flag("max_life"),
        aggravated_max_months=table.whole("aggravated_max_months"),
        aggravated_life=table.flag("aggravated_life"),
        note=table.optional("note") or "",
        origin=builder.origin(table, name),
    )
    builder.place(builder.national, name, record, table, key="provision")


def authority(table: Table, builder: Builder, of: str) -> None:
    """An institution in one role."""
    role = table.choice("role", builder.roles)
    institution = table.text("institution")
    instruments = table.strings("instruments")
    name = f"{of}/authority/{role}/{'+'.join(instruments) or 'general'}/{institution}"
    record = Authority(
        state=of,
        role=role,
        institution=institution,
        instruments=instruments,
        as_of=table.when("as_of"),
        note=table.optional("note") or "",
        origin=builder.origin(table, name),
    )
    builder.place(builder.authorities, name, record, table, key="role")


def practice(table: Table, builder: Builder, of: str) -> None:
    """What a state says of itself."""
    topic = table.choice("topic", builder.codes["topic"])
    text = table.text("text")
    number = sum(1 for item in builder.practices.values() if item.state == of) + 1
    name = f"{of}/practice/{table.optional('id') or f'{topic}-{number}'}"
    record = Practice(
        state=of,
        topic=topic,
        text=text,
        measures=table.known("measures", builder.measures, code="law.unknown_measure"),
        instruments=table.strings("instruments"),
        languages=table.strings("languages"),
        fields=table.known("fields", builder.fields, code="law.unknown_field"),
        channels=table.known("channels", builder.codes["channel"], code="law.unknown_channel"),
        period=table.optional("period") or "",
        months=table.whole("months"),
        article=table.optional("article") or "",
        start=table.when("from"),
        until=table.when("until"),
        origin=builder.origin(table, name),
    )
    ends_after(table, "from", record.start, record.until)
    builder.place(builder.practices, name, record, table, key="topic")


def _selector(table: Table, key: str, builder: Builder) -> Selector:
    inner = table.table(key)
    if inner is None:
        return Selector((), (), ())
    result = Selector(
        instruments=inner.strings("instruments"),
        classes=inner.known("classes", builder.codes["class"], code="law.unknown_value"),
        kinds=inner.known("kinds", INSTRUMENT_KINDS, code="law.unknown_value"),
    )
    inner.done()
    return result


def rule(table: Table, builder: Builder) -> None:
    """A rule between instruments."""
    name = table.identifier("id")
    record = Rule(
        id=name,
        kind=table.choice("kind", RULE_KINDS),
        first=_selector(table, "first", builder),
        then=_selector(table, "then", builder),
        measures=table.known("measures", builder.measures, code="law.unknown_measure"),
        articles=table.strings("articles"),
        article=table.text("article"),
        text=table.text("text"),
        unless_named=table.flag("unless_named"),
        origin=builder.origin(table, f"rule/{name}"),
    )
    must_select(table, record)
    if record.unless_named and record.kind != "before":
        table.fault(
            "unless_named",
            "law.unknown_value",
            f"says nothing in a rule of kind {record.kind!r}",
            'Leave it out: only a rule of kind "before" can give way to the basis that names.',
        )
    builder.place(builder.rules, f"rule/{name}", record, table, key="id")


def _covered(table: Table, builder: Builder, name: str) -> CoveredPartner:
    code = table.choice("state", builder.states, code="law.unknown_state")
    record = CoveredPartner(
        state=code,
        since=table.when("since"),
        origin=builder.origin(table, f"coverage/{name}/{code}"),
    )
    table.done()
    return record


def coverage(table: Table, builder: Builder) -> None:
    """A list that only says that some treaty exists."""
    name = table.identifier("id")
    record = Coverage(
        id=name,
        state=table.choice("state", builder.states, code="law.unknown_state"),
        measure=table.choice("measure", builder.measures, code="law.unknown_measure"),
        text=table.text("text"),
        known_since=table.when("known_since"),
        rows=tuple(_covered(inner, builder, name) for inner in table.tables("partner")),
        status_as_of=table.optional("status_as_of") or "",
        completeness=table.optional("completeness") or "",
        note=table.optional("note") or "",
        origin=builder.origin(table, f"coverage/{name}"),
    )
    builder.place(builder.coverage, f"coverage/{name}", record, table, key="id")


def transfer_ground(table: Table, builder: Builder) -> None:
    """A ground for transferring personal data."""
    name = table.identifier("id")
    record = TransferGround(
        id=name,
        regime=table.text("regime"),
        article=table.text("article"),
        conditions=table.strings("conditions"),
        use_for=table.text("use_for"),
        note=table.optional("note") or "",
        origin=builder.origin(table, f"transfer/{name}"),
    )
    builder.place(builder.transfer_grounds, name, record, table, key="id")


def transfer_rule(table: Table, builder: Builder) -> None:
    """Which grounds apply to which sender."""
    name = table.identifier("id")
    everywhere = {*builder.states, "*"}
    record = TransferRule(
        id=name,
        exporters=table.known("exporters", everywhere, code="law.unknown_state"),
        importers=table.known("importers", everywhere, code="law.unknown_state"),
        addressee=table.optional("addressee") or "",
        instruments=table.strings("instruments"),
        grounds=table.strings("grounds"),
        adequacy=table.optional("adequacy") or "",
        adequacy_ground=table.optional("adequacy_ground") or "",
        text=table.text("text"),
        start=table.when("from"),
        until=table.when("until"),
        origin=builder.origin(table, f"transfer_rule/{name}"),
    )
    start, until = record.start, record.until
    if start is not None and until is not None and until.latest <= start.earliest:
        table.fault("until", "law.ends_before_it_begins", "is before from", "Check both dates.")
    builder.place(builder.transfer_rules, name, record, table, key="id")


def adequacy(table: Table, builder: Builder) -> None:
    """A decision on adequate protection."""
    territory = table.choice("territory", builder.states, code="law.unknown_state")
    regime, decision = table.text("regime"), table.text("decision")
    name = f"adequacy/{territory}/{regime}/{decision}"
    adopted = table.when("adopted")
    table.optional("until_text")
    if adopted is None:
        table.fault("adopted", "law.missing_key", "is missing", "Add the date of adoption.")
        return
    record = Adequacy(
        territory=territory,
        regime=regime,
        decision=decision,
        adopted=adopted,
        until=table.when("until"),
        scope=table.optional("scope") or "",
        note=table.optional("note") or "",
        origin=builder.origin(table, name),
    )
    ends_after(table, "adopted", record.adopted, record.until)
    builder.place(builder.adequacy, name, record, table, key="decision")


#: Top-level keys of a file, in the order in which they are read over all files of a part.
READERS: Final[dict[str, Callable[[Table, Builder], None]]] = {
    "source": source,
    "state": state,
    **{name: _plain(name) for name in PLAIN_VOCABULARIES},
    "field": _coded("fields"),
    "ground": _coded("grounds"),
    "role": _coded("roles"),
    "measure": measure,
    "element": element,
    "offence": offence,
    "penalty_floor": penalty_floor,
    "rule": rule,
    "coverage": coverage,
    "transfer_ground": transfer_ground,
    "transfer_rule": transfer_rule,
    "adequacy": adequacy,
}
#: Keys of a state's own file (`state = "DE"` at its top).
OF_A_STATE: Final[dict[str, Callable[[Table, Builder, str], None]]] = {
    "offence": national_offence,
    "authority": authority,
    "practice": practice,
}
