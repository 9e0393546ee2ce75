# SPDX-License-Identifier: Apache-2.0
"""The register: the pinned hub, its directories, the peers and their key statements.

Every directory and every key statement that was ever accepted is kept as the
bytes that were signed: an old signature is checked with the statement of its
time. Directories and statements are append-only.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class HubRow(models.Model):
    """A hub whose directories this node accepts, pinned by its seal."""

    key_id = models.CharField(max_length=64, primary_key=True)
    seal = models.JSONField()
    pinned = models.DateTimeField()

    def __str__(self) -> str:
        return self.key_id


class DirectoryRow(models.Model):
    """A directory as the hub signed it."""

    hub = models.ForeignKey(HubRow, on_delete=models.PROTECT, related_name="directory_rows")
    version = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, unique=True)
    raw = models.BinaryField()
    issued = models.DateTimeField()
    expires = models.DateTimeField()
    pinned = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hub", "version"], name="directory_version_once"),
        ]

    def __str__(self) -> str:
        return f"version {self.version}"


class PeerRow(models.Model):
    """A peer authority and the state of the line to it."""

    authority = models.CharField(max_length=140, primary_key=True)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=2)
    roles = models.JSONField(default=list)
    root = models.JSONField()
    serial = models.PositiveBigIntegerField()
    status = models.CharField(max_length=12, default="known")
    last_heard = models.DateTimeField(null=True, blank=True)
    clock_difference = models.IntegerField(null=True, blank=True)
    """Seconds the peer's clock was ahead of ours when it was last heard."""
    last_problem = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["known", "quarantined"]), name="peer_status"
            ),
        ]

    def __str__(self) -> str:
        return self.authority


class KeyStatementRow(models.Model):
    """A peer's key statement as its root signed it."""

    authority = models.CharField(max_length=140)
    root_key_id = models.CharField(max_length=64)
    serial = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, unique=True)
    raw = models.BinaryField()
    expires = models.DateTimeField()
    pinned = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "root_key_id", "serial"], name="statement_serial_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority} {self.serial}"


class StepHealthRow(models.Model):
    """How a step of the worker fared last."""

    name = models.CharField(max_length=60, primary_key=True)
    last_done = models.DateTimeField(null=True, blank=True)
    last_failed = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    """Failures in a row."""
    problem = models.TextField(default="", blank=True)

    def __str__(self) -> str:
        return f"{self.name}: {self.failures} failures in a row"
