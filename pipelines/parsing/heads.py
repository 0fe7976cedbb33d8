"""What must be known of each document of a batch before anything judges it: which document it is, and how large."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from data_contracts.interfaces import Syntax
from pipelines.parsing.documents import ROOTS
from pipelines.parsing.path_tables import INT, Array, Batch
from pipelines.parsing.paths import expanded
from pipelines.parsing.values import BLANK

_SPECIFICATIONS = {
    Syntax.UBL: expanded("cbc:CustomizationID"),
    Syntax.CII: expanded("rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"),
}
"""BT-24 below the root."""

_ROWS = tuple(
    expanded(path)
    for path in (
        "cac:InvoiceLine",
        "cac:CreditNoteLine",
        "cac:TaxTotal/cac:TaxSubtotal",
        "rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem",
        "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax",
        "CPPFactures/CPPFactureMixteUnitaire/DonneesFacture/Lignes/Ligne",
        "CPPFactures/CPPFactureMixteUnitaire/DonneesFacture/TVAS/TVA",
        "CPPFactures/CPPFactureMixteUnitaire/DonneesFacture/TVAs/TVA",
    )
)
"""Lines and VAT groups below the root, whatever it is."""


@dataclass(frozen=True)
class Heads:
    """Of each document of a batch, by its number.

    Shape    `tags` are expanded names of the root elements, empty where a document has none; `lines` are theirs.
             `syntaxes` follow from the tags: None where the root holds no invoice. `specifications` is BT-24, empty
             when absent. `rows` counts lines and VAT groups: `limits.INVOICE_ROWS_MAX` bounds it.
    """

    tags: list[str]
    syntaxes: list[Syntax | None]
    specifications: list[str]
    rows: Array

    def root(self, document: int) -> str:
        """The local name of the root element."""
        return self.tags[document].rpartition("}")[2]


def heads(batch: Batch) -> Heads:
    """The heads of a batch.

    Cost     a few numpy calls for each root name that the batch holds.
    """
    tags = [""] * batch.documents
    syntaxes: list[Syntax | None] = [None] * batch.documents
    specifications = [""] * batch.documents
    rows = np.zeros(batch.documents, INT)
    for tag, root in batch.children[0].items():
        syntax = ROOTS.get(tag)
        numbers = batch.parents[root]
        for document in numbers.tolist():
            tags[document], syntaxes[document] = tag, syntax
        for document, text in _specifications(batch, root, syntax):
            specifications[document] = text
        for names in _ROWS:
            path = batch.path(tag, *names)
            if path is not None:
                rows += np.bincount(batch.document(path), minlength=batch.documents).astype(INT)
    return Heads(tags, syntaxes, specifications, rows)


def root_line(batch: Batch, document: int) -> int | None:
    """The line of a document's root element, from 1; None when it has none, or the line is not known."""
    for root in batch.children[0].values():
        row = int(np.searchsorted(batch.parents[root], document))
        if row < batch.count[root] and batch.parents[root][row] == document:
            return batch.line(root, row)
    return None


def _specifications(batch: Batch, root: int, syntax: Syntax | None) -> Iterator[tuple[int, str]]:
    """The first BT-24 of each document that has one, even when it is empty."""
    names = _SPECIFICATIONS.get(syntax) if syntax is not None else None
    path = None if names is None else batch.path(batch.paths.names[root], *names)
    if path is None:
        return
    documents, first = np.unique(batch.document(path), return_index=True)
    strings = batch.strings.values
    for document, number in zip(documents.tolist(), batch.text_ids(path, first).tolist(), strict=True):
        yield document, strings[number].strip(BLANK)
