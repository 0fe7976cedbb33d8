"""Turns: whose batch comes next, so that one big partner never keeps the others waiting.

A batch has a place among the open batches of each partner whose documents it holds: those that workers hold first, then
in order of planning. Its turn is its best place, divided by that partner's weight: everyone's first batch comes before
anyone's second, and a partner of weight 2 has two turns for one of the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Subquery, and_, case, func, select

from connectors.ledger_batches import BatchLedger
from connectors.ledger_tables import batch, batch_partner


class TurnLedger(BatchLedger):
    """The queue of batches, fair between partners."""

    def open_batches(self) -> Sequence[str]:
        """Ids of batches not yet checked, in turn."""
        turns = _turns(self._time(), self._weights)
        with self._read() as connection:
            return list(connection.execute(select(turns.c.batch_id).order_by(turns.c.turn, turns.c.ordinal)).scalars())


def _turns(now: float, weights: Mapping[str, int]) -> Subquery:
    """Open batches with their turn."""
    held = case((_held(now), 1), else_=0)
    place = func.row_number().over(partition_by=batch_partner.c.partner_code, order_by=(held.desc(), batch.c.ordinal))
    weight = case(dict(weights), value=batch_partner.c.partner_code, else_=1) if weights else 1
    places = (
        select(batch.c.batch_id, batch.c.ordinal, (place * 1.0 / weight).label("turn"))
        .join(batch_partner, batch_partner.c.batch_id == batch.c.batch_id)
        .where(batch.c.checked.is_(False))
        .subquery()
    )
    best = func.min(places.c.turn).label("turn")
    return select(places.c.batch_id, places.c.ordinal, best).group_by(places.c.batch_id, places.c.ordinal).subquery()


def _held(now: float) -> ColumnElement[bool]:
    return and_(batch.c.worker != "", batch.c.lease_until_seconds > now)
