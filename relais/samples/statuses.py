"""Statuses: what connected public bodies send back on the invoices that were delivered to them. The same invoices and
the same time always give the same bytes.

Flows    of each body one FSO1300A, which acknowledges every pivot, and one FSO1301A with the statuses of its first
         invoices: half of them are paid, the others are on their way, suspended, or rejected with a motive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from data_contracts.answers import Header
from data_contracts.envelope import EnvelopeName, parsed
from data_contracts.errors import ConfigurationError
from data_contracts.partners import APPLICATION_CODE, PORTAL_CODE, RELAIS_CODE
from pipelines.acknowledgment.cpp_envelope import envelope_text
from pipelines.acknowledgment.elements import instant
from pipelines.acknowledgment.xml_text import DECLARATION, element, text
from relais.samples.delivered import DeliveredInvoice, delivered, diffusions

FIRST = 100
"""Invoices that each body answers, unless told otherwise."""

PAID, ORDERED, RENDERED = ("07", "08", "11"), ("07", "08"), ("07",)
MISROUTED, REJECTED, SUSPENDED = ("04",), ("05",), ("06",)
STORIES = (PAID, RENDERED, PAID, SUSPENDED, PAID, REJECTED, PAID, ORDERED, PAID, MISROUTED)
"""The statuses of a body's invoices, in turn."""

MANDATED = "08"
COMMENTS = {
    "04": "SE_ERR : le service visé n'est pas celui de la commande.",
    "05": "MONTANT_ERR : le montant n'est pas celui du bon de commande.",
    "06": "JUSTIF_ABS : le procès-verbal de réception manque.",
    "07": "Réception prononcée sans réserve.",
    "11": "Virement remis à la banque.",
}

TAKEN_WHOLE = "90"
"""What an acknowledgment says of a flow, ours of theirs as theirs of ours."""

_ACKNOWLEDGING, _TELLING = "FSO1300A", "FSO1301A"
_SIRET = "1"


@dataclass(frozen=True)
class StatusSummary:
    """What was written: `statuses` were set on `invoices`, `receipts` acknowledge pivots."""

    bodies: int
    flows: int
    invoices: int
    statuses: int
    receipts: int


def write_statuses(drops: Path, out: Path, *, now: datetime, first: int = FIRST, sequence: int = 1) -> StatusSummary:
    """What was written into `out`: the flows of every body that has pivots in `drops`/BODY/out.

    Shape    recipients without a connection, who read on the portal, send nothing. `sequence` is that of the flows'
             names: a body that answers again needs another.
    Errors   ConfigurationError when there is no such folder, or a pivot in it cannot be read.
    Cost     reads the pivots as far as the first invoices go.
    """
    if not drops.is_dir():
        raise ConfigurationError("no such folder of answers", where=str(drops), remedy="name the home of a run")
    out.mkdir(parents=True, exist_ok=True)
    bodies = invoices = statuses = receipts = 0
    for folder in sorted(drops.iterdir()):
        code = folder.name
        pivots = diffusions(folder / "out")
        if not pivots or code == PORTAL_CODE or not APPLICATION_CODE.fullmatch(code):
            continue
        body = _Body(code, now, sequence)
        told = [(one, STORIES[place % len(STORIES)]) for place, one in enumerate(islice(delivered(pivots), first))]
        body.write(out, _ACKNOWLEDGING, "CPPFluxStatut", [body.receipt(path) for path in pivots])
        units = [
            body.status(one, code, place) for place, (one, story) in enumerate(told, start=1) for code in story
        ]  # fmt: skip
        if units:
            body.write(out, _TELLING, "CPPFactureStatut", units)
        bodies, invoices, statuses = bodies + 1, invoices + len(told), statuses + len(units)
        receipts += len(pivots)
    return StatusSummary(bodies, sum(1 for _ in out.iterdir()), invoices, statuses, receipts)


@dataclass(frozen=True)
class _Body:
    """A public body by its application code, and when it writes."""

    code: str
    now: datetime
    sequence: int

    def write(self, out: Path, interface_code: str, unit: str, written: Sequence[str]) -> None:
        """Nothing; one flow holds these units, numbered in their order."""
        # What it is addressed to is us; the flow bears the body's own code twice.
        header = Header(EnvelopeName(interface_code, RELAIS_CODE, self.code, self.sequence), self.now)
        units = "".join(
            f'<{unit}Unitaire NumOrdre="{order}">\n{one}</{unit}Unitaire>\n'
            for order, one in enumerate(written, start=1)
        )
        document = (
            f'{DECLARATION}<CPPStatut Version="V1_19">{envelope_text(header)}'
            f'<{unit}s compteur="{len(written)}">\n{units}</{unit}s>\n</CPPStatut>\n'
        )
        name = EnvelopeName(interface_code, self.code, self.code, self.sequence)
        (out / str(name)).write_bytes(document.encode())

    def receipt(self, pivot: Path) -> str:
        """That a pivot was taken whole."""
        return (
            f"  <DonneesStatut>\n    <IdStatut>{TAKEN_WHOLE}</IdStatut>\n{self._at()}"
            f"    <IdFlux>{parsed(pivot.name).flow_id}</IdFlux>\n  </DonneesStatut>\n"
        )

    def status(self, invoice: DeliveredInvoice, code: str, place: int) -> str:
        """One status of the invoice at this place, counted from 1."""
        mandate = f"{self.now.year}-{self.sequence:03d}-{place:05d}" if code == MANDATED else None
        comment = COMMENTS.get(code) or f"Montant mandaté : {invoice.payable} {invoice.currency}"
        return (
            f"  <Fournisseur>\n    <TypeIdentifiant>{text(invoice.supplier_type)}</TypeIdentifiant>\n"
            f"    <Identifiant>{text(invoice.supplier)}</Identifiant>\n"
            f"    <RaisonSociale>{text(invoice.supplier_name)}</RaisonSociale>\n  </Fournisseur>\n"
            f"  <Debiteur>\n    <TypeIdentifiant>{_SIRET}</TypeIdentifiant>\n"
            f"    <Identifiant>{text(invoice.debtor)}</Identifiant>\n"
            f"{element('    ', 'CodeService', invoice.service or None)}  </Debiteur>\n"
            f"  <DonneesStatut>\n    <IdStatut>{code}</IdStatut>\n{element('    ', 'Commentaire', comment)}"
            f'{self._at()}    <Producteur Id="{self.code}"/>\n    <IdFacture>{text(invoice.number)}</IdFacture>\n'
            f"    <DateFacture>{text(invoice.issued)}</DateFacture>\n"
            f"{element('    ', 'IdMandatDP', mandate)}  </DonneesStatut>\n"
        )

    def _at(self) -> str:
        return f"    <Horodatage>{instant(self.now)}</Horodatage>\n"
