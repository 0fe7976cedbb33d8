"""Operations on whole sequences: predicates, positions, mapping over nodes, binders, branches, concatenation."""

from __future__ import annotations

import numpy as np

from pipelines.parsing.path_tables import INT, Array, Batch
from pipelines.validation.compiled.evaluation.casts import atoms, truth
from pipelines.validation.compiled.evaluation.exact_doubles import as_fractions, is_exact_double
from pipelines.validation.compiled.evaluation.not_compilable import NotDecided
from pipelines.validation.compiled.evaluation.operators import rescaled
from pipelines.validation.compiled.evaluation.spaces import (
    Expression,
    Space,
    context_of,
    evaluated,
    inner_space,
    table_space,
)
from pipelines.validation.compiled.evaluation.values import (
    BOOLEAN,
    CHOICE,
    DECIMAL,
    NODES,
    NUMBERS,
    STRING,
    TEXTS,
    UNTYPED,
    Errors,
    Segment,
    Value,
    carried,
    either,
    explicit,
    lifted,
    marked,
    merged,
    sorted_by_iteration,
)


def nodes(value: Value) -> Value:
    """The value, which must be nodes: what a step or a predicate starts from."""
    if value.kind == NODES:
        return value
    raise NotDecided(f"a step or predicate on a {value.kind}")


def filtered(base: Value, predicate: Expression, space: Space) -> Value:
    """base[predicate]. Without variables the predicate is one column over the whole table of each path."""
    batch, size, errors = space.batch, space.size, base.errors
    found: list[Segment] = []
    if predicate.of_node:
        for path, its, rows in base.segments:
            keep, raised = _condition(evaluated(predicate, table_space(batch, path)), batch)
            if rows is not None:
                keep, raised = keep[rows], None if raised is None else raised[rows]
            errors = _kept(found, (path, its, rows), keep, raised, errors, size)
        return Value(NODES, size, segments=found, errors=errors)
    if not base.segments:
        return base
    inner = inner_space(base, space)
    keep, raised = _condition(evaluated(predicate, inner), batch)
    start = 0
    for path, its, rows in base.segments:
        end = start + (batch.count[path] if rows is None else len(rows))
        part = None if raised is None else raised[start:end]
        errors = _kept(found, (path, its, rows), keep[start:end], part, errors, size)
        start = end
    return Value(NODES, size, segments=found, errors=errors)


def _condition(value: Value, batch: Batch) -> tuple[Array, Errors]:
    if value.kind in NUMBERS:
        raise NotDecided("a predicate that is a position worked out")
    return truth(value, batch)


def _kept(found: list[Segment], segment: Segment, keep: Array, raised: Errors, errors: Errors, size: int) -> Errors:
    """Adds the part of a segment where the predicate holds; gives the errors with its own."""
    path, its, rows = segment
    if raised is not None and raised.any():
        errors = marked(errors, size, raised.nonzero()[0] if its is None else its[raised])
    if keep.all():
        found.append(segment)
        return errors
    there = keep.nonzero()[0].astype(INT)
    if len(there):
        found.append((path, there if its is None else its[there], there if rows is None else rows[there]))
    return errors


def nth(value: Value, position: int, space: Space) -> Value:
    """value[n], counted in document order within each iteration."""
    if value.kind == CHOICE:
        value = atoms(value, space.batch)
    if value.kind != NODES:
        return _nth_item(value, position)
    if len(value.segments) == 1 and value.segments[0][1] is None:
        return value if position == 1 else Value(NODES, value.size, errors=value.errors)
    if not value.segments:
        return value
    columns = [explicit(space.batch, segment) for segment in value.segments]
    its = np.concatenate([its for its, _ in columns])
    rows = np.concatenate([rows for _, rows in columns])
    paths = np.repeat([segment[0] for segment in value.segments], [len(rows) for _, rows in columns])
    orders = np.concatenate([
        space.batch.orders[segment[0]][rows] if segment[0] else rows
        for segment, (_, rows) in zip(value.segments, columns, strict=True)
    ])  # fmt: skip
    order = np.lexsort((orders, its))
    chosen = order[_positions(its[order]) == position - 1]
    segments: list[Segment] = []
    for path in dict.fromkeys(segment[0] for segment in value.segments):
        mine = chosen[paths[chosen] == path]
        if len(mine):
            segments.append((path, its[mine].astype(INT), rows[mine].astype(INT)))
    return Value(NODES, value.size, segments=segments, errors=value.errors)


