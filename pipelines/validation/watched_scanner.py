"""The fast road of reading under watch: one document in so many is read again by libxml2, and everything compared.

A difference raises the alarm, and from then on this scanner leaves every document to libxml2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from data_contracts.refusals import DocumentUnreadable
from pipelines.parsing.large_documents import is_large
from pipelines.parsing.path_tables import COMPLEX, INT, Batch, PathDictionary
from pipelines.parsing.scanner.reading import Reading, Scanner, Status
from pipelines.parsing.tree_tables import shredded
from pipelines.parsing.xml_gate import gated
from pipelines.validation.proved_schemas import PROVED_SCHEMAS
from pipelines.validation.schema import is_valid

READING_ALARM = "a scanner differs from libxml2"
SAMPLE_EVERY = 1_000


@dataclass(frozen=True)
class ReadingDifference:
    """What the alarm tells: never a value of the document, only its hash and where the two differ."""

    alarm: str
    sha256: str
    what: str


class WatchedScanner:
    """A Scanner. Shape   `phase` says where in the count a process begins; `sample_every` of 0 samples nothing."""

    def __init__(
        self,
        scanner: Scanner,
        alarm: Callable[[ReadingDifference], None],
        *,
        sample_every: int = SAMPLE_EVERY,
        phase: int = 0,
    ) -> None:
        self.open = True
        self._scanner = scanner
        self._alarm = alarm
        self._sample_every = sample_every
        self._read = phase

    def read(self, documents: Sequence[bytes]) -> Reading:
        """As `Scanner.read`; all UNREAD once a difference was met, in this batch too."""
        reading = self._scanner.read(documents)
        for at in self._sample(len(documents)):
            if is_large(documents[at]):
                continue  # Large documents have no tree to compare with.
            what = difference(documents[at], reading, at)
            if what is not None and self.open:
                self.open = False
                self._alarm(ReadingDifference(READING_ALARM, hashlib.sha256(documents[at]).hexdigest(), what))
        if self.open:
            return reading
        nothing = Batch.empty(reading.batch.paths, len(documents))
        return Reading(np.full(len(documents), Status.UNREAD), nothing, shut=True)

    def _sample(self, count: int) -> list[int]:
        start = self._read
        self._read += count
        if not self._sample_every:
            return []
        first = -start % self._sample_every
        return list(range(first, count, self._sample_every))


def difference(content: bytes, reading: Reading, at: int) -> str | None:
    """Where libxml2 says otherwise of a document; None where it agrees, or where the scanner said nothing."""
    status = Status(int(reading.statuses[at]))
    if status is Status.UNREAD:
        return None
    try:
        tree = gated(content)
    except DocumentUnreadable as refusal:
        return f"the gate refuses it: {refusal.motive}"
    schema = PROVED_SCHEMAS.get(tree.getroot().tag)
    if status is Status.PROVED and (schema is None or not is_valid(tree, schema)):
        return "the schema does not accept it"
    return differing(reading.batch.of_documents(np.array([at], INT)), shredded([tree], PathDictionary()))


def differing(one: Batch, other: Batch) -> str | None:
    """The first path in which two batches of one document differ, by its names; None when they hold the same."""
    mine, yours = _by_steps(one), _by_steps(other)
    for steps in sorted(mine.keys() | yours.keys()):
        if steps not in mine or steps not in yours or not _same(one, mine[steps], other, yours[steps]):
            return "/".join(steps)
    here = [(steps, row) for _, steps, row in sorted(_nodes(one, mine))]
    there = [(steps, row) for _, steps, row in sorted(_nodes(other, yours))]
    return None if here == there else "the order of nodes"


def _by_steps(batch: Batch) -> dict[tuple[str, ...], int]:
    return {tuple(batch.paths.steps(path)): path for path in batch.present}


def _same(one: Batch, mine: int, other: Batch, yours: int) -> bool:
    return bool(np.array_equal(one.parents[mine], other.parents[yours])) and _texts(one, mine) == _texts(other, yours)


def _texts(batch: Batch, path: int) -> list[str | None]:
    return [None if number == COMPLEX else batch.strings.values[number] for number in batch.raw_text_ids(path).tolist()]


def _nodes(batch: Batch, by_steps: dict[tuple[str, ...], int]) -> list[tuple[int, tuple[str, ...], int]]:
    return [
        (order, steps, row) for steps, path in by_steps.items() for row, order in enumerate(batch.orders[path].tolist())
    ]
