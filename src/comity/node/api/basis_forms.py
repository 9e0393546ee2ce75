# SPDX-License-Identifier: Apache-2.0
"""The forms of what an answer says of one basis: contents, clocks, dual criminality, channels.

As in `forms`, which uses them: they describe, and nothing passes through them on its way out.
"""

from __future__ import annotations

from typing import Literal

from ninja import Field, Schema
from pydantic import ConfigDict

Confidence = Literal["verified", "likely", "unverified"]
Applies = Literal["yes", "no", "undetermined"]


class Form(Schema):
    """A document, or a part of one, with no member that is not described."""

    model_config = ConfigDict(extra="forbid")


class Line(Form):
    """One line of an answer with its citation."""

    text: str
    article: str
    record: str
    source: list[str]
    confidence: Confidence
    weight: Literal["for", "against", "open", "condition", "note"]
    code: str
    facts: list[str]
    pack: str
    corrected: str | None = None


class Requirement(Form):
    """A field of the request, and whether it must be there."""

    field: str
    label: str
    article: str
    required: bool
    basis: Literal["instrument", "practice", "state"]
    confidence: Confidence


class Clock(Form):
    """A period that runs, or of which the law says that there is no figure."""

    id: str
    label: str
    start_event: str
    period: str | None = Field(description="ISO 8601, as P60D; null where the text has no figure.")
    unit: Literal["years", "months", "weeks", "days", "hours", "minutes"] | None
    calendar: str
    pause: str | None = Field(description="What stops it for a time; null if not recorded.")
    article: str
    consequence: str
    kind: Literal["minimum", "maximum", "none"]
    value: str
    continues_on: str
    continues_text: str
    confidence: Confidence


class OffenceMatch(Form):
    """Dual criminality of one offence."""

    offence: str
    label: str
    outcome: Literal["met", "not_met", "undetermined"]
    missing: list[str]
    reasons: list[Line]


class DualCriminality(Form):
    """The rule on dual criminality and what it gives."""

    rule: str
    text: str
    article: str
    outcome: Literal[
        "not_required",
        "not_applicable",
        "met",
        "may_be_refused",
        "must_be_refused",
        "undetermined",
    ]
    note: str
    offences: list[OffenceMatch]
    reasons: list[Line]


class Ground(Form):
    """A ground of refusal."""

    code: str
    label: str
    article: str
    applies: Applies
    because: str


class Words(Form):
    """A rule that is kept in words."""

    text: str
    applies: Applies
    because: str


class Institution(Form):
    """An authority behind a channel."""

    name: str
    role: str
    as_of: str
    record: str
    source: list[str]
    confidence: Confidence


class Channel(Form):
    """A way to send the request."""

    code: str
    label: str
    article: str
    open: Literal["yes", "no", "urgent_only", "undetermined"]
    because: str
    institutions: list[Institution]


class Language(Form):
    """What is known of the language of a request."""

    rule: Literal["declared", "instrument", "not_established"]
    accepted: list[str]
    text: str
    record: str
    confidence: Confidence


class Supplement(Form):
    """An instrument that changes or adds to the basis."""

    instrument: str
    title: str
    binds: Applies
    text: str


class StateRule(Form):
    """What the requested state says of itself."""

    topic: str
    label: str
    text: str
    article: str
    period: str
    record: str
    source: list[str]
    confidence: Confidence
    pack: str
    outcome: Literal["met", "not_met", "not_stated", ""]


class TransferGround(Form):
    """A ground for transferring personal data, with its conditions."""

    ground: str
    regime: str
    article: str
    conditions: list[str]
    use_for: str
    text: str
    instruments: list[str]
    confidence: Confidence
    sources: list[str]


class Transfer(Form):
    """How personal data may travel back."""

    exporter: str
    importer: str
    status: Literal["within_regime", "grounds", "not_established"]
    text: str
    grounds: list[TransferGround]
