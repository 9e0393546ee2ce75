# SPDX-License-Identifier: Apache-2.0
"""What the node itself records on a request: checks, links and lapses."""

from __future__ import annotations

from dataclasses import replace

from comity.assistance.decide.step import Decision, check_unknown, move, whole_seconds
from comity.assistance.facts import (
    LinkedAssistance,
    PackageStatus,
    Situation,
)
from comity.canonical.digest import Sha256
from comity.canonical.ids import ObjectId
from comity.canonical.time import Instant, write_instant
from comity.errors import Invalid


def note_package_checked(
    *, situation: Situation, package_id: ObjectId, verified: bool, report: Sha256
) -> Decision:
    """Record that this side has checked a delivered package; `report` is its report's digest."""
    request = situation.request
    package = request.package(package_id)
    if package is None or package.status is not PackageStatus.DELIVERED:
        raise Invalid("assistance.package", f"package_id: {package_id} does not wait for a check")
    status = PackageStatus.VERIFIED if verified else PackageStatus.FAILED
    return move(
        situation,
        "package_checked",
        by_officer=False,
        after=request.with_package(replace(package, status=status)),
        details={"package": package_id, "verified": verified, "report": report},
    )


def note_assistance_received(
    *, situation: Situation, assistance_id: ObjectId, received: Instant
) -> Decision:
    """Record on a preservation that the request for mutual assistance it serves was received.

    The data is then kept until that request is decided (29(7)). `received` is the
    time that the requested side states, so that both sides count alike.
    """
    request = situation.request
    check_unknown(assistance_id, (link.request_id for link in request.linked))
    link = LinkedAssistance(request_id=assistance_id, received=whole_seconds(received))
    return move(
        situation,
        "mutual_assistance_received",
        by_officer=False,
        after=replace(request, linked=(*request.linked, link)),
        details={"assistance": assistance_id, "received": write_instant(received)},
    )


def note_assistance_decided(
    *, situation: Situation, assistance_id: ObjectId, decided: Instant
) -> Decision:
    """Record on a preservation that the linked request was refused, withdrawn or carried out."""
    request, at = situation.request, whole_seconds(decided)
    if assistance_id not in {link.request_id for link in request.linked}:
        raise Invalid("assistance.link", f"assistance_id: {assistance_id} is not linked")
    return move(
        situation,
        "mutual_assistance_decided",
        by_officer=False,
        after=replace(
            request,
            linked=tuple(
                replace(link, decided=at) if link.request_id == assistance_id else link
                for link in request.linked
            ),
        ),
        details={"assistance": assistance_id, "decided": write_instant(decided)},
    )


def note_preservation_lapsed(*, situation: Situation) -> Decision:
    """Record that the hold ended without a request for mutual assistance."""
    return move(situation, "preservation_lapsed", by_officer=False)
