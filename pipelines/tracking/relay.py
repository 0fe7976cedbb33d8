"""A status on its way to the supplier: what is told, of which invoice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data_contracts.answers import InvoiceRow
from data_contracts.history import Event
from pipelines.tracking.translation import RelayedStatus


@dataclass(frozen=True)
class Relay:
    """One status to write to the supplier of an invoice that came at `received_at`."""

    invoice: InvoiceRow
    received_at: datetime
    event: Event
    status: RelayedStatus
