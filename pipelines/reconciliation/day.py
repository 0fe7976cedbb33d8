"""The table of a day: one row for each invoice of the flows received that day and settled."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow.parquet as pq

from data_contracts.interfaces import CATALOGUE
from data_contracts.ledger import Flow
from data_contracts.operations import QuarantineLedger
from data_contracts.ports import ObjectStore
from data_contracts.quarantine import Quarantined
from data_contracts.tables import CHECKED, FINDINGS, OUTCOMES
from pipelines.quarantine.late_tables import checked_since, left, settled_since

_KEY = ["flow_key", "position"]


def day_table(flows: Sequence[Flow], *, ledger: QuarantineLedger, store: ObjectStore) -> pl.DataFrame:
    """One row an invoice, as of now: INVOICES, VERDICTS and OUTCOMES side by side.

    Beside them stand circuit, issue year and the number of findings.

    Shape    (flow_key, position) is the key; `seller_key` is what uniqueness looks at, SIREN or else identifier.
    Errors   IntegrityBroken if a table of a settled flow is missing.
    """
    circuits = pl.DataFrame(
        {
            "flow_key": [flow.flow_key for flow in flows],
            "circuit": [CATALOGUE[flow.interface_code].circuit.value for flow in flows],
        },
        schema={"flow_key": pl.String, "circuit": pl.String},
    )
    keys = [flow.flow_key for flow in flows]
    batch_ids = sorted({batch.batch_id for key in keys for batch in ledger.batches_of(key)})
    late = [entry for entry in left(ledger.quarantine()) if entry.flow_key in set(keys)]
    checked = {name: _checked(name, batch_ids, keys, late, store) for name in ("invoices", "verdicts", "findings")}
    outcomes = _settled("outcomes", keys, late, store)
    added = _settled("findings", keys, late, store)
    counts = pl.concat([checked["findings"], added]).group_by(_KEY).len("finding_count")
    return (
        checked["invoices"]
        .join(checked["verdicts"], on=_KEY)
        .join(outcomes, on=_KEY)
        .join(circuits, on="flow_key")
        .join(counts, on=_KEY, how="left")
        .with_columns(
            pl.col("finding_count").fill_null(0),
            issue_year=pl.col("issue_date").dt.year(),
            seller_key=pl.coalesce("seller_siren", "seller_id"),
        )
        .sort(_KEY)
    )


def _checked(
    name: str, batch_ids: Sequence[str], keys: Sequence[str], late: Sequence[Quarantined], store: ObjectStore
) -> pl.DataFrame:
    frames = [pl.DataFrame(pl.from_arrow(CHECKED[name].empty_table()))]
    for batch_id in batch_ids:
        with store.open(f"checked/{batch_id}/{name}.parquet") as file:
            frames.append(pl.DataFrame(pl.from_arrow(pq.read_table(file))))
    return checked_since(name, pl.concat(frames).filter(pl.col("flow_key").is_in(keys)), late, store)


def _settled(name: str, keys: Sequence[str], late: Sequence[Quarantined], store: ObjectStore) -> pl.DataFrame:
    frames = [pl.DataFrame(pl.from_arrow({"outcomes": OUTCOMES, "findings": FINDINGS}[name].empty_table()))]
    for key in keys:
        with store.open(f"settled/{key}/{name}.parquet") as file:
            frames.append(pl.DataFrame(pl.from_arrow(pq.read_table(file))))
    return settled_since(name, pl.concat(frames), late, store)
