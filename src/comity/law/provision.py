# SPDX-License-Identifier: Apache-2.0
"""What one instrument says of one measure, as the pack writes it, typed.

Contents, clocks, dual criminality, thresholds, grounds, channels. Nothing here
decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comity.law.origin import Origin


@dataclass(frozen=True, slots=True)
class Clock:
    """A period of an instrument. `period` is ISO 8601, None where the text gives no figure."""

    id: str
    label: str
    value: str
    period: str | None
    kind: str
    starts: str
    calendar: str
    article: str
    consequence: str
    continues_on: str
    continues_text: str
    pause: str
    """A sentence on what stops the period for a time; empty if nothing of the kind is recorded."""


@dataclass(frozen=True, slots=True)
class GroundRule:
    """A ground of refusal; `lifted_by` names an instrument that removes it between its parties."""

    code: str
    article: str
    lifted_by: str


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """A channel; `only_with` names the instrument without which it is closed or narrower."""

    code: str
    article: str
    only_with: str
    otherwise: str


@dataclass(frozen=True, slots=True)
class DualRule:
    """The dual-criminality rule of a provision and what is needed to decide it."""

    rule: str
    article: str
    note: str
    reservation: str
    never_under: str
    never_articles: tuple[str, ...]
    exempt_offences: tuple[str, ...]
    exempt_months: int | None


@dataclass(frozen=True, slots=True)
class Threshold:
    """A penalty below which the measure is closed. Months of the maximum penalty."""

    article: str
    requesting_months: int | None
    requested_months: int | None
    exempt_offences: tuple[str, ...]
    under: str
    under_articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextRule:
    """A rule kept in words; `only_with` as in `ChannelRule`."""

    text: str
    only_with: str


@dataclass(frozen=True, slots=True)
class Provision:
    """What one instrument says of one measure."""

    id: str
    instrument: str
    measure: str
    article: str
    addressee: str
    contents_from: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    places: Mapping[str, str]
    """Field to the paragraph that asks for it, where the instrument has one for each."""
    clocks: tuple[Clock, ...]
    dual_criminality: DualRule
    threshold: Threshold | None
    grounds: tuple[GroundRule, ...]
    postponement: str
    use_limits: TextRule | None
    confidentiality: TextRule | None
    channels: tuple[ChannelRule, ...]
    language: str
    reservable: str
    note: str
    origin: Origin
