# SPDX-License-Identifier: Apache-2.0
"""A statement that expired on its way can be signed anew; the old one stays.

The table of dispatches holds no triggers, so rebuilding it on SQLite loses none.
"""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0003_find_and_discard_requests")]
    operations = [
        migrations.RemoveConstraint(model_name="dispatchrow", name="dispatch_series"),
        migrations.AddField(
            model_name="dispatchrow",
            name="superseded",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="dispatchrow",
            constraint=models.UniqueConstraint(
                fields=["peer", "case", "seq"],
                condition=models.Q(content="statement", superseded=False),
                name="dispatch_series",
            ),
        ),
    ]
