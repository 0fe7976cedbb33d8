"""What an answer is made of, before it is written in the syntax of its interface. Pure values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypedDict

from data_contracts.attachments import Attachment
from data_contracts.envelope import EnvelopeName


class InvoiceRow(TypedDict):
    """One row of `tables.INVOICES` as Python values; same names, same nulls."""

    flow_key: str
    position: int
    member_name: str
    sha256: str
    syntax: str | None
    profile: str | None
    frame: str | None
    number: str | None
    issue_date: date | None
    type_code: str | None
    currency: str | None
    due_date: date | None
    delivery_date: date | None
    service_code: str | None
    engagement: str | None
    contract: str | None
    preceding_number: str | None
    seller_name: str | None
    seller_id: str | None
    seller_id_type: str | None
    seller_siren: str | None
    seller_country: str | None
    seller_address: str | None
    seller_address_scheme: str | None
    buyer_name: str | None
    buyer_siret: str | None
    buyer_address: str | None
    buyer_address_scheme: str | None
    payment_means: str | None
    iban: str | None
    net_amount: Decimal | None
    gross_amount: Decimal | None
    payable_amount: Decimal | None
    line_count: int | None


class LineRow(TypedDict):
    """One row of `tables.LINES`."""

    flow_key: str
    position: int
    line: int
    line_id: str | None
    product: str | None
    unit_price: Decimal | None
    quantity: Decimal | None
    net_amount: Decimal | None
    vat_rate: Decimal | None


class VatRow(TypedDict):
    """One row of `tables.VAT_BREAKDOWN`."""

    flow_key: str
    position: int
    category: str | None
    rate: Decimal | None
    base_amount: Decimal | None
    vat_amount: Decimal | None


class FindingRow(TypedDict):
    """One row of `tables.FINDINGS`."""

    flow_key: str
    position: int
    rule_set: str
    rule: str
    flag: str
    terms: list[str]
    location: str | None
    line: int | None
    found: str | None
    expected: str | None
    message_fr: str
    message_en: str


@dataclass(frozen=True)
class Header:
    """Who answers whom, under which name, when. `name.partner_code` is the addressee, `name.emitter_code` is us."""

    name: EnvelopeName
    produced_at: datetime


@dataclass(frozen=True)
class ErrorLine:
    """One line of a flow acknowledgment: one error. The sentences name the invoice, the place, the value, the remedy.

    `nature` is FLUX, FICHIER or FACTURE; `code` a rule id or a motive code; `subject` the file or invoice concerned.
    """

    nature: str
    code: str
    subject: str
    message_fr: str
    message_en: str


@dataclass(frozen=True)
class FlowAnswer:
    """The acknowledgment of one flow. `code` belongs to the flow status table of the interface's syntax."""

    header: Header
    flow_name: str
    flow_id: str
    received_at: datetime
    code: str
    motive: str
    comment_fr: str
    comment_en: str
    lines: Sequence[ErrorLine]


@dataclass(frozen=True)
class InvoiceStatus:
    """One status of one invoice. `findings` say why, when `code` demands a motive."""

    invoice: InvoiceRow
    code: str
    at: datetime
    received_at: datetime
    motive: str = ""
    comment_fr: str = ""
    comment_en: str = ""
    findings: tuple[FindingRow, ...] = ()


class Resend(StrEnum):
    """Why an invoice is diffused again under its number: Renvoi of CPPFacturePivot."""

    COMPLETED = "Complétée"
    RECYCLED = "Recyclée"


@dataclass(frozen=True)
class DiffusedInvoice:
    """One accepted invoice with its original bytes, for the recipient. `original_name` is the member's name.

    `pieces` are the files that travel inside it. `resend` is None when it is diffused for the first time.
    """

    invoice: InvoiceRow
    lines: Sequence[LineRow]
    vat: Sequence[VatRow]
    service_name: str
    received_on: date
    original: bytes
    original_name: str
    original_media_type: str
    pieces: Sequence[Attachment] = ()
    resend: Resend | None = None
