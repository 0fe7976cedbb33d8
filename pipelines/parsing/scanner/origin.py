"""The bytes behind scanned tables: the line of an element, and the texts of elements that have children."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from lxml import etree

from data_contracts import limits
from data_contracts.errors import ContractBroken
from pipelines.parsing.path_tables import INT, Array, Batch
from pipelines.parsing.xml_gate import gated

FEEDS_KEPT_BYTES_MAX = 100_000
"""Of documents up to this size the places of line feeds are kept, once a line was asked for."""
_FEED = 10
_STRING = etree.XPath("string()")


def bases(documents: Sequence[bytes]) -> Array:
    """Where each document starts in the numbers of `orders`, and behind the last one, where they end.

    Shape    int32, one more than there are documents.
    Errors   ContractBroken when the batch has 2**31 bytes or more: the caller made it too large.
    """
    ends = np.cumsum([0, *map(len, documents)], dtype=np.int64)
    if int(ends[-1]) > np.iinfo(INT).max:
        raise ContractBroken(
            "a batch has more bytes than its tables can number",
            value=str(int(ends[-1])),
            remedy=f"cut batches at {limits.BATCH_BYTES_MAX} bytes",
        )
    return ends.astype(INT)


class ScannedOrigin:
    """`Origin` of tables whose `orders` are a document's base plus the offset of the element's `<` in its bytes."""

    def __init__(self, documents: Sequence[bytes], starts: Array) -> None:
        self._documents = documents
        self._starts = starts
        self._trees: dict[int, etree._Element] = {}
        self._tree_bytes = 0
        self._feeds: dict[int, Array] = {}
        self._counted = (-1, 0, 1)

    def lines(self, batch: Batch, path: int, rows: Array) -> list[int | None]:
        """The lines on which elements' start tags end, as libxml2 counts lines: by line feeds alone.

        No value of a scanned document's attribute holds a `>`, so the first one ends the tag.

        Cost     about 2 microseconds a row and, at the first row of a document, as much for 4 kB of it.
        """
        orders = batch.orders[path][rows]
        numbers = self._starts.searchsorted(orders, side="right") - 1
        offsets = (orders - self._starts[numbers]).tolist()
        return [self._line(number, offset) for number, offset in zip(numbers.tolist(), offsets, strict=True)]

    def _line(self, number: int, offset: int) -> int:
        document = self._documents[number]
        end = document.index(b">", offset)
        if len(document) <= FEEDS_KEPT_BYTES_MAX:
            feeds = self._feeds.get(number)
            if feeds is None:
                feeds = self._feeds[number] = np.flatnonzero(np.frombuffer(document, np.uint8) == _FEED).astype(INT)
            return int(feeds.searchsorted(end)) + 1
        # Rows of a path are asked for in their order, so that a long document is read once for all of them.
        known, start, line = self._counted
        if known != number or end < start:
            start, line = 0, 1
        line += document.count(b"\n", start, end)
        self._counted = (number, end, line)
        return line

    def texts(self, batch: Batch, path: int, rows: list[int]) -> list[str]:
        """The string values of elements, from the trees of their documents.

        Cost     a parse a document; trees are kept while their documents have few bytes in all.
        """
        orders = batch.orders[path]
        numbers = np.searchsorted(self._starts, orders, side="right") - 1
        first = np.searchsorted(numbers, numbers)
        found: list[str] = []
        elements: list[etree._Element] = []
        known = -1
        for row in rows:
            number = int(numbers[row])
            if number != known:
                known, elements = number, self._elements(number, batch.paths.steps(path))
            found.append(str(_STRING(elements[row - int(first[row])])))
        return found

    def _elements(self, number: int, steps: list[str]) -> list[etree._Element]:
        """The elements of a path in one document, in document order."""
        root = self._root(number)
        elements = [root] if root.tag == steps[0] else []
        for name in steps[1:]:
            elements = [child for element in elements for child in element if child.tag == name]
        return elements

    def _root(self, number: int) -> etree._Element:
        root = self._trees.get(number)
        if root is None:
            data = self._documents[number]
            if self._tree_bytes + len(data) > limits.TREES_BYTES_MAX:
                self._trees.clear()
                self._tree_bytes = 0
            root = self._trees[number] = gated(data).getroot()
            self._tree_bytes += len(data)
        return root
