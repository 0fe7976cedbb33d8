"""Spaces and values: loop-lifting.

A space is a number of iterations, each with one context node. A value says, for every iteration, a sequence of items,
as two columns: the iteration and the item. A sequence of nodes is a list of segments, one or more a path. Every
expression of a rule file becomes a function from a space to a value, so one call answers for the whole batch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.parsing.path_tables import INT, Array, Batch, Rows
from pipelines.validation.compiled.evaluation.columns import ragged
from pipelines.validation.compiled.evaluation.not_compilable import NotDecided

if TYPE_CHECKING:
    from pipelines.validation.compiled.evaluation.expressions import Expression

NODES, UNTYPED, STRING, DECIMAL, DOUBLE, BOOLEAN, DATE, CHOICE = (
    "nodes", "untyped", "string", "decimal", "double", "boolean", "date", "choice",
)  # fmt: skip
TEXTS = (UNTYPED, STRING)
NUMBERS = (DECIMAL, DOUBLE)

Segment = tuple[int, Rows, Rows]
"""(path, iterations, rows): None for the iterations 0, 1, 2 ..., None for all rows in order."""
Errors = Array | None
"""One mark an iteration: the official engine would raise, or the exact answer is beyond our bounds."""


KEPT_MAX = 40_000_000
"""Numbers that evaluation remembers of a batch: some 200 MB, five times what a batch of common invoices needs."""


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


class Space:
    """Iterations with their context nodes. `cache` holds the value of every expression evaluated here.

    An inner space is opened by a predicate or a binder that uses variables: `outer` is where it was opened and
    `outer_its` says of which iteration each of its own is part.
    """

    __slots__ = ("_documents", "batch", "cache", "outer", "outer_its", "segments", "size", "variables")

    def __init__(
        self,
        batch: Batch,
        size: int,
        segments: list[Segment],
        *,
        outer: Space | None = None,
        outer_its: Rows = None,
    ) -> None:
        self.batch = batch
        self.size = size
        self.segments = segments
        self.outer = outer
        self.outer_its = outer_its
        self.cache: dict[int, Value] = {}
        self.variables: dict[str, Value] = {}
        self._documents: Array | None = None

    @property
    def documents(self) -> Array:
        """The document of each iteration. Spaces without context (function bodies) take it from outside."""
        if self._documents is None:
            if not self.segments and self.size:
                raise NotDecided("a function body that looks at the document")
            found = np.empty(self.size, INT)
            for path, its, rows in self.segments:
                documents = self.batch.document(path)
                chosen = documents if rows is None else documents[rows]
                if its is None:
                    found = chosen
                else:
                    found[its] = chosen
            self._documents = found
        return self._documents

    def variable(self, name: str) -> Value:
        """The value of a range variable or parameter, lifted from the space that binds it."""
        value = self.variables.get(name)
        if value is None:
            if self.outer is None:
                raise NotDecided(f"the variable {name} is not bound here")
            value = self.variables[name] = lifted(self.outer.variable(name), self.outer_its, self.size)
        return value

    def let(self, expression: Expression) -> Value:
        """The value of a variable of the rule: evaluated in the rule's own space, then lifted."""
        if self.outer is None:
            return evaluated(expression, self)
        return lifted(self.outer.let(expression), self.outer_its, self.size)


def spare(batch: Batch) -> None:
    """Drops what is remembered of a batch when it has grown large; what is asked for again is worked out again."""
    spaces: dict[int, Space] = batch.memo.get("spaces", {})
    kept = sum(len(space.cache) * space.size for space in spaces.values())
    if kept + len(batch.memo) * len(batch.strings.values) > KEPT_MAX:
        batch.memo.clear()


def document_space(batch: Batch) -> Space:
    """One iteration a document, the context is the document node."""
    return table_space(batch, 0)


def table_space(batch: Batch, path: int) -> Space:
    """One iteration a row of the path. Kept by the batch: predicates are evaluated once over the whole table."""
    spaces: dict[int, Space] = batch.memo.setdefault("spaces", {})
    space = spaces.get(path)
    if space is None:
        space = spaces[path] = Space(batch, batch.count[path], [(path, None, None)])
    return space


def evaluated(expression: Expression, space: Space) -> Value:
    """The value of an expression in a space. What depends on the document alone is worked out once a document."""
    cache = space.cache
    value = cache.get(expression.key)
    if value is not None:
        return value
    if expression.of_document and not _is_document_space(space):
        value = lifted(evaluated(expression, document_space(space.batch)), space.documents, space.size)
    else:
        value = expression.run(space)
    cache[expression.key] = value
    return value


def _is_document_space(space: Space) -> bool:
    return space.outer is None and len(space.segments) == 1 and space.segments[0] == (0, None, None)


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


def inner_space(base: Value, space: Space) -> Space:
    """A space with one iteration for each node of `base`."""
    segments: list[Segment] = []
    its: list[Array] = []
    size = 0
    single = len(base.segments) == 1
    for path, old_its, rows in base.segments:
        length = space.batch.count[path] if rows is None else len(rows)
        new_its = None if single else np.arange(size, size + length, dtype=INT)
        segments.append((path, new_its, rows))
        its.append(np.arange(length, dtype=INT) if old_its is None else old_its)
        size += length
    outer_its = np.concatenate(its) if its else np.zeros(0, INT)
    return Space(space.batch, size, segments, outer=space, outer_its=outer_its)


def context_of(space: Space, its: Array) -> list[Segment]:
    """The context nodes of a space whose iterations are `its` of this one, in that order."""
    segments: list[Segment] = []
    for path, own_its, rows in space.segments:
        if own_its is None:
            segments.append((path, None, its if rows is None else rows[its]))
            continue
        where = np.full(space.size, -1, INT)
        where[own_its] = np.arange(len(own_its), dtype=INT) if rows is None else rows
        chosen = where[its]
        found = np.flatnonzero(chosen >= 0).astype(INT)
        if len(found):
            segments.append((path, found, chosen[found]))
    return segments


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
