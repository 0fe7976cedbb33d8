"""Where the ledger says that deposited invoices lie: for the flows of many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Select, select

from connectors.ledger_bulk import chunks
from connectors.ledger_quarantine_rows import entry_of
from connectors.ledger_tables import batch, batch_slice, flow, quarantine
from connectors.ledger_transactions import Transactions
from data_contracts.ledger import Batch, Slice
from data_contracts.quarantine import Quarantined, QuarantineState

_GONE = (QuarantineState.ACCEPTED.value, QuarantineState.REJECTED.value)
_SLICES = (
    select(batch.c.ordinal, batch_slice)
    .join(batch, batch.c.batch_id == batch_slice.c.batch_id)
    .order_by(batch.c.ordinal, batch_slice.c.place)
)
_LEFT = (
    select(quarantine, flow.c.partner_code, flow.c.name.label("flow_name"), flow.c.ordinal)
    .join(flow, flow.c.flow_key == quarantine.c.flow_key)
    .where(quarantine.c.state.in_(_GONE))
)


class DepositLedger(Transactions):
    """What is asked of many flows together costs one query for every 500 of them."""

    def batches_holding(self, flow_keys: Collection[str]) -> Sequence[Batch]:
        """The batches that hold members of these flows, in order of planning, each with its slices of them alone."""
        slices: dict[str, list[Slice]] = {}
        ordinals: dict[str, int] = {}
        for row in self._of_flows(_SLICES, batch_slice.c.flow_key, flow_keys):
            held = row._mapping
            slices.setdefault(held["batch_id"], []).append(Slice(held["flow_key"], held["first"], held["count"]))
            ordinals[held["batch_id"]] = held["ordinal"]
        return [Batch(batch_id, tuple(slices[batch_id])) for batch_id in sorted(slices, key=ordinals.__getitem__)]

    def left_quarantine(self, flow_keys: Collection[str]) -> Sequence[Quarantined]:
        """The entries of these flows that left quarantine, in order of landing and position."""
        rows = list(self._of_flows(_LEFT, quarantine.c.flow_key, flow_keys))
        return [entry_of(row) for row in sorted(rows, key=lambda row: (row.ordinal, row.position))]

    def _of_flows(self, statement: Select[Any], column: Any, flow_keys: Collection[str]) -> Iterator[Any]:
        with self._read() as connection:
            for few in chunks(sorted(set(flow_keys))):
                yield from connection.execute(statement.where(column.in_(few)))
