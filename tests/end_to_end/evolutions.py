"""Four days in which suppliers, public bodies and people meet every one of the twelve evolutions, and what they got."""

from __future__ import annotations

import email
import email.policy
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree
from typer.testing import CliRunner

from connectors.notification_register import NOTIFICATIONS, NOTIFICATIONS_COLUMNS, SUPPLIERS, SUPPLIERS_COLUMNS
from connectors.registers import write_directory, write_partners
from connectors.settings import default, write
from data_contracts.commitments import Commitment, CommitmentLine, CommitmentState
from data_contracts.directory import INTRA_PUBLIC_SERVICE, Service
from data_contracts.interfaces import CATALOGUE, Circuit, Direction
from data_contracts.partners import Partner
from pipelines.commitments.writing import written
from relais.__main__ import app
from relais.running import run
from relais.samples.billers import CATERER, UTILITY, Biller
from relais.samples.flows import Packing, packed
from relais.samples.identifiers import vat_number
from relais.samples.invoices import Invoice, composed, readdressed
from relais.samples.recipients import BY_NAME, RECIPIENTS, UNKNOWN_SIRET, Recipient
from relais.samples.ubl_writer import ubl_bytes
from tests.connectors.mail_server import Inbox, mail_server
from tests.unit.status_documents import RECIPIENT, SUPPLIER, cpp, cpp_unit

DEPARTMENT, COMMUNE, METROPOLIS, HOSPITAL = (
    BY_NAME[name]
    for name in (
        "Département de l'Isère amont", "Commune de Montorge", "Métropole des Quatre Vallées", "CHU des Quatre Vallées",
    )
)  # fmt: skip
INVOICES_IN = " ".join(row.code for row in CATALOGUE.values() if row.direction is Direction.IN)
ISSUED = date(2026, 11, 18)
DAYS = tuple(datetime(2026, 11, day, 8, 0, tzinfo=UTC) for day in (19, 20, 23, 24))
COMMITMENT = Commitment(
    DEPARTMENT.structure.siret, "EJ-2026-00417", "BATIMENTS", UTILITY.siret, Decimal("1500.00"), "EUR",
    date(2026, 9, 1), None, date(2027, 1, 31), CommitmentState.OPEN,
    (CommitmentLine(1, "Électricité des collèges", Decimal("1250.00")),),
)  # fmt: skip
"""Enough for one of the invoices that quote it, and not for two."""

PUBLIC_SUPPLIER = replace(
    UTILITY,
    partner_code="MET001", name="Métropole des Quatre Vallées", trading_name="Métropole des Quatre Vallées",
    siren=METROPOLIS.structure.siret[:9], siret=METROPOLIS.structure.siret,
    vat_number=vat_number(METROPOLIS.structure.siret[:9]),
)  # fmt: skip

LONG = "Merci de joindre le bon de livraison signé de chaque site, l'état des index relevés et le tarif appliqué. " * 20
PRECISE = f"JUSTIF_ABS : {LONG}"[:1990] + "À bientôt."
"""A comment of exactly 2,000 characters, with an end that a cut would take away."""
TOO_LONG = LONG[:2_100]
REJECTION = "MONTANT_ERR : le prix du mois d'octobre n'est pas celui du marché 2025-MP-118."

READERS = (
    # structure, service, partner_code, email, language, role, frequency, events
    f",,{UTILITY.partner_code},compta@eqv-energie.example,fr,principal_manager,at_once,all",
    f",,{CATERER.partner_code},accounts@latableduval.example,en,principal_manager,at_once,all",
    f"{DEPARTMENT.structure.siret},,,factures@isere-amont.example,fr,principal_manager,at_once,all",
    f"{DEPARTMENT.structure.siret},BATIMENTS,,buildings@isere-amont.example,en,user,at_once,all",
    f"{COMMUNE.structure.siret},,,mairie@montorge.example,fr,user,never,all",
)


@dataclass(frozen=True)
class Said:
    """One status that a recipient sets. `more` is what the format holds besides: a mandate number."""

    recipient: Recipient
    supplier: Biller
    number: str
    code: str
    comment: str = ""
    more: str = ""


