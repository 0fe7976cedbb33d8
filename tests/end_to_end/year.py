"""A scripted year in the life of invoices: what each goes through, the flows that carry it, and what must come out.

Each invoice follows one storyline, in rounds a month apart: suppliers deposit, recipients set statuses. Status flows
are shuffled, statuses are told twice, and some come a month late.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from data_contracts.interfaces import Circuit
from pipelines.tracking.instants import ZONE
from relais.samples.billers import BILLERS
from relais.samples.flows import Packing, packed
from relais.samples.invoices import Invoice, composed, readdressed
from relais.samples.recipients import BY_NAME, UNKNOWN_SIRET, Recipient
from relais.samples.ubl_writer import ubl_bytes

SUPPLIER = BILLERS[0]
DEPARTMENT, COMMUNE, HOSPITAL = (
    BY_NAME[name] for name in ("Département de l'Isère amont", "Commune de Montorge", "CHU des Quatre Vallées")
)
START = datetime(2026, 1, 5, 7, 0, tzinfo=UTC)
ROUNDS = 8
MEMBERS_A_FLOW = 250
DEPOSITS = {Circuit.CHORUS_PRO: "FSO1100A", Circuit.AFNOR: "FSO1150A"}

PAID = ("07", "08", "11")
STORIES: dict[str, tuple[tuple[str, ...], ...]] = {
    # One entry a round: d deposits, r recycles, c completes, w writes anew under a new number, b corrects what was
    # rejected, t repeats; a number is a status of the recipient, s209 one of the supplier.
    "paid": (("d",), ("07",), ("08",), ("11",)),
    "misrouted": (("d",), ("04",), ("r",), PAID),
    "suspended": (("d",), ("06",), ("c",), ("07",), ("08", "11")),
    "told complete": (("d",), ("06",), ("s209",), ("08",), ("11",)),
    "rejected": (("d",), ("05",), ("w",), ("07", "08"), ("11",)),
    "corrected": (("x",), ("b",), ("07",), ("08", "11")),
    "repeated": (("d",), ("t",), ("07",), ("08",), ("11",)),
    "all at once": (("d",), ("06",), ("c",), ("04",), ("r",), ("05",), ("w",), PAID),
}
MOTIVES = {"04": "SE_ERR", "05": "MONTANT_ERR", "06": "JUSTIF_ABS"}


@dataclass(frozen=True)
class Said:
    """One status that a partner sets on an invoice."""

    sender: str
    number: str
    code: str
    at: datetime
    recipient: Recipient
    issued: date
    mandate: str = ""


@dataclass
class Life:
    """One invoice and all that follows it. `numbers` are those it bore; `events` what its history must say, by number;
    `told` what the supplier must hear, by number and code in the recipient's words."""

    story: str
    circuit: Circuit
    serial: int
    invoice: Invoice
    recipient: Recipient
    numbers: list[str] = field(default_factory=list)
    events: list[tuple[str, str, datetime | None]] = field(default_factory=list)

    def deposit(self, what: str) -> bytes:
        """The document of a deposit, and what it adds to the history."""
        invoice = self.invoice
        if what == "x":
            self.events.append((invoice.number, "rejected", None))
            return ubl_bytes(replace(invoice, buyer=replace(invoice.buyer, siret=UNKNOWN_SIRET)))
        if what == "t":
            self.events.append((invoice.number, "rejected", None))
            return ubl_bytes(invoice)
        if what == "r":
            # The commune has no services and demands nothing; the department's invoices come from the wrong one.
            self.recipient = COMMUNE if self.recipient is DEPARTMENT else HOSPITAL
            engagement = "1501900001" if self.recipient is HOSPITAL else None
            self.invoice = readdressed(invoice, self.recipient, None, engagement)
            self.events.append((invoice.number, "RECYCLEE", None))
        elif what == "c":
            self.invoice = replace(invoice, notes=(*invoice.notes, ("AAI", "Pièces jointes complétées.")))
            self.events.append((invoice.number, "completed", None))
        elif what == "w":
            number = f"{invoice.number[:-1]}{'BCD'[len(self.numbers) - 1]}"
            self.events.append((invoice.number, "REMPLACEE", None))
            self.invoice = replace(invoice, number=number, preceding=(invoice.number, invoice.issue_date))
        elif what == "b":
            self.events.append((invoice.number, "REMPLACEE", None))
        if self.invoice.number not in self.numbers:
            self.numbers.append(self.invoice.number)
        self.events += [(self.invoice.number, "received", None), (self.invoice.number, "available", None)]
        return ubl_bytes(self.invoice)

    def status(self, what: str, at: datetime) -> Said:
        """A status set now, and what it adds to the history."""
        sender, code = self.recipient.structure.partner_code, what
        if what.startswith("s"):
            sender, code = SUPPLIER.partner_code, what[1:]
        number = self.invoice.number
        self.events.append((number, code, at))
        mandate = f"M{self.serial:06d}" if code == "08" else ""
        return Said(sender, number, code, at, self.recipient, self.invoice.issue_date, mandate)


