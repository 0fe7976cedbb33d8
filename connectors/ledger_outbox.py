"""The outbox: answers owed to partners, until each is delivered."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from connectors.ledger_chain import note
from connectors.ledger_tables import delivery_leftover, flow, outbox, partner_circuit
from connectors.ledger_transactions import Transactions, insert_new, next_numbers
from data_contracts.errors import IntegrityBroken
from data_contracts.interfaces import CATALOGUE, Content
from data_contracts.ledger import Answer, Attempt, Delivery, DeliveryState, Leftovers
from data_contracts.limits import DELIVERY_ATTEMPT_SECONDS_MAX, DELIVERY_BACKOFF_SECONDS, DELIVERY_BACKOFF_SECONDS_MAX


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

    def attempt(self, delivery_id: str) -> Attempt:
        """The state of now; an attempt is counted, on the partner's circuit too until the delivery is done.

        Counted before the work: a partner that makes its worker hang or die is left in peace like one that refuses.
        """
        with self._write() as connection:
            state = _known_state(connection, delivery_id)
            counted = update(outbox).where(outbox.c.delivery_id == delivery_id).values(attempts=outbox.c.attempts + 1)
            row = connection.execute(counted.returning(outbox)).one()
            if state is not DeliveryState.DELIVERED:
                _suspect(connection, row.partner_code, self._time())
            part, *earlier = (part_of(row.ordinal, number) for number in range(row.attempts, 0, -1))
            return Attempt(state, row.attempts, part, tuple(earlier), row.staged_part)

    def staged(self, delivery_id: str, part: str) -> str:
        """The part to be published: this one, if it is the first to lie durably beside its place."""
        ours = outbox.c.delivery_id == delivery_id
        with self._write() as connection:
            if _known_state(connection, delivery_id) is DeliveryState.OWED:
                values = {"state": DeliveryState.STAGED.value, "staged_part": part}
                connection.execute(update(outbox).where(ours).values(values))
            return str(connection.execute(select(outbox.c.staged_part).where(ours)).scalar_one())

    def delivered(self, delivery_id: str) -> None:
        """Nothing; the partner has the answer, and its circuit is closed. The first time counts."""
        now = self._time()
        with self._write() as connection:
            if _known_state(connection, delivery_id) is not DeliveryState.DELIVERED:
                values = {"state": DeliveryState.DELIVERED.value, "delivered_seconds": now}
                changed = update(outbox).where(outbox.c.delivery_id == delivery_id).values(values)
                row = connection.execute(changed.returning(outbox)).one()
                connection.execute(delete(partner_circuit).where(partner_circuit.c.partner_code == row.partner_code))
                if row.attempts > 1:
                    connection.execute(insert(delivery_leftover), {"delivery_id": delivery_id, "since_seconds": now})
                self._note(connection, row.flow_key, f"delivered {row.name}")

    def leftovers(self) -> Sequence[Leftovers]:
        """What earlier attempts may have left of deliveries that are done, once all of them are over, oldest first."""
        over = delivery_leftover.c.since_seconds <= self._time() - DELIVERY_ATTEMPT_SECONDS_MAX
        statement = (
            select(outbox)
            .join(delivery_leftover, delivery_leftover.c.delivery_id == outbox.c.delivery_id)
            .where(over)
            .order_by(outbox.c.ordinal)
        )
        with self._read() as connection:
            return [
                Leftovers(
                    row.delivery_id, row.partner_code, row.name,
                    other_parts(row.ordinal, row.attempts, row.staged_part),
                )
                for row in connection.execute(statement)
            ]  # fmt: skip

    def cleared(self, delivery_id: str) -> None:
        """Nothing; the leftovers of a delivery are gone."""
        with self._write() as connection:
            connection.execute(delete(delivery_leftover).where(delivery_leftover.c.delivery_id == delivery_id))


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


def part_of(ordinal: int, attempt: int) -> str:
    """What an attempt stages. The delivery's own number is in it: a resend brings the same name again."""
    return f"{ordinal}-{attempt}"


def other_parts(ordinal: int, attempts: int, staged: str | None) -> tuple[str, ...]:
    """What attempts may have left behind beside the part that is published."""
    parts = (part_of(ordinal, attempt) for attempt in range(1, attempts + 1))
    return tuple(part for part in parts if part != staged)


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
        "staged_part": None,
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
