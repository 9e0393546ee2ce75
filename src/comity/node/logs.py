# SPDX-License-Identifier: Apache-2.0
"""What stands in the log: faults of the program with their traceback, not every refusal."""

from __future__ import annotations

import logging


class OnlyFaults(logging.Filter):
    """Lets pass only records that carry an exception."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is about a fault."""
        return bool(record.exc_info)
