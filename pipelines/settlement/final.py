"""Final decisions: what becomes of proposals by their numbers, those they follow, and the commitments they quote.

The same for the invoices of a flow and for one that leaves quarantine after its flow was settled: the two differ in how
the ledger is bound to what is decided, and in nothing that is decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from data_contracts.commitments import QuotedLedger
from data_contracts.directory import Directory
from data_contracts.history_ledger import LinkLedger
from data_contracts.ledger import Flow, Settlement
from data_contracts.ports import ObjectStore
from pipelines.settlement.acceptance import Decision, decided, keys
from pipelines.settlement.binding import Binding
from pipelines.settlement.flow_members import described
from pipelines.settlement.predecessors import Predecessors, followed, predecessors
from pipelines.settlement.quoting import Quoted, quoted


class DecidingLedger(LinkLedger, QuotedLedger, Protocol):
    """What decisions ask of the ledger."""


@dataclass(frozen=True)
class Final:
    """Decisions, and all that they stand on."""

    decisions: list[Decision]
    settlement: Settlement
    found: Predecessors
    quotes: Quoted


def final(
    flow: Flow,
    proposals: Sequence[Decision],
    known: Directory,
    binding: Binding,
    *,
    ledger: DecidingLedger,
    store: ObjectStore,
) -> Final:
    """What becomes of proposals: duplicates rejected, successors accepted, commitments that had to stand looked at.

    Shape    `known` is what the directory knows of the proposals' recipients.
    Cost     as `predecessors` and `quoted`; all of it again where a commitment rejects an invoice.
    """
    while True:
        settlement = binding.claim(keys(proposals))
        told = described(flow, ledger, store)
        found = predecessors(flow, proposals, settlement.owners, told, binding, ledger=ledger, store=store)
        decisions = followed(decided(proposals, settlement.owners, found.followers()), found, told)
        quotes = quoted(decisions, known, found, ledger, besides=binding.besides)
        if not quotes.refused():
            return Final(decisions, settlement, found, quotes)
        # A rejected invoice gives its number back, which another one of the flow may then have.
        proposals = quotes.applied(proposals)
