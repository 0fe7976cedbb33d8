"""Comparisons and arithmetic, with the typing of XPath 2.0."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from pipelines.parsing.path_tables import Array, Batch, Rows
from pipelines.validation.compiled.evaluation.casts import (
    EXACT,
    at_most_one,
    atoms,
    numeric,
    to_boolean,
    to_date,
    to_double,
)  # fmt: skip
from pipelines.validation.compiled.evaluation.columns import by_distinct, ragged
from pipelines.validation.compiled.evaluation.exact_doubles import as_fractions, compared, is_exact_double
from pipelines.validation.compiled.evaluation.not_compilable import NotDecided
from pipelines.validation.compiled.evaluation.values import (
    BOOLEAN,
    DATE,
    DECIMAL,
    DOUBLE,
    NUMBERS,
    STRING,
    TEXTS,
    UNTYPED,
    Errors,
    Value,
    either,
    marked,
)  # fmt: skip

_COLUMNS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
}  # fmt: skip
DOUBLES_WHOLE = 2**53
"""Below this, sums of whole numbers are exact as doubles too."""
_DIVISION_DIGITS = 18
_INVERSE_DIGITS_MAX = 6


def general(op: str, left: Value, right: Value, batch: Batch) -> Value:
    """`=`, `!=`, `<` ...: true when some pair of items compares so."""
    left, right = _same_type(atoms(left, batch), atoms(right, batch), batch)
    return _compared(op, left, right, batch)


def by_value(op: str, left: Value, right: Value, batch: Batch) -> Value:
    """`eq`, `le` ...: at most one item on each side, untyped text counts as string, empty gives empty."""
    left, right = _as_string(at_most_one(atoms(left, batch))), _as_string(at_most_one(atoms(right, batch)))
    if (left.kind in TEXTS) != (right.kind in TEXTS):
        raise NotDecided("eq between text and another type")
    left, right = _same_type(left, right, batch)
    found = _compared(op, left, right, batch)
    its = _pairs(left, right)[0]
    if its is None:
        return found
    return Value(BOOLEAN, found.size, found.data[its], its=its, errors=found.errors)


def _as_string(value: Value) -> Value:
    if value.kind != UNTYPED:
        return value
    return Value(STRING, value.size, value.data, its=value.its, constant=value.constant, errors=value.errors)


def _same_type(left: Value, right: Value, batch: Batch) -> tuple[Value, Value]:
    """Untyped against a number is a double, against a boolean or date is cast to it, else compared as text."""
    kinds = (left.kind, right.kind)
    if left.kind in TEXTS and right.kind in TEXTS:
        return left, right
    if left.kind in NUMBERS or right.kind in NUMBERS:
        left = to_double(left, batch) if left.kind == UNTYPED else left
        right = to_double(right, batch) if right.kind == UNTYPED else right
        if left.kind not in NUMBERS or right.kind not in NUMBERS:
            raise NotDecided(f"a comparison of {kinds[0]} with {kinds[1]}")
        if DOUBLE in (left.kind, right.kind):
            return to_double(left, batch), to_double(right, batch)
        return left, right
    if STRING not in kinds and BOOLEAN in kinds:
        return to_boolean(left, batch), to_boolean(right, batch)
    if STRING not in kinds and DATE in kinds:
        return to_date(left, batch), to_date(right, batch)
    if left.kind == right.kind:
        return left, right
    raise NotDecided(f"a comparison of {kinds[0]} with {kinds[1]}")


def _compared(op: str, left: Value, right: Value, batch: Batch) -> Value:
    """The comparison of all pairs of items of the same iteration."""
    size = left.size
    errors = either(left.errors, right.errors)
    its, left_items, right_items = _pairs(left, right)
    first = left.data if left_items is None else left.data[left_items]
    second = right.data if right_items is None else right.data[right_items]
    exact = left.kind == DECIMAL and (is_exact_double(left) or is_exact_double(right))
    if exact and (_is_wide(first) or _is_wide(second)):
        return _compared(op, as_fractions(left), as_fractions(right), batch)
    if left.kind == DECIMAL and left.scale != right.scale and not exact:
        scale = max(left.scale, right.scale)
        first, second = rescaled(first, left.scale, scale), rescaled(second, right.scale, scale)
    if left.kind == DATE:
        errors = _doubtful((first ^ second) & 1, its, size, errors)
    elif left.kind == DOUBLE:
        errors = _doubtful(_negative_zero(first) | _negative_zero(second), its, size, errors)
    if left.kind in TEXTS and op not in ("eq", "ne"):
        result = _text_order(op, first, second, batch)
    elif exact:
        result = compared(_COLUMNS[op], first, left.scale, second, right.scale)
    else:
        result = np.asarray(_COLUMNS[op](first, second), bool)
    if its is None:
        result = np.full(size, bool(result)) if result.ndim == 0 else result
        return Value(BOOLEAN, size, result, errors=errors)
    found = np.zeros(size, bool)
    found[its[result]] = True
    return Value(BOOLEAN, size, found, errors=errors)


def _doubtful(pairs: Any, its: Rows, size: int, errors: Errors) -> Errors:
    """Marks pairs whose comparison depends on the official engine's own ways.

    A date with a time zone against one without depends on its machine; -0 against 0 on how it came by the numbers.
    """
    doubtful = np.asarray(pairs, bool)
    if not doubtful.any():
        return errors
    return marked(errors, size, np.flatnonzero(np.broadcast_to(doubtful, size)) if its is None else its[doubtful])


def _negative_zero(numbers: Any) -> Any:
    return (numbers == 0) & np.signbit(numbers)


def _text_order(op: str, first: Any, second: Any, batch: Batch) -> Array:
    """Order of texts is by code point, as Python's."""
    compare = getattr(operator, op)
    texts = batch.strings.values
    pairs = np.broadcast_arrays(np.atleast_1d(first), np.atleast_1d(second))
    found = [compare(texts[a], texts[b]) for a, b in zip(pairs[0].tolist(), pairs[1].tolist(), strict=True)]
    return np.array(found, bool)


