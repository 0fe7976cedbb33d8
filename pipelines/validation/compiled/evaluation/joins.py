"""Equalities as joins: nodes are found by their key, never by comparing all nodes of a document with all others.

`../line[id = $wanted]` asks each line for its siblings, `x[. = preceding::x]` each node for all before it. Worked out
as written, an invoice of 10,000 lines makes a hundred million pairs. Here both sides are columns of keys, sorted once.
What a join does not decide exactly (numbers that are doubles, dates) is left to the comparison of all pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from pipelines.parsing.path_tables import INT, Array, Batch
from pipelines.validation.compiled.evaluation.casts import atoms
from pipelines.validation.compiled.evaluation.columns import ragged
from pipelines.validation.compiled.evaluation.operators import rescaled
from pipelines.validation.compiled.evaluation.sequences import filtered, nodes
from pipelines.validation.compiled.evaluation.spaces import Expression, Space, document_space, evaluated, table_space
from pipelines.validation.compiled.evaluation.values import (
    BOOLEAN,
    DECIMAL,
    NODES,
    TEXTS,
    Errors,
    Segment,
    Value,
    distinct,
    either,
    explicit,
    increasing,
    lifted,
    marked,
)


@dataclass(frozen=True)
class Lookup:
    """`anchor/rest[key = wanted][more]`: `anchor` is one node an iteration; `rest` and `key` follow from a node."""

    anchor: Expression
    rest: Expression
    key: Expression
    wanted: Expression
    more: Expression | None

    def found(self, space: Space) -> Value | None:
        """The nodes; None where all pairs must be compared, or no node is asked for twice, so that pairs are few."""
        batch, size = space.batch, space.size
        anchors = nodes(evaluated(self.anchor, space))
        if all(rows is None or increasing(rows) for _path, _its, rows in anchors.segments):
            return None
        wanted = atoms(evaluated(self.wanted, space), batch)
        errors, segments = anchors.errors, []
        for path, its, rows in anchors.segments:
            above = np.full(size, -1, INT)
            above[slice(None) if its is None else its] = np.arange(batch.count[path]) if rows is None else rows
            below = nodes(evaluated(self.rest, table_space(batch, path)))
            errors = _inherited(errors, below.errors, above)
            for segment in below.segments:
                step = self._joined(batch, segment, above, wanted)
                if step is None:
                    return None
                part, raised = step
                errors = either(errors, raised)
                if part is not None:
                    segments.append(part)
        found = Value(NODES, size, segments=segments, errors=errors)
        return found if self.more is None else filtered(found, self.more, space)

    def _joined(
        self, batch: Batch, segment: Segment, above: Array, wanted: Value
    ) -> tuple[Segment | None, Errors] | None:
        """The nodes of one segment below anchors that are wanted; `above` is the anchor of each iteration, or -1."""
        path = segment[0]
        anchors, rows = explicit(batch, segment)
        key = lifted(atoms(evaluated(self.key, table_space(batch, path)), batch), rows, len(rows))
        keys = _comparable(key, wanted)
        if keys is None:
            return None
        there = np.zeros(int(max(above.max(initial=-1), anchors.max(initial=-1))) + 2, bool)
        there[anchors] = True
        errors: Errors = None
        if wanted.errors is not None:
            errors = wanted.errors & there[above]
        if key.errors is not None and key.errors.any():
            there[:] = False
            there[anchors[key.errors]] = True
            errors = either(errors, there[above])
        items, its = key.iterations(), wanted.iterations()
        left, right = _met(anchors[items], keys[0], above[its], keys[1])
        if not len(left):
            return None, errors
        return distinct((path, its[right], rows[items[left]])), errors


def _inherited(errors: Errors, below: Errors, above: Array) -> Errors:
    """Errors with those that the nodes `above` each iteration bring."""
    if below is None or not below.any():
        return errors
    return marked(errors, len(above), np.flatnonzero((above >= 0) & below[above]))


def _comparable(left: Value, right: Value) -> tuple[Array, Array] | None:
    """Keys of both, equal where the items are, when equality is that of texts or of decimals; else None."""
    first = np.full(left.size, left.data) if left.constant else left.data
    second = np.full(right.size, right.data) if right.constant else right.data
    if left.kind in TEXTS and right.kind in TEXTS:
        return first, second
    if left.kind != DECIMAL or right.kind != DECIMAL:
        return None
    scale = max(left.scale, right.scale)
    first, second = rescaled(first, left.scale, scale), rescaled(second, right.scale, scale)
    if first.dtype != np.int64 or second.dtype != np.int64:
        return None
    numbers = np.unique(np.concatenate([first, second]), return_inverse=True)[1].reshape(-1)
    return numbers[: len(first)], numbers[len(first) :]


def _met(left_groups: Array, left_keys: Array, right_groups: Array, right_keys: Array) -> tuple[Array, Array]:
    """Items of both sides that are of one group and one key, as pairs; by the right side's order."""
    left = left_groups.astype(np.int64) << 32 | left_keys
    right = right_groups.astype(np.int64) << 32 | right_keys
    order = np.argsort(left, kind="stable")
    left = left[order]
    first = np.searchsorted(left, right, "left")
    counts = np.searchsorted(left, right, "right") - first
    return order[ragged(first, counts)], np.repeat(np.arange(len(right)), counts)


