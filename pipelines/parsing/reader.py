"""Documents into path tables: by a scanner of bytes where it can, by libxml2's trees for the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from lxml import etree

from data_contracts.limits import TREE_NODES_MAX, TREES_BYTES_MAX
from data_contracts.refusals import DocumentUnreadable
from pipelines.parsing.large_documents import is_large
from pipelines.parsing.path_tables import Batch, shared_paths
from pipelines.parsing.scanner.reading import Scanner, Status
from pipelines.parsing.tree_tables import shredded
from pipelines.parsing.xml_gate import gated


@dataclass(frozen=True)
class Tabled:
    """Documents in one set of tables.

    Shape    document n of `batch` is the document `positions[n]` of those given; `statuses[n]` says what the scanner
             knows of it, `Status.UNREAD` where libxml2 read it: then `trees[n]` is what it read.
    """

    positions: tuple[int, ...]
    batch: Batch
    statuses: tuple[Status, ...]
    trees: tuple[etree._ElementTree, ...] = ()


@dataclass(frozen=True)
class Refused:
    """A document that the gate refuses, by its position among those given."""

    position: int
    refusal: DocumentUnreadable


@dataclass(frozen=True)
class Untaken:
    """A large document, by its position among those given, which only a scanner could read where there is none."""

    position: int


def tabled(contents: Sequence[bytes], scanner: Scanner | None) -> Iterator[Tabled | Refused | Untaken]:
    """Documents, each either in one of the tables, or refused, or untaken.

    Shape    without a scanner libxml2 reads every document but large ones. What the scanner leaves comes after what it
             reads; large documents that it leaves are refused.
    Errors   none of its own: a refusal is a value.
    Cost     see docs/rule-engine.md; trees of `TREES_BYTES_MAX` bytes of documents are in memory at once.
    """
    left: list[int] = list(range(len(contents)))
    shut = scanner is None
    if scanner is not None and contents:
        reading = scanner.read(contents)
        shut = reading.shut
        known = np.flatnonzero(reading.statuses != Status.UNREAD)
        batch = reading.batch if len(known) == len(contents) else reading.batch.of_documents(known)
        if len(known):
            statuses = tuple(map(Status, reading.statuses[known].tolist()))
            yield Tabled(tuple(known.tolist()), batch, statuses)
        left = np.flatnonzero(reading.statuses == Status.UNREAD).tolist()
    large = [position for position in left if is_large(contents[position])]
    for position in large:
        yield Untaken(position) if shut else Refused(position, _not_plain())
    yield from _by_trees(contents, [position for position in left if position not in large])


def _not_plain() -> DocumentUnreadable:
    return DocumentUnreadable.saying("IRR_TAILLE_F", "parsing-large-unread", most=str(TREE_NODES_MAX))


def _by_trees(contents: Sequence[bytes], left: Sequence[int]) -> Iterator[Tabled | Refused]:
    positions: list[int] = []
    trees: list[etree._ElementTree] = []
    weight = 0
    for position in left:
        try:
            tree = gated(contents[position])
        except DocumentUnreadable as refusal:
            yield Refused(position, refusal)
            continue
        if trees and weight + len(contents[position]) > TREES_BYTES_MAX:
            yield from _of_trees(positions, trees)
            positions, trees, weight = [], [], 0
        positions.append(position)
        trees.append(tree)
        weight += len(contents[position])
    yield from _of_trees(positions, trees)


def _of_trees(positions: Sequence[int], trees: Sequence[etree._ElementTree]) -> Iterator[Tabled]:
    done = 0
    while done < len(trees):
        batch = shredded(trees[done:], shared_paths())
        part = tuple(positions[done : done + batch.documents])
        yield Tabled(part, batch, (Status.UNREAD,) * batch.documents, tuple(trees[done : done + batch.documents]))
        done += batch.documents
