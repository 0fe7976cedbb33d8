"""Values: loop-lifting.

A value says, for every iteration of a space, a sequence of items, as two columns: the iteration and the item. A
sequence of nodes is a list of segments, one or more a path.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from pipelines.parsing.path_tables import INT, Array, Batch, Rows
from pipelines.validation.compiled.evaluation.columns import ragged
from pipelines.validation.compiled.evaluation.not_compilable import NotDecided

NODES, UNTYPED, STRING, DECIMAL, DOUBLE, BOOLEAN, DATE, CHOICE = (
    "nodes", "untyped", "string", "decimal", "double", "boolean", "date", "choice",
)  # fmt: skip
TEXTS = (UNTYPED, STRING)
NUMBERS = (DECIMAL, DOUBLE)

Segment = tuple[int, Rows, Rows]
"""(path, iterations, rows): None for the iterations 0, 1, 2 ..., None for all rows in order."""
Errors = Array | None
"""One mark an iteration: the official engine would raise, or the exact answer is beyond our bounds."""


class Value:
    """The value of one expression in one space.

    kind      which of the names above; `data` holds text ids, numbers, booleans or days
    its       the iteration of each item; None when each iteration has exactly one, in order
    constant  one item, the same for every iteration: `data` is a scalar
    scale     decimals: value = data / 10**scale
    """

    __slots__ = ("constant", "data", "errors", "its", "kind", "parts", "scale", "segments", "size")

    def __init__(
        self,
        kind: str,
        size: int,
        data: Any = None,
        *,
        its: Rows = None,
        constant: bool = False,
        scale: int = 0,
        errors: Errors = None,
        segments: list[Segment] | None = None,
        parts: list[tuple[Array, Value]] | None = None,
    ) -> None:
        self.kind = kind
        self.size = size
        self.data = data
        self.its = its
        self.constant = constant
        self.scale = scale
        self.errors = errors
        self.segments = segments if segments is not None else []
        self.parts = parts

    def with_errors(self, errors: Errors) -> Value:
        if errors is self.errors:
            return self
        return Value(
            self.kind, self.size, self.data, its=self.its, constant=self.constant, scale=self.scale,
            errors=errors, segments=self.segments, parts=self.parts,
        )  # fmt: skip

    def iterations(self) -> Array:
        return np.arange(self.size, dtype=INT) if self.its is None else self.its


def either(first: Errors, second: Errors) -> Errors:
    """Marks of both."""
    if first is None:
        return second
    if second is None:
        return first
    return first | second


def marked(errors: Errors, size: int, its: Array) -> Errors:
    """`errors` with these iterations marked too."""
    fresh = np.zeros(size, bool)
    fresh[its] = True
    return either(errors, fresh)


def increasing(column: Array) -> bool:
    """Strictly."""
    return len(column) < 2 or bool((column[1:] > column[:-1]).all())


def sorted_by_iteration(value: Value) -> Value:
    """The same items, those of one iteration together, in their order."""
    its = value.its
    if its is None or len(its) < 2 or bool((its[1:] >= its[:-1]).all()):
        return value
    order = np.argsort(its, kind="stable")
    return Value(
        value.kind, value.size, value.data[order], its=its[order], scale=value.scale, errors=value.errors
    )  # fmt: skip


def lifted(value: Value, its: Rows, size: int) -> Value:
    """A value of an outer space seen in a space of `size` iterations; its[n] is the outer iteration of n."""
    if value.constant:
        return Value(value.kind, size, value.data, constant=True, scale=value.scale)
    if its is None:
        return value
    errors = None if value.errors is None else value.errors[its]
    if value.kind == CHOICE:
        parts = [(mask[its], lifted(part, its, size)) for mask, part in value.parts or []]
        return Value(CHOICE, size, errors=errors, parts=parts)
    if value.kind == NODES:
        segments = [_lifted_segment(segment, value.size, its) for segment in value.segments]
        return Value(NODES, size, segments=[found for found in segments if found is not None], errors=errors)
    if value.its is None:
        return Value(value.kind, size, value.data[its], scale=value.scale, errors=errors)
    value = sorted_by_iteration(value)
    items, new_its = _spread(value.its, value.size, its)
    return Value(value.kind, size, value.data[items], its=new_its, scale=value.scale, errors=errors)


def _spread(old_its: Any, old_size: int, its: Array) -> tuple[Array, Array]:
    """Items (sorted by iteration) of the outer iterations, and the new iteration of each."""
    counts = np.bincount(old_its, minlength=old_size)
    first = np.cumsum(counts) - counts
    chosen = counts[its]
    return ragged(first[its], chosen), np.repeat(np.arange(len(its), dtype=INT), chosen)


def _lifted_segment(segment: Segment, old_size: int, its: Array) -> Segment | None:
    path, old_its, rows = segment
    if old_its is None:
        return path, None, its if rows is None else rows[its]
    if not bool((old_its[1:] >= old_its[:-1]).all()):
        order = np.argsort(old_its, kind="stable").astype(INT)
        old_its = old_its[order]
        rows = order if rows is None else rows[order]
    items, new_its = _spread(old_its, old_size, its)
    if not len(items):
        return None
    return path, new_its, items.astype(INT) if rows is None else rows[items]


def carried(value: Value, its: Array, size: int, errors: Errors, batch: Batch) -> Value:
    """A value of an inner space handed back: inner iteration n is part of the iteration its[n] of the outer one."""
    if value.errors is not None and value.errors.any():
        errors = marked(errors, size, its[value.errors])
    if value.kind == CHOICE:
        raise NotDecided("a choice of kinds inside an inner loop")
    if value.constant:
        return Value(value.kind, size, np.full(len(its), value.data), its=its, scale=value.scale, errors=errors)
    if value.kind == NODES:
        segments: list[Segment] = []
        for segment in value.segments:
            inner_its, rows = explicit(batch, segment)
            segments.append((segment[0], its[inner_its], rows))
        return Value(NODES, size, segments=merged(batch, segments), errors=errors)
    new_its = its if value.its is None else its[value.its]
    return Value(value.kind, size, value.data, its=new_its, scale=value.scale, errors=errors)


def distinct(segment: Segment) -> Segment:
    """A segment where no node stands twice in one iteration."""
    path, its, rows = segment
    if its is None or increasing(its):
        return segment
    numbers = np.arange(len(its), dtype=np.int64) if rows is None else rows.astype(np.int64)
    keys = np.sort(its.astype(np.int64) << 32 | numbers)
    keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
    return path, (keys >> 32).astype(INT), (keys & 0xFFFFFFFF).astype(INT)


def merged(batch: Batch, segments: Iterable[Segment]) -> list[Segment]:
    """One segment a path, without doubles: what a union or a step that climbs leaves."""
    by_path: dict[int, list[Segment]] = {}
    for segment in segments:
        by_path.setdefault(segment[0], []).append(segment)
    result = []
    for path, group in by_path.items():
        if len(group) == 1:
            result.append(distinct(group[0]))
            continue
        full = [explicit(batch, segment) for segment in group]
        its = np.concatenate([its for its, _ in full])
        result.append(distinct((path, its, np.concatenate([rows for _, rows in full]))))
    return result


def explicit(batch: Batch, segment: Segment) -> tuple[Array, Array]:
    """Iterations and rows of a segment, both as columns."""
    path, its, rows = segment
    if rows is None:
        rows = np.arange(batch.count[path] if its is None else len(its), dtype=INT)
    return (np.arange(len(rows), dtype=INT) if its is None else its), rows