def _nth_item(value: Value, position: int) -> Value:
    if value.its is None:
        if position != 1:
            raise NotDecided("a later position of a single item")
        return value
    value = sorted_by_iteration(value)
    assert value.its is not None
    keep = _positions(value.its) == position - 1
    return Value(
        value.kind, value.size, value.data[keep], its=value.its[keep], scale=value.scale, errors=value.errors
    )  # fmt: skip


def _positions(its: Array) -> Array:
    """The place of each item within its iteration, from 0; `its` is sorted."""
    return np.arange(len(its)) - np.searchsorted(its, its)


def of_rank(value: Value, rank: int, batch: Batch) -> Value:
    """The nodes that are number `rank` among the children of that name of their parent."""
    found: list[Segment] = []
    for segment in value.segments:
        path = segment[0]
        its, rows = explicit(batch, segment)
        ranks = rows - batch.below(batch.paths.parents[path], path)[0][batch.parents[path][rows]]
        keep = ranks == rank
        if keep.any():
            found.append((path, its[keep], rows[keep]))
    return Value(NODES, value.size, segments=found, errors=value.errors)


def over_nodes(base: Value, step: Expression, space: Space) -> Value:
    """base/step for a step that is no axis: `a/xs:decimal(b)`, `a/b[c]`, `a/(b|c)`."""
    batch, size = space.batch, space.size
    if not step.of_node:
        if not base.segments:
            return base
        inner = inner_space(base, space)
        assert inner.outer_its is not None
        return carried(evaluated(step, inner), inner.outer_its, size, base.errors, batch)
    parts, orders = [], []
    for segment in base.segments:
        path, its, rows = segment
        value = lifted(
            evaluated(step, table_space(batch, path)), rows, batch.count[path] if rows is None else len(rows)
        )
        own_order = value.its
        parts.append(value if its is None else carried(value, its, size, None, batch))
        if len(base.segments) > 1 and value.kind != NODES and path:
            order = batch.orders[path] if rows is None else batch.orders[path][rows]
            orders.append(order if own_order is None or value.constant else order[own_order])
    errors = base.errors
    for part in parts:
        errors = either(errors, part.errors)
    if not parts:
        return Value(NODES, size, errors=errors)
    if len(parts) == 1:
        return parts[0].with_errors(errors)
    if parts[0].kind == NODES:
        return Value(
            NODES, size, segments=merged(batch, [one for part in parts for one in part.segments]), errors=errors
        )  # fmt: skip
    joined = _joined(parts, size)
    order = np.lexsort((np.concatenate(orders), joined.iterations()))
    return Value(
        joined.kind, size, joined.data[order], its=joined.iterations()[order], scale=joined.scale, errors=errors
    )  # fmt: skip


def _joined(parts: list[Value], size: int) -> Value:
    """All items of several values of one kind; not sorted."""
    filled = [part for part in parts if part.its is None or len(part.its)] or parts[:1]
    if not all(is_exact_double(part) for part in filled):
        filled = [as_fractions(part) for part in filled]
    kinds = {part.kind for part in filled}
    kind = filled[0].kind
    if len(kinds) > 1:
        if not kinds <= set(TEXTS):
            raise NotDecided("a sequence of several kinds")
        kind = STRING
    scale = max(part.scale for part in filled)
    data, its = [], []
    for part in filled:
        column = np.full(size, part.data) if part.constant else part.data
        data.append(rescaled(column, part.scale, scale) if kind == DECIMAL else column)
        its.append(part.iterations())
    return Value(kind, size, np.concatenate(data), its=np.concatenate(its), scale=scale)


def united(parts: list[Value], space: Space) -> Value:
    """a | b."""
    errors: Errors = None
    for part in parts:
        errors = either(errors, nodes(part).errors)
    segments = merged(space.batch, [segment for part in parts for segment in part.segments])
    return Value(NODES, space.size, segments=segments, errors=errors)


