# SPDX-License-Identifier: Apache-2.0
"""For every size: proofs verify, and only they do; the tree is that of the RFC's definition."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Invalid, Unverified
from comity.ledger import merkle, tiles
from comity.ledger.storage import MemoryStorage

LEAVES = [merkle.leaf_hash(b"leaf %d" % number) for number in range(1_100)]
sizes = st.integers(1, 300)


@cache
def by_definition(start: int, end: int) -> bytes:
    """RFC 6962 section 2.1, word for word: split at the largest power of two below n."""
    if start == end:
        return hashlib.sha256(b"").digest()
    if end - start == 1:
        return LEAVES[start]
    k = 1
    while k * 2 < end - start:
        k *= 2
    return hashlib.sha256(
        b"\x01" + by_definition(start, start + k) + by_definition(start + k, end)
    ).digest()


def node(level: int, index: int) -> bytes:
    return by_definition(index << level, (index + 1) << level)


def flip(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_the_root_of_every_size_to_300() -> None:
    for size in range(301):
        assert merkle.root_of(LEAVES[:size]) == by_definition(0, size)
        assert merkle.range_hash(node, 0, size) == by_definition(0, size)


def test_every_inclusion_proof_to_size_70() -> None:
    for size in range(1, 71):
        root = by_definition(0, size)
        for index in range(size):
            hashes = merkle.inclusion_proof(node, index=index, size=size)
            arguments = {"index": index, "size": size, "hashes": hashes, "root": root}
            merkle.verify_inclusion(leaf=LEAVES[index], **arguments)
            for other in {0, index - 1, index + 1, size} - {index}:
                with pytest.raises(Unverified):
                    merkle.verify_inclusion(leaf=LEAVES[index], **(arguments | {"index": other}))


def test_every_consistency_proof_to_size_70() -> None:
    for size in range(71):
        for old in range(size + 1):
            hashes = merkle.consistency_proof(node, old_size=old, size=size)
            merkle.verify_consistency(
                old_size=old,
                old_root=by_definition(0, old),
                size=size,
                root=by_definition(0, size),
                hashes=hashes,
            )


@given(size=sizes, data=st.data())
def test_no_bit_of_an_inclusion_proof_may_change(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = merkle.inclusion_proof(node, index=index, size=size)
    whole = [LEAVES[index], by_definition(0, size), *hashes]
    at, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 255))
    whole[at] = flip(whole[at], bit)
    with pytest.raises(Unverified):
        merkle.verify_inclusion(
            leaf=whole[0], index=index, size=size, hashes=whole[2:], root=whole[1]
        )


@given(size=sizes, data=st.data())
def test_no_other_number_of_hashes_is_a_proof(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = merkle.inclusion_proof(node, index=index, size=size)
    wrong = [*hashes, data.draw(st.binary(min_size=32, max_size=32))]
    for each in (wrong, wrong[::-1], hashes[:-1] if hashes else wrong):
        with pytest.raises(Unverified):
            merkle.verify_inclusion(
                leaf=LEAVES[index], index=index, size=size, hashes=each, root=by_definition(0, size)
            )


@given(size=st.integers(2, 300), data=st.data())
def test_no_bit_of_a_consistency_proof_may_change(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    hashes = merkle.consistency_proof(node, old_size=old, size=size)
    whole = [by_definition(0, old), by_definition(0, size), *hashes]
    at, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 255))
    whole[at] = flip(whole[at], bit)
    with pytest.raises(Unverified):
        merkle.verify_consistency(
            old_size=old, old_root=whole[0], size=size, root=whole[1], hashes=whole[2:]
        )


@given(size=st.integers(2, 300), data=st.data())
def test_a_rewritten_past_is_never_consistent(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, old - 1))
    leaves = [*LEAVES[:changed], merkle.leaf_hash(b"another"), *LEAVES[changed + 1 : size]]

    def rewritten(level: int, index: int) -> bytes:
        return merkle.root_of(leaves[index << level : (index + 1) << level])

    with pytest.raises(Unverified):
        merkle.verify_consistency(
            old_size=old,
            old_root=by_definition(0, old),
            size=size,
            root=merkle.root_of(leaves),
            hashes=merkle.consistency_proof(rewritten, old_size=old, size=size),
        )


@given(size=sizes, data=st.data())
def test_a_node_is_never_a_leaf(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = merkle.inclusion_proof(node, index=index, size=size)
    if not hashes:
        return
    # The parent of the leaf, offered as a leaf one level up: RFC 6962's second preimage.
    parent = LEAVES[index] + hashes[0]
    with pytest.raises(Unverified):
        merkle.verify_inclusion(
            leaf=merkle.leaf_hash(parent),
            index=index // 2,
            size=(size + 1) // 2,
            hashes=hashes[1:],
            root=by_definition(0, size),
        )


@given(size=st.integers(1, 200), data=st.data())
def test_every_subtree_is_consistent_with_its_tree(size: int, data: st.DataObject) -> None:
    end = data.draw(st.integers(1, size))
    starts = [start for start in range(end) if merkle.is_subtree(start, end)]
    start = data.draw(st.sampled_from(starts))
    subtree = by_definition(start, end)
    index = data.draw(st.integers(start, end - 1))
    merkle.verify_inclusion(
        leaf=LEAVES[index],
        index=index - start,
        size=end - start,
        hashes=[by_definition(start + a, start + b) for a, b in _path(index - start, end - start)],
        root=subtree,
    )


def _path(index: int, size: int) -> list[tuple[int, int]]:
    """The sibling ranges of RFC 6962's PATH, from the leaf up."""
    if size == 1:
        return []
    k = 1
    while k * 2 < size:
        k *= 2
    if index < k:
        return [*_path(index, k), (k, size)]
    return [(a + k, b + k) for a, b in _path(index - k, size - k)] + [(0, k)]


