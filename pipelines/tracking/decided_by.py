"""What the decision about an invoice rests on: the findings of its check, then those of its settlement."""

from __future__ import annotations

from typing import cast

import pyarrow.parquet as pq

from data_contracts.answers import FindingRow
from data_contracts.ledger import Owner
from data_contracts.operations import QuarantineLedger
from data_contracts.ports import ObjectStore
from data_contracts.tables import FINDINGS
from pipelines.quarantine.invoice import late_folder
from pipelines.quarantine.late_tables import left
from pipelines.settlement.acceptance import Judged


def findings_of(owner: Owner, judged: Judged, ledger: QuarantineLedger, store: ObjectStore) -> tuple[FindingRow, ...]:
    """Every finding on an invoice of a settled flow, in the order in which they were made.

    Shape    `judged` is what `judged_by` tells of it; routing, uniqueness, commitments and diffusion are found at
             settlement, or when the invoice left quarantine.
    Cost     one read, of the rows of one invoice.
    """
    late = {one.position for one in left(ledger.quarantine(flow_key=owner.flow_key))}
    folder = late_folder(owner.flow_key, owner.position) if owner.position in late else f"settled/{owner.flow_key}"
    wanted = [("flow_key", "=", owner.flow_key), ("position", "=", owner.position)]
    with store.open(f"{folder}/findings.parquet") as file:
        added = pq.read_table(file, schema=FINDINGS, filters=wanted).to_pylist()
    return (*judged.findings, *cast(list[FindingRow], added))
