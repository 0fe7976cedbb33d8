"""Plan: from admitted flows to batches."""

from __future__ import annotations

import logging

import pyarrow.parquet as pq

from data_contracts.errors import TerminalError
from data_contracts.ledger import Flow, Ledger
from data_contracts.limits import BATCH_DOCUMENTS_MAX, BATCHES_PER_RUN_MAX
from data_contracts.ports import ObjectStore
from pipelines.planning.batches import batches

log = logging.getLogger("relais.planning")


def plan_batches(
    *,
    ledger: Ledger,
    store: ObjectStore,
    documents_max: int = BATCH_DOCUMENTS_MAX,
    batches_max: int | None = BATCHES_PER_RUN_MAX,
) -> list[str]:
    """Ids of the batches to check now, in turns between partners, at most so many; all of them with None.

    A flow that cannot be planned holds back its partner's later flows and nobody else's.
    Errors   TerminalError for flows that a person must look at, once no other has anything left to check;
             LedgerConflict, StoreUnavailable.
    """
    flows: list[tuple[Flow, list[int]]] = []
    failed: dict[str, TerminalError] = {}
    for flow in ledger.unplanned():
        try:
            flows.append((flow, _sizes(flow, store)))
        except TerminalError as error:
            log.error("flow.unplannable flow=%s cause=%s", flow.flow_key, error)
            failed[flow.flow_key] = error
    if flows:
        planned = batches(flows, documents_max)
        ledger.plan(planned)
        log.info("batches.planned flows=%d batches=%d", len(flows), len(planned))
    batch_ids = list(ledger.open_batches())[:batches_max]
    if failed and not batch_ids:
        raise TerminalError(
            f"{len(failed)} flows cannot be planned",
            where=", ".join(sorted(failed)),
            value=str(next(iter(failed.values()))),
            remedy="restore their member index from a backup, then run again",
        )
    return batch_ids


def _sizes(flow: Flow, store: ObjectStore) -> list[int]:
    with store.open(f"admitted/{flow.flow_key}/members.parquet") as index:
        sizes: list[int] = pq.read_table(index, columns=["size_bytes"]).column("size_bytes").to_pylist()
    return sizes
