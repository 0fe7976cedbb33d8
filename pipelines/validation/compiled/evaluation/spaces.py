"""Spaces, and the expressions that are evaluated in them.

A space is a number of iterations, each with one context node. Every expression of a rule file becomes a function from a
space to a value, so one call answers for the whole batch.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from pipelines.parsing.path_tables import INT, Array, Batch, Rows
from pipelines.validation.compiled.evaluation.not_compilable import NotDecided
from pipelines.validation.compiled.evaluation.values import Segment, Value, lifted
from pipelines.validation.compiled.rule_files.trees import Tree

Depends = frozenset[str]
NOTHING: Depends = frozenset()
CONTEXT: Depends = frozenset({"context"})
DOCUMENT: Depends = frozenset({"document"})
_KEYS = itertools.count()
"""Keys are unique in the process, so that several plans may judge the tables of one batch."""

KEPT_MAX = 40_000_000
"""Numbers that evaluation remembers of a batch: some 200 MB, five times what a batch of common invoices needs."""


class Expression:
    """One compiled expression.

    depends      "context", "document", and the names of the variables it looks at
    of_document  its value follows from the document alone: evaluated once a document
    of_node      its value follows from the context node alone: then it is evaluated over whole tables
    """

    __slots__ = ("depends", "key", "of_document", "of_node", "run", "tree")

    def __init__(self, tree: Tree, depends: Depends, run: Callable[[Space], Value]) -> None:
        self.tree = tree
        self.depends = depends
        self.run = run
        self.key = next(_KEYS)
        self.of_document = depends == DOCUMENT
        self.of_node = not any(name.startswith("$") for name in depends)


def depends_on(*parts: Expression) -> Depends:
    return NOTHING.union(*(part.depends for part in parts))


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
