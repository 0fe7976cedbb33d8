"""Invoice keys in bulk: any year, any length, any order, and whoever comes first."""

from __future__ import annotations

import multiprocessing
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text

from connectors.ledger import SqlLedger
from connectors.ledger_bulk import copy_rows
from connectors.ledger_invoices import KEY_CHARACTERS_MAX, fitted
from data_contracts.errors import IntegrityBroken
from data_contracts.ledger import InvoiceKey, Owner
from tests.connectors.scenes import NOON, checked, settle

FORK = multiprocessing.get_context("fork")
WORKERS = 4


def test_any_year_is_kept_and_only_plausible_ones_get_a_partition(database: SqlLedger) -> None:
    first, second = checked(database, 1), checked(database, 2, partner_code="BBB222")
    keys = [(InvoiceKey(year, "1", "2"), year) for year in (1, 1999, 2000, 2026, 2027, 2099, 2100, 9999)]
    for flow_key in (first, second):
        owners = database.claim_invoices(flow_key, keys, NOON).owners
        assert owners == {key: Owner(first, position) for key, position in keys}
    with database._read() as connection:
        tables = [name for name in inspect(connection).get_table_names() if name.startswith("invoice_key_")]
    years = [f"invoice_key_{year}" for year in (2000, 2026, 2027, 2099)]
    assert sorted(tables) in ([], [*years, "invoice_key_other"]), "none on SQLite"


@pytest.mark.parametrize("size", [KEY_CHARACTERS_MAX, KEY_CHARACTERS_MAX + 1, 100_000])
def test_a_key_of_any_length_is_told_from_its_neighbour(ledger: SqlLedger, size: int) -> None:
    first, second = checked(ledger, 1), checked(ledger, 2, partner_code="BBB222")
    one, two = (InvoiceKey(2026, "é\\\t" * (size // 3), "é" * (size - 1) + end) for end in "ab")
    assert ledger.claim_invoices(first, [(one, 0)], NOON).owners == {one: Owner(first, 0)}
    told = ledger.claim_invoices(second, [(one, 0), (two, 1)], NOON).owners
    assert told == {one: Owner(first, 0), two: Owner(second, 1)}
    assert (fitted(one) == one) is (size <= KEY_CHARACTERS_MAX)


def _claims(
    rank: int, queue: SimpleQueue[object], barrier: Barrier, ledger: SqlLedger, flows: list[str], year: int
) -> None:
    wanted = [(InvoiceKey(year, "123456782", f"F-{number}"), number) for number in range(2_000)]
    barrier.wait()
    owners = ledger.claim_invoices(flows[rank], wanted[:: 1 if rank % 2 else -1], NOON).owners
    queue.put({key.number: owner.flow_key for key, owner in owners.items()})


def test_the_first_claims_of_a_year_may_race(database: SqlLedger) -> None:
    flows = [checked(database, rank, partner_code=f"AAA11{rank}") for rank in range(WORKERS)]
    queue, barrier = FORK.SimpleQueue(), FORK.Barrier(WORKERS)
    workers = [
        FORK.Process(target=_claims, args=(rank, queue, barrier, database, flows, 2031)) for rank in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    told = [queue.get() for _ in workers]
    for worker in workers:
        worker.join()
    assert len(told[0]) == 2_000
    assert told.count(told[0]) == WORKERS


def test_keys_of_settled_flows_are_looked_up_where_they_stand(ledger: SqlLedger) -> None:
    flow_key = checked(ledger)
    keys = [(InvoiceKey(2026, "1", str(number)), number) for number in range(3)]
    ledger.claim_invoices(flow_key, keys, NOON)
    settle(ledger, flow_key, answers=())
    moved = [(key, position + 10) for key, position in keys]
    owners = ledger.claim_invoices(flow_key, moved, NOON).owners
    assert owners == {key: Owner(flow_key, position) for key, position in keys}


def test_what_the_bulk_load_refuses_is_told_in_our_words(database: SqlLedger) -> None:
    if database._url.get_backend_name() == "sqlite":
        pytest.skip("SQLite has no COPY")
    columns = ("year", "seller", "number", "flow_key", "position")
    with pytest.raises(IntegrityBroken, match="contradicts"), database._write() as connection:
        copy_rows(connection, "invoice_key", columns, [(2026, "1", "2", "unknown flow", 0)])
    with database._read() as connection:
        assert connection.execute(text("SELECT count(*) FROM invoice_key")).scalar() == 0


_KEYS = st.builds(InvoiceKey, st.integers(1999, 2001), st.sampled_from(["1", "2"]), st.sampled_from("abc"))
_CLAIMS = st.lists(st.tuples(st.integers(0, 2), st.lists(_KEYS, max_size=6)), max_size=8)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_CLAIMS)
def test_every_sequence_of_claims_goes_first_come_first_served(
    database: SqlLedger, claims: list[tuple[int, list[InvoiceKey]]]
) -> None:
    """The model: a dictionary. A flow's later claim gives up what it no longer wants, or wants elsewhere."""
    with database._write() as connection:
        for table in (
            "invoice_key",
            "batch_slice",
            "batch_partner",
            "batch",
            "deposit",
            "flow_event",
            "flow_chain",
            "flow",
        ):
            connection.execute(text(f"DELETE FROM {table}"))
    flows = [checked(database, rank, partner_code=f"AAA11{rank}") for rank in range(3)]
    model: dict[InvoiceKey, Owner] = {}
    for rank, keys in claims:
        flow_key = flows[rank]
        wanted = {key: Owner(flow_key, position) for position, key in reversed(list(enumerate(keys)))}
        model = {key: own for key, own in model.items() if own.flow_key != flow_key or wanted.get(key) == own}
        model = wanted | model
        told = database.claim_invoices(flow_key, [(key, position) for position, key in enumerate(keys)], NOON)
        assert told.owners == {key: model[key] for key in wanted}
