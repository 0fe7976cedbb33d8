"""Functions of XPath on strings. With one varying argument they run once a distinct text; the rest is a gather."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from pipelines.parsing.path_tables import INT, Array, Batch
from pipelines.validation.compiled.evaluation.casts import atoms, one_string
from pipelines.validation.compiled.evaluation.columns import by_distinct, combinations, ragged, texts_by_distinct
from pipelines.validation.compiled.evaluation.compiler import Builder, Compiler, constant_of
from pipelines.validation.compiled.evaluation.not_compilable import NotCompilable, NotDecided
from pipelines.validation.compiled.evaluation.regular_expressions import literal, never_empty, translated
from pipelines.validation.compiled.evaluation.spaces import Expression, Space, depends_on, evaluated
from pipelines.validation.compiled.evaluation.texts import as_strings
from pipelines.validation.compiled.evaluation.values import (
    BOOLEAN,
    DECIMAL,
    STRING,
    TEXTS,
    Errors,
    Value,
    either,
    sorted_by_iteration,
)
from pipelines.validation.compiled.rule_files.trees import Tree

_BLANKS = re.compile("[ \t\r\n]+")
_TOGETHER = 256
_END = "\0"
"""Stands between texts looked at together: no XML document holds it."""
_NOT_NORMAL = ("\t", "\r", "\n", "  ", f" {_END}", f"{_END} ")


def normalized(text: str) -> str:
    """normalize-space(): the four blanks of XML, and no other."""
    return " ".join(text.split()) if text.isascii() else _BLANKS.sub(" ", text).strip(" ")


def all_normalized(texts: list[str]) -> list[str]:
    """normalize-space() of each. Most texts are normal already, and many together are seen to be so at once."""
    found: list[str] = []
    for start in range(0, len(texts), _TOGETHER):
        some = texts[start : start + _TOGETHER]
        together = f"{_END}{_END.join(some)}{_END}"
        found += map(normalized, some) if any(mark in together for mark in _NOT_NORMAL) else some
    return found


def _after(text: str, part: str) -> str:
    return text.partition(part)[2] if part else text


def _before(text: str, part: str) -> str:
    return text.partition(part)[0] if part and part in text else ""


def substring(text: str, start: int, length: int | None) -> str:
    """substring() with whole numbers: characters at places start <= place < start + length, counted from 1."""
    end = len(text) if length is None else start - 1 + length
    return text[max(start - 1, 0) : max(end, 0)]


def mapped(
    name: object, function: Callable[..., Any], arguments: list[Value], batch: Batch, size: int, *, text: bool = False
) -> tuple[Array, Errors]:
    """The function of one string per argument and iteration, called once a distinct combination.

    Shape    int32; ids when the function gives a `text`.
    """
    errors: Errors = None
    for argument in arguments:
        errors = either(errors, argument.errors)
    texts = batch.strings.values
    varying = [place for place, argument in enumerate(arguments) if not argument.constant]
    if len(varying) == 1:
        place = varying[0]
        fixed = [texts[int(argument.data)] if argument.constant else "" for argument in arguments]
        before, after = fixed[:place], fixed[place + 1 :]

        def of_many(many: list[str]) -> list[Any]:
            return [function(*before, one, *after) for one in many]

        look_up = texts_by_distinct if text else by_distinct
        return look_up(batch, (name, place, *fixed), of_many, arguments[place].data), errors
    put = batch.strings.put
    if not varying:
        found = function(*(texts[int(argument.data)] for argument in arguments))
        return np.full(size, put(found) if text else found, INT), errors
    rows, where = combinations([np.broadcast_to(argument.data, size) for argument in arguments])
    results = [
        function(*(texts[number] for number in row)) for row in zip(*(row.tolist() for row in rows), strict=True)
    ]
    return np.array([put(found) for found in results] if text else results, INT)[where], errors


def _of_one(
    key: object, function: Callable[[list[str]], list[Any]], argument: Expression, result: str
) -> Callable[[Space], Value]:
    """A function of one string, given as a function of many."""
    look_up = texts_by_distinct if result == STRING else by_distinct

    def run(space: Space) -> Value:
        value = one_string(evaluated(argument, space), space.batch)
        ids = np.full(space.size, value.data) if value.constant else value.data
        return _told(result, space.size, look_up(space.batch, key, function, ids), value.errors)

    return run


def _told(result: str, size: int, data: Array, errors: Errors) -> Value:
    if result == BOOLEAN:
        return Value(BOOLEAN, size, data == 1, errors=errors)
    return Value(result, size, data if result == STRING else data.astype(np.int64), errors=errors)


def _simple(name: str, function: Callable[[list[str]], list[Any]], result: str) -> Builder:
    """A function of one string, by default the context node's."""

    def build(compiler: Compiler, tree: Tree, arguments: tuple[Expression, ...]) -> Expression:
        if len(arguments) > 1:
            raise NotCompilable(f"{name} with {len(arguments)} arguments")
        argument = arguments[0] if arguments else compiler.expression(("here",))
        return Expression(tree, argument.depends, _of_one(name, function, argument, result))

    return build


