"""What settlement decided, as tables: outcomes, and the findings that settlement itself added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.answers import FindingRow
from data_contracts.ports import ObjectStore
from data_contracts.tables import FINDINGS, OUTCOMES, Outcome, conforming
from pipelines.evidence.facts import Fact, outcome_fact
from pipelines.settlement.acceptance import Decision


def settled_folder(flow_key: str) -> str:
    """Where the tables of a flow's settlement lie in the store."""
    return f"settled/{flow_key}"


def decided_fact(decision: Decision) -> Fact:
    """What a root commits to of one decision."""
    invoice, verdict = decision.judged.invoice, decision.judged.verdict
    return outcome_fact(
        invoice["position"],
        invoice["sha256"],
        decision.outcome,
        decision.motive,
        verdict["verdict"],
        verdict["rule_sets"],
        verdict["cause"],
    )


def write_outcomes(folder: str, decisions: Sequence[Decision], store: ObjectStore) -> None:
    """Nothing; `folder` holds outcomes.parquet and findings.parquet (routing, duplicates, a person's word)."""
    outcomes: list[dict[str, Any]] = [
        {
            "flow_key": decision.judged.invoice["flow_key"],
            "position": decision.judged.invoice["position"],
            "outcome": decision.outcome,
            "motive": decision.motive or None,
            "detail_fr": decision.detail_fr or None,
            "detail_en": decision.detail_en or None,
            "partner_code": decision.route.partner_code if decision.outcome is Outcome.ACCEPTED else None,
            "original_flow_key": decision.original.flow_key if decision.original else None,
            "original_position": decision.original.position if decision.original else None,
        }
        for decision in decisions
    ]
    added = [finding for decision in decisions for finding in _added(decision)]
    for name, rows, schema in (("outcomes", outcomes, OUTCOMES), ("findings", added, FINDINGS)):
        table = conforming(pa.Table.from_pylist(rows, schema=schema), schema, name)
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        store.replace(f"{folder}/{name}.parquet", sink.getvalue().to_pybytes())


def _added(decision: Decision) -> list[FindingRow]:
    """The findings that are not those of the check stage; told apart by identity, an invoice may have 50,000."""
    checked = {id(finding) for finding in decision.judged.findings}
    return [finding for finding in decision.fatal if id(finding) not in checked]
