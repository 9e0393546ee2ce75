# SPDX-License-Identifier: Apache-2.0
"""Action on a request can be postponed, on both sides."""

from __future__ import annotations

from django.db import migrations, models

_OUTGOING = [
    "draft",
    "awaiting_approval",
    "sent",
    "acknowledged",
    "information_requested",
    "condition_offered",
    "consultation",
    "postponed",
    "accepted",
    "partly_answered",
    "answered",
    "closed",
    "refused",
    "withdrawn",
    "discarded",
]
_INCOMING = [
    "received",
    "acknowledged",
    "information_requested",
    "condition_offered",
    "consultation",
    "postponed",
    "accepted",
    "in_execution",
    "partly_delivered",
    "delivered",
    "closed",
    "refused",
    "withdrawn",
]


class Migration(migrations.Migration):
    dependencies = [("store", "0004_sign_anew")]
    operations = [
        migrations.RemoveConstraint(model_name="requestrow", name="request_state_of_direction"),
        migrations.AddConstraint(
            model_name="requestrow",
            constraint=models.CheckConstraint(
                condition=models.Q(direction="outgoing", state__in=_OUTGOING)
                | models.Q(direction="incoming", state__in=_INCOMING),
                name="request_state_of_direction",
            ),
        ),
    ]
