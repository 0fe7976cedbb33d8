"""Batches are bounded, complete, fair between partners, and the same at every rerun."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.ledger import SqlLedger
from connectors.object_storage import LocalStore
from data_contracts.errors import TerminalError
from data_contracts.ledger import Flow, Slice
from data_contracts.limits import BATCH_BYTES_MAX, BATCH_DOCUMENTS_MAX
from data_contracts.tables import MEMBERS
from pipelines.planning.batches import batches, slices
from pipelines.planning.stage import plan_batches
from tests.connectors.scenes import admitted
from tests.unit.rows import flow

SIZES = st.lists(st.integers(0, BATCH_BYTES_MAX * 2), max_size=40)
FLOWS = st.lists(st.tuples(st.sampled_from(["AAA001", "BBB001", "CCC001"]), SIZES), max_size=12)


def _flows(described: list[tuple[str, list[int]]]) -> list[tuple[Flow, list[int]]]:
    return [
        (flow(flow_key=f"{number:024d}", ordinal=number, partner_code=partner), sizes)
        for number, (partner, sizes) in enumerate(described)
    ]


@given(FLOWS)
def test_every_member_is_in_exactly_one_batch(described: list[tuple[str, list[int]]]) -> None:
    flows = _flows(described)
    found: Counter[tuple[str, int]] = Counter()
    for batch in batches(flows):
        for piece in batch.slices:
            found.update((piece.flow_key, piece.first + n) for n in range(piece.count))
    expected = Counter((row.flow_key, n) for row, sizes in flows for n in range(len(sizes)))
    assert found == expected


@given(FLOWS)
def test_batches_are_bounded_and_repeatable(described: list[tuple[str, list[int]]]) -> None:
    flows = _flows(described)
    weights = {row.flow_key: sizes for row, sizes in flows}
    planned = batches(flows)
    for batch in planned:
        members = [(piece.flow_key, piece.first + n) for piece in batch.slices for n in range(piece.count)]
        weight = sum(weights[key][n] for key, n in members)
        assert len(members) <= BATCH_DOCUMENTS_MAX
        assert weight <= BATCH_BYTES_MAX or len(members) == 1
    assert planned == batches(flows)
    assert len({batch.batch_id for batch in planned}) == len(planned)


def test_a_flow_is_cut_at_the_document_limit() -> None:
    cut = slices("k", [1] * (BATCH_DOCUMENTS_MAX * 2 + 1))
    assert [piece for piece, _ in cut] == [
        Slice("k", 0, BATCH_DOCUMENTS_MAX),
        Slice("k", BATCH_DOCUMENTS_MAX, BATCH_DOCUMENTS_MAX),
        Slice("k", BATCH_DOCUMENTS_MAX * 2, 1),
    ]


def test_a_small_partner_does_not_wait_behind_a_big_one() -> None:
    big = flow(flow_key="big", ordinal=1, partner_code="BIG001")
    small = flow(flow_key="small", ordinal=2, partner_code="SML001")
    planned = batches([(big, [1] * BATCH_DOCUMENTS_MAX * 20), (small, [1] * 10)])
    place = next(n for n, batch in enumerate(planned) if any(piece.flow_key == "small" for piece in batch.slices))
    assert place <= 1


def test_a_flow_without_its_index_holds_back_nobody_else(tmp_path: Path) -> None:
    ledger = SqlLedger(f"sqlite:///{tmp_path / 'ledger.db'}")
    ledger.create_tables()
    store = LocalStore(tmp_path / "store")
    store.prepare()
    lost, sound = admitted(ledger, 1), admitted(ledger, 2, partner_code="BBB222")
    rows = [
        {"flow_key": sound, "position": n, "name": f"{n}.xml", "offset": n, "size_bytes": 1, "sha256": "0"}
        for n in range(2)
    ]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=MEMBERS), sink)
    store.put(f"admitted/{sound}/members.parquet", sink.getvalue())
    (batch_id,) = plan_batches(ledger=ledger, store=store)
    claim = ledger.claim(batch_id, "w")
    assert claim is not None
    assert [piece.flow_key for piece in claim.batch.slices] == [sound]
    ledger.checked(claim, 2)
    with pytest.raises(TerminalError, match="cannot be planned") as told:
        plan_batches(ledger=ledger, store=store)
    assert lost in str(told.value)
