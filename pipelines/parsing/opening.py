"""From a received document to the invoice in it: which bytes hold it, and of what kind it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from data_contracts import limits
from data_contracts.interfaces import Syntax
from data_contracts.messages import both
from data_contracts.refusals import DocumentUnreadable
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
            _refuse_type("pdf", expected)
        return Opened(document, document.data, expected, statuses and expected is None)
    if not is_pdf and document.data and not document.data.isspace():
        _refuse_type("no-pdf", expected)
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
        _refuse_type("unknown", one.expected, tag, line)
    if wanted is not None and found is not wanted:
        _refuse_type(_LABELS[found], one.expected, tag, root_line(batch, at))
    rows = int(heads.rows[at])
    if rows > limits.INVOICE_ROWS_MAX:
        raise DocumentUnreadable.saying(
            "IRR_TAILLE_F", "parsing-rows", rows=str(rows), most=str(limits.INVOICE_ROWS_MAX)
        )
    return Kind(one.expected or found, heads.root(at), heads.specifications[at])


def in_its_document(one: Opened, refusal: DocumentUnreadable) -> DocumentUnreadable:
    """A refusal of the invoice as one of its document: of a PDF, it says that the embedded XML is meant."""
    if one.expected is not Syntax.FACTURX:
        return refusal
    return DocumentUnreadable(
        refusal.motive,
        both("parsing-embedded", what=refusal.said),
        refusal.to_do,
        where=refusal.where,
        value=refusal.value,
    )


def _refuse_type(found: str, expected: Syntax | None, value: str = "", line: int | None = None) -> NoReturn:
    """`found` is `pdf`, `no-pdf`, `unknown`, or the label of a syntax."""
    raise DocumentUnreadable.saying(
        "IRR_TYPE_F",
        "parsing-type",
        where="" if line is None else f"line {line}",
        value=value[:200],
        found=found,
        expected=_LABELS[expected] if expected else "none",
    )
