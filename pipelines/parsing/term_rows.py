"""The business terms of documents as rows of tables that know whose they are."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

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
