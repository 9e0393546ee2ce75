# SPDX-License-Identifier: Apache-2.0
"""Read the provisions of an instrument's file.

A provision that shares most of its rules with an earlier one says `same_as` and
then only what differs.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from comity.law.builder import Builder
from comity.law.provision import (
    ChannelRule,
    Clock,
    DualRule,
    GroundRule,
    Provision,
    TextRule,
    Threshold,
)
from comity.law.reader import Table

PERIOD: Final = re.compile(
    r"P(?!$)(?:\d{1,3}Y)?(?:\d{1,3}M)?(?:\d{1,3}W)?(?:\d{1,4}D)?(?:T(?=\d)(?:\d{1,4}H)?(?:\d{1,4}M)?)?",
    re.ASCII,
)
_CONTENTS: Final = ("instrument", "practice")


def provisions(table: Table, builder: Builder, instrument: str) -> None:
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
        places=_places(table, builder),
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
    "places",
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


def _places(table: Table, builder: Builder) -> dict[str, str]:
    inner = table.table("places")
    if inner is None:
        return {}
    named = {key: inner.text(key) for key in inner.keys()}  # noqa: SIM118 - a Table is no mapping
    for key in named:
        if key not in builder.fields:
            inner.fault(
                key, "law.unknown_field", "no such field", "Use an id of vocabulary/fields.toml."
            )
    return named


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
        pause=table.text("pause") if "pause" in table else "",
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
