# SPDX-License-Identifier: Apache-2.0
"""What becomes of the exhibits of a package that the other side rejected.

They can be packed again. The custody chain then says with its next transfer which
package was rejected, by whom, and in which signed message.
"""

from __future__ import annotations

from uuid import UUID

from comity.assistance.messages import EvidenceReceipt
from comity.crypto import envelope as dsse
from comity.node.services._requests import peer_of
from comity.node.store.models import ExhibitRow, PackageRow, RequestRow, StatementInRow
from comity.protocol.statement import read_payload


def take_back(*, row: RequestRow, package_id: str) -> None:
    """Let the exhibits of a rejected package be packed again; in the message's transaction."""
    ExhibitRow.objects.filter(
        package_rows__package=UUID(package_id),
        package_rows__package__direction="outgoing",
        request=row,
        status="sent",
    ).update(status="acquired")


def why_again(exhibit: ExhibitRow) -> str:
    """Return the remark for a transfer that follows a rejected one; empty for the first."""
    earlier = PackageRow.objects.filter(
        exhibit_rows__exhibit=exhibit, direction="outgoing", status="sent"
    )
    package = earlier.order_by("-updated").first()
    if package is None:
        return ""
    said = f"Transferred again: package {package.pk} was rejected by {peer_of(exhibit.request)}"
    answers = StatementInRow.objects.filter(
        case=exhibit.request_id, type=EvidenceReceipt.TYPE, state="applied"
    )
    for row in answers.order_by("-seq"):
        body = read_payload(dsse.read(bytes(row.raw)).payload).body
        if body.get("package_id") == str(package.pk):
            return f"{said}, statement {row.sha256}, report {body.get('report')}"
    return said
