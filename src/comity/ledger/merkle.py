# SPDX-License-Identifier: Apache-2.0
"""Merkle trees of RFC 6962 over SHA-256: hashes, proofs and their verification.

Verification either returns or raises `Unverified`; there is no third outcome
and no boolean to forget. Making a proof takes a function that gives the hash
of any complete subtree, so the tree itself may be in memory, in tiles or in a
database.

A tree of n leaves D[0:n] has the hash MTH(D[0:n]) of RFC 6962 section 2.1. A
*node* (level, index) is the complete subtree over the leaves from
index * 2^level up to (index + 1) * 2^level.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from comity.errors import Unverified

#: The hash of the tree without leaves: SHA-256 of nothing (RFC 6962 section 2.1).
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
#: Longest consistency proof that a peer may send (C2SP tlog-witness).
MAX_PROOF_HASHES: Final = 63

#: Gives the hash of the complete subtree (level, index).
NodeReader: TypeAlias = Callable[[int, int], bytes]

_sha256 = hashlib.sha256


def leaf_hash(data: bytes) -> bytes:
    """Return SHA-256(0x00 || data), the hash of a leaf."""
    return _sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right), the hash of an inner node."""
    return _sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes held in memory."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        pairs = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        # An odd last node moves up unchanged: the same tree as RFC 6962's split at the
        # largest power of two.
        level = pairs + level[len(level) & ~1 :]
    return level[0]


def range_hash(node: NodeReader, start: int, end: int) -> bytes:
    """Return MTH(D[start:end]) for a range that is a subtree of some tree.

    `start` must be a multiple of the smallest power of two not below `end - start`.
    """
    if start == end:
        return EMPTY_ROOT
    width = end - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return node(level, start >> level)
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(node(level, start >> level))
        start += 1 << level
    result = parts.pop()
    while parts:
        result = node_hash(parts.pop(), result)
    return result


def inclusion_proof(node: NodeReader, *, index: int, size: int) -> list[bytes]:
    """Return PATH(index, D[0:size]), from the leaf's sibling up (RFC 6962 section 2.1.1)."""
    if not 0 <= index < size:
        raise Unverified("merkle.index", f"no leaf {index} in a tree of {size}")
    ranges = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return [range_hash(node, *one) for one in reversed(ranges)]


def consistency_proof(node: NodeReader, *, old_size: int, size: int) -> list[bytes]:
    """Return PROOF(old_size, D[0:size]) (RFC 6962 section 2.1.2); empty for size 0."""
    if not 0 <= old_size <= size:
        raise Unverified("merkle.size", f"a tree of {size} has no earlier size {old_size}")
    if old_size == 0:
        return []
    ranges = []
    start, end, whole = 0, size, True
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start, whole = middle, False
    if not whole:
        ranges.append((start, end))
    return [range_hash(node, *one) for one in reversed(ranges)]


def verify_inclusion(
    *, leaf: bytes, index: int, size: int, hashes: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf hash `leaf` is at `index` in the tree (`size`, `root`).

    RFC 9162 section 2.1.3.2. Raises `Unverified` otherwise.
    """
    if not 0 <= index < size or len(leaf) != len(EMPTY_ROOT):
        raise Unverified("merkle.index", f"no leaf {index} in a tree of {size}")
    position, last, result = index, size - 1, leaf
    for other in hashes:
        if last == 0:
            raise Unverified("merkle.inclusion", "the inclusion proof is too long")
        if position & 1 or position == last:
            result = node_hash(other, result)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            result = node_hash(result, other)
        position >>= 1
        last >>= 1
    if last != 0 or result != root:
        raise Unverified(
            "merkle.inclusion", f"the proof does not lead from leaf {index} to the root of {size}"
        )


def verify_consistency(
    *, old_size: int, old_root: bytes, size: int, root: bytes, hashes: Sequence[bytes]
) -> None:
    """Check that the tree (`size`, `root`) appends to the tree (`old_size`, `old_root`).

    RFC 9162 section 2.1.4.2 with C2SP tlog-witness's rules for size 0: the empty
    tree has one root, and nothing has to be proved from it.
    """
    for each_size, each_root in ((old_size, old_root), (size, root)):
        if each_size == 0 and each_root != EMPTY_ROOT:
            raise Unverified("merkle.empty_root", "a tree of size 0 with a root of its own")
    if old_size == 0:
        if size < 0 or hashes or len(root) != len(EMPTY_ROOT):
            raise Unverified("merkle.consistency", "from size 0 the proof must be empty")
        return
    verify_subtree_consistency(
        start=0, end=old_size, subtree=old_root, size=size, root=root, hashes=hashes
    )


def verify_subtree_consistency(
    *, start: int, end: int, subtree: bytes, size: int, root: bytes, hashes: Sequence[bytes]
) -> None:
    """Check that the subtree D[start:end] with hash `subtree` is in the tree (`size`, `root`).

    draft-ietf-plants-merkle-tree-certs section 4.4. With start 0 this is the
    consistency of two trees.
    """
    if start == end <= size and subtree == EMPTY_ROOT and not hashes:
        return  # an empty subtree is in every tree
    if not is_subtree(start, end) or end > size:
        raise Unverified("merkle.subtree", f"{start} to {end} is no subtree of a tree of {size}")
    first, last, top = start, end - 1, size - 1
    while first != last and (last == top or last & 1):
        first, last, top = first >> 1, last >> 1, top >> 1
    rest = list(hashes)
    # A subtree that is a node of the tree starts the proof itself.
    if first != last and not rest:
        raise Unverified("merkle.consistency", "the consistency proof is too short")
    seed = subtree if first == last else rest.pop(0)
    old, new = _climb((first, last, top), seed, rest)
    if old != subtree or new != root:
        raise Unverified(
            "merkle.consistency", f"the proof does not lead from size {end} to the root of {size}"
        )


def _climb(
    position: tuple[int, int, int], seed: bytes, hashes: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Return the hashes of subtree and tree that the proof yields (RFC 9162 section 2.1.4.2)."""
    first, last, top = position
    old = new = seed
    for other in hashes:
        if top == 0:
            raise Unverified("merkle.consistency", "the consistency proof is too long")
        if last & 1 or last == top:
            if first < last:
                old = node_hash(other, old)
            new = node_hash(other, new)
            while not last & 1:
                first, last, top = first >> 1, last >> 1, top >> 1
        else:
            new = node_hash(new, other)
        first, last, top = first >> 1, last >> 1, top >> 1
    if top != 0:
        raise Unverified("merkle.consistency", "the consistency proof is too short")
    return old, new


def is_subtree(start: int, end: int) -> bool:
    """Tell whether D[start:end] is a subtree of some tree: `start` aligned to its width."""
    return 0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0


def _split(size: int) -> int:
    """Return the largest power of two below `size` (RFC 6962's k); `size` is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)
