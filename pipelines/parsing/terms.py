"""The business terms of one document, and what is said of a document that could not be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data_contracts.answers import FindingRow, InvoiceRow, LineRow, VatRow
from data_contracts.errors import DocumentUnreadable
from data_contracts.interfaces import Syntax
from data_contracts.motives import MOTIVES
from data_contracts.tables import Flag
from pipelines.parsing.cii import CII
from pipelines.parsing.documents import Document, Parsed
from pipelines.parsing.groups import Group, OddAmounts
from pipelines.parsing.odd_amounts import READING_RULES
from pipelines.parsing.paths import PathTable
from pipelines.parsing.rows import Binding, blank_invoice, invoice_row, line_row, vat_row
from pipelines.parsing.ubl import UBL
from pipelines.parsing.xml_gate import line_of

BINDINGS: dict[Syntax, Binding] = {Syntax.UBL: UBL, Syntax.CII: CII, Syntax.FACTURX: CII}

_ROOT_PLACES = {
    "Invoice": "/ubl:Invoice",
    "CreditNote": "/ubln:CreditNote",
    "CrossIndustryInvoice": "/rsm:CrossIndustryInvoice",
}


@dataclass(frozen=True)
class Terms:
    """One invoice as rows of `tables`, in document order. `findings` are what its reading found wrong."""

    invoice: InvoiceRow
    lines: list[LineRow]
    vat: list[VatRow]
    findings: list[FindingRow]


def business_terms(parsed: Parsed) -> Terms:
    """The business terms of a parsed invoice.

    Nulls    A term that the document does not give is null; so is a day that is none, which the rules then say. An
             amount that cannot be held exactly is null and has a finding.
    Cost     One walk of the branches that hold terms; no XPath. Memory grows with lines, INVOICE_ROWS_MAX at most.
    """
    binding = BINDINGS[parsed.syntax]
    odd_amounts = OddAmounts(parsed.document.flow_key, parsed.document.position)
    place = _ROOT_PLACES[parsed.root]
    head = Group(binding.invoice.found(parsed.tree.getroot()), place, odd_amounts)
    invoice = invoice_row(parsed, head, binding)
    lines = [
        line_row(parsed.document, number, group)
        for number, group in enumerate(_repeated(head, "line", binding.line, place, odd_amounts), 1)
    ]
    vat = [vat_row(parsed.document, group) for group in _repeated(head, "vat", binding.vat, place, odd_amounts)]
    return Terms(invoice, lines, vat, odd_amounts.findings())


def unreadable(document: Document, refusal: DocumentUnreadable) -> tuple[InvoiceRow, FindingRow]:
    """The row and the finding of a document that was refused at reading.

    Shape    The row holds the document's key and nulls; the finding's rule is the motive code, and its sentences say
             what happened, where, and what to do.
    """
    motive = MOTIVES[refusal.motive]
    finding = FindingRow(
        flow_key=document.flow_key,
        position=document.position,
        rule_set=READING_RULES,
        rule=refusal.motive,
        flag=Flag.FATAL.value,
        terms=[],
        location=None,  # An XPath or nothing: the place of a refusal is a line, and words that the sentences hold.
        line=line_of(refusal.where),
        found=refusal.value or None,
        expected=None,
        message_fr=f"{motive.sentence_fr} Détail : {refusal.what_fr}. {motive.remedy_fr}",
        message_en=f"{motive.sentence_en} Detail: {refusal.what}. {motive.remedy_en}",
    )
    return blank_invoice(document), finding


def _repeated(head: Group, term: str, table: PathTable, place: str, odd_amounts: OddAmounts) -> Iterator[Group]:
    for number, hit in enumerate(head.hits(term), 1):
        yield Group(table.found(hit.element), f"({place}{hit.path})[{number}]", odd_amounts)
