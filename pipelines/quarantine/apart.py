"""Checks an invoice of quarantine in a process of its own: it is there because it may take its worker down."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from data_contracts.errors import RelaisError
from data_contracts.ledger import Ledger
from data_contracts.ports import ObjectStore
from data_contracts.quarantine import Quarantined
from data_contracts.rule_sets import RuleRegister
from pipelines.quarantine.recheck import Recheck, recheck

RECHECK_SECONDS_MAX = 900.0
"""Seconds that one invoice gets: an invoice of 100,000 lines takes about a minute."""


class Ports(Protocol):
    """What a check needs of a home."""

    @property
    def ledger(self) -> Ledger: ...

    @property
    def store(self) -> ObjectStore: ...

    @property
    def register(self) -> RuleRegister: ...

    @property
    def cache_dir(self) -> Path: ...


def recheck_apart(opened: Callable[[], Ports], seconds_max: float = RECHECK_SECONDS_MAX) -> Recheck:
    """A `Recheck` that survives its document. `opened` makes the ports in that process, which finds it by its name."""
    # Spawned, not forked: the column engine's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")

    def rechecked(entry: Quarantined, attempt: int, judged_on: date) -> str:
        ours, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(opened, entry, attempt, judged_on, theirs))
        worker.start()
        theirs.close()
        worker.join(seconds_max)
        if worker.is_alive():
            worker.kill()
            worker.join()
            return f"the check took more than {seconds_max:.0f} s"
        return _answer(ours, worker.exitcode)

    return rechecked


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


def _work(opened: Callable[[], Ports], entry: Quarantined, attempt: int, judged_on: date, theirs: Connection) -> None:
    from pipelines.validation.standing_engine import standing_engine

    try:
        ports = opened()
        flow = ports.ledger.flow(entry.flow_key)
        engine = standing_engine(ports.cache_dir, ports.store)
        recheck(entry, flow, attempt, judged_on, store=ports.store, engine=engine, register=ports.register)
    except RelaisError as error:
        theirs.send(error)
    else:
        theirs.send("")
