# SPDX-License-Identifier: Apache-2.0
"""What the requesting side does after its request was sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from comity.assistance.decide import outgoing
from comity.assistance.decide.step import Decision
from comity.assistance.facts import RequestFacts, Situation
from comity.assistance.fields import Answers
from comity.assistance.model import Direction
from comity.canonical.digest import Sha256
from comity.canonical.ids import ObjectId, parse_object_id
from comity.canonical.time import Instant
from comity.errors import Invalid
from comity.node.permissions import Officer
from comity.node.services import _answers
from comity.node.services._requests import step
from comity.node.store.models import CustodyRow, PackageRow


def supplement_request(
    *,
    officer: Officer,
    now: Instant,
    request_id: str,
    text: str,
    fields: Mapping[str, object] | None = None,
) -> RequestFacts:
    """Send further information; it answers the open question, if there is one."""
    words = _answers.text(text)
    added = _answers.merged(Answers(), fields or {})
    return _step(
        officer,
        now,
        request_id,
        "supplement",
        lambda s: outgoing.supplement(situation=s, text=words, fields=added),
    )


def accept_condition(*, officer: Officer, now: Instant, request_id: str) -> RequestFacts:
    """Accept the offered conditions; they bind from now on (28(3))."""
    return _step(
        officer,
        now,
        request_id,
        "accept_condition",
        lambda s: outgoing.accept_condition(situation=s),
    )


def decline_condition(
    *, officer: Officer, now: Instant, request_id: str, reasons: str
) -> RequestFacts:
    """Decline the offered conditions, with reasons."""
    why = _answers.text(reasons)
    return _step(
        officer,
        now,
        request_id,
        "decline_condition",
        lambda s: outgoing.decline_condition(situation=s, reasons=why),
    )


def reply_consultation(
    *, officer: Officer, now: Instant, request_id: str, text: str
) -> RequestFacts:
    """Reply in the open consultation."""
    words = _answers.text(text)
    return _step(
        officer,
        now,
        request_id,
        "reply_consultation",
        lambda s: outgoing.reply_consultation(situation=s, text=words),
    )


def confirm_receipt(
    *, officer: Officer, now: Instant, request_id: str, package_id: str
) -> RequestFacts:
    """Tell the other side that a package arrived and was verified."""
    name = parse_object_id(str(package_id), what="package_id")
    return _step(
        officer,
        now,
        request_id,
        "confirm_receipt",
        lambda s: outgoing.confirm_receipt(
            situation=s, package_id=name, report=_report(s, name), statements=_statements(name)
        ),
    )


def reject_package(
    *, officer: Officer, now: Instant, request_id: str, package_id: str, reasons: str
) -> RequestFacts:
    """Tell the other side that a package did not verify; it must be sent again."""
    name = parse_object_id(str(package_id), what="package_id")
    why = _answers.text(reasons)
    return _step(
        officer,
        now,
        request_id,
        "reject_package",
        lambda s: outgoing.reject_package(
            situation=s,
            package_id=name,
            report=_report(s, name),
            statements=_statements(name),
            reasons=why,
        ),
    )


def withdraw_request(
    *, officer: Officer, now: Instant, request_id: str, reasons: str
) -> RequestFacts:
    """Withdraw the request; the other side stops."""
    why = _answers.text(reasons)
    return _step(
        officer, now, request_id, "withdraw", lambda s: outgoing.withdraw(situation=s, reasons=why)
    )


def close_outgoing(
    *, officer: Officer, now: Instant, request_id: str, note: str = ""
) -> RequestFacts:
    """Close our file; closing a preservation releases the data."""
    words = _answers.text(note)
    return _step(
        officer, now, request_id, "close", lambda s: outgoing.close(situation=s, note=words)
    )


def _step(
    officer: Officer,
    now: Instant,
    request_id: str,
    action: str,
    decide: Callable[[Situation], Decision],
) -> RequestFacts:
    return step(
        officer=officer,
        now=now,
        request_id=request_id,
        action=action,
        direction=Direction.OUTGOING,
        decide=decide,
    )


def _report(situation: Situation, package_id: ObjectId) -> Sha256:
    """Return the digest of our report on a package."""
    row = PackageRow.objects.filter(
        pk=package_id, request=UUID(situation.request.id), direction="incoming"
    ).first()
    if row is None or not row.report_sha256:
        raise Invalid("assistance.package", f"package_id: {package_id} has not been checked here")
    return Sha256(row.report_sha256)


def _statements(package_id: ObjectId) -> tuple[Sha256, ...]:
    """Return the digests of our custody statements on what a package holds."""
    ours = CustodyRow.objects.filter(
        exhibit__package_rows__package=UUID(package_id),
        audit__isnull=False,
        event="received",
    )
    digests = ours.order_by("exhibit__number").values_list("sha256", flat=True)
    return tuple(Sha256(one) for one in digests)
