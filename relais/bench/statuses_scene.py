"""Deposited invoices of many flows, and status flows about them that stand ready: what tracking is measured on.

Deposits are small and share batches, as on a day of many senders; a status flow speaks of invoices drawn among all.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from data_contracts.interfaces import CATALOGUE
from data_contracts.ledger import Batch, Slice
from data_contracts.limits import BATCH_DOCUMENTS_MAX
from data_contracts.partners import PORTAL_CODE
from data_contracts.ports import Deposit, Stored
from data_contracts.tables import Outcome
from pipelines.settlement import drafts
from pipelines.settlement.acceptance import Decision, keys, proposed
from pipelines.settlement.checked_tables import CheckedTables
from pipelines.settlement.outcome_tables import settled_folder, write_outcomes
from relais.bench.answers_scene import AT, Base, Scene
from relais.samples.recipients import directory

STATUS_CODE = "FSO1301A"
BATCH_FLOWS_MAX = 500
"""Flows of one batch of the scene: they are written at once."""

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Spoken:
    """An invoice as those who speak of it know it."""

    supplier: str
    recipient: str
    number: str
    issued_on: date
    seller_siret: str
    buyer_siret: str


class StatusScene(Scene):
    """A folder with a ledger and a store in which flows are settled, and status flows are admitted."""

    def __init__(self, folder: Path, found: Base, seed: int) -> None:
        super().__init__(folder, found)
        self._drawn = random.Random(seed)
        self._status_sequence = 0
        self.spoken: list[Spoken] = []

    @property
    def recipients(self) -> list[str]:
        """Partners that received invoices and may speak of them."""
        return sorted({one.recipient for one in self.spoken} - {PORTAL_CODE})

    def deposit(self, flows: int, invoices_max: int, progress: Progress) -> None:
        """Nothing; so many flows of one to `invoices_max` invoices are settled, none of them answered."""
        sizes = [self._drawn.randint(1, invoices_max) for _ in range(flows)]
        for few in _packed(sizes):
            self._settled(few)
            progress(len(few))

    def statuses(self, code: str, sizes: Sequence[int], at: datetime, *, by_supplier: bool = False) -> int:
        """How many statuses were admitted: a flow for each size, of invoices drawn among those of one partner.

        Shape    partners in turns, by what they have to tell; a size that one has not enough invoices for is cut.
        """
        told: dict[str, list[Spoken]] = {}
        for one in self.spoken:
            told.setdefault(one.supplier if by_supplier else one.recipient, []).append(one)
        told.pop(PORTAL_CODE, None)
        senders = sorted(told)
        for own in told.values():
            self._drawn.shuffle(own)
        count = 0
        for turn, size in enumerate(sizes):
            sender = senders[turn % len(senders)]
            own = [told[sender].pop() for _ in range(min(size, len(told[sender])))]
            if own:
                self._admitted(sender, _cpp_status(own, sender, code, at))
            count += len(own)
        return count

    def _settled(self, sizes: Sequence[int]) -> None:
        """Flows that share one batch, settled as the stage does, without their answers."""
        flow_keys = [self._landed(size) for size in sizes]
        slices = tuple(Slice(flow_key, 0, size) for flow_key, size in zip(flow_keys, sizes, strict=True))
        self._batches.append(Batch(f"bench-{flow_keys[0]}", slices))
        self._checked()
        tables = CheckedTables(self.ledger, self.store)
        source, on = directory(), AT.date()
        for flow_key in flow_keys:
            flow = self.ledger.flow(flow_key)
            interface = CATALOGUE[flow.interface_code]
            decisions = [proposed(judged, interface.circuit, source, on) for judged in tables.judged(flow)]
            self.ledger.claim_invoices(flow_key, keys(decisions), AT)
            write_outcomes(settled_folder(flow_key), decisions, self.store)
            counts = {outcome: sum(one.outcome is outcome for one in decisions) for outcome in Outcome}
            self.ledger.settle(
                flow_key,
                accepted_count=counts[Outcome.ACCEPTED],
                rejected_count=counts[Outcome.REJECTED],
                quarantined_count=counts[Outcome.QUARANTINED],
                acknowledgment_code="90",
                events=drafts.events(drafts.statuses(flow, interface, decisions, AT)),
                answers=[],
            )
            self.spoken += _spoken(flow.partner_code, decisions)

    def _admitted(self, sender: str, document: bytes) -> None:
        self._status_sequence += 1
        name = f"{STATUS_CODE}_{sender}_{sender}{STATUS_CODE[3:7]}{self._status_sequence:015d}"
        sha256 = hashlib.sha256(document).hexdigest()
        landed = self.ledger.land(Deposit(sender, name, 1, name), Stored(f"landing/{sha256}", sha256, 1), AT)
        self._write_documents(landed[1], [document], ["statuses.xml"], [sha256])
        self.ledger.admit(landed[1], 1)


def _packed(sizes: Sequence[int]) -> Iterator[list[int]]:
    few: list[int] = []
    for size in sizes:
        if sum(few) + size > BATCH_DOCUMENTS_MAX or len(few) == BATCH_FLOWS_MAX:
            yield few
            few = []
        few.append(size)
    yield few


def _spoken(supplier: str, decisions: Sequence[Decision]) -> Iterator[Spoken]:
    for one in decisions:
        invoice = one.judged.invoice
        if one.outcome is Outcome.ACCEPTED:
            assert invoice["number"] and invoice["issue_date"] and invoice["seller_id"] and invoice["buyer_siret"]
            yield Spoken(
                supplier, one.route.partner_code, invoice["number"], invoice["issue_date"], invoice["seller_id"],
                invoice["buyer_siret"],
            )  # fmt: skip


def _cpp_status(told: Sequence[Spoken], sender: str, code: str, at: datetime) -> bytes:
    """A CPPStatut of one status on each invoice."""
    units = "".join(
        f'<CPPFactureStatutUnitaire NumOrdre="{order}"><Fournisseur><TypeIdentifiant>1</TypeIdentifiant>'
        f"<Identifiant>{one.seller_siret}</Identifiant><RaisonSociale>Fournisseur</RaisonSociale></Fournisseur><Debiteur>"
        f"<TypeIdentifiant>1</TypeIdentifiant><Identifiant>{one.buyer_siret}</Identifiant></Debiteur><DonneesStatut><IdStatut>{code}</IdStatut>"
        f"<Commentaire>Dossier {one.number}</Commentaire><Horodatage>{at:%Y-%m-%dT%H:%M:%S}Z</Horodatage>"
        f'<Producteur Id="{sender}"/><IdFacture>{one.number}</IdFacture><DateFacture>{one.issued_on}</DateFacture>'
        "</DonneesStatut></CPPFactureStatutUnitaire>"
        for order, one in enumerate(told, start=1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><CPPStatut Version="V1_19"><Enveloppe><EnveloppeUnitaire NumOrdre="1">'
        '<Parametres><ParametreIndiv NumOrdre="0001"><Code>DtPrd</Code>'
        f"<Valeurparametre>{at:%Y-%m-%d}</Valeurparametre></ParametreIndiv>"
        '<ParametreIndiv NumOrdre="0002"><Code>IdFlx</Code>'
        "<Valeurparametre>X</Valeurparametre></ParametreIndiv></Parametres><Partenaires><Recepteur>"
        f"<Id>RLS001</Id></Recepteur><Emetteur><Id>{sender}</Id></Emetteur></Partenaires></EnveloppeUnitaire>"
        f'</Enveloppe><CPPFactureStatuts compteur="{len(told)}">{units}</CPPFactureStatuts></CPPStatut>'
    ).encode()
