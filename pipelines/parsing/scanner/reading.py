"""What a scanner gives back, whichever scanner it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from pipelines.parsing.path_tables import Array, Batch


class Status(IntEnum):
    """What a scanner knows of one document."""

    UNREAD = 0
    """A construct that the scanner does not read, or a limit: only libxml2 can say whether it is well-formed."""
    READ = 1
    """Surely well-formed, within every limit of the gate, and in the tables; its schema verdict is not known."""
    PROVED = 2
    """READ, and surely valid by the schema of its root."""


@dataclass(frozen=True)
class Reading:
    """Documents in tables.

    Shape    `statuses`: `Status` of each document given. `batch` holds a row of path 0 for every document given, also
             for those that are UNREAD, which have no other row. `shut` says that none was looked at.
    """

    statuses: Array
    batch: Batch
    shut: bool = False


class Scanner(Protocol):
    """Reads documents to tables. The same documents give the same tables, whatever was read before."""

    def read(self, documents: Sequence[bytes]) -> Reading:
        """The documents in tables of the process's shared paths.

        Shape    as `tree_tables.shredded` over the gated trees: same paths, rows, parents, strings and order of nodes;
                 the numbers in `orders` rise in document order over the batch and are otherwise the scanner's own.
        """
        ...
