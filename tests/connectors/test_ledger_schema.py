"""Migrations: they lead to the tables of today, from nothing or from an older ledger, whoever starts first."""

from __future__ import annotations

import multiprocessing
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from connectors.as2.tables import metadata
from connectors.ledger import SqlLedger
from connectors.ledger_schema import FOLDER, HEAD, VERSIONS, revision_of
from data_contracts.errors import ConfigurationError
from data_contracts.ledger import DeliveryState, FlowStatus, InvoiceKey
from tests.connectors import servers
from tests.connectors.scenes import NOON, checked, landed

FORK = multiprocessing.get_context("fork")
PROCESSES = 4
R0006_COLUMNS = (
    "event_key", "format", "actor", "actor_code", "reasons", "comment", "mandate_number", "payments", "recorded_at",
    "source_flow_key", "source_name",
)  # fmt: skip
LATER_COLUMNS = (
    ("outbox", "late"),
    ("outbox", "staged_part"),
    *(("flow_event", name) for name in ("sequence", "link", "sealed_in")),
    *(("status_event", name) for name in R0006_COLUMNS),
)
LATER_INDEXES = (
    "flow_event_by_seal",
    "status_event_by_key",
    "status_event_by_source",
    "outbox_by_name",
    "outbox_by_delivery",
)
LATER_TABLES = (
    "digest_window",
    "digest",
    "reminder",
    "invoice_in_progress",
    "commitment",
    "commitment_draw",
    "unkeyed_invoice",
    "succession",
    "flow_receipt",
    "flow_chain",
    "evidence_seal",
    "quarantine",
    "operator_outcome",
    "operator_action",
    "batch_partner",
    "partner_circuit",
    "as2_receipt_owed",
    "as2_received",
    "as2_attempt",
    "as2_sent",
    "as2_staged",
    "delivery_leftover",
)
"""What revisions after the first brought."""


def _differences(ledger: SqlLedger) -> list[object]:
    def ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or not (name or "").startswith("invoice_key_")  # partitions come as years come

    with ledger._read() as connection:
        options = {"include_name": ours, "compare_type": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def test_the_migrated_schema_is_that_of_the_tables(ledger: SqlLedger) -> None:
    assert _differences(ledger) == []
    ledger.claim_invoices(checked(ledger), [(InvoiceKey(2026, "1", "2"), 0)], NOON)
    assert _differences(ledger) == []


def test_a_second_start_has_nothing_to_do(ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ScriptDirectory(str(FOLDER)).get_current_head() == HEAD
    with ledger._read() as connection:
        assert revision_of(connection) == HEAD
    landed(ledger)
    monkeypatch.setattr("connectors.ledger_transactions.migrate", None)
    ledger.create_tables()
    assert len(ledger.flows(FlowStatus.LANDED)) == 1


def _start(barrier: Barrier, url: str) -> None:
    ledger = SqlLedger(url)
    barrier.wait()
    ledger.create_tables()
    ledger.close()


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_many_may_start_at_once(kind: str, tmp_path: Path) -> None:
    url = servers.new_database() if kind == "postgresql" else f"sqlite:///{tmp_path}/ledger.db"
    barrier = FORK.Barrier(PROCESSES)
    workers = [FORK.Process(target=_start, args=(barrier, url)) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    ledger = SqlLedger(url)
    assert landed(ledger)[0].value == "new"
    assert _differences(ledger) == []
    ledger.close()


def test_a_ledger_made_before_revisions_goes_on(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    first = SqlLedger(url)
    first.create_tables()
    _, flow_key = landed(first)
    with first._write() as connection:
        connection.execute(text(f"DROP TABLE {VERSIONS}"))
        for table in LATER_TABLES:
            connection.execute(text(f"DROP TABLE {table}"))
        for index in LATER_INDEXES:
            connection.execute(text(f"DROP INDEX {index}"))
        for table, column in LATER_COLUMNS:
            connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
    first.create_tables()
    assert [flow.flow_key for flow in first.flows(FlowStatus.LANDED)] == [flow_key]
    assert landed(first, 2)[0].value == "new"
    assert first.flows(FlowStatus.LANDED)[1].ordinal == 2
    assert _differences(first) == []
    first.close()


def test_answers_staged_before_attempts_had_names_are_published_under_the_old_one(tmp_path: Path) -> None:
    ledger = SqlLedger(f"sqlite:///{tmp_path}/ledger.db")
    with ledger._write() as connection:
        _migrated_to(connection, "0007")
    flow_key = _owing_since_before(ledger)
    ledger.create_tables()
    (delivery,) = ledger.owed()
    attempt = ledger.attempt(delivery.answer.delivery_id)
    assert (attempt.state, attempt.staged, attempt.number) == (DeliveryState.STAGED, "", 2)
    assert ledger.staged(delivery.answer.delivery_id, attempt.part) == ""
    assert delivery.answer.flow_key == flow_key
    with ledger._read() as connection:
        assert connection.execute(text("SELECT part_name, object_key FROM as2_staged")).all() == [("answer.part", "k")]
        assert connection.execute(text("SELECT count(*) FROM as2_sent")).scalar_one() == 0
    ledger.close()


def _migrated_to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _owing_since_before(ledger: SqlLedger) -> str:
    """The key of a flow whose answer, and a message beside it, an earlier release staged."""
    _, flow_key = landed(ledger)
    with ledger._write() as connection:
        connection.execute(
            text(
                "INSERT INTO outbox (delivery_id, ordinal, flow_key, partner_code, interface_code, name, object_key, "
                "sha256, size_bytes, acknowledges, again, state, attempts, owed_seconds) VALUES "
                "('d', 1, :flow_key, 'AAA111', 'CSO1100A', 'answer', 'k', 'h', 1, 1, 0, 'staged', 1, 0)"
            ),
            {"flow_key": flow_key},
        )
        connection.execute(
            text(
                "INSERT INTO as2_sent (partner_code, name, again, message_id, object_key, sha256, size_bytes, state, "
                "headers, wire_key, mic, attempts, next_seconds, outcome) VALUES "
                "('AAA111', 'answer', 0, '<m@relais>', 'k', 'h', 1, 'staged', '', '', '', 0, 0, '')"
            )
        )
    return flow_key


def test_a_ledger_of_a_later_release_is_refused(ledger: SqlLedger) -> None:
    with ledger._write() as connection:
        connection.execute(text(f"UPDATE {VERSIONS} SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="later release"):
        ledger.create_tables()
