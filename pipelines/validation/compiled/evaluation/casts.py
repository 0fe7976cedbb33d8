"""Atomisation and casts between the types of XPath 2.0. A cast that raises in the official engine marks an error."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from pipelines.parsing.path_tables import INT, Array, Batch
from pipelines.validation.compiled.evaluation.columns import by_distinct
from pipelines.validation.compiled.evaluation.exact_doubles import as_fractions
from pipelines.validation.compiled.evaluation.not_compilable import NotDecided
from pipelines.validation.compiled.evaluation.numerals import BLANKS, decimal_columns, double_columns
from pipelines.validation.compiled.evaluation.values import (
    BOOLEAN,
    CHOICE,
    DATE,
    DECIMAL,
    DOUBLE,
    NODES,
    NUMBERS,
    STRING,
    TEXTS,
    UNTYPED,
    Errors,
    Value,
    either,
    explicit,
    increasing,
    marked,
    sorted_by_iteration,
)  # fmt: skip

EXACT = 2**62

_DATE = re.compile(r"[ \t\r\n]*([0-9]{4})-([0-9]{2})-([0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?[ \t\r\n]*\Z")
_BAD = -1
_DAY_ZERO = datetime.date(1900, 1, 1).toordinal()
_DAYS_MAX = 365_000
_ZONE_MAX = 14 * 60
_POWERS = np.array([10**power for power in range(19)], np.int64)


def atoms(value: Value, batch: Batch) -> Value:
    """The items as typed values: nodes become untyped text, in document order."""
    if value.kind == CHOICE:
        return _chosen(value, batch)
    if value.kind != NODES:
        return value
    if not value.segments:
        return Value(UNTYPED, value.size, np.zeros(0, INT), its=np.zeros(0, INT), errors=value.errors)
    if len(value.segments) == 1:
        path, its, rows = value.segments[0]
        if path == 0:
            raise NotDecided("the string value of a whole document")
        return Value(UNTYPED, value.size, batch.text_ids(path, rows), its=its, errors=value.errors)
    its_parts, id_parts, order_parts = [], [], []
    for segment in value.segments:
        its, rows = explicit(batch, segment)
        its_parts.append(its)
        id_parts.append(batch.text_ids(segment[0], rows))
        order_parts.append(batch.orders[segment[0]][rows])
    its = np.concatenate(its_parts)
    order = np.lexsort((np.concatenate(order_parts), its))
    return Value(UNTYPED, value.size, np.concatenate(id_parts)[order], its=its[order], errors=value.errors)


def _chosen(value: Value, batch: Batch) -> Value:
    """The branches of an `if` of different kinds, as one sequence of texts."""
    its_parts, data_parts = [], []
    for mask, part in value.parts or []:
        flat = atoms(part, batch)
        if flat.kind not in TEXTS:
            raise NotDecided("an if whose branches are text and something else")
        its = flat.iterations()
        keep = mask[its]
        data = np.full(len(its), flat.data) if flat.constant else flat.data
        its_parts.append(its[keep])
        data_parts.append(data[keep])
    flat = Value(CHOICE, value.size, np.concatenate(data_parts), its=np.concatenate(its_parts), errors=value.errors)
    return sorted_by_iteration(Value(STRING, value.size, flat.data, its=flat.its, errors=value.errors))


def at_most_one(value: Value) -> Value:
    """The value with its iterations strictly increasing; those that hold several items are marked as errors."""
    if value.its is None or increasing(value.its):
        return value
    value = sorted_by_iteration(value)
    assert value.its is not None
    double = value.its[1:] == value.its[:-1]
    if not double.any():
        return value
    errors = marked(value.errors, value.size, value.its[1:][double])
    keep = np.concatenate([[True], ~double])
    return Value(value.kind, value.size, value.data[keep], its=value.its[keep], scale=value.scale, errors=errors)


def one_string(value: Value, batch: Batch) -> Value:
    """An argument declared `xs:string?`: one text id an iteration, or one for all; empty counts as ''."""
    value = atoms(value, batch)
    if value.kind not in TEXTS:
        raise NotDecided(f"a {value.kind} where a string is expected")
    if value.constant or value.its is None:
        return value
    value = at_most_one(value)
    assert value.its is not None
    if len(value.its) == value.size:
        return Value(STRING, value.size, value.data, errors=value.errors)
    ids = np.zeros(value.size, INT)
    ids[value.its] = value.data
    return Value(STRING, value.size, ids, errors=value.errors)


def truth(value: Value, batch: Batch) -> tuple[Array, Errors]:
    """The effective boolean value of each iteration. Several atomic items raise."""
    size = value.size
    if value.kind == BOOLEAN and value.its is None and not value.constant:
        return value.data, value.errors
    found = np.zeros(size, bool)
    if value.kind == NODES:
        for _path, its, _rows in value.segments:
            found[its if its is not None else slice(None)] = True
        return found, value.errors
    if value.kind == CHOICE:
        errors = value.errors
        for mask, part in value.parts or []:
            inside, raised = truth(part, batch)
            found[mask] = inside[mask]
            errors = either(errors, None if raised is None else raised & mask)
        return found, errors
    if value.kind == DATE:
        raise NotDecided("a date as a condition")
    true = _is_true(value)
    if value.constant:
        return np.full(size, bool(true)), None
    value = at_most_one(Value(BOOLEAN, size, true, its=value.its, errors=value.errors))
    found[value.iterations()[np.asarray(value.data, bool)]] = True
    return found, value.errors


def _is_true(value: Value) -> Array:
    if value.kind == BOOLEAN:
        return np.asarray(value.data, bool)
    if value.kind == DOUBLE:
        return np.asarray((value.data != 0) & ~np.isnan(value.data))
    return np.asarray(value.data != 0, bool)


def to_decimal(value: Value, batch: Batch) -> Value:
    """xs:decimal of each item. A double is cast to its exact binary value: see `exact_doubles`."""
    if value.kind == DECIMAL:
        return value
    if value.kind == DOUBLE:
        return _exact(value)
    if value.kind not in TEXTS:
        raise NotDecided(f"xs:decimal of a {value.kind}")
    if value.constant:
        value = Value(value.kind, value.size, np.full(value.size, value.data))
    mantissas, scales = decimal_columns(batch, value.data)
    value, keep = _without(value, scales < 0)
    if keep is not None:
        mantissas, scales = mantissas[keep], scales[keep]
    scale = int(scales.max()) if len(scales) else 0
    if len(scales) and int(scales.min()) != scale:
        mantissas = _widened(mantissas, scale - scales)
    return Value(DECIMAL, value.size, mantissas, its=value.its, scale=scale, errors=value.errors)


def _widened(mantissas: Array, powers: Array) -> Array:
    if int(np.abs(mantissas).max()) * 10 ** int(powers.max()) > EXACT:
        widened: Array = mantissas.astype(object) * np.array([10 ** int(power) for power in powers], object)
    else:
        widened = mantissas * _POWERS[powers]
    return widened


def _exact(value: Value) -> Value:
    if value.constant:
        value = Value(DOUBLE, value.size, np.full(value.size, value.data))
    value, _ = _without(value, ~np.isfinite(value.data))
    return Value(DECIMAL, value.size, value.data, its=value.its, errors=value.errors)


def to_double(value: Value, batch: Batch) -> Value:
    """xs:double of each item."""
    if value.kind == DOUBLE:
        return value
    if value.kind == DECIMAL:
        return Value(
            DOUBLE, value.size, as_floats(value), its=value.its, constant=value.constant, errors=value.errors
        )  # fmt: skip
    if value.kind not in TEXTS:
        raise NotDecided(f"xs:double of a {value.kind}")
    if value.constant:
        value = Value(value.kind, value.size, np.full(value.size, value.data))
    numbers, bad = double_columns(batch, value.data)
    value, keep = _without(value, bad)
    return Value(DOUBLE, value.size, numbers if keep is None else numbers[keep], its=value.its, errors=value.errors)


def number(value: Value, batch: Batch) -> Value:
    """number(): xs:double, NaN where there is none to be had."""
    value = at_most_one(atoms(value, batch))
    if value.kind in TEXTS and not value.constant:
        numbers, bad = double_columns(batch, value.data)
        value = Value(DOUBLE, value.size, np.where(bad, np.nan, numbers), its=value.its, errors=value.errors)
    value = to_double(value, batch)
    if value.its is None:
        return value
    numbers = np.full(value.size, np.nan)
    numbers[value.its] = value.data
    return Value(DOUBLE, value.size, numbers, errors=value.errors)


def as_floats(value: Value) -> Array:
    """Doubles nearest to the decimals."""
    if isinstance(value.data, np.ndarray) and value.data.dtype == object:
        return np.array([float(Fraction(item) / 10**value.scale) for item in value.data], float)
    floats: Array = np.asarray(value.data, float) / 10.0**value.scale
    return floats


def to_boolean(value: Value, batch: Batch) -> Value:
    """xs:boolean of each item: true, 1, false, 0."""
    if value.kind == BOOLEAN:
        return value
    if value.kind not in TEXTS:
        raise NotDecided(f"xs:boolean of a {value.kind}")
    words = {"true": 1, "1": 1, "false": 0, "0": 0}
    return _from_texts(value, batch, BOOLEAN, lambda text: words.get(text.strip(BLANKS), _BAD))


def to_date(value: Value, batch: Batch) -> Value:
    """xs:date of each item: twice the minutes since 1900 in UTC, plus one when the date says its time zone."""
    if value.kind == DATE:
        return value
    if value.kind not in TEXTS:
        raise NotDecided(f"xs:date of a {value.kind}")
    return _from_texts(value, batch, DATE, _instant)


def _instant(text: str) -> int:
    match = _DATE.match(text)
    if match is None:
        return _BAD
    zone = match[4] or "Z"
    minutes = 0 if zone == "Z" else int(zone[1:3]) * 60 + int(zone[4:])
    try:
        days = datetime.date(int(match[1]), int(match[2]), int(match[3])).toordinal() - _DAY_ZERO
    except ValueError:
        return _BAD
    if not 0 < days < _DAYS_MAX or minutes > _ZONE_MAX:
        return _BAD
    return 2 * (days * 1440 - (-minutes if zone[0] == "-" else minutes)) + (match[4] is not None)


def _from_texts(value: Value, batch: Batch, kind: str, function: Callable[[str], int]) -> Value:
    if value.constant:
        value = Value(value.kind, value.size, np.full(value.size, value.data))
    numbers = by_distinct(batch, ("cast", kind), lambda texts: [function(text) for text in texts], value.data)
    value, keep = _without(value, numbers == _BAD)
    numbers = numbers if keep is None else numbers[keep]
    data = numbers == 1 if kind == BOOLEAN else numbers
    return Value(kind, value.size, data, its=value.its, errors=value.errors)


def _without(value: Value, bad: Array) -> tuple[Value, Array | None]:
    """The items that are not bad, the iterations of the others marked; and which were kept, None when all."""
    if not bad.any():
        return value, None
    its = value.iterations()
    keep = ~bad
    errors = marked(value.errors, value.size, its[bad])
    return Value(value.kind, value.size, value.data[keep], its=its[keep], errors=errors), keep


def numeric(value: Value, batch: Batch) -> Value:
    """An operand of arithmetic: untyped text becomes a double; at most one item."""
    value = as_fractions(atoms(value, batch))
    if value.kind == UNTYPED:
        value = to_double(value, batch)
    if value.kind not in NUMBERS:
        raise NotDecided(f"arithmetic on a {value.kind}")
    return value if value.constant else at_most_one(value)
