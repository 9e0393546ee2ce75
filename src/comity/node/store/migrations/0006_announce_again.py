# SPDX-License-Identifier: Apache-2.0
"""A package can be announced again: the same parts under another header."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0005_postpone")]
    operations = [
        migrations.AlterField(
            model_name="parceloutrow",
            name="part_list",
            field=models.CharField(max_length=64, db_index=True),
        ),
    ]
