# SPDX-License-Identifier: Apache-2.0
"""Messages about what becomes of a request: decision, execution, withdrawal, closure.

Sources: Budapest Convention art. 27(7) (reasons for refusal and delay), 29(6)
(warning that preservation may not do), 29(7) (at least sixty days).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from comity.assistance.field_catalogue import MAX_LINE, MAX_LONG
from comity.assistance.model import (
    MAX_NAME,
    Condition,
    check_time,
    in_place,
    read_conditions,
    read_text,
    read_time_or_null,
)
from comity.canonical.ids import ObjectId
from comity.canonical.json import JSON, Object
from comity.canonical.members import Members
from comity.canonical.text import check_text
from comity.canonical.time import Instant, read_date, write_instant
from comity.errors import Invalid

#: Shortest hold (Budapest Convention art. 29(7)).
LEAST_HOLD: Final = timedelta(days=60)
LEAST_HOLD_ARTICLE: Final = "29(7)"


class DecisionKind(StrEnum):
    """Which way the decision went."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class DecisionNotice:
    """The decision on the request.

    `conditions` are those that were accepted and bind. A refusal names ground
    (law-pack code), article, reasons (27(7)) and the consultation before it (27(6)).
    """

    TYPE: ClassVar[str] = "assistance.decision/1"
    request_id: ObjectId
    decision: DecisionKind
    ground: str = ""
    article: str = ""
    reasons: str = ""
    consultation: ObjectId | None = None
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        self.check(what=self.TYPE)

    def check(self, *, what: str) -> None:
        """Raise `Invalid` where members contradict each other."""
        blank = self.decision is DecisionKind.ACCEPTED
        check_text(self.ground, what=f"{what}: ground", limit=MAX_NAME, blank=blank)
        check_text(self.article, what=f"{what}: article", limit=MAX_LINE, blank=blank)
        check_text(self.reasons, what=f"{what}: reasons", limit=MAX_LONG, lines=True, blank=blank)
        if not blank and self.consultation is None:
            raise Invalid(
                "decision.consultation",
                f"{what}: consultation: a refusal names the consultation before it (art. 27(6))",
            )
        for name in ("ground", "article", "consultation"):
            if blank and getattr(self, name):
                raise Invalid("decision.ground", f"{what}: {name}: an acceptance has none")

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "request_id": self.request_id,
            "decision": self.decision.value,
            "ground": self.ground,
            "article": self.article,
            "reasons": self.reasons,
            "consultation": self.consultation,
            "conditions": [condition.to_json() for condition in self.conditions],
        }

    @classmethod
    def read(cls, members: Members) -> DecisionNotice:
        """Read the JSON form."""
        message = cls(
            request_id=members.object_id("request_id"),
            decision=DecisionKind(
                members.choice("decision", [kind.value for kind in DecisionKind])
            ),
            ground=read_text(members, "ground", limit=MAX_NAME, blank=True),
            article=read_text(members, "article", limit=MAX_LINE, blank=True),
            reasons=read_text(members, "reasons", limit=MAX_LONG, lines=True, blank=True),
            consultation=members.object_id_or_null("consultation"),
            conditions=read_conditions(members, "conditions"),
        )
        members.end()
        return message


class PreservationResult(StrEnum):
    """What came of a preservation."""

    HELD = "held"
    HELD_IN_PART = "held_in_part"
    NO_DATA = "no_data"


@dataclass(frozen=True, kw_only=True)
class PreservationReport:
    """What is held, by whom, from when until when (UTC).

    At least sixty days (29(7)). Where nothing was found there is no hold.
    `warning` is that of art. 29(6): preservation may not secure the data, or may
    threaten the investigation.
    """

    result: PreservationResult
    held_from: Instant | None
    held_until: Instant | None
    provider: str
    local_reference: str
    remarks: str = ""
    warning: str = ""

    def __post_init__(self) -> None:
        self.check(what="preservation")

    def check(self, *, what: str) -> None:
        """Raise `Invalid` where members contradict each other or the hold is too short."""
        check_text(self.provider, what=f"{what}: provider", limit=MAX_LINE)
        check_text(self.local_reference, what=f"{what}: local_reference", limit=MAX_LINE)
        partial = self.result is PreservationResult.HELD_IN_PART
        check_text(
            self.remarks, what=f"{what}: remarks", limit=MAX_LONG, lines=True, blank=not partial
        )
        check_text(self.warning, what=f"{what}: warning", limit=MAX_LONG, lines=True, blank=True)
        if self.result is PreservationResult.NO_DATA:
            if self.held_from or self.held_until:
                raise Invalid("preservation.no_hold", f"{what}: held_from: nothing is held")
            return
        if self.held_from is None or self.held_until is None:
            name = "held_until" if self.held_from else "held_from"
            raise Invalid("preservation.period", f"{what}: {name}: from when until when is needed")
        check_time(self.held_from, what=f"{what}: held_from")
        check_time(self.held_until, what=f"{what}: held_until")
        if self.held_until - self.held_from < LEAST_HOLD:
            raise Invalid(
                "preservation.too_short",
                f"{what}: held_until: less than 60 days after the beginning",
                hint=f"Budapest Convention, art. {LEAST_HOLD_ARTICLE}: not less than sixty days.",
            )

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "kind": "preservation",
            "result": self.result.value,
            "held_from": write_instant(self.held_from) if self.held_from else None,
            "held_until": write_instant(self.held_until) if self.held_until else None,
            "provider": self.provider,
            "local_reference": self.local_reference,
            "remarks": self.remarks,
            "warning": self.warning,
        }

    @classmethod
    def read(cls, members: Members) -> PreservationReport:
        """Read the JSON form, of which `kind` has been taken."""
        results = [value.value for value in PreservationResult]
        try:
            report = cls(
                result=PreservationResult(members.choice("result", results)),
                held_from=read_time_or_null(members, "held_from"),
                held_until=read_time_or_null(members, "held_until"),
                provider=read_text(members, "provider", limit=MAX_LINE),
                local_reference=read_text(members, "local_reference", limit=MAX_LINE),
                remarks=read_text(members, "remarks", limit=MAX_LONG, lines=True, blank=True),
                warning=read_text(members, "warning", limit=MAX_LONG, lines=True, blank=True),
            )
        except Invalid as error:
            raise in_place(error, "preservation:", members.what) from error
        members.end()
        return report


