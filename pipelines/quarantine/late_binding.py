"""How one late invoice is bound: its key at once, by its attempt; all else in the transaction that settles it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from data_contracts.history_ledger import Link
from data_contracts.late_ledger import Bonds, LateLedger
from data_contracts.ledger import InvoiceKey, Settlement
from data_contracts.quarantine import Quarantined
from pipelines.settlement.final import Final
from pipelines.settlement.predecessors import unkeyed


@dataclass(frozen=True)
class LateBinding:
    """A `pipelines.settlement.binding.Binding`. Its flow is settled: what it links and draws counts the moment that it
    is written, so nothing is before all is decided, and the flow's other invoices count like anybody's."""

    entry: Quarantined
    at: datetime
    attempt: int
    ledger: LateLedger
    besides: str = ""

    def claim(self, keys: Sequence[tuple[InvoiceKey, int]]) -> Settlement:
        key = keys[0][0] if keys else None
        owner = self.ledger.claim_late(self.entry.flow_key, self.entry.position, self.attempt, key)
        return Settlement(self.at, {} if key is None or owner is None else {key: owner})

    def follow(self, links: Sequence[Link]) -> Sequence[Link]:
        return self.ledger.unfollowed(links)


def bonds(made: Final) -> Bonds:
    """What the transaction that settles the invoice writes beside its answers."""
    return Bonds(
        links=list(made.found.links.values()),
        draws=made.quotes.draws(made.decisions),
        instead_of=made.quotes.instead_of,
        seen=made.quotes.seen(),
        unkeyed=unkeyed(made.decisions, made.settlement.owners),
    )