def _of_two(name: str, function: Callable[[str, str], Any], result: str) -> Builder:
    def build(_compiler: Compiler, tree: Tree, arguments: tuple[Expression, ...]) -> Expression:
        if len(arguments) != 2:
            raise NotCompilable(f"{name} with {len(arguments)} arguments")

        def run(space: Space) -> Value:
            strings = [one_string(evaluated(argument, space), space.batch) for argument in arguments]
            data, errors = mapped(name, function, strings, space.batch, space.size, text=result == STRING)
            return _told(result, space.size, data, errors)

        return Expression(tree, depends_on(*arguments), run)

    return build


def _concat(_compiler: Compiler, tree: Tree, arguments: tuple[Expression, ...]) -> Expression:
    """concat() takes any atomic items and writes them as strings."""

    def run(space: Space) -> Value:
        batch = space.batch
        strings = [one_string(as_strings(evaluated(argument, space), batch), batch) for argument in arguments]
        data, errors = mapped("concat", lambda *texts: "".join(texts), strings, batch, space.size, text=True)
        return Value(STRING, space.size, data, errors=errors)

    return Expression(tree, depends_on(*arguments), run)


def _substring(_compiler: Compiler, tree: Tree, arguments: tuple[Expression, ...]) -> Expression:
    places = tree[3:]
    if any(place[0] != "integer" for place in places):
        raise NotCompilable("substring with places worked out")
    start, length = places[0][1], places[1][1] if len(places) > 1 else None

    def cut(texts: list[str]) -> list[str]:
        return [substring(text, start, length) for text in texts]

    run = _of_one(("substring", start, length), cut, arguments[0], STRING)
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

    def matched(texts: list[str]) -> list[bool]:
        return [search(text) is not None for text in texts]

    run = _of_one(("matches", pattern.pattern), matched, arguments[0], BOOLEAN)
    return Expression(tree, arguments[0].depends, run)


def _replace(_compiler: Compiler, tree: Tree, arguments: tuple[Expression, ...]) -> Expression:
    new = constant_of(tree[4]) if len(arguments) == 3 else None
    if new is None or "$" in new or "\\" in new:
        raise NotCompilable("replace with a replacement worked out, or with flags")
    pattern = never_empty(_pattern(tree[3]))
    old = literal(pattern)

    def replaced(texts: list[str]) -> list[str]:
        return [pattern.sub(new, text) for text in texts] if old is None else [text.replace(old, new) for text in texts]

    run = _of_one(("replace", pattern.pattern, new), replaced, arguments[0], STRING)
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
        value = one_string(evaluated(arguments[0], space), batch)
        column = np.full(space.size, value.data) if value.constant else value.data
        numbers, where = np.unique(column, return_inverse=True)
        put, texts = batch.strings.put, batch.strings.values
        words = [[put(word) for word in pattern.split(texts[number])] if number else [] for number in numbers.tolist()]
        lengths = np.array([len(row) for row in words], np.int64)
        flat = np.array([word for row in words for word in row], INT)
        chosen = lengths[where]
        items = ragged((np.cumsum(lengths) - lengths)[where], chosen)
        its = np.repeat(np.arange(space.size, dtype=INT), chosen)
        return Value(STRING, space.size, flat[items], its=its, errors=value.errors)

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
        data = np.full(space.size, value.data) if value.constant else value.data
        its = value.iterations()
        alone = np.bincount(its, minlength=space.size)[its] == 1
        ids = np.zeros(space.size, INT)
        ids[its[alone]] = data[alone]
        rows: dict[int, list[str]] = {}
        for iteration, number in zip(its[~alone].tolist(), data[~alone].tolist(), strict=True):
            rows.setdefault(iteration, []).append(texts[number])
        for iteration, words in rows.items():
            ids[iteration] = put(separator.join(words))
        return Value(STRING, space.size, ids, errors=value.errors)

    return Expression(tree, arguments[0].depends, run)


STRING_BUILDERS: dict[str, Builder] = {
    "normalize-space": _simple("normalize-space", all_normalized, STRING),
    "upper-case": _simple("upper-case", lambda texts: [text.upper() for text in texts], STRING),
    "lower-case": _simple("lower-case", lambda texts: [text.lower() for text in texts], STRING),
    "string-length": _simple("string-length", lambda texts: [len(text) for text in texts], DECIMAL),
    "contains": _of_two("contains", lambda text, part: part in text, BOOLEAN),
    "starts-with": _of_two("starts-with", str.startswith, BOOLEAN),
    "ends-with": _of_two("ends-with", str.endswith, BOOLEAN),
    "substring-after": _of_two("substring-after", _after, STRING),
    "substring-before": _of_two("substring-before", _before, STRING),
    "substring": _substring,
    "concat": _concat,
    "matches": _matches,
    "replace": _replace,
    "tokenize": _tokenize,
    "string-join": _string_join,
}  # fmt: skip
