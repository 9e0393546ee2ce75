# SPDX-License-Identifier: Apache-2.0
"""A small, real disk image for the demonstration.

Writes a FAT16 volume as a seized USB stick would hold it: a few files, one of
them deleted, and unallocated space filled with noise. The same arguments give
the same bytes, so a run can be repeated and compared. Layout as in Microsoft's
FAT specification 1.03: boot sector, two allocation tables, root directory,
data area.
"""

from __future__ import annotations

import os
import random
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

SECTOR: Final = 512
SECTORS_PER_CLUSTER: Final = 4
CLUSTER: Final = SECTOR * SECTORS_PER_CLUSTER
ROOT_ENTRIES: Final = 512
RESERVED_SECTORS: Final = 1
FAT_COUNT: Final = 2
END_OF_CHAIN: Final = 0xFFFF
DELETED_MARK: Final = 0xE5
#: FAT16 needs at least 4,085 clusters; this many sectors give 8,150.
TOTAL_SECTORS: Final = 32_768

_CHAT = """\
2026-03-01 21:14:07Z  broker_77: the invoice template is ready, same wallet as before
2026-03-01 21:15:40Z  night-owl: victim paid 0.41, moving it through the second account
2026-03-01 21:19:02Z  broker_77: delete this stick when you are done
"""
_ACCOUNTS = """\
account;bank;opened;note
XM12-0001-4471;Meridia Savings;2026-01-12;first hop
XM12-0001-9920;Meridia Savings;2026-02-03;second hop, emptied daily
"""
_MAIL = """\
From: accounts@valdoria-shipping.example
To: payments@victim.example
Date: Sun, 01 Mar 2026 20:58:11 +0000
Subject: Updated bank details

Please use the new account for invoice 4471.
"""

#: name, content, deleted?
FILES: Final[tuple[tuple[str, bytes, bool], ...]] = (
    ("CHAT.TXT", _CHAT.encode() * 40, False),
    ("ACCOUNTS.CSV", _ACCOUNTS.encode(), False),
    ("INVOICE.EML", _MAIL.encode(), False),
    ("WALLET.BAK", bytes(range(256)) * 48, True),
)


def write_disk_image(
    path: Path, *, seed: int = 4471, progress: Callable[[int], None] | None = None
) -> int:
    """Write the image to `path` and return its size in bytes (16 MiB).

    `progress` is called with the number of bytes just written. The file
    appears whole or not at all: it is written beside its place and renamed.
    """
    size = TOTAL_SECTORS * SECTOR
    head = _volume_head()
    noise = random.Random(seed)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".disk-image-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(head)
            if progress:
                progress(len(head))
            written = len(head)
            while written < size:
                block = noise.randbytes(min(1 << 18, size - written))
                out.write(block)
                written += len(block)
                if progress:
                    progress(len(block))
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return size


def _volume_head() -> bytes:
    """Everything up to the end of the last file's cluster."""
    fat_sectors = _fat_sectors()
    table = [0xFFF8, END_OF_CHAIN]
    directory = bytearray(_volume_label())
    data = bytearray()
    for name, content, deleted in FILES:
        first = len(table)
        count = max(1, -(-len(content) // CLUSTER))
        chain = [*range(first + 1, first + count), END_OF_CHAIN]
        table += [0] * count if deleted else chain
        directory += _directory_entry(name, first, len(content), deleted=deleted)
        data += content.ljust(count * CLUSTER, b"\0")
    fat = struct.pack(f"<{len(table)}H", *table).ljust(fat_sectors * SECTOR, b"\0")
    return (
        _boot_sector(fat_sectors)
        + fat * FAT_COUNT
        + bytes(directory).ljust(ROOT_ENTRIES * 32, b"\0")
        + bytes(data)
    )


def _fat_sectors() -> int:
    clusters = (TOTAL_SECTORS - RESERVED_SECTORS) // SECTORS_PER_CLUSTER
    return -(-(clusters + 2) * 2 // SECTOR)


def _boot_sector(fat_sectors: int) -> bytes:
    block = struct.pack(
        "<3s8sHBHBHHBHHHIIBBBI11s8s",
        b"\xeb\x3c\x90",
        b"COMITY  ",
        SECTOR,
        SECTORS_PER_CLUSTER,
        RESERVED_SECTORS,
        FAT_COUNT,
        ROOT_ENTRIES,
        TOTAL_SECTORS,  # fits the 16-bit field
        0xF8,
        fat_sectors,
        63,
        255,
        0,
        0,
        0x80,
        0,
        0x29,
        0x20260301,
        b"EVIDENCE   ",
        b"FAT16   ",
    )
    return block.ljust(SECTOR - 2, b"\0") + b"\x55\xaa"


def _volume_label() -> bytes:
    return struct.pack("<11sB10xHHHI", b"EVIDENCE   ", 0x08, *_STAMP, 0, 0)


#: 2026-03-01 21:20:00 in the directory's own encoding: time, then date.
_STAMP: Final = (21 << 11 | 20 << 5, (2026 - 1980) << 9 | 3 << 5 | 1)


def _directory_entry(name: str, cluster: int, size: int, *, deleted: bool) -> bytes:
    stem, _, extension = name.partition(".")
    raw = bytearray(f"{stem:<8}{extension:<3}".encode("ascii"))
    if deleted:
        raw[0] = DELETED_MARK
    return struct.pack("<11sB10xHHHI", bytes(raw), 0x20, *_STAMP, cluster, size)
