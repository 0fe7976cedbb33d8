"""What the check stage wrote, put together again by flow."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.errors import IntegrityBroken
from data_contracts.ledger import Flow, Ledger
from data_contracts.ports import ObjectStore
from data_contracts.tables import CHECKED, conforming
from pipelines.settlement.acceptance import Judged
from pipelines.settlement.row_columns import NO_ROWS, Made, RowColumns, Rows, dicts

BATCHES_KEPT = 2
"""Batches kept in memory: consecutive flows often share one, and a batch is bounded by bytes."""

DETAILS = ("lines", "vat_breakdown")
"""Tables whose rows are made when they are read: only the diffusion reads them, an invoice at a time."""


class CheckedTables:
    """Reads checked tables from the store, keeping the last batches in memory."""

    def __init__(self, ledger: Ledger, store: ObjectStore) -> None:
        self._ledger = ledger
        self._store = store
        self._batch = lru_cache(maxsize=BATCHES_KEPT)(self._read)

    def _read(self, batch_id: str) -> dict[str, pl.DataFrame]:
        tables = {}
        for name, schema in CHECKED.items():
            with self._store.open(f"checked/{batch_id}/{name}.parquet") as file:
                table: pa.Table = conforming(pq.read_table(file), schema, name)
            tables[name] = pl.DataFrame(pl.from_arrow(table))
        return tables

    def judged(self, flow: Flow) -> list[Judged]:
        """Every invoice of a flow with all that is known of it, in order of position.

        Errors   IntegrityBroken if a member has no row, or more than one.
        Cost     O(rows of the flow's batches), about 30 us an invoice; memory of 3 kB an invoice besides its findings,
                 and of its lines as columns.
        """
        alone: dict[str, dict[int, list[dict[str, Any]]]] = {name: {} for name in CHECKED if name not in DETAILS}
        details: dict[str, dict[int, Rows[Any]]] = {name: {} for name in DETAILS}
        made = Made()
        for batch in self._ledger.batches_of(flow.flow_key):
            for name, frame in self._batch(batch.batch_id).items():
                ours = frame.filter(pl.col("flow_key") == flow.flow_key)
                if name in details:
                    details[name].update(RowColumns(ours, made).by_position())
                    continue
                of_position = alone[name]
                for row in dicts(ours):
                    of_position.setdefault(row["position"], []).append(row)
        judged = []
        for position in range(flow.member_count or 0):
            invoice, verdict = alone["invoices"].get(position, []), alone["verdicts"].get(position, [])
            if len(invoice) != 1 or len(verdict) != 1:
                raise IntegrityBroken(
                    "a member has not exactly one checked row",
                    where=f"flow {flow.flow_key}, position {position}",
                    value=f"{len(invoice)} invoices, {len(verdict)} verdicts",
                    remedy="check the flow's batches again",
                )
            judged.append(
                Judged(
                    invoice=invoice[0],  # type: ignore[arg-type]  # the schema was just verified
                    verdict=verdict[0],  # type: ignore[arg-type]
                    findings=tuple(alone["findings"].get(position, ())),  # type: ignore[arg-type]
                    lines=details["lines"].get(position, NO_ROWS),
                    vat=details["vat_breakdown"].get(position, NO_ROWS),
                )
            )
        return judged
