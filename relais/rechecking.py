"""Checks an invoice of quarantine in a process of its own: it is there because it may take its worker down."""

from __future__ import annotations

import multiprocessing
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

from data_contracts.errors import RelaisError
from data_contracts.quarantine import Quarantined
from pipelines.quarantine.recheck import Recheck

RECHECK_SECONDS_MAX = 900.0
"""Seconds that one invoice gets: an invoice of 100,000 lines takes about a minute."""


def recheck_apart(home: Path, seconds_max: float = RECHECK_SECONDS_MAX) -> Recheck:
    """A `Recheck` that survives its document, by the settings of a home."""
    # Spawned, not forked: the column engine's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")

    def recheck(entry: Quarantined, attempt: int, judged_on: date) -> str:
        ours, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(home, entry, attempt, judged_on, theirs))
        worker.start()
        theirs.close()
        worker.join(seconds_max)
        if worker.is_alive():
            worker.kill()
            worker.join()
            return f"the check took more than {seconds_max:.0f} s"
        return _answer(ours, worker.exitcode)

    return recheck


def _answer(ours: Connection, exit_code: int | None) -> str:
    """Why the check failed; empty when its tables are written. Raises what the check raised."""
    try:
        said = ours.recv()
    except EOFError:
        return f"the check stopped its worker (exit code {exit_code})"
    finally:
        ours.close()
    if isinstance(said, RelaisError):
        raise said
    assert said == "", f"the check said {said!r}"
    return ""


def _work(home: Path, entry: Quarantined, attempt: int, judged_on: date, theirs: Connection) -> None:
    from connectors.assembly import house
    from connectors.settings import load
    from pipelines.quarantine.recheck import recheck
    from pipelines.validation.standing_engine import standing_engine

    try:
        built = house(load(home))
        flow = built.ledger.flow(entry.flow_key)
        engine = standing_engine(built.cache_dir, built.store)
        recheck(entry, flow, attempt, judged_on, store=built.store, engine=engine, register=built.register)
    except RelaisError as error:
        theirs.send(error)
    else:
        theirs.send("")
