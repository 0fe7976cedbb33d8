"""Places of nodes told from path tables, many nodes of a path at once: no tree is needed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipelines.parsing.path_tables import INT, Array, Batch
from pipelines.validation.places import VALUE_CHARACTERS_MAX, Place, read_location, short_name

Node = tuple[int, int]
"""(path, row)."""


def node_at(batch: Batch, document: int, location: str) -> Node | None:
    """The node of an official location in one document; None when it has another shape or is not there."""
    steps, attribute, _readable = read_location(location)
    if not steps:
        return None
    path, row = 0, document
    for name, number in [*steps, *([(f"@{attribute}", 1)] if attribute else [])]:
        below = batch.children[path].get(name)
        if below is None:
            return None
        parents = batch.parents[below]
        found = int(np.searchsorted(parents, row)) + number - 1
        if found >= len(parents) or int(parents[found]) != row:
            return None
        path, row = below, found
    return path, row


def places_of(batch: Batch, path: int, rows: Sequence[int]) -> list[Place]:
    """The places of rows of one path: readable XPath, line, and the value of an attribute or of a leaf.

    Shape    steps are prefixed, and numbered only where an element has twins: as `Places.path` writes them.
    Cost     some tens of microseconds a path, one a row, and what the documents take to tell a line.
    """
    if path == 0:
        return [Place(None)] * len(rows)
    chosen = np.array(rows, INT)
    locations, values = _readable(batch, path, chosen), _values(batch, path, chosen)
    return list(map(Place, locations, batch.lines(path, chosen), values))


def _readable(batch: Batch, path: int, rows: Array) -> list[str]:
    if path == 0:
        return [""] * len(rows)
    name, above = batch.paths.names[path], batch.paths.parents[path]
    parents = batch.parents[path]
    parent_rows = parents[rows]
    heads = _readable(batch, above, parent_rows)
    if name.startswith("@"):
        return [f"{head}/@{short_name(name[1:])}" for head in heads]
    step = f"/{short_name(name)}"
    first = np.searchsorted(parents, parent_rows)
    twins = np.searchsorted(parents, parent_rows, side="right") - first > 1
    if not twins.any():
        return [head + step for head in heads]
    numbers = (rows - first + 1).tolist()
    return [
        f"{head}{step}[{number}]" if twin else head + step
        for head, number, twin in zip(heads, numbers, twins.tolist(), strict=True)
    ]


def _values(batch: Batch, path: int, rows: Array) -> list[str | None]:
    """The texts, cut. Null for an element that has element children or no text."""
    texts = batch.strings.values
    if batch.paths.names[path].startswith("@"):
        return [texts[number][:VALUE_CHARACTERS_MAX] for number in batch.text_ids(path, rows).tolist()]
    leaves = np.flatnonzero(_leaf(batch, path, rows))
    values: list[str | None] = [None] * len(rows)
    if len(leaves):
        numbers = batch.text_ids(path, rows[leaves]).tolist()
        for at, number in zip(leaves.tolist(), numbers, strict=True):
            values[at] = texts[number][:VALUE_CHARACTERS_MAX] or None
    return values


def _leaf(batch: Batch, path: int, rows: Array) -> Array:
    leaf = np.ones(len(rows), bool)
    for name, below in batch.children[path].items():
        if name.startswith("@"):
            continue
        parents = batch.parents[below]
        leaf &= np.searchsorted(parents, rows) == np.searchsorted(parents, rows, side="right")
        if not leaf.any():
            break
    return leaf
