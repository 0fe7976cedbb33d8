"""A batch of documents as tables: a dictionary of paths, and three integer columns for each path.

Shape    path = (parent path, expanded name), attributes are paths too (`@name`); path 0 is the document node, one row a
         document. Per path: `parents` (row in the parent path's table, never decreasing), `texts` (id of the text in
         the batch's dictionary; -1 when the element has child elements), `orders` (document order, over the batch).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.validation.compiled.not_compilable import NotDecided

Array = NDArray[Any]
Rows = Array | None
"""Row numbers; None stands for all rows of the path, in order."""

Columns = tuple[list[int], list[int], list[int]]
"""Of one path, while a batch is being read: parent rows, text ids, orders."""

INT = np.int32
COMPLEX = -1
PATHS_MAX = 50_000
"""Above this many paths a dictionary is replaced by an empty one: hostile documents must not fill the memory."""


PAIRS_MAX = 10_000_000


class PathDictionary:
    """Every path seen by this process, append-only, so that what is known of a path is worked out once."""

    def __init__(self) -> None:
        self.parents: list[int] = [-1]
        self.names: list[str] = [""]
        self.children: list[dict[str, int]] = [{}]

    def __len__(self) -> int:
        return len(self.names)

    def child(self, parent: int, name: str) -> int:
        """The id of a child path, made when new."""
        path = self.children[parent].get(name)
        if path is None:
            path = self.children[parent][name] = len(self.names)
            self.parents.append(parent)
            self.names.append(name)
            self.children.append({})
        return path

    def steps(self, path: int) -> list[str]:
        """The names from the root element down."""
        names: list[str] = []
        while path:
            names.append(self.names[path])
            path = self.parents[path]
        return names[::-1]


class Strings:
    """The distinct strings of a batch. Id 0 is the empty string."""

    def __init__(self) -> None:
        self.values = [""]
        self.ids = {"": 0}

    def put(self, text: str) -> int:
        number = self.ids.get(text)
        if number is None:
            number = self.ids[text] = len(self.values)
            self.values.append(text)
        return number


class Batch:
    """The tables of a batch, with the indexes that evaluation asks for, made when first asked."""

    def __init__(
        self,
        paths: PathDictionary,
        strings: Strings,
        documents: int,
        columns: dict[int, tuple[Array, Array, Array]],
        complex_texts: Callable[[Batch, int, list[int]], list[str]],
    ) -> None:
        self.paths = paths
        self.strings = strings
        self.documents = documents
        self.present = sorted(columns)
        self.parents = {path: column[0] for path, column in columns.items()}
        self._texts = {path: column[1] for path, column in columns.items()}
        self.orders = {path: column[2] for path, column in columns.items()}
        self.count = {0: documents, **{path: len(column[0]) for path, column in columns.items()}}
        self.children: dict[int, dict[str, int]] = {0: {}, **{path: {} for path in columns}}
        self.by_name: dict[str, list[int]] = {}
        for path in self.present:
            name = paths.names[path]
            self.children[paths.parents[path]][name] = path
            self.by_name.setdefault(name, []).append(path)
        self.memo: dict[Any, Any] = {}
        self._complex_texts = complex_texts
        self._documents: dict[int, Array] = {0: np.arange(documents, dtype=INT)}
        self._below: dict[tuple[int, int], tuple[Array, Array, int, bool]] = {}
        self._ancestor: dict[tuple[int, int], Array] = {}
        self.filled: set[int] = set()

    def document(self, path: int) -> Array:
        """The document of each row."""
        known = self._documents.get(path)
        if known is None:
            known = self._documents[path] = self.document(self.paths.parents[path])[self.parents[path]]
        return known

    def ancestors(self, path: int, above: int) -> Array:
        """For each row of `path`, the row of its ancestor at the path `above`."""
        if self.paths.parents[path] == above:
            return self.parents[path]
        if above == 0:
            return self.document(path)
        known = self._ancestor.get((path, above))
        if known is None:
            known = self.ancestors(self.paths.parents[path], above)[self.parents[path]]
            self._ancestor[path, above] = known
        return known

    def below(self, above: int, path: int) -> tuple[Array, Array, int, bool]:
        """For each row of `above`: first row of `path` under it and their number; the most; whether each has one."""
        known = self._below.get((above, path))
        if known is None:
            rows = self.count[above]
            counts = np.bincount(self.ancestors(path, above), minlength=rows).astype(INT)
            first = (np.cumsum(counts, dtype=INT) - counts).astype(INT)
            one_each = bool(rows == self.count[path] and (counts == 1).all())
            known = self._below[above, path] = (first, counts, int(counts.max()) if rows else 0, one_each)
        return known

    def text_ids(self, path: int, rows: Rows) -> Array:
        """Ids of the string values of these rows; those of elements with children are put together when asked for."""
        column = self._texts[path]
        chosen = column if rows is None else column[rows]
        if path not in self.filled and len(chosen) and int(chosen.min()) == COMPLEX:
            self.filled.add(path)
            column = self._texts[path] = column.copy()
            complex_rows = np.flatnonzero(column == COMPLEX)
            texts = self._complex_texts(self, path, complex_rows.tolist())
            column[complex_rows] = [self.strings.put(text) for text in texts]
            chosen = column if rows is None else column[rows]
        return chosen

    def rank(self, path: int, row: int) -> int:
        """How many siblings of the same name come before this row."""
        first = self.below(self.paths.parents[path], path)[0]
        return row - int(first[self.parents[path][row]])

    def is_below(self, path: int, above: int) -> bool:
        """Whether `above` is an ancestor path of `path`."""
        parents = self.paths.parents
        while path > 0:
            path = parents[path]
            if path == above:
                return True
        return False


def by_distinct(batch: Batch, key: object, function: Callable[[str], int], ids: Array) -> Array:
    """`function` of each string, called once a distinct string and batch under the same key. Its value is an int32."""
    known = batch.memo.get(key)
    size = len(batch.strings.values)
    if known is None or len(known) < size:
        grown = np.full(size + 1024, _UNKNOWN, INT)
        if known is not None:
            grown[: len(known)] = known
        known = batch.memo[key] = grown
    found = known[ids]
    missing = found == _UNKNOWN
    if missing.any():
        values = batch.strings.values
        for number in distinct_ids(ids[missing], size):
            known[number] = function(values[number])
        found = known[ids]
    return found


def distinct_ids(ids: Array, size: int) -> list[int]:
    """The distinct ids, rising; `size` is above all of them. Marking them is faster than sorting them."""
    marks = np.zeros(size, bool)
    marks[ids] = True
    found: list[int] = np.flatnonzero(marks).tolist()
    return found


_UNKNOWN = np.iinfo(INT).min


def ragged(first: Array, counts: Array) -> Array:
    """The numbers first[0] .. first[0]+counts[0]-1, first[1] .. and so on, in one column.

    Errors   NotDecided beyond `PAIRS_MAX`: a document that pairs all its nodes with all must not fill the memory.
    """
    total = int(counts.sum())
    if total > PAIRS_MAX:
        raise NotDecided("more pairs of nodes than are held in memory")
    if total == 0:
        return np.zeros(0, INT)
    return np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(total)


def columns_of(lists: Sequence[Columns]) -> dict[int, tuple[Array, Array, Array]]:
    """The columns of the paths that have rows. Shape   one triple of lists a path id."""
    return {
        path: (np.array(parents, INT), np.array(texts, INT), np.array(orders, INT))
        for path, (parents, texts, orders) in enumerate(lists)
        if parents
    }
