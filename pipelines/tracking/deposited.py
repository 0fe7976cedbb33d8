"""Deposited invoices, read back from the store for those who speak of them again: who sent each, who received it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_contracts.answers import InvoiceRow
from data_contracts.errors import IntegrityBroken
from data_contracts.history_ledger import HistoryLedger
from data_contracts.ports import Flow, ObjectStore, Owner
from data_contracts.quarantine import Quarantined
from data_contracts.tables import CHECKED, OUTCOMES
from pipelines.quarantine.invoice import judged_of, late_folder
from pipelines.quarantine.late_tables import left
from pipelines.settlement.outcome_tables import settled_folder


@dataclass(frozen=True)
class Deposited:
    """One invoice as it was deposited in `flow`, and what became of it then. `partner_code` received it; it is empty
    where nobody did."""

    owner: Owner
    flow: Flow
    invoice: InvoiceRow
    outcome: str
    motive: str
    partner_code: str


def deposited(owners: Collection[Owner], *, ledger: HistoryLedger, store: ObjectStore) -> dict[Owner, Deposited]:
    """The invoices of settled flows, by owner.

    Errors   IntegrityBroken if a table does not hold exactly one row of one.
    Cost     a few reads for each flow and each batch concerned, never for each invoice; memory of the rows asked for.
    """
    flows = ledger.flows_of(owner.flow_key for owner in owners)
    wanted: dict[str, set[int]] = {}
    for owner in owners:
        wanted.setdefault(owner.flow_key, set()).add(owner.position)
    late = {
        (entry.flow_key, entry.position): entry
        for flow_key in sorted(wanted)
        for entry in left(ledger.quarantine(flow_key=flow_key))
        if entry.position in wanted[flow_key]
    }
    invoices = _invoices(wanted, late, ledger, store)
    found = {}
    for flow_key, positions in sorted(wanted.items()):
        for row in _outcomes(flow_key, positions, late, store):
            owner = Owner(flow_key, row["position"])
            found[owner] = Deposited(
                owner,
                flows[flow_key],
                invoices[owner],
                row["outcome"],
                row["motive"] or "",
                row["partner_code"] or "",
            )
    return found


def _invoices(
    wanted: Mapping[str, set[int]],
    late: Mapping[tuple[str, int], Quarantined],
    ledger: HistoryLedger,
    store: ObjectStore,
) -> dict[Owner, InvoiceRow]:
    """The rows of the check stage; of an invoice that left quarantine, those of its last check."""
    rows: dict[Owner, InvoiceRow] = {
        Owner(*key): judged_of(entry, ledger, store).invoice for key, entry in late.items()
    }
    batches: dict[str, set[str]] = {}
    for flow_key, positions in sorted(wanted.items()):
        for batch in ledger.batches_of(flow_key):
            for piece in batch.slices:
                held = range(piece.first, piece.first + piece.count)
                if piece.flow_key == flow_key and any(position in held for position in positions):
                    batches.setdefault(batch.batch_id, set()).add(flow_key)
    for batch_id, flow_keys in batches.items():
        for row in _rows(f"checked/{batch_id}/invoices.parquet", sorted(flow_keys), store):
            owner = Owner(row["flow_key"], row["position"])
            if owner.position in wanted[owner.flow_key]:
                rows.setdefault(owner, row)
    missing = sorted(
        f"{flow_key}/{position}"
        for flow_key, positions in wanted.items()
        for position in positions
        if Owner(flow_key, position) not in rows
    )
    if missing:
        raise IntegrityBroken("no batch holds the invoice", where=missing[0], value=f"{len(missing)} in all")
    return rows


def _rows(key: str, flow_keys: Sequence[str], store: ObjectStore) -> Iterable[Any]:
    with store.open(key) as file:
        table = pq.read_table(file, schema=CHECKED["invoices"], filters=pc.field("flow_key").isin(flow_keys))
    rows: list[Any] = table.to_pylist()
    return rows


def _outcomes(
    flow_key: str, positions: set[int], late: Mapping[tuple[str, int], Quarantined], store: ObjectStore
) -> list[dict[str, Any]]:
    with store.open(f"{settled_folder(flow_key)}/outcomes.parquet") as file:
        table = pq.read_table(file, schema=OUTCOMES, filters=pc.field("position").isin(sorted(positions)))
    rows = {row["position"]: row for row in table.to_pylist()}
    for position in sorted(positions):
        if (flow_key, position) in late:
            with store.open(f"{late_folder(flow_key, position)}/outcomes.parquet") as file:
                (rows[position],) = pq.read_table(file, schema=OUTCOMES).to_pylist()
    return [rows[position] for position in sorted(rows)]
