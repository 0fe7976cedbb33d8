"""The bytes behind scanned tables: the line of an element, and the texts of elements that have children."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data_contracts import limits
from data_contracts.errors import ContractBroken
from pipelines.parsing.path_tables import INT, Array, Batch
from pipelines.parsing.scanner.string_values import string_value

FEEDS_KEPT_BYTES_MAX = 100_000
"""Of documents up to this size the places of line feeds are kept, once a line was asked for."""
_FEED = 10


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
        """The string values of elements, from the bytes of their documents.

        Cost     as of `string_value`, an element.
        """
        orders = batch.orders[path][rows]
        numbers = self._starts.searchsorted(orders, side="right") - 1
        offsets = (orders - self._starts[numbers]).tolist()
        return [
            string_value(self._documents[number], offset)
            for number, offset in zip(numbers.tolist(), offsets, strict=True)
        ]
