"""Rows that are made when they are read: a sequence, by its length and its rows in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar, overload

Row = TypeVar("Row")


class UnmadeRows(Sequence[Row], Generic[Row]):
    """A sequence whose makers say `__len__` and `__iter__`. Equal to any sequence of the same rows."""

    __slots__ = ()

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Row]: ...

    def __getitem__(self, at: int | slice) -> Row | Sequence[Row]:
        return tuple(self)[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]
