"""Airflow: our errors in its words, and our ports from inside its tasks. Airflow is imported only when needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from connectors.assembly import House, house
from connectors.settings import from_environment
from data_contracts.errors import ConfigurationError, TerminalError


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
def in_house() -> Iterator[House]:
    """The ports of the home that RELAIS_HOME names, for a task's body, closed after it; errors in Airflow's words.

    Call it inside a task, never while a DAG is parsed.
    """
    with raised_as_airflow(), house(from_environment()) as built:
        yield built
