# SPDX-License-Identifier: Apache-2.0
"""Digests of bytes, files and streams.

A digest is always written in lower-case hexadecimal; any other spelling is
refused, so that one digest has one text. SHA-256 identifies every object of
the protocol; SHA-512 stands beside it in evidence manifests. MD5 and SHA-1
are computed only because older containers and reports carry them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from typing import BinaryIO, Final, NewType

from comity.errors import Invalid

Sha256 = NewType("Sha256", str)
"""64 lower-case hexadecimal digits."""

BLOCK_BYTES: Final = 1 << 20
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


def sha256(data: bytes) -> Sha256:
    """Return the SHA-256 of `data` in lower-case hexadecimal."""
    return Sha256(hashlib.sha256(data).hexdigest())


def parse_sha256(text: str, *, what: str = "digest") -> Sha256:
    """Return `text` as a SHA-256 digest or raise `Invalid`."""
    if not _SHA256.fullmatch(text):
        raise Invalid("digest.malformed", f"{what}: not 64 lower-case hexadecimal digits")
    return Sha256(text)


def hash_stream(
    stream: BinaryIO,
    algorithms: Iterable[str],
    *,
    progress: Callable[[int], None] | None = None,
) -> tuple[int, dict[str, str]]:
    """Read `stream` to its end once; return its size and one hex digest per algorithm.

    `progress`, if given, is called with the number of bytes just read.
    """
    hashers = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
    size = 0
    while block := stream.read(BLOCK_BYTES):
        size += len(block)
        for hasher in hashers.values():
            hasher.update(block)
        if progress:
            progress(len(block))
    return size, {name: hasher.hexdigest() for name, hasher in hashers.items()}
