"""Answers written as text are, byte for byte, the documents that lxml builds of the same values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from data_contracts.answers import InvoiceRow
from pipelines.acknowledgment import xml_text
from pipelines.acknowledgment.elements import visible
from pipelines.delivery.pivot import lacking
from pipelines.lifecycle.cdar_invoice_status import cdar_invoice_status
from pipelines.lifecycle.cpp_invoice_status import expressible
from tests.unit.answer_values import ODD_TEXTS, cpp_invoice_statuses, diffused, header, line, pivot, status, vat
from tests.unit.reference import cdar_status_by_lxml, cpp_status_by_lxml, pivot_by_lxml
from tests.unit.rows import finding, invoice

AMOUNTS = st.decimals(-(10**19), 10**19, places=8) | st.sampled_from([Decimal("0E-8"), Decimal(0), Decimal("-0.00")])
OPTIONAL = st.none() | ODD_TEXTS
DATES = st.dates(date(1900, 1, 1), date(2100, 1, 1))

INVOICES = st.fixed_dictionaries(
    {
        "number": ODD_TEXTS.map(lambda text: text[:20]),
        "issue_date": DATES,
        "delivery_date": st.none() | DATES,
        "seller_name": ODD_TEXTS,
        "seller_id": ODD_TEXTS,
        "seller_id_type": st.sampled_from("1234567"),
        "seller_country": st.none() | ODD_TEXTS.map(lambda text: text[:2]),
        "buyer_siret": st.text(min_size=14, max_size=14),
        "buyer_name": OPTIONAL,
        "service_code": OPTIONAL,
        "engagement": OPTIONAL,
        "contract": OPTIONAL,
        "preceding_number": OPTIONAL,
        "payment_means": OPTIONAL,
        "iban": OPTIONAL | st.just("FR76 3000 6000 0112 3456 7890 189"),
        "type_code": st.sampled_from(["380", "381", "503", "x", None]),
        "frame": st.sampled_from(["A1", "A9", "S6", None, "x"]),
        "net_amount": AMOUNTS,
        "gross_amount": AMOUNTS,
        "payable_amount": AMOUNTS,
    }
).map(lambda values: invoice(**values))
LINES = st.fixed_dictionaries(
    {
        "product": OPTIONAL,
        "unit_price": st.none() | AMOUNTS,
        "quantity": AMOUNTS,
        "net_amount": AMOUNTS,
        "vat_rate": st.none() | AMOUNTS,
    }
).map(lambda values: line(**values))
VAT = st.fixed_dictionaries(
    {"rate": st.none() | AMOUNTS, "base_amount": st.none() | AMOUNTS, "vat_amount": AMOUNTS}
).map(lambda values: vat(**values))


@given(ODD_TEXTS)
def test_a_text_is_escaped_as_libxml2_does(value: str) -> None:
    element = etree.Element("a", b=visible(value))
    element.text = visible(value)
    written = f'<a b="{xml_text.attribute(value)}">{xml_text.text(value)}</a>'
    assert written.encode() == etree.tostring(element, encoding="UTF-8")


@settings(max_examples=150, deadline=None)
@given(INVOICES, st.lists(LINES, max_size=2), st.lists(VAT, max_size=2), ODD_TEXTS, st.binary(max_size=50))
def test_a_pivot_is_the_one_that_lxml_builds(
    row: InvoiceRow, lines: list[Any], rates: list[Any], service: str, original: bytes
) -> None:
    if lacking(row):
        return
    one = diffused(invoice=row, lines=tuple(lines), vat=tuple(rates), service_name=service, original=original)
    told = header("FEN0036A")
    assert pivot(told, [one, diffused(), one]) == pivot_by_lxml.pivot(told, [one, diffused(), one])


@settings(max_examples=150, deadline=None)
@given(INVOICES, ODD_TEXTS, ODD_TEXTS, st.lists(ODD_TEXTS, max_size=3))
def test_a_lifecycle_is_the_one_that_lxml_builds(row: InvoiceRow, fr: str, en: str, found: list[str]) -> None:
    if not expressible(row):
        return
    findings = tuple(
        finding(message_fr=text, message_en=text, found=text, position=at) for at, text in enumerate(found)
    )
    told = header("FEN1200A")
    statuses = [
        status("01", invoice=row),
        status("03", invoice=row, comment_fr=fr, comment_en=en),
        status("05", invoice=invoice(), motive="DOUBLON", findings=findings),
    ]
    assert cpp_invoice_statuses(told, statuses) == cpp_status_by_lxml.cpp_invoice_statuses(told, statuses)


@settings(max_examples=150, deadline=None)
@given(INVOICES, st.none() | ODD_TEXTS, st.none() | ODD_TEXTS, st.sampled_from(["202", "203"]))
def test_a_platform_status_is_the_one_that_lxml_builds(
    row: InvoiceRow, address: str | None, scheme: str | None, code: str
) -> None:
    told, addressed = header("FEN1214A"), {"seller_address": address, "seller_address_scheme": scheme}
    for one in (row, invoice(seller_name=row["seller_name"])):
        stated = status(code, invoice={**one, **addressed})
        assert cdar_invoice_status(told, stated) == cdar_status_by_lxml.cdar_invoice_status(told, stated)
