"""A ledger and a store with invoices whose statuses people are to be told of."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.ledger import SqlLedger
from connectors.object_storage import LocalStore
from data_contracts.answers import FindingRow
from data_contracts.ledger import StatusEvent
from data_contracts.messages import Language
from data_contracts.notifications import Frequency, Role, Subscription
from data_contracts.tables import CHECKED, FINDINGS
from pipelines.validation.verdict import stopped
from tests.connectors.scenes import NOON, planned
from tests.unit.rows import invoice

STRUCTURE = "21750001600019"
SENDER = "notifications@relais.example"


@dataclass
class Place:
    ledger: SqlLedger
    store: LocalStore


def place(folder: Path, url: str = "", **options: Any) -> Place:
    store = LocalStore(folder / "store")
    store.prepare()
    ledger = SqlLedger(url or f"sqlite:///{folder / 'ledger.db'}", **options)
    ledger.create_tables()
    return Place(ledger, store)


def subscription(address: str = "agent@ville.example", **changes: Any) -> Subscription:
    values: dict[str, Any] = {
        "address": address, "language": Language.FR, "role": Role.USER, "frequency": Frequency.AT_ONCE,
        "structure": STRUCTURE,
    }  # fmt: skip
    return Subscription(**(values | changes))


def settled(
    here: Place,
    sequence: int,
    statuses: Sequence[tuple[str, str]],
    faults: Callable[[str], Sequence[FindingRow]] = lambda flow_key: (),
    **changes: Any,
) -> str:
    """A settled flow with one invoice for each (code, motive). `faults` are what its check found, by its key."""
    count = len(statuses)
    flow_key, batch_id = planned(here.ledger, sequence, members=count)
    rows = {
        "invoices": [
            invoice(flow_key=flow_key, position=at, number=f"F{sequence}-{at}", **changes) for at in range(count)
        ],
        "verdicts": [stopped(flow_key, at, 0) | {"verdict": "valid", "cause": None} for at in range(count)],
        "findings": list(faults(flow_key)),
    }
    for name, schema in CHECKED.items():
        here.store.replace(f"checked/{batch_id}/{name}.parquet", _parquet(rows.get(name, []), schema))
    here.store.replace(f"settled/{flow_key}/findings.parquet", _parquet([], FINDINGS))
    claim = here.ledger.claim(batch_id, "worker")
    assert claim is not None
    here.ledger.checked(claim, count)
    here.ledger.claim_invoices(flow_key, [], NOON)
    events = [StatusEvent(flow_key, at, "FEN1200A", code, NOON, motive) for at, (code, motive) in enumerate(statuses)]
    here.ledger.settle(
        flow_key, accepted_count=count, rejected_count=0, quarantined_count=0, acknowledgment_code="90", events=events,
        answers=[],
    )  # fmt: skip
    return flow_key


def _parquet(rows: Sequence[Any], schema: pa.Schema) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), sink)
    return sink.getvalue()
