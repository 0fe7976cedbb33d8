"""Trees compiled to functions from a space to a value: paths, predicates, binders, conditions, operators.

Every sub-expression is compiled once a plan and evaluated once a space. What an expression depends on (its context,
the document alone, variables) decides where it is evaluated: see `spaces.evaluated` and `_over_nodes`.
"""

from __future__ import annotations

import numpy as np

from pipelines.validation.compiled.evaluation import operators
from pipelines.validation.compiled.evaluation.axes import AXES
from pipelines.validation.compiled.evaluation.casts import truth
from pipelines.validation.compiled.evaluation.compiler import Compiler, Form
from pipelines.validation.compiled.evaluation.join_forms import earlier, lookup, shared
from pipelines.validation.compiled.evaluation.not_compilable import NotCompilable
from pipelines.validation.compiled.evaluation.numerals import decimal_parts
from pipelines.validation.compiled.evaluation.sequences import (
    bound,
    branched,
    filtered,
    listed,
    nodes,
    nth,
    of_rank,
    over_nodes,
    united,
)
from pipelines.validation.compiled.evaluation.spaces import (
    CONTEXT,
    DOCUMENT,
    NOTHING,
    Expression,
    Space,
    depends_on,
    evaluated,
)
from pipelines.validation.compiled.evaluation.values import BOOLEAN, DECIMAL, NODES, STRING, Value, either
from pipelines.validation.compiled.rule_files.trees import Tree


def _string(_compiler: Compiler, tree: Tree) -> Expression:
    def run(space: Space) -> Value:
        return Value(STRING, space.size, np.int32(space.batch.strings.put(tree[1])), constant=True)

    return Expression(tree, NOTHING, run)


def _number(_compiler: Compiler, tree: Tree) -> Expression:
    parts = (tree[1], 0) if tree[0] == "integer" else decimal_parts(tree[1])
    if parts is None:
        raise NotCompilable(f"the number {tree[1]}")
    mantissa, scale = parts
    return Expression(tree, NOTHING, lambda space: Value(DECIMAL, space.size, mantissa, constant=True, scale=scale))


def _here(_compiler: Compiler, tree: Tree) -> Expression:
    return Expression(tree, CONTEXT, lambda space: Value(NODES, space.size, segments=space.segments))


def _root(_compiler: Compiler, tree: Tree) -> Expression:
    return Expression(tree, DOCUMENT, lambda space: Value(NODES, space.size, segments=[(0, None, None)]))


def _variable(_compiler: Compiler, tree: Tree) -> Expression:
    return Expression(tree, frozenset({f"${tree[1]}"}), lambda space: space.variable(tree[1]))


def _let(compiler: Compiler, tree: Tree) -> Expression:
    """A variable of the rule. It is inlined where it means the same everywhere; else the rule's space holds it."""
    value = compiler.let(tree[1])
    if "context" not in value.depends and not any(name.startswith("$let") for name in value.depends):
        return value
    return Expression(tree, frozenset({f"$let {value.key}"}), lambda space: space.let(value))


def _step(_compiler: Compiler, tree: Tree) -> Expression:
    axis, test = AXES.get(tree[1]), tree[2]
    if axis is None or test == "text()":
        raise NotCompilable(f"step {tree[1]}::{test}")

    def run(space: Space) -> Value:
        return Value(NODES, space.size, segments=axis(space.batch, space.segments, test))

    return Expression(tree, CONTEXT, run)


def _slash(compiler: Compiler, tree: Tree) -> Expression:
    base = compiler.expression(tree[1])
    kind = tree[2][0]
    if kind == "step" and tree[2][1] in AXES and tree[2][2] != "text()":
        axis, test = AXES[tree[2][1]], tree[2][2]

        def walk(space: Space) -> Value:
            start = nodes(evaluated(base, space))
            return Value(NODES, space.size, segments=axis(space.batch, start.segments, test), errors=start.errors)

        return Expression(tree, base.depends, walk)
    step = compiler.expression(tree[2])

    def run(space: Space) -> Value:
        return over_nodes(nodes(evaluated(base, space)), step, space)

    return Expression(tree, base.depends | (step.depends - CONTEXT), run)


def _filter(compiler: Compiler, tree: Tree) -> Expression:
    base = compiler.expression(tree[1])
    if tree[2][0] == "integer":
        return Expression(tree, base.depends, lambda space: nth(evaluated(base, space), tree[2][1], space))
    predicate = compiler.expression(tree[2])

    join = None if predicate.of_node else lookup(compiler, tree)

    def run(space: Space) -> Value:
        found = None if join is None else join.found(space)
        return filtered(nodes(evaluated(base, space)), predicate, space) if found is None else found

    return Expression(tree, base.depends | (predicate.depends - CONTEXT), run)


def _first_of_parent(compiler: Compiler, tree: Tree) -> Expression:
    """`//x[n]`: the n-th x of its parent, which the rank among siblings of the name says."""
    base = compiler.expression(tree[1])

    def run(space: Space) -> Value:
        value = nodes(evaluated(base, space))
        return of_rank(value, tree[2] - 1, space.batch)

    return Expression(tree, base.depends, run)


def _union(compiler: Compiler, tree: Tree) -> Expression:
    parts = [compiler.expression(part) for part in tree[1:]]
    return Expression(
        tree, depends_on(*parts), lambda space: united([evaluated(part, space) for part in parts], space)
    )  # fmt: skip


def _list(compiler: Compiler, tree: Tree) -> Expression:
    parts = [compiler.expression(part) for part in tree[1:]]
    return Expression(
        tree, depends_on(*parts), lambda space: listed([evaluated(part, space) for part in parts], space)
    )  # fmt: skip


