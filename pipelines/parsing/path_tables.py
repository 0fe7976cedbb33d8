"""A batch of documents as tables: a dictionary of paths, and three integer columns for each path.

Shape    path = (parent path, expanded name), attributes are paths too (`@name`); path 0 is the document node, one row a
         document. Per path: `parents` (row in the parent path's table, never decreasing), `texts` (id of the text in
         the batch's dictionary; -1 when the element has child elements), `orders` (document order, over the batch).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Rows = Array | None
"""Row numbers; None stands for all rows of the path, in order."""

Columns = tuple[list[int], list[int], list[int]]
"""Of one path, while a batch is being read: parent rows, text ids, orders."""

INT = np.int32
COMPLEX = -1
PATHS_MAX = 50_000
"""Above this many paths a dictionary is replaced by an empty one: hostile documents must not fill the memory."""


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


_SHARED: list[PathDictionary] = []


def shared_paths() -> PathDictionary:
    """The path dictionary of this process. It starts anew when it grows beyond bounds."""
    if not _SHARED or len(_SHARED[0]) > PATHS_MAX:
        _SHARED[:] = [PathDictionary()]
    return _SHARED[0]


class Strings:
    """The distinct strings of a batch. Id 0 is the empty string."""

    def __init__(self, values: list[str] | None = None) -> None:
        self.values = [""] if values is None else values
        self._ids: dict[str, int] | None = None

    @property
    def ids(self) -> dict[str, int]:
        """The id of each string; made when first asked, as a scanner hands over values alone."""
        if self._ids is None:
            self._ids = dict(zip(self.values, range(len(self.values)), strict=True))
        return self._ids

    def put(self, text: str) -> int:
        """The id of a string, made when new."""
        number = self.ids.get(text)
        if number is None:
            number = self.ids[text] = len(self.values)
            self.values.append(text)
        return number


class Origin(Protocol):
    """The documents behind tables, for what tables do not hold and few ask for."""

    def texts(self, batch: Batch, path: int, rows: list[int]) -> list[str]:
        """The string values of elements that have children."""
        ...

    def lines(self, batch: Batch, path: int, rows: Array) -> list[int | None]:
        """The lines of elements' start tags in their documents, from 1; None when one is not known."""
        ...


class Batch:
    """The tables of a batch, with the indexes that evaluation asks for, made when first asked."""

    def __init__(
        self,
        paths: PathDictionary,
        strings: Strings,
        documents: int,
        columns: dict[int, tuple[Array, Array, Array]],
        origin: Origin,
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
        self._origin = origin
        self._documents: dict[int, Array] = {0: np.arange(documents, dtype=INT)}
        self._below: dict[tuple[int, int], tuple[Array, Array, int, bool]] = {}
        self._ancestor: dict[tuple[int, int], Array] = {}
        self.filled: set[int] = set()

    @classmethod
    def empty(cls, paths: PathDictionary, documents: int) -> Batch:
        """The tables of documents of which nothing was read."""
        return cls(paths, Strings(), documents, {}, _NoOrigin())

    def raw_text_ids(self, path: int) -> Array:
        """Ids of the texts as read: `COMPLEX` where an element has children, unless its text was asked for since."""
        return self._texts[path]

    def path(self, *names: str) -> int | None:
        """The path of these expanded names from the root element down; None when no document of the batch has it."""
        path = 0
        for name in names:
            below = self.children[path].get(name)
            if below is None:
                return None
            path = below
        return path

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
            texts = self._origin.texts(self, path, complex_rows.tolist())
            column[complex_rows] = [self.strings.put(text) for text in texts]
            chosen = column if rows is None else column[rows]
        return chosen

    def line(self, path: int, row: int) -> int | None:
        """As `lines`, of one row."""
        return self.lines(path, np.array([row], INT))[0]

    def lines(self, path: int, rows: Array) -> list[int | None]:
        """The lines of the start tags of elements, or of attributes' elements, from 1; None when one is not known."""
        if self.paths.names[path].startswith("@"):
            return self.lines(self.paths.parents[path], self.parents[path][rows])
        return self._origin.lines(self, path, rows)

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

    def of_documents(self, chosen: Array) -> Batch:
        """The tables of some documents of this batch.

        Shape    `chosen` are their numbers, rising; strings are shared, and documents are numbered anew.
        """
        kept: dict[int, Array] = {0: np.asarray(chosen, dtype=INT)}
        columns: dict[int, tuple[Array, Array, Array]] = {}
        renumbered: dict[int, Array] = {}
        for path in [0, *self.present]:
            if path:
                above = self.paths.parents[path]
                if above not in kept:
                    continue
                parents = renumbered[above][self.parents[path]]
                rows = np.flatnonzero(parents >= 0).astype(INT)
                if not len(rows):
                    continue
                kept[path] = rows
                columns[path] = (parents[rows], self._texts[path][rows], self.orders[path][rows])
            numbers = np.full(self.count[path], -1, INT)
            numbers[kept[path]] = np.arange(len(kept[path]), dtype=INT)
            renumbered[path] = numbers
        part = Batch(self.paths, self.strings, len(chosen), columns, _PartOrigin(self, kept))
        part.filled = set(self.filled)
        return part


class _NoOrigin:
    """Behind tables without rows is no document to ask."""

    def texts(self, batch: Batch, path: int, rows: list[int]) -> list[str]:
        raise AssertionError("tables without rows were asked for a text")

    def lines(self, batch: Batch, path: int, rows: Array) -> list[int | None]:
        raise AssertionError("tables without rows were asked for lines")


class _PartOrigin:
    """The documents behind the tables of some of them: rows are told by the numbers of the whole batch."""

    def __init__(self, whole: Batch, kept: dict[int, Array]) -> None:
        self._whole = whole
        self._kept = kept

    def texts(self, batch: Batch, path: int, rows: list[int]) -> list[str]:
        ids = self._whole.text_ids(path, self._kept[path][rows])
        return [self._whole.strings.values[number] for number in ids.tolist()]

    def lines(self, batch: Batch, path: int, rows: Array) -> list[int | None]:
        return self._whole.lines(path, self._kept[path][rows])


def columns_of(lists: Sequence[Columns]) -> dict[int, tuple[Array, Array, Array]]:
    """The columns of the paths that have rows. Shape   one triple of lists a path id."""
    return {
        path: (np.array(parents, INT), np.array(texts, INT), np.array(orders, INT))
        for path, (parents, texts, orders) in enumerate(lists)
        if parents
    }
