# SPDX-License-Identifier: Apache-2.0
"""Read an instrument's file: the instrument, its parties, declarations and provisions.

A file begins with `[instrument]`, or, in an overlay that adds to an instrument
of another pack, with `for_instrument = "<id>"`. An article without either is a
fault.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from comity.law.builder import Builder, ends_after
from comity.law.dates import When
from comity.law.model import (
    Declaration,
    Instrument,
    Party,
    PartyList,
    Scope,
)
from comity.law.origin import (
    Confidence,
    Origin,
)
from comity.law.provision_records import provisions
from comity.law.reader import Table
from comity.law.records import INSTRUMENT_KINDS

STANDS: Final = (
    "alone",
    "with_parent",
    "with_unrecorded",
    "amends",
    "no_basis",
    "scheme",
)
IN_FORCE_STATES: Final = ("in_force", "not_in_force", "not_established")
LIST_MODELS: Final = ("listed", "pair", "universal_except", "not_established")
EFFECTS: Final = (
    "may_refuse_dual_criminality",
    "requires_elements",
    "limits_offence",
    "limits_measure",
    "excludes_articles",
    "closes_channel",
    "conditions_channel",
    "information",
)


def instrument_file(table: Table, builder: Builder) -> None:
    """Read the instrument part of a file, in whichever of the two forms."""
    own = table.table("instrument")
    target = table.optional("for_instrument")
    if own is not None:
        target = _instrument(own, table, builder)
    elif target is None:
        table.fault(
            "",
            "law.article_without_instrument",
            "parties, declarations or provisions without an instrument",
            'Begin the file with [instrument], or with for_instrument = "coe_185".',
        )
        target = ""
    elif target not in builder.instruments:
        table.fault(
            "for_instrument",
            "law.unknown_instrument",
            f"{target[:60]!r} is not known",
            "Use the id of an instrument of this pack or of the pack below.",
        )
    for inner in table.tables("party"):
        _party(inner, builder, target)
    for inner in table.tables("declaration"):
        _declaration(inner, builder, target)
    provisions(table, builder, target)


def _instrument(table: Table, file: Table, builder: Builder) -> str:
    name = table.identifier("id")
    record = Instrument(
        id=name,
        title=table.text("title"),
        short=table.text("short"),
        kind=table.choice("kind", INSTRUMENT_KINDS),
        class_=table.choice("class", builder.codes["class"]),
        stands=table.choice("stands", STANDS),
        binding=table.flag("binding", default=True),
        number=table.texts("number"),
        adopted=table.when("adopted"),
        opened=table.when("opened"),
        place=table.optional("place") or "",
        in_force=table.when("in_force"),
        in_force_state=table.choice("in_force_state", IN_FORCE_STATES),
        in_force_text=table.optional("in_force_text") or "",
        in_force_condition=table.optional("in_force_condition") or "",
        checked=table.when("checked"),
        applies_from=table.when("applies_from"),
        provisional_from=table.when("provisional_from"),
        term_ends=table.when("term_ends"),
        depositary=table.optional("depositary") or "",
        open_to=table.optional("open_to") or "",
        role=table.optional("role") or "",
        article=table.optional("article") or "",
        supplements=table.optional("supplements"),
        provides=table.known("provides", builder.measures, code="law.unknown_measure"),
        urls=table.strings("urls"),
        note=table.optional("note") or "",
        scope=_scope(file, builder),
        list=_party_list(file, builder, name),
        parties={},
        declarations=(),
        provisions={},
        origin=builder.origin(table, name),
    )
    builder.place(builder.instruments, name, record, table, key="id")
    table.done()
    return name


def _scope(file: Table, builder: Builder) -> Scope | None:
    table = file.table("scope")
    if table is None:
        return None
    months = table.whole("offences_listed_or_months")
    other = table.optional("offences_listed_or_element") or ""
    record = Scope(
        article=table.text("article"),
        text=table.text("text"),
        offences_listed=table.flag("offences_listed") or months is not None or bool(other),
        or_months=months,
        or_element=other,
        elements=table.known("elements", builder.elements, code="law.unknown_element"),
    )
    table.done()
    return record


def _party_list(file: Table, builder: Builder, name: str) -> PartyList:
    table = file.table("parties")
    if table is None:
        file.fault("parties", "law.missing_key", "is missing", "Add the table [parties].")
        return PartyList("listed", _NEVER, False, "", "", "", _no_origin(name, builder))  # noqa: FBT003
    known_since = table.when("known_since")
    record = PartyList(
        model=table.choice("model", LIST_MODELS),
        known_since=known_since or _NEVER,
        complete=table.flag("complete"),
        status_as_of=table.optional("status_as_of") or "",
        completeness=table.optional("completeness") or "",
        note=table.optional("note") or "",
        origin=_list_origin(table, builder, name),
    )
    if known_since is None and "known_since" not in table:
        table.fault("known_since", "law.missing_key", "is missing", "Say when it was last seen.")
    table.whole("count")
    table.done()
    return record


def _list_origin(table: Table, builder: Builder, name: str) -> Origin:
    confidence = table.optional("confidence")
    return Origin(
        record=f"{name}/parties",
        confidence=Confidence(confidence) if confidence in set(Confidence) else Confidence.LIKELY,
        sources=table.strings("source"),
        pack=builder.part,
    )


def _no_origin(name: str, builder: Builder) -> Origin:
    return Origin(f"{name}/parties", Confidence.UNVERIFIED, (), builder.part)


_NEVER: Final = When(date.max, date.max, "")


def _party(table: Table, builder: Builder, instrument: str) -> None:
    code = table.choice("state", builder.states, code="law.unknown_state")
    in_force = table.when("in_force")
    name = f"{instrument}/party/{code}"
    if name in builder.parties and in_force is not None and "replaces" not in table:
        name = f"{name}/{in_force.text}"
    record = Party(
        state=code,
        status=table.choice("status", builder.codes["party_status"]),
        signed=table.when("signed"),
        deposit=table.when("deposit"),
        in_force=in_force,
        not_before=table.when("in_force_not_before"),
        not_after=table.when("in_force_not_after"),
        until=table.when("until"),
        side=table.optional("side") or "",
        basis=table.optional("in_force_basis") or "",
        note=table.optional("note") or "",
        origin=builder.origin(table, name),
    )
    ends_after(table, "in_force", record.in_force, record.until)
    builder.place(builder.parties, name, record, table, key="state")
    builder.party_instrument[table.optional("replaces") or name] = instrument
    table.done()


def _declaration(table: Table, builder: Builder, instrument: str) -> None:
    code = table.choice("state", builder.states, code="law.unknown_state")
    article = table.text("article")
    start = table.when("from")
    name = f"{instrument}/declaration/{code}/{article}"
    if name in builder.declarations and start is not None and "replaces" not in table:
        name = f"{name}/{start.text}"
    record = Declaration(
        instrument=instrument,
        state=code,
        article=article,
        type=table.choice("type", ("declaration", "reservation")),
        text=table.text("text"),
        effect=table.choice("effect", EFFECTS),
        offences=table.known("offences", builder.offences, code="law.unknown_offence"),
        elements=table.known("elements", builder.elements, code="law.unknown_element"),
        articles=table.strings("articles"),
        measures=table.known("measures", builder.measures, code="law.unknown_measure"),
        channels=table.known("channels", builder.codes["channel"], code="law.unknown_channel"),
        only_for=table.optional("only_for") or "",
        start=start,
        until=table.when("until"),
        note=table.optional("note") or "",
        origin=builder.origin(table, name),
    )
    ends_after(table, "from", start, record.until)
    builder.place(builder.declarations, name, record, table, key="article")
    table.done()
