"""Batches: planned whole and once, held by one worker at a time, and late workers told so."""

from __future__ import annotations

import pytest

from connectors.ledger import SqlLedger
from data_contracts.errors import IntegrityBroken, LedgerConflict
from data_contracts.limits import BATCH_LEASE_SECONDS
from data_contracts.ports import Batch, Slice
from tests.connectors.scenes import Machine, admitted, landed, planned


def test_flows_share_batches_and_come_back_in_order(ledger: SqlLedger) -> None:
    one, two = admitted(ledger, 1, members=3), admitted(ledger, 2, members=2)
    assert [flow.flow_key for flow in ledger.unplanned()] == [one, two]
    batches = [Batch("z", (Slice(one, 0, 2), Slice(two, 0, 1))), Batch("a", (Slice(two, 1, 1), Slice(one, 2, 1)))]
    for _ in range(2):
        ledger.plan(batches)
    assert ledger.unplanned() == []
    assert ledger.open_batches() == ["z", "a"]
    assert ledger.batches_of(one) == ledger.batches_of(two) == batches


def test_a_flow_without_members_has_nothing_to_plan(ledger: SqlLedger) -> None:
    flow_key = admitted(ledger, members=0)
    assert ledger.unplanned() == []
    assert [flow.flow_key for flow in ledger.settleable()] == [flow_key]


@pytest.mark.parametrize("spans", [[(0, 2)], [(0, 2), (1, 2)], [(0, 2), (3, 1)], [(0, 4)], [(0, 3), (3, 0)]])
def test_slices_that_are_not_the_members_are_refused(ledger: SqlLedger, spans: list[tuple[int, int]]) -> None:
    flow_key = admitted(ledger, members=3)
    batches = [Batch(f"b{rank}", (Slice(flow_key, *span),)) for rank, span in enumerate(spans)]
    with pytest.raises(IntegrityBroken, match="slices are not its members"):
        ledger.plan(batches)
    assert len(ledger.unplanned()) == 1
    assert ledger.open_batches() == []


def test_a_second_plan_of_the_same_flow_is_refused(ledger: SqlLedger) -> None:
    flow_key, _ = planned(ledger, members=2)
    with pytest.raises(LedgerConflict, match="already in other batches"):
        ledger.plan([Batch("other", (Slice(flow_key, 0, 2),))])
    _, waiting = landed(ledger, 2)
    with pytest.raises(IntegrityBroken, match="not admitted"):
        ledger.plan([Batch("early", (Slice(waiting, 0, 1),))])


def test_a_lease_keeps_others_out_until_it_runs_out(ledger: SqlLedger, machine: Machine) -> None:
    _, batch_id = planned(ledger)
    first = ledger.claim(batch_id, "one")
    assert first is not None
    assert (first.batch.batch_id, first.attempt) == (batch_id, 1)
    machine.seconds += BATCH_LEASE_SECONDS - 1
    with pytest.raises(LedgerConflict, match="another worker holds"):
        ledger.claim(batch_id, "two")
    ledger.renew(first)
    machine.seconds += BATCH_LEASE_SECONDS - 1
    with pytest.raises(LedgerConflict, match="another worker holds"):
        ledger.claim(batch_id, "two")
    machine.seconds += 2
    second = ledger.claim(batch_id, "two")
    assert second is not None
    assert second.token > first.token
    assert second.attempt == 2


def test_a_late_worker_changes_nothing(ledger: SqlLedger, machine: Machine) -> None:
    _, batch_id = planned(ledger)
    late = ledger.claim(batch_id, "one")
    machine.seconds += BATCH_LEASE_SECONDS + 1
    current = ledger.claim(batch_id, "two")
    assert late is not None
    assert current is not None
    with pytest.raises(LedgerConflict, match="claimed again"):
        ledger.checked(late, 2)
    with pytest.raises(LedgerConflict, match="claimed again"):
        ledger.renew(late)
    ledger.release(late)
    assert ledger.open_batches() == [batch_id]
    with pytest.raises(LedgerConflict, match="another worker holds"):
        ledger.claim(batch_id, "three")
    ledger.checked(current, 2)
    with pytest.raises(LedgerConflict, match="claimed again"):
        ledger.checked(late, 2)


def test_a_worker_whose_lease_ran_out_unnoticed_may_still_finish(ledger: SqlLedger, machine: Machine) -> None:
    _, batch_id = planned(ledger)
    claim = ledger.claim(batch_id, "one")
    assert claim is not None
    machine.seconds += 10 * BATCH_LEASE_SECONDS
    ledger.checked(claim, 2)
    assert ledger.open_batches() == []


def test_a_restarted_worker_claims_again_at_once(ledger: SqlLedger) -> None:
    _, batch_id = planned(ledger)
    attempts = [claim.attempt for _ in range(3) if (claim := ledger.claim(batch_id, "one"))]
    assert attempts == [1, 2, 3]


def test_a_batch_given_back_is_free_at_once_and_counts_no_attempt(ledger: SqlLedger) -> None:
    _, batch_id = planned(ledger)
    first = ledger.claim(batch_id, "one")
    assert first is not None
    for _ in range(2):
        ledger.release(first)
    with pytest.raises(LedgerConflict, match="claimed again"):
        ledger.checked(first, 2)
    second = ledger.claim(batch_id, "two")
    assert second is not None
    assert (second.attempt, second.token) == (1, first.token + 1)


def test_checked_is_final(ledger: SqlLedger) -> None:
    _, batch_id = planned(ledger)
    claim = ledger.claim(batch_id, "one")
    assert claim is not None
    for _ in range(2):
        ledger.checked(claim, 2)
    ledger.release(claim)
    assert ledger.claim(batch_id, "two") is None
    with pytest.raises(IntegrityBroken, match="another number of documents"):
        ledger.checked(claim, 3)
    with pytest.raises(IntegrityBroken, match="no such batch"):
        ledger.claim("unknown", "one")
