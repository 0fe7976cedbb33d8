"""The outcome facts of a settled flow, read back from the tables that its settlement was drawn from."""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq

from data_contracts.evidence import EvidenceLedger
from data_contracts.interfaces import STATUS_CODES
from data_contracts.ports import Flow, ObjectStore
from data_contracts.tables import Outcome
from pipelines.evidence.facts import Fact, outcome_fact, status_fact
from pipelines.settlement.checked_tables import CheckedTables
from pipelines.settlement.outcome_tables import settled_folder


def outcome_facts(flow: Flow, ledger: EvidenceLedger, store: ObjectStore) -> list[Fact]:
    """One fact an invoice, or a document of statuses, in order of position, as when the flow was settled."""
    with store.open(f"{settled_folder(flow.flow_key)}/outcomes.parquet") as file:
        rows = {row["position"]: row for row in pq.read_table(file).to_pylist()}
    if flow.interface_code in STATUS_CODES:
        return _status_facts(flow, rows, store)
    facts = []
    for judged in CheckedTables(ledger, store).judged(flow):
        row = rows[judged.invoice["position"]]
        facts.append(
            outcome_fact(
                row["position"],
                judged.invoice["sha256"],
                Outcome(row["outcome"]),
                row["motive"] or "",
                judged.verdict["verdict"],
                judged.verdict["rule_sets"],
                judged.verdict["cause"],
            )
        )
    return facts


def _status_facts(flow: Flow, rows: dict[int, dict[str, Any]], store: ObjectStore) -> list[Fact]:
    with store.open(f"admitted/{flow.flow_key}/members.parquet") as file:
        members = pq.read_table(file, columns=["position", "sha256"]).to_pylist()
    return [
        status_fact(one["position"], one["sha256"], Outcome(row["outcome"]), row["motive"] or "")
        for one in members
        for row in (rows[one["position"]],)
    ]