@dataclass
class Days:
    """Everything that came of the four days, as its readers find it."""

    home: Path
    numbers: dict[str, str] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    inbox: Inbox = field(default_factory=Inbox)

    def name(self, interface: str, partner: str) -> str:
        sequence = self.sequences[partner] = self.sequences.get(partner, 0) + 1
        return f"{interface}_{partner}_{partner}{interface[3:7]}{sequence:015d}"

    def deposit(self, interface: str, invoices: list[Invoice]) -> tuple[str, bytes]:
        documents = [(f"{at}.xml", ubl_bytes(one)) for at, one in enumerate(invoices, start=1)]
        return self.name(interface, invoices[0].seller.partner_code), packed(documents, Packing.TAR_GZ)

    def statuses(self, said: list[Said], at: datetime) -> tuple[str, bytes]:
        units = (
            cpp_unit(one.code, number=one.number, at=f"{at:%Y-%m-%dT%H:%M:%S}Z", comment=one.comment, more=one.more,
                     order=order)
            .replace(SUPPLIER, one.supplier.siret).replace(RECIPIENT, one.recipient.structure.siret)
            for order, one in enumerate(said, start=1)
        )  # fmt: skip
        return self.name("FSO1301A", said[0].recipient.structure.partner_code), cpp(units)

    def carry(self, day: int, flows: list[tuple[str, bytes]]) -> None:
        """Nothing; the flows are dropped, the stages carry them, and people are told."""
        source = self.home / "dropped" / f"day{day}"
        source.mkdir(parents=True)
        for name, data in flows:
            (source / name).write_bytes(data)
        registers = self.home / "registers"
        settings = replace(
            default(self.home), partners_file=registers / "partners.csv", directory_dir=registers, fixed_now=DAYS[day]
        )
        write(settings)
        run(source, None, settings, jobs=1, progress=lambda *_: None).close()
        with mail_server(self.inbox) as port:
            (self.home / "mail.toml").write_text(
                f'[mail]\nserver = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "relais@relais.example"\n'
            )
            self.command("notify", "--send")

    def command(self, *arguments: str) -> str:
        """What `relais` prints."""
        result = CliRunner().invoke(app, [*arguments, "--home", str(self.home)], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    def trace(self, number: str, supplier: Biller) -> dict[str, Any]:
        made: dict[str, Any] = json.loads(self.command("trace", number, "--supplier", supplier.siret, "--json"))
        return made

    def files(self, partner: str, prefix: str) -> Iterator[tuple[str, bytes]]:
        """The files that a partner got under an interface, those of archives one by one."""
        for path in sorted((self.home / "drops" / partner / "out").glob(f"{prefix}*")):
            data = path.read_bytes()
            if data[:2] != b"\x1f\x8b":
                yield path.name, data
                continue
            with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
                for member in archive.getmembers():
                    yield path.name, archive.extractfile(member).read()  # type: ignore[union-attr]

    def told_cpp(self, partner: str, number: str, code: str) -> dict[str, str]:
        """The one status of a code that a supplier got on an invoice: texts by element (FEN1200A)."""
        found = [
            {str(one.tag): one.text or "" for one in data}
            for _, document in self.files(partner, "FEN1200A")
            for data in etree.fromstring(document).iter("DonneesStatut")
            if (data.findtext("IdFacture"), data.findtext("IdStatut")) == (number, code)
        ]
        assert len(found) == 1, (number, code, found)
        return found[0]

    def told_cdar(self, partner: str, number: str, code: str) -> dict[str, list[str]]:
        """The one CDAR of a code that a platform got on an invoice: texts by element."""
        found = []
        for prefix in ("FEN1204A", "FEN1214A"):
            for _, document in self.files(partner, prefix):
                texts: dict[str, list[str]] = {}
                for one in etree.fromstring(document).iter("{*}*"):
                    texts.setdefault(etree.QName(one).localname, []).append((one.text or "").strip())
                if texts.get("ProcessConditionCode") == [code] and number in texts["IssuerAssignedID"]:
                    found.append(texts)
        assert len(found) == 1, (number, code, found)
        return found[0]

    def error_lines(self, partner: str, prefix: str) -> list[str]:
        """French and English sentences of every error line of a partner's acknowledgments."""
        return [
            f"{line.findtext('LibelleErreur')}\n{line.findtext('DescriptionErreur')}"
            for _, document in self.files(partner, prefix)
            for line in etree.fromstring(document).iter("LigneErreurDetail")
        ]

    def texts(self, partner: str) -> Iterator[str]:
        """Every text of every answer that a partner got."""
        for prefix in ("CSO", "FEN12"):
            for _, document in self.files(partner, prefix):
                yield from (text for text in etree.fromstring(document).itertext() if text.strip())

    def mails(self, address: str) -> list[str]:
        """The plain texts of the mails that came to an address, in order, each after its subject."""
        texts = []
        for envelope in self.inbox.taken:
            if envelope.rcpt_tos == [address]:
                message = email.message_from_bytes(envelope.original_content or b"", policy=email.policy.default)
                plain = message.get_body(("plain",))
                assert plain is not None
                # A mail folds its lines; its reader sees sentences.
                said = " ".join(plain.get_content().split())
                texts.append(f"{message['subject']}\n{said}")
        return texts


def invoice(
    days: Days,
    role: str,
    seller: Biller,
    recipient: Recipient,
    service: str | None = None,
    engagement: str | None = None,
) -> Invoice:
    """A right invoice that plays a role; its number is kept under it."""
    serial = 500 + len(days.numbers)
    circuit = Circuit.AFNOR if seller is CATERER else Circuit.CHORUS_PRO
    made = composed(seller, 1, circuit, 3)
    assert made.type_code == "380"
    days.numbers[role] = number = f"{seller.partner_code}-{serial}"
    return replace(
        readdressed(made, recipient, service, engagement), number=number, issue_date=ISSUED, preceding=None
    )  # fmt: skip


def registers(home: Path) -> None:
    """Nothing; the department has a service for public senders, and everyone may deposit."""
    folder = home / "registers"
    folder.mkdir(parents=True)
    structures = {one.structure.siret: one.structure for one in RECIPIENTS}
    department = DEPARTMENT.structure
    between = Service(INTRA_PUBLIC_SERVICE, "Factures entre entités publiques")
    structures[department.siret] = replace(department, services={**department.services, between.code: between})
    write_directory(folder, structures.values())
    codes = {one.partner_code for one in structures.values()} | {UTILITY.partner_code, CATERER.partner_code}
    write_partners(
        folder / "partners.csv",
        [Partner(code, code, frozenset(INVOICES_IN.split())) for code in sorted(codes - {""})],
    )
    (home / NOTIFICATIONS).write_text("\n".join((",".join(NOTIFICATIONS_COLUMNS), *READERS)) + "\n")
    (home / SUPPLIERS).write_text(f"{','.join(SUPPLIERS_COLUMNS)}\n{UTILITY.siret},{UTILITY.partner_code}\n")


def lived(home: Path) -> Days:
    """The four days: deposits; decisions of recipients; what suppliers send again; payment."""
    registers(home)
    days = Days(home)
    first = _first_day(days)
    _second_day(days)
    _third_day(days, first)
    said = [Said(DEPARTMENT, UTILITY, days.numbers["paid"], "11", TOO_LONG)]
    days.carry(3, [days.statuses(said, DAYS[3])])
    return days


def _first_day(days: Days) -> dict[str, Invoice]:
    quoted = {"paid": COMMITMENT.number, "waiting": COMMITMENT.number}
    ours = {
        role: invoice(days, role, UTILITY, DEPARTMENT, "BATIMENTS", engagement=quoted.get(role))
        for role in ("paid", "suspended", "rejected", "recycled", "waiting")
    }
    ours |= {
        "unknown": replace(
            invoice(days, "unknown", UTILITY, DEPARTMENT, "BATIMENTS"),
            buyer=replace(ours["paid"].buyer, siret=UNKNOWN_SIRET),
        ),
        "no service": invoice(days, "no service", UTILITY, DEPARTMENT),
        "not public": invoice(days, "not public", UTILITY, DEPARTMENT, INTRA_PUBLIC_SERVICE),
    }
    theirs = [
        invoice(days, role, CATERER, COMMUNE) for role in ("platform suspended", "platform refused", "platform paid")
    ]
    public = invoice(days, "public", PUBLIC_SUPPLIER, DEPARTMENT)
    days.carry(
        0,
        [
            (days.name("FSO9010A", DEPARTMENT.structure.partner_code), written([COMMITMENT])),
            days.deposit("FSO1100A", list(ours.values())),
            days.deposit("FSO1150A", theirs),
            days.deposit("FSO1100A", [public]),
        ],
    )
    return ours


def _second_day(days: Days) -> None:
    at, numbers = DAYS[1], days.numbers
    mandate = "<IdMandatDP>2026-B17-4471</IdMandatDP>"
    department = [
        Said(DEPARTMENT, UTILITY, numbers["suspended"], "06", PRECISE),
        Said(DEPARTMENT, UTILITY, numbers["rejected"], "05", REJECTION),
        Said(DEPARTMENT, UTILITY, numbers["recycled"], "04", "SE_ERR : ce site relève de la commune de Montorge."),
        Said(DEPARTMENT, UTILITY, numbers["paid"], "08", "Montant mandaté : 1 234,56 EUR", mandate),
        Said(DEPARTMENT, UTILITY, "NOBODY-1", "05", REJECTION),
        Said(DEPARTMENT, UTILITY, numbers["waiting"], "06"),
    ]
    commune = [
        Said(COMMUNE, CATERER, numbers["platform suspended"], "06", "JUSTIF_ABS : il manque le bon de livraison."),
        Said(COMMUNE, CATERER, numbers["platform refused"], "05", "DEST_ERR : le repas était pour le collège."),
        Said(COMMUNE, CATERER, numbers["platform paid"], "08", "Montant mandaté : 480,00 EUR",
             "<IdMandatDP>88-12</IdMandatDP>"),
    ]  # fmt: skip
    days.carry(1, [days.statuses(department, at), days.statuses(commune, at)])


def _third_day(days: Days, first: dict[str, Invoice]) -> None:
    rejected = first["rejected"]
    again = [
        first["paid"],
        first["suspended"],
        replace(first["waiting"], notes=()),
        readdressed(first["recycled"], COMMUNE, None, None),
        replace(rejected, number=f"{rejected.number}B", preceding=(rejected.number, rejected.issue_date)),
    ]
    days.numbers["successor"] = again[-1].number
    days.carry(2, [days.deposit("FSO1100A", again)])
