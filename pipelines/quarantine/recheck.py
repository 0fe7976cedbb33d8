"""Check one invoice of quarantine again: the same layers as a batch, by the rule files of a day that a person chose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from data_contracts.interfaces import CATALOGUE
from data_contracts.ledger import Flow
from data_contracts.ports import ObjectStore
from data_contracts.quarantine import Quarantined
from data_contracts.rule_sets import RuleRegister
from pipelines.quarantine.invoice import document_of, rechecked_folder
from pipelines.validation.check import Engine, demand_of
from pipelines.validation.stage import tables_found, write_tables

Recheck = Callable[[Quarantined, int, date], str]
"""Checks an entry again in an attempt, by the rule files of a day, and writes its tables; returns why it could not.
A document that stops its worker must not stop the caller."""


def recheck(
    entry: Quarantined, flow: Flow, attempt: int, judged_on: date, *, store: ObjectStore, engine: Engine,
    register: RuleRegister,
) -> None:  # fmt: skip
    """Nothing; `rechecked/{flow_key}/{position}/{attempt}/` holds one file for each of `tables.CHECKED`.

    The management rules keep to the flow's own control date: a date in the future is one when the flow was received.
    Errors   IntegrityBroken, ConfigurationError, StoreUnavailable.
    """
    demand = demand_of(CATALOGUE[flow.interface_code], register, judged_on)
    found = tables_found(iter([(document_of(entry, store), demand)]), {flow.flow_key: flow}, engine, lambda step: None)
    write_tables(rechecked_folder(entry.flow_key, entry.position, attempt), found, store)
