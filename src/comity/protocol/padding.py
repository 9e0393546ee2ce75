# SPDX-License-Identifier: Apache-2.0
"""Sizes that say little: what is sealed is made longer first.

A statement becomes at least 4 KiB and then a Padmé length (Nikitin et al. 2019),
which adds at most 12 % and leaves O(log log) bits of the size visible. A package
becomes a multiple of 1 MiB by zero bytes after the archive's end, which every
tar reader stops before.
"""

from __future__ import annotations

from typing import Final

from comity.crypto.age_format import ByteSource
from comity.errors import Invalid

SMALLEST: Final = 4096
PACKAGE_MULTIPLE: Final = 1 << 20
_LENGTH_BYTES: Final = 8


def padme(length: int) -> int:
    """Return the Padmé length that hides `length`, at least `SMALLEST`."""
    length = max(length, SMALLEST)
    exponent = length.bit_length() - 1
    mantissa = exponent.bit_length()
    mask = (1 << (exponent - mantissa)) - 1
    return (length + mask) & ~mask


def pad_statement(data: bytes) -> bytes:
    """Return length (8 bytes, big-endian), `data`, and zero bytes up to a Padmé length."""
    framed = len(data).to_bytes(_LENGTH_BYTES, "big") + data
    return framed.ljust(padme(len(framed)), b"\0")


def unpad_statement(padded: bytes) -> bytes:
    """Return what `pad_statement` was given; raise `Invalid` for any other padding."""
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    data = padded[_LENGTH_BYTES : _LENGTH_BYTES + length]
    if len(data) != length or pad_statement(data) != padded:
        raise Invalid("padding.malformed", "the content of the parcel is not padded as it must be")
    return data


class PaddedPackage:
    """Reads an archive and then zero bytes up to the next multiple of 1 MiB."""

    def __init__(self, source: ByteSource) -> None:
        """Read from `source`, which stays the caller's to close."""
        self._source = source
        self._size = 0
        self._zeros: int | None = None

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""
        if self._zeros is None:
            data = self._source.read(size)
            if data or not size:
                self._size += len(data)
                return data
            self._zeros = -self._size % PACKAGE_MULTIPLE
        count = min(size, self._zeros)
        self._zeros -= count
        return bytes(count)
