"""Answers owed again because a person says so: the same names and bytes, under deliveries of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from connectors.ledger_outbox import fresh
from connectors.ledger_tables import flow, outbox
from connectors.ledger_transactions import Transactions, next_numbers
from data_contracts.ledger import Answer, DeliveryState
from data_contracts.operations import Resent, Selection

_MARK = ":replay:"


class ResendLedger(Transactions):
    """What partners got, and getting it again."""

    def delivered_answers(self, selection: Selection) -> Sequence[Resent]:
        """First answers delivered, late ones included, that a selection means, in order of landing and of owing.

        Shape    `owed_already`: the same answer is owed again, and not delivered yet.
        """
        with self._read() as connection:
            return _meant(connection, selection)

    def owe_delivered(self, selection: Selection) -> Sequence[Resent]:
        """The same; and each is owed again that was not already, in one transaction."""
        with self._write() as connection:
            meant = _meant(connection, selection)
            for one in meant:
                if not one.owed_already:
                    self._owe_copy(connection, one.answer)
            return meant

    def _owe_copy(self, connection: Connection, answer: Answer) -> None:
        named = (outbox.c.partner_code == answer.partner_code, outbox.c.name == answer.name)
        again = connection.execute(select(func.max(outbox.c.again) + 1).where(*named)).scalar_one()
        original = select(outbox).where(outbox.c.delivery_id == answer.delivery_id)
        row = dict(connection.execute(original).mappings().one())
        copy = {"delivery_id": f"{answer.delivery_id}{_MARK}{again}", "again": again}
        copy["ordinal"] = next_numbers(connection, "outbox")
        connection.execute(insert(outbox), row | fresh(self._time()) | copy)
        self._note(connection, answer.flow_key, f"owed again {answer.name}")


def _meant(connection: Connection, selection: Selection) -> list[Resent]:
    copies = outbox.alias("copies")
    pending = (
        select(copies.c.delivery_id)
        .where(
            copies.c.partner_code == outbox.c.partner_code,
            copies.c.name == outbox.c.name,
            copies.c.state != DeliveryState.DELIVERED.value,
        )
        .exists()
    )
    statement = (
        select(outbox, pending.label("pending"))
        .join(flow, flow.c.flow_key == outbox.c.flow_key)
        .where(outbox.c.again == 0, outbox.c.state == DeliveryState.DELIVERED.value, *_conditions(selection))
        .order_by(flow.c.ordinal, outbox.c.ordinal)
    )
    return [
        Resent(Answer(**{name: row[name] for name in Answer.__dataclass_fields__}), bool(row["pending"]))
        for row in connection.execute(statement).mappings()
    ]


def _conditions(selection: Selection) -> list[Any]:
    conditions: list[Any] = []
    if selection.flow_key:
        conditions.append(outbox.c.flow_key == selection.flow_key)
    if selection.partner_code:
        conditions.append(outbox.c.partner_code == selection.partner_code)
    if selection.since is not None:
        conditions.append(outbox.c.delivered_seconds >= _seconds(selection.since))
    if selection.until is not None:
        conditions.append(outbox.c.delivered_seconds < _seconds(selection.until))
    return conditions


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
