"""What is told of failing nodes only: their location and the official sentence."""

from __future__ import annotations

from pipelines.validation.compiled.expressions import Expression
from pipelines.validation.compiled.functions import local_name
from pipelines.validation.compiled.plan import CompiledAssert
from pipelines.validation.compiled.tables import Batch
from pipelines.validation.compiled.texts import as_strings
from pipelines.validation.compiled.values import Errors, Space, either, evaluated, sorted_by_iteration


class Locations:
    """The XPath of nodes, as the official files' own templates write it, from the tables alone."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._known: dict[tuple[int, int], str] = {(0, row): "" for row in range(batch.documents)}

    def of(self, path: int, row: int) -> str:
        known = self._known.get((path, row))
        if known is None:
            above = self.of(self._batch.paths.parents[path], int(self._batch.parents[path][row]))
            known = self._known[path, row] = f"{above}/{self._step(path, row)}"
        return known

    def _step(self, path: int, row: int) -> str:
        name = self._batch.paths.names[path]
        local, uri = local_name(name), name.removeprefix("@")[1:].partition("}")[0] if "{" in name else ""
        if name.startswith("@"):
            return f"@*[local-name()='{local}' and namespace-uri()='{uri}']" if uri else f"@{local}"
        step = f"*:{local}[namespace-uri()='{uri}']" if uri else local
        return f"{step}[{self._batch.rank(path, row) + 1}]"


def sentences(statement: CompiledAssert, space: Space) -> tuple[list[str], Errors]:
    """The official sentence of each iteration, runs of white space made one; and where a value in it raises."""
    errors: Errors = None
    columns: list[list[str] | str] = []
    for part in statement.sentence:
        if isinstance(part, str):
            columns.append(part)
            continue
        column, raised = _written(part, space)
        columns.append(column)
        errors = either(errors, raised)
    if all(isinstance(column, str) for column in columns):
        return [" ".join("".join(str(column) for column in columns).split())] * space.size, None
    rows = range(space.size)
    whole = ("".join(column if isinstance(column, str) else column[row] for column in columns) for row in rows)
    return [" ".join(text.split()) for text in whole], errors


def _written(part: Expression, space: Space) -> tuple[list[str], Errors]:
    """xsl:value-of: the items as strings, a space between two."""
    value = sorted_by_iteration(as_strings(evaluated(part, space), space.batch))
    texts = space.batch.strings.values
    if value.constant:
        return [texts[int(value.data)]] * space.size, value.errors
    if value.its is None:
        return [texts[number] for number in value.data.tolist()], value.errors
    found: list[list[str]] = [[] for _ in range(space.size)]
    for iteration, number in zip(value.its.tolist(), value.data.tolist(), strict=True):
        found[iteration].append(texts[number])
    return [" ".join(words) for words in found], value.errors