def _pairs(left: Value, right: Value) -> tuple[Rows, Rows, Rows]:
    """Iteration, item of left, item of right of all pairs; None for the identity."""
    plain_left, plain_right = left.its is None, right.its is None
    if plain_left and plain_right:
        return None, None, None
    if plain_right:
        return left.its, None, None if right.constant else left.its
    if plain_left:
        return right.its, None if left.constant else right.its, None
    assert left.its is not None and right.its is not None
    order = None if bool((right.its[1:] >= right.its[:-1]).all()) else np.argsort(right.its, kind="stable")
    sorted_its = right.its if order is None else right.its[order]
    counts = np.bincount(sorted_its, minlength=left.size)
    first = np.cumsum(counts) - counts
    chosen = counts[left.its]
    right_items = ragged(first[left.its], chosen)
    left_items = np.repeat(np.arange(len(left.its)), chosen)
    return left.its[left_items], left_items, right_items if order is None else order[right_items]


def rescaled(data: Any, scale: int, wanted: int) -> Any:
    """Mantissas of a larger scale; Python integers when int64 might overflow."""
    if scale == wanted:
        return data
    factor = 10 ** (wanted - scale)
    if not isinstance(data, np.ndarray) or data.ndim == 0:
        return int(data) * factor
    if data.dtype != object and len(data) and int(np.abs(data).max()) * factor > EXACT:
        data = data.astype(object)
    return data * factor


