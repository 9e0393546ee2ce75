# SPDX-License-Identifier: Apache-2.0
"""How an officer of the requested side carries a request out: reports and deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from comity.assistance.decide.step import Decision, move
from comity.assistance.facts import Hold, Package, Situation
from comity.assistance.messages import (
    DeliveredExhibit,
    EvidenceDelivery,
    ExecutionReport,
    PreservationReport,
    PreservationResult,
    ProgressPhase,
    ProgressReport,
)
from comity.canonical.digest import Sha256
from comity.canonical.ids import ObjectId
from comity.canonical.time import Instant, write_instant
from comity.errors import Conflict, Invalid, Refused


def start_execution(*, situation: Situation, text: str = "") -> Decision:
    """Begin to carry the request out."""
    message = progress(situation, ProgressPhase.STARTED, text)
    return move(situation, "start_execution", by_officer=True, messages=(message,))


def report_preservation(
    *,
    situation: Situation,
    result: PreservationResult,
    provider: str,
    local_reference: str,
    held_from: Instant | None = None,
    held_until: Instant | None = None,
    remarks: str = "",
    warning: str = "",
) -> Decision:
    """Report what is held, or report a renewal. At least sixty days (29(7)).

    Raises `Invalid` for a hold that is too short, begins in the future, is over, or ends
    earlier than the one reported before.
    """
    request = situation.request
    report = PreservationReport(
        result=result,
        held_from=held_from,
        held_until=held_until,
        provider=provider,
        local_reference=local_reference,
        remarks=remarks,
        warning=warning,
    )
    if held_from and held_from > situation.now:
        raise Invalid("preservation.future", "held_from: lies in the future")
    if held_until and held_until <= situation.now:
        raise Invalid("preservation.over", "held_until: has passed: nothing is held any more")
    before = request.hold
    if before and before.held_until and (not held_until or held_until < before.held_until):
        raise Invalid(
            "preservation.shortened",
            "held_until: earlier than in the report before",
            hint=f"The other side was told {write_instant(before.held_until)}.",
        )
    return move(
        situation,
        "report_preservation",
        by_officer=True,
        after=replace(request, hold=hold_of(report, before)),
        details={
            "result": result.value,
            "held_from": write_instant(held_from) if held_from else None,
            "held_until": write_instant(held_until) if held_until else None,
        },
        messages=(ExecutionReport(request_id=request.id, report=report),),
    )


def report_progress(
    *, situation: Situation, phase: ProgressPhase, text: str, expected: date | None = None
) -> Decision:
    """Report how the work stands, or a delay with its reason (27(7))."""
    if phase not in {ProgressPhase.PROGRESS, ProgressPhase.DELAY}:
        raise Invalid("assistance.phase", "phase: an officer reports progress or a delay")
    message = progress(situation, phase, text, expected)
    return move(
        situation,
        "report_progress",
        by_officer=True,
        details={"phase": phase.value},
        messages=(message,),
    )


def deliver_in_part(
    *,
    situation: Situation,
    package_id: ObjectId,
    parcel: Sha256,
    seal: Sha256,
    exhibits: Mapping[str, str],
    outstanding: str,
    replaces: tuple[ObjectId, ...] = (),
) -> Decision:
    """Deliver a package (`exhibits`: number to description); `outstanding` says what is to come."""
    rejected = {package.id for package in situation.request.rejected_packages}
    if not rejected.issuperset(replaces):
        raise Invalid("assistance.replaces", "replaces: only rejected packages are replaced")
    message = _delivery(
        situation,
        package_id=package_id,
        parcel=parcel,
        seal=seal,
        exhibits=exhibits,
        outstanding=outstanding,
        replaces=replaces,
    )
    return _deliver(situation, "deliver_in_part", message)


def deliver(
    *,
    situation: Situation,
    package_id: ObjectId,
    parcel: Sha256,
    seal: Sha256,
    exhibits: Mapping[str, str],
) -> Decision:
    """Deliver the last package; it also makes good every package that was rejected."""
    replaces = tuple(package.id for package in situation.request.rejected_packages)
    message = _delivery(
        situation,
        package_id=package_id,
        parcel=parcel,
        seal=seal,
        exhibits=exhibits,
        outstanding=None,
        replaces=replaces,
    )
    return _deliver(situation, "deliver", message)


def hold_of(report: PreservationReport, before: Hold | None) -> Hold:
    """Return the hold that a report states; the same report again is the same hold."""
    hold = Hold(
        result=report.result,
        held_from=report.held_from,
        held_until=report.held_until,
        provider=report.provider,
        local_reference=report.local_reference,
    )
    if before is None:
        return hold
    same = replace(hold, seq=before.seq) == before
    return before if same else replace(hold, seq=before.seq + 1)


def progress(
    situation: Situation, phase: ProgressPhase, text: str, expected: date | None = None
) -> ExecutionReport:
    """Return the message that reports progress."""
    report = ProgressReport(phase=phase, text=text, expected=expected)
    return ExecutionReport(request_id=situation.request.id, report=report)


def _delivery(
    situation: Situation,
    *,
    package_id: ObjectId,
    parcel: Sha256,
    seal: Sha256,
    exhibits: Mapping[str, str],
    outstanding: str | None,
    replaces: tuple[ObjectId, ...],
) -> EvidenceDelivery:
    """Return the message; every exhibit carries the conditions that were accepted."""
    bound = situation.request.bound_conditions
    return EvidenceDelivery(
        request_id=situation.request.id,
        package_id=package_id,
        parcel=parcel,
        seal=seal,
        exhibits=tuple(
            DeliveredExhibit(
                number=number,
                description=description,
                conditions=tuple(condition.id for condition in bound),
            )
            for number, description in sorted(exhibits.items())
        ),
        complete=outstanding is None,
        outstanding=outstanding or "",
        replaces=replaces,
        conditions=bound,
    )


def _deliver(situation: Situation, action: str, message: EvidenceDelivery) -> Decision:
    request = situation.request
    if request.package(message.package_id):
        raise Conflict("assistance.package_known", f"{message.package_id} was delivered already")
    numbers = [exhibit.number for exhibit in message.exhibits]
    if missing := [number for number in numbers if number not in situation.deliverable]:
        raise Refused(
            "assistance.exhibit_not_ready",
            "these exhibits cannot be delivered",
            reasons=tuple(f"exhibit {number} has not been acquired" for number in missing),
        )
    return move(
        situation,
        action,
        by_officer=True,
        after=replace(request, packages=(*request.packages, package_of(message))),
        details={"package": message.package_id, "seal": message.seal, "exhibits": list(numbers)},
        messages=(message,),
    )


def package_of(message: EvidenceDelivery) -> Package:
    """Return the package that a delivery announces."""
    return Package(
        id=message.package_id,
        exhibits=tuple(exhibit.number for exhibit in message.exhibits),
        complete=message.complete,
        replaces=message.replaces,
    )
