"""Expected: what must come out of a sample, flow by flow and invoice by invoice, as one JSON file.

Layout   one invoice a line, so that the file of a large sample can still be read and searched by eye.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from data_contracts.interfaces import CATALOGUE, Circuit
from data_contracts.tables import Outcome

FIXED_NOW = "2026-11-20T06:00:00+00:00"
"""Business time under which the expectations hold: after every issue date, within every service's dates."""


@dataclass(frozen=True)
class ExpectedInvoice:
    """What must become of one invoice. `number` and `seller_siren` are null when the document cannot be read."""

    position: int
    member_name: str
    number: str | None
    seller_siren: str | None
    outcome: str
    motive: str | None
    rules: tuple[str, ...]
    recipient_partner: str | None
    fault: str | None


@dataclass(frozen=True)
class ExpectedFlow:
    """What must become of one flow; a refused flow has no invoices."""

    name: str
    partner: str
    interface: str
    refused: str | None
    invoices: tuple[ExpectedInvoice, ...] = field(default=())

    @property
    def received(self) -> int:
        return len(self.invoices)

    @property
    def accepted(self) -> int:
        return sum(invoice.outcome == Outcome.ACCEPTED for invoice in self.invoices)

    @property
    def acknowledgment_code(self) -> str:
        """AFNOR: 500 or 501. Chorus Pro, unknown interfaces included: 90 all, 96 some, 93 none or refused."""
        row = CATALOGUE.get(self.interface)
        if row is not None and row.circuit is Circuit.AFNOR:
            return "501" if self.refused else "500"
        if self.refused or not self.accepted:
            return "93"
        return "90" if self.accepted == self.received else "96"


def write_expected(path: Path, flows: Sequence[ExpectedFlow], resent: Sequence[str]) -> None:
    """Nothing; writes the file."""
    head = _json({"fixed_now": FIXED_NOW, "resent": list(resent), "totals": _totals(flows)})
    body = ",\n".join(_flow(flow) for flow in flows)
    path.write_bytes(f'{head[:-1]},\n"flows": [\n{body}\n]}}\n'.encode())


def _totals(flows: Sequence[ExpectedFlow]) -> dict[str, object]:
    received, accepted = sum(flow.received for flow in flows), sum(flow.accepted for flow in flows)
    motives = Counter(invoice.motive for flow in flows for invoice in flow.invoices if invoice.motive)
    refusals = Counter(flow.refused for flow in flows if flow.refused)
    return {
        "flows": len(flows),
        "flows_refused": sum(refusals.values()),
        "received": received,
        "accepted": accepted,
        "rejected": received - accepted,
        "quarantined": 0,
        "rejected_by_motive": dict(sorted(motives.items())),
        "refused_by_motive": dict(sorted(refusals.items())),
    }


def _flow(flow: ExpectedFlow) -> str:
    head = _json(
        {
            "name": flow.name,
            "partner": flow.partner,
            "interface": flow.interface,
            "refused": flow.refused,
            "acknowledgment_code": flow.acknowledgment_code,
            "received": flow.received,
            "accepted": flow.accepted,
            "rejected": flow.received - flow.accepted,
        }
    )
    rows = ",\n".join("  " + _json(asdict(invoice)) for invoice in flow.invoices)
    return f'{head[:-1]}, "invoices": [{chr(10) + rows + chr(10) if rows else ""}]}}'


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
