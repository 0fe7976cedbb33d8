"""What every expression does with columns: a function once a distinct text, and runs of rows laid out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from pipelines.parsing.path_tables import INT, Array, Batch
from pipelines.validation.compiled.evaluation.not_compilable import TooManyPairs

PAIRS_MAX = 10_000_000
"""Pairs of nodes held at once: a document that pairs all its nodes with all must not fill the memory."""


_UNKNOWN = np.iinfo(INT).min


def by_distinct(batch: Batch, key: object, function: Callable[[list[str]], Sequence[int]], ids: Array) -> Array:
    """`function` of each string, an int32, asked once a distinct string and batch under the same key.

    Shape    `function` takes distinct strings together: a call for each of them would cost more than what it does.
    """
    return _looked_up(batch, key, lambda _numbers, texts: function(texts), ids)


def texts_by_distinct(batch: Batch, key: object, function: Callable[[list[str]], list[str]], ids: Array) -> Array:
    """As `by_distinct` for a function whose values are strings: their ids."""

    def put(numbers: list[int], texts: list[str]) -> list[int]:
        # What `Strings.put` does, without a call for each text.
        known, values, found = batch.strings.ids, batch.strings.values, []
        for number, text, made in zip(numbers, texts, function(texts), strict=True):
            if made is not text:
                place = known.get(made)
                if place is None:
                    place = known[made] = len(values)
                    values.append(made)
                found.append(place)
            else:
                found.append(number)
        return found

    return _looked_up(batch, key, put, ids)


def _looked_up(
    batch: Batch, key: object, function: Callable[[list[int], list[str]], Sequence[int]], ids: Array
) -> Array:
    known = batch.memo.get(key)
    size = len(batch.strings.values)
    if known is None or len(known) < size:
        grown = np.full(size + 1024, _UNKNOWN, INT)
        if known is not None:
            grown[: len(known)] = known
        known = batch.memo[key] = grown
    found: Array = known[ids]
    missing = found == _UNKNOWN
    if missing.any():
        numbers = distinct_ids(ids[missing], size)
        chosen, values = numbers.tolist(), batch.strings.values
        known[numbers] = function(chosen, [values[number] for number in chosen])
        found = known[ids]
    return found


def distinct_ids(ids: Array, size: int) -> Array:
    """The distinct ids, rising; `size` is above all of them. Marking them is faster than sorting them."""
    marks = np.zeros(size, bool)
    marks[ids] = True
    return marks.nonzero()[0]


def combinations(columns: list[Array]) -> tuple[list[Array], Array]:
    """The distinct rows of some columns of small numbers, as columns; and which of them each row is."""
    first, where = np.unique(columns[0], return_inverse=True)
    found, where = [first], where.reshape(-1)
    for column in columns[1:]:
        low = int(column.min(initial=0))
        keys, where = np.unique(where.astype(np.int64) << 32 | (column - low).astype(np.int64), return_inverse=True)
        found = [*(part[keys >> 32] for part in found), (keys & 0xFFFFFFFF) + low]
        where = where.reshape(-1)
    return found, where


def ragged(first: Array, counts: Array) -> Array:
    """The numbers first[0] .. first[0]+counts[0]-1, first[1] .. and so on, in one column.

    Errors   TooManyPairs beyond `PAIRS_MAX`: a document that pairs all its nodes with all must not fill the memory.
    """
    total = int(counts.sum())
    if total > PAIRS_MAX:
        raise TooManyPairs("more pairs of nodes than are held in memory")
    if total == 0:
        return np.zeros(0, INT)
    return np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(total)
