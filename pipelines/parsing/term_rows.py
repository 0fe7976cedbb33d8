"""The business terms of documents as rows of tables that know whose they are, and such tables put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from data_contracts import tables
from data_contracts.answers import FindingRow
from pipelines.parsing.documents import Document
from pipelines.parsing.path_tables import INT, Array
from pipelines.parsing.rows import blank_invoice


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


def blank_terms(documents: Sequence[Document]) -> Terms:
    """The rows of documents of which nothing could be read: each an invoice of nulls, without lines and VAT."""
    table = pa.Table.from_pylist([blank_invoice(document) for document in documents], tables.INVOICES)
    nobody = np.zeros(0, INT)
    return Terms(
        Rows(table, np.arange(len(documents), dtype=INT)),
        Rows(tables.LINES.empty_table(), nobody),
        Rows(tables.VAT_BREAKDOWN.empty_table(), nobody),
        {},
    )


def together(parts: Sequence[tuple[Sequence[int], Terms]]) -> Terms:
    """The terms of documents that were read apart, in the order of all of them.

    Shape    each part gives the numbers that its documents have among all: its document n is `numbers[n]`.
    """
    places = [np.asarray(numbers, dtype=INT) for numbers, _ in parts]
    findings = {
        int(place[number]): told
        for place, (_, terms) in zip(places, parts, strict=True)
        for number, told in terms.findings.items()
    }
    return Terms(
        _merged(tables.INVOICES, places, [terms.invoices for _, terms in parts]),
        _merged(tables.LINES, places, [terms.lines for _, terms in parts]),
        _merged(tables.VAT_BREAKDOWN, places, [terms.vat_breakdown for _, terms in parts]),
        dict(sorted(findings.items())),
    )


def _merged(schema: pa.Schema, places: Sequence[Array], parts: Sequence[Rows]) -> Rows:
    table = pa.concat_tables([schema.empty_table(), *(rows.table for rows in parts)])
    numbers = np.concatenate(
        [np.zeros(0, INT), *(place[rows.documents] for place, rows in zip(places, parts, strict=True))]
    )
    if (np.diff(numbers) >= 0).all():
        return Rows(table, numbers)
    order = np.argsort(numbers, kind="stable")
    return Rows(table.take(pa.array(order)), numbers[order])
