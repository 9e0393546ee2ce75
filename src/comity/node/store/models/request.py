# SPDX-License-Identifier: Apache-2.0
"""Requests on this node: those it sent and those it received.

The row is what the desk reads; the audit rows and the ledger prove how it came
to be so. What a constraint can hold, a constraint holds: a state that does not
exist in a direction, two approvals by one officer, or a field twice cannot be
written by any code.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from comity.assistance.model import Direction, Kind, State
from comity.node.store.models.officer import OfficerRow

#: Which states each direction has (`comity.assistance.tables`).
OUTGOING_STATES = [
    State.DRAFT,
    State.AWAITING_APPROVAL,
    State.SENT,
    State.ACKNOWLEDGED,
    State.INFORMATION_REQUESTED,
    State.CONDITION_OFFERED,
    State.CONSULTATION,
    State.POSTPONED,
    State.ACCEPTED,
    State.PARTLY_ANSWERED,
    State.ANSWERED,
    State.CLOSED,
    State.REFUSED,
    State.WITHDRAWN,
    State.DISCARDED,
]
INCOMING_STATES = [
    State.RECEIVED,
    State.ACKNOWLEDGED,
    State.INFORMATION_REQUESTED,
    State.CONDITION_OFFERED,
    State.CONSULTATION,
    State.POSTPONED,
    State.ACCEPTED,
    State.IN_EXECUTION,
    State.PARTLY_DELIVERED,
    State.DELIVERED,
    State.CLOSED,
    State.REFUSED,
    State.WITHDRAWN,
]


class CounterRow(models.Model):
    """The last number given out of a series, such as the references of a year."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


class RequestRow(models.Model):
    """One request, the same identifier on both sides."""

    id = models.UUIDField(primary_key=True, editable=False)
    direction = models.CharField(max_length=10)
    kind = models.CharField(max_length=20)
    measure = models.CharField(max_length=60)
    reference = models.CharField(max_length=20, unique=True)
    local_reference = models.CharField(max_length=200, default="", blank=True)
    """The requested side's number, once it has acknowledged."""
    title = models.CharField(max_length=200)
    requesting = models.CharField(max_length=140)
    requested = models.CharField(max_length=140)
    urgency = models.CharField(max_length=20)
    preservation_of = models.UUIDField(null=True, blank=True)
    """Request whose preservation this one continues; on the receiving side it may be unknown."""

    state = models.CharField(max_length=30)
    outcome = models.CharField(max_length=20)
    turn = models.CharField(max_length=20)
    version = models.PositiveIntegerField(default=1)
    """Counts changes of the contents: an older tab that saves is refused."""

    instrument = models.CharField(max_length=60, default="", blank=True)
    article = models.CharField(max_length=120, default="", blank=True)
    basis_chosen_by = models.ForeignKey(
        OfficerRow, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    record = models.BinaryField()
    """The whole record (`comity.assistance.record`), RFC 8785. Every other column of the
    request's own follows from it and is there to be found by."""
    content_sha256 = models.CharField(max_length=64)
    """Digest of the contents: what approvals approve."""
    created_by = models.ForeignKey(
        OfficerRow, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    assigned_to = models.ForeignKey(
        OfficerRow, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    findable = models.TextField(default="", blank=True)
    """Folded words by which the request is found (`comity.node.store.findable`)."""
    due = models.DateTimeField(null=True, blank=True)
    due_label = models.CharField(max_length=300, default="", blank=True)
    created = models.DateTimeField()
    updated = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(direction=Direction.OUTGOING, state__in=OUTGOING_STATES)
                | Q(direction=Direction.INCOMING, state__in=INCOMING_STATES),
                name="request_state_of_direction",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in Kind]), name="request_kind"
            ),
            models.CheckConstraint(
                condition=~Q(requesting=models.F("requested")), name="request_two_authorities"
            ),
        ]
        indexes = [
            models.Index(fields=["direction", "state"], name="request_direction_state"),
            models.Index(fields=["due"], name="request_due"),
            models.Index(fields=["-updated", "reference"], name="request_updated"),
            models.Index(fields=["preservation_of"], name="request_preservation"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} ({self.direction}, {self.state})"


class ApprovalRow(models.Model):
    """One officer's approval of exact contents. One officer approves them once."""

    request = models.ForeignKey(RequestRow, on_delete=models.PROTECT, related_name="approval_rows")
    officer = models.ForeignKey(OfficerRow, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "digest", "officer"], name="approval_once_an_officer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.officer_id}"


class AssessmentRow(models.Model):
    """What the law engine said of a request, with the pack that said it. Never changed."""

    request = models.ForeignKey(
        RequestRow, on_delete=models.PROTECT, related_name="assessment_rows"
    )
    made = models.DateTimeField()
    as_of = models.DateField()
    pack_name = models.CharField(max_length=100)
    pack_version = models.CharField(max_length=60)
    pack_digest = models.CharField(max_length=64)
    body = models.BinaryField()
    """The assessment, RFC 8785."""

    def __str__(self) -> str:
        return f"{self.request_id}: {self.as_of} ({self.pack_digest[:12]})"


class AssignmentRow(models.Model):
    """Who was given a request by whom, and when."""

    request = models.ForeignKey(
        RequestRow, on_delete=models.PROTECT, related_name="assignment_rows"
    )
    officer = models.ForeignKey(OfficerRow, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(OfficerRow, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.request_id}: {self.officer_id}"


class TimelineRow(models.Model):
    """One event of a request as people read it, with the words that were written.

    The words may be erased when their time has come; the audit row stays.
    """

    request = models.ForeignKey(RequestRow, on_delete=models.PROTECT, related_name="timeline_rows")
    at = models.DateTimeField()
    event = models.CharField(max_length=60)
    officer = models.ForeignKey(
        OfficerRow, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    authority = models.CharField(max_length=140)
    text = models.TextField(default="", blank=True)
    facts = models.JSONField(default=list)
    statement = models.CharField(max_length=64, default="", blank=True)
    audit = models.ForeignKey("AuditRow", on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["request", "at"], name="timeline_order")]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.event}"
