# SPDX-License-Identifier: Apache-2.0
"""Read an instrument's file: the instrument, its parties, declarations and provisions.

A file begins with `[instrument]`, or, in an overlay that adds to an instrument
of another pack, with `for_instrument = "<id>"`. An article without either is a
fault.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Final

from comity.law.builder import Builder
from comity.law.dates import When
from comity.law.model import (
    ChannelRule,
    Clock,
    Confidence,
    Declaration,
    DualRule,
    GroundRule,
    Instrument,
    Origin,
    Party,
    PartyList,
    Provision,
    Scope,
    TextRule,
    Threshold,
)
from comity.law.reader import Table

KINDS: Final = (
    "global",
    "regional",
    "regional_open",
    "eu_act",
    "bilateral",
    "bilateral_eu",
    "scheme",
)
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
PERIOD: Final = re.compile(
    r"P(?!$)(?:\d{1,3}Y)?(?:\d{1,3}M)?(?:\d{1,3}W)?(?:\d{1,4}D)?(?:T(?=\d)(?:\d{1,4}H)?(?:\d{1,4}M)?)?",
    re.ASCII,
)
_CONTENTS: Final = ("instrument", "practice")


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
    _provisions(table, builder, target)


def _instrument(table: Table, file: Table, builder: Builder) -> str:
    name = table.identifier("id")
    record = Instrument(
        id=name,
        title=table.text("title"),
        short=table.text("short"),
        kind=table.choice("kind", KINDS),
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
    if record.in_force and record.until and record.until.latest <= record.in_force.earliest:
        table.fault("until", "law.ends_before_it_begins", "is before in_force", "Check both dates.")
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
    if start and record.until and record.until.latest <= start.earliest:
        table.fault("until", "law.ends_before_it_begins", "is before from", "Check both dates.")
    builder.place(builder.declarations, name, record, table, key="article")
    table.done()


def _provisions(table: Table, builder: Builder, instrument: str) -> None:
    """Read the provisions; one may take everything it does not say from an earlier one."""
    read: dict[str, Provision] = {}
    for inner in table.tables("provision"):
        name = f"{instrument}/provision/{inner.identifier('id')}"
        shared = inner.optional("same_as")
        model: Provision | None = None
        if shared is not None:
            model = read.get(f"{instrument}/provision/{shared}")
            if model is None:
                inner.fault(
                    "same_as",
                    "law.unknown_provision",
                    f"{shared[:60]!r} does not stand before this one",
                    "Name a provision of this file that comes earlier.",
                )
        record = _provision(inner, builder, instrument, name, model)
        read[name] = record
        builder.place(builder.provisions, name, record, inner, key="id")
        inner.done()


def _provision(
    table: Table, builder: Builder, instrument: str, name: str, model: Provision | None
) -> Provision:
    origin = (
        builder.origin(table, name)
        if model is None or "source" in table or "confidence" in table
        else replace(model.origin, record=name)
    )
    own = Provision(
        id=name,
        instrument=instrument,
        measure=table.choice("measure", builder.measures, code="law.unknown_measure"),
        article=table.text("article") if model is None else table.optional("article") or "",
        addressee=table.choice("addressee", builder.codes["addressee"])
        if model is None
        else table.optional("addressee") or "",
        contents_from=table.choice("contents_from", _CONTENTS) if "contents_from" in table else "",
        required=table.known("required", builder.fields, code="law.unknown_field"),
        optional=table.known("optional", builder.fields, code="law.unknown_field"),
        clocks=tuple(_clock(inner, builder) for inner in table.tables("clock")),
        dual_criminality=_dual(table, builder, model),
        threshold=_threshold(table, builder),
        grounds=tuple(_ground(inner, builder) for inner in table.tables("grounds")),
        postponement=table.optional("postponement") or "",
        use_limits=_text_rule(table, "use_limits"),
        confidentiality=_text_rule(table, "confidentiality"),
        channels=tuple(_channel(inner, builder) for inner in table.tables("channels")),
        language=table.optional("language") or "",
        reservable=table.optional("reservable") or "",
        note=table.optional("note") or "",
        origin=origin,
    )
    return own if model is None else _inherit(own, model)


_INHERITED: Final = (
    "article",
    "addressee",
    "contents_from",
    "required",
    "optional",
    "clocks",
    "threshold",
    "grounds",
    "postponement",
    "use_limits",
    "confidentiality",
    "channels",
    "language",
    "reservable",
    "note",
)


def _inherit(own: Provision, model: Provision) -> Provision:
    taken = {key: getattr(model, key) for key in _INHERITED if not getattr(own, key)}
    return replace(own, **taken)


def _clock(table: Table, builder: Builder) -> Clock:
    period = table.optional("period")
    if period is not None and not PERIOD.fullmatch(period):
        table.fault("period", "law.bad_period", f"{period[:20]!r}", "Write P60D, P1W or PT8H.")
        period = None
    events = builder.codes["event"]
    record = Clock(
        id=table.identifier("id"),
        label=table.text("label"),
        value=table.text("value"),
        period=period,
        kind=table.choice("kind", builder.codes["clock_kind"]),
        starts=table.choice("starts", events),
        calendar=table.choice("calendar", builder.codes["calendar"]),
        article=table.optional("article") or "",
        consequence=table.text("consequence"),
        continues_on=table.choice("continues_on", events) if "continues_on" in table else "",
        continues_text=table.optional("continues_text") or "",
    )
    table.done()
    return record


def _dual(table: Table, builder: Builder, model: Provision | None) -> DualRule:
    inner = table.table("dual_criminality")
    if inner is None:
        if model is not None:
            return model.dual_criminality
        table.fault(
            "dual_criminality", "law.missing_key", "is missing", "Say which rule, and its article."
        )
        return DualRule("not_applicable", "", "", "", "", (), (), None)
    record = DualRule(
        rule=inner.choice("rule", builder.codes["dual_criminality"]),
        article=inner.optional("article") or "",
        note=inner.optional("note") or "",
        reservation=inner.optional("reservation") or "",
        never_under=inner.optional("never_under") or "",
        never_articles=inner.strings("never_articles"),
        exempt_offences=inner.known(
            "exempt_offences", builder.offences, code="law.unknown_offence"
        ),
        exempt_months=inner.whole("exempt_months"),
    )
    inner.done()
    return record


def _threshold(table: Table, builder: Builder) -> Threshold | None:
    inner = table.table("threshold")
    if inner is None:
        return None
    record = Threshold(
        article=inner.text("article"),
        requesting_months=inner.whole("requesting_months"),
        requested_months=inner.whole("requested_months"),
        exempt_offences=inner.known(
            "exempt_offences", builder.offences, code="law.unknown_offence"
        ),
        under=inner.optional("under") or "",
        under_articles=inner.strings("under_articles"),
    )
    inner.done()
    return record


def _ground(table: Table, builder: Builder) -> GroundRule:
    return GroundRule(
        code=table.choice("code", builder.grounds, code="law.unknown_ground"),
        article=table.optional("article") or "",
        lifted_by=table.optional("lifted_by") or "",
    )


def _channel(table: Table, builder: Builder) -> ChannelRule:
    return ChannelRule(
        code=table.choice("code", builder.codes["channel"], code="law.unknown_channel"),
        article=table.optional("article") or "",
        only_with=table.optional("only_with") or "",
        otherwise=table.optional("otherwise") or "",
    )


def _text_rule(table: Table, key: str) -> TextRule | None:
    text = table.optional(key)
    only_with = table.optional(f"{key}_only_with") or ""
    return TextRule(text, only_with) if text is not None else None
