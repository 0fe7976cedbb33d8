"""The ledger's tables and statements are understood by PostgreSQL's dialect as they are by SQLite's."""

from __future__ import annotations

import pytest
from sqlalchemy import ClauseElement, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from connectors.ledger import SqlLedger
from connectors.ledger_tables import invoice_key, metadata
from connectors.ledger_transactions import _INSERTS
from data_contracts.ports import InvoiceKey
from tests.connectors.scenes import NOON, answer, checked, landed, settle

POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_tables_are_created_on_both(name: str) -> None:
    table = metadata.tables[name]
    assert f"CREATE TABLE {name}" in str(CreateTable(table).compile(dialect=POSTGRESQL))
    for index in table.indexes:
        assert "CREATE INDEX" in str(CreateIndex(index).compile(dialect=POSTGRESQL))


def test_every_statement_of_a_flows_life_compiles_on_both(ledger: SqlLedger) -> None:
    seen: list[ClauseElement] = []
    event.listen(ledger._live_engine(), "before_execute", lambda _c, statement, *_: seen.append(statement))
    flow_key = checked(ledger)
    ledger.claim_invoices(flow_key, [(InvoiceKey(2026, "1", "2"), 0)], NOON)
    other = checked(ledger, partner_code="BBB222")
    ledger.claim_invoices(other, [(InvoiceKey(2026, "1", "2"), 0)], NOON)
    ledger.number(flow_key, [("CSO1100A", "AAA111", 0)])
    settle(ledger, flow_key, answers=(answer(flow_key),))
    landed(ledger, identity="again")
    for owed in ledger.owed():
        ledger.attempt(owed.answer.delivery_id)
        ledger.staged(owed.answer.delivery_id)
        ledger.delivered(owed.answer.delivery_id)
    assert ledger.batches_of(flow_key)
    assert ledger.settleable()
    assert ledger.reports()
    assert ledger.reconciliation().gap == 0
    portable = [statement for statement in seen if not isinstance(statement, sqlite.Insert)]
    compiled = {str(statement.compile(dialect=POSTGRESQL)) for statement in portable}
    assert len(compiled) > 30
    assert any("FOR UPDATE" in text for text in compiled), "rows are held where there is no lock for all"
    insert = _INSERTS["postgresql"](invoice_key).on_conflict_do_nothing()
    assert "ON CONFLICT DO NOTHING" in str(insert.compile(dialect=POSTGRESQL))
