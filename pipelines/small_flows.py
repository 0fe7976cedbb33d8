"""Small flows: all stages one after the other in one process, each on its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial

from data_contracts.errors import RelaisError, TerminalError
from data_contracts.ledger import Ledger
from data_contracts.ports import ObjectStore
from data_contracts.rule_sets import RuleRegister
from pipelines.planning.stage import plan_batches
from pipelines.validation.check import Engine
from pipelines.validation.stage import check_batch

Step = Callable[[], int]
log = logging.getLogger("relais.small_flows")


def carried(steps: Iterable[Step]) -> int:
    """The sum of what the steps did. One that fails stops no other: what it left open is for the next run.

    Errors   the first TerminalError, else the first error, after all steps.
    """
    done = 0
    failed: list[RelaisError] = []
    for step in steps:
        try:
            done += step()
        except RelaisError as error:
            log.error("step.failed cause=%s", error)
            failed.append(error)
    if failed:
        raise next((error for error in failed if isinstance(error, TerminalError)), failed[0])
    return done


def check_planned(
    *, ledger: Ledger, store: ObjectStore, register: RuleRegister, engine: Callable[[], Engine], worker: str
) -> int:
    """How many documents were checked: those of a run's worth of batches, in turns. Errors as `carried`."""
    batch_ids = plan_batches(ledger=ledger, store=store)
    return carried(
        partial(check_batch, each, ledger=ledger, store=store, worker=worker, engine=engine(), register=register)
        for each in batch_ids
    )
