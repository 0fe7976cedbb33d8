"""Lanes: each worker sees the flows of one lane and no other; a flood of small flows goes in turns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors import lanes
from connectors.lanes import SMALL_FLOW_BYTES_MAX, Lane, LaneLedger, in_turns
from connectors.ledger import SqlLedger
from data_contracts.ledger import Batch, FlowStatus, Slice
from tests.connectors.scenes import landed

LARGE = b"x" * (SMALL_FLOW_BYTES_MAX + 1)


@pytest.fixture
def workers(database: SqlLedger) -> Iterator[tuple[LaneLedger, LaneLedger]]:
    small, large = (LaneLedger(database._url, lane) for lane in (Lane.SMALL, Lane.LARGE))
    yield small, large
    small.close()
    large.close()


def test_of_what_waits_a_worker_sees_its_lane(database: SqlLedger, workers: tuple[LaneLedger, LaneLedger]) -> None:
    _, few = landed(database, 1, partner_code="AAA111")
    _, many = landed(database, 1, partner_code="BBB222", content=LARGE)
    keys = {Lane.SMALL: few, Lane.LARGE: many}
    for ledger in workers:
        assert [flow.flow_key for flow in ledger.flows(FlowStatus.LANDED)] == [keys[ledger._lane]]
    for flow_key in keys.values():
        database.admit(flow_key, 1)
    for ledger in workers:
        assert [flow.flow_key for flow in ledger.unplanned()] == [keys[ledger._lane]]
    for ledger in workers:
        ledger.plan([Batch(f"batch {ledger._lane}", (Slice(keys[ledger._lane], 0, 1),))])
    for ledger in workers:
        assert ledger.open_batches() == [f"batch {ledger._lane}"]
        assert ledger.settleable() == []
        claim = ledger.claim(f"batch {ledger._lane}", "worker")
        assert claim is not None
        ledger.checked(claim, 1)
        assert ledger.open_batches() == []
        assert [flow.flow_key for flow in ledger.settleable()] == [keys[ledger._lane]]
    assert len(database.settleable()) == len(workers[0].reports()) == 2


def test_a_batch_of_both_is_in_the_lane_of_its_largest_flow(
    database: SqlLedger, workers: tuple[LaneLedger, LaneLedger]
) -> None:
    _, few = landed(database, 1)
    _, many = landed(database, 2, content=LARGE)
    for flow_key in (few, many):
        database.admit(flow_key, 1)
    database.plan([Batch("both", (Slice(few, 0, 1), Slice(many, 0, 1)))])
    assert [ledger.open_batches() for ledger in workers] == [[], ["both"]]


def test_a_small_flow_waits_for_a_large_one_before_it(
    database: SqlLedger, workers: tuple[LaneLedger, LaneLedger]
) -> None:
    _, many = landed(database, 1, content=LARGE)
    _, few = landed(database, 2)
    for flow_key in (many, few):
        database.admit(flow_key, 1)
        database.plan([Batch(flow_key, (Slice(flow_key, 0, 1),))])
    claim = database.claim(few, "worker")
    assert claim is not None
    database.checked(claim, 1)
    assert workers[0].settleable() == []


def test_landed_small_flows_come_in_turns_a_runs_worth_of_them(
    database: SqlLedger, workers: tuple[LaneLedger, LaneLedger], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "SMALL_FLOWS_A_RUN", 4)
    for sequence in range(1, 7):
        landed(database, sequence, partner_code="AAA111")
    for partner_code in ("BBB222", "CCC333"):
        landed(database, 1, partner_code=partner_code)
    found = workers[0].flows(FlowStatus.LANDED)
    assert [flow.partner_code for flow in found] == ["AAA111", "BBB222", "CCC333", "AAA111"]
    own = [flow.ordinal for flow in in_turns(database.flows(FlowStatus.LANDED)) if flow.partner_code == "AAA111"]
    assert own == sorted(own)
