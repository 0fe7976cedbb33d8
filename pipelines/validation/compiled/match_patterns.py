"""Match patterns: which nodes a rule's context claims. What follows from a path alone is decided once a path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.parsing.path_tables import PathDictionary
from pipelines.validation.compiled.evaluation.axes import named
from pipelines.validation.compiled.evaluation.compiler import Compiler, constant_of
from pipelines.validation.compiled.evaluation.functions import local_name
from pipelines.validation.compiled.evaluation.not_compilable import NotCompilable
from pipelines.validation.compiled.evaluation.spaces import Expression
from pipelines.validation.compiled.rule_files.trees import Tree


@dataclass(frozen=True)
class Step:
    """One step of a pattern. `far`: any number of elements may lie between it and the step before it."""

    test: str
    predicates: tuple[Expression, ...]
    far: bool


@dataclass(frozen=True)
class Alternative:
    """One branch of a pattern's union. `anchored`: its first step stands at the document node."""

    steps: tuple[Step, ...]
    anchored: bool


Candidate = tuple[tuple[int, Expression], ...]
"""Predicates still to be evaluated, each with the path at which it stands. Empty: every row of the path matches."""


def alternatives(tree: Tree, compiler: Compiler) -> tuple[Alternative, ...]:
    """The branches of a match pattern. Errors   NotCompilable."""
    return tuple(Alternative(tuple(steps), anchored) for anchored, steps in _branches(tree, compiler))


def _branches(tree: Tree, compiler: Compiler) -> Iterator[tuple[bool, list[Step]]]:
    kind = tree[0]
    if kind == "root":
        yield True, []
    elif kind == "union":
        for part in tree[1:]:
            yield from _branches(part, compiler)
    elif kind == "slash":
        for anchored, base in _branches(tree[1], compiler):
            for inner_anchored, steps in _branches(tree[2], compiler):
                if inner_anchored:
                    raise NotCompilable("a pattern with a root inside")
                yield anchored, [*base, *steps]
    elif kind == "filter":
        predicate = compiler.expression(tree[2])
        if tree[2][0] == "integer" or not predicate.of_node:
            raise NotCompilable("a pattern that counts positions or looks at variables of its rule")
        for anchored, steps in _branches(tree[1], compiler):
            last = steps[-1]
            yield anchored, [*steps[:-1], Step(last.test, (*last.predicates, predicate), last.far)]
    elif kind == "step" and tree[1] in ("child", "descendant", "attribute", "descendant-attribute"):
        if tree[2] in ("node()", "text()"):
            raise NotCompilable(f"a pattern with {tree[2]}")
        mark = "@" if tree[1].endswith("attribute") else ""
        yield False, [Step(f"{mark}{tree[2]}", (), tree[1].startswith("descendant"))]
    else:
        raise NotCompilable(f"a pattern with {kind}")


def candidates(alternative: Alternative, paths: PathDictionary, path: int) -> Iterator[Candidate]:
    """The ways in which rows of a path may match, as far as names decide."""
    for found in _placed(alternative, paths, path, len(alternative.steps) - 1):
        if found is not None:
            yield tuple(found)


def _placed(
    alternative: Alternative, paths: PathDictionary, path: int, index: int
) -> Iterator[list[tuple[int, Expression]]]:
    """Places the steps up to `index` on a path and its ancestors, the last one on the path itself."""
    step = alternative.steps[index]
    if path <= 0 or not named(paths.names[path], step.test):
        return
    here: list[tuple[int, Expression]] = []
    for predicate in step.predicates:
        known = truth_by_name(predicate.tree, paths.names[path])
        if known is False:
            return
        if known is None:
            here.append((path, predicate))
    above = paths.parents[path]
    if index == 0:
        if not alternative.anchored or step.far or above == 0:
            yield here
        return
    while above > 0:
        for rest in _placed(alternative, paths, above, index - 1):
            yield [*rest, *here]
        if not step.far:
            return
        above = paths.parents[above]


def truth_by_name(tree: Tree, name: str) -> bool | None:
    """What a predicate is for every node of this name; None when the name does not say."""
    if tree[0] == "call" and tree[1] == "not":
        inner = truth_by_name(tree[2], name)
        return None if inner is None else not inner
    if tree[0] == "and":
        parts = [truth_by_name(part, name) for part in tree[1:]]
        return False if False in parts else (None if None in parts else True)
    if tree[:2] == ("call", "ends-with") and tree[2] in (("call", "name"), ("call", "local-name")):
        tail = constant_of(tree[3])
        return local_name(name).endswith(tail) if tail is not None and ":" not in tail else None
    return None
