"""Deadlines in the ledger: what is owed since when, and when it was done, by the machine's own clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from connectors.ledger_tables import flow, outbox
from connectors.ledger_transactions import Transactions
from data_contracts.deadlines import Duty, Owed
from data_contracts.interfaces import CATALOGUE, Content
from data_contracts.ledger import DeliveryState, FlowStatus

_PENDING = (FlowStatus.LANDED.value, FlowStatus.ADMITTED.value)
_LIFECYCLE = sorted(row.code for row in CATALOGUE.values() if row.content is Content.LIFECYCLE)


class DeadlineLedger(Transactions):
    """`data_contracts.deadlines.DeadlineLedger` on a database."""

    def present(self) -> datetime:
        """The instant by the clock that the ledger's durations are told by."""
        return _instant(self._time())

    def owed_since(self, since: datetime) -> Sequence[Owed]:
        """Acknowledgments and statuses that were done since an instant, or are not done yet; oldest first.

        Shape    a flow that is not answered yet owes its acknowledgment, and one with invoices its statuses too.
                 Answers to resends, and late ones, on invoices that waited for a person, are not counted.
        Cost     grows with what is open and what was done since, not with what ever was.
        """
        with self._read() as connection:
            found = [*_unanswered(connection), *_answered(connection, since)]
        return sorted(found, key=lambda one: (one.since, one.duty.value, one.partner_code, one.name))


def _unanswered(connection: Connection) -> Iterator[Owed]:
    for row in connection.execute(select(flow).where(flow.c.status.in_(_PENDING))):
        since = _instant(row.picked_up_seconds)
        yield Owed(Duty.ACKNOWLEDGMENT, row.partner_code, row.name, since, None)
        interface = CATALOGUE.get(row.interface_code)
        if interface is not None and interface.content is Content.INVOICES:
            yield Owed(Duty.STATUS, row.partner_code, row.name, since, None)


def _answered(connection: Connection, since: datetime) -> Iterator[Owed]:
    statement = (
        select(outbox, flow.c.name.label("flow_name"), flow.c.picked_up_seconds)
        .join(flow, flow.c.flow_key == outbox.c.flow_key)
        .where(outbox.c.again == 0, outbox.c.late.is_(False))
        .where(or_(outbox.c.acknowledges, outbox.c.interface_code.in_(_LIFECYCLE)))
    )
    open_ones = statement.where(outbox.c.state != DeliveryState.DELIVERED.value)
    lately = statement.where(outbox.c.delivered_seconds >= since.timestamp())
    for row in (*connection.execute(open_ones), *connection.execute(lately)):
        yield _owed(row)


def _owed(row: Any) -> Owed:
    return Owed(
        duty=Duty.ACKNOWLEDGMENT if row.acknowledges else Duty.STATUS,
        partner_code=row.partner_code,
        name=row.flow_name if row.acknowledges else row.name,
        since=_instant(row.picked_up_seconds),
        done_at=None if row.delivered_seconds is None else _instant(row.delivered_seconds),
        delivery_id=row.delivery_id,
    )


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
