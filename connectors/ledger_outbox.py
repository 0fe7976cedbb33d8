"""The outbox: answers owed to partners, until each is delivered."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, update

from connectors.ledger_tables import flow, outbox
from connectors.ledger_transactions import Transactions, next_numbers
from data_contracts.errors import IntegrityBroken
from data_contracts.interfaces import CATALOGUE, Content
from data_contracts.ports import Answer, Delivery, DeliveryState


class OutboxLedger(Transactions):
    """What is owed, and how far its delivery went."""

    def owed(self) -> Sequence[Delivery]:
        """Deliveries not yet done, acknowledgments first, then in order of landing."""
        statement = (
            select(outbox)
            .join(flow, flow.c.flow_key == outbox.c.flow_key)
            .where(outbox.c.state != DeliveryState.DELIVERED.value)
            .order_by(outbox.c.acknowledges.desc(), flow.c.ordinal, outbox.c.ordinal)
        )
        with self._read() as connection:
            return [
                Delivery(
                    Answer(**{name: row[name] for name in Answer.__dataclass_fields__}),
                    DeliveryState(row["state"]),
                    row["attempts"],
                )
                for row in connection.execute(statement).mappings()
            ]

    def attempt(self, delivery_id: str) -> DeliveryState:
        """The state of now; an attempt is counted."""
        with self._write() as connection:
            state = _known_state(connection, delivery_id)
            counted = {"attempts": outbox.c.attempts + 1}
            connection.execute(update(outbox).where(outbox.c.delivery_id == delivery_id).values(counted))
            return state

    def staged(self, delivery_id: str) -> None:
        """Nothing; the answer lies durably beside its place. A no-op once delivered."""
        with self._write() as connection:
            if _known_state(connection, delivery_id) is DeliveryState.OWED:
                values = {"state": DeliveryState.STAGED.value}
                connection.execute(update(outbox).where(outbox.c.delivery_id == delivery_id).values(values))

    def delivered(self, delivery_id: str) -> None:
        """Nothing; the partner has the answer. The first time counts."""
        with self._write() as connection:
            if _known_state(connection, delivery_id) is not DeliveryState.DELIVERED:
                values = {"state": DeliveryState.DELIVERED.value, "delivered_seconds": self._time()}
                changed = update(outbox).where(outbox.c.delivery_id == delivery_id).values(values)
                flow_key, name = connection.execute(changed.returning(outbox.c.flow_key, outbox.c.name)).one()
                self._note(connection, flow_key, f"delivered {name}")


def owe(connection: Connection, flow_key: str, answers: Sequence[Answer], owed_seconds: float) -> None:
    """Nothing; the answers of a flow are owed, in their order. IntegrityBroken if one is of another flow."""
    if not answers:
        return
    for answer in answers:
        if answer.flow_key != flow_key:
            raise IntegrityBroken("an answer is of another flow", where=f"flow {flow_key}", value=answer.flow_key)
    first = next_numbers(connection, "outbox", len(answers))
    rows = [
        {name: getattr(answer, name) for name in Answer.__dataclass_fields__}
        | {"acknowledges": _acknowledges(answer.interface_code), "ordinal": first + place}
        | _fresh(owed_seconds)
        for place, answer in enumerate(answers)
    ]
    connection.execute(insert(outbox), rows)


def owe_again(connection: Connection, flow_key: str, again: int, owed_seconds: float) -> None:
    """Nothing; a resend brings the stored acknowledgment again, same name and bytes, under a delivery of its own."""
    original = (
        select(outbox)
        .where(outbox.c.flow_key == flow_key, outbox.c.acknowledges, outbox.c.again == 0)
        .order_by(outbox.c.ordinal)
        .limit(1)
    )
    row = connection.execute(original).mappings().first()
    if row is None:
        return
    copy = {"delivery_id": f"{row['delivery_id']}:again:{again}", "ordinal": next_numbers(connection, "outbox")}
    connection.execute(insert(outbox), dict(row) | _fresh(owed_seconds) | copy | {"again": again})


def _fresh(owed_seconds: float) -> dict[str, object]:
    return {
        "again": 0,
        "state": DeliveryState.OWED.value,
        "attempts": 0,
        "owed_seconds": owed_seconds,
        "delivered_seconds": None,
    }


def _acknowledges(interface_code: str) -> bool:
    interface = CATALOGUE.get(interface_code)
    return interface is not None and interface.content is Content.FLOW_ACKNOWLEDGMENT


def _known_state(connection: Connection, delivery_id: str) -> DeliveryState:
    statement = select(outbox.c.state).where(outbox.c.delivery_id == delivery_id).with_for_update()
    state = connection.execute(statement).scalar()
    if state is None:
        raise IntegrityBroken("the ledger knows no such delivery", where="outbox", value=delivery_id)
    return DeliveryState(state)
