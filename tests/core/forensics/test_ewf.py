# SPDX-License-Identifier: Apache-2.0
"""The container's own check, against other people's images and against damage."""

import hashlib
import random
import re
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.forensics.ewf import check_container
from comity.forensics.segments import find_segments
from support.ewf_images import MAGIC, MEDIUM, image, smart_image
from support.programs import program
from support.shared import shared_files, shared_path


def check(tmp_path, *datas):
    paths = []
    for number, data in enumerate(datas, start=1):
        paths.append(tmp_path / f"d.E{number:02d}")
        paths[-1].write_bytes(data)
    return check_container(paths)


@pytest.mark.parametrize("packed", [True, False])
def test_an_image_whose_medium_has_its_digests_is_consistent(tmp_path, packed):
    found = check(tmp_path, image(packed=packed))
    assert (found.format, found.outcome) == ("EWF-E01", "consistent")
    assert found.media_size == len(MEDIUM)
    assert dict(found.stored) == dict(found.computed)
    assert dict(found.stored)["md5"] == hashlib.md5(MEDIUM).hexdigest()


def test_a_smart_image_keeps_no_checksum_of_its_table(tmp_path):
    found = check(tmp_path, smart_image())
    assert (found.outcome, found.detail) == ("consistent", "")
    assert dict(found.stored) == {"md5": hashlib.md5(MEDIUM).hexdigest()}
    assert check(tmp_path, smart_image(md5=b"\1" * 16)).outcome == "inconsistent"


def test_an_image_with_another_digest_is_not(tmp_path):
    found = check(tmp_path, image(md5=b"\1" * 16))
    assert found.outcome == "inconsistent"
    assert "MD5" in found.detail


def test_an_image_without_digest_is_not_checked(tmp_path):
    found = check(tmp_path, image(digest=False))
    assert found.outcome == "not_checked"
    assert "no digest" in found.detail


def test_a_set_without_its_end_is_not_checked(tmp_path):
    assert "segments are missing" in check(tmp_path, image(end=b"next")).detail
    assert "segments are missing" in check(tmp_path, image(number=2)).detail


def test_other_files_are_no_containers(tmp_path):
    for data in (b"", b"PK\3\4", MEDIUM, MAGIC[:7]):
        assert check(tmp_path, data) is None


@pytest.mark.parametrize("magic", [b"EVF2\x0d\x0a\x81\x00", b"LVF\x09\x0d\x0a\xff\x00"])
def test_formats_that_are_only_stored_say_so(tmp_path, magic):
    found = check(tmp_path, magic + b"x" * 100)
    assert found.outcome == "not_checked"
    assert found.format != "EWF-E01"


def test_every_cut_is_told_apart_from_soundness(tmp_path):
    data = image()
    for end in range(8, len(data), 97):
        assert check(tmp_path, data[:end]).outcome != "consistent"


def test_no_flipped_bit_of_the_medium_goes_unnoticed(tmp_path):
    for packed in (True, False):
        data, random_ = image(packed=packed), random.Random(1)
        first = data.index(b"sectors") + 76
        for _ in range(60):
            place = random_.randrange(first, data.index(b"table\0\0") - 1)
            changed = bytearray(data)
            changed[place] ^= 1 << random_.randrange(8)
            assert check(tmp_path, bytes(changed)).outcome == "inconsistent"


def test_a_bomb_is_read_no_further_than_its_chunk(tmp_path):
    data = image(bytes(64 * 512))
    bomb = zlib.compress(bytes(50_000_000))
    place = data.index(b"sectors") + 76
    assert check(tmp_path, data[:place] + bomb + data[place + len(bomb) :]).outcome


def test_a_table_that_points_beyond_any_file_is_damage(tmp_path):
    for base in (len(MEDIUM) * 9, 1 << 50, (1 << 64) - 1):
        assert check(tmp_path, image(table=base)).outcome == "inconsistent"


@given(place=st.integers(0, 5_000), patch=st.binary(min_size=1, max_size=16))
def test_no_damage_leaks_an_error(tmp_path_factory, place, patch):
    data = image(MEDIUM[: 512 * 80])
    changed = data[:place] + patch + data[place + len(patch) :]
    found = check(tmp_path_factory.mktemp("damaged"), changed)
    assert found is None or found.outcome in {"consistent", "inconsistent", "not_checked"}


@pytest.mark.shared
def test_every_shared_image_is_consistent():
    images = shared_files("data", "disk-images", pattern="*.E01")
    for path in images:
        assert check_container(find_segments(path).paths).outcome == "consistent", path.name


@pytest.mark.shared
def test_the_published_digest_of_the_split_image_is_found():
    path = shared_path("data", "disk-images", "ext2.split.E02")
    found = check_container(find_segments(path).paths)
    assert dict(found.computed)["md5"] == "196066add11fb71c4c49cf1bb50d6d24"


@pytest.mark.shared
@pytest.mark.thirdparty
def test_ewfverify_agrees(tmp_path):
    ewfverify = program("ewfverify")
    for path in shared_files("data", "disk-images", pattern="*.E01"):
        done = subprocess.run([ewfverify, "-q", path], capture_output=True, text=True, check=False)
        assert done.returncode == 0
        found = dict(check_container(find_segments(path).paths).computed)
        assert found["md5"] in re.findall(r"[0-9a-f]{32}", done.stdout)
    damaged = Path(shutil.copy(shared_path("data", "disk-images", "ext2.E01"), tmp_path))
    with damaged.open("r+b") as file:
        file.seek(5000)
        file.write(b"XXXX")
    done = subprocess.run([ewfverify, "-q", damaged], capture_output=True, check=False)
    assert done.returncode != 0
    assert check_container([damaged]).outcome == "inconsistent"
