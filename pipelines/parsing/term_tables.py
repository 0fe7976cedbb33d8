"""The business terms of a batch as the tables that travel on: every term is one column over all its documents."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data_contracts import tables
from data_contracts.answers import FindingRow
from data_contracts.interfaces import Syntax
from pipelines.parsing.cii_terms import CII
from pipelines.parsing.documents import Document
from pipelines.parsing.heads import Heads
from pipelines.parsing.odd_amounts import OddAmounts
from pipelines.parsing.party_columns import buyer_columns, seller_columns
from pipelines.parsing.path_tables import Array, Batch
from pipelines.parsing.term_columns import Columns
from pipelines.parsing.term_hits import Groups, grouped
from pipelines.parsing.term_paths import TermPaths, Way
from pipelines.parsing.term_texts import Amounts, Texts
from pipelines.parsing.ubl_terms import UBL

BINDINGS = (UBL, CII)

INVOICE_AMOUNTS = {"net_amount": "BT-109", "gross_amount": "BT-112", "payable_amount": "BT-115"}
LINE_AMOUNTS = {"unit_price": "BT-146", "quantity": "BT-129", "net_amount": "BT-131", "vat_rate": "BT-152"}
VAT_AMOUNTS = {"rate": "BT-119", "outer_rate": "BT-119", "base_amount": "BT-116", "vat_amount": "BT-117"}
"""Terms that are amounts, prices, quantities or rates, in the order in which odd ones are told."""

INVOICE_TEXTS = {
    "frame": ("frame",),
    "number": ("number",),
    "type_code": ("type_code",),
    "currency": ("currency",),
    "engagement": ("engagement",),
    "contract": ("contract",),
    "preceding_number": ("preceding_number",),
    "seller_name": ("seller_name", "seller_trading_name"),
    "seller_country": ("seller_country",),
    "seller_address": ("seller_address",),
    "buyer_name": ("buyer_name", "buyer_trading_name"),
    "buyer_address": ("buyer_address",),
    "payment_means": ("payment_means",),
    "iban": ("account",),
}
"""Columns of `tables.INVOICES` that are texts as written, and the terms that give them, in the order of preference."""

INVOICE_DAYS = {
    "issue_date": ("issue_date",),
    "due_date": ("due_date", "payment_due_date"),
    "delivery_date": ("delivery_date",),
}


@dataclass(frozen=True)
class Terms:
    """The invoices of a batch as rows of `tables`, in document order.

    `findings` are what reading found wrong, by the number of the document in the batch, for those that have any.
    """

    invoices: pa.Table
    lines: pa.Table
    vat_breakdown: pa.Table
    findings: dict[int, list[FindingRow]]


def business_terms(
    batch: Batch, documents: Sequence[Document], syntaxes: Sequence[Syntax | None], heads: Heads
) -> Terms:
    """The business terms of the invoices of a batch.

    Shape    document n of the batch is `documents[n]`, an invoice of `syntaxes[n]`: FACTURX where a PDF held it, None
             where it was refused and has no rows. Invoices of different syntaxes may be mixed.
    Nulls    a term that the document does not give is null; so is a day that is none, which the rules then say. An
             amount that cannot be held exactly is null and has a finding.
    Errors   ValueError for a document whose root holds no invoice.
    Cost     a few numpy and Arrow calls a term and root name: about 10 us an invoice of 9 kB in a batch of 1,000.
    """
    chosen = [number for number, syntax in enumerate(syntaxes) if syntax is not None]
    if any(heads.syntaxes[number] is None for number in chosen):
        raise ValueError("a document without an invoice at its root has no business terms")
    if len(chosen) < batch.documents:
        batch = batch.of_documents(np.array(chosen))
    read = [documents[number] for number in chosen]
    reading = _Reading(batch, _keys(read, [syntaxes[n] for n in chosen], [heads.specifications[n] for n in chosen]))
    invoices, lines, vat = reading.invoices(), reading.lines(), reading.vat_breakdown()
    findings = {chosen[number]: told for number, told in reading.odd.findings(read).items()}
    return Terms(invoices, lines, vat, findings)


class _Reading:
    """One batch on its way to tables: where its terms are, and what their texts say."""

    def __init__(self, batch: Batch, keys: pa.Table) -> None:
        self.keys = keys
        self.odd = OddAmounts()
        rooted = [
            (binding, root, path)
            for binding in BINDINGS
            for root in binding.roots
            if (path := root.below(batch, 0)) is not None
        ]
        self._bindings = [binding for binding, _, _ in rooted]
        roots = [(path, f"/{root.text}", binding.invoice) for binding, root, path in rooted]
        self._invoices = grouped(batch, roots, repeated=False)
        lines = [
            each for binding, root, path in rooted for each in _below(batch, path, root, binding.lines, binding.line)
        ]
        self._lines = grouped(batch, lines, repeated=True)
        vat = [
            each
            for binding, root, path in rooted
            for each in _below(batch, path, root, binding.vat_groups, binding.vat)
        ]
        self._vat = grouped(batch, vat, repeated=True)
        self._texts = Texts(batch, self._ids(None, None, None))
        self._amounts = Amounts(self._texts, self._ids(INVOICE_AMOUNTS, LINE_AMOUNTS, VAT_AMOUNTS))
        self._line_counts = np.zeros(batch.documents, np.int32)
        for group in self._lines.groups:
            self._line_counts += np.bincount(group.documents, minlength=batch.documents).astype(np.int32)

    def invoices(self) -> pa.Table:
        """The rows of `tables.INVOICES`."""
        parts = []
        for binding, columns in zip(self._bindings, self._columns(self._invoices, 0), strict=True):
            found = {name: columns.text(*terms) for name, terms in INVOICE_TEXTS.items()}
            found |= {name: columns.day(binding.day, *terms) for name, terms in INVOICE_DAYS.items()}
            found |= {name: columns.amount(name, code) for name, code in INVOICE_AMOUNTS.items()}
            found |= {f"{party}_address_scheme": columns.scheme(f"{party}_address") for party in ("seller", "buyer")}
            found |= seller_columns(columns, binding.seller_vat) | buyer_columns(columns)
            found["line_count"] = pa.array(self._line_counts[columns.group.documents])
            parts.append(found)
        return self._table(tables.INVOICES, self._invoices, parts)

    def lines(self) -> pa.Table:
        """The rows of `tables.LINES`."""
        parts = [
            {"line": pa.array(columns.group.numbers), "line_id": columns.text("line_id")}
            | {"product": columns.text("product_id", "product_name")}
            | {name: columns.amount(name, code) for name, code in LINE_AMOUNTS.items()}
            for columns in self._columns(self._lines, 1)
        ]
        return self._table(tables.LINES, self._lines, parts)

    def vat_breakdown(self) -> pa.Table:
        """The rows of `tables.VAT_BREAKDOWN`."""
        parts = [
            {"category": columns.text("category"), "rate": columns.amount_or("rate", "outer_rate", VAT_AMOUNTS["rate"])}
            | {name: columns.amount(name, VAT_AMOUNTS[name]) for name in ("base_amount", "vat_amount")}
            for columns in self._columns(self._vat, 2)
        ]
        return self._table(tables.VAT_BREAKDOWN, self._vat, parts)

    def _columns(self, groups: Groups, table: int) -> Iterator[Columns]:
        return (Columns(group, self._texts, self._amounts, self.odd, table) for group in groups.groups)

    def _ids(self, *chosen: Collection[str] | None) -> Iterator[Array]:
        """Columns of text ids: of invoices, lines and groups of VAT, those of the chosen terms, or all of them."""
        for groups, terms in zip((self._invoices, self._lines, self._vat), chosen, strict=True):
            for group in groups.groups:
                yield from (hits.ids for term, hits in group.hits.items() if terms is None or term in terms)

    def _table(self, schema: pa.Schema, groups: Groups, parts: list[dict[str, pa.Array]]) -> pa.Table:
        """The rows of all groups in document order, each with the key of its document."""
        made = []
        for group, columns in zip(groups.groups, parts, strict=True):
            rows = pa.array(group.documents)
            arrays = [columns[name] if name in columns else self.keys.column(name).take(rows) for name in schema.names]
            made.append(pa.Table.from_arrays(arrays, schema=schema))
        if len(made) == 1:
            return made[0]
        table = pa.concat_tables(made) if made else schema.empty_table()
        return table if groups.order is None else table.take(pa.array(groups.order))


def _below(
    batch: Batch, path: int, root: Way, ways: Sequence[Way], terms: TermPaths
) -> Iterator[tuple[int, str, TermPaths]]:
    """The paths below a root that ways lead to, each with its XPath and the terms below it."""
    for way in ways:
        found = way.below(batch, path)
        if found is not None:
            yield found, f"/{root.text}/{way.text}", terms


def _keys(documents: Sequence[Document], syntaxes: Sequence[Syntax | None], specifications: Sequence[str]) -> pa.Table:
    """What is known of each document without reading it, under the names of `tables.INVOICES`."""
    columns = {
        "flow_key": [document.flow_key for document in documents],
        "position": [document.position for document in documents],
        "member_name": [document.member_name for document in documents],
        "sha256": [document.sha256 for document in documents],
        "syntax": [None if syntax is None else syntax.value for syntax in syntaxes],
        "profile": [text or None for text in specifications],
    }
    return pa.table({name: pa.array(values, tables.INVOICES.field(name).type) for name, values in columns.items()})
