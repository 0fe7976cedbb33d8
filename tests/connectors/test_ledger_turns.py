"""Turns and circuits: no partner's batches keep the others waiting, no partner's failures either."""

from __future__ import annotations

import multiprocessing
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier

import pytest

from connectors.ledger import SqlLedger
from connectors.ledger_outbox import backoff_seconds
from data_contracts.ledger import Batch, Slice
from data_contracts.limits import BATCH_LEASE_SECONDS, DELIVERY_BACKOFF_SECONDS, DELIVERY_BACKOFF_SECONDS_MAX
from tests.connectors.scenes import Machine, admitted, answer, checked, landed, planned, settle

FORK = multiprocessing.get_context("fork")
WORKERS = 4
BIG, SMALL = "AAA111", ("BBB222", "CCC333", "DDD444")


def _backlog(ledger: SqlLedger, batches: int) -> list[str]:
    """One big partner's batches, then one of each small partner."""
    big = [planned(ledger, sequence, partner_code=BIG)[1] for sequence in range(batches)]
    return big + [planned(ledger, 1, partner_code=code)[1] for code in SMALL]


def test_everyones_first_batch_comes_before_anyones_second(ledger: SqlLedger) -> None:
    ids = _backlog(ledger, 4)
    assert ledger.open_batches() == [ids[0], *ids[4:], *ids[1:4]]
    held = ledger.claim(ids[0], "one")
    assert held is not None
    assert ledger.open_batches() == [ids[0], *ids[4:], *ids[1:4]]
    ledger.checked(held, 2)
    assert ledger.open_batches() == [ids[1], *ids[4:], *ids[2:4]]


def test_a_weight_is_a_number_of_turns(database: SqlLedger) -> None:
    ids = _backlog(database, 6)
    database._weights = {BIG: 3}
    assert database.open_batches() == [*ids[:3], *ids[6:], *ids[3:6]]


def test_a_batch_of_several_partners_comes_when_the_first_of_them_is_due(ledger: SqlLedger) -> None:
    early = [planned(ledger, sequence, partner_code=BIG)[1] for sequence in range(3)]
    one, two = admitted(ledger, 9, partner_code=BIG), admitted(ledger, 1, partner_code=SMALL[0])
    ledger.plan([Batch("shared", (Slice(one, 0, 2), Slice(two, 0, 2)))])
    assert ledger.open_batches() == [early[0], "shared", *early[1:]]


def test_claims_go_by_turn_and_count_what_is_under_work(ledger: SqlLedger) -> None:
    ids = _backlog(ledger, 4)
    claims = [ledger.claim_next(f"worker {rank}") for rank in range(len(ids))]
    assert [claim and claim.batch.batch_id for claim in claims] == [ids[0], *ids[4:], *ids[1:4]]
    assert ledger.claim_next("late") is None
    assert claims[0] is not None
    ledger.release(claims[0])
    again = ledger.claim_next("late")
    assert again is not None
    assert (again.batch.batch_id, again.attempt) == (ids[0], 1)


def test_one_partner_holds_no_more_workers_than_it_may(ledger: SqlLedger, machine: Machine) -> None:
    ids = _backlog(ledger, 4)
    told = [claim.batch.batch_id for rank in range(9) if (claim := ledger.claim_next(f"worker {rank}", 2))]
    assert told == [ids[0], *ids[4:], ids[1]]
    machine.seconds += BATCH_LEASE_SECONDS + 1
    first = ledger.claim_next("new", 2)
    assert first is not None
    assert (first.batch.batch_id, first.attempt, first.token) == (ids[0], 2, 2)


def _drains(rank: int, queue: SimpleQueue[object], barrier: Barrier, ledger: SqlLedger) -> None:
    barrier.wait()
    mine = []
    while (claim := ledger.claim_next(f"worker {rank}")) is not None:
        mine.append(claim.batch.batch_id)
        ledger.checked(claim, 2)
    queue.put(mine)


def test_four_workers_share_the_queue_without_waiting_or_twins(database: SqlLedger) -> None:
    ids = _backlog(database, 20)
    queue, barrier = FORK.SimpleQueue(), FORK.Barrier(WORKERS)
    workers = [FORK.Process(target=_drains, args=(rank, queue, barrier, database)) for rank in range(WORKERS)]
    for worker in workers:
        worker.start()
    told = [batch_id for _ in workers for batch_id in queue.get()]  # type: ignore[attr-defined]
    for worker in workers:
        worker.join()
    assert sorted(told) == sorted(ids)
    assert database.open_batches() == []


def test_settlement_takes_each_partners_first_before_anyones_second(ledger: SqlLedger) -> None:
    big = [checked(ledger, sequence, partner_code=BIG) for sequence in range(3)]
    small = [checked(ledger, 1, partner_code=code) for code in SMALL]
    told = []
    while ready := ledger.settleable():
        for flow in ready:
            told.append(flow.flow_key)
            settle(ledger, flow.flow_key, answers=())
    assert told == [big[0], *small, *big[1:]]


def _owing(ledger: SqlLedger, partner_code: str, sequence: int = 1) -> str:
    _, flow_key = landed(ledger, sequence, partner_code=partner_code)
    owed = answer(flow_key, sequence, partner_code=partner_code)
    ledger.refuse(flow_key, "IRR_VIDE", "", "91", [owed])
    return owed.delivery_id


def _partners_owed(ledger: SqlLedger) -> list[str]:
    return [delivery.answer.partner_code for delivery in ledger.owed()]


def test_a_partner_that_fails_is_left_in_peace_longer_each_time(ledger: SqlLedger, machine: Machine) -> None:
    down, up = _owing(ledger, BIG), _owing(ledger, SMALL[0])
    pauses = []
    for _ in range(12):
        assert _partners_owed(ledger) == [BIG, SMALL[0]]
        ledger.attempt(down)
        began = machine.seconds
        while _partners_owed(ledger) == [SMALL[0]]:
            machine.seconds += DELIVERY_BACKOFF_SECONDS
        pauses.append(machine.seconds - began)
    assert pauses[:5] == [0, 10, 20, 40, 80]
    assert pauses[-1] == DELIVERY_BACKOFF_SECONDS_MAX
    ledger.delivered(up)
    assert _partners_owed(ledger) == [BIG]


def test_a_delivery_that_is_done_closes_the_circuit(ledger: SqlLedger) -> None:
    first, second = _owing(ledger, BIG), _owing(ledger, BIG, 2)
    for _ in range(5):
        ledger.attempt(first)
    assert _partners_owed(ledger) == []
    ledger.delivered(first)
    assert _partners_owed(ledger) == [BIG]
    ledger.attempt(first)
    ledger.attempt(second)
    assert _partners_owed(ledger) == [BIG], "what was delivered before counts for nothing"
    assert [delivery.attempts for delivery in ledger.owed()] == [1]


@pytest.mark.parametrize(("failures", "seconds"), [(0, 0), (1, 0), (2, 10), (8, 600), (10_000, 600)])
def test_a_pause_is_bounded(failures: int, seconds: float) -> None:
    assert backoff_seconds(failures) == seconds
