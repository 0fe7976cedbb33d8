"""The business terms of documents as rows of tables that know whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.answers import FindingRow
from pipelines.parsing.path_tables import Array


class Rows(NamedTuple):
    """A table in document order, and the number of each row's document."""

    table: pa.Table
    documents: Array


class Terms(NamedTuple):
    """Documents as rows of `tables`. `findings` are what reading found wrong, by number, of those that have any."""

    invoices: Rows
    lines: Rows
    vat_breakdown: Rows
    findings: dict[int, list[FindingRow]]


def with_currencies(terms: Terms, currencies: Mapping[int, str]) -> Terms:
    """The terms, with a currency (BT-5) for the documents that give none, by number of document."""
    if not currencies:
        return terms
    table, documents = terms.invoices
    at = table.schema.get_field_index("currency")
    due = pa.array([currencies.get(number) for number in documents.tolist()], pa.string())
    filled = table.set_column(at, table.schema.field(at), pc.coalesce(table.column(at), due))
    return terms._replace(invoices=Rows(filled, documents))
