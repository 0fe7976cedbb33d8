"""Merkle trees: every leaf has its path, and a path holds for nothing else."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from pipelines.evidence.merkle import leaf_hash, path_of, root_by, root_of

_LEAVES = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


def _by_definition(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word by word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + _by_definition(leaves[:half]) + _by_definition(leaves[half:])).digest()


@given(_LEAVES, st.data())
def test_every_leaf_leads_to_the_root_by_its_path(leaves: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(leaves) - 1))
    root, path = root_of(leaves), path_of(leaves, place)
    assert root == _by_definition(leaves)
    assert root_by(leaves[place], place, len(leaves), path) == root
    assert len(path) <= max(len(leaves) - 1, 0).bit_length()


@given(_LEAVES, st.data())
def test_a_path_holds_for_nothing_else(leaves: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(leaves) - 1))
    root, path = root_of(leaves), path_of(leaves, place)
    other = data.draw(st.binary(max_size=8).filter(lambda value: value != leaves[place]))
    assert root_by(other, place, len(leaves), path) != root
    elsewhere = data.draw(st.integers(0, len(leaves) + 3).filter(lambda value: value != place))
    if elsewhere >= len(leaves) or leaves[elsewhere] != leaves[place]:
        assert root_by(leaves[place], elsewhere, len(leaves), path) != root
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        changed = [*path[:at], hashlib.sha256(path[at]).digest(), *path[at + 1 :]]
        assert root_by(leaves[place], place, len(leaves), changed) != root
        assert root_by(leaves[place], place, len(leaves), path[:-1]) != root
    assert root_by(leaves[place], place, len(leaves), [*path, b"\0" * 32]) != root


@given(_LEAVES)
def test_a_root_changes_with_order_number_and_kind(leaves: list[bytes]) -> None:
    root = root_of(leaves)
    assert root_of([*leaves, b""]) != root
    assert root_of(leaves[1:]) != root
    if leaves != leaves[::-1]:
        assert root_of(leaves[::-1]) != root
    # A node is no leaf: two leaves cannot be passed off as one.
    if len(leaves) == 2:
        assert leaf_hash(leaf_hash(leaves[0]) + leaf_hash(leaves[1])) != root
