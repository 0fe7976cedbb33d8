"""Ledgers to simulate on: the fast one in memory, or the real one on SQLite, which must give the same operations."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from connectors.ledger import SqlLedger
from connectors.memory.ledger import MemoryLedger
from data_contracts.ledger import Ledger
from relais.simulation.running import MakeLedger


def memory_ledger(time: Callable[[], float]) -> Ledger:
    """A ledger that costs next to nothing."""
    return MemoryLedger(time=time)


@contextmanager
def sqlite_ledgers() -> Iterator[MakeLedger]:
    """Makes ledgers on SQLite, each in a file of its own; all are gone afterwards."""
    made: list[SqlLedger] = []
    with tempfile.TemporaryDirectory(prefix="relais-simulation-", dir=_quick_folder()) as folder:
        empty = Path(folder) / "empty.db"
        first = SqlLedger(f"sqlite:///{empty}")
        first.create_tables()
        first.close()
        numbers = count()

        def ledger(time: Callable[[], float]) -> Ledger:
            while made:
                made.pop().close()
            path = Path(folder) / f"{next(numbers)}.db"
            shutil.copyfile(empty, path)
            made.append(SqlLedger(f"sqlite:///{path}", time=time))
            return made[-1]

        yield ledger
        while made:
            made.pop().close()


def _quick_folder() -> str | None:
    """Where files cost no disk, if there is such a place."""
    shared = Path("/dev/shm")
    return str(shared) if shared.is_dir() else None
