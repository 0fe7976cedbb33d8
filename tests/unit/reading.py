"""Documents on their way to business terms, as the check stage takes them when libxml2 reads them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from data_contracts.interfaces import Syntax
from data_contracts.refusals import DocumentUnreadable
from pipelines.parsing.documents import Document
from pipelines.parsing.heads import heads
from pipelines.parsing.opening import Kind, Opened, in_its_document, kind_of, opened
from pipelines.parsing.path_tables import Batch
from pipelines.parsing.reader import Refused, tabled
from pipelines.parsing.term_rows import Terms
from pipelines.parsing.term_tables import business_terms


class Invoice(NamedTuple):
    """The terms of one document, as Python values."""

    invoice: dict[str, Any]
    lines: list[dict[str, Any]]
    vat: list[dict[str, Any]]
    findings: list[Any]


class Tables(NamedTuple):
    """Documents that were all read, with the kind of each."""

    documents: list[Document]
    openings: list[Opened]
    kinds: dict[int, Kind]
    batch: Batch


def read(documents: Sequence[Document], expected: Syntax | None) -> Tables:
    """The tables of documents. The first refusal is raised."""
    openings = [opened(document, expected) for document in documents]
    (part,) = tabled([one.xml for one in openings], None)
    if isinstance(part, Refused):
        raise in_its_document(openings[part.position], part.refusal)
    known = heads(part.batch)
    kinds = {}
    for number, one in enumerate(openings):
        try:
            kinds[number] = kind_of(one, number, known, part.batch)
        except DocumentUnreadable as refusal:
            raise in_its_document(one, refusal) from refusal
    return Tables(list(documents), openings, kinds, part.batch)


def terms_of(documents: Sequence[Document], expected: Syntax | None) -> Terms:
    """The terms of documents that are read together."""
    tables = read(documents, expected)
    return business_terms(tables.batch, tables.documents, tables.kinds)


def invoice_of(document: Document, expected: Syntax | None) -> Invoice:
    """The terms of one document."""
    terms = terms_of([document], expected)
    return Invoice(
        terms.invoices.table.to_pylist()[0],
        terms.lines.table.to_pylist(),
        terms.vat_breakdown.table.to_pylist(),
        terms.findings.get(0, []),
    )
