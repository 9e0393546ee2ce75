# SPDX-License-Identifier: Apache-2.0
"""What goes out to peers and what comes in: statements, parcels, parts, receipts.

Delivery is kept apart from requests: nothing here changes a request's state,
and no request's state says how far a message has come. Signed bytes are stored
as they were signed or received. Parts of parcels are files (`parcels/` in the
node's folder); here is only which of them are durably there.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from comity.protocol.delivery import Delivery
from comity.protocol.parcel import Content, Priority
from comity.protocol.receipt import Kind
from comity.protocol.receiving import Arrival

_STATES = [state.value for state in Delivery]
_CONTENTS = [content.value for content in Content]
_PRIORITIES = [priority.value for priority in Priority]


class LineRow(models.Model):
    """The line to one peer: pauses after failures, and the end of our chain of receipts."""

    authority = models.CharField(max_length=140, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    next_attempt = models.DateTimeField(null=True, blank=True)
    last_receipt = models.CharField(max_length=64, default="", blank=True)
    greeted = models.DateTimeField(null=True, blank=True)
    """When the peer's node last said who it is and what time it has."""
    asked = models.DateTimeField(null=True, blank=True)
    """When the peer was last asked what waits there for us."""

    def __str__(self) -> str:
        return f"{self.authority}: {self.failures} failures in a row"


class DispatchRow(models.Model):
    """A statement or a package for one peer, and how far it has come."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    peer = models.CharField(max_length=140)
    content = models.CharField(max_length=10)
    priority = models.CharField(max_length=10)
    state = models.CharField(max_length=16)
    created = models.DateTimeField()
    expires = models.DateTimeField()
    updated = models.DateTimeField()
    problem = models.TextField(default="", blank=True)
    failures = models.PositiveIntegerField(default=0)
    next_attempt = models.DateTimeField(null=True, blank=True)
    """The pause of this one entry, when the line works and the peer refuses to take it."""
    tidied = models.BooleanField(default=False)
    """True once it has arrived and its ciphertext was removed here."""
    superseded = models.BooleanField(default=False)
    """True once it was signed anew, or given up: it has no place in the series any more."""

    package = models.UUIDField(null=True, blank=True, unique=True)
    sha256 = models.CharField(max_length=64, null=True, blank=True, unique=True)
    identifier = models.UUIDField(null=True, blank=True, unique=True)
    type = models.CharField(max_length=100, default="", blank=True)
    case = models.UUIDField(null=True, blank=True)
    seq = models.PositiveIntegerField(default=0)
    raw = models.BinaryField(default=b"")
    """The signed statement; empty for a package."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=_STATES), name="dispatch_state"),
            models.CheckConstraint(condition=Q(content__in=_CONTENTS), name="dispatch_content"),
            models.CheckConstraint(condition=Q(priority__in=_PRIORITIES), name="dispatch_priority"),
            models.CheckConstraint(
                condition=Q(content="package", package__isnull=False, sha256__isnull=True)
                | Q(content="statement", package__isnull=True, sha256__isnull=False, seq__gt=0),
                name="dispatch_of_one_kind",
            ),
            models.UniqueConstraint(
                fields=["peer", "case", "seq"],
                condition=Q(content="statement", superseded=False),
                name="dispatch_series",
            ),
        ]
        indexes = [models.Index(fields=["state", "peer"], name="dispatch_open")]

    def __str__(self) -> str:
        return f"{self.type or self.content} to {self.peer} ({self.state})"


class ParcelOutRow(models.Model):
    """A dispatch sealed and announced.

    Sent again, it is sealed anew; the old one is retired, and stays known for
    receipts that are still on their way.
    """

    dispatch = models.ForeignKey(DispatchRow, on_delete=models.PROTECT, related_name="parcel_rows")
    digest = models.CharField(max_length=64, unique=True)
    header = models.BinaryField()
    part_list = models.CharField(max_length=64, db_index=True)
    list_data = models.BinaryField()
    size = models.PositiveBigIntegerField()
    sealed = models.DateTimeField()
    retired = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dispatch"], condition=Q(retired=False), name="parcel_out_one_current"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part_list[:12]} ({self.size} bytes)"


