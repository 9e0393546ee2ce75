# SPDX-License-Identifier: Apache-2.0
"""Blobs: stored once under their own digest, whole or not at all."""

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canonical.digest import sha256
from comity.errors import Conflict, Invalid, Unavailable, Unverified
from comity.evidence.blobs import LocalBlobStore

DATA = b"evidence" * 1000
DIGEST = sha256(DATA)


@pytest.fixture
def store(tmp_path):
    return LocalBlobStore(tmp_path / "blobs")


def leftovers(store):
    return list((store.root / "incoming").iterdir())


class Broken(io.BytesIO):
    """A source that fails in the middle, as a cable does."""

    def read(self, size=-1):
        if self.tell():
            raise OSError(5, "Input/output error")
        return super().read(min(size, 100))


def test_what_is_put_can_be_opened(store):
    blob = store.put(io.BytesIO(DATA), expected=DIGEST)
    assert (blob.sha256, blob.size) == (DIGEST, len(DATA))
    assert store.has(DIGEST)
    assert store.size(DIGEST) == len(DATA)
    with store.open(DIGEST) as file:
        assert file.read() == DATA
    assert leftovers(store) == []
    assert list(store.all()) == [DIGEST]


def test_the_same_bytes_are_stored_once(store):
    first = store.put(io.BytesIO(DATA))
    inode = store.path(DIGEST).stat().st_ino
    assert store.put(io.BytesIO(DATA)) == first
    assert store.path(DIGEST).stat().st_ino == inode


def test_other_bytes_than_expected_are_not_stored(store):
    with pytest.raises(Unverified) as caught:
        store.put(io.BytesIO(DATA + b"x"), expected=DIGEST)
    assert caught.value.code == "blob.digest_differs"
    assert list(store.all()) == []
    assert leftovers(store) == []


def test_a_source_that_fails_leaves_nothing(store):
    with pytest.raises(Unavailable) as caught:
        store.put(Broken(DATA))
    assert caught.value.code == "blob.storage"
    assert leftovers(store) == []


def test_more_than_the_limit_is_not_stored(store):
    with pytest.raises(Invalid) as caught:
        store.put(io.BytesIO(DATA), limit=len(DATA) - 1)
    assert caught.value.code == "blob.too_large"
    assert leftovers(store) == []
    store.put(io.BytesIO(DATA), limit=len(DATA))


def test_a_blob_that_is_not_there_is_said(store):
    for ask in (store.open, store.size):
        with pytest.raises(Unavailable) as caught:
            ask(DIGEST)
        assert caught.value.code == "blob.missing"
    assert not store.has(DIGEST)
    store.delete(DIGEST)


def test_a_deleted_blob_is_gone(store):
    store.put(io.BytesIO(DATA))
    store.delete(DIGEST)
    assert not store.has(DIGEST)


def test_a_digest_is_never_a_path(store):
    for wrong in ("../../etc/passwd", DIGEST.upper(), DIGEST[:-1], ""):
        with pytest.raises(Invalid):
            store.open(wrong)


def test_a_link_is_not_followed(store, tmp_path):
    (tmp_path / "secret").write_bytes(DATA)
    path = store.path(DIGEST)
    path.parent.mkdir()
    path.symlink_to(tmp_path / "secret")
    with pytest.raises(Unavailable):
        store.open(DIGEST)


def test_a_damaged_blob_is_not_covered_up(store):
    store.put(io.BytesIO(DATA))
    path = store.path(DIGEST)
    path.chmod(0o600)
    os.truncate(path, 10)
    with pytest.raises(Conflict) as caught:
        store.put(io.BytesIO(DATA))
    assert caught.value.code == "blob.damaged"


def test_what_a_power_cut_left_is_swept(store):
    (store.root / "incoming" / "half").write_bytes(b"x")
    assert store.sweep() == 1
    assert leftovers(store) == []


def test_a_full_disk_leaves_nothing(small_disk):
    store = LocalBlobStore(small_disk)
    with pytest.raises(Unavailable) as caught:
        store.put(io.BytesIO(bytes(3_000_000)))
    assert caught.value.code == "blob.disk_full"
    assert leftovers(store) == []
    store.put(io.BytesIO(DATA))


def test_progress_adds_up(store):
    moved = []
    store.put(io.BytesIO(bytes(3_000_000)), progress=moved.append)
    assert sum(moved) == 3_000_000
    assert len(moved) > 1


@given(st.binary(max_size=3000))
def test_a_blob_always_comes_back_as_it_was(tmp_path_factory, data):
    store = LocalBlobStore(tmp_path_factory.getbasetemp() / "blobs")
    blob = store.put(io.BytesIO(data), expected=sha256(data))
    with store.open(blob.sha256) as file:
        assert file.read() == data
