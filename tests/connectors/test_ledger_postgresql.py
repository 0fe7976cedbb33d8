"""What only a database server can do to the ledger: go away, hold a row, refuse a login."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from threading import Thread

import psycopg
import pytest
from sqlalchemy import select

from connectors.ledger import SqlLedger
from connectors.ledger_tables import flow
from data_contracts.errors import ConfigurationError, LedgerConflict, TransientError
from data_contracts.ledger import FlowStatus
from data_contracts.limits import BATCH_LEASE_SECONDS
from tests.connectors import servers
from tests.connectors.scenes import Machine, admitted, in_child, landed, planned


@pytest.fixture
def url() -> str:
    return servers.new_database()


@pytest.fixture
def server_ledger(url: str, machine: Machine) -> Iterator[SqlLedger]:
    made = SqlLedger(url, time=machine, lock_wait_seconds=0.2)
    made.create_tables()
    yield made
    made.close()


def test_a_plain_address_is_served_by_our_driver(url: str) -> None:
    ledger = SqlLedger(url.replace("+psycopg", ""))
    ledger.create_tables()
    assert ledger.flows(FlowStatus.LANDED) == []
    ledger.close()


def test_a_server_that_crashed_keeps_what_was_told_and_is_found_again(server_ledger: SqlLedger) -> None:
    _, batch_id = planned(server_ledger)
    claim = server_ledger.claim(batch_id, "one")
    assert claim is not None
    cluster = servers.cluster()
    cluster.stop("immediate")
    try:
        with pytest.raises(TransientError, match="does not answer"):
            landed(server_ledger, 2)
    finally:
        cluster.start(servers.FAST, port=cluster.port)
    server_ledger.checked(claim, 2)
    assert server_ledger.open_batches() == []


def test_a_server_process_killed_within_a_transaction_undoes_it(server_ledger: SqlLedger) -> None:
    flow_key = admitted(server_ledger)
    with pytest.raises(TransientError), server_ledger._write() as connection:
        connection.execute(flow.update().values(motive="half done"))
        os.kill(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one(), signal.SIGTERM)
        time.sleep(0.2)
        connection.execute(select(flow.c.motive))
    assert [report.motive for report in server_ledger.reports()] == [""]
    assert server_ledger.flow(flow_key).status is FlowStatus.ADMITTED


def test_a_frozen_worker_does_not_keep_its_locks(server_ledger: SqlLedger) -> None:
    _, batch_id = planned(server_ledger)
    with pytest.raises(TransientError), server_ledger._write() as connection:
        assert connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar() == "1min"
        assert connection.exec_driver_sql("SHOW tcp_keepalives_idle").scalar() == "15"
        connection.exec_driver_sql("SET idle_in_transaction_session_timeout = 100")
        connection.exec_driver_sql("SELECT * FROM batch FOR UPDATE")
        time.sleep(0.5)
        connection.exec_driver_sql("SELECT 1")
    assert server_ledger.claim(batch_id, "another") is not None


def test_a_row_that_stays_held_is_a_conflict(server_ledger: SqlLedger, url: str) -> None:
    _, batch_id = planned(server_ledger)
    with psycopg.connect(servers.driver_url(url)) as other:
        other.execute("SELECT * FROM batch FOR UPDATE")
        with pytest.raises(LedgerConflict, match="busy"):
            server_ledger.claim(batch_id, "one")
    assert server_ledger.claim(batch_id, "one") is not None


def test_two_that_wait_for_each_other_are_a_conflict(server_ledger: SqlLedger, url: str) -> None:
    keys = [admitted(server_ledger, sequence) for sequence in (1, 2)]
    patient = SqlLedger(url, lock_wait_seconds=10)
    held = [f"SELECT * FROM flow WHERE flow_key = '{key}' FOR UPDATE" for key in keys]
    with psycopg.connect(servers.driver_url(url)) as other:
        other.execute("SET deadlock_timeout = '1min'")  # the ledger's connection looks first, and gives way
        other.execute(held[0])
        with pytest.raises(LedgerConflict, match="busy"), patient._write() as ours:
            ours.exec_driver_sql(held[1])
            waiting = Thread(target=other.execute, args=(held[1],))
            waiting.start()
            ours.exec_driver_sql(held[0])
        waiting.join()
    patient.close()


def test_a_worker_killed_with_its_claim_loses_it_after_the_lease(server_ledger: SqlLedger, machine: Machine) -> None:
    _, batch_id = planned(server_ledger)

    def dies() -> None:
        assert server_ledger.claim(batch_id, "one") is not None
        os._exit(9)

    assert in_child(dies) == 9
    with pytest.raises(LedgerConflict, match="another worker holds"):
        server_ledger.claim(batch_id, "two")
    machine.seconds += BATCH_LEASE_SECONDS + 1
    second = server_ledger.claim(batch_id, "two")
    assert second is not None
    assert (second.token, second.attempt) == (2, 2)


def test_a_wrong_login_or_database_is_said_without_the_password(url: str) -> None:
    for wrong in (url.replace("/test_", "/absent_"), url.replace("relais:", "stranger:")):
        ledger = SqlLedger(wrong)
        with pytest.raises((ConfigurationError, TransientError)) as caught:
            ledger.create_tables()
        assert url.split(":")[2].split("@")[0] not in str(caught.value)
        ledger.close()
