"""Answers owed, in the ledger in memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from connectors.ledger_outbox import backoff_seconds, other_parts, part_of
from connectors.memory.ledger_rows import Circuit, OutboxRow, Rows
from data_contracts.errors import IntegrityBroken
from data_contracts.interfaces import CATALOGUE, Content
from data_contracts.ledger import Answer, Attempt, Delivery, DeliveryState, Leftovers
from data_contracts.limits import DELIVERY_ATTEMPT_SECONDS_MAX

if TYPE_CHECKING:
    from collections.abc import Callable


class MemoryOutbox:
    """Deliveries: what each method promises stands in `data_contracts.ledger.Ledger`."""

    def __init__(self, *, time: Callable[[], float], weights: Mapping[str, int] | None = None) -> None:
        self._rows = Rows(time, dict(weights or {}))

    def owed(self) -> Sequence[Delivery]:
        rows, now = self._rows, self._rows.time()
        due = [
            row
            for row in rows.outbox.values()
            if row.state is not DeliveryState.DELIVERED
            and rows.circuits.get(row.answer.partner_code, Circuit()).open_until_seconds <= now
        ]
        due.sort(key=lambda row: (not row.acknowledges, rows.flows[row.answer.flow_key].flow.ordinal, row.ordinal))
        return [Delivery(row.answer, row.state, row.attempts) for row in due]

    def attempt(self, delivery_id: str) -> Attempt:
        row = self._owed_row(delivery_id)
        row.attempts += 1
        if row.state is not DeliveryState.DELIVERED:
            circuit = self._rows.circuits.setdefault(row.answer.partner_code, Circuit())
            circuit.failures += 1
            circuit.open_until_seconds = self._rows.time() + backoff_seconds(circuit.failures)
        part, *earlier = (part_of(row.ordinal, number) for number in range(row.attempts, 0, -1))
        return Attempt(row.state, row.attempts, part, tuple(earlier), row.staged)

    def staged(self, delivery_id: str, part: str) -> str:
        row = self._owed_row(delivery_id)
        if row.state is DeliveryState.OWED:
            row.state, row.staged = DeliveryState.STAGED, part
        assert row.staged is not None, "what is staged has a part"
        return row.staged

    def delivered(self, delivery_id: str) -> None:
        row = self._owed_row(delivery_id)
        if row.state is not DeliveryState.DELIVERED:
            row.state, row.delivered_seconds = DeliveryState.DELIVERED, self._rows.time()
            row.left_since_seconds = row.delivered_seconds if row.attempts > 1 else None
            self._rows.circuits.pop(row.answer.partner_code, None)

    def leftovers(self) -> Sequence[Leftovers]:
        over = self._rows.time() - DELIVERY_ATTEMPT_SECONDS_MAX
        return [
            Leftovers(
                row.answer.delivery_id, row.answer.partner_code, row.answer.name,
                other_parts(row.ordinal, row.attempts, row.staged),
            )
            for row in self._rows.outbox.values()
            if row.left_since_seconds is not None and row.left_since_seconds <= over
        ]  # fmt: skip

    def cleared(self, delivery_id: str) -> None:
        self._owed_row(delivery_id).left_since_seconds = None

    def _owe(self, flow_key: str, answers: Sequence[Answer]) -> None:
        for answer in answers:
            if answer.flow_key != flow_key:
                raise IntegrityBroken("an answer is of another flow", where=f"flow {flow_key}", value=answer.flow_key)
            if answer.delivery_id in self._rows.outbox:
                raise IntegrityBroken(
                    "a record contradicts one that the ledger already holds", where=answer.delivery_id
                )
        for answer in answers:
            interface = CATALOGUE.get(answer.interface_code)
            acknowledges = interface is None or interface.content is Content.FLOW_ACKNOWLEDGMENT
            row = OutboxRow(answer, acknowledges, self._rows.next_number("outbox"))
            self._rows.outbox[answer.delivery_id] = row

    def _owe_again(self, flow_key: str, again: int) -> None:
        """A resend brings the stored acknowledgment again, under a delivery of its own."""
        firsts = (
            row
            for row in self._rows.outbox.values()
            if row.answer.flow_key == flow_key and row.acknowledges and not row.again
        )
        first = next(firsts, None)
        if first is not None:
            answer = dataclasses.replace(first.answer, delivery_id=f"{first.answer.delivery_id}:again:{again}")
            row = OutboxRow(answer, True, self._rows.next_number("outbox"), again)
            self._rows.outbox[answer.delivery_id] = row

    def _owed_row(self, delivery_id: str) -> OutboxRow:
        row = self._rows.outbox.get(delivery_id)
        if row is None:
            raise IntegrityBroken("the ledger knows no such delivery", where="outbox", value=delivery_id)
        return row
