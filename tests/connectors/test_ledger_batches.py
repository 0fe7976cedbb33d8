"""Batches: planned whole and once, held by one worker at a time, and late workers told so."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.ledger import SqlLedger
from data_contracts.errors import IntegrityBroken, LedgerConflict
from data_contracts.ledger import Batch, Slice
from data_contracts.limits import BATCH_ATTEMPTS_MAX, BATCH_LEASE_SECONDS
from pipelines.planning.batches import halves
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


def _halves(batch: Batch) -> tuple[Batch, Batch]:
    (piece,) = batch.slices
    cut = piece.count // 2
    parts = Slice(piece.flow_key, piece.first, cut), Slice(piece.flow_key, piece.first + cut, piece.count - cut)
    return Batch(f"{batch.batch_id}a", parts[:1]), Batch(f"{batch.batch_id}b", parts[1:])


def test_halves_stand_for_their_batch(ledger: SqlLedger) -> None:
    flow_key, batch_id = planned(ledger, members=3)
    claim = ledger.claim(batch_id, "one")
    assert claim is not None
    parts = _halves(claim.batch)
    for _ in range(2):
        ledger.halve(claim, parts)
    assert ledger.open_batches() == [part.batch_id for part in parts]
    assert ledger.batches_of(flow_key) == list(parts)
    assert ledger.claim(batch_id, "one") is None
    assert ledger.settleable() == []
    attempts = []
    for part in parts:
        held = ledger.claim(part.batch_id, "two")
        assert held is not None
        attempts.append(held.attempt)
        ledger.checked(held, part.slices[0].count)
    assert attempts == [1, BATCH_ATTEMPTS_MAX], "a document alone gets every chance, several get one more"
    assert [flow.flow_key for flow in ledger.settleable()] == [flow_key]


def test_halves_are_the_members_of_a_claim_that_still_holds(ledger: SqlLedger, machine: Machine) -> None:
    flow_key, batch_id = planned(ledger, members=4)
    late = ledger.claim(batch_id, "one")
    machine.seconds += BATCH_LEASE_SECONDS + 1
    current = ledger.claim(batch_id, "two")
    assert late is not None
    assert current is not None
    parts = _halves(current.batch)
    with pytest.raises(LedgerConflict, match="claimed again"):
        ledger.halve(late, parts)
    for wrong in ((), parts[:1], (*parts, Batch("more", (Slice(flow_key, 3, 1),)))):
        with pytest.raises(IntegrityBroken, match="not its members"):
            ledger.halve(current, wrong)
    ledger.checked(current, 4)
    assert ledger.open_batches() == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 7), min_size=1, max_size=6))
def test_halving_ends_at_each_document_alone(counts: list[int]) -> None:
    whole = Batch("whole", tuple(Slice(f"flow {rank}", rank, count) for rank, count in enumerate(counts)))
    todo, alone = [whole], []
    while todo:
        parts = halves(todo.pop())
        assert len({part.batch_id for part in parts}) == len(parts)
        for part in parts:
            assert halves(part) == halves(part)
            (todo if sum(piece.count for piece in part.slices) > 1 else alone).append(part)
    if sum(counts) == 1:
        assert halves(whole) == ()
        return
    pieces = [piece for part in alone for piece in part.slices]
    assert all(piece.count == 1 for piece in pieces)
    members = {(piece.flow_key, piece.first + place) for piece in whole.slices for place in range(piece.count)}
    assert {(piece.flow_key, piece.first) for piece in pieces} == members
    assert len(pieces) == len(members)


@pytest.mark.parametrize("documents", [1, 2, 13])
def test_poison_ends_alone_and_all_others_are_checked(ledger: SqlLedger, machine: Machine, documents: int) -> None:
    """A worker dies of one document. Batches are taken up again and again, as the check stage does it."""
    flow_key, _ = planned(ledger, members=documents)
    poison = documents // 3
    done: list[int] = []
    aside: list[int] = []
    deaths = 0
    while (claim := ledger.claim_next("one")) is not None:
        positions = [piece.first + place for piece in claim.batch.slices for place in range(piece.count)]
        spent = claim.attempt > BATCH_ATTEMPTS_MAX
        if spent and (parts := halves(claim.batch)):
            ledger.halve(claim, parts)
        elif poison in positions and not spent:
            deaths += 1
            machine.seconds += BATCH_LEASE_SECONDS + 1
        else:
            (aside if spent else done).extend(positions)
            ledger.checked(claim, len(positions))
    assert aside == [poison]
    assert sorted(done + aside) == list(range(documents))
    assert deaths <= 2 * BATCH_ATTEMPTS_MAX + 3
    assert [flow.flow_key for flow in ledger.settleable()] == [flow_key]
