"""Quarantine in the ledger: what waits, what a person ordered, and how each invoice left."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from connectors.ledger_bonds import bind, give_back_unused
from connectors.ledger_invoices import claim, fitted
from connectors.ledger_outbox import owe
from connectors.ledger_quarantine_rows import entry_of
from connectors.ledger_settlement import SettlementLedger
from connectors.ledger_tables import flow, invoice_key, quarantine, status_event
from data_contracts.errors import ConfigurationError, LedgerConflict
from data_contracts.late_ledger import Bonds
from data_contracts.ledger import Answer, InvoiceKey, Owner, StatusEvent
from data_contracts.quarantine import Order, Quarantined, QuarantineState, Verb
from data_contracts.tables import Outcome

_COUNTS = {Outcome.ACCEPTED: flow.c.accepted_count, Outcome.REJECTED: flow.c.rejected_count}


class QuarantineLedger(SettlementLedger):
    """Invoices set aside, one row each, from their flow's settlement to a person's decision and after it."""

    def quarantine(self, *states: QuarantineState, flow_key: str = "") -> Sequence[Quarantined]:
        """Entries in these states (all without any), of one flow or of all, in order of landing and position."""
        statement = _entries().order_by(flow.c.ordinal, quarantine.c.position)
        if states:
            statement = statement.where(quarantine.c.state.in_([state.value for state in states]))
        if flow_key:
            statement = statement.where(quarantine.c.flow_key == flow_key)
        with self._read() as connection:
            return [entry_of(row) for row in connection.execute(statement)]

    def order(self, flow_key: str, position: int, order: Order) -> Quarantined:
        """The entry, now ordered. The same verb again while it is ordered changes nothing: the first order stands.

        Errors   ConfigurationError if there is no such entry, it is decided already, or ordered otherwise.
        """
        with self._write() as connection:
            row = _held(connection, flow_key, position)
            if row.state == QuarantineState.WAITING:
                values = {
                    "state": QuarantineState.ORDERED.value,
                    "tries": 0,
                    "verb": order.verb.value,
                    "who": order.who,
                    "reason": order.reason,
                    "motive": order.motive,
                    "ordered_at": order.at,
                    "judged_on": order.judged_on,
                }
                connection.execute(_ours(flow_key, position).values(values))
                self._note(connection, flow_key, f"ordered {order.verb.value} position={position}")
            elif row.state != QuarantineState.ORDERED or row.verb != order.verb:
                state = f"ordered: {row.verb}" if row.state == QuarantineState.ORDERED else row.state
                raise ConfigurationError(
                    f"the invoice cannot be {order.verb.value}d any more",
                    where=f"{flow_key}/{position}",
                    value=state,
                    remedy="an order under way is carried out by giving it again; a decision stands",
                )
            return entry_of(connection.execute(_entries().where(*_at(flow_key, position))).one())

    def take_up(self, flow_key: str, position: int) -> int:
        """The number of this attempt, counted before the work. LedgerConflict if nothing is ordered any more."""
        with self._write() as connection:
            row = _held(connection, flow_key, position)
            if row.state != QuarantineState.ORDERED:
                raise _late(row, row.attempts)
            values = {"attempts": row.attempts + 1, "tries": row.tries + 1}
            connection.execute(_ours(flow_key, position).values(values))
            return int(row.attempts) + 1

    def excuse(self, flow_key: str, position: int, attempt: int) -> None:
        """Nothing; an attempt that ended in an error is no try. A no-op once it was taken up again or decided."""
        with self._write() as connection:
            row = _held(connection, flow_key, position)
            if row.state == QuarantineState.ORDERED and row.attempts == attempt:
                connection.execute(_ours(flow_key, position).values(tries=row.tries - 1))

    def claim_late(self, flow_key: str, position: int, attempt: int, key: InvoiceKey | None) -> Owner | None:
        """Who owns the key of a late invoice, now that it claimed it; what it claimed before otherwise is given up."""
        kept = None if key is None else fitted(key)
        self._make_rooms([] if kept is None else [kept])
        with self._write() as connection:
            _fenced(connection, flow_key, position, attempt)
            _give_up_key(connection, flow_key, position)
            return None if kept is None else claim(connection, flow_key, {kept: position})[kept]

    def put_back(
        self, flow_key: str, position: int, attempt: int, *, cause: str, rule_sets: tuple[str, ...] | None, version: str
    ) -> None:
        """The entry waits again, under a new cause; key and numbers that it was bound to are given up. `rule_sets` is
        None where the check left no tables."""
        with self._write() as connection:
            _fenced(connection, flow_key, position, attempt)
            _give_up_key(connection, flow_key, position)
            give_back_unused(connection, flow_key, position, ())
            values: dict[str, object] = {
                "state": QuarantineState.WAITING.value,
                "cause": cause,
                "relais_version": version,
            }
            if rule_sets is not None:
                values |= {"rule_sets": json.dumps(rule_sets), "checked_attempt": attempt}
            connection.execute(_ours(flow_key, position).values(values))
            self._note(connection, flow_key, f"put back position={position} attempt={attempt}")

    def settle_late(
        self,
        flow_key: str,
        position: int,
        attempt: int,
        *,
        outcome: Outcome,
        events: Sequence[StatusEvent],
        answers: Sequence[Answer],
        bonds: Bonds,
        outcomes_root: str = "",
    ) -> None:
        """Nothing; the invoice left quarantine; the flow's counts, statuses and answers and the invoice's bonds follow,
        in one transaction.

        Errors   LedgerConflict if a later attempt took it up, or it is settled; if its bonds do not hold any more.
        """
        with self._write() as connection:
            row = _fenced(connection, flow_key, position, attempt)
            values: dict[str, object] = {"state": outcome.value}
            if row.verb == Verb.RELEASE:
                values["checked_attempt"] = attempt
            connection.execute(_ours(flow_key, position).values(values))
            count = _COUNTS[outcome]
            moved = {count: count + 1, flow.c.quarantined_count: flow.c.quarantined_count - 1}
            connection.execute(update(flow).where(flow.c.flow_key == flow_key).values(moved))
            rows = [{name: getattr(one, name) for name in StatusEvent.__dataclass_fields__} for one in events]
            if rows:
                connection.execute(insert(status_event), rows)
            bind(connection, flow_key, position, bonds)
            give_back_unused(connection, flow_key, position, answers)
            owe(connection, flow_key, answers, self._time(), late=True)
            said = f"settled late position={position} outcome={outcome.value} root={outcomes_root}"
            self._note(connection, flow_key, said)


def _entries() -> Any:
    named = (flow.c.partner_code, flow.c.name.label("flow_name"))
    return select(quarantine, *named).join(flow, flow.c.flow_key == quarantine.c.flow_key)


def _at(flow_key: str, position: int) -> tuple[Any, Any]:
    return quarantine.c.flow_key == flow_key, quarantine.c.position == position


def _ours(flow_key: str, position: int) -> Any:
    return update(quarantine).where(*_at(flow_key, position))


def _held(connection: Connection, flow_key: str, position: int) -> Row[Any]:
    # Everyone holds the flow before the entry: the other way round, two could wait for each other.
    connection.execute(select(flow.c.flow_key).where(flow.c.flow_key == flow_key).with_for_update())
    row = connection.execute(select(quarantine).where(*_at(flow_key, position)).with_for_update()).first()
    if row is None:
        raise ConfigurationError(
            "no such invoice is in quarantine",
            where="quarantine",
            value=f"{flow_key}/{position}",
            remedy="take an id from `relais quarantine list`",
        )
    return row


def _fenced(connection: Connection, flow_key: str, position: int, attempt: int) -> Row[Any]:
    row = _held(connection, flow_key, position)
    if row.state != QuarantineState.ORDERED or row.attempts != attempt:
        raise _late(row, attempt)
    return row


def _give_up_key(connection: Connection, flow_key: str, position: int) -> None:
    ours = delete(invoice_key).where(invoice_key.c.flow_key == flow_key, invoice_key.c.position == position)
    connection.execute(ours)


def _late(row: Row[Any], attempt: int) -> LedgerConflict:
    return LedgerConflict(
        "the invoice was taken up again or decided meanwhile",
        where=f"{row.flow_key}/{row.position}",
        value=f"attempt {attempt} for {row.attempts}, {row.state}",
        remedy="see `relais quarantine show`",
    )
