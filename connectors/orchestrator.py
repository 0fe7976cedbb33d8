"""Airflow: our errors in its words, and our ports from inside its tasks. Airflow is imported only when needed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connectors.assembly import House, house
from connectors.lanes import Lane
from connectors.settings import from_environment
from data_contracts.errors import ConfigurationError, TerminalError

if TYPE_CHECKING:
    from airflow.sdk import Asset
    from airflow.sdk.types import RuntimeTaskInstanceProtocol

IN_BACKGROUND = 10
"""Niceness of work that yields: a tenth of the processor time of work that does not."""


@contextmanager
def raised_as_airflow() -> Iterator[None]:
    """Nothing; around a task's body, errors that no retry can help fail the task at once, all others are retried.

    Errors   AirflowFailException for TerminalError and ConfigurationError; TransientError as it is.
    """
    try:
        yield
    except (TerminalError, ConfigurationError) as error:
        from airflow.sdk.exceptions import AirflowFailException

        raise AirflowFailException(f"{type(error).__name__}: {error}") from error


@contextmanager
def in_house(lane: str = Lane.EVERY) -> Iterator[House]:
    """The ports of the home that RELAIS_HOME names, for a task's body, closed after it; errors in Airflow's words.

    The ledger shows what waits in one lane. Who carries large flows yields the processor to all others: theirs is the
    work that partners notice.
    Call it inside a task, which is a process of its own, never while a DAG is parsed.
    """
    if lane == Lane.LARGE:
        os.setpriority(os.PRIO_PROCESS, 0, IN_BACKGROUND)
    with raised_as_airflow(), house(from_environment(), Lane(lane)) as built:
        yield built


def ring(ti: RuntimeTaskInstanceProtocol, due: Mapping[Asset, object]) -> None:
    """Nothing; when the task ends well, Airflow tells of those of its outlets whose value in `due` is true, no others.

    By itself it tells of every outlet. An asset alias would leave the choice to the task, but of two tasks that use one
    alias for the first time at once it fails the slower for good, and an alias hides which DAG starts which.
    Errors   ConfigurationError when `due` names other assets than the task's outlets.
    """
    outlets = ti.task.outlets
    if sorted(asset.name for asset in outlets) != sorted(asset.name for asset in due):
        raise ConfigurationError(
            "a task rings other assets than its outlets",
            where=f"{ti.dag_id}.{ti.task_id}",
            value=", ".join(sorted(asset.name for asset in due)),
            remedy="name in `outlets` of the task every asset that it may ring, and decide on each",
        )
    ringing = {asset.name for asset, rings in due.items() if rings}
    outlets[:] = [asset for asset in outlets if asset.name in ringing]