class ProgressPhase(StrEnum):
    """What a report of progress is about."""

    STARTED = "started"
    PROGRESS = "progress"
    DELAY = "delay"
    REPLY_OVERDUE = "reply_overdue"
    RESUMED = "resumed"


@dataclass(frozen=True, kw_only=True)
class ProgressReport:
    """How the work stands; a significant delay is told with its reason (27(7))."""

    phase: ProgressPhase
    text: str
    expected: date | None = None

    def __post_init__(self) -> None:
        check_text(self.text, what="progress: text", limit=MAX_LONG, lines=True, blank=self._terse)

    @property
    def _terse(self) -> bool:
        told = (ProgressPhase.STARTED, ProgressPhase.REPLY_OVERDUE, ProgressPhase.RESUMED)
        return self.phase in told

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "kind": "progress",
            "phase": self.phase.value,
            "text": self.text,
            "expected": self.expected.isoformat() if self.expected else None,
        }

    @classmethod
    def read(cls, members: Members) -> ProgressReport:
        """Read the JSON form, of which `kind` has been taken."""
        try:
            report = cls(
                phase=ProgressPhase(
                    members.choice("phase", [value.value for value in ProgressPhase])
                ),
                text=read_text(members, "text", limit=MAX_LONG, lines=True, blank=True),
                expected=(
                    None
                    if members.is_null("expected")
                    else read_date(
                        members.text("expected", limit=10), what=f"{members.what}: expected"
                    )
                ),
            )
        except Invalid as error:
            raise in_place(error, "progress:", members.what) from error
        members.end()
        return report


@dataclass(frozen=True, kw_only=True)
class ExecutionReport:
    """A report of the requested side: a preservation, or progress."""

    TYPE: ClassVar[str] = "assistance.execution_report/1"
    request_id: ObjectId
    report: PreservationReport | ProgressReport

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {"request_id": self.request_id, "report": self.report.to_json()}

    @classmethod
    def read(cls, members: Members) -> ExecutionReport:
        """Read the JSON form."""
        request_id = members.object_id("request_id")
        inner = members.members("report")
        kind = inner.choice("kind", ("preservation", "progress"))
        reader = PreservationReport.read if kind == "preservation" else ProgressReport.read
        report = reader(inner)
        members.end()
        return cls(request_id=request_id, report=report)


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """The requesting side no longer asks."""

    TYPE: ClassVar[str] = "assistance.withdrawal/1"
    request_id: ObjectId
    reasons: str

    def __post_init__(self) -> None:
        check_text(self.reasons, what="reasons", limit=MAX_LONG, lines=True)

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {"request_id": self.request_id, "reasons": self.reasons}

    @classmethod
    def read(cls, members: Members) -> Withdrawal:
        """Read the JSON form."""
        message = cls(
            request_id=members.object_id("request_id"),
            reasons=read_text(members, "reasons", limit=MAX_LONG, lines=True),
        )
        members.end()
        return message


class ClosureReason(StrEnum):
    """Why a side closes its file."""

    COMPLETED = "completed"
    PRESERVATION_RELEASED = "preservation_released"
    PRESERVATION_DECIDED = "preservation_decided"
    PRESERVATION_LAPSED = "preservation_lapsed"
    NO_DATA = "no_data"


@dataclass(frozen=True, kw_only=True)
class Closure:
    """The side that sends this has closed its file."""

    TYPE: ClassVar[str] = "assistance.closure/1"
    request_id: ObjectId
    reason: ClosureReason
    note: str = ""

    def __post_init__(self) -> None:
        check_text(self.note, what="note", limit=MAX_LONG, lines=True, blank=True)

    def to_json(self) -> Object:
        """Return the JSON form."""
        body: dict[str, JSON] = {
            "request_id": self.request_id,
            "reason": self.reason.value,
            "note": self.note,
        }
        return body

    @classmethod
    def read(cls, members: Members) -> Closure:
        """Read the JSON form."""
        reasons = [value.value for value in ClosureReason]
        message = cls(
            request_id=members.object_id("request_id"),
            reason=ClosureReason(members.choice("reason", reasons)),
            note=read_text(members, "note", limit=MAX_LONG, lines=True, blank=True),
        )
        members.end()
        return message
