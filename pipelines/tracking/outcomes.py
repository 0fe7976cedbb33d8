"""What became of each document of a status flow, as a table and under a root, as of invoices."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.ledger import Flow
from data_contracts.ports import ObjectStore
from data_contracts.tables import OUTCOMES, Outcome, conforming
from pipelines.evidence.facts import Fact, facts_root, status_fact
from pipelines.settlement.outcome_tables import settled_folder
from pipelines.tracking.taking import Refused, Taken


def write_status_outcomes(flow: Flow, taken: Taken, store: ObjectStore) -> str:
    """The root over the documents' outcomes; `settled/{flow}/outcomes.parquet` holds them.

    Shape    a document is accepted when at least one of its statuses was recorded; its motive is the first finding.
    """
    integrated = taken.integrated()
    first: dict[int, Refused] = {}
    for one in taken.refused:
        first.setdefault(one.position, one)
    rows: list[dict[str, object]] = []
    facts: list[Fact] = []
    for document in taken.documents:
        outcome = Outcome.ACCEPTED if document.position in integrated else Outcome.REJECTED
        refused = first.get(document.position)
        motive = refused.finding["rule"] if refused else ""
        rows.append(
            {
                "flow_key": flow.flow_key,
                "position": document.position,
                "outcome": outcome.value,
                "motive": motive or None,
                "detail_fr": refused.finding["message_fr"] if refused else None,
                "detail_en": refused.finding["message_en"] if refused else None,
                "partner_code": None,
                "original_flow_key": None,
                "original_position": None,
            }
        )
        facts.append(status_fact(document.position, document.sha256, outcome, motive))
    table = conforming(pa.Table.from_pylist(rows, schema=OUTCOMES), OUTCOMES, "outcomes")
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    store.replace(f"{settled_folder(flow.flow_key)}/outcomes.parquet", sink.getvalue().to_pybytes())
    return facts_root(facts)