class Year:
    """The whole script: `rounds` of flows to drop, and the lives that must come out. The seed only shuffles."""

    def __init__(self, invoices: int, seed: int) -> None:
        self._random = random.Random(seed)
        self._sequences: dict[str, int] = {}
        self.lives = [self._life(serial) for serial in range(1, invoices + 1)]
        self._late: list[Said] = []
        self._told: list[Said] = []

    def rounds(self) -> Iterator[tuple[datetime, dict[str, bytes]]]:
        """Each round's instant and flows by name."""
        for number in range(ROUNDS + 1):
            now = START + timedelta(days=30 * number)
            yield now, dict(self._deposits(number, now)) | dict(self._statuses(number, now))

    def _life(self, serial: int) -> Life:
        story = list(STORIES)[serial % len(STORIES)]
        circuit = Circuit.AFNOR if story == "told complete" or serial % 3 == 0 else Circuit.CHORUS_PRO
        recipient = DEPARTMENT if serial % 2 else COMMUNE
        service = "BATIMENTS" if recipient is DEPARTMENT else None
        others = itertools.count(2)
        made = composed(SUPPLIER, serial * 10 + 1, circuit, 5)
        while made.type_code != "380":
            made = composed(SUPPLIER, serial * 10 + next(others), circuit, 5)
        issued = date(2026, 1, 2)
        invoice = replace(
            readdressed(made, recipient, service, None), number=f"Y-2026-{serial:05d}A", issue_date=issued,
            due_date=issued + timedelta(days=30), preceding=None,
            period=(date(2025, 12, 1), date(2025, 12, 31)),
        )  # fmt: skip
        return Life(story, circuit, serial, invoice, recipient)

    def _steps(self, number: int) -> Iterator[tuple[Life, str]]:
        for life in self.lives:
            story = STORIES[life.story]
            if number < len(story):
                yield from ((life, what) for what in story[number])

    def _deposits(self, number: int, _now: datetime) -> Iterator[tuple[str, bytes]]:
        for circuit, interface in DEPOSITS.items():
            documents = [
                (f"{life.serial}{what}.xml", life.deposit(what))
                for life, what in self._steps(number)
                if life.circuit is circuit and what in "drcwbtx"
            ]
            for start in range(0, len(documents), MEMBERS_A_FLOW):
                name = self._name(interface, SUPPLIER.partner_code)
                yield name, packed(documents[start : start + MEMBERS_A_FLOW], Packing.TAR_GZ)

    def _statuses(self, number: int, now: datetime) -> Iterator[tuple[str, bytes]]:
        said = [*self._late]
        self._late = []
        for life, what in self._steps(number):
            if what not in "drcwbtx":
                one = life.status(what, now - timedelta(hours=6) + timedelta(minutes=len(life.events)))
                # What nothing else waits for may come a month late, and so after what was set later.
                delayed = one.code in ("07", "08") and self._random.random() < 0.2
                (self._late if delayed else said).append(one)
        told_again = self._random.sample(self._told, min(len(self._told), len(said) // 3))
        self._told += said
        said += told_again + self._random.sample(said, len(said) // 5)
        self._random.shuffle(said)
        yield from self._flows(said, now)

    def _flows(self, said: list[Said], now: datetime) -> Iterator[tuple[str, bytes]]:
        for sender in sorted({one.sender for one in said}):
            ours = [one for one in said if one.sender == sender]
            if sender == SUPPLIER.partner_code:
                documents = [(f"{at}.xml", cdar(one, now)) for at, one in enumerate(ours)]
                yield self._name("FSO1304A", sender), packed(documents, Packing.TAR_GZ)
                continue
            cut = self._random.randrange(len(ours) + 1)
            for few in (ours[:cut], ours[cut:]):
                if few:
                    yield self._name("FSO1301A", sender), cpp(few, now)

    def _name(self, interface: str, partner: str) -> str:
        sequence = self._sequences[partner] = self._sequences.get(partner, 0) + 1
        return f"{interface}_{partner}_{partner}{interface[3:7]}{sequence:015d}"


def cpp(said: list[Said], now: datetime) -> bytes:
    """A CPPStatut as a recipient's software writes it."""
    units = "".join(
        f'<CPPFactureStatutUnitaire NumOrdre="{order}"><Fournisseur><TypeIdentifiant>1</TypeIdentifiant>'
        f"<Identifiant>{SUPPLIER.siret}</Identifiant><RaisonSociale>EQV</RaisonSociale></Fournisseur><Debiteur>"
        f"<TypeIdentifiant>1</TypeIdentifiant><Identifiant>{one.recipient.structure.siret}</Identifiant></Debiteur>"
        f"<DonneesStatut><IdStatut>{one.code}</IdStatut><Commentaire>{_comment(one)}</Commentaire>"
        f'<Horodatage>{one.at:%Y-%m-%dT%H:%M:%S}Z</Horodatage><Producteur Id="{one.sender}"/>'
        f"<IdFacture>{one.number}</IdFacture><DateFacture>{one.issued}</DateFacture>"
        + (f"<IdMandatDP>{one.mandate}</IdMandatDP>" if one.mandate else "")
        + "</DonneesStatut></CPPFactureStatutUnitaire>"
        for order, one in enumerate(said, start=1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><CPPStatut Version="V1_19"><Enveloppe><EnveloppeUnitaire NumOrdre="1">'
        '<Parametres><ParametreIndiv NumOrdre="0001"><Code>DtPrd</Code>'
        f"<Valeurparametre>{now:%Y-%m-%d}</Valeurparametre></ParametreIndiv>"
        '<ParametreIndiv NumOrdre="0002"><Code>IdFlx</Code><Valeurparametre>X</Valeurparametre></ParametreIndiv>'
        "</Parametres><Partenaires><Recepteur><Id>RLS001</Id></Recepteur>"
        f"<Emetteur><Id>{said[0].sender}</Id></Emetteur></Partenaires></EnveloppeUnitaire></Enveloppe>"
        f'<CPPFactureStatuts compteur="{len(said)}">{units}</CPPFactureStatuts></CPPStatut>'
    ).encode()


def cdar(one: Said, now: datetime) -> bytes:
    """A CDAR as the supplier's platform writes it."""
    standard = "urn:un:unece:uncefact:data:standard:"
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rsm:CrossDomainAcknowledgementAndResponse '
        f'xmlns:rsm="{standard}CrossDomainAcknowledgementAndResponse:100" '
        f'xmlns:ram="{standard}ReusableAggregateBusinessInformationEntity:100" '
        f'xmlns:udt="{standard}UnqualifiedDataType:100" xmlns:qdt="{standard}QualifiedDataType:100">'
        "<rsm:ExchangedDocumentContext><ram:BusinessProcessSpecifiedDocumentContextParameter><ram:ID>REGULATED</ram:ID>"
        "</ram:BusinessProcessSpecifiedDocumentContextParameter><ram:GuidelineSpecifiedDocumentContextParameter>"
        "<ram:ID>urn.cpro.gouv.fr:1p0:CDV:invoice</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter>"
        "</rsm:ExchangedDocumentContext><rsm:ExchangedDocument>"
        f"<ram:ID>{one.number}_{one.code}_{one.at:%Y%m%d%H%M%S}</ram:ID><ram:Name>{one.number}</ram:Name>"
        f'<ram:IssueDateTime><udt:DateTimeString format="204">{now:%Y%m%d%H%M%S}</udt:DateTimeString>'
        "</ram:IssueDateTime><ram:SenderTradeParty><ram:RoleCode>WK</ram:RoleCode></ram:SenderTradeParty>"
        f'<ram:IssuerTradeParty><ram:GlobalID schemeID="0002">{SUPPLIER.siren}</ram:GlobalID>'
        "<ram:RoleCode>SE</ram:RoleCode></ram:IssuerTradeParty><ram:RecipientTradeParty><ram:RoleCode>WK</ram:RoleCode>"
        "</ram:RecipientTradeParty></rsm:ExchangedDocument><rsm:AcknowledgementDocument>"
        "<ram:MultipleReferencesIndicator><udt:Indicator>false</udt:Indicator></ram:MultipleReferencesIndicator>"
        "<ram:TypeCode>23</ram:TypeCode><ram:IssueDateTime>"
        f'<udt:DateTimeString format="204">{one.at.astimezone(ZONE):%Y%m%d%H%M%S}</udt:DateTimeString>'
        "</ram:IssueDateTime>"
        f"<ram:ReferenceReferencedDocument><ram:IssuerAssignedID>{one.number}</ram:IssuerAssignedID>"
        "<ram:TypeCode>380</ram:TypeCode><ram:FormattedIssueDateTime>"
        f'<qdt:DateTimeString format="102">{one.issued:%Y%m%d}</qdt:DateTimeString></ram:FormattedIssueDateTime>'
        f"<ram:ProcessConditionCode>{one.code}</ram:ProcessConditionCode><ram:IssuerTradeParty>"
        f'<ram:GlobalID schemeID="0002">{SUPPLIER.siren}</ram:GlobalID></ram:IssuerTradeParty>'
        "</ram:ReferenceReferencedDocument></rsm:AcknowledgementDocument></rsm:CrossDomainAcknowledgementAndResponse>"
    ).encode()


def _comment(one: Said) -> str:
    motive = MOTIVES.get(one.code)
    return f"{motive} : voir le dossier {one.number}" if motive else f"Dossier {one.number}"