@dataclass(frozen=True)
class Earlier:
    """`sought = preceding::name/...`: whether a node before the context node has a key that is sought."""

    sought: Expression
    name: str
    key: Expression

    def found(self, space: Space) -> Value | None:
        """One boolean an iteration; None where all pairs must be compared."""
        batch = space.batch
        sought = atoms(evaluated(self.sought, space), batch)
        paths = batch.by_name.get(self.name, ())
        groups, orders = [np.zeros(0, np.int64)], [np.zeros(0, INT)]
        for path in paths:
            key = atoms(evaluated(self.key, table_space(batch, path)), batch)
            if key.kind not in TEXTS or key.errors is not None:
                return None
            its = key.iterations()
            groups.append(_by_document(batch.document(path)[its], key))
            orders.append(batch.orders[path][its])
        if sought.kind not in TEXTS:
            return None
        known, places = np.unique(np.concatenate(groups), return_inverse=True)
        nodes_by_key = np.sort(places.reshape(-1) << 32 | np.concatenate(orders))
        its = sought.iterations()
        place, there = _places(known, _by_document(space.documents[its], sought))
        before = _number(nodes_by_key, place, _orders(space)[its])
        for orders_above in _orders_above(space, paths):
            # An ancestor begins before the context node and is not among those that precede it.
            above = orders_above[its]
            before -= _number(nodes_by_key, place, above + 1) - _number(nodes_by_key, place, above)
        found = np.zeros(space.size, bool)
        found[its[there & (before > 0)]] = True
        return Value(BOOLEAN, space.size, found, errors=sought.errors)


def _by_document(documents: Array, texts: Value) -> Array:
    """One number for each pair of a document and a text."""
    numbers: Array = documents.astype(np.int64) << 32 | texts.data
    return numbers


def _places(known: Array, wanted: Array) -> tuple[Array, Array]:
    """Where each number stands in a rising column, and whether it does."""
    place = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
    return place, known[place] == wanted if len(known) else np.zeros(len(wanted), bool)


def _number(nodes_by_key: Array, place: Array, order: Array) -> Array:
    """How many nodes have the key at `place` and stand before `order`."""
    base = place.astype(np.int64) << 32
    number: Array = np.searchsorted(nodes_by_key, base | order) - np.searchsorted(nodes_by_key, base)
    return number


def _orders(space: Space) -> Array:
    """The place in document order of each context node."""
    orders = np.zeros(space.size, INT)
    for segment in space.segments:
        its, rows = explicit(space.batch, segment)
        if segment[0]:
            orders[its] = space.batch.orders[segment[0]][rows]
    return orders


def _orders_above(space: Space, paths: Iterable[int]) -> Iterator[Array]:
    """The places of those ancestors of the context nodes that are at one of the paths; 0 stands for none."""
    batch = space.batch
    for segment in space.segments:
        its, rows = explicit(batch, segment)
        for path in paths:
            if batch.is_below(segment[0], path):
                orders = np.zeros(space.size, INT)
                orders[its] = batch.orders[path][batch.ancestors(segment[0], path)[rows]]
                yield orders


@dataclass(frozen=True)
class Shared:
    """`sought = //...`: whether a key that is sought is among those of the whole document."""

    sought: Expression
    keys: Expression

    def found(self, space: Space) -> Value | None:
        """One boolean an iteration; None where all pairs must be compared, or are few: a document has but one key."""
        keys = atoms(evaluated(self.keys, document_space(space.batch)), space.batch)
        if keys.constant or keys.its is None or increasing(keys.its) or keys.kind not in TEXTS:
            return None
        sought = atoms(evaluated(self.sought, space), space.batch)
        if sought.kind not in TEXTS:
            return None
        its, documents = sought.iterations(), space.documents
        known = np.sort(_by_document(keys.its, keys))
        there = _places(known, _by_document(documents[its], sought))[1]
        found = np.zeros(space.size, bool)
        found[its[there]] = True
        errors = None if keys.errors is None else keys.errors[documents]
        return Value(BOOLEAN, space.size, found, errors=either(errors, sought.errors))
