"""Commitments that a flow's invoices quote, looked up at once: who is warned, who is rejected, what is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from data_contracts.answers import FindingRow, InvoiceRow
from data_contracts.commitments import CommitmentKey, Draw, Held, QuotedLedger
from data_contracts.directory import Directory
from data_contracts.history_ledger import LinkKind
from data_contracts.ledger import Owner
from data_contracts.messages import Sentences
from data_contracts.tables import Flag, Outcome
from pipelines.commitments.quoted_by import MOTIVE, commitment_findings, draws, key_of, warned
from pipelines.settlement.acceptance import Decision, refused
from pipelines.settlement.predecessors import Predecessors


@dataclass(frozen=True)
class Quoted:
    """What became of the commitments that accepted invoices quote. `instead_of` are earlier invoices, whose draws those
    of this flow that recycle or complete them take over."""

    findings: tuple[FindingRow, ...]
    held: Mapping[CommitmentKey, Held]
    instead_of: tuple[Owner, ...]

    def refused(self) -> dict[int, list[FindingRow]]:
        """Fatal findings by position."""
        fatal: dict[int, list[FindingRow]] = {}
        for finding in self.findings:
            if finding["flag"] == Flag.FATAL:
                fatal.setdefault(finding["position"], []).append(finding)
        return fatal

    def applied(self, proposals: Sequence[Decision]) -> list[Decision]:
        """The proposals, rejected where a commitment had to stand and does not."""
        fatal = self.refused()
        return [
            refused(one, MOTIVE, fatal[position]) if (position := _invoice(one)["position"]) in fatal else one
            for one in proposals
        ]

    def draws(self, decisions: Sequence[Decision]) -> list[Draw]:
        """What the accepted invoices take."""
        return draws([_invoice(one) for one in decisions if one.outcome is Outcome.ACCEPTED], self.held)

    def seen(self) -> dict[CommitmentKey, Decimal]:
        """What others had taken of each commitment when it was judged."""
        return {key: held.drawn for key, held in self.held.items()}

    def told(self, decisions: Sequence[Decision]) -> Sentences | None:
        """The warnings, for the acknowledgment; None without any."""
        return warned(self.findings, {_invoice(one)["position"]: _invoice(one)["number"] or "?" for one in decisions})


def quoted(
    decisions: Sequence[Decision], known: Directory, found: Predecessors, ledger: QuotedLedger, *, besides: str
) -> Quoted:
    """The commitments that accepted invoices quote. What the flow `besides` drew does not count: it is asked anew.

    Cost     nothing for a flow that quotes none; else three queries for each 500 commitments.
    """
    invoices = [_invoice(one) for one in decisions if one.outcome is Outcome.ACCEPTED]
    keys = sorted({key for invoice in invoices if (key := key_of(invoice)) is not None})
    if not keys:
        return Quoted((), {}, ())
    structures = sorted({structure for structure, _ in keys})
    announcing = ledger.announcing(structures)
    required = {
        siret for siret in structures if siret in known.structures and known.structures[siret].commitment_required
    }
    if not announcing and not required:
        return Quoted((), {}, ())
    keeping = (LinkKind.RECYCLES, LinkKind.COMPLETES)
    accepted = {invoice["position"] for invoice in invoices}
    earlier = tuple(link.earlier for at, link in sorted(found.links.items()) if link.kind in keeping and at in accepted)
    held = ledger.commitments(keys, besides=besides, without=earlier)
    return Quoted(tuple(commitment_findings(invoices, held, announcing, required)), held, earlier)


def _invoice(decision: Decision) -> InvoiceRow:
    return decision.judged.invoice
