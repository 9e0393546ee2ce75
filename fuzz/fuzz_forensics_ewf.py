# SPDX-License-Identifier: Apache-2.0
"""The reader of E01 images: damage is an outcome, never an error.

Checksums would stop the fuzzer at the first section, so the input is a list of
sections, two bytes of length and one of kind before each, and the target sums them up.
"""

import struct
import tempfile
import zlib
from pathlib import Path

import atheris
import harness

with atheris.instrument_imports(include=["comity"]):
    from comity.forensics.ewf import check_container

HEADER = b"EVF\x09\x0d\x0a\xff\x00\x01\x01\x00\x00\x00"
KINDS = (b"volume", b"sectors", b"table", b"digest", b"hash", b"disk", b"done", b"next")
FOLDER = tempfile.TemporaryDirectory()
PATH = Path(FOLDER.name) / "d.E01"
VOLUME = struct.pack("<B3sIIIQ", 1, b"", 1, 1, 512, 1).ljust(1048, b"\0")
TABLE = struct.pack("<I4sQ4s", 1, b"", 0, b"")


def section(kind: bytes, data: bytes, offset: int) -> bytes:
    following = offset if kind in {b"done", b"next"} else offset + 76 + len(data)
    head = struct.pack("<16sQQ40s", kind, following, 76 + len(data), b"")
    return head + struct.pack("<I", zlib.adler32(head)) + data


def summed(data: bytes) -> bytes:
    return data + struct.pack("<I", zlib.adler32(data))


def target(data: bytes) -> None:
    image, position = HEADER, 0
    while position + 3 <= len(data):
        size, kind = int.from_bytes(data[position : position + 2], "little"), data[position + 2]
        part = data[position + 3 : position + 3 + size]
        position += 3 + size
        name = KINDS[kind % len(KINDS)]
        if name == b"table":
            part = summed(part[:20]) + summed(part[20:])
        elif name != b"sectors":
            part = summed(part)
        image += section(name, part, len(image))
    PATH.write_bytes(image)
    check_container([PATH])


def described(*sections: tuple[int, bytes]) -> bytes:
    return b"".join(
        len(data).to_bytes(2, "little") + bytes([kind]) + data for kind, data in sections
    )


if __name__ == "__main__":
    place = len(HEADER) + 76 + len(VOLUME) + 4 + 76
    packed = zlib.compress(bytes(512))
    entry = struct.pack("<I", place | 0x80000000)
    good = described((0, VOLUME), (1, packed), (2, TABLE + entry), (3, bytes(76)), (6, b""))
    plain = struct.pack("<I", place)
    other = described((0, VOLUME), (1, summed(bytes(512))), (2, TABLE + plain), (6, b""))
    harness.run(target, [good, other])
