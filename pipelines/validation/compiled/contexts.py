"""Which rule judges which node: of each pattern the first whose context matches, by falling priority."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pipelines.parsing.path_tables import INT, Array, Batch, Rows
from pipelines.validation.compiled.evaluation.casts import truth
from pipelines.validation.compiled.evaluation.not_compilable import NotDecided
from pipelines.validation.compiled.evaluation.spaces import Space, evaluated, table_space
from pipelines.validation.compiled.evaluation.values import Segment
from pipelines.validation.compiled.match_patterns import Candidate
from pipelines.validation.compiled.plan import Bindings, CompiledPattern, RuleSetPlan

Claimed = dict[tuple[int, int], list[tuple[int, Rows]]]
"""(pattern, rule) -> (path, rows)."""


@dataclass
class Contexts:
    """The nodes that each rule judges, and the documents where that is not known."""

    claimed: Claimed = field(default_factory=dict)
    unknown: set[int] = field(default_factory=set)


def claimed_nodes(batch: Batch, plan: RuleSetPlan, bindings: Bindings) -> Contexts:
    """The contexts of a batch. Parents come before children, since a path is entered after its parent."""
    contexts = Contexts()
    barred: dict[tuple[int, int], Array] = {}
    for path in batch.present:
        for number, rules in bindings.claims[path]:
            _claim(batch, contexts, path, number, rules, _barred(batch, barred, number, path, plan.patterns[number]))
        for number, pattern in enumerate(plan.patterns) if plan.stops else ():
            if pattern.stops:
                _bar(batch, contexts, barred, path, number, pattern)
    return contexts


def _barred(
    batch: Batch, barred: dict[tuple[int, int], Array], number: int, path: int, pattern: CompiledPattern
) -> Array | None:
    """The rows that the pattern never comes to, because the rule of an ancestor does not go on."""
    if not pattern.stops:
        return None
    above = barred.get((number, batch.paths.parents[path]))
    return None if above is None else above[batch.parents[path]]


def _bar(
    batch: Batch,
    contexts: Contexts,
    barred: dict[tuple[int, int], Array],
    path: int,
    number: int,
    pattern: CompiledPattern,
) -> None:
    """Notes the rows below which the pattern does not go."""
    inherited = _barred(batch, barred, number, path, pattern)
    marks = np.zeros(batch.count[path], bool) if inherited is None else inherited.copy()
    for place, rule in enumerate(pattern.rules):
        if not rule.goes_on:
            for where, rows in contexts.claimed.get((number, place), ()):
                if where == path:
                    marks[slice(None) if rows is None else rows] = True
    if marks.any():
        barred[number, path] = marks


def _claim(
    batch: Batch,
    contexts: Contexts,
    path: int,
    number: int,
    rules: tuple[tuple[int, tuple[Candidate, ...]], ...],
    barred: Array | None,
) -> None:
    """Gives each row of a path to the first rule that matches it."""
    taken = barred
    for place, ways in rules:
        matched = _matched(batch, contexts, path, ways)
        if matched is not None:
            fresh = matched if taken is None else matched & ~taken
            rows: Rows = fresh.nonzero()[0].astype(INT)
            if rows is not None and len(rows) == batch.count[path]:
                rows = None
        else:
            fresh, rows = None, None if taken is None else (~taken).nonzero()[0].astype(INT)
        if rows is None or len(rows):
            contexts.claimed.setdefault((number, place), []).append((path, rows))
        if matched is None:
            return
        taken = matched if taken is None else taken | matched


def _matched(batch: Batch, contexts: Contexts, path: int, ways: tuple[Candidate, ...]) -> Array | None:
    """The rows that match in one of the ways; None for all. An error in a predicate leaves the document open."""
    found: Array | None = None
    for way in ways:
        if not way:
            return None
        rows = np.ones(batch.count[path], bool)
        for place, predicate in way:
            space = table_space(batch, place)
            try:
                holds, errors = truth(evaluated(predicate, space), batch)
            except NotDecided:
                holds, errors = np.zeros(space.size, bool), np.ones(space.size, bool)
            if errors is not None and errors.any():
                contexts.unknown.update(batch.document(place)[errors].tolist())
            rows &= holds if place == path else holds[batch.ancestors(path, place)]
        found = rows if found is None else found | rows
    return found


def rule_space(batch: Batch, claimed: list[tuple[int, Rows]]) -> Space:
    """The space of a rule: one iteration a claimed node, by document."""
    if len(claimed) == 1:
        path, rows = claimed[0]
        if rows is None:
            return table_space(batch, path)
        return Space(batch, len(rows), [(path, None, rows)])
    documents = np.concatenate([
        batch.document(path) if rows is None else batch.document(path)[rows] for path, rows in claimed
    ])  # fmt: skip
    order = np.argsort(documents, kind="stable")
    rank = np.empty(len(order), INT)
    rank[order] = np.arange(len(order), dtype=INT)
    segments: list[Segment] = []
    start = 0
    for path, rows in claimed:
        end = start + (batch.count[path] if rows is None else len(rows))
        segments.append((path, rank[start:end], rows))
        start = end
    return Space(batch, len(order), segments)
