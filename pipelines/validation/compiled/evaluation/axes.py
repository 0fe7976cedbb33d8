"""Steps: from the nodes of a segment to their children, parents, ancestors ..., by integer gathers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from pipelines.parsing.path_tables import INT, Batch
from pipelines.validation.compiled.evaluation.columns import ragged
from pipelines.validation.compiled.evaluation.values import Segment, distinct, explicit, merged

Axis = Callable[[Batch, list[Segment], str], list[Segment]]


def named(name: str, test: str) -> bool:
    """Whether the name of a path passes a name test; both start with `@` for attributes."""
    if test == name:
        return True
    if test in ("*", "node()"):
        return not name.startswith("@")
    return test.endswith(("}*", "@*")) and name.startswith(test[:-1])


def children(batch: Batch, segments: list[Segment], test: str) -> list[Segment]:
    """child::test, or attribute::test when the test starts with `@`."""
    found: list[Segment] = []
    wild = test.endswith("*") or test == "node()"
    for segment in segments:
        under = batch.children.get(segment[0])
        if not under:
            continue
        if wild:
            paths = [path for name, path in under.items() if named(name, test)]
        else:
            path = under.get(test)
            paths = [] if path is None else [path]
        for path in paths:
            step = _down(batch, segment, path)
            if step is not None:
                found.append(step)
    return found


def _down(batch: Batch, segment: Segment, path: int) -> Segment | None:
    """The rows of `path` below the nodes of a segment; `path` may be any path below."""
    above, its, rows = segment
    first, counts, most, one_each = batch.below(above, path)
    if rows is None:
        if one_each:
            return path, its, None
        up = batch.ancestors(path, above)
        return path, up if its is None else its[up], None
    if most <= 1:
        if one_each:
            return path, its, first[rows]
        there = counts[rows].nonzero()[0].astype(INT)
        if not len(there):
            return None
        return path, there if its is None else its[there], first[rows[there]]
    chosen = counts[rows]
    below = ragged(first[rows], chosen).astype(INT)
    if not len(below):
        return None
    return path, np.repeat(np.arange(len(rows), dtype=INT) if its is None else its, chosen), below


def descendants(batch: Batch, segments: list[Segment], test: str) -> list[Segment]:
    """descendant::test, or the attributes of the nodes and of all below them when the test starts with `@`."""
    found: list[Segment] = []
    for segment in segments:
        above = segment[0]
        for path in _paths_named(batch, test):
            if above == 0 or batch.is_below(path, above):
                step = _down(batch, segment, path)
                if step is not None:
                    found.append(step)
    return merged(batch, found) if len(segments) > 1 else found


def _paths_named(batch: Batch, test: str) -> Iterator[int]:
    if test.endswith("*"):
        yield from (path for path in batch.present if named(batch.paths.names[path], test))
    else:
        yield from batch.by_name.get(test, ())


def itself(batch: Batch, segments: list[Segment], test: str) -> list[Segment]:
    """self::test."""
    return [segment for segment in segments if segment[0] and named(batch.paths.names[segment[0]], test)]


def parents(batch: Batch, segments: list[Segment], test: str) -> list[Segment]:
    """parent::test; `..` is parent::node()."""
    found = []
    for path, its, rows in segments:
        above = batch.paths.parents[path]
        if path == 0 or not (test == "node()" or (above and named(batch.paths.names[above], test))):
            continue
        column = batch.parents[path]
        found.append((above, its, column if rows is None else column[rows]))
    return merged(batch, found)


def ancestors(batch: Batch, segments: list[Segment], test: str) -> list[Segment]:
    """ancestor::test."""
    found = []
    for path, its, rows in segments:
        above = batch.paths.parents[path]
        while above > 0:
            if named(batch.paths.names[above], test):
                column = batch.ancestors(path, above)
                found.append((above, its, column if rows is None else column[rows]))
            above = batch.paths.parents[above]
    return merged(batch, found)


def preceding(batch: Batch, segments: list[Segment], test: str) -> list[Segment]:
    """preceding::test: earlier in the document, no ancestor. Quadratic within a document, as in the official engine."""
    found = []
    for segment in segments:
        path = segment[0]
        its, rows = explicit(batch, segment)
        orders, documents = batch.orders[path][rows], batch.document(path)[rows]
        for other in _paths_named(batch, test):
            first, counts, _most, _one = batch.below(0, other)
            chosen = counts[documents]
            candidates = ragged(first[documents], chosen)
            item = np.repeat(np.arange(len(rows)), chosen)
            earlier = batch.orders[other][candidates] < orders[item]
            if batch.is_below(path, other):
                earlier &= candidates != batch.ancestors(path, other)[rows][item]
            if earlier.any():
                found.append(distinct((other, its[item[earlier]], candidates[earlier].astype(INT))))
    return merged(batch, found)


AXES: dict[str, Axis] = {
    "child": children,
    "attribute": lambda batch, segments, test: children(batch, segments, f"@{test}"),
    "descendant": descendants,
    "descendant-attribute": lambda batch, segments, test: descendants(batch, segments, f"@{test}"),
    "self": itself,
    "parent": parents,
    "ancestor": ancestors,
    "preceding": preceding,
}
