"""What operators did, in the ledger: two tables that only grow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select

from connectors.ledger_tables import operator_action, operator_outcome
from connectors.ledger_transactions import Transactions, insert_new
from data_contracts.operations import Action

_BEGUN = ("at", "who", "what", "arguments", "reason")


class ActionLedger(Transactions):
    """Every action has a row before it begins, and another one when it ended: what has no end was interrupted."""

    def begin_action(self, action: Action) -> int:
        """The number of the action, recorded before anything is done."""
        row = {name: getattr(action, name) for name in _BEGUN}
        with self._write() as connection:
            return int(connection.execute(insert(operator_action).returning(operator_action.c.id), row).scalar_one())

    def end_action(self, number: int, at: datetime, outcome: str) -> None:
        """Nothing; how the action ended is recorded. The first word stands."""
        with self._write() as connection:
            row = {"action_id": number, "at": at, "outcome": outcome}
            connection.execute(insert_new(connection, operator_outcome), row)

    def actions(self, limit: int) -> Sequence[Action]:
        """The newest actions, newest first."""
        ended = (operator_outcome.c.at.label("ended_at"), operator_outcome.c.outcome)
        statement = (
            select(operator_action, *ended)
            .outerjoin(operator_outcome, operator_outcome.c.action_id == operator_action.c.id)
            .order_by(operator_action.c.id.desc())
            .limit(limit)
        )
        with self._read() as connection:
            return [
                Action(row.id, row.at, row.who, row.what, row.arguments, row.reason, row.ended_at, row.outcome or "")
                for row in connection.execute(statement)
            ]
