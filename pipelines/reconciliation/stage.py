"""Reconcile: the number that says all is accounted for, and the gate on a day's invoices."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path

from data_contracts.errors import IntegrityBroken
from data_contracts.expectations import day_suite
from data_contracts.interfaces import STATUS_CODES
from data_contracts.ledger import FlowStatus
from data_contracts.operations import QuarantineLedger
from data_contracts.ports import ObjectStore
from pipelines.reconciliation.day import day_table
from pipelines.reconciliation.gate import gate

log = logging.getLogger("relais.reconciliation")


def reconcile_day(day: date, *, ledger: QuarantineLedger, store: ObjectStore, docs_dir: Path) -> int:
    """How many invoices of the flows received on `day` (UTC) were reconciled; their Data Docs lie in `docs_dir`/day.

    Errors   IntegrityBroken when invoices are unaccounted for, or when the day's table breaks an expectation: a person
             has to look before the day is closed.
    """
    reconciliation = ledger.reconciliation()
    if reconciliation.gap != 0:
        raise IntegrityBroken(
            "invoices received are not all accounted for",
            where="ledger",
            value=f"gap {reconciliation.gap}",
            remedy="compare each flow's members with its counts",
        )
    settled = [flow for flow in ledger.flows(FlowStatus.SETTLED) if flow.interface_code not in STATUS_CODES]
    flows = [flow for flow in settled if flow.received_at.date() == day]
    received = sum(flow.member_count or 0 for flow in flows)
    table = day_table(flows, ledger=ledger, store=store)
    result = gate(table, day_suite(received), docs_dir / day.isoformat())
    log.info("day.reconciled day=%s flows=%d invoices=%d passed=%s", day, len(flows), received, result.passed)
    if not result.passed:
        raise IntegrityBroken(
            "the day's invoices break expectations: " + "; ".join(result.broken),
            where=str(day),
            remedy=f"read {result.index_page}",
        )
    return received
