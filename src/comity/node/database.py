# SPDX-License-Identifier: Apache-2.0
"""How the node speaks to its database: SQLite in a file, or PostgreSQL.

On SQLite a commit that was acknowledged survives a power cut (`synchronous=FULL`
in write-ahead mode), a writing transaction holds its lock from the beginning
(`IMMEDIATE`) and foreign keys are enforced. `pragma_problems` asks the open
connection whether it is so; the node does not start if it is not.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from comity.errors import Invalid
from comity.node.config import NodeConfig

#: Seconds a writer waits for another one.
LOCK_TIMEOUT_SECONDS: Final = 30
_INIT: Final = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=134217728;"
#: Pragma, the value it must have, and what it is for. 2 is FULL.
REQUIRED_PRAGMAS: Final = (
    ("journal_mode", "wal", "readers never wait for a writer"),
    ("synchronous", 2, "an acknowledged commit survives a power cut"),
    ("foreign_keys", 1, "no row points to nothing"),
)


def database_settings(config: NodeConfig) -> dict[str, Any]:
    """Return Django's settings of the one database."""
    if config.database_file is not None:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": config.database_file,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": LOCK_TIMEOUT_SECONDS,
                "init_command": _INIT,
            },
            # A file also in tests: a database in memory has no write-ahead log.
            "TEST": {"NAME": config.folder / "test.sqlite3"},
        }
    return _postgresql(config.database)


def _postgresql(url: str) -> dict[str, Any]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Invalid("config.database", f"database: {error}") from error
    options = dict(parse_qsl(parts.query))
    # `postgresql:///name?host=/run/postgresql&user=comity` is libpq's form for a unix socket.
    host = options.pop("host", "") or unquote(parts.hostname or "")
    user = options.pop("user", "") or unquote(parts.username or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": user,
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or options.pop("port", "")),
        # Persistent connections of an asyncio server use up PostgreSQL's slots.
        "CONN_MAX_AGE": 0,
        "OPTIONS": options,
    }


def pragma_problems(connection: Any) -> list[str]:
    """Return what is wrong with an open SQLite connection; nothing for PostgreSQL."""
    if connection.vendor != "sqlite":
        return []
    problems = []
    with connection.cursor() as cursor:
        for name, wanted, purpose in REQUIRED_PRAGMAS:
            found = cursor.execute(f"PRAGMA {name}").fetchone()[0]
            if found != wanted:
                problems.append(f"SQLite's {name} is {found!r}, not {wanted!r} ({purpose})")
    if getattr(connection, "transaction_mode", None) != "IMMEDIATE":
        problems.append("SQLite transactions do not begin IMMEDIATE (no lost update)")
    return problems
