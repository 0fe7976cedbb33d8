"""What operators do, as the ledger keeps it: orders on quarantine, and the list of every action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from data_contracts.ledger import Answer, Ledger
from data_contracts.quarantine import Order, Quarantined, QuarantineState


@dataclass(frozen=True)
class Action:
    """One action of an operator. `arguments` is JSON.

    Nulls    `ended_at` and an empty `outcome` where the action was interrupted, or still runs.
    """

    number: int
    at: datetime
    who: str
    what: str
    arguments: str
    reason: str
    ended_at: datetime | None = None
    outcome: str = ""


@dataclass(frozen=True)
class Selection:
    """Which answers, or which flows: all that is given must hold. Times: `since` counts, `until` does not."""

    flow_key: str = ""
    partner_code: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Resent:
    """An answer that a partner got. `owed_already`: it is owed again, and not delivered yet."""

    answer: Answer
    owed_already: bool


class QuarantineLedger(Ledger, Protocol):
    """The ledger with its quarantine. Each method is one transaction and may be called again."""

    def quarantine(self, *states: QuarantineState, flow_key: str = "") -> Sequence[Quarantined]:
        """Entries in these states (all without any), of one flow or of all, in order of landing and position."""
        ...

    def order(self, flow_key: str, position: int, order: Order) -> Quarantined:
        """The entry, now ordered. The same verb again while it is ordered changes nothing: the first order stands.

        Errors   ConfigurationError if there is no such entry, it is decided already, or ordered otherwise.
        """
        ...
