"""What every expression does with columns: a function once a distinct text, and runs of rows laid out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipelines.parsing.path_tables import INT, Array, Batch
from pipelines.validation.compiled.not_compilable import NotDecided

PAIRS_MAX = 10_000_000
"""Pairs of nodes held at once: a document that pairs all its nodes with all must not fill the memory."""


def by_distinct(batch: Batch, key: object, function: Callable[[str], int], ids: Array) -> Array:
    """`function` of each string, called once a distinct string and batch under the same key. Its value is an int32."""
    known = batch.memo.get(key)
    size = len(batch.strings.values)
    if known is None or len(known) < size:
        grown = np.full(size + 1024, _UNKNOWN, INT)
        if known is not None:
            grown[: len(known)] = known
        known = batch.memo[key] = grown
    found = known[ids]
    missing = found == _UNKNOWN
    if missing.any():
        values = batch.strings.values
        for number in distinct_ids(ids[missing], size):
            known[number] = function(values[number])
        found = known[ids]
    return found


def distinct_ids(ids: Array, size: int) -> list[int]:
    """The distinct ids, rising; `size` is above all of them. Marking them is faster than sorting them."""
    marks = np.zeros(size, bool)
    marks[ids] = True
    found: list[int] = np.flatnonzero(marks).tolist()
    return found


_UNKNOWN = np.iinfo(INT).min


def ragged(first: Array, counts: Array) -> Array:
    """The numbers first[0] .. first[0]+counts[0]-1, first[1] .. and so on, in one column.

    Errors   NotDecided beyond `PAIRS_MAX`: a document that pairs all its nodes with all must not fill the memory.
    """
    total = int(counts.sum())
    if total > PAIRS_MAX:
        raise NotDecided("more pairs of nodes than are held in memory")
    if total == 0:
        return np.zeros(0, INT)
    return np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(total)
