"""A batch judged by a compiled rule set: official verdicts at the speed of columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from pipelines.parsing.path_tables import INT, Array, Batch
from pipelines.validation.compiled.contexts import claimed_nodes, rule_space
from pipelines.validation.compiled.evaluation.casts import truth
from pipelines.validation.compiled.evaluation.not_compilable import NotDecided, TooManyPairs
from pipelines.validation.compiled.evaluation.spaces import Space, evaluated, spare
from pipelines.validation.compiled.evaluation.values import explicit
from pipelines.validation.compiled.hits import FailingNodes, Locations, sentences
from pipelines.validation.compiled.plan import CompiledAssert, CompiledRule, RuleSetPlan
from pipelines.validation.judge import HITS_KEPT_MAX, NONE_LEFT_OUT, Hit, Judgment, kept

LARGE_ROWS = 1_000_000
"""Rows and texts of a batch above which its memory is looked after."""
_UNBROKEN = Judgment(())


def judge_tables(batch: Batch, plan: RuleSetPlan, reasons: dict[int, str] | None = None) -> list[Judgment | None]:
    """The judgments of a batch, by position; None where the official engine must be asked. Several plans may judge the
    same tables.

    That is where the official rules would raise, a number is out of bounds, or an assert that is not compiled is
    reached. A judgment given here is the official one: same rules, flags, order, locations and sentences.

    Shape    `reasons`, when given, is filled with why each undecided document is so.
    Cost     see docs/rule-engine.md; best at 1,000 documents or more.
    """
    if plan.blind:
        return [None] * batch.documents
    run = _run(batch, plan, reasons if reasons is not None else {})
    if not run.crowded or batch.documents == 1:
        return run.judgments()
    # One document that pairs many nodes leaves open those that happen to be with it: halves are judged again.
    middle = batch.documents // 2
    found: list[Judgment | None] = []
    for first, last in ((0, middle), (middle, batch.documents)):
        own: dict[int, str] = {}
        found += judge_tables(batch.of_documents(np.arange(first, last, dtype=INT)), plan, own)
        if reasons is not None:
            reasons.update({first + document: reason for document, reason in own.items()})
    return found


def _run(batch: Batch, plan: RuleSetPlan, reasons: dict[int, str]) -> _Run:
    """All rules over all documents."""
    run = _Run(batch, reasons)
    bindings = plan.bindings(batch.paths, batch.present)
    contexts = claimed_nodes(batch, plan, bindings)
    run.leave(contexts.unknown, "an error in a context")
    broken = _present(batch, bindings.presence)
    large = sum(batch.count.values()) + len(batch.strings.values) > LARGE_ROWS
    for (number, place), claimed in sorted(contexts.claimed.items()):
        rule = plan.patterns[number].rules[place]
        if not rule.asserts:
            continue
        space = rule_space(batch, claimed)
        run.warm(rule, space)
        for at, statement in enumerate(rule.asserts):
            if statement.present:
                paths = broken.get((number, place, at))
                if paths:
                    run.fail(statement, space, (number, at), run.below(space, paths))
            else:
                run.judge(statement, space, (number, at))
        if large:
            spare(batch)
    return run


def _present(
    batch: Batch, presence: dict[int, tuple[tuple[int, int, int], ...]]
) -> dict[tuple[int, int, int], list[int]]:
    broken: dict[tuple[int, int, int], list[int]] = {}
    for path in batch.present:
        for reference in presence[path]:
            broken.setdefault(reference, []).append(path)
    return broken


@dataclass
class _Failure:
    """The failing iterations of one assert: their nodes, in a space of their own."""

    statement: CompiledAssert
    space: Space
    place: tuple[int, int]


@dataclass
class _Run:
    """`open`: the documents left to the official engine, and why; `crowded`: some only for the many nodes of others;
    `left_out`: by document and rule, how many hits are counted and not kept."""

    batch: Batch
    open: dict[int, str]
    failures: list[_Failure] = field(default_factory=list)
    crowded: bool = False
    left_out: dict[int, Counter[str]] = field(default_factory=dict)

    def leave(self, documents: Iterable[int], reason: str) -> None:
        """Leaves documents to the official engine."""
        for document in documents:
            self.open.setdefault(document, reason)

    def warm(self, rule: CompiledRule, space: Space) -> None:
        """The variables of a rule: where one raises, so may the official engine, see `CompiledRule`."""
        for variable in rule.variables:
            try:
                errors = evaluated(variable, space).errors
            except NotDecided as reason:
                self.crowded |= isinstance(reason, TooManyPairs)
                self.leave(space.documents.tolist(), f"{rule.match}: {reason}")
                continue
            if errors is not None and errors.any():
                self.leave(space.documents[errors].tolist(), "an error in a variable")

    def judge(self, statement: CompiledAssert, space: Space, place: tuple[int, int]) -> None:
        """One assert over all nodes of its rule."""
        if statement.test is None:
            self.leave(space.documents.tolist(), f"{statement.rule}: {statement.refusal}")
            return
        try:
            holds, errors = truth(evaluated(statement.test, space), self.batch)
        except NotDecided as reason:
            self.crowded |= isinstance(reason, TooManyPairs)
            self.leave(space.documents.tolist(), f"{statement.rule}: {reason}")
            return
        if errors is not None and errors.any():
            self.leave(space.documents[errors].tolist(), f"{statement.rule}: an error")
        if statement.report:
            holds = ~holds
        if not holds.all():
            self.fail(statement, space, place, (~holds).nonzero()[0].astype(INT))

    def fail(self, statement: CompiledAssert, space: Space, place: tuple[int, int], its: Array) -> None:
        segments = []
        failing = np.zeros(space.size, bool)
        failing[its] = True
        for segment in space.segments:
            own_its, rows = explicit(self.batch, segment)
            chosen = rows[its] if segment[1] is None else rows[failing[own_its]]
            if len(chosen):
                segments.append((segment[0], chosen))
        for path, rows in segments:
            self.failures.append(_Failure(statement, Space(self.batch, len(rows), [(path, None, rows)]), place))

    def below(self, space: Space, paths: list[int]) -> Array:
        """The iterations (root elements) whose document holds one of these paths."""
        marks = np.zeros(self.batch.documents, bool)
        for path in paths:
            marks[self.batch.document(path)] = True
        return np.flatnonzero(marks[space.documents]).astype(INT)

    def judgments(self) -> list[Judgment | None]:
        """Hits in the order of the official report: pattern, node in document order, assert."""
        judgments: list[Judgment | None] = [_UNBROKEN] * self.batch.documents
        locations = Locations(self.batch)
        told = [self._told(failure, locations) for failure in self.failures]
        hits = [hit for _keys, some in told for hit in some]
        if hits:
            keys = np.concatenate([keys for keys, _some in told], axis=1)
            order = np.lexsort(keys)
            documents = keys[-1][order]
            starts = np.flatnonzero(np.concatenate([[True], documents[1:] != documents[:-1]]))
            sorted_hits = [hits[place] for place in order.tolist()]
            ends = [*starts[1:].tolist(), len(hits)]
            for document, start, end in zip(documents[starts].tolist(), starts.tolist(), ends, strict=True):
                judgments[document] = kept(sorted_hits[start:end], self.left_out.get(document, NONE_LEFT_OUT))
        for document in self.open:
            judgments[document] = None
        return judgments

    def _told(self, failure: _Failure, locations: Locations) -> tuple[Array, list[Hit]]:
        """The hits of one assert on the nodes of one path, and by what they are sorted: last comes first."""
        statement, space = failure.statement, failure.space
        path, _, rows = space.segments[0]
        assert rows is not None
        try:
            texts, errors = sentences(statement, space)
        except NotDecided as reason:
            self.leave(space.documents.tolist(), f"{statement.rule}: {reason}")
            return np.zeros((4, 0), INT), []
        if errors is not None:
            self.leave(space.documents[errors].tolist(), f"{statement.rule}: an error in its sentence")
        if len(rows) > HITS_KEPT_MAX:
            chosen = self._first_of_each_document(statement.rule, space.documents)
            texts, rows, documents = [texts[at] for at in chosen.tolist()], rows[chosen], space.documents[chosen]
        else:
            documents = space.documents
        pattern, at = failure.place
        keys = np.empty((4, len(rows)), INT)
        keys[0], keys[1], keys[2], keys[3] = at, self.batch.orders[path][rows], pattern, documents
        nodes, rule, flag = FailingNodes(statement, path, locations), statement.rule, statement.flag
        return keys, [Hit(rule, flag, None, text, nodes, row) for text, row in zip(texts, rows.tolist(), strict=True)]

    def _first_of_each_document(self, rule: str, documents: Array) -> Array:
        """The places of the first HITS_KEPT_MAX rows of each document; the others are left out, and counted."""
        starts = np.searchsorted(documents, documents)
        places = np.arange(len(documents)) - starts
        numbers, counts = np.unique(documents[places >= HITS_KEPT_MAX], return_counts=True)
        for document, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            self.left_out.setdefault(document, Counter())[rule] += count
        return np.flatnonzero(places < HITS_KEPT_MAX)
