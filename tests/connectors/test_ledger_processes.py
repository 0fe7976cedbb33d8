"""The ledger among processes: forks, races, kills and locks."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from sqlalchemy import event

from connectors.ledger import SqlLedger
from data_contracts.envelope import FIRST_SENDER_SERIES, SERIES_SPAN
from data_contracts.errors import ConfigurationError, IntegrityBroken, LedgerConflict
from data_contracts.ledger import FlowStatus, InvoiceKey, StatusEvent
from tests.connectors.scenes import NOON, answer, checked, in_child, landed, planned

FORK = multiprocessing.get_context("fork")
WORKERS = 4
ROUNDS = 10


def _together(work: object, *arguments: object) -> list[object]:
    """What each of four processes puts on the queue."""
    queue, barrier = FORK.SimpleQueue(), FORK.Barrier(WORKERS)
    workers = [
        FORK.Process(target=work, args=(rank, queue, barrier, *arguments))  # type: ignore[arg-type]
        for rank in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    told = [queue.get() for _ in workers]
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    return told


def _numbers(rank: int, queue: SimpleQueue[object], barrier: Barrier, ledger: SqlLedger, keys: list[str]) -> None:
    barrier.wait()
    told: list[int] = []
    for flow_key in keys[rank * ROUNDS : (rank + 1) * ROUNDS]:
        told += ledger.number(flow_key, [("FEN0036A", "CCC333", part) for part in range(2)]).values()
    queue.put(told)


def test_four_processes_number_without_gap_or_twin(ledger: SqlLedger) -> None:
    keys = [landed(ledger, sequence)[1] for sequence in range(WORKERS * ROUNDS)]
    told = _together(_numbers, ledger, keys)
    numbers = sorted(number for numbers in told for number in numbers)  # type: ignore[attr-defined]
    start = FIRST_SENDER_SERIES * SERIES_SPAN
    assert numbers == list(range(start + 1, start + 2 * WORKERS * ROUNDS + 1))


def _lands(rank: int, queue: SimpleQueue[object], barrier: Barrier, ledger: SqlLedger) -> None:
    barrier.wait()
    queue.put([landed(ledger, sequence, identity=f"{sequence}")[0].value for sequence in range(ROUNDS)])


def test_four_processes_land_each_file_once(ledger: SqlLedger) -> None:
    told = _together(_lands, ledger)
    landings = [landing for landings in told for landing in landings]  # type: ignore[attr-defined]
    assert sorted(landings) == ["new"] * ROUNDS + ["seen"] * ROUNDS * (WORKERS - 1)
    assert [flow.ordinal for flow in ledger.flows(FlowStatus.LANDED)] == list(range(1, ROUNDS + 1))


def _claims(rank: int, queue: SimpleQueue[object], barrier: Barrier, ledger: SqlLedger, batch_id: str) -> None:
    barrier.wait()
    try:
        claim = ledger.claim(batch_id, f"worker {rank}")
        queue.put(claim and claim.attempt)
    except LedgerConflict:
        queue.put("too late")


def test_of_racing_workers_one_gets_the_batch(ledger: SqlLedger) -> None:
    _, batch_id = planned(ledger)
    assert sorted(map(str, _together(_claims, ledger, batch_id))) == ["1"] + ["too late"] * (WORKERS - 1)


def _owns(rank: int, queue: SimpleQueue[object], barrier: Barrier, ledger: SqlLedger, keys: list[str]) -> None:
    wanted = [(InvoiceKey(2026, "123456782", f"F-{number}"), number) for number in range(200)]
    barrier.wait()
    owners = ledger.claim_invoices(keys[rank], wanted if rank % 2 else wanted[::-1], NOON).owners
    queue.put(sorted((key.number, owner.flow_key) for key, owner in owners.items()))


def test_racing_flows_agree_on_who_owns_an_invoice(ledger: SqlLedger) -> None:
    keys = [checked(ledger, rank, partner_code=f"AAA11{rank}") for rank in range(WORKERS)]
    told = _together(_owns, ledger, keys)
    assert len(told[0]) == 200  # type: ignore[arg-type]
    assert told.count(told[0]) == WORKERS


def _settle(ledger: SqlLedger, flow_key: str) -> None:
    ledger.settle(
        flow_key, accepted_count=2, rejected_count=0, quarantined_count=0, acknowledgment_code="90",
        events=[StatusEvent(flow_key, position, "FEN1200A", "200", NOON) for position in range(2)],
        answers=[answer(flow_key)],
    )  # fmt: skip


def test_killed_at_any_statement_a_settlement_is_whole_or_absent(ledger: SqlLedger) -> None:
    statement, sequence, code = 0, 0, 9
    while code == 9:
        statement, sequence = statement + 1, sequence + 1
        flow_key = checked(ledger, sequence)

        def dying(flow_key: str = flow_key, statement: int = statement) -> None:
            left = statement

            def count(*_: object) -> None:
                nonlocal left
                left -= 1
                if left == 0:
                    os._exit(9)

            engine = ledger._live_engine()
            event.listen(engine, "before_cursor_execute", count)
            event.listen(engine, "commit", count)
            _settle(ledger, flow_key)

        code = in_child(dying)
        settled = ledger.flow(flow_key).status is FlowStatus.SETTLED
        assert len(ledger.owed()) == settled
        assert settled is (code == 0)
        _settle(ledger, flow_key)
        ledger.delivered(answer(flow_key).delivery_id)
    assert code == 0
    assert statement > 6


def test_a_fork_with_an_open_ledger_leaves_parent_and_child_working(ledger: SqlLedger) -> None:
    landed(ledger, 1)
    inherited = ledger._live_engine()
    assert in_child(lambda: None if landed(ledger, 2) and ledger._live_engine() is not inherited else os._exit(3)) == 0
    landed(ledger, 3)
    assert [flow.ordinal for flow in ledger.flows(FlowStatus.LANDED)] == [1, 2, 3]


def test_a_ledger_that_stays_locked_is_a_conflict(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = SqlLedger(f"sqlite:///{path}", lock_wait_seconds=0.05)
    ledger.create_tables()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerConflict, match="busy"):
        landed(ledger)
    assert ledger.flows(FlowStatus.LANDED) == [], "readers do not wait for a writer"
    holder.close()
    landed(ledger)
    ledger.close()


def test_every_commit_reaches_the_disk(tmp_path: Path) -> None:
    ledger = SqlLedger(f"sqlite:///{tmp_path}/ledger.db")
    ledger.create_tables()
    with ledger._read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    ledger.close()


def test_a_damaged_or_absent_database_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"not a database " * 100)
    with pytest.raises(IntegrityBroken, match="damaged"):
        SqlLedger(f"sqlite:///{tmp_path}/ledger.db").create_tables()
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        SqlLedger(f"sqlite:///{tmp_path}/absent/ledger.db").create_tables()


def test_an_unknown_database_is_a_configuration_error_without_its_password() -> None:
    with pytest.raises(ConfigurationError, match="not one that Relais knows") as caught:
        SqlLedger("mysql://relais:hunter2@db/relais")
    assert "hunter2" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        SqlLedger("nonsense")