def listed(parts: list[Value], space: Space) -> Value:
    """(a, b): the items one after the other; nodes lose what makes them nodes."""
    if not parts:
        return Value(UNTYPED, space.size, np.zeros(0, INT), its=np.zeros(0, INT))
    flat = [atoms(part, space.batch) for part in parts]
    errors: Errors = None
    for part in flat:
        errors = either(errors, part.errors)
    return sorted_by_iteration(_joined(flat, space.size).with_errors(errors))


def branched(test: tuple[Array, Errors], then: Value, other: Value) -> Value:
    """if (test) then ... else ...: errors of a branch count where it is taken."""
    mask, errors = test
    for part, inside in ((then, mask), (other, ~mask)):
        if part.errors is not None:
            errors = either(errors, part.errors & inside)
    if CHOICE in (then.kind, other.kind) or (then.kind != other.kind and _items(then) and _items(other)):
        return Value(CHOICE, then.size, errors=errors, parts=[(mask, then), (~mask, other)])
    if then.kind == NODES == other.kind:
        segments: list[Segment] = []
        for part, inside in ((then, mask), (other, ~mask)):
            for segment in part.segments:
                _kept(segments, segment, inside if segment[1] is None else inside[segment[1]], None, None, then.size)
        # Both branches may hold the same path, so the segments are gathered as a union is.
        return (
            Value(CHOICE, then.size, errors=errors, parts=[(mask, then), (~mask, other)])
            if _twice(segments)
            else (Value(NODES, then.size, segments=segments, errors=errors))
        )
    parts = [_where(then, mask), _where(other, ~mask)]
    return sorted_by_iteration(_joined(parts, then.size).with_errors(errors))


def _twice(segments: list[Segment]) -> bool:
    paths = [segment[0] for segment in segments]
    return len(set(paths)) != len(paths)


def _items(value: Value) -> bool:
    if value.kind == NODES:
        return bool(value.segments)
    return value.its is None or len(value.its) > 0


def _where(value: Value, mask: Array) -> Value:
    if value.kind == NODES:
        return Value(UNTYPED, value.size, np.zeros(0, INT), its=np.zeros(0, INT))
    its = value.iterations()
    keep = mask[its]
    data = np.full(len(its), value.data) if value.constant else value.data
    return Value(value.kind, value.size, data[keep], its=its[keep], scale=value.scale)


def bound(kind: str, name: str, sequence: Value, body: Expression, space: Space) -> Value:
    """some, every, for, bag: one inner iteration an item of the sequence, with the context of the one it comes from."""
    size, errors = space.size, sequence.errors
    if sequence.kind == NODES:
        opened = inner_space(sequence, space)
        its, item = opened.outer_its, Value(NODES, opened.size, segments=opened.segments)
        if kind == "for" and len(sequence.segments) > 1 and its is not None:
            # The items of an iteration stand by path here, so one that holds several is left to the official engine.
            errors = either(errors, np.bincount(its, minlength=size) > 1)
    else:
        flat = sorted_by_iteration(atoms(sequence, space.batch))
        its = flat.iterations()
        data = np.full(len(its), flat.data) if flat.constant else flat.data
        item = Value(flat.kind, len(its), data, scale=flat.scale)
    assert its is not None
    if not len(its):
        return (
            Value(BOOLEAN, size, np.full(size, kind == "every"), errors=errors)
            if kind not in ("for", "bag")
            else (Value(UNTYPED, size, np.zeros(0, INT), its=np.zeros(0, INT), errors=errors))
        )
    inner = Space(space.batch, len(its), context_of(space, its), outer=space, outer_its=its)
    inner.variables[name] = item
    value = evaluated(body, inner)
    if kind in ("for", "bag"):
        return carried(value, its, size, errors, space.batch)
    holds, raised = truth(value, space.batch)
    if raised is not None and raised.any():
        errors = marked(errors, size, its[raised])
    found = np.full(size, kind == "every")
    if kind == "some":
        found[its[holds]] = True
    else:
        found[its[~holds]] = False
    return Value(BOOLEAN, size, found, errors=errors)
