# SPDX-License-Identifier: Apache-2.0
"""Names are kept where they survive, and made safe where they would not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Invalid
from comity.evidence.names import MAX_NAME_BYTES, check_path, collision_key, stored_name

KEPT = [
    "disk.E01",
    "with space.raw",
    "سجل الأدلة.txt",
    "証拠.dd",
    "Улика №4.raw",
    "é.raw",
    unicodedata.normalize("NFD", "é.raw"),
    "🖴.img",
    "a=3D.raw",
    "-rf",
    ".hidden",
    "CON",
    "what?*.raw",
    "می‌خواهم.txt",
    "x" * 255,
]
CHANGED = [
    (b"caf\xe9.raw", "caf=E9.raw"),
    (b"50%.raw", "50=25.raw"),
    (b"a\nb", "a=0Ab"),
    (b"back\\slash", "back=5Cslash"),
    (b"end ", "end=20"),
    (b" begin", "=20begin"),
    (b"\x1b[2J", "=1B[2J"),
    ("a\u202egnp.exe".encode(), "a=E2=80=AEgnp.exe"),
]


@pytest.mark.parametrize("name", KEPT)
def test_a_name_that_survives_is_kept(name):
    assert stored_name(name.encode()) == name
    assert check_path(f"data/{name}")


@pytest.mark.parametrize(("original", "stored"), CHANGED)
def test_a_name_that_would_not_survive_is_escaped(original, stored):
    assert stored_name(original) == stored
    with pytest.raises(Invalid):
        check_path(original.decode("utf-8", "surrogateescape"))


@given(st.binary(min_size=1, max_size=255))
def test_every_name_has_a_safe_stored_form(original):
    stored = stored_name(original)
    assert check_path(stored) == stored
    assert "/" not in stored
    assert len(stored.encode()) <= MAX_NAME_BYTES


@given(st.lists(st.binary(min_size=200, max_size=255), min_size=2, max_size=2, unique=True))
def test_names_cut_short_still_differ(originals):
    first, second = map(stored_name, originals)
    assert first != second


def test_names_that_another_file_system_would_merge_have_one_key():
    for one, other in [
        ("Disk.RAW", "disk.raw"),
        ("é", unicodedata.normalize("NFD", "é")),
        ("É", unicodedata.normalize("NFD", "é")),
        ("straße", "STRASSE"),
    ]:
        assert collision_key(one) == collision_key(other)
    assert collision_key("a1") != collision_key("a2")


@pytest.mark.parametrize(
    "path", ["", ".", "..", "a/../b", "/a", "a/", "a//b", "x" * 256, "a/" * 13 + "b", "\ud800"]
)
def test_no_path_leads_elsewhere(path):
    with pytest.raises(Invalid) as caught:
        check_path(path)
    assert caught.value.code == "name.unsafe"
