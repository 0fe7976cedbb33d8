"""What the ledger in memory holds: rows as the database has them, and the counters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from data_contracts.errors import IntegrityBroken
from data_contracts.history_ledger import Link
from data_contracts.ledger import Answer, Batch, DeliveryState, Flow, FlowStatus, InvoiceKey, Named, Owner, StatusEvent


@dataclass
class FlowRow:
    """A flow with what the port does not show of it."""

    flow: Flow
    picked_up_seconds: float
    planned: bool = False
    resent_count: int = 0
    motive: str = ""
    settled_at: datetime | None = None


@dataclass
class BatchRow:
    """A batch; `empty` once halves stand for it."""

    batch: Batch
    ordinal: int
    partner_codes: frozenset[str]
    checked: bool = False
    worker: str = ""
    lease_until_seconds: float = 0.0
    token: int = 0
    attempt: int = 0
    document_count: int | None = None
    empty: bool = False

    def held(self, now: float) -> bool:
        return self.worker != "" and self.lease_until_seconds > now


@dataclass
class OutboxRow:
    """An answer owed. `again` is 0 for the first answer, then the rank of the resend it answers."""

    answer: Answer
    acknowledges: bool
    ordinal: int
    again: int = 0
    state: DeliveryState = DeliveryState.OWED
    attempts: int = 0
    delivered_seconds: float | None = None
    staged: str | None = None
    left_since_seconds: float | None = None


@dataclass
class Circuit:
    failures: int = 0
    open_until_seconds: float = 0.0


@dataclass
class Rows:
    """All tables. `time` is the machine's clock in seconds; `weights` those of partners whose share is not 1."""

    time: Callable[[], float]
    weights: Mapping[str, int]
    flows: dict[str, FlowRow] = field(default_factory=dict)
    deposits: dict[tuple[str, str, str], str] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    batches: dict[str, BatchRow] = field(default_factory=dict)
    keys: dict[InvoiceKey, Owner] = field(default_factory=dict)
    numbers: dict[str, dict[tuple[str, str, int], int]] = field(default_factory=dict)
    events: list[StatusEvent] = field(default_factory=list)
    unkeyed: dict[str, tuple[Named, ...]] = field(default_factory=dict)
    links: dict[str, list[Link]] = field(default_factory=dict)
    outbox: dict[str, OutboxRow] = field(default_factory=dict)
    circuits: dict[str, Circuit] = field(default_factory=dict)
    counters: Counter[str] = field(default_factory=Counter)

    def held(self, flow_key: str) -> FlowRow:
        """A flow's row. IntegrityBroken if unknown."""
        row = self.flows.get(flow_key)
        if row is None:
            raise IntegrityBroken("the ledger knows no such flow", where="flow", value=flow_key)
        return row

    def of_status(self, *statuses: FlowStatus) -> list[FlowRow]:
        """Rows of these statuses, in order of landing."""
        return [row for row in self.flows.values() if row.flow.status in statuses]

    def next_number(self, name: str) -> int:
        """The next number of a counter, from 1."""
        self.counters[name] += 1
        return self.counters[name]

    def given_back(self, name: str, number: int) -> bool:
        """Whether a number was the last of its counter, which may give it out again now."""
        if self.counters[name] != number:
            return False
        self.counters[name] -= 1
        return True
