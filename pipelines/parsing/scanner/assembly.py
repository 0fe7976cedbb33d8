"""From the elements and values of the documents read to columns, for a whole batch at once."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from data_contracts import limits
from pipelines.parsing.path_tables import COMPLEX, INT, Array, Batch, Strings
from pipelines.parsing.scanner.automaton import Content
from pipelines.parsing.scanner.lexis import FORMS, proved
from pipelines.parsing.scanner.memo import Memo
from pipelines.parsing.scanner.origin import ScannedOrigin
from pipelines.parsing.scanner.reading import Reading, Status

CHUNK_BYTES = 4_000_000
"""Bytes looked through at once for tags: what the processor's cache holds."""

_SEPARATOR = "\0"
_ALL_OF_FORM = {content: re.compile(rf"(?:(?:{form.pattern})\0)*+") for content, form in FORMS.items()}
_LESS, _SLASH, _QUESTION = b"</?"


class Read:
    """The documents read so far.

    Shape    `elements`: numbers of the memo, one an element; `values`: ids of the values of its attributes, then of its
             text if it is a leaf; `of`, `sizes`, `marked`: document, number of elements, bytes, one a document read.
    """

    def __init__(self, documents: Sequence[bytes], starts: Array, memo: Memo) -> None:
        self.documents = documents
        self.starts = starts
        self.memo = memo
        self.strings: defaultdict[str, int] = defaultdict(None, {"": 0})
        self.strings.default_factory = self.strings.__len__
        self.statuses = np.zeros(len(documents), np.int8)
        self.elements, self.values = array("i"), array("i")
        self.of: list[int] = []
        self.sizes: list[int] = []
        self.marked: list[bytes] = []

    def add(self, number: int, elements: list[int], values: list[str], marked: bytes, *, flawed: bool) -> None:
        """Adds one document that was read to its end. More elements or paths than the gate lets in leave it unread."""
        if len(elements) > limits.XML_ELEMENTS_MAX or self._many_paths(elements, len(values)):
            return
        self.elements.fromlist(elements)
        self.values.fromlist(list(map(self.strings.__getitem__, values)))
        self.of.append(number)
        self.sizes.append(len(elements))
        self.marked.append(marked)
        self.statuses[number] = Status.READ if flawed else Status.PROVED

    def _many_paths(self, elements: list[int], value_count: int) -> bool:
        """Whether there may be more paths than the gate lets in."""
        if len(elements) + value_count <= limits.XML_PATHS_MAX:
            return False
        counts = self.memo.attribute_counts
        return sum(1 + counts[number] for number in set(elements)) > limits.XML_PATHS_MAX


def assembled(read: Read) -> Reading:
    """The tables of the documents read, and what is known of each.

    Cost     some 30 ns a node; half a millisecond a hundred paths.
    """
    memo, elements = read.memo, _array(read.elements)
    documents = np.repeat(np.array(read.of, INT), read.sizes)
    paths = _array(memo.paths)[elements]
    counts = _array(memo.attribute_counts)[elements]
    leaves = elements & 1 == 0
    ends = np.cumsum(counts + leaves)
    ids = _array(read.values)
    texts = np.full(len(elements), COMPLEX, INT)
    texts[leaves] = ids[ends[leaves] - 1]
    orders = _places(read, len(elements))
    strings = list(read.strings)
    _judge(read, elements, documents, texts, strings)

    columns: dict[int, tuple[Array, Array, Array]] = {}
    groups = _groups(paths, len(memo.dictionary))
    rows = np.empty(len(elements), INT)
    for group in groups.values():
        rows[group] = np.arange(len(group), dtype=INT)
    for path, group in groups.items():
        above = memo.dictionary.parents[path]
        # The last element of the parent's path before an element is its parent.
        parents = documents[group] if above == 0 else np.searchsorted(groups[above], group) - 1
        columns[path] = (parents.astype(INT), texts[group], orders[group])
    columns |= _attributes(memo, elements, counts, ids, ends - leaves - counts, rows, orders)
    origin = ScannedOrigin(read.documents, read.starts)
    batch = Batch(memo.dictionary, Strings(strings), len(read.documents), columns, origin)
    return Reading(read.statuses, batch)


