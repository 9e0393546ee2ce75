# SPDX-License-Identifier: Apache-2.0
"""Exhibits, their custody, and the packages that carry them.

A custody statement is stored as the exact bytes that were signed, ours and the
peer's alike; its row adds only what is needed to find it. Triggers refuse to
change or delete one.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from comity.node.store.models.audit import AuditRow
from comity.node.store.models.officer import OfficerRow
from comity.node.store.models.request import RequestRow

OUTGOING_PACKAGE = ["ordered", "awaiting_final", "built", "ready", "sent"]
INCOMING_PACKAGE = [
    "expected",
    "awaiting_final",
    "accepted",
    "failed",
]


class ExhibitRow(models.Model):
    """A thing or a body of data that is to serve as evidence."""

    id = models.UUIDField(primary_key=True, editable=False)
    request = models.ForeignKey(RequestRow, on_delete=models.PROTECT, related_name="exhibit_rows")
    number = models.CharField(max_length=40)
    description = models.TextField()
    status = models.CharField(max_length=12)
    seized_at = models.DateTimeField(null=True, blank=True)
    place = models.CharField(max_length=500)
    legal_type = models.CharField(max_length=500)
    legal_identifier = models.CharField(max_length=500)
    created = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="exhibit_number_once"),
            models.CheckConstraint(
                condition=Q(status__in=["registered", "acquired", "packed", "sent", "received"]),
                name="exhibit_status",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ExhibitFileRow(models.Model):
    """One file of an exhibit; its bytes are in the blob store under `sha256`."""

    exhibit = models.ForeignKey(ExhibitRow, on_delete=models.PROTECT, related_name="file_rows")
    path = models.CharField(max_length=1000)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    sha512 = models.CharField(max_length=128)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exhibit", "path"], name="exhibit_file_once"),
        ]

    def __str__(self) -> str:
        return self.path


class AcquisitionRow(models.Model):
    """The signed record of how an exhibit's data was acquired. One an exhibit."""

    exhibit = models.OneToOneField(
        ExhibitRow, on_delete=models.PROTECT, related_name="acquisition_row"
    )
    record = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    lodged = models.DateTimeField()
    officer = models.ForeignKey(OfficerRow, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.exhibit_id}: {self.sha256[:12]}"


class CustodyRow(models.Model):
    """One custody statement of an exhibit's chain."""

    exhibit = models.ForeignKey(ExhibitRow, on_delete=models.PROTECT, related_name="custody_rows")
    sequence = models.PositiveIntegerField()
    event = models.CharField(max_length=20)
    authority = models.CharField(max_length=140)
    at = models.DateTimeField()
    statement = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    proof = models.BinaryField(default=b"")
    """The tlog-proof that came with a peer's statement; empty for our own."""
    audit = models.ForeignKey(
        AuditRow, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """Our ledger's entry; empty for a peer's statement."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exhibit", "sequence"], name="custody_sequence_once"),
            models.CheckConstraint(
                condition=Q(audit__isnull=False, proof=b"") | Q(audit__isnull=True),
                name="custody_proof_or_entry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.exhibit_id}: {self.sequence} {self.event}"


class PackageRow(models.Model):
    """A package on its way out or in: its state is where the worker goes on.

    Outgoing: ordered, awaiting_final, built, ready, sent.
    Incoming: expected, awaiting_final or failed, accepted.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    request = models.ForeignKey(RequestRow, on_delete=models.PROTECT, related_name="package_rows")
    direction = models.CharField(max_length=10)
    status = models.CharField(max_length=20)
    complete = models.BooleanField()
    ordered_by = models.ForeignKey(
        OfficerRow, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    seal_sha256 = models.CharField(max_length=64, default="", blank=True)
    """Digest of the sender's seal over the bag."""
    parcel_sha256 = models.CharField(max_length=64, default="", blank=True)
    """Digest of the part list of the sealed parcel."""
    size = models.PositiveBigIntegerField(null=True, blank=True)
    report = models.BinaryField(default=b"")
    """The verification report of an incoming package, RFC 8785."""
    report_sha256 = models.CharField(max_length=64, default="", blank=True)
    verified = models.BooleanField(null=True, blank=True)
    problem = models.TextField(default="", blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt = models.DateTimeField(null=True, blank=True)
    made = models.DateTimeField()
    updated = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(direction="outgoing", status__in=OUTGOING_PACKAGE)
                | Q(direction="incoming", status__in=INCOMING_PACKAGE),
                name="package_status_of_direction",
            ),
        ]
        indexes = [models.Index(fields=["status", "next_attempt"], name="package_due")]

    def __str__(self) -> str:
        return f"{self.id} ({self.direction}, {self.status})"


class PackageExhibitRow(models.Model):
    """An exhibit that a package carries."""

    package = models.ForeignKey(PackageRow, on_delete=models.PROTECT, related_name="exhibit_rows")
    exhibit = models.ForeignKey(ExhibitRow, on_delete=models.PROTECT, related_name="package_rows")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["package", "exhibit"], name="package_exhibit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.package_id}: {self.exhibit_id}"


class PeerProofRow(models.Model):
    """A proof that a peer sent us of an entry in its own ledger about a request."""

    request = models.ForeignKey(RequestRow, on_delete=models.PROTECT, related_name="proof_rows")
    authority = models.CharField(max_length=140)
    event = models.CharField(max_length=60)
    proof = models.BinaryField(default=b"")
    """Empty until it has come."""
    received = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_attempt = models.DateTimeField(null=True, blank=True)
    """When it is asked for again; empty once it is here."""
    problem = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(proof=b"", next_attempt__isnull=False)
                | ~models.Q(proof=b"") & models.Q(next_attempt__isnull=True),
                name="peer_proof_here_or_awaited",
            ),
            models.UniqueConstraint(
                fields=["request", "authority", "event"], name="peer_proof_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.authority} {self.event}"
