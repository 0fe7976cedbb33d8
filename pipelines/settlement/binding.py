"""How the ledger is bound to decisions while they are made: by a flow as a whole, or by one late invoice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from data_contracts.history_ledger import Link
from data_contracts.ledger import InvoiceKey, Settlement


class Binding(Protocol):
    """Each method may be called again: the last call counts.

    `besides` is the flow whose own draws, links and events do not count, since they are what is being decided; empty
    where nothing of them is written before all is decided.
    """

    @property
    def besides(self) -> str: ...

    def claim(self, keys: Sequence[tuple[InvoiceKey, int]]) -> Settlement:
        """Who owns each key, and the instant that the decisions are bound to."""
        ...

    def follow(self, links: Sequence[Link]) -> Sequence[Link]:
        """Those of the links that stand: nothing else follows their earlier invoices."""
        ...
