"""Invoices with their lines and VAT, as tables, put before the management rules."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pyarrow as pa

from data_contracts import tables
from data_contracts.answers import FindingRow
from data_contracts.interfaces import CATALOGUE
from pipelines.validation.management_rules import management_findings
from pipelines.validation.rules.facts import Deposit, Terms
from tests.unit.rows import FLOW_KEY, invoice

TODAY = date(2026, 11, 20)
STRUCTURED, MIXED, WORKS, COURT_COSTS = "FSO1100A", "FSO1116A", "FSO1137A", "FSO1120A"
AFNOR = "FSO1150A"


def terms(*rows: Any, vat: tuple[dict[str, Any], ...] = (), lines: tuple[dict[str, Any], ...] = ()) -> Terms:
    """The tables of these invoices; VAT groups and lines are of position 0 unless they say otherwise."""
    blank = {"flow_key": FLOW_KEY, "position": 0}
    return Terms(
        pl.DataFrame(pa.Table.from_pylist(list(rows), schema=tables.INVOICES)),
        pl.DataFrame(
            pa.Table.from_pylist([blank | {"line": 1} | row for row in lines], schema=tables.LINES),
        ),
        pl.DataFrame(pa.Table.from_pylist([blank | row for row in vat], schema=tables.VAT_BREAKDOWN)),
    )


def group(base: str | None, rate: str | None, tax: str | None, category: str | None = "S") -> dict[str, Any]:
    """One group of the VAT breakdown."""
    return {
        "category": category,
        "rate": None if rate is None else Decimal(rate),
        "base_amount": None if base is None else Decimal(base),
        "vat_amount": None if tax is None else Decimal(tax),
    }


def found(some: Terms, interface: str = STRUCTURED) -> list[FindingRow]:
    """What the rules say of invoices that came by an interface."""
    return list(management_findings(some, {FLOW_KEY: Deposit(CATALOGUE[interface], TODAY)}))


def broken(interface: str = STRUCTURED, **changes: Any) -> set[str]:
    """The ids of the rules that one invoice breaks, good but for these changes."""
    vat, lines = changes.pop("vat", ()), changes.pop("lines", ())
    if interface == AFNOR:
        changes = {"frame": "B1"} | changes
    return {row["rule"] for row in found(terms(invoice(**changes), vat=tuple(vat), lines=tuple(lines)), interface)}
