"""Invoice keys: which flow first claimed each invoice, among hundreds of millions.

On PostgreSQL the table has a partition for each year, made when first needed, and a flow's keys come in bulk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, inspect, select, text, tuple_

from connectors.ledger_bulk import chunks, copy_rows
from connectors.ledger_schema import lock_schema
from connectors.ledger_tables import flow, invoice_key
from connectors.ledger_transactions import insert_new
from data_contracts.ledger import InvoiceKey, Owner

PARTITIONED_YEARS = range(2000, 2100)
"""Years that get a partition of their own. Any other, which only a mistake or malice writes, shares one."""

KEY_CHARACTERS_MAX = 200
"""Characters of a seller or number that are kept as they are: an index of PostgreSQL refuses rows beyond 2.7 kB."""

_COLUMNS = (invoice_key.c.year, invoice_key.c.seller, invoice_key.c.number)
_WANTED = "CREATE TEMPORARY TABLE wanted_key (year integer, seller text, number text, position integer) ON COMMIT DROP"
# Everyone inserts in the order of the keys, so that two flows with common keys cannot wait for each other.
_CLAIM = text(
    "INSERT INTO invoice_key (year, seller, number, flow_key, position) "
    "SELECT year, seller, number, :flow_key, position FROM wanted_key "
    'ORDER BY year, seller COLLATE "C", number COLLATE "C" ON CONFLICT DO NOTHING'
)
_OTHERS = text(
    "SELECT w.year, w.seller, w.number, k.flow_key, k.position FROM wanted_key w "
    "JOIN invoice_key k ON k.year = w.year AND k.seller = w.seller AND k.number = w.number "
    "WHERE k.flow_key <> :flow_key OR k.position <> w.position"
)


def fitted(key: InvoiceKey) -> InvoiceKey:
    """The key as it is kept: a text that no honest invoice has is shortened, with its hash so that it stays itself."""
    if len(key.seller) <= KEY_CHARACTERS_MAX and len(key.number) <= KEY_CHARACTERS_MAX:
        return key
    return InvoiceKey(key.year, _fitted(key.seller), _fitted(key.number))


def rooms(years: Iterable[int]) -> set[int]:
    """The years among these that need a partition of their own."""
    return {year for year in years if year in PARTITIONED_YEARS}


def make_room(connection: Connection, year: int) -> None:
    """Nothing; the year has its partition once the transaction, which does nothing else, is committed."""
    lock_schema(connection)
    name = f"invoice_key_{year}"
    if inspect(connection).has_table(name):
        return
    # Claims lock in this order too: flow, then keys. The other way round, they would wait for us and we for them.
    connection.execute(text(f"LOCK TABLE {flow.name} IN SHARE ROW EXCLUSIVE MODE"))
    connection.execute(text(f"CREATE TABLE {name} PARTITION OF {invoice_key.name} FOR VALUES IN ({year})"))


def give_up(connection: Connection, flow_key: str, wanted: Mapping[InvoiceKey, int]) -> None:
    """Nothing; the flow holds no key but those it wants, each at the position where it wants it."""
    held = connection.execute(select(*_COLUMNS, invoice_key.c.position).where(invoice_key.c.flow_key == flow_key))
    stale = [row.position for row in held if wanted.get(InvoiceKey(*row[:3])) != row.position]
    for positions in chunks(stale):  # in a flow, an invoice's position stands for its key
        ours = delete(invoice_key).where(invoice_key.c.flow_key == flow_key)
        connection.execute(ours.where(invoice_key.c.position.in_(positions)))


def claim(connection: Connection, flow_key: str, wanted: Mapping[InvoiceKey, int]) -> dict[InvoiceKey, Owner]:
    """Who owns each key, now that the flow has claimed those that were free."""
    if not wanted:
        return {}
    if connection.dialect.name == "postgresql":
        return _claimed_in_bulk(connection, flow_key, wanted)
    rows = [
        {"year": key.year, "seller": key.seller, "number": key.number, "flow_key": flow_key, "position": wanted[key]}
        for key in sorted(wanted, key=lambda key: (key.year, key.seller, key.number))
    ]
    connection.execute(insert_new(connection, invoice_key), rows)
    return _owners(connection, flow_key, wanted)


def _claimed_in_bulk(
    connection: Connection, flow_key: str, wanted: Mapping[InvoiceKey, int]
) -> dict[InvoiceKey, Owner]:
    connection.execute(text(_WANTED))
    rows = ((key.year, key.seller, key.number, position) for key, position in wanted.items())
    copy_rows(connection, "wanted_key", ("year", "seller", "number", "position"), rows)
    claimed = connection.execute(_CLAIM, {"flow_key": flow_key}).rowcount
    owners = {key: Owner(flow_key, position) for key, position in wanted.items()}
    if claimed == len(wanted):
        return owners
    # Keys are looked up one by one in the index: other plans would read all invoices of the years.
    connection.execute(text("ANALYZE wanted_key"))
    for way in ("hashjoin", "mergejoin"):
        connection.execute(text(f"SET LOCAL enable_{way} = off"))
    for year, seller, number, owner, position in connection.execute(_OTHERS, {"flow_key": flow_key}):
        owners[InvoiceKey(year, seller, number)] = Owner(owner, position)
    return owners


def _owners(connection: Connection, flow_key: str, wanted: Mapping[InvoiceKey, int]) -> dict[InvoiceKey, Owner]:
    """Own keys come in one query; only those that others hold are looked up by key."""
    found = select(*_COLUMNS, invoice_key.c.flow_key, invoice_key.c.position)
    owners: dict[InvoiceKey, Owner] = {}
    for year, seller, number, owner, position in connection.execute(found.where(invoice_key.c.flow_key == flow_key)):
        owners[InvoiceKey(year, seller, number)] = Owner(owner, position)
    lost = (key for key in wanted if key not in owners)
    for keys in chunks((key.year, key.seller, key.number) for key in lost):
        for year, seller, number, owner, position in connection.execute(found.where(tuple_(*_COLUMNS).in_(keys))):
            owners[InvoiceKey(year, seller, number)] = Owner(owner, position)
    return {key: owners[key] for key in wanted}


def _fitted(value: str) -> str:
    if len(value) <= KEY_CHARACTERS_MAX:
        return value
    return f"{value[:KEY_CHARACTERS_MAX]} sha256:{hashlib.sha256(value.encode()).hexdigest()}"
