"""Functions of XPath on other things than strings, and the functions that a rule file declares itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipelines.parsing.path_tables import INT, Array, Batch
from pipelines.validation.compiled.evaluation import casts, operators
from pipelines.validation.compiled.evaluation.casts import at_most_one, atoms, one_string, truth
from pipelines.validation.compiled.evaluation.columns import combinations, distinct_ids
from pipelines.validation.compiled.evaluation.compiler import Builder, Compiler, constant_of
from pipelines.validation.compiled.evaluation.not_compilable import NotCompilable, NotDecided
from pipelines.validation.compiled.evaluation.spaces import NOTHING, Expression, Space, depends_on, evaluated
from pipelines.validation.compiled.evaluation.string_functions import STRING_BUILDERS
from pipelines.validation.compiled.evaluation.texts import as_strings
from pipelines.validation.compiled.evaluation.values import (
    BOOLEAN,
    DECIMAL,
    NODES,
    STRING,
    TEXTS,
    Errors,
    Value,
    either,
)
from pipelines.validation.compiled.rule_files.trees import LISTED_CODE, Tree

_UNKNOWN = -1
_XS = "{http://www.w3.org/2001/XMLSchema}"


def _of_one(function: Callable[[Value, Batch], Value], *, here: bool = False) -> Builder:
    def build(compiler: Compiler, tree: Tree, arguments: tuple[Expression, ...]) -> Expression:
        if not arguments and here:
            arguments = (compiler.expression(("here",)),)
        if len(arguments) != 1:
            raise NotCompilable(f"{tree[1]} with {len(arguments)} arguments")
        argument = arguments[0]
        return Expression(tree, argument.depends, lambda space: function(evaluated(argument, space), space.batch))

    return build


def _constant(truth_value: bool) -> Builder:
    def build(_compiler: Compiler, tree: Tree, _arguments: tuple[Expression, ...]) -> Expression:
        return Expression(tree, NOTHING, lambda space: Value(BOOLEAN, space.size, np.bool_(truth_value), constant=True))

    return build


def _not(value: Value, batch: Batch) -> Value:
    holds, errors = truth(value, batch)
    return Value(BOOLEAN, value.size, ~holds, errors=errors)


def _boolean(value: Value, batch: Batch) -> Value:
    holds, errors = truth(value, batch)
    return Value(BOOLEAN, value.size, holds, errors=errors)


def _exists(value: Value, batch: Batch) -> Value:
    return Value(BOOLEAN, value.size, counts(value, batch) > 0, errors=value.errors)


def _empty(value: Value, batch: Batch) -> Value:
    return Value(BOOLEAN, value.size, counts(value, batch) == 0, errors=value.errors)


def _count(value: Value, batch: Batch) -> Value:
    return Value(DECIMAL, value.size, counts(value, batch), errors=value.errors)


def counts(value: Value, batch: Batch) -> np.ndarray:
    """The number of items of each iteration."""
    value = value if value.kind == NODES else atoms(value, batch)
    total = np.zeros(value.size, np.int64)
    if value.kind != NODES:
        return total + 1 if value.its is None else total + np.bincount(value.its, minlength=value.size)
    for _path, its, _rows in value.segments:
        total += 1 if its is None else np.bincount(its, minlength=value.size)
    return total


def _distinct_values(value: Value, batch: Batch) -> Value:
    """Distinct texts, in the order of their first appearance."""
    value = atoms(value, batch)
    if value.kind not in TEXTS:
        raise NotDecided(f"distinct-values of a {value.kind}")
    data = np.full(value.size, value.data) if value.constant else value.data
    keys = value.iterations().astype(np.int64) << 32 | data
    first = np.sort(np.unique(keys, return_index=True)[1])
    return Value(value.kind, value.size, data[first], its=value.iterations()[first], errors=value.errors)


def _string(value: Value, batch: Batch) -> Value:
    value = one_string(as_strings(value, batch), batch)
    return Value(STRING, value.size, value.data, constant=value.constant, errors=value.errors)


def _cast(cast: Callable[[Value, Batch], Value]) -> Callable[[Value, Batch], Value]:
    return lambda value, batch: cast(at_most_one(atoms(value, batch)), batch)


def _local_name(value: Value, batch: Batch) -> Value:
    if value.kind != NODES:
        raise NotDecided(f"the name of a {value.kind}")
    ids = np.zeros(value.size, INT)
    for path, its, _rows in value.segments:
        name = batch.paths.names[path]
        ids[its if its is not None else slice(None)] = batch.strings.put(local_name(name))
    many = counts(value, batch) > 1
    return Value(STRING, value.size, ids, errors=either(value.errors, many if many.any() else None))


def local_name(name: str) -> str:
    """The local part of the name of a path."""
    return name.removeprefix("@").rpartition("}")[2]


def _ends_with(compiler: Compiler, tree: Tree, arguments: tuple[Expression, ...]) -> Expression:
    """`ends-with(name(), 'Amount')` needs no prefix: the local name ends so, or does not."""
    tail = constant_of(tree[3]) if len(tree) == 4 else None
    if tree[2] == ("call", "name") and tail and ":" not in tail:
        return compiler.expression(("call", "ends-with", ("call", "local-name"), tree[3]))
    return STRING_BUILDERS["ends-with"](compiler, tree, arguments)


def _name(_compiler: Compiler, tree: Tree, _arguments: tuple[Expression, ...]) -> Expression:
    """Compiles, so that `ends-with(name(), ...)` may look at its tree, but says nothing: tables hold no prefixes."""

    def run(_space: Space) -> Value:
        raise NotDecided("name() with the document's own prefix")

    return Expression(tree, frozenset({"context"}), run)


BUILDERS: dict[str, Builder] = {
    **STRING_BUILDERS,
    "true": _constant(True),
    "false": _constant(False),
    "not": _of_one(_not),
    "boolean": _of_one(_boolean),
    "exists": _of_one(_exists),
    "empty": _of_one(_empty),
    "count": _of_one(_count),
    "sum": _of_one(operators.summed),
    "round": _of_one(operators.rounded),
    "abs": _of_one(operators.absolute),
    "number": _of_one(casts.number, here=True),
    "distinct-values": _of_one(_distinct_values),
    "string": _of_one(_string, here=True),
    "local-name": _of_one(_local_name, here=True),
    "name": _name,
    "ends-with": _ends_with,
    f"{_XS}decimal": _of_one(_cast(casts.to_decimal)),
    f"{_XS}double": _of_one(_cast(casts.to_double)),
    f"{_XS}boolean": _of_one(_cast(casts.to_boolean)),
    f"{_XS}date": _of_one(_cast(casts.to_date)),
}


def with_code_lists(lists: dict[tuple[str, str], tuple[str, ...]]) -> dict[str, Builder]:
    """The builders, and the look-up of a value in a code list of the rule file."""

    def listed(compiler: Compiler, tree: Tree, _arguments: tuple[Expression, ...]) -> Expression:
        codes = lists.get((str(constant_of(tree[2])), str(constant_of(tree[3]))))
        if codes is None:
            raise NotCompilable(f"the code list {tree[3][1]} of {tree[2][1]} is not there")
        return compiler.expression(("general", "eq", tree[4], ("list", *(("string", code) for code in codes))))

    return {**BUILDERS, LISTED_CODE: listed}


@dataclass(frozen=True)
class FileFunction:
    """An xsl:function. Parameters are strings or elements; the result is one boolean.

    `variables` are its own, in order; `body` its result. With strings alone it runs once a distinct argument. A
    variable that raises counts even when the body does not need it: see `plan.CompiledRule`.
    """

    name: str
    parameters: tuple[tuple[str, str], ...]
    variables: tuple[tuple[str, Tree], ...]
    body: Tree

    def called(self, compiler: Compiler, tree: Tree, arguments: tuple[Expression, ...]) -> Expression:
        """The expression of a call."""
        scope: dict[str, Expression | str] = {}
        for name, value in self.variables:
            scope[name] = compiler.compiled(value, scope)
        parts = (compiler.compiled(self.body, scope), *(part for part in scope.values() if not isinstance(part, str)))
        free = {f"${name}" for name, _type in self.parameters}
        if not depends_on(*parts) <= free or len(arguments) != len(self.parameters):
            raise NotCompilable(f"the function {self.name} looks at more than its parameters")
        run = (
            self._strings(parts, arguments)
            if all(t in ("xs:string", "xs:string?") for _, t in self.parameters)
            else (self._elements(parts, arguments))
        )
        return Expression(tree, depends_on(*arguments), run)

    def _strings(self, parts: tuple[Expression, ...], arguments: tuple[Expression, ...]) -> Callable[[Space], Value]:
        def run(space: Space) -> Value:
            batch = space.batch
            errors: Errors = None
            columns = []
            for argument, (_name, kind) in zip(arguments, self.parameters, strict=True):
                value = at_most_one(atoms(evaluated(argument, space), batch))
                if value.kind not in TEXTS:
                    raise NotDecided(f"a {value.kind} passed as a string")
                errors = either(errors, value.errors)
                column = np.full(space.size, -1, np.int64)
                column[value.iterations()] = value.data
                if kind == "xs:string" and (column < 0).any():
                    errors = either(errors, column < 0)
                columns.append(column)
            if len(columns) == 1:
                holds, raised = self._of_texts(parts, batch, columns[0])
            else:
                distinct, where = combinations(columns)
                holds, raised = (part[where] for part in self._of_distinct(parts, batch, distinct))
            return Value(BOOLEAN, space.size, holds, errors=either(errors, raised if raised.any() else None))

        return run

    def _of_texts(self, parts: tuple[Expression, ...], batch: Batch, ids: Array) -> tuple[Array, Array]:
        """The results for texts, -1 for the empty sequence, and where they raise: each text once a batch."""
        size = len(batch.strings.values)
        known = batch.memo.get(parts)
        if known is None or len(known) <= size:
            grown = np.full(size + 1024, _UNKNOWN, np.int8)
            if known is not None:
                grown[: len(known)] = known
            known = batch.memo[parts] = grown
        places = ids + 1
        missing = known[places] == _UNKNOWN
        if missing.any():
            fresh = distinct_ids(places[missing], size + 1)
            holds, raised = self._of_distinct(parts, batch, [fresh - 1])
            known[fresh] = holds + 2 * raised
        found = known[places]
        return (found & 1) == 1, found >= 2

    def _of_distinct(self, parts: tuple[Expression, ...], batch: Batch, columns: list[Array]) -> tuple[Array, Array]:
        inner = Space(batch, len(columns[0]), [])
        for (name, _type), column in zip(self.parameters, columns, strict=True):
            there = np.flatnonzero(column >= 0).astype(INT)
            its = None if len(there) == len(column) else there
            inner.variables[name] = Value(STRING, inner.size, column[there].astype(INT), its=its)
        value = _result(parts, inner)
        if value.kind != BOOLEAN:
            raise NotDecided(f"the function {self.name} gives a {value.kind}")
        holds, errors = truth(value, batch)
        # The result is declared as one boolean: none raises.
        raised = counts(value, batch) == 0
        return holds, raised if errors is None else errors | raised

    def _elements(self, parts: tuple[Expression, ...], arguments: tuple[Expression, ...]) -> Callable[[Space], Value]:
        def run(space: Space) -> Value:
            inner = Space(space.batch, space.size, [])
            errors = None
            for (name, kind), argument in zip(self.parameters, arguments, strict=True):
                value = evaluated(argument, space)
                if kind != "element()?" or value.kind != NODES:
                    raise NotDecided(f"a {value.kind} passed as {kind}")
                many = counts(value, space.batch) > 1
                errors = either(errors, either(value.errors, many if many.any() else None))
                inner.variables[name] = value.with_errors(None)
            found = _result(parts, inner)
            return found.with_errors(either(errors, found.errors))

        return run


def _result(parts: tuple[Expression, ...], space: Space) -> Value:
    """The value of the body, the first part, with the errors of the variables, the others."""
    value = evaluated(parts[0], space)
    errors = value.errors
    for part in parts[1:]:
        errors = either(errors, evaluated(part, space).errors)
    return value.with_errors(errors)
