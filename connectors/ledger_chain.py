"""The chain of a flow's events: each is linked to the one before, so that none can be changed or left out unseen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection, Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from connectors.ledger_tables import flow_chain, flow_event
from data_contracts.evidence import NO_LINK, link_of

_INSERTS: dict[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


def note(connection: Connection, flow_key: str, at_seconds: float, *whats: str) -> None:
    """Nothing; the events are appended to the flow's chain, in order. Writers of one flow pass one at a time.

    Call it last in a transaction, or with the flow's row held: it holds the head of the chain until the end.
    """
    if not whats:
        return
    at = datetime.fromtimestamp(at_seconds, UTC)
    head = select(flow_chain.c.length, flow_chain.c.link).where(flow_chain.c.flow_key == flow_key).with_for_update()
    found = connection.execute(head).first()
    if found is None:
        fresh = _INSERTS[connection.dialect.name](flow_chain)
        connection.execute(fresh.on_conflict_do_nothing(), {"flow_key": flow_key, "length": 0, "link": NO_LINK})
        found = connection.execute(head).one()
    length, link = found
    rows = []
    for sequence, what in enumerate(whats, start=length + 1):
        link = link_of(link, flow_key, sequence, at, what)
        rows.append({"flow_key": flow_key, "at": at, "what": what, "sequence": sequence, "link": link})
    connection.execute(insert(flow_event), rows)
    grown = {"length": length + len(rows), "link": link}
    connection.execute(update(flow_chain).where(flow_chain.c.flow_key == flow_key).values(grown))
