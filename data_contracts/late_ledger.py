"""What settling an invoice asks of the ledger after its flow was settled: an attempt at a time, and all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from data_contracts.commitments import CommitmentKey, Draw, QuotedLedger
from data_contracts.history_ledger import Link, LinkLedger
from data_contracts.ledger import Answer, InvoiceKey, Named, Owner, StatusEvent
from data_contracts.tables import Outcome


@dataclass(frozen=True)
class Bonds:
    """What ties a late invoice to others: whom it follows, what it takes of commitments, the name it is found under.

    Shape    at most one link, draw and name. `instead_of` and `seen` are as `QuotedLedger.draw` takes them.
    Nulls    without a name: it holds its number's key, or has no number.
    """

    links: Sequence[Link] = ()
    draws: Sequence[Draw] = ()
    instead_of: Sequence[Owner] = ()
    seen: Mapping[CommitmentKey, Decimal] = field(default_factory=dict)
    unkeyed: Sequence[Named] = ()


class LateLedger(LinkLedger, QuotedLedger, Protocol):
    """The ledger as orders on quarantine are carried out. Each method is one transaction and may be called again."""

    def take_up(self, flow_key: str, position: int) -> int:
        """The number of this attempt at an ordered entry, counted before the work. Later calls of `claim_late`,
        `put_back` and `settle_late` with an older number are refused."""
        ...

    def excuse(self, flow_key: str, position: int, attempt: int) -> None:
        """An attempt ended in an error after its check: it is none of the tries that are counted because a check may
        stop its worker. Called once for an attempt; a no-op once the entry was taken up again or decided."""
        ...

    def claim_late(self, flow_key: str, position: int, attempt: int, key: InvoiceKey | None) -> Owner | None:
        """Who owns the key of a late invoice, now that it claimed it; what it claimed before otherwise is given up."""
        ...

    def unfollowed(self, links: Sequence[Link]) -> Sequence[Link]:
        """Those of the links that nothing stands against: what replaces, and what recycles or completes an invoice
        that no other one does, flows that are being settled included. Nothing is bound."""
        ...

    def put_back(
        self, flow_key: str, position: int, attempt: int, *, cause: str, rule_sets: tuple[str, ...] | None, version: str
    ) -> None:
        """The entry waits again, under a new cause; key and numbers that it was bound to are given up. `rule_sets` is
        None where the check left no tables."""
        ...

    def settle_late(
        self,
        flow_key: str,
        position: int,
        attempt: int,
        *,
        outcome: Outcome,
        events: Sequence[StatusEvent],
        answers: Sequence[Answer],
        bonds: Bonds,
        outcomes_root: str = "",
    ) -> None:
        """Terminal: the invoice leaves quarantine; the flow's counts, statuses, answers and the invoice's bonds follow,
        at once. `outcomes_root` commits to what was decided.

        Errors   LedgerConflict if a later attempt took it up, or it is settled; if another invoice took up the same
                 number, or others drew on the same commitment since: the order stands, run again.
        """
        ...
