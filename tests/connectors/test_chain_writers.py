"""Several processes write events of one flow at once: the chain stays one chain."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from connectors.ledger import SqlLedger
from connectors.ledger_chain import note
from connectors.ledger_tables import flow_event
from data_contracts.evidence import NO_LINK, link_of
from tests.connectors import servers
from tests.connectors.scenes import landed

WRITERS, EVENTS_EACH = 4, 25
AT_SECONDS = 1_788_264_000.0


def test_events_of_one_flow_by_several_writers_on_a_server_are_one_chain() -> None:
    url = servers.new_database()
    first = SqlLedger(url)
    first.create_tables()
    _, flow_key = landed(first)

    def write(writer: int) -> None:
        ledger = SqlLedger(url, lock_wait_seconds=30)
        for number in range(EVENTS_EACH):
            with ledger._write() as connection:
                note(connection, flow_key, AT_SECONDS, f"{writer}:{number}")
        ledger.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    with first._read() as connection:
        ordered = select(flow_event).where(flow_event.c.flow_key == flow_key).order_by(flow_event.c.sequence)
        rows = connection.execute(ordered).all()
    first.close()

    written = [row.what for row in rows if ":" in row.what and row.what[0].isdigit()]
    assert len(written) == WRITERS * EVENTS_EACH == len(set(written))
    assert [row.sequence for row in rows] == list(range(1, len(rows) + 1))
    link = NO_LINK
    for row in rows:
        link = link_of(link, flow_key, row.sequence, row.at, row.what)
        assert row.link == link, f"event {row.sequence} is not linked to the one before"
