"""Rows to start a test from: one invoice that nothing is wrong with."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from data_contracts.answers import FindingRow, InvoiceRow
from data_contracts.ledger import Flow, FlowStatus

FLOW_KEY = "f" * 24
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def invoice(**changes: Any) -> InvoiceRow:
    row: dict[str, Any] = dict.fromkeys(InvoiceRow.__annotations__)
    row.update(
        flow_key=FLOW_KEY,
        position=0,
        member_name="invoice-1.xml",
        sha256="0" * 64,
        syntax="ubl",
        profile="urn:cen.eu:en16931:2017",
        frame="A1",
        number="F2026-1",
        issue_date=date(2026, 11, 2),
        type_code="380",
        currency="EUR",
        seller_name="Electricite du Centre",
        seller_id="55208131766522",
        seller_id_type="1",
        seller_siren="552081317",
        seller_country="FR",
        buyer_siret="21750001600019",
        buyer_name="Ville",
        net_amount=Decimal("100.00"),
        gross_amount=Decimal("120.00"),
        payable_amount=Decimal("120.00"),
        line_count=1,
    )
    row.update(changes)
    return InvoiceRow(**row)  # type: ignore[typeddict-item]


def finding(rule_set: str = "eu.cen.en16931.ubl:1.3.16", rule: str = "BR-CO-10", **changes: Any) -> FindingRow:
    row: dict[str, Any] = {
        "flow_key": FLOW_KEY,
        "position": 0,
        "rule_set": rule_set,
        "rule": rule,
        "flag": "fatal",
        "terms": ["BT-106"],
        "location": "/Invoice",
        "line": 1,
        "found": "1",
        "expected": "2",
        "message_fr": "La somme est fausse.",
        "message_en": "The sum is wrong.",
    }
    row.update(changes)
    return FindingRow(**row)  # type: ignore[typeddict-item]


def flow(**changes: Any) -> Flow:
    values: dict[str, Any] = {
        "flow_key": FLOW_KEY,
        "ordinal": 1,
        "partner_code": "ELC001",
        "name": "FSO1100A_ELC001_ELC0011100000000000000001",
        "interface_code": "FSO1100A",
        "sha256": "0" * 64,
        "size_bytes": 10,
        "received_at": NOON,
        "status": FlowStatus.ADMITTED,
        "member_count": 1,
    }
    values.update(changes)
    return Flow(**values)
