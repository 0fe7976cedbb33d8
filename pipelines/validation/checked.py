"""What checking finds out about documents: tables of terms, verdicts, findings, all in the order of the documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data_contracts import tables
from data_contracts.answers import FindingRow, InvoiceRow
from pipelines.parsing.path_tables import INT, Array
from pipelines.parsing.term_rows import Rows, Terms
from pipelines.validation.verdict import VerdictRow


@dataclass(frozen=True)
class Checked:
    """Documents, checked.

    Shape    `invoices` has one row a document, `lines` and `vat_breakdown` the rows of each, as `tables` says; row n of
             `verdicts` and of `findings` is document n. Findings are in the order of the layers, then those of reading.
    """

    invoices: pa.Table
    lines: pa.Table
    vat_breakdown: pa.Table
    verdicts: list[VerdictRow]
    findings: list[list[FindingRow]]


def in_order(
    parts: Sequence[tuple[Array, Terms]], unread: Mapping[int, InvoiceRow]
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Tables of invoices, lines and VAT breakdown, in the order of the documents.

    Shape    `parts` are terms, each after the numbers of the documents that its own numbers stand for; `unread` are the
             rows of all other documents, by number.
    """
    blank = pa.Table.from_pylist(list(unread.values()), schema=tables.INVOICES)
    invoices = [(numbers, terms.invoices) for numbers, terms in parts]
    return (
        _sorted([*invoices, (np.array([*unread], INT), Rows(blank, np.arange(len(unread))))], tables.INVOICES),
        _sorted([(numbers, terms.lines) for numbers, terms in parts], tables.LINES),
        _sorted([(numbers, terms.vat_breakdown) for numbers, terms in parts], tables.VAT_BREAKDOWN),
    )


def _sorted(parts: Sequence[tuple[Array, Rows]], schema: pa.Schema) -> pa.Table:
    filled = [(numbers, rows) for numbers, rows in parts if rows.table.num_rows]
    if len(filled) == 1:
        return filled[0][1].table
    if not filled:
        return schema.empty_table()
    owners = np.concatenate([numbers[rows.documents] for numbers, rows in filled])
    place = np.argsort(owners, kind="stable")
    return pa.concat_tables([rows.table for _, rows in filled]).take(pa.array(place))


def together(parts: Sequence[Checked]) -> Checked:
    """Consecutive documents that were checked part by part, as one."""
    if len(parts) == 1:
        return parts[0]
    return Checked(
        invoices=_joined([part.invoices for part in parts], tables.INVOICES),
        lines=_joined([part.lines for part in parts], tables.LINES),
        vat_breakdown=_joined([part.vat_breakdown for part in parts], tables.VAT_BREAKDOWN),
        verdicts=[row for part in parts for row in part.verdicts],
        findings=[rows for part in parts for rows in part.findings],
    )


def _joined(parts: Sequence[pa.Table], schema: pa.Schema) -> pa.Table:
    return pa.concat_tables(parts) if parts else schema.empty_table()
