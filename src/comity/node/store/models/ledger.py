# SPDX-License-Identifier: Apache-2.0
"""The authority's own log, and what it has witnessed of the logs of others.

Entries are the truth; tiles are derived from them and may be rebuilt. What
opens an entry (its salt, the private body, the item's secret) is kept apart, so
that it can be erased without touching the log. Entries, cosignatures and
evidence against other logs are append-only (`comity.node.store.append_only`).
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q

#: Tables whose rows are never changed or deleted.
APPEND_ONLY: Final = (
    "store_ledgerentryrow",
    "store_ledgerpolicyrow",
    "store_witnessevidencerow",
)


class LedgerEntryRow(models.Model):
    """One leaf at its index. The index is fixed in the transaction of the event."""

    index = models.PositiveBigIntegerField(primary_key=True)
    leaf = models.BinaryField()
    leaf_sha256 = models.CharField(max_length=64, unique=True)
    """The leaf hash of RFC 6962 (with its 0x00 prefix), in hexadecimal."""
    slot = models.CharField(max_length=64, unique=True)
    sequenced = models.DateTimeField()

    def __str__(self) -> str:
        return f"entry {self.index}"


class LedgerItemRow(models.Model):
    """An item whose events are counted: its secret, and the number of the next event."""

    item = models.CharField(max_length=200, unique=True)
    secret = models.BinaryField()
    next_sequence = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.item


class LedgerOpeningRow(models.Model):
    """What opens an entry. Deleted on erasure; the entry then says nothing to anybody."""

    index = models.PositiveBigIntegerField(primary_key=True)
    item = models.ForeignKey(LedgerItemRow, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveBigIntegerField()
    salt = models.BinaryField()
    private = models.BinaryField()
    """The private body, RFC 8785."""

    def __str__(self) -> str:
        return f"opening {self.index}"


class LedgerPolicyRow(models.Model):
    """A witness policy that was in force (C2SP tlog-policy); leaves name it by digest."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    text = models.BinaryField()
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256


class LedgerTileRow(models.Model):
    """The widest form of a tile; a narrower one is its beginning."""

    level = models.PositiveSmallIntegerField()
    index = models.PositiveBigIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["level", "index"], name="ledger_tile_once"),
        ]

    def __str__(self) -> str:
        return f"tile {self.level}/{self.index}"


class LedgerStateRow(models.Model):
    """One row: how far the log is sequenced and integrated. Locked by every writer."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.PositiveBigIntegerField(default=0)
    integrated = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="ledger_state_is_one_row"),
            models.CheckConstraint(
                condition=Q(integrated__lte=models.F("size")), name="ledger_integrated_is_sequenced"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.size} sequenced, {self.integrated} integrated"


class LedgerCheckpointRow(models.Model):
    """A checkpoint that was signed. `note` gains cosignatures until it is final."""

    size = models.PositiveBigIntegerField()
    root = models.CharField(max_length=64)
    note = models.BinaryField()
    signed = models.DateTimeField()
    final = models.DateTimeField(null=True, blank=True)
    """When enough witnesses had cosigned; empty until then."""

    class Meta:
        indexes = [models.Index(fields=["size", "final"], name="ledger_checkpoint_size")]

    def __str__(self) -> str:
        return f"checkpoint of {self.size}"


class LedgerWitnessRow(models.Model):
    """A witness of our log: what it cosigned last and when to ask again."""

    authority = models.CharField(max_length=140, primary_key=True)
    size = models.PositiveBigIntegerField(default=0)
    checkpoint = models.BigIntegerField(null=True, blank=True)
    """The last checkpoint row that it cosigned."""
    cosigned = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    next_attempt = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(default="", blank=True)

    def __str__(self) -> str:
        return f"{self.authority} at {self.size}"


class WitnessedLogRow(models.Model):
    """The last checkpoint that we cosigned of another authority's log."""

    origin = models.CharField(max_length=255, primary_key=True)
    authority = models.CharField(max_length=140)
    size = models.PositiveBigIntegerField()
    root = models.CharField(max_length=64)
    note = models.BinaryField()
    """With the log's signatures and our cosignatures, as monitors are served it."""
    signed_at = models.PositiveBigIntegerField()
    """POSIX seconds of our cosignature."""

    def __str__(self) -> str:
        return f"{self.origin} at {self.size}"


class WitnessEvidenceRow(models.Model):
    """A checkpoint that a log signed and we refused: it may prove that the log lied."""

    origin = models.CharField(max_length=255)
    authority = models.CharField(max_length=140)
    kind = models.CharField(max_length=20)
    submitted = models.BinaryField()
    held = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    """Digest of both notes: the same evidence is kept once."""
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["fork", "inconsistent"]), name="witness_evidence_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.origin}"
