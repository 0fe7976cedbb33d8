"""The values of one invoice, in the terms of EN 16931, and how they are made up. Totals follow from the lines.

Units    amounts are exact decimals in the invoice's currency; rates are percents as the document writes them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from data_contracts.interfaces import Circuit
from relais.samples.billers import Article, Biller
from relais.samples.draws import Draws
from relais.samples.recipients import ACTIVE, Recipient

CENT = Decimal("0.01")
INVOICE = "380"
CREDIT_NOTE = "381"
EN16931 = "urn:cen.eu:en16931:2017"
CHORUS_PRO_FRAME = "A1"

LAST_ISSUE_DATE = date(2026, 11, 18)
ISSUE_DAYS = 28
PAYMENT_DAYS = 30
"""Days from issue to due date: the public sector's term (Code de la commande publique, R2192-10)."""

NOTES = (
    ("PMT", "Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 EUR."),
    ("PMD", "Tout retard entraîne des intérêts moratoires au taux de la BCE majoré de huit points."),
    ("AAB", "Aucun escompte n'est accordé pour paiement anticipé."),
)
"""Mandatory mentions (BG-1) with their subject codes (BT-21). BR-FR-05."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """BG-7. `name` is None only in an invoice made wrong on purpose."""

    name: str | None
    siret: str
    street: str
    postcode: str
    city: str
    country: str = "FR"

    @property
    def siren(self) -> str:
        return self.siret[:9]


@dataclass(frozen=True, slots=True)
class Line:
    """BG-25. `net` is quantity times price, rounded to the cent."""

    article: Article
    quantity: Decimal
    price: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class Vat:
    """BG-23, category S."""

    rate: str
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """BG-22: BT-106, BT-109, BT-110, BT-112 and BT-115."""

    lines: Decimal
    net: Decimal
    vat: Decimal
    gross: Decimal
    payable: Decimal


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice or credit note, before it is written in a syntax."""

    number: str
    issue_date: date
    due_date: date
    type_code: str
    frame: str
    specification: str
    currency: str
    service_code: str | None
    engagement: str | None
    contract: str
    preceding: tuple[str, date] | None
    period: tuple[date, date]
    seller: Biller
    buyer: Buyer
    notes: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    vat: tuple[Vat, ...]
    totals: Totals


def number_of(seller: Biller, serial: int) -> str:
    """The number (BT-1) of a biller's nth invoice: 16 characters, under the 20 that Chorus Pro takes."""
    return f"{seller.partner_code[:3]}-2026-{serial:07d}"


def composed(seller: Biller, serial: int, circuit: Circuit, seed: int) -> Invoice:
    """The biller's nth invoice: valid, towards an active recipient, with all that this recipient demands."""
    draws = Draws(seed, seller.stamp, serial)
    recipient = ACTIVE[0] if draws.one_in(6) else draws.of(ACTIVE)
    issued = LAST_ISSUE_DATE - timedelta(days=draws.below(ISSUE_DAYS))
    month_end = issued.replace(day=1) - timedelta(days=1)
    credit = seller.credit_note_odds > 0 and serial > 1 and draws.one_in(seller.credit_note_odds)
    lines = tuple(
        _line(draws.of(seller.articles), draws) for _ in range(draws.between(seller.lines_low, seller.lines_high))
    )
    vat = _breakdown(lines)
    service, engagement = _references(recipient, draws)
    return Invoice(
        number=number_of(seller, serial),
        issue_date=issued,
        due_date=issued + timedelta(days=PAYMENT_DAYS),
        type_code=CREDIT_NOTE if credit else INVOICE,
        frame=CHORUS_PRO_FRAME if circuit is Circuit.CHORUS_PRO else seller.frame,
        specification=EN16931,
        currency="EUR",
        service_code=service,
        engagement=engagement,
        contract=f"2025-MP-{draws.between(100, 999)}",
        preceding=(f"{seller.partner_code[:3]}-2026-A{draws.below(10**6):06d}", month_end) if credit else None,
        period=(month_end.replace(day=1), month_end),
        seller=seller,
        buyer=buyer_of(recipient),
        notes=NOTES,
        lines=lines,
        vat=vat,
        totals=_totals(lines, vat),
    )


def buyer_of(recipient: Recipient) -> Buyer:
    """The buyer (BG-7) that a public body is on an invoice."""
    structure = recipient.structure
    return Buyer(structure.name, structure.siret, recipient.street, recipient.postcode, recipient.city)


def readdressed(invoice: Invoice, recipient: Recipient, service_code: str | None, engagement: str | None) -> Invoice:
    """The same invoice to another recipient, under these references and no others."""
    return replace(invoice, buyer=buyer_of(recipient), service_code=service_code, engagement=engagement)


def _line(article: Article, draws: Draws) -> Line:
    price = Decimal(draws.between(article.price_low, article.price_high)).scaleb(-article.price_digits)
    quantity = Decimal(draws.between(article.quantity_low, article.quantity_high)).scaleb(-article.quantity_digits)
    return Line(article, quantity, price, (quantity * price).quantize(CENT, ROUND_HALF_UP))


def _breakdown(lines: tuple[Line, ...]) -> tuple[Vat, ...]:
    bases: dict[str, Decimal] = {}
    for line in lines:
        bases[line.article.vat_rate] = bases.get(line.article.vat_rate, Decimal(0)) + line.net
    return tuple(
        Vat(rate, base, (base * Decimal(rate) / 100).quantize(CENT, ROUND_HALF_UP))
        for rate, base in sorted(bases.items())
    )


def _totals(lines: tuple[Line, ...], vat: tuple[Vat, ...]) -> Totals:
    net = sum((line.net for line in lines), Decimal("0.00"))
    tax = sum((row.amount for row in vat), Decimal("0.00"))
    return Totals(net, net, tax, net + tax, net + tax)


def _references(recipient: Recipient, draws: Draws) -> tuple[str | None, str | None]:
    """A service code and an engagement that satisfy the recipient; more than it demands, now and then."""
    structure = recipient.structure
    services = [service for service in structure.services.values() if service.in_force(LAST_ISSUE_DATE)]
    service = draws.of(services) if services and (structure.service_required or draws.one_in(2)) else None
    demanded = (
        structure.engagement_required
        or (service is not None and service.engagement_required)
        or (structure.service_or_engagement_required and service is None)
    )
    engagement = f"15019{draws.below(10**5):05d}" if demanded or draws.one_in(3) else None
    return (service.code if service is not None else None), engagement
