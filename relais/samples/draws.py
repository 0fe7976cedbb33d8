"""Draws: numbers that look random and are a pure function of their seed, the same on every machine for ever."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")

_MASK = 2**64 - 1
_STEP = 0x9E3779B97F4A7C15


class Draws:
    """A stream of draws. Two streams made from the same integers give the same draws, in the same order.

    Source: SplitMix64 (Steele, Lea, Flood, 2014), written out because no library promises its numbers across versions.
    """

    __slots__ = ("_state",)

    def __init__(self, *seeds: int) -> None:
        self._state = 0
        for seed in seeds:
            self._state = self._next() ^ (seed & _MASK)

    def _next(self) -> int:
        self._state = (self._state + _STEP) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)

    def below(self, bound: int) -> int:
        """An integer from 0 to `bound` - 1."""
        return self._next() % bound

    def between(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both possible."""
        return low + self._next() % (high - low + 1)

    def of(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[self._next() % len(items)]

    def one_in(self, odds: int) -> bool:
        """True once in `odds` draws, on average."""
        return self._next() % odds == 0
