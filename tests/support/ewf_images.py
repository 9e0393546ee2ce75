# SPDX-License-Identifier: Apache-2.0
"""Small E01 images, made by the published description of the format."""

from __future__ import annotations

import hashlib
import struct
import zlib

MAGIC = b"EVF\x09\x0d\x0a\xff\x00"
MEDIUM = bytes(range(256)) * 300


def section(kind, data, offset, *, last=False):
    size = 76 + len(data)
    following = offset if last else offset + size
    head = struct.pack("<16sQQ40s", kind, following, 0 if last else size, b"")
    return head + struct.pack("<I", zlib.adler32(head)) + data


def summed(data):
    return data + struct.pack("<I", zlib.adler32(data))


def image(medium=MEDIUM, *, md5=None, packed=True, digest=True, end=b"done", number=1, table=0):
    """Return a small E01, made by the description of the format."""
    chunk = 64 * 512
    out = MAGIC + struct.pack("<BHH", 1, number, 0)
    chunks = [medium[place : place + chunk] for place in range(0, len(medium), chunk)]
    volume = struct.pack("<B3sIIIQ", 1, b"", len(chunks), 64, 512, len(medium) // 512)
    out += section(b"volume", summed(volume.ljust(1048, b"\0")), len(out))
    stored = [zlib.compress(one) if packed else summed(one) for one in chunks]
    base, offsets, place = len(out) + 76, [], 0
    for one in stored:
        offsets.append((base + place) | (0x80000000 if packed else 0))
        place += len(one)
    out += section(b"sectors", b"".join(stored), len(out))
    header = struct.pack("<I4sQ4s", len(chunks), b"", table, b"")
    entries = struct.pack(f"<{len(offsets)}I", *offsets)
    out += section(b"table", summed(header) + summed(entries), len(out))
    if digest:
        sha1 = hashlib.sha1(medium).digest()
        data = (md5 or hashlib.md5(medium).digest()) + sha1
        out += section(b"digest", summed(data.ljust(76, b"\0")), len(out))
    return out + section(end, b"", len(out), last=True)


def smart_image(medium=MEDIUM, *, md5=None):
    """Return a small s01: chunks in the table section itself, entries without a checksum."""
    chunk = 64 * 512
    chunks = [zlib.compress(medium[at : at + chunk]) for at in range(0, len(medium), chunk)]
    out = MAGIC + struct.pack("<BHH", 1, 1, 0)
    volume = struct.pack("<4sIIII", b"\1", len(chunks), 64, 512, len(medium) // 512)
    out += section(b"volume", summed(volume.ljust(90, b"\0")), len(out))
    place, entries = len(out) + 76 + 24 + 4 * len(chunks), b""
    for one in chunks:
        entries += struct.pack("<I", place | 0x80000000)
        place += len(one)
    header = summed(struct.pack("<I4sQ4s", len(chunks), b"", 0, b""))
    out += section(b"table", header + entries + b"".join(chunks), len(out))
    digest = md5 or hashlib.md5(medium).digest()
    out += section(b"hash", summed(digest.ljust(32, b"\0")), len(out))
    return out + section(b"done", b"", len(out), last=True)
