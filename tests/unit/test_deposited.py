"""Deposited invoices read back: in any order and by several at once, each is what was found out about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.object_storage import LocalStore
from data_contracts.errors import IntegrityBroken
from data_contracts.interfaces import Circuit
from data_contracts.ledger import FlowStatus, Owner
from data_contracts.tables import CHECKED, VAT_BREAKDOWN
from pipelines.quarantine.invoice import judged_by
from pipelines.tracking.deposited import Deposits
from pipelines.tracking.kept_tables import TABLE_BYTES, KeptTables, rows_of
from relais.bench.answers_scene import base
from relais.bench.speed import Bench, Reader
from relais.bench.statuses_scene import StatusScene


class Counted:
    """A store that counts the objects that are read."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.reads: Counter[str] = Counter()

    def read(self, key: str, *place: int) -> bytes:
        self.reads[key] += 1
        data: bytes = self._store.read(key, *place)
        return data


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StatusScene]:
    folder = tmp_path_factory.mktemp("deposits")
    found = base(Circuit.CHORUS_PRO, Bench(folder, Reader.PYTHON).engine, 1, 8)
    made = StatusScene(folder / "scene", found, 1)
    made.deposit(12, 5, lambda _done: None)
    yield made
    made.close()


def owners_of(scene: StatusScene) -> list[Owner]:
    flows = scene.ledger.flows(FlowStatus.SETTLED)
    return [Owner(flow.flow_key, position) for flow in flows for position in range(flow.member_count or 0)]


def test_each_invoice_is_what_one_by_one_would_tell(scene: StatusScene) -> None:
    owners = owners_of(scene)[::2]
    deposits = Deposits(scene.ledger, scene.store)
    invoices = deposits.invoices(owners)
    assert set(invoices) == set(owners)
    judged = deposits.judged(invoices.values())
    for owner in owners:
        alone = judged_by(owner, scene.ledger, scene.store)
        assert invoices[owner].invoice == alone.invoice
        assert judged[owner] == alone
        assert list(judged[owner].lines) == list(alone.lines)
        assert judged[owner].lines, "a generated invoice has lines"


def test_a_batch_is_read_once_and_a_flow_once(scene: StatusScene) -> None:
    store = Counted(scene.store)
    deposits = Deposits(scene.ledger, store)  # type: ignore[arg-type]
    owners = owners_of(scene)
    first = deposits.invoices(owners)
    assert sum(key.startswith("checked/") for key in store.reads) == 1, "the flows share a batch"
    assert deposits.invoices(list(reversed(owners))) == first
    assert set(store.reads.values()) == {1}


def test_an_invoice_that_no_batch_or_table_holds_is_named(scene: StatusScene) -> None:
    deposits = Deposits(scene.ledger, scene.store)
    (first, *_) = owners_of(scene)
    with pytest.raises(IntegrityBroken, match="no batch holds the invoice"):
        deposits.invoices([first, Owner(first.flow_key, 999)])
    assert deposits.invoices([]) == {}


def test_rows_that_are_missing_or_twice_are_damage(tmp_path: Path, scene: StatusScene) -> None:
    owner = owners_of(scene)[0]
    known = Deposits(scene.ledger, scene.store).invoices([owner])[owner]
    key = f"{known.folder}/invoices.parquet"
    with scene.store.open(key) as file:
        table = pq.read_table(file)
    for rows in (table.filter(pa.compute.field("flow_key") != owner.flow_key), pa.concat_tables([table, table])):
        broken = LocalStore(tmp_path / str(rows.num_rows))
        broken.prepare()
        for kept in (f"settled/{owner.flow_key}/outcomes.parquet",):
            broken.put(kept, scene.store.read(kept))
        sink = pa.BufferOutputStream()
        pq.write_table(rows, sink)
        broken.put(key, sink.getvalue().to_pybytes())
        with pytest.raises(IntegrityBroken, match="not exactly one row"):
            Deposits(scene.ledger, broken).invoices([owner])


def vat(store: LocalStore, key: str, rows: int, schema: pa.Schema = VAT_BREAKDOWN) -> None:
    values = {name: [None] * rows for name in schema.names} | {"flow_key": ["f"] * rows, "position": range(rows)}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(values, schema=schema), sink)
    store.put(key, sink.getvalue().to_pybytes())


def test_tables_are_kept_within_a_bound_and_older_ones_are_read_too(tmp_path: Path) -> None:
    local = LocalStore(tmp_path)
    local.prepare()
    for name in "abc":
        vat(local, name, 2)
    store = Counted(local)
    tables = KeptTables(store, kept_bytes=2 * TABLE_BYTES + 1_000)  # type: ignore[arg-type]
    for name in ("a", "b", "a", "c", "a", "b"):
        assert tables.table(name, VAT_BREAKDOWN).num_rows == 2
    assert store.reads == {"a": 1, "b": 2, "c": 1}, "the one that was not used for longest goes first"
    older = pa.schema([field for field in VAT_BREAKDOWN if field.name != "rate"])
    vat(local, "older", 1, older)
    read = KeptTables(local).table("older", VAT_BREAKDOWN)
    assert read.schema.equals(VAT_BREAKDOWN)
    assert read.to_pylist()[0]["rate"] is None


@pytest.mark.parametrize("more", [0, 200])
def test_rows_are_found_by_flow_and_position_together(more: int) -> None:
    schema = CHECKED["lines"]
    keys = [("f", 1), ("g", 0), ("f", 0), ("g", 1), ("f", 1), ("h", 1), *(("h", at) for at in range(more))]
    values: dict[str, Any] = {name: [None] * len(keys) for name in schema.names}
    values |= {"flow_key": [key for key, _ in keys], "position": [at for _, at in keys], "line": range(len(keys))}
    table = pa.table(values, schema=schema)
    wanted = {"f": {1, 7}, "g": {0}}
    for unmade in (False, True):
        found = rows_of(table, wanted, unmade=unmade)
        told = {owner: [row["line"] for row in rows] for owner, rows in found.items()}
        assert told == {Owner("f", 1): [0, 4], Owner("g", 0): [1]}
        assert found[Owner("f", 1)][1]["line"] == 4
        assert len(found[Owner("f", 1)]) == 2
    assert rows_of(table, {"z": {1}}) == {}
