# SPDX-License-Identifier: Apache-2.0
"""A request can be found by its words, and a draft can end without being sent.

The request's table holds no triggers, so rebuilding it on SQLite loses none.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from comity.node.store import mapping
from comity.node.store.findable import findable

_BATCH = 200
_OUTGOING = [
    "draft",
    "awaiting_approval",
    "sent",
    "acknowledged",
    "information_requested",
    "condition_offered",
    "consultation",
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
    "accepted",
    "in_execution",
    "partly_delivered",
    "delivered",
    "closed",
    "refused",
    "withdrawn",
]


def fill(apps: Any, _schema_editor: Any) -> None:
    """Write the words of every request that is here already."""
    rows = apps.get_model("store", "RequestRow").objects
    for row in rows.order_by("pk").iterator(chunk_size=_BATCH):
        words = findable(reference=row.reference, facts=mapping.facts_of(row))
        rows.filter(pk=row.pk).update(findable=words)


class Migration(migrations.Migration):
    dependencies = [("store", "0002_protect_the_record")]
    operations = [
        migrations.RemoveConstraint(model_name="requestrow", name="request_state_of_direction"),
        migrations.AddField(
            model_name="requestrow",
            name="findable",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddIndex(
            model_name="requestrow",
            index=models.Index(fields=["-updated", "reference"], name="request_updated"),
        ),
        migrations.AddConstraint(
            model_name="requestrow",
            constraint=models.CheckConstraint(
                condition=models.Q(direction="outgoing", state__in=_OUTGOING)
                | models.Q(direction="incoming", state__in=_INCOMING),
                name="request_state_of_direction",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