def _attributes(
    memo: Memo, elements: Array, counts: Array, ids: Array, first_values: Array, rows: Array, orders: Array
) -> dict[int, tuple[Array, Array, Array]]:
    """The columns of attributes. Shape   `first_values`: by element, the place of its first value in `ids`."""
    having = np.flatnonzero(counts)
    owners = np.repeat(having, counts[having])
    ranks = np.arange(len(owners)) - np.repeat(np.cumsum(counts[having]) - counts[having], counts[having])
    told = _array(memo.first_attributes)[elements[owners]] + ranks
    parents, texts = rows[owners], ids[first_values[owners] + ranks]
    places = (orders[owners] + _array(memo.attribute_offsets)[told]).astype(INT)
    groups = _groups(_array(memo.attribute_paths)[told], len(memo.dictionary))
    return {path: (parents[group], texts[group], places[group]) for path, group in groups.items()}


def _groups(paths: Array, size: int) -> dict[int, Array]:
    """For each path that occurs, where; paths rising, places rising."""
    counts = np.bincount(paths, minlength=size)
    present = np.flatnonzero(counts)
    if not len(present):
        return {}
    narrow = np.zeros(size, np.uint16 if len(present) < 2**16 else np.int64)
    narrow[present] = np.arange(len(present))
    # Numbers of 16 bits are sorted by radix, many times faster than others.
    order = np.argsort(narrow[paths], kind="stable")
    parts = np.split(order, np.cumsum(counts[present])[:-1])
    return dict(zip(present.tolist(), parts, strict=True))


def _places(read: Read, count: int) -> Array:
    """By element, the base of its document and the byte offset of its `<`."""
    found: list[Array] = [np.empty(0, np.int64)]
    part: list[bytes] = []
    size = 0
    starts = read.starts.tolist()
    shifts: list[int] = []
    for number, marked in zip(read.of, read.marked, strict=True):
        part.append(marked)
        shifts.append(starts[number] - size)
        size += len(marked)
        if size >= CHUNK_BYTES:
            found.append(_start_tags(b"".join(part)))
            part, size = [], 0
    found.append(_start_tags(b"".join(part)))
    places = np.concatenate(found)
    assert len(places) == count
    return (places + np.repeat(np.array(shifts, np.int64), read.sizes)).astype(INT)


def _start_tags(data: bytes) -> Array:
    """Where start tags begin in bytes that end outside of a tag."""
    codes = np.frombuffer(data, np.uint8)
    places = np.flatnonzero(codes == _LESS)
    behind = codes[places + 1]
    starting: Array = places[(behind != _SLASH) & (behind != _QUESTION)]
    return starting


def _judge(read: Read, elements: Array, documents: Array, texts: Array, strings: list[str]) -> None:
    """Takes PROVED from the documents that hold an element or a value that is not surely valid."""
    memo = read.memo
    flawed = documents[_array(memo.flaws, np.int8)[elements] != 0]
    read.statuses[flawed] = Status.READ
    checks = _array(memo.checks)[elements]
    for (content, shortest, longest), number in memo.contents.items():
        chosen = np.flatnonzero(checks == number)
        if content is Content.ANY or content is Content.NEVER or not len(chosen):
            continue
        seen = np.zeros(len(strings), bool)
        seen[texts[chosen]] = True
        distinct = np.flatnonzero(seen).tolist()
        values = [strings[place] for place in distinct]
        if _all_of_form(content, values):
            continue
        bad = [at for at, value in zip(distinct, values, strict=True) if not proved(content, shortest, longest, value)]
        read.statuses[documents[chosen[np.isin(texts[chosen], bad)]]] = Status.READ


def _all_of_form(content: Content, values: list[str]) -> bool:
    """Whether one look at all values is enough: they are joined by a character that none of them can hold."""
    form = _ALL_OF_FORM.get(content)
    return form is not None and form.fullmatch(_SEPARATOR.join([*values, ""])) is not None


def _array(values: array[int], kind: type = np.int32) -> Array:
    """A copy, so that the memo may grow again."""
    return np.array(values, kind)
