"""The outcome facts of a settled flow, read back from the tables that its settlement was drawn from."""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq

from data_contracts.evidence import EvidenceLedger
from data_contracts.interfaces import STATUS_CODES
from data_contracts.ledger import Flow
from data_contracts.ports import ObjectStore
from data_contracts.tables import Outcome
from pipelines.evidence.facts import Fact, outcome_fact, status_fact
from pipelines.quarantine.invoice import judged_of, late_folder
from pipelines.quarantine.late_tables import left
from pipelines.settlement.acceptance import Judged
from pipelines.settlement.checked_tables import CheckedTables
from pipelines.settlement.outcome_tables import settled_folder


def outcome_facts(flow: Flow, ledger: EvidenceLedger, store: ObjectStore) -> list[Fact]:
    """One fact an invoice, or a document of statuses, in order of position, as when the flow was settled."""
    with store.open(f"{settled_folder(flow.flow_key)}/outcomes.parquet") as file:
        rows = {row["position"]: row for row in pq.read_table(file).to_pylist()}
    if flow.interface_code in STATUS_CODES:
        return _status_facts(flow, rows, store)
    return [_fact(judged, rows[judged.invoice["position"]]) for judged in CheckedTables(ledger, store).judged(flow)]


def late_facts(flow: Flow, ledger: EvidenceLedger, store: ObjectStore) -> list[Fact]:
    """One fact an invoice that left quarantine, in order of position, as it was settled then."""
    facts = []
    for entry in left(ledger.quarantine(flow_key=flow.flow_key)):
        with store.open(f"{late_folder(flow.flow_key, entry.position)}/outcomes.parquet") as file:
            (row,) = pq.read_table(file).to_pylist()
        facts.append(_fact(judged_of(entry, ledger, store), row))
    return facts


def _fact(judged: Judged, row: dict[str, Any]) -> Fact:
    return outcome_fact(
        row["position"],
        judged.invoice["sha256"],
        Outcome(row["outcome"]),
        row["motive"] or "",
        judged.verdict["verdict"],
        judged.verdict["rule_sets"],
        judged.verdict["cause"],
    )


def _status_facts(flow: Flow, rows: dict[int, dict[str, Any]], store: ObjectStore) -> list[Fact]:
    with store.open(f"admitted/{flow.flow_key}/members.parquet") as file:
        members = pq.read_table(file, columns=["position", "sha256"]).to_pylist()
    return [
        status_fact(one["position"], one["sha256"], Outcome(row["outcome"]), row["motive"] or "")
        for one in members
        for row in (rows[one["position"]],)
    ]
