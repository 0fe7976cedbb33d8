"""Lanes: small flows do not wait for large ones. The queue of the ledger as a worker of one lane sees it.

A lane is decided by the bytes of a flow as dropped, known before anything is opened. What a worker asks of one flow or
batch, and all that is counted and reported, is the whole ledger's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import count, islice

from sqlalchemy import func, select
from sqlalchemy.engine import URL

from connectors.ledger import SqlLedger
from connectors.ledger_tables import batch, batch_slice, flow
from data_contracts.ledger import Flow, FlowStatus

SMALL_FLOW_BYTES_MAX = 100_000
"""Bytes as dropped of a flow that is carried at once: some 300 invoices zipped, a moment's work. Larger ones are
carried in the background, in turns."""

SMALL_FLOWS_A_RUN = 1_000
"""Small flows taken up at a time, in turns between partners: a partner that sends a flood of them keeps nobody waiting
for longer than this takes."""


class Lane(StrEnum):
    """Which flows a worker sees."""

    EVERY = "every"
    SMALL = "small"
    LARGE = "large"

    def holds(self, size_bytes: int) -> bool:
        """Whether a flow of so many bytes is in the lane. Each is in exactly one of small and large."""
        return self is Lane.EVERY or (size_bytes <= SMALL_FLOW_BYTES_MAX) is (self is Lane.SMALL)


class LaneLedger(SqlLedger):
    """A ledger that shows, of what waits to be admitted, planned, checked and settled, the flows of one lane."""

    def __init__(self, url: str | URL, lane: Lane, *, weights: Mapping[str, int] | None = None) -> None:
        super().__init__(url, weights=weights)
        self._lane = lane

    def flows(self, status: FlowStatus) -> Sequence[Flow]:
        """Flows of a status in the lane, in order of landing; landed small ones in turns, a run's worth of them."""
        found = self._of_lane(super().flows(status))
        if status is FlowStatus.LANDED and self._lane is Lane.SMALL:
            return list(islice(in_turns(found), SMALL_FLOWS_A_RUN))
        return found

    def unplanned(self) -> Sequence[Flow]:
        """Admitted flows of the lane whose members are in no batch yet."""
        return self._of_lane(super().unplanned())

    def settleable(self) -> Sequence[Flow]:
        """Flows of the lane that may be settled; each waits for its partner's earlier ones, whatever their lane."""
        return self._of_lane(super().settleable())

    def open_batches(self) -> Sequence[str]:
        """Ids of open batches in turn. A batch is in the lane of its largest flow."""
        largest = (
            select(batch_slice.c.batch_id, func.max(flow.c.size_bytes).label("size_bytes"))
            .join(batch, batch.c.batch_id == batch_slice.c.batch_id)
            .join(flow, flow.c.flow_key == batch_slice.c.flow_key)
            .where(batch.c.checked.is_(False))
            .group_by(batch_slice.c.batch_id)
        )
        with self._read() as connection:
            sizes = {row.batch_id: row.size_bytes for row in connection.execute(largest)}
        return [each for each in super().open_batches() if each in sizes and self._lane.holds(sizes[each])]

    def _of_lane(self, flows: Iterable[Flow]) -> list[Flow]:
        return [row for row in flows if self._lane.holds(row.size_bytes)]


def in_turns(flows: Iterable[Flow]) -> list[Flow]:
    """The flows with everyone's first before anyone's second, else in the order given."""
    ranks: dict[str, count[int]] = defaultdict(count)
    return [row for _, row in sorted(((next(ranks[row.partner_code]), row) for row in flows), key=lambda pair: pair[0])]
