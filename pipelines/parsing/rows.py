"""Rows of the business terms from the groups of one document. The same for every syntax."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from data_contracts.answers import InvoiceRow, LineRow, VatRow
from pipelines.parsing.documents import Document, Parsed
from pipelines.parsing.groups import Group
from pipelines.parsing.parties import buyer_siret, routing_code, seller_identity
from pipelines.parsing.paths import Hit, PathTable


@dataclass(frozen=True)
class Binding:
    """How one syntax writes the business terms: the paths of each group, and what takes more than a path."""

    invoice: PathTable
    line: PathTable
    vat: PathTable
    day: Callable[[Hit], date | None]
    vat_number: Callable[[Hit], str | None]


def blank_invoice(document: Document) -> InvoiceRow:
    """The row of a document of which nothing could be read: its key, and nulls."""
    return InvoiceRow(
        flow_key=document.flow_key,
        position=document.position,
        member_name=document.member_name,
        sha256=document.sha256,
        syntax=None,
        profile=None,
        frame=None,
        number=None,
        issue_date=None,
        type_code=None,
        currency=None,
        due_date=None,
        delivery_date=None,
        service_code=None,
        engagement=None,
        contract=None,
        preceding_number=None,
        seller_name=None,
        seller_id=None,
        seller_id_type=None,
        seller_siren=None,
        seller_country=None,
        seller_address=None,
        seller_address_scheme=None,
        buyer_name=None,
        buyer_siret=None,
        buyer_address=None,
        buyer_address_scheme=None,
        payment_means=None,
        iban=None,
        net_amount=None,
        gross_amount=None,
        payable_amount=None,
        line_count=None,
    )


def invoice_row(parsed: Parsed, group: Group, binding: Binding) -> InvoiceRow:
    """The header of an invoice. Nulls are terms that the document does not give, or gives in another form."""
    row = blank_invoice(parsed.document)
    row["syntax"] = parsed.syntax.value
    row["profile"] = parsed.specification or None
    row["frame"] = group.text("frame")
    row["number"] = group.text("number")
    row["type_code"] = group.text("type_code")
    row["currency"] = group.text("currency")
    row["issue_date"] = _day(group, binding, "issue_date")
    row["due_date"] = _day(group, binding, "due_date", "payment_due_date")
    row["delivery_date"] = _day(group, binding, "delivery_date")
    row["engagement"] = group.text("engagement")
    row["contract"] = group.text("contract")
    row["preceding_number"] = group.text("preceding_number")
    row["payment_means"] = group.text("payment_means")
    row["iban"] = group.text("account")
    row["net_amount"] = group.amount("net_amount", "BT-109")
    row["gross_amount"] = group.amount("gross_amount", "BT-112")
    row["payable_amount"] = group.amount("payable_amount", "BT-115")
    row["line_count"] = len(group.hits("line"))
    _fill_seller(row, group, binding)
    _fill_buyer(row, group)
    return row


def line_row(document: Document, line: int, group: Group) -> LineRow:
    """One invoice line. `line` counts from 1 in document order."""
    return LineRow(
        flow_key=document.flow_key,
        position=document.position,
        line=line,
        line_id=group.text("line_id"),
        product=group.text("product_id", "product_name"),
        unit_price=group.amount("unit_price", "BT-146"),
        quantity=group.amount("quantity", "BT-129"),
        net_amount=group.amount("net_amount", "BT-131"),
        vat_rate=group.amount("vat_rate", "BT-152"),
    )


def vat_row(document: Document, group: Group) -> VatRow:
    """One group of the VAT breakdown. Rates are percents."""
    rate = group.amount("rate", "BT-119")
    return VatRow(
        flow_key=document.flow_key,
        position=document.position,
        category=group.text("category"),
        rate=group.amount("outer_rate", "BT-119") if rate is None else rate,
        base_amount=group.amount("base_amount", "BT-116"),
        vat_amount=group.amount("vat_amount", "BT-117"),
    )


def _fill_seller(row: InvoiceRow, group: Group, binding: Binding) -> None:
    legal, own = group.identifiers("seller_legal_id"), group.identifiers("seller_own_id")
    vat = [number for number in map(binding.vat_number, group.hits("seller_vat")) if number is not None]
    row["seller_id"], row["seller_id_type"], row["seller_siren"] = seller_identity(legal, own, vat)
    row["seller_name"] = group.text("seller_name", "seller_trading_name")
    row["seller_country"] = group.text("seller_country")
    row["seller_address"] = group.text("seller_address")
    row["seller_address_scheme"] = group.scheme("seller_address")


def _fill_buyer(row: InvoiceRow, group: Group) -> None:
    legal, own = group.identifiers("buyer_legal_id"), group.identifiers("buyer_own_id")
    row["buyer_siret"] = buyer_siret(legal, own)
    row["service_code"] = routing_code(own) or group.text("buyer_reference", "buyer_contact")
    row["buyer_name"] = group.text("buyer_name", "buyer_trading_name")
    row["buyer_address"] = group.text("buyer_address")
    row["buyer_address_scheme"] = group.scheme("buyer_address")


def _day(group: Group, binding: Binding, *terms: str) -> date | None:
    found = group.first(*terms)
    return None if found is None else binding.day(found[0])
