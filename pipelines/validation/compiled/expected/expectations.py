"""What was expected where an assert is broken: its claims, evaluated on the nodes that break it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from pipelines.parsing.path_tables import INT, Array, Batch
from pipelines.validation.compiled.evaluation.casts import numeric, truth
from pipelines.validation.compiled.evaluation.not_compilable import NotCompilable, NotDecided
from pipelines.validation.compiled.evaluation.spaces import Expression, Space, evaluated
from pipelines.validation.compiled.evaluation.texts import as_strings
from pipelines.validation.compiled.evaluation.values import DECIMAL, Value, sorted_by_iteration
from pipelines.validation.compiled.expected.claims import Claim, Kind, claims
from pipelines.validation.compiled.expected.expected_values import (
    CodeList,
    amount,
    bound,
    distance,
    matching,
    prefix,
    with_decimals,
)  # fmt: skip
from pipelines.validation.compiled.expected.forms import Forms
from pipelines.validation.compiled.plan import CompiledAssert, RuleSetPlan
from pipelines.validation.compiled.rule_files.trees import Tree
from pipelines.validation.places import VALUE_CHARACTERS_MAX


@dataclass(frozen=True)
class Expectation:
    """What stands there and what should. Nulls   `found` where the value is missing, or is not one value."""

    found: str | None
    expected: str


@dataclass(frozen=True)
class _Ready:
    """A claim whose trees are compiled."""

    claim: Claim
    test: Expression
    guards: tuple[Expression, ...]
    subject: Expression | None
    expected: Expression | None
    addends: tuple[Expression, ...]
    codes: CodeList | None


_NEAR, _PLAIN, _LOOSE, _NONE = range(4)
"""Ranks: all conditions of an amount hold; it has none; they do not, but no other claim would do; nothing is told."""
log = logging.getLogger("relais.validation")
_NO_DISTANCE = Decimal(0)


class _Best:
    """What is told of each broken node: of several ways to explain it, that of the least rank; of those, the sum that
    adds up most nodes, as rules for invoices and for credit notes stand side by side; then that of the least distance.
    """

    def __init__(self, size: int) -> None:
        self.told: list[Expectation | None] = [None] * size
        self._keys = [(_NONE, 0, _NO_DISTANCE)] * size

    def offer(self, at: int, key: tuple[int, int, Decimal], told: Expectation) -> None:
        """One more way to explain a node: its rank, less the nodes it adds up, and how far it is from what is found."""
        if key < self._keys[at]:
            self._keys[at], self.told[at] = key, told


class Expectations:
    """The expectations of one rule set's asserts. `plan` is asked for at the first broken rule, an assert read when it
    is first broken."""

    def __init__(self, plan: Callable[[], RuleSetPlan]) -> None:
        self._plan = plan
        self._known: dict[int, tuple[_Ready, ...]] = {}

    def of(self, statement: CompiledAssert, batch: Batch, path: int, rows: Sequence[int]) -> list[Expectation | None]:
        """What was expected at rows of one path that break an assert.

        Nulls    None where the assert claims nothing that can be told, or its values are missing.
        Cost     a few milliseconds an assert, once; then about a millisecond a call, whatever the number of rows.
        """
        ready = self._ready(statement)
        if not ready:
            return [None] * len(rows)
        space = Space(batch, len(rows), [(path, None, np.array(rows, INT))])
        best = _Best(len(rows))
        for one in ready:
            try:
                _Telling(one, space, only=len(ready) == 1).add_to(best)
            except NotDecided:
                continue
            except Exception:
                # A finding without its expectation still stands; a batch must not fall for what only helps.
                log.error("expectation.fault rule=%s", statement.rule, exc_info=True)
        return best.told

    def of_rule(self, rule: str, batch: Batch, path: int, row: int) -> Expectation | None:
        """What was expected at a row, of a rule known by its id alone: that of the first assert of this id that may
        judge the row and finds a claim broken."""
        plan = self._plan()
        for number, places in plan.bindings(batch.paths, (path,)).claims[path]:
            for place, _ways in places:
                for statement in plan.patterns[number].rules[place].asserts:
                    if statement.rule == rule and (found := self.of(statement, batch, path, [row])[0]) is not None:
                        return found
        return None

    def _ready(self, statement: CompiledAssert) -> tuple[_Ready, ...]:
        if statement.test is None:
            return ()
        known = self._known.get(id(statement))
        if known is None:
            sentence = " ".join(part for part in statement.sentence if isinstance(part, str))
            found = claims(statement.test.tree, Forms(self._plan().compiler), report=statement.report)
            known = self._known[id(statement)] = tuple(filter(None, (self._compiled(one, sentence) for one in found)))
        return known

    def _compiled(self, claim: Claim, sentence: str) -> _Ready | None:
        compiler = self._plan().compiler

        def compiled(tree: Tree | None) -> Expression | None:
            return None if tree is None else compiler.expression(tree)

        try:
            return _Ready(
                claim,
                compiler.expression(claim.test),
                tuple(compiler.expression(guard) for guard in claim.guards),
                compiled(claim.subject),
                compiled(claim.expected),
                tuple(compiler.expression(tree) for tree in claim.addends) if claim.choice else (),
                CodeList(claim.codes, sentence) if claim.codes else None,
            )
        except NotCompilable:
            return None


class _Telling:
    """One claim on the nodes of a space."""

    def __init__(self, ready: _Ready, space: Space, *, only: bool) -> None:
        self.ready = ready
        self.space = space
        self._only = only
        self._pairs: dict[tuple[str | None, str | None], tuple[Expectation | None, Decimal]] = {}

    def add_to(self, best: _Best) -> None:
        """Offers this claim's way to explain each node where it is broken."""
        claim = self.ready.claim
        if self._only and not claim.guards:
            # The assert is broken, and hangs on nothing else.
            chosen, held = list(range(self.space.size)), None
        else:
            broken, errors = truth(evaluated(self.ready.test, self.space), self.space.batch)
            broken = ~broken if errors is None else ~broken & ~errors
            held = None if self._only and claim.kind is not Kind.COUNT else self._held()
            if held is not None and (claim.choice or claim.kind is Kind.COUNT):
                broken &= held
            chosen = np.flatnonzero(broken).tolist()
        if not chosen:
            return
        found = self._texts(self.ready.subject) if claim.kind is not Kind.COUNT else self._numbers(self.ready.subject)
        expected = self._expected()
        added = self._added_up()
        firm = _NEAR if claim.kind is Kind.AMOUNT and claim.guards else _PLAIN
        for at in chosen:
            told, apart = self._told(found[at], expected[at])
            if told is not None:
                best.offer(at, (firm if held is None or held[at] else _LOOSE, -int(added[at]), apart), told)

    def _held(self) -> Array:
        """Where all conditions hold. One that raises does not."""
        held = np.ones(self.space.size, bool)
        for guard in self.ready.guards:
            try:
                holds, errors = truth(evaluated(guard, self.space), self.space.batch)
            except NotDecided:
                return np.zeros(self.space.size, bool)
            held &= holds if errors is None else holds & ~errors
        return held

    def _added_up(self) -> Array:
        """How many nodes the expected sum of each adds up."""
        added = np.zeros(self.space.size, INT)
        for addend in self.ready.addends:
            added += np.array([int(count or 0) for count in self._numbers(addend)], INT)
        return added

    def _expected(self) -> list[str | None]:
        if self.ready.claim.kind is Kind.AMOUNT:
            return self._numbers(self.ready.expected)
        return self._texts(self.ready.expected)

    def _told(self, found: str | None, expected: str | None) -> tuple[Expectation | None, Decimal]:
        """What is told of these values, each pair worked out once; and how far they are apart."""
        known = self._pairs.get((found, expected))
        if known is None:
            text = self._text(found, expected)
            told = None if text is None else Expectation(found and found[:VALUE_CHARACTERS_MAX], text)
            apart = distance(found, text) if text and self.ready.claim.kind is Kind.AMOUNT else _NO_DISTANCE
            known = self._pairs[found, expected] = (told, apart)
        return known

    def _text(self, found: str | None, expected: str | None) -> str | None:
        claim, codes = self.ready.claim, self.ready.codes
        match claim.kind:
            case Kind.AMOUNT:
                negative = claim.unsigned and found is not None and found.lstrip().startswith("-")
                return expected and bound(claim.op, amount(-Decimal(expected) if negative else Decimal(expected)))
            case Kind.CODES:
                return codes.told(found) if codes else None
            case Kind.TEXT:
                return expected
            case Kind.START:
                return prefix(found, expected, claim.limit)
            case Kind.DECIMALS:
                return with_decimals(found, int(claim.limit))
            case Kind.PATTERN:
                return matching(found, claim.limit)
            case _:
                return bound(claim.op, claim.limit)

    def _texts(self, expression: Expression | None) -> list[str | None]:
        """The text of each node; None where there is none, or several."""
        if expression is None:
            return [None] * self.space.size
        value = as_strings(evaluated(expression, self.space), self.space.batch)
        return [text or None for text in _single(value, self.space.batch.strings.values)]

    def _numbers(self, expression: Expression | None) -> list[str | None]:
        """The number of each node as a decimal; None where there is none."""
        if expression is None:
            return [None] * self.space.size
        value = numeric(evaluated(expression, self.space), self.space.batch)
        numbers: list[str | None] = [None] * self.space.size
        items = [value.data] * value.size if value.constant else value.data.tolist()
        for at, item in zip(value.iterations().tolist(), items, strict=True):
            if value.errors is None or not value.errors[at]:
                numbers[at] = _written(value, item)
        return numbers


def _single(value: Value, texts: list[str]) -> list[str | None]:
    if value.constant:
        return [texts[int(value.data)]] * value.size
    value = sorted_by_iteration(value)
    found: list[str | None] = [None] * value.size
    counts = np.bincount(value.iterations(), minlength=value.size).tolist()
    for at, number in zip(value.iterations().tolist(), value.data.tolist(), strict=True):
        if counts[at] == 1 and (value.errors is None or not value.errors[at]):
            found[at] = texts[number]
    return found


def _written(value: Value, item: float | int | Fraction) -> str | None:
    if value.kind == DECIMAL:
        exact = Fraction(item) / 10**value.scale
        return str(Decimal(exact.numerator) / Decimal(exact.denominator))
    number = Decimal(repr(float(item)))
    return str(number) if number.is_finite() else None
