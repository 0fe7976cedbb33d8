"""Deadlines: what is owed by when, as the ledger's rows say it.

Sources: acknowledgments within 20 minutes for 99.5 % is Relais's own promise; statuses within 24 hours of their
timestamp is DSE 3.6.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Duty(StrEnum):
    """What is owed."""

    ACKNOWLEDGMENT = "acknowledgment"
    """The flow acknowledgment, to the sender."""
    STATUS = "status"
    """A lifecycle flow, to the sender."""
    RECEIPT = "receipt"
    """The recipient's acknowledgment (FSO1300A) of a diffusion flow of ours."""


@dataclass(frozen=True)
class Owed:
    """One thing owed since an instant. `name` is the flow's, or the answer's; `done_at` is None until it is done."""

    duty: Duty
    partner_code: str
    name: str
    since: datetime
    done_at: datetime | None
    delivery_id: str = ""


class DeadlineLedger(Protocol):
    """What the ledger knows of deadlines, which run by the machine's clock: business time may stand still."""

    def present(self) -> datetime:
        """The instant by the clock that the ledger's durations are told by."""
        ...

    def owed_since(self, since: datetime) -> Sequence[Owed]:
        """Acknowledgments and statuses that were done since an instant, or are not done yet; oldest first."""
        ...
