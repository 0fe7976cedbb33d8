"""The history in the ledger: what others said of invoices, and which invoices follow which."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, text, tuple_, update

from connectors.ledger_bulk import chunks, copy_rows
from connectors.ledger_flows import flow_of, held
from connectors.ledger_history_rows import EVENT_COLUMNS, event_of, event_row, link_row, owner_of
from connectors.ledger_invoices import PARTITIONED_YEARS, fitted
from connectors.ledger_settlement import SettlementLedger, first_pending, in_turn
from connectors.ledger_tables import flow, invoice_key, status_event, succession, unkeyed_invoice
from connectors.ledger_transactions import insert_new
from data_contracts.history import Event
from data_contracts.history_ledger import Bound, Link, LinkKind, Standing
from data_contracts.ledger import Flow, FlowStatus, InvoiceKey, Owner

_KEY = (invoice_key.c.year, invoice_key.c.seller, invoice_key.c.number)
_OF_EVENT = (status_event.c.flow_key, status_event.c.position)
_EARLIER = (succession.c.earlier_flow_key, succession.c.earlier_position)
_LATER = (succession.c.flow_key, succession.c.position)
_STAGED = text(
    f"CREATE TEMPORARY TABLE wanted_event ON COMMIT DROP AS SELECT {', '.join(EVENT_COLUMNS)} FROM status_event "
    "WITH NO DATA"
)
# In the order of the keys, so that two flows that bring the same statuses cannot wait for each other.
_BIND = text(
    f"INSERT INTO status_event ({', '.join(EVENT_COLUMNS)}) SELECT {', '.join(EVENT_COLUMNS)} FROM wanted_event "
    'ORDER BY event_key COLLATE "C" ON CONFLICT DO NOTHING'
)
_WANTED_KEYS = text(
    "CREATE TEMPORARY TABLE asked_key (year integer, seller text, number text) ON COMMIT DROP"
)  # fmt: skip
_FOUND_KEYS = text(
    "SELECT a.year, a.seller, a.number, k.flow_key, k.position FROM asked_key a JOIN invoice_key k "
    "ON k.year = a.year AND k.seller = a.seller AND k.number = a.number"
)


class HistoryLedger(SettlementLedger):
    """Events only grow; of a flow that is not settled yet, the last word counts."""

    def trackable(self) -> Sequence[Flow]:
        """Admitted status flows, in order of landing: of each partner only its first pending one."""
        with self._read() as connection:
            statement = select(flow).where(
                flow.c.ordinal.in_(first_pending(of_statuses=True)), flow.c.status == FlowStatus.ADMITTED.value
            )
            return [flow_of(row) for row in connection.execute(statement.order_by(flow.c.ordinal))]

    def owners_of(self, keys: Collection[InvoiceKey]) -> Mapping[InvoiceKey, Owner]:
        """Who owns each key that an invoice of a settled flow owns.

        Cost     one query on PostgreSQL, one for every 500 keys elsewhere; each key is looked up in the index.
        """
        asked = {fitted(key): key for key in keys}
        with self._write() as connection:  # PostgreSQL makes no temporary table for a reader
            found = _found_in_bulk(connection, asked) if self._partitions else _found(connection, asked)
            settled = _settled(connection, {row.flow_key for row in found})
            return {
                asked[InvoiceKey(*row[:3])]: Owner(row.flow_key, row.position)
                for row in found
                if row.flow_key in settled
            }

    def exempt_of(self, keys: Collection[InvoiceKey]) -> Mapping[InvoiceKey, Sequence[Owner]]:
        """Invoices of settled flows that hold no key and follow none, by the key that they would hold."""
        mine = unkeyed_invoice.c
        asked = {fitted(key): key for key in keys}
        statement = (
            select(mine.year, mine.seller, mine.number, mine.flow_key, mine.position)
            .join(flow, flow.c.flow_key == mine.flow_key)
            .outerjoin(succession, (succession.c.flow_key == mine.flow_key) & (succession.c.position == mine.position))
            .where(flow.c.status == FlowStatus.SETTLED.value, mine.replaceable.is_(False))
            .where(func.coalesce(succession.c.kind, LinkKind.REPLACES.value) == LinkKind.REPLACES.value)
            .order_by(flow.c.ordinal, mine.position)
        )
        found: dict[InvoiceKey, list[Owner]] = {}
        with self._read() as connection:
            for few in chunks(sorted({(key.seller, key.number) for key in asked})):
                for row in connection.execute(statement.where(tuple_(mine.seller, mine.number).in_(few))):
                    key = InvoiceKey(row.year, row.seller, row.number)
                    if key in asked:
                        found.setdefault(asked[key], []).append(Owner(row.flow_key, row.position))
        return found

    def flows_of(self, flow_keys: Iterable[str]) -> Mapping[str, Flow]:
        """Flows by their keys."""
        with self._read() as connection:
            rows = (
                row
                for keys in chunks(sorted(set(flow_keys)))
                for row in connection.execute(select(flow).where(flow.c.flow_key.in_(keys)))
            )
            return {row.flow_key: flow_of(row) for row in rows}

    def named(self, sellers: Collection[str], number: str, year: int | None = None) -> Sequence[Owner]:
        """Every invoice that ever came under a number, also rejected ones, in order of landing and position."""
        kept = [fitted(InvoiceKey(year or 0, seller, number)) for seller in sorted(sellers)]
        names, numbers = [key.seller for key in kept], [key.number for key in kept]
        years = PARTITIONED_YEARS if year is None else [year]
        keyed = select(invoice_key.c.flow_key, invoice_key.c.position).where(
            invoice_key.c.year.in_(years), invoice_key.c.seller.in_(names), invoice_key.c.number.in_(numbers)
        )
        others = select(unkeyed_invoice.c.flow_key, unkeyed_invoice.c.position).where(
            unkeyed_invoice.c.seller.in_(names), unkeyed_invoice.c.number.in_(numbers)
        )
        if year is not None:
            others = others.where(or_(unkeyed_invoice.c.year == year, unkeyed_invoice.c.year.is_(None)))
        either = keyed.union(others).subquery()
        listed = select(either).join(flow, flow.c.flow_key == either.c.flow_key)
        with self._read() as connection:
            rows = connection.execute(
                listed.where(flow.c.status == FlowStatus.SETTLED.value).order_by(flow.c.ordinal, either.c.position)
            )
            return [Owner(*row) for row in rows]

    def rejected_before(self, names: Collection[tuple[str, str]], besides: str) -> Mapping[tuple[str, str], Owner]:
        """The latest invoice that was rejected at its deposit under each (seller, number), if there is one."""
        mine = unkeyed_invoice.c
        landed = select(flow.c.ordinal).where(flow.c.flow_key == besides).scalar_subquery()
        statement = (
            select(mine.seller, mine.number, mine.flow_key, mine.position)
            .join(flow, flow.c.flow_key == mine.flow_key)
            .where(mine.replaceable, flow.c.ordinal < landed)
            .order_by(flow.c.ordinal, mine.position)
        )
        found: dict[tuple[str, str], Owner] = {}
        with self._read() as connection:
            for few in chunks(sorted(names)):
                asked = statement.where(tuple_(mine.seller, mine.number).in_(few))
                for seller, number, flow_key, position in connection.execute(asked):
                    found[seller, number] = Owner(flow_key, position)
        return found

    def standings(self, owners: Collection[Owner], besides: str = "") -> Mapping[Owner, Standing]:
        """How the line of each first invoice stands, without links and events of the flow `besides`."""
        with self._read() as connection:
            lines = _lines(connection, owners, besides)
            told = _events(connection, {one for line in lines.values() for one in line}, besides)
        return {
            first: Standing(line, tuple(sorted((e for one in line for e in told.get(one, ())), key=_moment)))
            for first, line in lines.items()
        }

    def lines(self, owners: Collection[Owner]) -> Mapping[Owner, Sequence[Owner]]:
        """The line of each first invoice: itself, then those that recycle or complete it."""
        with self._read() as connection:
            return _lines(connection, owners, "")

    def links(self, owners: Collection[Owner]) -> Sequence[Link]:
        """The links that these invoices are part of, on either side."""
        with self._read() as connection:
            found = [*_links(connection, _LATER, owners), *_links(connection, _EARLIER, owners)]
            return sorted(set(found), key=lambda link: (link.later.flow_key, link.later.position))

    def events(self, owners: Collection[Owner]) -> Mapping[Owner, Sequence[Event]]:
        """Everything that was said of each invoice, our own statuses included, by the time it happened."""
        with self._read() as connection:
            return {owner: sorted(told, key=_moment) for owner, told in _events(connection, owners).items()}

    def link(self, flow_key: str, links: Sequence[Link]) -> Sequence[Link]:
        """The links that the flow is bound to: these, as far as nothing else follows their earlier invoices."""
        with self._write() as connection:
            if held(connection, flow_key).status != FlowStatus.SETTLED:
                connection.execute(delete(succession).where(succession.c.flow_key == flow_key))
                rows = [link_row(link) for link in sorted(links, key=lambda link: link.later.position)]
                if rows:
                    connection.execute(insert_new(connection, succession), rows)
            bound = select(succession).where(succession.c.flow_key == flow_key).order_by(succession.c.position)
            return [_link_of(row) for row in connection.execute(bound)]

    def unfollowed(self, links: Sequence[Link]) -> Sequence[Link]:
        """Those of the links that nothing stands against; flows that are being settled count."""
        taken = select(*_EARLIER).where(succession.c.kind != LinkKind.REPLACES.value)
        found: set[Owner] = set()
        with self._read() as connection:
            for few in chunks(sorted({(one.earlier.flow_key, one.earlier.position) for one in links})):
                found |= {Owner(*row) for row in connection.execute(taken.where(tuple_(*_EARLIER).in_(few)))}
        return [one for one in links if one.kind is LinkKind.REPLACES or one.earlier not in found]

    def bind_statuses(self, flow_key: str, events: Sequence[Event], at: datetime) -> Bound:
        """The instant that the tracking of a flow is bound to, and the keys of events that no other flow brought first.

        Errors   LedgerConflict while an earlier status flow of the partner is pending.
        Cost     one transaction; about 20 us an event.
        """
        with self._write() as connection:
            row = held(connection, flow_key)
            bound_at, mine = row.settled_at, status_event.c.source_flow_key == flow_key
            if bound_at is None:
                in_turn(connection, row)
                connection.execute(update(flow).where(flow.c.flow_key == flow_key).values(settled_at=at))
                bound_at = at
            if row.status != FlowStatus.SETTLED:
                connection.execute(delete(status_event).where(mine))
                rows = {event.event_key: event_row(event, row.interface_code) for event in events}
                _insert_events(connection, [rows[key] for key in sorted(rows)])
            keys = connection.execute(
                select(status_event.c.event_key).where(mine, status_event.c.event_key.is_not(None))
            )
            return Bound(bound_at, frozenset(keys.scalars()))


def _found(connection: Connection, asked: Mapping[InvoiceKey, InvoiceKey]) -> list[Any]:
    found = select(*_KEY, invoice_key.c.flow_key, invoice_key.c.position)
    keys = sorted((key.year, key.seller, key.number) for key in asked)
    return [row for few in chunks(keys) for row in connection.execute(found.where(tuple_(*_KEY).in_(few)))]


def _found_in_bulk(connection: Connection, asked: Mapping[InvoiceKey, InvoiceKey]) -> list[Any]:
    if not asked:
        return []
    connection.execute(_WANTED_KEYS)
    copy_rows(connection, "asked_key", ("year", "seller", "number"), ((k.year, k.seller, k.number) for k in asked))
    connection.execute(text("ANALYZE asked_key"))
    for way in ("hashjoin", "mergejoin"):  # other plans would read all invoices of the years
        connection.execute(text(f"SET LOCAL enable_{way} = off"))
    return list(connection.execute(_FOUND_KEYS))


def _settled(connection: Connection, flow_keys: Collection[str]) -> set[str]:
    ours = select(flow.c.flow_key).where(flow.c.status == FlowStatus.SETTLED.value)
    return {
        flow_key
        for few in chunks(sorted(flow_keys))
        for flow_key in connection.execute(ours.where(flow.c.flow_key.in_(few))).scalars()
    }


def _insert_events(connection: Connection, rows: Sequence[tuple[object, ...]]) -> None:
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(_STAGED)
        copy_rows(connection, "wanted_event", EVENT_COLUMNS, rows)
        connection.execute(_BIND)
        return
    for few in chunks(rows):
        connection.execute(
            insert_new(connection, status_event), [dict(zip(EVENT_COLUMNS, row, strict=True)) for row in few]
        )


def _events(connection: Connection, owners: Collection[Owner], besides: str = "") -> dict[Owner, list[Event]]:
    """Events of settled flows, in the order in which they were written."""
    source = flow.alias("source")
    statement = (
        select(status_event, flow.c.settled_at)
        .join(flow, flow.c.flow_key == status_event.c.flow_key)
        .outerjoin(source, source.c.flow_key == status_event.c.source_flow_key)
        .where(func.coalesce(source.c.status, flow.c.status) == FlowStatus.SETTLED.value)
        .where(func.coalesce(status_event.c.source_flow_key, status_event.c.flow_key) != besides)
        .order_by(status_event.c.id)
    )
    told: dict[Owner, list[Event]] = {}
    for few in chunks(sorted((owner.flow_key, owner.position) for owner in set(owners))):
        for row in connection.execute(statement.where(tuple_(*_OF_EVENT).in_(few))):
            event = event_of(row, row.settled_at)
            told.setdefault(owner_of(event), []).append(event)
    return told


def _lines(connection: Connection, owners: Collection[Owner], besides: str) -> dict[Owner, tuple[Owner, ...]]:
    lines = {owner: [owner] for owner in owners}
    ends = {owner: owner for owner in owners}  # the end of a line, to its first
    while ends:
        following = {link.earlier: link.later for link in _links(connection, _EARLIER, ends, besides)}
        ends = {following[end]: first for end, first in ends.items() if end in following}
        for end, first in ends.items():
            lines[first].append(end)
    return {first: tuple(line) for first, line in lines.items()}


def _links(connection: Connection, side: Any, owners: Collection[Owner], besides: str | None = None) -> list[Link]:
    """Links of settled flows; with `besides`, only those that keep a number, and none of that flow."""
    statement = select(succession).join(flow, flow.c.flow_key == succession.c.flow_key)
    statement = statement.where(flow.c.status == FlowStatus.SETTLED.value)
    if besides is not None:
        statement = statement.where(
            succession.c.kind != LinkKind.REPLACES.value, succession.c.flow_key != besides
        )  # fmt: skip
    found = []
    for few in chunks(sorted((owner.flow_key, owner.position) for owner in owners)):
        found += [_link_of(row) for row in connection.execute(statement.where(tuple_(*side).in_(few)))]
    return found


def _link_of(row: Any) -> Link:
    later, earlier = Owner(row.flow_key, row.position), Owner(row.earlier_flow_key, row.earlier_position)
    return Link(later, earlier, LinkKind(row.kind))


def _moment(event: Event) -> tuple[datetime, datetime, str]:
    return event.at, event.recorded_at, event.event_key