def arithmetic(op: str, left: Value, right: Value, batch: Batch) -> Value:
    """`+`, `-`, `*`, `div`, `mod`: decimals stay exact, a double makes a double, empty gives empty."""
    left, right = numeric(left, batch), numeric(right, batch)
    its, left_items, right_items = _pairs(left, right)
    constant = left.constant and right.constant
    errors = either(left.errors, right.errors)
    if DOUBLE in (left.kind, right.kind):
        left, right = to_double(left, batch), to_double(right, batch)
    first = left.data if left_items is None else left.data[left_items]
    second = right.data if right_items is None else right.data[right_items]
    if left.kind == DOUBLE:
        data, scale = _double(op, first, second), 0
    elif op in ("+", "-"):
        scale = max(left.scale, right.scale)
        first, second = _addable(rescaled(first, left.scale, scale)), _addable(rescaled(second, right.scale, scale))
        data = first + second if op == "+" else first - second
    elif op == "*":
        scale = left.scale + right.scale
        data = (_wide(first) if _largest(first) * _largest(second) > EXACT else first) * second
    elif op == "div" and (inverse := decimal_inverse(right)) is not None:
        factor, digits = inverse
        scale = left.scale + digits
        data = (_wide(first) if _largest(first) * factor > EXACT else first) * factor
    elif op == "mod" and right.constant and right.data and not _is_wide(first):
        scale = max(left.scale, right.scale)
        data = np.fmod(rescaled(first, left.scale, scale), rescaled(second, right.scale, scale))
    else:
        return _divided(op, left, right, (its, left_items, right_items))
    return Value(DECIMAL if left.kind == DECIMAL else DOUBLE, left.size, data, its=its, constant=constant,
                 scale=scale, errors=errors)  # fmt: skip


def _double(op: str, first: Any, second: Any) -> Any:
    operations = {"+": np.add, "-": np.subtract, "*": np.multiply, "div": np.divide}
    if op not in operations:
        raise NotDecided(f"{op} on doubles")
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return operations[op](first, second)


def _largest(data: Any) -> int:
    return int(np.abs(data).max()) if np.size(data) else 0


def _wide(data: Any) -> Any:
    return data.astype(object) if isinstance(data, np.ndarray) else int(data)


def _is_wide(data: Any) -> bool:
    return isinstance(data, np.ndarray) and data.dtype == object


def _addable(data: Any) -> Any:
    return _wide(data) if np.size(data) and _largest(data) > EXACT // 2 else data


def decimal_inverse(divisor: Value) -> tuple[int, int] | None:
    """(factor, digits) such that x div divisor is x * factor / 10**digits exactly: for 2, 4, 8, 100 and the like."""
    number = int(divisor.data) if divisor.constant and divisor.scale == 0 else 0
    for digits in range(_INVERSE_DIGITS_MAX + 1):
        if number > 0 and 10**digits % number == 0:
            return 10**digits // number, digits
    return None


def _divided(op: str, left: Value, right: Value, pairs: tuple[Rows, Rows, Rows]) -> Value:
    """`div` and `mod` of decimals, exact, then rounded as the official engine rounds quotients; zero raises."""
    size = left.size
    its, left_items, right_items = pairs
    count = size if its is None else len(its)
    whole = _whole_quotients(op, left, right, left_items)
    if whole is not None:
        return Value(DECIMAL, size, whole, its=its, scale=left.scale, errors=either(left.errors, right.errors))
    first, second = _fractions(left, left_items, count), _fractions(right, right_items, count)
    zero = np.array([item == 0 for item in second], bool)
    errors = either(left.errors, right.errors)
    if zero.any():
        errors = marked(errors, size, np.arange(size)[zero] if its is None else its[zero])
    data = np.empty(count, object)
    data[:] = [_quotient(op, a, b) if b else Fraction(0) for a, b in zip(first, second, strict=True)]
    return Value(DECIMAL, size, data, its=its, errors=errors)


def _whole_quotients(op: str, left: Value, right: Value, items: Rows) -> Array | None:
    """The quotients by a whole number that divides every dividend without rest; None when there is no such number."""
    if op != "div" or not right.constant or right.scale or int(right.data) == 0 or left.constant or _is_wide(left.data):
        return None
    data = left.data if items is None else left.data[items]
    quotients: Array = data // int(right.data)
    return quotients if bool((quotients * int(right.data) == data).all()) else None


def _fractions(value: Value, items: Rows, count: int) -> list[Fraction]:
    unit = 10**value.scale
    if value.constant:
        return [Fraction(int(value.data), unit)] * count
    data = value.data if items is None else value.data[items]
    return [Fraction(item) / unit for item in data.tolist()]


