# SPDX-License-Identifier: Apache-2.0
"""The ledger's emergency stop, for this process.

Once set it stays: only a new start, which compares database, rollback guard and
witnesses, may write again. It is set by the first error of the disk and by a
witness that knows more of our log than we do.
"""

from __future__ import annotations

import logging
from typing import Final

from django.db import DatabaseError

from comity.errors import Unavailable

_log = logging.getLogger("comity.ledger")

#: SQLSTATE of PostgreSQL for errors of the operating system's input and output.
_POSTGRESQL_IO: Final = frozenset({"58000", "58030"})


class _State:
    reason: str = ""


def halt(reason: str) -> None:
    """Stop writing, loudly. The first reason stays."""
    if not _State.reason:
        _State.reason = reason
        _log.critical("the ledger has stopped: %s", reason)


def check() -> None:
    """Raise `Unavailable` (`ledger.halted`) if writing has been stopped."""
    if _State.reason:
        raise Unavailable(
            "ledger.halted",
            f"the ledger has stopped: {_State.reason}",
            hint="Nothing is recorded until the node is started again. Do not restore a backup.",
        )


def reset() -> None:
    """Forget the stop, as a new process does. For tests."""
    _State.reason = ""


def is_disk_error(error: DatabaseError) -> bool:
    """Tell whether the database failed to read or write its files.

    A full disk is not one: SQLite and PostgreSQL roll back cleanly, and the next
    attempt is a new one.
    """
    cause = error.__cause__
    name = getattr(cause, "sqlite_errorname", "") or ""
    state = getattr(cause, "sqlstate", "") or getattr(cause, "pgcode", "") or ""
    return name.startswith(("SQLITE_IOERR", "SQLITE_CORRUPT")) or state in _POSTGRESQL_IO
