# SPDX-License-Identifier: Apache-2.0
"""The forms of the documents, for the OpenAPI description. A test holds every answer to them.

The documents themselves are made by the core (`to_json`, `comity.law.documents`), the
same that `comity law --json` prints; nothing passes through these classes on its way out.
"""

from __future__ import annotations

from typing import Literal

from ninja import Field
from pydantic import JsonValue

from comity.node.api.basis_forms import (
    Channel,
    Clock,
    Confidence,
    DualCriminality,
    Form,
    Ground,
    Language,
    Line,
    Requirement,
    StateRule,
    Supplement,
    Transfer,
    Words,
)

Table = dict[str, JsonValue]
Bound = Literal["usable", "not_usable", "undetermined"]


class Problem(Form):
    """What went wrong (RFC 9457), with a stable code and what to do next."""

    type: Literal["about:blank"]
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable; listed in the reference of error codes.")
    family: Literal["refused", "invalid", "unverified", "unavailable", "conflict"]
    hint: str
    reasons: list[str]


class Law(Form):
    """Which law answered."""

    name: str
    version: str
    digest: str


class LawPart(Form):
    """A part of the law that answered: the built-in law or an overlay."""

    name: str
    version: str
    as_of: str
    digest: str
    signed_by: str
    reason: str


class LawWithParts(Law):
    """Which law answered, part by part."""

    parts: list[LawPart]


class Facts(Form):
    """The question as it was understood."""

    requesting: str
    requested: str
    measure: str
    offences: list[str]
    elements: list[str]
    absent: list[str]
    maximum_months: int | None


class Basis(Form):
    """One candidate basis. The members are explained in the reference of the answer."""

    instrument: str
    title: str
    article: str
    status: Bound
    measure: str
    addressee: str
    reasons: list[Line]
    missing: list[str]
    requires: list[str]
    fields: list[Requirement]
    clocks: list[Clock]
    dual_criminality: DualCriminality | None
    refusal_grounds: list[Ground]
    postponement: list[Words]
    use_limits: list[Words]
    confidentiality: list[Words]
    channels: list[Channel]
    languages: list[Language]
    supplements: list[Supplement]
    state_rules: list[StateRule]
    equal_to: list[str]
    confidence: Confidence
    contents_confidence: Confidence | None
    sources: list[str]
    note: str


class Answer(Form):
    """On which basis one state can ask another for a measure."""

    format: Literal["comity.law.answer/1"]
    as_of: str
    facts: Facts
    usable: list[str]
    undetermined: list[str]
    bases: list[Basis]
    transfer: Transfer
    notes: list[str]
    checked: list[str]
    citations: list[Line]
    pack: LawWithParts


class ComparedSide(Form):
    """What is recorded of one state for one offence."""

    state: str
    label: str
    provisions: list[Table]
    treaties: list[Line]
    declared: list[Line]
    elements: list[str]


class ComparedOffence(Form):
    """One offence in two states."""

    offence: str
    label: str
    conduct: list[str]
    fault: str
    options: list[Table]
    states: list[ComparedSide]
    differences: list[str]
    dual_criminality: dict[str, Table]


class Comparison(Form):
    """The law of two states side by side."""

    format: Literal["comity.law.comparison/1"]
    states: list[str]
    as_of: str
    offences: list[ComparedOffence]
    pack: Law


class Pair(Form):
    """Whether one state can ask another."""

    requesting: str = Field(alias="from")
    requested: str = Field(alias="to")
    status: Literal["usable", "undetermined", "none"]
    usable: list[str]
    undetermined: list[str]


class Matrix(Form):
    """Every pair of states for one measure on one day."""

    format: Literal["comity.law.matrix/1"]
    measure: str
    as_of: str
    states: list[str]
    pairs: list[Pair]
    pack: Law


class InstrumentLine(Form):
    """One instrument of the list."""

    id: str
    title: str
    short: str
    kind: str
    class_: str = Field(alias="class")
    in_force: str | None
    in_force_state: str
    parties: int
    measures: list[str]
    confidence: Confidence


class Instruments(Form):
    """Every instrument of the law."""

    format: Literal["comity.law.instruments/1"]
    instruments: list[InstrumentLine]
    pack: Law


class Source(Form):
    """A document that was read."""

    id: str
    title: str
    kind: str
    url: str
    seen: str
    note: str


class Instrument(Form):
    """One instrument with its parties, declarations and provisions as they are recorded."""

    format: Literal["comity.law.instrument/1"]
    instrument: Table
    parties: list[Table]
    declarations: list[Table]
    provisions: list[Table]
    sources: list[Source]
    pack: Law


class State(Form):
    """What is recorded of one state or territory."""

    format: Literal["comity.law.state/1"]
    state: Table
    instruments: list[Table]
    declarations: list[Table]
    offences: list[Table]
    authorities: list[Table]
    practices: list[Table]
    sources: list[Source]
    pack: Law


class PackPart(Form):
    """A part of a pack, and the authority that signed it ("" if none did)."""

    name: str
    version: str
    digest: str
    signed_by: str


class Pack(Form):
    """A pack that is in use on this node, or was."""

    digest: str
    name: str
    version: str
    in_use: bool
    adopted: str
    ledger_index: int
    parts: list[PackPart]


class Packs(Form):
    """The pack in use, then every one before it."""

    format: Literal["comity.law.packs/1"]
    packs: list[Pack]
