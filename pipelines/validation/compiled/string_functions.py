"""Functions of XPath on strings. With one varying argument they run once a distinct text; the rest is a gather."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from pipelines.parsing.path_tables import INT, Array, Batch
from pipelines.validation.compiled.casts import atoms, one_string
from pipelines.validation.compiled.columns import by_distinct, ragged
from pipelines.validation.compiled.expressions import Builder, Compiler, Expression, constant_of, depends_on
from pipelines.validation.compiled.not_compilable import NotCompilable, NotDecided
from pipelines.validation.compiled.regular_expressions import never_empty, translated
from pipelines.validation.compiled.texts import as_strings
from pipelines.validation.compiled.trees import Tree
from pipelines.validation.compiled.values import (
    BOOLEAN,
    DECIMAL,
    STRING,
    TEXTS,
    Errors,
    Space,
    Value,
    either,
    evaluated,
    sorted_by_iteration,
)  # fmt: skip

_BLANKS = re.compile("[ \t\r\n]+")


def normalized(text: str) -> str:
    """normalize-space(): the four blanks of XML, and no other."""
    return " ".join(text.split()) if text.isascii() else _BLANKS.sub(" ", text).strip(" ")


def _after(text: str, part: str) -> str:
    return text.partition(part)[2] if part else text


def _before(text: str, part: str) -> str:
    return text.partition(part)[0] if part and part in text else ""


def substring(text: str, start: int, length: int | None) -> str:
    """substring() with whole numbers: characters at places start <= place < start + length, counted from 1."""
    end = len(text) if length is None else start - 1 + length
    return text[max(start - 1, 0) : max(end, 0)]


def mapped(
    name: object, function: Callable[..., Any], arguments: list[tuple[Array, Errors, bool]], batch: Batch, size: int
) -> tuple[Array, Errors]:
    """The function of one string per argument and iteration, as int32, called once a distinct combination."""
    errors: Errors = None
    for _ids, raised, _constant in arguments:
        errors = either(errors, raised)
    texts = batch.strings.values
    varying = [place for place, argument in enumerate(arguments) if not argument[2]]
    if not varying:
        return np.full(size, function(*(texts[int(ids)] for ids, _, _ in arguments)), INT), errors
    if len(varying) == 1:
        place = varying[0]
        fixed = [texts[int(ids)] if constant else "" for ids, _, constant in arguments]

        def of_one(text: str) -> int:
            return int(function(*fixed[:place], text, *fixed[place + 1 :]))

        return by_distinct(batch, (name, place, *fixed), of_one, arguments[place][0]), errors
    columns = np.stack([np.broadcast_to(ids, size) for ids, _, _ in arguments])
    combinations, where = np.unique(columns, axis=1, return_inverse=True)
    results = [int(function(*(texts[number] for number in column))) for column in combinations.T.tolist()]
    return np.array(results, INT)[where.reshape(-1)] if size else np.zeros(0, INT), errors


def _builder(name: str, function: Callable[..., Any], result: str, arity: tuple[int, ...]) -> Builder:
    def build(compiler: Compiler, tree: Tree, arguments: tuple[Expression, ...]) -> Expression:
        if not arguments:
            arguments = (compiler.expression(("here",)),)
        if len(arguments) not in arity:
            raise NotCompilable(f"{name} with {len(arguments)} arguments")

        def run(space: Space) -> Value:
            batch = space.batch
            strings = [one_string(evaluated(argument, space), batch) for argument in arguments]
            put = batch.strings.put
            call = function if result != STRING else lambda *texts: put(function(*texts))
            data, errors = mapped(name, call, strings, batch, space.size)
            if result == BOOLEAN:
                return Value(BOOLEAN, space.size, data == 1, errors=errors)
            return Value(result, space.size, data if result == STRING else data.astype(np.int64), errors=errors)

        return Expression(tree, depends_on(*arguments), run)

    return build


def _concat(_compiler: Compiler, tree: Tree, arguments: tuple[Expression, ...]) -> Expression:
    """concat() takes any atomic items and writes them as strings."""

    def run(space: Space) -> Value:
        batch = space.batch
        strings = [one_string(as_strings(evaluated(argument, space), batch), batch) for argument in arguments]
        put = batch.strings.put
        data, errors = mapped("concat", lambda *texts: put("".join(texts)), strings, batch, space.size)
        return Value(STRING, space.size, data, errors=errors)

    return Expression(tree, depends_on(*arguments), run)


def _substring(_compiler: Compiler, tree: Tree, arguments: tuple[Expression, ...]) -> Expression:
    places = tree[3:]
    if any(place[0] != "integer" for place in places):
        raise NotCompilable("substring with places worked out")
    start, length = places[0][1], places[1][1] if len(places) > 1 else None

    def run(space: Space) -> Value:
        put = space.batch.strings.put
        strings = [one_string(evaluated(arguments[0], space), space.batch)]
        name = ("substring", start, length)
        call = lambda text: put(substring(text, start, length))  # noqa: E731
        data, errors = mapped(name, call, strings, space.batch, space.size)
        return Value(STRING, space.size, data, errors=errors)

    return Expression(tree, arguments[0].depends, run)


def _pattern(tree: Tree) -> re.Pattern[str]:
    text = constant_of(tree)
    if text is None:
        raise NotCompilable("a regular expression that is no literal")
    return translated(text)


def _matches(_compiler: Compiler, tree: Tree, arguments: tuple[Expression, ...]) -> Expression:
    if len(arguments) != 2:
        raise NotCompilable("matches with flags")
    pattern = _pattern(tree[3])
    search = pattern.search

    def run(space: Space) -> Value:
        strings = [one_string(evaluated(arguments[0], space), space.batch)]
        call = lambda text: search(text) is not None  # noqa: E731
        data, errors = mapped(("matches", pattern.pattern), call, strings, space.batch, space.size)
        return Value(BOOLEAN, space.size, data == 1, errors=errors)

    return Expression(tree, arguments[0].depends, run)


def _replace(_compiler: Compiler, tree: Tree, arguments: tuple[Expression, ...]) -> Expression:
    new = constant_of(tree[4]) if len(arguments) == 3 else None
    if new is None or "$" in new or "\\" in new:
        raise NotCompilable("replace with a replacement worked out, or with flags")
    pattern = never_empty(_pattern(tree[3]))

    def run(space: Space) -> Value:
        put = space.batch.strings.put
        strings = [one_string(evaluated(arguments[0], space), space.batch)]
        call = lambda text: put(pattern.sub(new, text))  # noqa: E731
        data, errors = mapped(("replace", pattern.pattern, new), call, strings, space.batch, space.size)
        return Value(STRING, space.size, data, errors=errors)

    return Expression(tree, arguments[0].depends, run)


def _tokenize(compiler: Compiler, tree: Tree, arguments: tuple[Expression, ...]) -> Expression:
    if len(arguments) != 2:
        raise NotCompilable("tokenize with flags")
    pattern = never_empty(_pattern(tree[3]))
    text = constant_of(arguments[0].tree)
    if text is not None:
        return compiler.expression(("list", *(("string", word) for word in pattern.split(text) if text)))

    def run(space: Space) -> Value:
        batch = space.batch
        ids, errors, constant = one_string(evaluated(arguments[0], space), batch)
        column = np.full(space.size, ids) if constant else ids
        numbers, where = np.unique(column, return_inverse=True)
        put, texts = batch.strings.put, batch.strings.values
        words = [[put(word) for word in pattern.split(texts[number])] if number else [] for number in numbers.tolist()]
        lengths = np.array([len(row) for row in words], np.int64)
        flat = np.array([word for row in words for word in row], INT)
        chosen = lengths[where]
        items = ragged((np.cumsum(lengths) - lengths)[where], chosen)
        its = np.repeat(np.arange(space.size, dtype=INT), chosen)
        return Value(STRING, space.size, flat[items], its=its, errors=errors)

    return Expression(tree, arguments[0].depends, run)


def _string_join(_compiler: Compiler, tree: Tree, arguments: tuple[Expression, ...]) -> Expression:
    separator = constant_of(tree[3]) if len(arguments) == 2 else ""
    if separator is None:
        raise NotCompilable("string-join with a separator worked out")

    def run(space: Space) -> Value:
        batch = space.batch
        value = sorted_by_iteration(atoms(evaluated(arguments[0], space), batch))
        if value.kind not in TEXTS:
            raise NotDecided(f"string-join of a {value.kind}")
        texts, put = batch.strings.values, batch.strings.put
        rows: dict[int, list[str]] = {}
        data = np.full(space.size, value.data) if value.constant else value.data
        for iteration, number in zip(value.iterations().tolist(), data.tolist(), strict=True):
            rows.setdefault(iteration, []).append(texts[number])
        ids = np.zeros(space.size, INT)
        for iteration, words in rows.items():
            ids[iteration] = put(separator.join(words))
        return Value(STRING, space.size, ids, errors=value.errors)

    return Expression(tree, arguments[0].depends, run)


STRING_BUILDERS: dict[str, Builder] = {
    "normalize-space": _builder("normalize-space", normalized, STRING, (1,)),
    "upper-case": _builder("upper-case", str.upper, STRING, (1,)),
    "lower-case": _builder("lower-case", str.lower, STRING, (1,)),
    "string-length": _builder("string-length", len, DECIMAL, (1,)),
    "contains": _builder("contains", lambda text, part: part in text, BOOLEAN, (2,)),
    "starts-with": _builder("starts-with", str.startswith, BOOLEAN, (2,)),
    "ends-with": _builder("ends-with", str.endswith, BOOLEAN, (2,)),
    "substring-after": _builder("substring-after", _after, STRING, (2,)),
    "substring-before": _builder("substring-before", _before, STRING, (2,)),
    "substring": _substring,
    "concat": _concat,
    "matches": _matches,
    "replace": _replace,
    "tokenize": _tokenize,
    "string-join": _string_join,
}  # fmt: skip
