# SPDX-License-Identifier: Apache-2.0
"""What a caller may ask: the parameters of each address, and nothing beside them.

A parameter that is not known is an error. A misspelt `offence` that were passed over
would get another legal question answered than the one that was asked.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

from django.http import HttpRequest
from ninja import Field, Schema
from pydantic.fields import FieldInfo

from comity.canonical.digest import Sha256, parse_sha256
from comity.canonical.time import read_date
from comity.errors import Invalid
from comity.law.answer import LegalFacts
from comity.law.reader import nearest
from comity.node.clock import clock

#: Most values of one parameter that may be repeated.
MAX_VALUES: Final = 60
MAX_LENGTH: Final = 80
#: Longest imprisonment that a question may name, in months.
MAX_MONTHS: Final = 10_000

Name = Annotated[str, Field(min_length=1, max_length=MAX_LENGTH)]
Names = Annotated[list[Name], Field(max_length=MAX_VALUES)]
State = Annotated[str, Field(min_length=2, max_length=12)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class OfPack(Schema):
    """Which law is asked."""

    pack: Digest | None = Field(
        None, description="Digest of a pack that is in use or was; without it the one in use."
    )

    @property
    def digest(self) -> Sha256 | None:
        """The pack asked for; None for the one in use."""
        return None if self.pack is None else parse_sha256(self.pack, what="pack")


class OfDay(OfPack):
    """Which day is asked about."""

    on: Name | None = Field(None, description="The day, as 2026-11-21; without it today (UTC).")

    @property
    def day(self) -> date:
        """The day asked about."""
        return clock().now().date() if self.on is None else read_date(self.on, what="on")


class CaseQuestion(OfDay):
    """A measure and what is known of the case."""

    measure: Name = Field(description="The measure asked for.")
    offence: Names = Field([], description="Offence types. Repeatable.")
    element: Names = Field([], description="Facts that the case shows. Repeatable.")
    without: Names = Field([], description="Facts that the case does not show. Repeatable.")
    max_months: int | None = Field(
        None,
        ge=0,
        le=MAX_MONTHS,
        description="Maximum penalty in the requesting state, in months of imprisonment.",
    )

    def facts(self, requesting: str = "", requested: str = "") -> LegalFacts:
        """Return the question as the engine takes it."""
        return LegalFacts(
            requesting=requesting,
            requested=requested,
            measure=self.measure,
            offences=tuple(self.offence),
            elements=frozenset(self.element),
            maximum_months=self.max_months,
            absent=frozenset(self.without),
        )


class PairQuestion(CaseQuestion):
    """One state asks another."""

    requesting: State = Field(alias="from", description="Requesting state, as DE.")
    requested: State = Field(alias="to", description="Requested state or territory, as JP.")


class ComparisonQuestion(OfDay):
    """Two states side by side."""

    first: State = Field(description="One state, as DE.")
    second: State = Field(description="The other, as JP.")
    offence: Names = Field([], description="Offence types; without them all. Repeatable.")


def only(request: HttpRequest, kind: type[OfPack] | None) -> None:
    """Refuse a parameter that `kind` does not have, or one given twice that counts once.

    Raises `Invalid`: `api.unknown_parameter` or `api.repeated_parameter`.
    """
    fields = kind.model_fields if kind is not None else {}
    known = {entry.alias or name: entry for name, entry in fields.items()}
    for name, values in request.GET.lists():
        if name not in known:
            raise Invalid(
                "api.unknown_parameter",
                f"there is no parameter {name[:60]!r} at this address",
                hint=nearest(name[:60], known) if known else "It takes none.",
            )
        if len(values) > 1 and not _repeatable(known[name]):
            raise Invalid(
                "api.repeated_parameter", f"{name}: given {len(values)} times, wanted once"
            )


def malformed(errors: list[dict[str, Any]]) -> Invalid:
    """Return the error for parameters that could not be read."""
    first = errors[0]
    name = str(first["loc"][-1]) if first["loc"] else "address"
    return Invalid("api.parameter", f"{name}: {first['msg']}")


def _repeatable(entry: FieldInfo) -> bool:
    return isinstance(entry.default, list)
