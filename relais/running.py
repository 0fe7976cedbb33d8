"""Runs the stages in one process, without Airflow: for pre-checks, tests and billers.

The same stages, ledger and store as in Airflow; only who calls them differs. A run that was killed goes on where it was
when it is started again with the same `--out`.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import lru_cache
from pathlib import Path

from connectors.assembly import House, house
from connectors.notification_register import read_suppliers
from connectors.settings import Settings, load
from pipelines.admission.stage import admit_flows
from pipelines.commitments.stage import take_commitments
from pipelines.delivery.stage import deliver_answers
from pipelines.intake.stage import collect_flows
from pipelines.planning.stage import plan_batches
from pipelines.settlement.stage import settle_flows
from pipelines.tracking.official import StatusRules
from pipelines.tracking.stage import track_statuses
from pipelines.validation.stage import check_batch
from pipelines.validation.standing_engine import standing_engine
from relais.dropping import drop

WORKER = "relais-run"
"""One name for all our workers: a run taken up again need not wait for the leases of the killed one."""

Progress = Callable[[str, int, int], None]
"""Called with a stage's name, how much of it is done, and out of how much."""


def run(flows: Path, resent: Path | None, settings: Settings, *, jobs: int, progress: Progress) -> House:
    """Carries every flow of a directory to its answers; returns the house, whose ledger tells the rest.

    Shape    the files of `resent` are dropped once those of `flows` were picked up, as a partner would send them again.
    Errors   ConfigurationError, TransientError and TerminalError as the stages raise them.
    """
    built = house(settings)
    for directory in (flows, resent):
        if directory is not None:
            drop(directory, settings.mailbox_dir, settings.home)
            collect_flows(mailbox=built.mailbox, store=built.store, ledger=built.ledger, clock=built.clock)
    admit_flows(ledger=built.ledger, store=built.store, partners=built.partners)
    while batch_ids := plan_batches(ledger=built.ledger, store=built.store, batches_max=None):
        _check(batch_ids, built, settings.home, jobs, progress)
    suppliers = read_suppliers(settings.home)
    ports = {"ledger": built.ledger, "store": built.store, "directory": built.directory, "clock": built.clock}
    # A call is bounded, for runs of the pipeline that others wait for. A partner's flows settle in order of landing,
    # whatever they hold.
    while take_commitments(suppliers=suppliers, **ports) + settle_flows(**ports, partners=built.partners):
        pass
    rules = StatusRules(built.register, lambda: standing_engine(built.cache_dir, built.store))
    while track_statuses(**ports, partners=built.partners, rules=rules):
        pass
    deliver_answers(ledger=built.ledger, store=built.store, mailbox=built.mailbox)
    return built


def _check(batch_ids: Sequence[str], built: House, home: Path, jobs: int, progress: Progress) -> None:
    progress("check", 0, len(batch_ids))
    if jobs == 1 or len(batch_ids) == 1:
        for done, batch_id in enumerate(batch_ids, start=1):
            _check_one(batch_id, built)
            progress("check", done, len(batch_ids))
        return
    # Spawned, not forked: the column engine's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(batch_ids)), mp_context=context) as pool:
        futures = [pool.submit(_check_elsewhere, batch_id, home) for batch_id in batch_ids]
        for done, future in enumerate(as_completed(futures), start=1):
            future.result()
            progress("check", done, len(batch_ids))


def _check_elsewhere(batch_id: str, home: Path) -> int:
    return _check_one(batch_id, _house_of(home))


def _check_one(batch_id: str, built: House) -> int:
    engine = standing_engine(built.cache_dir, built.store)
    return check_batch(
        batch_id, ledger=built.ledger, store=built.store, worker=WORKER, engine=engine, register=built.register
    )


@lru_cache(maxsize=1)
def _house_of(home: Path) -> House:
    return house(load(home))