class ParcelInRow(models.Model):
    """A parcel that a peer has offered."""

    digest = models.CharField(max_length=64, primary_key=True)
    sender = models.CharField(max_length=140)
    header = models.BinaryField()
    content = models.CharField(max_length=10)
    part_list = models.CharField(max_length=64)
    list_data = models.BinaryField(null=True, blank=True)
    size = models.PositiveBigIntegerField()
    arrival = models.CharField(max_length=10)
    offered = models.DateTimeField()
    completed = models.DateTimeField(null=True, blank=True)
    expires = models.DateTimeField()
    problem = models.TextField(default="", blank=True)
    stored = models.BooleanField(default=True)
    """False once the parts have been removed from the disk."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(arrival__in=[arrival.value for arrival in Arrival]),
                name="parcel_in_arrival",
            ),
            models.CheckConstraint(condition=Q(content__in=_CONTENTS), name="parcel_in_content"),
            models.UniqueConstraint(fields=["sender", "part_list"], name="parcel_in_list_once"),
        ]
        indexes = [models.Index(fields=["arrival", "content"], name="parcel_in_arrival")]

    def __str__(self) -> str:
        return f"{self.digest[:12]} from {self.sender} ({self.arrival})"


class PartInRow(models.Model):
    """A part that is durably stored."""

    parcel = models.ForeignKey(ParcelInRow, on_delete=models.CASCADE, related_name="part_rows")
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parcel", "number"], name="part_in_once"),
        ]

    def __str__(self) -> str:
        return f"{self.parcel_id[:12]}: {self.number}"


class StatementInRow(models.Model):
    """A peer's verified statement, and whether it has been taken into the record yet."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    identifier = models.UUIDField()
    sender = models.CharField(max_length=140)
    type = models.CharField(max_length=100)
    case = models.UUIDField()
    seq = models.PositiveIntegerField()
    previous = models.CharField(max_length=64, default="", blank=True)
    raw = models.BinaryField()
    created = models.DateTimeField()
    """By the sender's clock."""
    arrived = models.DateTimeField()
    parcel = models.ForeignKey(ParcelInRow, on_delete=models.PROTECT, related_name="statement_rows")
    state = models.CharField(max_length=10, default="waiting")
    applied = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(default="", blank=True)
    urgent = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sender", "identifier"], name="statement_in_once"),
            models.UniqueConstraint(fields=["sender", "case", "seq"], name="statement_in_series"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "applied", "rejected"]),
                name="statement_in_state",
            ),
        ]
        indexes = [models.Index(fields=["state"], name="statement_in_waiting")]

    def __str__(self) -> str:
        return f"{self.type} from {self.sender} ({self.state})"


class ReceiptRow(models.Model):
    """A receipt, ours or a peer's, as it was signed."""

    sha256 = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=20)
    issuer = models.CharField(max_length=140)
    recipient = models.CharField(max_length=140)
    parcel = models.CharField(max_length=64, default="", blank=True, db_index=True)
    statement = models.CharField(max_length=64, default="", blank=True, db_index=True)
    dispatch = models.ForeignKey(
        DispatchRow, null=True, blank=True, on_delete=models.PROTECT, related_name="receipt_rows"
    )
    """What of ours it speaks of; empty for a receipt about a peer's parcel."""
    previous = models.CharField(max_length=64, default="", blank=True)
    at = models.DateTimeField()
    kept = models.DateTimeField()
    reason_code = models.CharField(max_length=100, default="", blank=True)
    reason = models.TextField(default="", blank=True)
    raw = models.BinaryField()
    to_send = models.BooleanField(default=False)
    """True until the peer has confirmed that it has it."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in Kind]), name="receipt_kind"
            ),
        ]
        indexes = [models.Index(fields=["to_send", "recipient"], name="receipt_to_send")]

    def __str__(self) -> str:
        return f"{self.kind} by {self.issuer}"


class NonceRow(models.Model):
    """A request of a peer that was seen: the same signature does not work twice."""

    key_id = models.CharField(max_length=64)
    nonce = models.CharField(max_length=64)
    seen = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key_id", "nonce"], name="nonce_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key_id[:12]}: {self.nonce}"