def test_sizes_and_indexes_beyond_all_bounds() -> None:
    root = by_definition(0, 3)
    for index, size in ((0, 0), (3, 3), (-1, 3), (2**63, 2**63), (2**64 - 1, 1)):
        with pytest.raises(Unverified):
            merkle.verify_inclusion(leaf=LEAVES[0], index=index, size=size, hashes=[], root=root)
    with pytest.raises(Unverified):
        merkle.inclusion_proof(node, index=3, size=3)
    with pytest.raises(Unverified):
        merkle.consistency_proof(node, old_size=4, size=3)
    with pytest.raises(Unverified):
        merkle.verify_consistency(old_size=0, old_root=root, size=3, root=root, hashes=[])


def hash_tiles(size: int) -> Iterator[tiles.Tile]:
    """Every hash tile of a tree of `size`, level by level."""
    for level in range(8):
        for index in range(((size >> 8 * level) + 255) >> 8):
            yield tiles.tile_at(level, index, size=size)


@given(steps=st.lists(st.integers(0, 400), max_size=6))
def test_tiles_grow_to_the_same_tree_by_any_steps(steps: list[int]) -> None:
    storage = MemoryStorage()
    size = 0
    for step in steps:
        new = LEAVES[size : min(size + step, len(LEAVES))]
        storage.write_tiles(
            tiles.grow(storage.read_tile, size=size, leaves=new), size=size + len(new)
        )
        size += len(new)
    node_of = tiles.TileHashes(storage.read_tile, held=storage.integrated, cached=2).node
    for smaller in {0, 1, size // 3, size - 1, size} - {-1}:
        if smaller <= size:
            assert merkle.range_hash(node_of, 0, smaller) == by_definition(0, smaller)
    expected = set(hash_tiles(size))
    assert expected <= set(storage._tiles)
    assert sum(tile.width for tile in expected if tile.level == 0) == size


def test_a_small_cache_forgets_and_finds_again() -> None:
    storage = MemoryStorage()
    storage.write_tiles(tiles.grow(storage.read_tile, size=0, leaves=LEAVES[:1_100]), size=1_100)
    node_of = tiles.TileHashes(storage.read_tile, held=storage.integrated, cached=2).node
    for _ in range(2):
        for index in range(0, 1_100, 64):
            assert node_of(0, index) == LEAVES[index]
    assert merkle.range_hash(node_of, 0, 1_100) == merkle.root_of(LEAVES[:1_100])


@given(st.integers(0, 10**9), st.integers(-1, 63), st.integers(1, 256))
def test_every_tile_path_reads_back(index: int, level: int, width: int) -> None:
    tile = tiles.Tile(level, index, width)
    assert tiles.parse_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile",
        "tile/0/0",
        "tile/0/1000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000/",
        "tile/0/../000",
        "tile/entries/000.p/٣",
        "tile/0/" + "x001/" * 20 + "000",
        "tile/0/x009/x223/x372/x036/x854/x775/808",
        "TILE/0/000",
        "tile/0/000\n",
    ],
)
def test_what_is_no_tile_path(path: str) -> None:
    with pytest.raises(Invalid) as refused:
        tiles.parse_path(path)
    assert refused.value.code == "ledger.tile_path"


def test_the_paths_of_the_specification() -> None:
    assert tiles.Tile(0, 1_234_067).path == "tile/0/x001/x234/067"
    level0 = [tile for tile in hash_tiles(70_000) if tile.level == 0]
    level1 = [tile for tile in hash_tiles(70_000) if tile.level == 1]
    level2 = [tile for tile in hash_tiles(70_000) if tile.level == 2]
    assert [tile.width for tile in level0] == [256] * 273 + [112]
    assert [tile.width for tile in level1] == [256, 17]
    assert [tile.width for tile in level2] == [1]
    assert list(hash_tiles(256)) == [tiles.Tile(0, 0), tiles.Tile(1, 0, 1)]
    assert list(hash_tiles(0)) == []


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=256))
def test_bundles_read_back(entries: list[bytes]) -> None:
    tile = tiles.Tile(tiles.ENTRIES, 0, len(entries))
    assert tiles.read_bundle(tile, tiles.write_bundle(entries)) == entries


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=20), st.data())
def test_a_bundle_of_another_length_is_refused(entries: list[bytes], data: st.DataObject) -> None:
    whole = tiles.write_bundle(entries)
    tile = tiles.Tile(tiles.ENTRIES, 0, len(entries))
    cut = data.draw(st.integers(0, len(whole) - 1))
    for wrong in (whole[:cut], whole + b"\0", whole + b"\0\0"):
        with pytest.raises(Unverified):
            tiles.read_bundle(tile, wrong)


def test_what_tiles_refuse() -> None:
    with pytest.raises(Invalid):
        tiles.write_bundle([bytes(65_536)])
    with pytest.raises(Unverified):
        tiles.read_tile(tiles.Tile(0, 0, 2), bytes(32))
    with pytest.raises(Invalid):
        tiles.tile_at(0, 1, size=256)
    storage = MemoryStorage()
    storage.write_tiles(tiles.grow(storage.read_tile, size=0, leaves=LEAVES[:3]), size=3)
    node_of = tiles.TileHashes(storage.read_tile, held=storage.integrated).node
    for level, index in ((0, 3), (1, 1), (2, 0), (8, 0), (0, 300)):
        with pytest.raises(Invalid):
            node_of(level, index)