def _quotient(op: str, dividend: Fraction, divisor: Fraction) -> Fraction:
    """Source: Saxon divides decimals to 18 digits, ties towards zero; finer operands are out of our bounds."""
    exact = dividend / divisor
    if op == "mod":
        whole = abs(exact).__floor__()
        return dividend - divisor * (whole if exact >= 0 else -whole)
    shifted = abs(exact) * 10**_DIVISION_DIGITS
    below = shifted.__floor__()
    rounded = Fraction(below + (shifted - below > Fraction(1, 2)), 10**_DIVISION_DIGITS)
    return rounded if exact >= 0 else -rounded


def rounded(value: Value, batch: Batch) -> Value:
    """round(): half goes up, towards positive infinity, for negative numbers too."""
    value = numeric(value, batch)
    if value.kind == DOUBLE:
        below = np.floor(value.data)
        with np.errstate(invalid="ignore"):
            whole = np.where(value.data - below >= 0.5, below + 1, below)
        data = np.where(whole == 0, np.copysign(whole, value.data), whole)
        return Value(DOUBLE, value.size, data, its=value.its, constant=value.constant, errors=value.errors)
    unit = 10**value.scale
    half = unit // 2 if unit > 1 else Fraction(1, 2)
    data = value.data if unit == 1 and not _is_wide(value.data) else (value.data + half) // unit
    return Value(DECIMAL, value.size, data, its=value.its, constant=value.constant, errors=value.errors)


def absolute(value: Value, batch: Batch) -> Value:
    """abs()."""
    value = numeric(value, batch)
    return Value(
        value.kind, value.size, np.abs(value.data), its=value.its, constant=value.constant,
        scale=value.scale, errors=value.errors,
    )  # fmt: skip


def negated(value: Value, batch: Batch) -> Value:
    """Unary minus."""
    value = numeric(value, batch)
    return Value(
        value.kind, value.size, -value.data, its=value.its, constant=value.constant,
        scale=value.scale, errors=value.errors,
    )  # fmt: skip


def summed(value: Value, batch: Batch) -> Value:
    """sum(): untyped items are doubles, added in document order; the sum of nothing is the integer 0."""
    value = as_fractions(atoms(value, batch))
    size = value.size
    if value.kind == UNTYPED:
        value = to_double(value, batch)
    if value.its is not None and len(value.its) == 0:
        return Value(DECIMAL, size, np.zeros(size, np.int64), errors=value.errors)
    if value.kind == DOUBLE:
        item_its = value.iterations()
        totals = np.bincount(item_its, weights=value.data, minlength=size)
        below_zero = np.bincount(item_its, weights=np.signbit(value.data), minlength=size) > 0
        totals[below_zero & (totals == 0)] = -0.0
        return Value(DOUBLE, size, totals, errors=value.errors)
    if value.kind != DECIMAL:
        raise NotDecided(f"sum of a {value.kind}")
    its = value.its
    if its is None:
        return value
    bound = _largest(value.data) * len(value.data)
    if bound < DOUBLES_WHOLE and not _is_wide(value.data):
        return Value(
            DECIMAL, size, np.bincount(its, weights=value.data, minlength=size).astype(np.int64),
            scale=value.scale, errors=value.errors,
        )  # fmt: skip
    if bound > EXACT and not _is_wide(value.data):
        value = Value(DECIMAL, size, _wide(value.data), its=its, scale=value.scale, errors=value.errors)
    sums = np.zeros(size, value.data.dtype)
    np.add.at(sums, its, value.data)
    return Value(DECIMAL, size, sums, scale=value.scale, errors=value.errors)


def among(value: Value, words: frozenset[str], batch: Batch) -> Value:
    """value = ('a', 'b' ...) for a list of strings: one look-up a distinct text."""
    value = atoms(value, batch)
    if value.kind not in TEXTS:
        raise NotDecided(f"a comparison of {value.kind} with strings")
    if value.constant:
        return Value(BOOLEAN, value.size, np.full(value.size, batch.strings.values[int(value.data)] in words))
    member = by_distinct(batch, ("among", words), lambda texts: [text in words for text in texts], value.data) == 1
    if value.its is None:
        return Value(BOOLEAN, value.size, member, errors=value.errors)
    found = np.zeros(value.size, bool)
    found[value.its[member]] = True
    return Value(BOOLEAN, value.size, found, errors=value.errors)
