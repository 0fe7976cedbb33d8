"""The elements of a batch that hold business terms, as columns: one row an element, whichever path it was found by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.parsing.path_tables import INT, Array, Batch
from pipelines.parsing.term_paths import TermPaths, Way

ABSENT = -1
"""In place of a text id: there is no such element or attribute."""

Anchor = tuple[int, str, TermPaths]
"""Elements that hold a group of terms: their path, its XPath, and the paths of the terms below them."""


@dataclass(frozen=True)
class Hits:
    """The elements of one term below the rows of one path, in document order.

    Shape    `ways` are the paths that hold the term, with their ids. Of each element: `anchors`, the row above it,
             never decreasing; `ids`, its text; `sources` and `rows`, which of `ways` it was found by, and its row.
    """

    batch: Batch
    ways: tuple[tuple[Way, int], ...]
    anchors: Array
    ids: Array
    sources: Array
    rows: Array

    def attribute(self, name: str) -> Array:
        """The text id of each element's attribute, `ABSENT` where it has none."""
        return self._each([attribute_ids(self.batch, path, name) for _, path in self.ways])

    def beside(self, name: str) -> Array:
        """The text id of the first element of a name beside each element, `ABSENT` where there is none."""
        parents = self.batch.paths.parents
        way = Way(name, (name,))
        return self._each(
            [first_below(self.batch, parents[path], way)[self.batch.parents[path]] for _, path in self.ways]
        )

    def _each(self, columns: list[Array]) -> Array:
        """The value of each element, of columns that hold one for each row of each of `ways`."""
        if len(columns) == 1:
            return columns[0]
        starts = np.cumsum([0, *map(len, columns[:-1])])
        found: Array = np.concatenate(columns)[starts[self.sources] + self.rows]
        return found


@dataclass(frozen=True)
class Group:
    """Terms that belong together, below the rows of one path: invoices below their roots, lines, groups of VAT.

    Shape    `place` is the XPath of the elements, without a number; `documents` the document of each row. `numbers`
             are the places of the rows among those of their document, from 1; None where a document has one at most.
    """

    batch: Batch
    path: int
    place: str
    documents: Array
    numbers: Array | None
    hits: dict[str, Hits]

    def __len__(self) -> int:
        return len(self.documents)


@dataclass(frozen=True)
class Groups:
    """Groups of one kind, which together hold all rows of a table.

    Shape    `order` puts the rows of all groups, one after the other, into document order; None when they are.
    """

    groups: list[Group]
    order: Array | None


def grouped(batch: Batch, anchors: list[Anchor], *, repeated: bool) -> Groups:
    """The groups of one kind.

    Shape    `repeated` elements are numbered within their document, across all paths.
    Cost     a few numpy calls for each path of a term.
    """
    documents = [batch.document(path) for path, _, _ in anchors]
    order = None
    if len(anchors) > 1:
        order = np.argsort(np.concatenate([batch.orders[path] for path, _, _ in anchors]), kind="stable")
    numbers = _numbered(documents, order) if repeated else [None] * len(anchors)
    groups = [
        Group(batch, path, place, document, number, _hits_of_terms(batch, path, terms))
        for (path, place, terms), document, number in zip(anchors, documents, numbers, strict=True)
    ]
    return Groups(groups, order)


def attribute_ids(batch: Batch, path: int, name: str) -> Array:
    """The text id of an attribute of each row of a path, `ABSENT` where it has none."""
    found = np.full(batch.count[path], ABSENT, INT)
    attribute = batch.children[path].get(f"@{name}")
    if attribute is not None:
        found[batch.parents[attribute]] = batch.text_ids(attribute, None)
    return found


def first_below(batch: Batch, above: int, way: Way) -> Array:
    """For each row of a path, the text id of the first element that a way leads to, `ABSENT` where there is none."""
    path = way.below(batch, above)
    if path is None:
        return np.full(batch.count[above], ABSENT, INT)
    if path == above:
        return batch.text_ids(path, None)
    first, counts, _, _ = batch.below(above, path)
    found = np.full(batch.count[above], ABSENT, INT)
    found[counts > 0] = batch.text_ids(path, first[counts > 0])
    return found


def _numbered(documents: list[Array], order: Array | None) -> list[Array | None]:
    """For each part, the place of its rows among all rows of their document, from 1."""
    if not documents:
        return []
    together = np.concatenate(documents)
    ranked = together if order is None else together[order]
    counts = np.bincount(ranked)
    places = (np.arange(1, len(ranked) + 1) - (np.cumsum(counts) - counts)[ranked]).astype(INT)
    if order is not None:
        unordered = np.empty_like(places)
        unordered[order] = places
        places = unordered
    return list(np.split(places, np.cumsum([len(part) for part in documents[:-1]])))


def _hits_of_terms(batch: Batch, anchor: int, terms: TermPaths) -> dict[str, Hits]:
    found = ((term, _hits(batch, anchor, ways)) for term, ways in terms.ways.items())
    return {term: hits for term, hits in found if hits is not None}


def _hits(batch: Batch, anchor: int, ways: tuple[Way, ...]) -> Hits | None:
    led = ((way, way.below(batch, anchor)) for way in ways)
    known = tuple((way, path) for way, path in led if path is not None)
    if not known:
        return None
    anchors = [batch.ancestors(path, anchor) for _, path in known]
    ids = [batch.text_ids(path, None) for _, path in known]
    rows = [np.arange(batch.count[path], dtype=INT) for _, path in known]
    if len(known) == 1:
        return Hits(batch, known, anchors[0], ids[0], np.zeros(len(ids[0]), INT), rows[0])
    order = np.argsort(np.concatenate([batch.orders[path] for _, path in known]), kind="stable")
    sources = np.repeat(np.arange(len(known), dtype=INT), [len(part) for part in rows])
    merged = [np.concatenate(parts)[order] for parts in (anchors, ids, [sources], rows)]
    return Hits(batch, known, merged[0], merged[1], merged[2], merged[3])
