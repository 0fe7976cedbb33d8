"""The business terms of a batch as the tables that travel on: every term is one column over all its documents."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from data_contracts import tables
from pipelines.parsing.cii import CII
from pipelines.parsing.cpp_mixed import CPP_MIXED
from pipelines.parsing.documents import Document
from pipelines.parsing.odd_amounts import OddAmounts
from pipelines.parsing.opening import Kind
from pipelines.parsing.party_columns import buyer_columns, seller_columns
from pipelines.parsing.path_tables import INT, Array, Batch
from pipelines.parsing.term_columns import Columns
from pipelines.parsing.term_hits import Anchor, Groups, grouped
from pipelines.parsing.term_paths import TermPaths, Way
from pipelines.parsing.term_rows import Rows, Terms
from pipelines.parsing.term_texts import Amounts, Texts
from pipelines.parsing.ubl import UBL

BINDINGS = (UBL, CII, CPP_MIXED)

INVOICE_AMOUNTS = {"net_amount": "BT-109", "gross_amount": "BT-112", "payable_amount": "BT-115"}
LINE_AMOUNTS = {"unit_price": "BT-146", "quantity": "BT-129", "net_amount": "BT-131", "vat_rate": "BT-152"}
VAT_AMOUNTS = {"rate": "BT-119", "outer_rate": "BT-119", "base_amount": "BT-116", "vat_amount": "BT-117"}
"""Terms that are amounts, prices, quantities or rates, in the order in which odd ones are told."""

INVOICE_TEXTS = {
    "frame": ("frame_extension", "frame"),
    "number": ("number",),
    "type_code": ("type_code",),
    "currency": ("currency",),
    "engagement": ("engagement",),
    "contract": ("contract",),
    "preceding_number": ("preceding_number",),
    "seller_name": ("seller_name", "seller_trading_name"),
    "seller_country": ("seller_country", "seller_legal_country"),
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


def business_terms(batch: Batch, documents: Sequence[Document], kinds: Mapping[int, Kind]) -> Terms:
    """The business terms of the invoices of a batch, in document order.

    Shape    document n of the batch is `documents[n]`, an invoice of kind `kinds[n]`; those without a kind were refused
             and have no rows. Invoices of different syntaxes may be mixed.
    Nulls    a term that the document does not give is null; so is a day that is none, which the rules then say. An
             amount that cannot be held exactly is null and has a finding.
    Cost     numpy and Arrow calls for each term and root name, about 4 ms; 10 us an invoice of three lines above that.
    """
    chosen = np.array(sorted(kinds), dtype=INT)
    if len(chosen) < batch.documents:
        batch = batch.of_documents(chosen)
    read = [documents[number] for number in chosen.tolist()]
    reading = _Reading(batch, _keys(read, [kinds[number] for number in chosen.tolist()]))
    parts = (reading.invoices(), reading.lines(), reading.vat_breakdown())
    invoices, lines, vat = (Rows(rows.table, chosen[rows.documents]) for rows in parts)
    findings = {int(chosen[number]): told for number, told in reading.odd.findings(read).items()}
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
        roots: list[Anchor] = []
        lines: list[Anchor] = []
        vat: list[Anchor] = []
        for binding, root, path in rooted:
            roots.append((path, f"/{root.text}", binding.invoice))
            lines += _below(batch, path, root, binding.lines, binding.line)
            vat += _below(batch, path, root, binding.vat_groups, binding.vat)
        self._invoices = grouped(batch, roots, repeated=False)
        self._lines = grouped(batch, lines, repeated=True)
        self._vat = grouped(batch, vat, repeated=True)
        self._texts = Texts(batch, self._ids(None, None, None))
        self._amounts = Amounts(self._texts, self._ids(INVOICE_AMOUNTS, LINE_AMOUNTS, VAT_AMOUNTS))
        self._line_counts = np.zeros(batch.documents, INT)
        for group in self._lines.groups:
            self._line_counts += np.bincount(group.documents, minlength=batch.documents).astype(INT)

    def invoices(self) -> Rows:
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
        return self._rows(tables.INVOICES, self._invoices, parts)

    def lines(self) -> Rows:
        """The rows of `tables.LINES`."""
        parts = [
            {"line": pa.array(columns.group.numbers), "line_id": columns.text("line_id")}
            | {"product": columns.text("product_id", "product_name")}
            | {name: columns.amount(name, code) for name, code in LINE_AMOUNTS.items()}
            for columns in self._columns(self._lines, 1)
        ]
        return self._rows(tables.LINES, self._lines, parts)

    def vat_breakdown(self) -> Rows:
        """The rows of `tables.VAT_BREAKDOWN`."""
        parts = [
            {"category": columns.text("category"), "rate": columns.amount_or("rate", "outer_rate", VAT_AMOUNTS["rate"])}
            | {name: columns.amount(name, VAT_AMOUNTS[name]) for name in ("base_amount", "vat_amount")}
            for columns in self._columns(self._vat, 2)
        ]
        return self._rows(tables.VAT_BREAKDOWN, self._vat, parts)

    def _columns(self, groups: Groups, table: int) -> Iterator[Columns]:
        return (Columns(group, self._texts, self._amounts, self.odd, table) for group in groups.groups)

    def _ids(self, *chosen: Collection[str] | None) -> Iterator[Array]:
        """Columns of text ids: of invoices, lines and groups of VAT, those of the chosen terms, or all of them."""
        for groups, terms in zip((self._invoices, self._lines, self._vat), chosen, strict=True):
            for group in groups.groups:
                yield from (hits.ids for term, hits in group.hits.items() if terms is None or term in terms)

    def _rows(self, schema: pa.Schema, groups: Groups, parts: list[dict[str, pa.Array]]) -> Rows:
        """The rows of all groups in document order, each with the key of its document."""
        if not parts:
            return Rows(schema.empty_table(), np.zeros(0, INT))
        made: list[pa.Table] = []
        for group, columns in zip(groups.groups, parts, strict=True):
            rows = pa.array(group.documents)
            arrays = [columns[name] if name in columns else self.keys.column(name).take(rows) for name in schema.names]
            made.append(pa.Table.from_arrays(arrays, schema=schema))
        table, numbers = pa.concat_tables(made), np.concatenate([group.documents for group in groups.groups])
        if groups.order is None:
            return Rows(table, numbers)
        return Rows(table.take(pa.array(groups.order)), numbers[groups.order])


def _below(batch: Batch, path: int, root: Way, ways: Sequence[Way], terms: TermPaths) -> Iterator[Anchor]:
    """The elements below a root that ways lead to."""
    for way in ways:
        found = way.below(batch, path)
        if found is not None:
            yield found, f"/{root.text}/{way.text}", terms


def _keys(documents: Sequence[Document], kinds: Sequence[Kind]) -> pa.Table:
    """What is known of each document before its terms are read, under the names of `tables.INVOICES`."""
    columns = {
        "flow_key": [document.flow_key for document in documents],
        "position": [document.position for document in documents],
        "member_name": [document.member_name for document in documents],
        "sha256": [document.sha256 for document in documents],
        "syntax": [kind.syntax.value for kind in kinds],
        "profile": [kind.specification or None for kind in kinds],
    }
    return pa.table({name: pa.array(values, tables.INVOICES.field(name).type) for name, values in columns.items()})
