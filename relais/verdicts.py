"""The report of a run: one JSON line for each invoice, with its verdict, its outcome and every finding."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from data_contracts.interfaces import STATUS_CODES
from data_contracts.ledger import Flow, FlowStatus
from data_contracts.operations import QuarantineLedger
from data_contracts.ports import ObjectStore
from data_contracts.quarantine import Quarantined
from pipelines.quarantine.invoice import judged_of, late_folder
from pipelines.quarantine.late_tables import left
from pipelines.settlement.checked_tables import CheckedTables


def write_verdicts(path: Path, *, ledger: QuarantineLedger, store: ObjectStore) -> int:
    """How many lines were written. Refused flows have one line that says why, without invoice."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for line in _lines(ledger, store):
            file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
            count += 1
    return count


def _lines(ledger: QuarantineLedger, store: ObjectStore) -> Iterator[dict[str, Any]]:
    motives = {report.flow.flow_key: report.motive for report in ledger.reports()}
    for flow in _in_order(ledger, FlowStatus.REFUSED):
        yield {"flow": flow.name, "document": None, "outcome": "refused", "motive": motives[flow.flow_key]}
    checked = CheckedTables(ledger, store)
    for flow in _in_order(ledger, FlowStatus.SETTLED):
        if flow.interface_code in STATUS_CODES:
            continue
        late = {one.position: one for one in left(ledger.quarantine(flow_key=flow.flow_key))}
        yield from _invoices(flow, late, checked, ledger, store)


def _in_order(ledger: QuarantineLedger, status: FlowStatus) -> list[Flow]:
    """By partner and name: which of two partners' flows lands first is chance, and two runs are to be compared."""
    return sorted(ledger.flows(status), key=lambda flow: (flow.partner_code, flow.name, flow.flow_key))


def _invoices(
    flow: Flow, late: dict[int, Quarantined], checked: CheckedTables, ledger: QuarantineLedger, store: ObjectStore
) -> Iterator[dict[str, Any]]:
    """One line an invoice; of those that left quarantine, what was found out and decided then."""
    outcomes = {row["position"]: row for row in _table(f"settled/{flow.flow_key}/outcomes.parquet", store)}
    added: dict[int, list[dict[str, Any]]] = {}
    for row in _table(f"settled/{flow.flow_key}/findings.parquet", store):
        added.setdefault(row["position"], []).append(row)
    for position in late:
        folder = late_folder(flow.flow_key, position)
        (outcomes[position],) = _table(f"{folder}/outcomes.parquet", store)
        added[position] = _table(f"{folder}/findings.parquet", store)
    for judged in checked.judged(flow):
        position = judged.invoice["position"]
        if position in late:
            judged = judged_of(late[position], ledger, store)
        outcome = outcomes[position]
        findings = [*judged.findings, *added.get(position, [])]
        yield {
            "flow": flow.name,
            "document": judged.invoice["member_name"],
            "number": judged.invoice["number"],
            "verdict": judged.verdict["verdict"],
            "xsd_valid": judged.verdict["xsd_valid"],
            "rule_sets": judged.verdict["rule_sets"],
            "cause": judged.verdict["cause"],
            "outcome": outcome["outcome"],
            "motive": outcome["motive"],
            "recipient": outcome["partner_code"],
            "findings": [
                {key: value for key, value in finding.items() if key not in ("flow_key", "position")}
                for finding in findings
            ],
        }


def _table(key: str, store: ObjectStore) -> list[dict[str, Any]]:
    with store.open(key) as file:
        rows: list[dict[str, Any]] = pq.read_table(file).to_pylist()
    return rows
