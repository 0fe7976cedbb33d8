"""What is told of failing nodes only: where they are and the official sentence."""

from __future__ import annotations

import numpy as np

from pipelines.parsing.path_tables import Batch
from pipelines.validation.compiled.evaluation.functions import local_name
from pipelines.validation.compiled.evaluation.spaces import Expression, Space, evaluated
from pipelines.validation.compiled.evaluation.texts import as_strings
from pipelines.validation.compiled.evaluation.values import Errors, either, sorted_by_iteration
from pipelines.validation.compiled.plan import CompiledAssert


class Locations:
    """Where nodes are, as the official files' own templates tell it, from the tables alone.

    An element is told by its XPath. Those templates know no attributes, so an attribute is told by its value.
    """

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self._steps: dict[int, str] = {}
        self._known: dict[tuple[int, int], str] = {}

    def of(self, path: int, row: int) -> str:
        """The location of a row, as it stands in the official report."""
        if path == 0:
            return ""
        known = self._known.get((path, row))
        if known is None:
            known = self._known[path, row] = self._told(path, row)
        return known

    def _told(self, path: int, row: int) -> str:
        batch, name = self.batch, self.batch.paths.names[path]
        if name.startswith("@"):
            return batch.strings.values[int(batch.text_ids(path, np.array([row]))[0])]
        above = self.of(batch.paths.parents[path], int(batch.parents[path][row]))
        step = self._steps.get(path)
        if step is None:
            uri = name[1:].partition("}")[0] if name.startswith("{") else ""
            step = self._steps[path] = f"*:{local_name(name)}[namespace-uri()='{uri}']" if uri else name
        return f"{above}/{step}[{batch.rank(path, row) + 1}]"


class FailingNodes:
    """The nodes of one path on which one assert is broken: what all their hits share."""

    __slots__ = ("locations", "path", "statement")

    def __init__(self, statement: CompiledAssert, path: int, locations: Locations) -> None:
        self.statement = statement
        self.path = path
        self.locations = locations

    @property
    def batch(self) -> Batch:
        return self.locations.batch

    def location(self, row: int) -> str:
        """The location of a row, as it stands in the official report."""
        return self.locations.of(self.path, row)


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
