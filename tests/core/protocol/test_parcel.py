# SPDX-License-Identifier: Apache-2.0
"""Parcels: padded, sealed, cut into parts, announced; and put together again."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canonical import json
from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId
from comity.crypto.sealing import EncryptionIdentity
from comity.errors import Invalid, Unverified
from comity.protocol import parcel
from comity.protocol.padding import (
    PACKAGE_MULTIPLE,
    SMALLEST,
    PaddedPackage,
    pad_statement,
    padme,
    unpad_statement,
)
from comity.protocol.parcel import (
    Content,
    Header,
    Priority,
    check_part_list,
    read_payload,
    seal_package,
    seal_statement,
    sign_header,
    unseal_package,
    unseal_statement,
)
from comity.protocol.parts import (
    MAX_PARTS,
    PART_BYTES,
    PartList,
    PartWriter,
    damaged_parts,
    read_part_list,
    read_parts,
    write_part_list,
)
from support.authorities import BEGIN, make_authority, seed

XV = make_authority("xv.moj")
HEADER = Header(
    sender=XV.id,
    to=(AuthorityId("xm.moj"),),
    content=Content.STATEMENT,
    part_list=Sha256("ab" * 32),
    size=5_000,
    part_size=PART_BYTES,
    created=BEGIN,
    expires=BEGIN + timedelta(days=14),
)
IDENTITY = EncryptionIdentity(seed("parcel"))
SMALL = 64 << 10


class Shelf(dict):
    """Parts by digest."""

    def keep(self, data: bytes) -> Sha256:
        self[sha256(data)] = data
        return sha256(data)

    def open(self, digest: Sha256) -> BytesIO:
        return BytesIO(self[digest])


def code_of(call, error=Invalid) -> str:
    with pytest.raises(error) as caught:
        call()
    return caught.value.code


# --- padding ---


def test_short_words_of_any_length_have_one_size() -> None:
    assert len({len(pad_statement(b"x" * n)) for n in (0, 1, 900, SMALLEST - 8)}) == 1


def test_the_seal_of_one_and_of_nine_hundred_bytes_are_of_one_size() -> None:
    sizes = {
        seal_statement(b"x" * n, recipients=(IDENTITY.recipient,), keep=Shelf().keep).size
        for n in (1, 900)
    }
    assert len(sizes) == 1


@given(st.integers(0, 1 << 40))
def test_padme_adds_little_and_tells_little(length: int) -> None:
    padded = padme(length)
    assert padded >= max(length, SMALLEST)
    assert padded <= max(length * 1.12, SMALLEST)
    assert padme(padded) == padded


@given(st.binary(max_size=10_000))
def test_padding_comes_off(data: bytes) -> None:
    assert unpad_statement(pad_statement(data)) == data


@given(st.binary(max_size=200), st.integers(0, 5_000), st.integers(1, 255))
def test_another_padding_is_refused_or_holds_something_else(data: bytes, place, mask) -> None:
    padded = bytearray(pad_statement(data))
    place %= len(padded)
    padded[place] ^= mask
    if place >= 8 + len(data):
        assert code_of(lambda: unpad_statement(bytes(padded))) == "padding.malformed"
        return
    try:
        read = unpad_statement(bytes(padded))
    except Invalid:
        read = None
    assert read != data
    assert read is not None or place < 8


@pytest.mark.parametrize("data", [b"", b"\0" * 7, bytes(SMALLEST + 1), pad_statement(b"a") + b"\0"])
def test_what_is_no_padding_is_refused(data: bytes) -> None:
    assert code_of(lambda: unpad_statement(data)) == "padding.malformed"


@pytest.mark.parametrize("size", [0, 1, PACKAGE_MULTIPLE - 1, PACKAGE_MULTIPLE, 3_000_000])
def test_a_package_is_padded_with_zeros_to_whole_mebibytes(size: int) -> None:
    data, padded = os.urandom(size), b""
    source = PaddedPackage(BytesIO(data))
    while block := source.read(70_000):
        padded += block
    assert padded.startswith(data)
    assert not padded[size:].strip(b"\0")
    assert len(padded) % PACKAGE_MULTIPLE == 0
    assert len(padded) - size < PACKAGE_MULTIPLE


# --- parts ---


@given(st.binary(max_size=300_000), st.integers(1, 100_000), st.integers(1, 100_000))
def test_parts_make_the_whole_again(data: bytes, written: int, read: int) -> None:
    shelf, out = Shelf(), b""
    writer = PartWriter(shelf.keep, part_size=SMALL)
    for start in range(0, len(data), written):
        writer.write(data[start : start + written])
    parts = writer.finish()
    assert parts.size == len(data)
    assert len(parts.parts) == -(-len(data) // SMALL)
    assert [parts.length(n) for n in range(len(parts.parts))] == [
        len(shelf[digest]) for digest in parts.parts
    ]
    with read_parts(parts, shelf.open) as source:
        while block := source.read(read):
            out += block
    assert out == data


LIST = PartList(size=SMALL + 1, part_size=SMALL, parts=(sha256(b"a"), sha256(b"b")))


def test_a_list_is_read_as_it_was_written() -> None:
    data = write_part_list(LIST)
    assert read_part_list(data, expected=sha256(data)) == LIST


def test_a_list_is_compared_before_it_is_parsed() -> None:
    assert code_of(lambda: read_part_list(b"{", expected=sha256(b"x")), Unverified) == (
        "parts.list_differs"
    )
    large = b" " * (68 * MAX_PARTS + 1)
    assert code_of(lambda: read_part_list(large, expected=sha256(large))) == "parts.too_large"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"v": 2}, "json.member_value"),
        ({"size": 0}, "json.member_range"),
        ({"size": 2 * SMALL + 1}, "parts.count"),
        ({"size": SMALL}, "parts.count"),
        ({"part_size": 1}, "json.member_range"),
        ({"part_size": PART_BYTES + 1}, "json.member_range"),
        ({"parts": ["ab", "cd"]}, "digest.malformed"),
        ({"parts": [1]}, "json.member_type"),
        ({"more": 1}, "json.member_unknown"),
    ],
)
def test_each_fault_of_a_list_has_its_code(changes, code: str) -> None:
    data = json.write({**LIST.to_json(), **changes})
    assert code_of(lambda: read_part_list(data, expected=sha256(data))) == code


def test_parts_are_counted_from_zero_and_no_further() -> None:
    for number in (-1, 2):
        assert code_of(lambda number=number: LIST.length(number)) == "parts.number"


def test_damage_is_found_by_hashing_again() -> None:
    shelf = Shelf()
    writer = PartWriter(shelf.keep, part_size=SMALL)
    writer.write(os.urandom(3 * SMALL))
    parts = writer.finish()
    assert damaged_parts(parts, shelf.open) == ()
    whole = shelf[parts.parts[1]]
    shelf[parts.parts[1]] = bytes([whole[0] ^ 1]) + whole[1:]
    assert damaged_parts(parts, shelf.open) == (parts.parts[1],)


# --- headers ---


def test_a_header_is_read_as_it_was_signed() -> None:
    assert read_payload(json.write(HEADER.to_json())) == HEADER
    assert len(sign_header(HEADER, seal=XV.seal)) < parcel.MAX_BYTES


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"suite": "S0"}, "json.member_value"),
        ({"content": "letter"}, "json.member_value"),
        ({"to": []}, "statement.recipients"),
        ({"size": 0}, "json.member_range"),
        ({"size": parcel.MAX_STATEMENT_PARCEL_BYTES + 1}, "parcel.size"),
        ({"content": "package", "size": parcel.MAX_PARCEL_BYTES + 1}, "json.member_range"),
        ({"part_size": 1 << 30}, "json.member_range"),
        ({"priority": "at once"}, "json.member_value"),
        ({"expires": "2027-01-01T00:00:00Z"}, "statement.lifetime"),
        ({"subject": "a case"}, "json.member_unknown"),
    ],
)
def test_each_fault_of_a_header_has_its_code(changes, code: str) -> None:
    data = json.write({**HEADER.to_json(), **changes})
    assert code_of(lambda: read_payload(data)) == code


def test_a_header_that_would_be_refused_is_not_signed() -> None:
    with pytest.raises(Invalid):
        sign_header(replace(HEADER, size=0), seal=XV.seal)


def test_a_list_must_be_of_the_announced_size() -> None:
    header = replace(HEADER, size=LIST.size, part_size=LIST.part_size, priority=Priority.URGENT)
    check_part_list(header, LIST)
    assert code_of(lambda: check_part_list(HEADER, LIST)) == "parts.size"


# --- sealing ---


def test_a_statement_comes_out_as_it_went_in() -> None:
    shelf = Shelf()
    parts = seal_statement(b"words", recipients=(IDENTITY.recipient,), keep=shelf.keep)
    data = unseal_statement(parts, open_part=shelf.open, identities=(IDENTITY,))
    assert data == b"words"
    other = (EncryptionIdentity(seed("other")),)
    assert (
        code_of(lambda: unseal_statement(parts, open_part=shelf.open, identities=other), Unverified)
        == "sealing.no_match"
    )
    large = replace(parts, size=parcel.MAX_STATEMENT_PARCEL_BYTES + 1)
    assert (
        code_of(lambda: unseal_statement(large, open_part=shelf.open, identities=(IDENTITY,)))
        == "parcel.size"
    )


def test_a_part_of_another_parcel_does_not_fit() -> None:
    one, two = Shelf(), Shelf()
    mine = seal_statement(b"one", recipients=(IDENTITY.recipient,), keep=one.keep)
    other = seal_statement(b"two", recipients=(IDENTITY.recipient,), keep=two.keep)
    half = mine.size // 2
    [a], [b] = mine.parts, other.parts
    mixed = one[a][:half] + two[b][half:]
    with pytest.raises(Unverified):
        unseal_statement(mine, open_part=lambda _: BytesIO(mixed), identities=(IDENTITY,))


def test_a_package_is_still_a_tar_archive_when_it_comes_out() -> None:
    archive, shelf, out = BytesIO(), Shelf(), BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo("evidence/disk.img")
        entry.size = 2_500_000
        tar.addfile(entry, BytesIO(b"e" * entry.size))
    archive.seek(0)
    parts = seal_package(archive, recipients=(IDENTITY.recipient,), keep=shelf.keep)
    unseal_package(parts, out, open_part=shelf.open, identities=(IDENTITY,))
    out.seek(0)
    with tarfile.open(fileobj=out) as tar:
        read = tar.extractfile("evidence/disk.img")
        assert read is not None
        assert read.read() == b"e" * 2_500_000


_LARGE = """
import hashlib, sys
from comity.protocol.parcel import seal_package, unseal_package
from comity.crypto.sealing import EncryptionIdentity
class Zeros:
    left = int(sys.argv[1])
    def read(self, size):
        size = min(size, self.left); self.left -= size; return bytes(size)
