"""Rows of tables, made column by column: at once, or when they are read.

Columns are a tenth of the size of rows as Python values. Rows that are read once, or not at all, stay columns until
then; what was made of the last columns read is kept within a bound.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import polars as pl

from pipelines.unmade_rows import Row, UnmadeRows

ROWS_KEPT = 200_000
"""Rows kept as Python values, about 0.6 kB each: all lines of most flows. A longer flow makes them anew."""


def dicts(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows, as `iter_rows(named=True)` gives them. Equal texts, and equal lists of texts, are one object."""
    names = frame.columns
    return (dict(zip(names, row, strict=True)) for row in zip(*_lists(frame), strict=True))


class RowColumns:
    """The rows of one table, as columns. What is made of them is kept by `made`."""

    def __init__(self, frame: pl.DataFrame, made: Made) -> None:
        self._made = made
        self._frame = frame if frame["position"].is_sorted() else frame.sort("position", maintain_order=True)
        self.names = frame.columns

    def by_position(self) -> dict[int, Rows[Any]]:
        """The rows of each position that has some, unmade."""
        runs = self._frame["position"].rle().struct.unnest()
        found, start = {}, 0
        for count, position in zip(runs["len"].to_list(), runs["value"].to_list(), strict=True):
            found[position] = Rows[Any](self, start, start + count)
            start += count
        return found

    def values(self) -> list[list[Any]]:
        """The columns as Python values, kept for a while."""
        return self._made.of(self, self._frame)


class Rows(UnmadeRows[Row]):
    """Consecutive rows of columns, each a dict."""

    __slots__ = ("_columns", "_end", "_start")

    def __init__(self, columns: RowColumns | None, start: int, end: int) -> None:
        self._columns, self._start, self._end = columns, start, end

    def __len__(self) -> int:
        return self._end - self._start

    def __iter__(self) -> Iterator[Row]:
        if self._columns is None:
            return
        names = self._columns.names
        columns = [column[self._start : self._end] for column in self._columns.values()]
        for row in zip(*columns, strict=True):
            yield dict(zip(names, row, strict=True))  # type: ignore[misc]


NO_ROWS = Rows[Any](None, 0, 0)


class Made:
    """Columns as Python values: the last ones read, up to so many rows; at least the very last."""

    def __init__(self, rows_max: int = ROWS_KEPT) -> None:
        self._rows_max = rows_max
        self._rows = 0
        self._kept: OrderedDict[int, tuple[RowColumns, list[list[Any]]]] = OrderedDict()

    def of(self, columns: RowColumns, frame: pl.DataFrame) -> list[list[Any]]:
        known = self._kept.get(id(columns))
        if known is not None:
            self._kept.move_to_end(id(columns))
            return known[1]
        made = _lists(frame)
        self._kept[id(columns)] = (columns, made)
        self._rows += frame.height
        while self._rows > self._rows_max and len(self._kept) > 1:
            _, (_, forgotten) = self._kept.popitem(last=False)
            self._rows -= len(forgotten[0])
        return made


def _lists(frame: pl.DataFrame) -> list[list[Any]]:
    return [_made(frame[name]) for name in frame.columns]


def _made(column: pl.Series) -> list[Any]:
    values = column.to_list()
    if column.dtype == pl.String:
        known: dict[str, str] = {}
        return [value if value is None else known.setdefault(value, value) for value in values]
    if column.dtype == pl.List:
        lists: dict[tuple[Any, ...], list[Any]] = {}
        return [lists.setdefault(tuple(value), value) for value in values]
    return values