def _binder(compiler: Compiler, tree: Tree) -> Expression:
    """some, every, for; and bag, a `for` whose order does not matter: `some $x in //a satisfies f($x) = b` is one."""
    kind, name = tree[0], tree[1]
    sequence = compiler.expression(tree[2])
    body = compiler.expression(tree[3]) if kind in ("for", "bag") else condition(compiler, tree[3])
    depends = sequence.depends | (body.depends - {f"${name}"})
    if kind == "some" and sequence.of_document and tree[3][:2] == ("general", "eq"):
        for mapped, other in ((tree[3][2], tree[3][3]), (tree[3][3], tree[3][2])):
            if (
                compiler.expression(mapped).depends == {f"${name}"}
                and f"${name}" not in compiler.expression(other).depends
            ):
                return compiler.expression(("general", "eq", ("bag", name, tree[2], mapped), other))

    def run(space: Space) -> Value:
        return bound(kind, name, evaluated(sequence, space), body, space)

    return Expression(tree, depends, run)


def condition(compiler: Compiler, tree: Tree) -> Expression:
    """The expression of a tree of which only the truth counts: that nodes are there is told once a document."""
    expression = compiler.expression(tree)
    if expression.of_document and tree[0] in ("slash", "filter", "union", "first-of-parent"):
        return compiler.expression(("call", "boolean", tree))
    return expression


def _if(compiler: Compiler, tree: Tree) -> Expression:
    test, then, other = condition(compiler, tree[1]), compiler.expression(tree[2]), compiler.expression(tree[3])

    def run(space: Space) -> Value:
        return branched(truth(evaluated(test, space), space.batch), evaluated(then, space), evaluated(other, space))

    return Expression(tree, depends_on(test, then, other), run)


def _logic(compiler: Compiler, tree: Tree) -> Expression:
    """and, or: an error of the right side counts only where the left side does not decide."""
    left, right = (condition(compiler, part) for part in tree[1:])
    conjunction = tree[0] == "and"

    def run(space: Space) -> Value:
        first, errors = truth(evaluated(left, space), space.batch)
        if errors is None and bool((~first if conjunction else first).all()):
            return Value(BOOLEAN, space.size, first)
        second, raised = truth(evaluated(right, space), space.batch)
        if raised is not None:
            errors = either(errors, raised & (first if conjunction else ~first))
        return Value(BOOLEAN, space.size, first & second if conjunction else first | second, errors=errors)

    return Expression(tree, depends_on(left, right), run)


def _general(compiler: Compiler, tree: Tree) -> Expression:
    op = tree[1]
    left, right = compiler.expression(tree[2]), compiler.expression(tree[3])
    members = right.tree[1:] if right.tree[0] == "list" else ()
    if op == "eq" and members and all(member[0] == "string" for member in members):
        return _among(tree, left, frozenset(member[1] for member in members))
    if members:
        parts = [compiler.expression(("general", op, left.tree, member)) for member in members]
        joined = parts[0].tree
        for part in parts[1:]:
            joined = ("or", joined, part.tree)
        return compiler.expression(joined)

    join = (earlier(compiler, tree) or shared(compiler, tree)) if op == "eq" else None

    def run(space: Space) -> Value:
        found = None if join is None else join.found(space)
        if found is not None:
            return found
        return operators.general(op, evaluated(left, space), evaluated(right, space), space.batch)

    return Expression(tree, depends_on(left, right), run)


def _among(tree: Tree, left: Expression, words: frozenset[str]) -> Expression:
    """`x = ('a', 'b')`: one look-up a distinct text."""
    return Expression(
        tree, left.depends, lambda space: operators.among(evaluated(left, space), words, space.batch)
    )  # fmt: skip


def _value(compiler: Compiler, tree: Tree) -> Expression:
    left, right = compiler.expression(tree[2]), compiler.expression(tree[3])

    def run(space: Space) -> Value:
        return operators.by_value(tree[1], evaluated(left, space), evaluated(right, space), space.batch)

    return Expression(tree, depends_on(left, right), run)


def _arithmetic(compiler: Compiler, tree: Tree) -> Expression:
    left, right = compiler.expression(tree[2]), compiler.expression(tree[3])

    def run(space: Space) -> Value:
        return operators.arithmetic(tree[1], evaluated(left, space), evaluated(right, space), space.batch)

    return Expression(tree, depends_on(left, right), run)


def _minus(compiler: Compiler, tree: Tree) -> Expression:
    operand = compiler.expression(tree[1])
    return Expression(tree, operand.depends, lambda space: operators.negated(evaluated(operand, space), space.batch))


def _cast(compiler: Compiler, tree: Tree) -> Expression:
    cast = compiler.expression(("call", tree[1], tree[2]))
    if tree[0] == "cast":
        return cast

    def run(space: Space) -> Value:
        """`cast as` without `?` raises on the empty sequence."""
        value = evaluated(cast, space)
        if value.its is None or len(value.its) == space.size:
            return value
        empty = np.ones(space.size, bool)
        empty[value.its] = False
        return value.with_errors(either(value.errors, empty))

    return Expression(tree, cast.depends, run)


FORMS: dict[str, Form] = {
    "string": _string, "integer": _number, "decimal": _number, "here": _here, "root": _root, "variable": _variable,
    "let": _let, "step": _step, "slash": _slash, "filter": _filter, "first-of-parent": _first_of_parent,
    "union": _union, "list": _list, "some": _binder, "every": _binder, "for": _binder, "bag": _binder, "if": _if,
    "or": _logic, "and": _logic, "general": _general, "value": _value, "arithmetic": _arithmetic, "minus": _minus,
    "cast": _cast, "cast-one": _cast,
}  # fmt: skip
