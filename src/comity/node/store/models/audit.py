# SPDX-License-Identifier: Apache-2.0
"""The audit: who did what to what, and where the ledger holds the proof.

Append-only: no code of ours updates a row, and triggers in the database refuse
UPDATE and DELETE (`comity.node.store.append_only`). The payload holds
identifiers and digests, never what people wrote.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from comity.node.store.models.officer import OfficerRow


class AuditRow(models.Model):
    """One recorded event."""

    at = models.DateTimeField()
    event = models.CharField(max_length=60)
    officer = models.ForeignKey(
        OfficerRow, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    authority = models.CharField(max_length=140)
    """Who caused it: this authority, or a peer."""
    subject_kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=140)
    request = models.UUIDField(null=True, blank=True)
    payload = models.BinaryField()
    """The private body of the ledger's leaf, RFC 8785."""
    leaf_index = models.PositiveBigIntegerField(unique=True)
    leaf_sha256 = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    subject_kind__in=[
                        "request",
                        "exhibit",
                        "package",
                        "officer",
                        "peer",
                        "directory",
                        "node",
                    ]
                ),
                name="audit_subject_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["request", "at"], name="audit_request"),
            models.Index(fields=["subject_kind", "subject"], name="audit_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.event}"
