# SPDX-License-Identifier: Apache-2.0
"""Trees and proofs of three other implementations: same roots, same verdicts."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache

import pytest

from comity.errors import Unverified
from comity.ledger import merkle, tiles
from comity.ledger.storage import MemoryStorage
from support.shared import shared_path

pytestmark = pytest.mark.shared
FOLDER = shared_path("vectors", "ledger", "merkle")


def lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (FOLDER / name).read_text().splitlines()]


def decoded(values: list[str] | None) -> list[bytes]:
    return [base64.b64decode(value) for value in values or []]


def verdict(call, **arguments) -> bool:
    try:
        call(**arguments)
    except Unverified:
        return False
    return True


@pytest.mark.parametrize("case", lines("inclusion.jsonl"), ids=lambda case: case["id"])
def test_inclusion(case: dict) -> None:
    accepted = verdict(
        merkle.verify_inclusion,
        leaf=base64.b64decode(case["leafHash"]),
        index=case["leafIdx"],
        size=case["treeSize"],
        hashes=decoded(case["proof"]),
        root=base64.b64decode(case["root"]),
    )
    assert accepted is not case["wantErr"]


@pytest.mark.parametrize("case", lines("consistency.jsonl"), ids=lambda case: case["id"])
def test_consistency(case: dict) -> None:
    accepted = verdict(
        merkle.verify_consistency,
        old_size=case["size1"],
        old_root=base64.b64decode(case["root1"]),
        size=case["size2"],
        root=base64.b64decode(case["root2"]),
        hashes=decoded(case["proof"]),
    )
    assert accepted is not case["wantErr"]


def subtree_inclusion(*, leaf, index, start, end, hashes, subtree) -> None:
    """Inclusion in D[start:end] is inclusion in a tree of its own."""
    if not merkle.is_subtree(start, end) or not start <= index < end:
        raise Unverified("merkle.subtree", "no such subtree, or no such leaf in it")
    merkle.verify_inclusion(
        leaf=leaf, index=index - start, size=end - start, hashes=hashes, root=subtree
    )


@pytest.mark.parametrize("case", lines("subtreeinclusion.jsonl"), ids=lambda case: case["id"])
def test_inclusion_in_a_subtree(case: dict) -> None:
    accepted = verdict(
        subtree_inclusion,
        leaf=base64.b64decode(case["leafHash"]),
        index=case["leafIdx"],
        start=case["start"],
        end=case["end"],
        hashes=decoded(case["proof"]),
        subtree=base64.b64decode(case["root"]),
    )
    assert accepted is not case["wantErr"]


@pytest.mark.parametrize("case", lines("subtreeconsistency.jsonl"), ids=lambda case: case["id"])
def test_consistency_of_a_subtree(case: dict) -> None:
    accepted = verdict(
        merkle.verify_subtree_consistency,
        start=case["start"],
        end=case["end"],
        subtree=base64.b64decode(case["root1"]),
        size=case["size"],
        root=base64.b64decode(case["root2"]),
        hashes=decoded(case["proof"]),
    )
    assert accepted is not case["wantErr"]


def test_the_classic_tree_of_eight_leaves() -> None:
    tree = json.loads((FOLDER / "reference-tree.json").read_text())
    hashes = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in tree["leaf_inputs_hex"]]
    roots = [merkle.root_of(hashes[:size]).hex() for size in range(9)]
    assert roots == tree["roots_hex_by_size"]


@cache
def go_tree() -> tuple[dict, tiles.TileHashes, MemoryStorage, list[bytes]]:
    """Return the vectors of golang.org/x/mod, and the same tree of 70,000 leaves, ours."""
    vectors = json.loads((FOLDER / "xmod-tree.json").read_text())
    leaves = [merkle.leaf_hash(b"shared-leaf-%d" % number) for number in range(vectors["size_max"])]
    storage = MemoryStorage()
    storage.write_tiles(
        tiles.grow(storage.read_tile, size=0, leaves=leaves), size=vectors["size_max"]
    )

    hashes = tiles.TileHashes(storage.read_tile, held=lambda: vectors["size_max"])
    return vectors, hashes, storage, leaves


def test_roots_of_the_go_implementation() -> None:
    vectors, hashes, _, _ = go_tree()
    assert len(vectors["roots"]) > 300
    for size, root in vectors["roots"].items():
        found = merkle.range_hash(hashes.node, 0, int(size))
        assert base64.b64encode(found).decode() == root


def test_inclusion_proofs_of_the_go_implementation() -> None:
    vectors, hashes, _, leaves = go_tree()
    for case in vectors["inclusion"]:
        proof = merkle.inclusion_proof(hashes.node, index=case["index"], size=case["size"])
        assert proof == decoded(case["proof"])
        assert leaves[case["index"]] == base64.b64decode(case["leaf_hash"])
        merkle.verify_inclusion(
            leaf=leaves[case["index"]],
            index=case["index"],
            size=case["size"],
            hashes=proof,
            root=base64.b64decode(case["root"]),
        )


def test_consistency_proofs_of_the_go_implementation() -> None:
    vectors, hashes, _, _ = go_tree()
    for case in vectors["consistency"]:
        proof = merkle.consistency_proof(hashes.node, old_size=case["size1"], size=case["size2"])
        assert proof == decoded(case["proof"])
        merkle.verify_consistency(
            old_size=case["size1"],
            old_root=base64.b64decode(case["root1"]),
            size=case["size2"],
            root=base64.b64decode(case["root2"]),
            hashes=proof,
        )


def test_tiles_of_the_go_implementation() -> None:
    vectors, _, storage, _ = go_tree()
    for case in vectors["tiles"]:
        tile = tiles.Tile(case["level"], case["n"], case["width"])
        assert tile.width <= tiles.tile_at(tile.level, tile.index, size=case["tree_size"]).width
        assert case["sumdb_path"] == tile.path.replace("tile/", "tile/8/", 1)
        assert tiles.parse_path(tile.path) == tile
        # A tile only grows: the narrower one is the beginning of the one we hold.
        held = tiles.tile_at(tile.level, tile.index, size=vectors["size_max"])
        data = storage.read_tile(held)[: 32 * tile.width]
        assert hashlib.sha256(data).hexdigest() == case["sha256_of_tile_bytes"]
    assert len(vectors["tiles"]) > 600
