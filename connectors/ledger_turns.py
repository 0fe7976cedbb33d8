"""Turns: whose batch comes next, so that one big partner never keeps the others waiting.

A batch has a place among the open batches of each partner whose documents it holds: those that workers hold first, then
in order of planning. Its turn is its best place, divided by that partner's weight: everyone's first batch comes before
anyone's second, and a partner of weight 2 has two turns for one of the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Subquery, and_, case, func, select

from connectors.ledger_batches import BatchLedger, hold
from connectors.ledger_tables import batch, batch_partner
from data_contracts.ledger import Claim


class TurnLedger(BatchLedger):
    """The queue of batches, fair between partners."""

    def open_batches(self) -> Sequence[str]:
        """Ids of batches not yet checked, in turn."""
        turns = _turns(self._time(), self._weights)
        with self._read() as connection:
            return list(connection.execute(select(turns.c.batch_id).order_by(turns.c.turn, turns.c.ordinal)).scalars())

    def claim_next(self, worker: str, in_flight_max: int | None = None) -> Claim | None:
        """A hold on the free batch whose turn it is, its attempt already counted; None if no batch is free.

        Shape    of each partner at most `in_flight_max` batches are held at once; workers that claim in the same
                 instant may exceed it by their number. A worker's own earlier claim is as held as any other.
        Cost     grows with the open batches. No one waits: rows that another claim holds are passed over.
        """
        now = self._time()
        turns = _turns(now, self._weights)
        free = select(turns.c.batch_id).where(turns.c.held == 0).order_by(turns.c.turn, turns.c.ordinal)
        if in_flight_max is not None:
            free = free.where(turns.c.place <= in_flight_max)
        with self._write() as connection:
            for batch_id in connection.execute(free).scalars().all():
                mine = select(batch).where(batch.c.batch_id == batch_id, batch.c.checked.is_(False), ~_held(now))
                row = connection.execute(mine.with_for_update(skip_locked=True)).first()
                if row is not None:
                    return hold(connection, row, worker, now)
        return None


def _turns(now: float, weights: Mapping[str, int]) -> Subquery:
    """Open batches with their turn, their best place and whether a worker holds them."""
    held = case((_held(now), 1), else_=0)
    place = func.row_number().over(partition_by=batch_partner.c.partner_code, order_by=(held.desc(), batch.c.ordinal))
    weight = case(dict(weights), value=batch_partner.c.partner_code, else_=1) if weights else 1
    places = (
        select(batch.c.batch_id, batch.c.ordinal, held.label("held"), place.label("place"))
        .add_columns((place * 1.0 / weight).label("turn"))
        .join(batch_partner, batch_partner.c.batch_id == batch.c.batch_id)
        .where(batch.c.checked.is_(False))
        .subquery()
    )
    best = (func.min(places.c.place).label("place"), func.min(places.c.turn).label("turn"))
    of_batch = (places.c.batch_id, places.c.ordinal, places.c.held)
    return select(*of_batch, *best).group_by(*of_batch).subquery()


def _held(now: float) -> ColumnElement[bool]:
    return and_(batch.c.worker != "", batch.c.lease_until_seconds > now)
