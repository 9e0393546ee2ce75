# SPDX-License-Identifier: Apache-2.0
"""Triggers that refuse to change or delete rows of the record.

No code of ours tries to; the triggers stop everything else that holds the
database: a mistake in a migration, a shell, a tool. On PostgreSQL they refuse
TRUNCATE as well. Whoever owns the database can drop a trigger: that is what the
ledger and its witnesses are for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

MESSAGE: Final = "this table is append-only"
_FUNCTION: Final = "comity_append_only"


def protect(schema_editor: Any, tables: Iterable[str]) -> None:
    """Add the triggers to `tables` (for a migration's `RunPython`)."""
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(
            f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN RAISE EXCEPTION '{MESSAGE}: %', TG_TABLE_NAME"
            " USING ERRCODE = 'integrity_constraint_violation'; END $$",
            params=None,  # the percent sign is PostgreSQL's
        )
    for table in tables:
        for statement in _statements(vendor, table):
            schema_editor.execute(statement)


def _statements(vendor: str, table: str) -> list[str]:
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{MESSAGE}: {table}'); END"
            for act in ("update", "delete")
        ]
    row = f"{table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"
    whole = f"{table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
    return [f"CREATE TRIGGER {what} EXECUTE FUNCTION {_FUNCTION}()" for what in (row, whole)]
