"""Merkle trees: one root over many leaves, and short proofs that a leaf is among them. Pure.

Shape    a leaf is hashed after the byte 0, a node after the byte 1, so that neither can pass for the other; a tree of n
         leaves is split at the largest power of two below n. No leaf: the hash of nothing.
Source   RFC 9162, 2.1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

_LEAF, _NODE = b"\0", b"\1"


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(_LEAF + data).digest()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaves, in order. Cost: one pass; memory grows with the logarithm of their number."""
    stack: list[tuple[int, bytes]] = []  # complete subtrees, by height, ever lower
    for data in leaves:
        height, node = 0, leaf_hash(data)
        while stack and stack[-1][0] == height:
            node = _node(stack.pop()[1], node)
            height += 1
        stack.append((height, node))
    if not stack:
        return hashlib.sha256().digest()
    _, root = stack.pop()
    while stack:
        root = _node(stack.pop()[1], root)
    return root


def path_of(leaves: Sequence[bytes], place: int) -> list[bytes]:
    """The hashes that lead from the leaf at `place` to the root, the nearest first. Cost: one pass."""
    assert 0 <= place < len(leaves), f"no leaf {place} of {len(leaves)}"
    if len(leaves) == 1:
        return []
    half = _split(len(leaves))
    if place < half:
        return [*path_of(leaves[:half], place), root_of(leaves[half:])]
    return [*path_of(leaves[half:], place - half), root_of(leaves[:half])]


def root_by(data: bytes, place: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a leaf at `place` of `size` leads to by a path; None if no such path can be."""
    if not 0 <= place < size:
        return None
    node, last = leaf_hash(data), size - 1
    for other in path:
        if last == 0:
            return None
        if place % 2 or place == last:
            node = _node(other, node)
            while place % 2 == 0 and place != 0:
                place, last = place >> 1, last >> 1
        else:
            node = _node(node, other)
        place, last = place >> 1, last >> 1
    return node if last == 0 else None


def _split(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()
