"""From a received document to the invoice in it: which bytes hold it, and of what kind it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from data_contracts import limits
from data_contracts.errors import DocumentUnreadable
from data_contracts.interfaces import Syntax
from pipelines.parsing.documents import Document
from pipelines.parsing.heads import Heads, root_line
from pipelines.parsing.path_tables import Batch

if TYPE_CHECKING:
    from pipelines.parsing.facturx_pdf import FacturxPdf

PDF = b"%PDF-"
"""How a PDF begins."""
STATUS_ROOT = (
    "{urn:un:unece:uncefact:data:standard:CrossDomainAcknowledgementAndResponse:100}"
    "CrossDomainAcknowledgementAndResponse"
)
"""The root of a life-cycle status (CDAR)."""

_LABELS = {Syntax.UBL: "UBL", Syntax.CII: "CII", Syntax.FACTURX: "Factur-X", Syntax.CPP_MIXED: "CPPFactureMixte"}


@dataclass(frozen=True)
class Kind:
    """What a document is: an invoice, or a life-cycle status. `root` is the local name of its root element;
    `specification` is BT-24, empty when absent."""

    syntax: Syntax
    root: str
    specification: str


@dataclass(frozen=True)
class Opened:
    """A document with the bytes that hold the invoice: its own, or those that a PDF embeds.

    Nulls    `expected` is the syntax that the document must have; None takes each as it is. `pdf` is what a PDF says of
             the invoice in it, None for any other document.
    Shape    `statuses` says whether a life-cycle status is taken too, where any syntax is.
    """

    document: Document
    xml: bytes
    expected: Syntax | None
    statuses: bool = False
    pdf: FacturxPdf | None = None


def opened(document: Document, expected: Syntax | None, *, statuses: bool = False) -> Opened:
    """The invoice of a document, its XML not yet looked at.

    Errors   DocumentUnreadable with IRR_TYPE_F when a PDF comes where none is expected, or none where one is, else with
             the motive of `facturx`; ValueError for a syntax that holds no invoices.
    """
    is_pdf = document.data.startswith(PDF)
    if expected is None:
        expected = Syntax.FACTURX if is_pdf else None
    elif expected not in _LABELS:
        raise ValueError(f"{expected} holds no invoices")
    if expected is not Syntax.FACTURX:
        if is_pdf:
            _refuse_type("a PDF", "un PDF", expected)
        return Opened(document, document.data, expected, statuses and expected is None)
    if not is_pdf and document.data and not document.data.isspace():
        _refuse_type("not a PDF", "autre chose qu'un PDF", expected)
    # The reader of PDF is loaded where a PDF comes: it takes longer to load than a hundred invoices to check.
    from pipelines.parsing.facturx_pdf import facturx

    pdf = facturx(document.data)
    return Opened(document, pdf.xml, expected, pdf=pdf)


def kind_of(one: Opened, at: int, heads: Heads, batch: Batch) -> Kind:
    """Of what kind the invoice is, which stands as document `at` in the tables `batch`, whose heads are given.

    Errors   DocumentUnreadable with IRR_TYPE_F when it is of another syntax than expected or no invoice at all, with
             IRR_TAILLE_F when it has more lines and VAT groups than `limits.INVOICE_ROWS_MAX`.
    """
    found, tag = heads.syntaxes[at], heads.tags[at]
    if one.statuses and tag == STATUS_ROOT:
        return Kind(Syntax.CDAR, heads.root(at), "")
    wanted = Syntax.CII if one.expected is Syntax.FACTURX else one.expected
    if found is None:
        line = root_line(batch, at)
        _refuse_type("no invoice that Relais knows", "autre chose qu'une facture connue", one.expected, tag, line)
    if wanted is not None and found is not wanted:
        label = _LABELS[found]
        _refuse_type(f"a {label} invoice", f"une facture {label}", one.expected, tag, root_line(batch, at))
    rows = int(heads.rows[at])
    if rows > limits.INVOICE_ROWS_MAX:
        raise DocumentUnreadable(
            "IRR_TAILLE_F",
            f"the invoice has {rows} lines and VAT groups, more than {limits.INVOICE_ROWS_MAX}",
            what_fr=f"la facture compte {rows} lignes et groupes de TVA, plus que les {limits.INVOICE_ROWS_MAX} permis",
            remedy="spread the lines over several invoices",
        )
    return Kind(one.expected or found, heads.root(at), heads.specifications[at])


def in_its_document(one: Opened, refusal: DocumentUnreadable) -> DocumentUnreadable:
    """A refusal of the invoice as one of its document: of a PDF, it says that the embedded XML is meant."""
    if one.expected is not Syntax.FACTURX:
        return refusal
    return DocumentUnreadable(
        refusal.motive,
        f"{refusal.what}, in the XML embedded in the PDF",
        what_fr=f"{refusal.what_fr}, dans le XML embarqué dans le PDF",
        where=refusal.where,
        value=refusal.value,
        remedy=refusal.remedy,
    )


def _refuse_type(
    found: str, found_fr: str, expected: Syntax | None, value: str = "", line: int | None = None
) -> NoReturn:
    wanted = "" if expected is None else f"; the interface expects {_LABELS[expected]}"
    wanted_fr = "" if expected is None else f" ; l'interface attend {_LABELS[expected]}"
    raise DocumentUnreadable(
        "IRR_TYPE_F",
        f"the document is {found}{wanted}",
        what_fr=f"le document est {found_fr}{wanted_fr}",
        where="" if line is None else f"line {line}",
        value=value[:200],
        remedy="send this document under the interface of its syntax"
        if expected
        else "give a UBL Invoice or CreditNote, a CII CrossIndustryInvoice, a CPPFactureMixte, or a Factur-X PDF",
    )
