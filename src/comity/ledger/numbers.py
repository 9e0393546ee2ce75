# SPDX-License-Identifier: Apache-2.0
"""The decimal numbers and hashes that stand on lines of C2SP texts.

Each has exactly one spelling: a decimal without leading zeros, sign or other
digits (`int()` reads `+1`, `1_0` and Arabic digits; C2SP does not), a hash as
canonical base64 of 32 bytes. Anything else is `Invalid`.
"""

from __future__ import annotations

import re
from typing import Final

from comity.canonical.base64 import read_base64, write_base64
from comity.errors import Invalid

#: Largest tree size, index or timestamp (C2SP tlog-cosignature: below 2^63).
MAX_NUMBER: Final = (1 << 63) - 1
HASH_BYTES: Final = 32
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def read_number(text: str, *, what: str) -> int:
    """Return the decimal `text` as a number from 0 to 2^63 - 1."""
    if not _DECIMAL.fullmatch(text):
        raise Invalid("ledger.number", f"{what}: {text[:40]!r} is not a plain decimal number")
    value = int(text)
    if value > MAX_NUMBER:
        raise Invalid("ledger.number", f"{what}: {text} is larger than 2^63 - 1")
    return value


def read_hash(text: str, *, what: str) -> bytes:
    """Return the 32 bytes of a SHA-256 hash written in canonical base64."""
    data = read_base64(text, what=what)
    if len(data) != HASH_BYTES:
        raise Invalid("ledger.hash_size", f"{what}: {len(data)} bytes, a hash has {HASH_BYTES}")
    return data


def write_hash(value: bytes) -> str:
    """Return `value` in canonical base64."""
    return write_base64(value)
