"""Commitments (engagements juridiques): what a public body has committed itself to pay, and to whom.

The exchange of commitments is ours: no public specification of a flow of them is known. Ids of rules and codes of
interfaces say so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from data_contracts.ledger import Owner


class CommitmentState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class CommitmentLine:
    """One line of an order. `amount` is without VAT."""

    number: int
    label: str
    amount: Decimal


@dataclass(frozen=True)
class Commitment:
    """One commitment as its public body last said it.

    Units    `amount` with VAT, in `currency`: what invoices that quote it may come to in all.
    Nulls    an empty `service` means any; None for a day means without bound. `valid_to` is the last day.
    """

    structure: str
    number: str
    service: str
    supplier: str
    amount: Decimal
    currency: str
    issued_on: date
    valid_from: date | None
    valid_to: date | None
    state: CommitmentState
    lines: tuple[CommitmentLine, ...] = ()


@dataclass(frozen=True)
class Held:
    """A commitment in the ledger. `drawn` is what accepted invoices took of it; `flow_key` is the flow that said it
    last."""

    commitment: Commitment
    drawn: Decimal
    flow_key: str


@dataclass(frozen=True)
class Draw:
    """What one invoice takes of a commitment; less than nothing for a credit note."""

    position: int
    structure: str
    number: str
    amount: Decimal


CommitmentKey = tuple[str, str]
"""(SIRET of the structure, number)."""


NOTHING_SEEN: Mapping[CommitmentKey, Decimal] = MappingProxyType({})


class QuotedLedger(Protocol):
    """What settlement asks of commitments. Each method is one transaction and may be called again."""

    def commitments(
        self, keys: Collection[CommitmentKey], besides: str = "", without: Collection[Owner] = ()
    ) -> Mapping[CommitmentKey, Held]:
        """Those that are known, of the settled flows that said them last; drawn without the flow `besides` and the
        invoices `without`, nor those that their recipient rejected, refused or cancelled."""
        ...

    def announcing(self, structures: Collection[str]) -> frozenset[str]:
        """Those of the structures that ever deposited a commitment."""
        ...

    def draw(
        self,
        flow_key: str,
        draws: Sequence[Draw],
        instead_of: Collection[Owner] = (),
        seen: Mapping[CommitmentKey, Decimal] = NOTHING_SEEN,
    ) -> None:
        """What a flow's invoices take, some of them in the place of earlier ones; the last call counts, until the flow
        is settled. `seen` is what had been drawn when these were judged.

        Errors   LedgerConflict when others drew more since: two flows at once must not take the same money.
        """
        ...


class CommitmentLedger(QuotedLedger, Protocol):
    """Commitments in the ledger. Each method is one transaction and may be called again."""

    def commit(self, flow_key: str, commitments: Sequence[Commitment]) -> None:
        """What a flow of commitments says; a later flow's word stands above an earlier one's. The last call counts,
        until the flow is settled."""
        ...

    def all_commitments(self, structure: str = "", supplier: str = "") -> Sequence[Held]:
        """Commitments as they stand, of one structure or supplier, or of all; by structure and number."""
        ...
