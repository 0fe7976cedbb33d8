"""The outbox: answers owed to partners, until each is delivered."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from connectors.ledger_chain import note
from connectors.ledger_tables import flow, outbox, partner_circuit
from connectors.ledger_transactions import Transactions, insert_new, next_numbers
from data_contracts.errors import IntegrityBroken
from data_contracts.interfaces import CATALOGUE, Content
from data_contracts.limits import DELIVERY_BACKOFF_SECONDS, DELIVERY_BACKOFF_SECONDS_MAX
from data_contracts.ports import Answer, Delivery, DeliveryState


class OutboxLedger(Transactions):
    """What is owed, and how far its delivery went."""

    def owed(self) -> Sequence[Delivery]:
        """Deliveries that may be tried now, acknowledgments first, then in order of landing.

        Shape    none to a partner whose circuit is open.
        """
        open_until = func.coalesce(partner_circuit.c.open_until_seconds, 0.0)
        statement = (
            select(outbox)
            .join(flow, flow.c.flow_key == outbox.c.flow_key)
            .outerjoin(partner_circuit, partner_circuit.c.partner_code == outbox.c.partner_code)
            .where(outbox.c.state != DeliveryState.DELIVERED.value, open_until <= self._time())
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
        """The state of now; an attempt is counted, on the partner's circuit too until the delivery is done.

        Counted before the work: a partner that makes its worker hang or die is left in peace like one that refuses.
        """
        with self._write() as connection:
            state = _known_state(connection, delivery_id)
            counted = update(outbox).where(outbox.c.delivery_id == delivery_id).values(attempts=outbox.c.attempts + 1)
            partner_code = connection.execute(counted.returning(outbox.c.partner_code)).scalar_one()
            if state is not DeliveryState.DELIVERED:
                _suspect(connection, partner_code, self._time())
            return state

    def staged(self, delivery_id: str) -> None:
        """Nothing; the answer lies durably beside its place. A no-op once delivered."""
        with self._write() as connection:
            if _known_state(connection, delivery_id) is DeliveryState.OWED:
                values = {"state": DeliveryState.STAGED.value}
                connection.execute(update(outbox).where(outbox.c.delivery_id == delivery_id).values(values))

    def delivered(self, delivery_id: str) -> None:
        """Nothing; the partner has the answer, and its circuit is closed. The first time counts."""
        with self._write() as connection:
            if _known_state(connection, delivery_id) is not DeliveryState.DELIVERED:
                values = {"state": DeliveryState.DELIVERED.value, "delivered_seconds": self._time()}
                changed = update(outbox).where(outbox.c.delivery_id == delivery_id).values(values)
                told = changed.returning(outbox.c.flow_key, outbox.c.name, outbox.c.partner_code)
                flow_key, name, partner_code = connection.execute(told).one()
                connection.execute(delete(partner_circuit).where(partner_circuit.c.partner_code == partner_code))
                self._note(connection, flow_key, f"delivered {name}")


def owe(
    connection: Connection, flow_key: str, answers: Sequence[Answer], owed_seconds: float, *, late: bool = False
) -> None:
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
        | fresh(owed_seconds)
        | {"late": late}
        for place, answer in enumerate(answers)
    ]
    connection.execute(insert(outbox), rows)
    told = (f"owed {one.name} to {one.partner_code} sha256={one.sha256} bytes={one.size_bytes}" for one in answers)
    note(connection, flow_key, owed_seconds, *told)


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
    connection.execute(insert(outbox), dict(row) | fresh(owed_seconds) | copy | {"again": again})


def backoff_seconds(failures: int) -> float:
    """How long a partner is left in peace after so many attempts in a row that brought nothing; none after the first,
    which may have been our own end."""
    if failures <= 1:
        return 0.0
    doublings = min(failures - 2, 30)
    return min(DELIVERY_BACKOFF_SECONDS * 2.0**doublings, DELIVERY_BACKOFF_SECONDS_MAX)


def _suspect(connection: Connection, partner_code: str, now: float) -> None:
    fresh = {"partner_code": partner_code, "failures": 0, "open_until_seconds": 0.0}
    connection.execute(insert_new(connection, partner_circuit), fresh)
    ours = update(partner_circuit).where(partner_circuit.c.partner_code == partner_code)
    counted = ours.values(failures=partner_circuit.c.failures + 1).returning(partner_circuit.c.failures)
    failures = connection.execute(counted).scalar_one()
    connection.execute(ours.values(open_until_seconds=now + backoff_seconds(failures)))


def fresh(owed_seconds: float) -> dict[str, object]:
    """What a delivery begins with."""
    return {
        "again": 0,
        "state": DeliveryState.OWED.value,
        "attempts": 0,
        "owed_seconds": owed_seconds,
        "delivered_seconds": None,
    }


def _acknowledges(interface_code: str) -> bool:
    """A code that the catalogue does not know is that of the answer to a deposit under an unknown code."""
    interface = CATALOGUE.get(interface_code)
    return interface is None or interface.content is Content.FLOW_ACKNOWLEDGMENT


def _known_state(connection: Connection, delivery_id: str) -> DeliveryState:
    statement = select(outbox.c.state).where(outbox.c.delivery_id == delivery_id).with_for_update()
    state = connection.execute(statement).scalar()
    if state is None:
        raise IntegrityBroken("the ledger knows no such delivery", where="outbox", value=delivery_id)
    return DeliveryState(state)
