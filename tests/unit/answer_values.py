"""Values to start an answer's test from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from lxml import etree

from data_contracts.answers import (
    DiffusedInvoice,
    ErrorLine,
    FlowAnswer,
    Header,
    InvoiceStatus,
    LineRow,
    VatRow,
)
from data_contracts.envelope import EnvelopeName
from data_contracts.partners import RELAIS_CODE
from pipelines.acknowledgment.cdar_frame import NAMESPACES
from pipelines.delivery.pivot import pivot_parts
from pipelines.lifecycle.cpp_invoice_status import cpp_invoice_status_parts
from tests.unit.rows import FLOW_KEY, NOON, finding, invoice

ODD_CHARACTERS = st.one_of(
    st.characters(),
    st.sampled_from("\x00\x01\x0b\x1f\x7f\x85\ud800\udfff\ufffe\uffff<>&\"'\r\n\t «»]"),
)
ODD_TEXTS = st.text(ODD_CHARACTERS, max_size=40) | st.sampled_from(["]]>", "<!--", "é" * 3_000, "a" * 3_000, "\r\n"])


def header(interface_code: str, sequence: int = 7) -> Header:
    return Header(EnvelopeName(interface_code, "ELC001", RELAIS_CODE, sequence), NOON)


def error_line(**changes: Any) -> ErrorLine:
    values = {
        "nature": "FACTURE",
        "code": "BR-CO-10",
        "subject": "F2026-1",
        "message_fr": "F2026-1 : la somme est fausse.",
        "message_en": "F2026-1: the sum is wrong.",
    }
    return ErrorLine(**(values | changes))


def flow_answer(interface_code: str = "CSO1100A", **changes: Any) -> FlowAnswer:
    values: dict[str, Any] = {
        "header": header(interface_code),
        "flow_name": "FSO1100A_ELC001_ELC0011100000000000000001",
        "flow_id": "ELC0011100000000000000001",
        "received_at": NOON,
        "code": "90",
        "motive": "",
        "comment_fr": "2 factures reçues.",
        "comment_en": "2 invoices received.",
        "lines": (),
    }
    return FlowAnswer(**(values | changes))


def afnor_invoice(**changes: Any) -> Any:
    addressed = {"frame": "S1", "seller_address": "552081317_STATUTS", "seller_address_scheme": "0225"}
    return invoice(**(addressed | changes))


def status(code: str, **changes: Any) -> InvoiceStatus:
    values: dict[str, Any] = {"invoice": afnor_invoice(), "code": code, "at": NOON, "received_at": NOON}
    if code in {"05", "213"}:
        values |= {"motive": "REJ_SEMAN", "findings": (finding(),)}
    return InvoiceStatus(**(values | changes))


def line(**changes: Any) -> LineRow:
    row: dict[str, Any] = {
        "flow_key": FLOW_KEY,
        "position": 0,
        "line": 1,
        "line_id": "1",
        "product": "Kilowatt",
        "unit_price": Decimal("0.12345600"),
        "quantity": Decimal("2.50000000"),
        "net_amount": Decimal("100.00000000"),
        "vat_rate": Decimal("20.00000000"),
    }
    row.update(changes)
    return LineRow(**row)  # type: ignore[typeddict-item]


def vat(**changes: Any) -> VatRow:
    row: dict[str, Any] = {
        "flow_key": FLOW_KEY,
        "position": 0,
        "category": "S",
        "rate": Decimal("20.00000000"),
        "base_amount": Decimal("100.00000000"),
        "vat_amount": Decimal("20.00000000"),
    }
    row.update(changes)
    return VatRow(**row)  # type: ignore[typeddict-item]


def diffused(**changes: Any) -> DiffusedInvoice:
    values: dict[str, Any] = {
        "invoice": invoice(),
        "lines": (line(),),
        "vat": (vat(),),
        "service_name": "Comptabilité",
        "received_on": date(2026, 11, 20),
        "original": b"<Invoice/>",
        "original_name": "invoice-1.xml",
        "original_media_type": "application/xml",
    }
    return DiffusedInvoice(**(values | changes))


def texts(content: bytes, path: str) -> list[str]:
    """Texts of the elements that a path finds, prefixes as in CDAR."""
    return [element.text or "" for element in etree.fromstring(content).findall(path, NAMESPACES)]


def pivot(to: Header, invoices: Sequence[DiffusedInvoice]) -> bytes:
    """The bytes of one CPPFacturePivot, in one piece."""
    return b"".join(pivot_parts(to, len(invoices), invoices))


def cpp_invoice_statuses(to: Header, statuses: Sequence[InvoiceStatus]) -> bytes:
    """The bytes of one CPPStatut of invoices, in one piece."""
    return b"".join(cpp_invoice_status_parts(to, statuses))
