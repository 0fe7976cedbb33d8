"""The invoices that events speak of, as the check stage read them."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any, cast

import pyarrow.parquet as pq

from data_contracts.answers import InvoiceRow
from data_contracts.interfaces import CATALOGUE, Circuit
from data_contracts.ledger import Ledger, Owner
from data_contracts.ports import ObjectStore

FLOWS_KEPT = 64
"""Flows whose batches are remembered: events come flow by flow."""


class InvoiceRows:
    """Reads rows of `tables.INVOICES` by owner."""

    def __init__(self, ledger: Ledger, store: ObjectStore) -> None:
        self._ledger = ledger
        self._store = store
        self._flow = lru_cache(maxsize=FLOWS_KEPT)(ledger.flow)

    def partner_of(self, flow_key: str) -> str:
        """The connection that deposited a flow."""
        return self._flow(flow_key).partner_code

    def circuit_of(self, flow_key: str) -> Circuit:
        """The circuit by which a flow was deposited, and its depositor hears of its invoices."""
        return CATALOGUE[self._flow(flow_key).interface_code].circuit

    def of(self, owners: Collection[Owner]) -> dict[Owner, InvoiceRow]:
        """The row of each invoice.

        Cost     reads each batch of each flow concerned once: ask for many invoices of a flow together.
        """
        wanted: dict[str, set[int]] = {}
        for owner in owners:
            wanted.setdefault(owner.flow_key, set()).add(owner.position)
        found: dict[Owner, InvoiceRow] = {}
        for flow_key in sorted(wanted):
            for batch in self._ledger.batches_of(flow_key):
                held = [
                    position
                    for piece in batch.slices
                    if piece.flow_key == flow_key
                    for position in range(piece.first, piece.first + piece.count)
                    if position in wanted[flow_key]
                ]
                if held:
                    found |= self._read(batch.batch_id, flow_key, held)
        return found

    def _read(self, batch_id: str, flow_key: str, positions: list[int]) -> dict[Owner, InvoiceRow]:
        filters = [("flow_key", "==", flow_key), ("position", "in", positions)]
        with self._store.open(f"checked/{batch_id}/invoices.parquet") as file:
            rows: list[dict[str, Any]] = pq.read_table(file, filters=filters).to_pylist()
        return {Owner(flow_key, row["position"]): cast(InvoiceRow, row) for row in rows}
