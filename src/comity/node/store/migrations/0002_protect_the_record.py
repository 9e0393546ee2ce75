# SPDX-License-Identifier: Apache-2.0
"""Triggers that refuse to change or delete what is on record.

SQLite drops a table's triggers when a later migration rebuilds the table: such a
migration must call `protect` again for it.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

from comity.node.store.append_only import protect

_TABLES = (
    "store_auditrow",
    "store_custodyrow",
    "store_acquisitionrow",
    "store_assessmentrow",
    "store_directoryrow",
    "store_keystatementrow",
    "store_ledgerentryrow",
    "store_ledgerpolicyrow",
    "store_witnessevidencerow",
)


def add_triggers(_apps: Any, schema_editor: Any) -> None:
    """Protect every table of the record."""
    protect(schema_editor, _TABLES)


class Migration(migrations.Migration):
    dependencies = [("store", "0001_lay_out_the_node")]
    operations = [migrations.RunPython(add_triggers, migrations.RunPython.noop)]