class Count:
    size = 0
    def write(self, data): self.size += len(data)
me = EncryptionIdentity.generate()
store = {}
folder = sys.argv[2]
def keep(data):
    name = hashlib.sha256(data).hexdigest()
    open(f"{folder}/{name}", "wb").write(data)
    return name
parts = seal_package(Zeros(), recipients=(me.recipient,), keep=keep)
out = Count()
unseal_package(parts, out, open_part=lambda d: open(f"{folder}/{d}", "rb"), identities=(me,))
assert out.size == int(sys.argv[1]), out.size
# Not ru_maxrss: that one begins with the peak of the process that started this one.
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(peak // 1024, len(parts.parts))
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_package(tmp_path) -> None:
    """1 GiB in 65 parts with less than 160 MiB, most of which is Python and its libraries."""
    done = subprocess.run(
        [sys.executable, "-c", _LARGE, str(1 << 30), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    peak, count = map(int, done.stdout.split())
    assert count == 65
    assert peak < 160


def test_reading_a_closed_parcel_closes_its_part() -> None:
    opened: list[io.BytesIO] = []
    shelf = Shelf()
    writer = PartWriter(shelf.keep, part_size=SMALL)
    writer.write(bytes(2 * SMALL))
    parts = writer.finish()

    def open_part(digest: Sha256) -> BytesIO:
        opened.append(shelf.open(digest))
        return opened[-1]

    with read_parts(parts, open_part) as source:
        source.read(10)
    assert all(stream.closed for stream in opened)
