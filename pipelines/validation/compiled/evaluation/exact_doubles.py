"""Decimals cast from doubles: `xs:decimal(amount - 1)` is the exact value of a double, with some fifty digits.

Such a decimal stays a column of doubles as long as it is only compared: doubles decide, and where two are too near to
each other to tell, fractions do. Everything else works on fractions from the start.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from pipelines.parsing.path_tables import Array
from pipelines.validation.compiled.evaluation.values import DECIMAL, Value

_NEAR = 1e-14
"""Relative: some thirty times what a decimal of ours may lose when it becomes a double."""


def is_exact_double(value: Value) -> bool:
    """Whether a decimal is kept as a column of doubles."""
    return value.kind == DECIMAL and isinstance(value.data, np.ndarray) and value.data.dtype == np.float64


def as_fractions(value: Value) -> Value:
    """The value with fractions where it holds decimals kept as doubles."""
    if not is_exact_double(value):
        return value
    data = np.empty(len(value.data), object)
    data[:] = [Fraction(item) for item in value.data.tolist()]
    return Value(DECIMAL, value.size, data, its=value.its, errors=value.errors)


def compared(compare: Callable[[Any, Any], Any], first: Any, first_scale: int, second: Any, second_scale: int) -> Array:
    """The comparison of two columns of decimals, at least one of which is kept as doubles.

    Shape    integers or doubles, a number in place of a column when it is constant.
    """
    left, right = np.broadcast_arrays(first / 10.0**first_scale, second / 10.0**second_scale)
    found = np.asarray(compare(left, right), bool)
    near = np.flatnonzero(np.abs(left - right) <= _NEAR * (np.abs(left) + np.abs(right)))
    if len(near):
        firsts, seconds = (
            [Fraction(item) / 10**scale for item in np.broadcast_to(data, left.shape)[near].tolist()]
            for data, scale in ((first, first_scale), (second, second_scale))
        )
        found[near] = [bool(compare(a, b)) for a, b in zip(firsts, seconds, strict=True)]
    return found
