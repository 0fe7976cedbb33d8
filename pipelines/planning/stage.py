"""Plan: from admitted flows to batches."""

from __future__ import annotations

import logging

import pyarrow.parquet as pq

from data_contracts.limits import BATCHES_PER_RUN_MAX
from data_contracts.ports import Ledger, ObjectStore
from pipelines.planning.batches import batches

log = logging.getLogger("relais.planning")


def plan_batches(*, ledger: Ledger, store: ObjectStore) -> list[str]:
    """Ids of the batches to check now, at most BATCHES_PER_RUN_MAX, those of earlier runs first.

    Errors   IntegrityBroken if a member index is missing; LedgerConflict, StoreUnavailable.
    """
    flows = []
    for flow in ledger.unplanned():
        with store.open(f"admitted/{flow.flow_key}/members.parquet") as index:
            sizes = pq.read_table(index, columns=["size_bytes"]).column("size_bytes").to_pylist()
        flows.append((flow, sizes))
    if flows:
        planned = batches(flows)
        ledger.plan(planned)
        log.info("batches.planned flows=%d batches=%d", len(flows), len(planned))
    return list(ledger.open_batches())[:BATCHES_PER_RUN_MAX]
