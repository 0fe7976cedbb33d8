"""One document of a flow: its bytes as received, and what they are once read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from lxml import etree

from data_contracts import limits
from data_contracts.errors import DocumentUnreadable
from data_contracts.interfaces import Syntax
from pipelines.parsing import facturx_pdf
from pipelines.parsing.paths import NAMESPACES
from pipelines.parsing.values import line_number, text_of
from pipelines.parsing.xml_gate import counted, gated

ROOTS = {
    f"{{{NAMESPACES['ubl']}}}Invoice": Syntax.UBL,
    f"{{{NAMESPACES['ubln']}}}CreditNote": Syntax.UBL,
    f"{{{NAMESPACES['rsm']}}}CrossIndustryInvoice": Syntax.CII,
}
"""Expanded names of the roots that hold an invoice. The right local name in another namespace is another document."""

_SPECIFICATION = {
    Syntax.UBL: f"{{{NAMESPACES['cbc']}}}CustomizationID",
    Syntax.CII: f"{{{NAMESPACES['rsm']}}}ExchangedDocumentContext"
    f"/{{{NAMESPACES['ram']}}}GuidelineSpecifiedDocumentContextParameter/{{{NAMESPACES['ram']}}}ID",
}

_ROWS = etree.XPath(
    "count(/*/cac:InvoiceLine | /*/cac:CreditNoteLine | /*/cac:TaxTotal/cac:TaxSubtotal"
    " | /*/rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem"
    " | /*/rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax)",
    namespaces=NAMESPACES,
)

_LABELS = {Syntax.UBL: "UBL", Syntax.CII: "CII", Syntax.FACTURX: "Factur-X"}


@dataclass(frozen=True)
class Document:
    """One member of a flow, as received. `sha256` is lower-case hex of `data`."""

    flow_key: str
    position: int
    member_name: str
    data: bytes
    sha256: str


@dataclass(frozen=True)
class Parsed:
    """A document that is an invoice of the expected syntax.

    `xml` is the invoice: the bytes themselves, or those that a PDF embeds. `root` is the local name of the root
    element; `specification` is BT-24, empty when absent.
    """

    document: Document
    xml: bytes
    tree: etree._ElementTree
    syntax: Syntax
    root: str
    specification: str


def parsed(document: Document, expected: Syntax | None) -> Parsed:
    """A document, read as an invoice of the syntax that its interface expects, or with None of whichever it is.

    Errors   DocumentUnreadable with IRR_TYPE_F when it is of another syntax, else with the motive of `gated` or
             `embedded_xml`; ValueError for a syntax that holds no invoices.
    Cost     One parse of the XML; see `gated`.
    """
    is_pdf = document.data.startswith(facturx_pdf.SIGNATURE)
    if expected is None:
        expected = Syntax.FACTURX if is_pdf else None
    elif expected not in _LABELS:
        raise ValueError(f"{expected} holds no invoices")
    if expected is not Syntax.FACTURX and is_pdf:
        _refuse_type("a PDF", "un PDF", expected)
    if expected is Syntax.FACTURX and not is_pdf and document.data.strip():
        _refuse_type("not a PDF", "autre chose qu'un PDF", expected)
    if expected is not Syntax.FACTURX:
        return _invoice(document, document.data, expected)
    xml = facturx_pdf.embedded_xml(document.data)
    try:
        return _invoice(document, xml, expected)
    except DocumentUnreadable as refusal:
        raise DocumentUnreadable(
            refusal.motive,
            f"{refusal.what}, in the XML embedded in the PDF",
            what_fr=f"{refusal.what_fr}, dans le XML embarqué dans le PDF",
            where=refusal.where,
            value=refusal.value,
            remedy=refusal.remedy,
        ) from refusal


def _invoice(document: Document, xml: bytes, expected: Syntax | None) -> Parsed:
    tree = gated(xml)
    root = tree.getroot()
    found = ROOTS.get(root.tag)
    wanted = Syntax.CII if expected is Syntax.FACTURX else expected
    if found is None:
        _refuse_type(
            "no invoice that Relais knows", "autre chose qu'une facture connue", expected, root.tag, line_number(root)
        )
    if wanted is not None and found is not wanted:
        label = _LABELS[found]
        _refuse_type(f"a {label} invoice", f"une facture {label}", expected, root.tag, line_number(root))
    rows = counted(_ROWS, tree)
    if rows > limits.INVOICE_ROWS_MAX:
        raise DocumentUnreadable(
            "IRR_TAILLE_F",
            f"the invoice has {rows} lines and VAT groups, more than {limits.INVOICE_ROWS_MAX}",
            what_fr=f"la facture compte {rows} lignes et groupes de TVA, plus que les {limits.INVOICE_ROWS_MAX} permis",
            remedy="spread the lines over several invoices",
        )
    specification = root.find(_SPECIFICATION[found])
    text = None if specification is None else text_of(specification)
    return Parsed(document, xml, tree, expected or found, etree.QName(root).localname, text or "")


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
        else "give a UBL Invoice or CreditNote, a CII CrossIndustryInvoice, or a Factur-X PDF",
    )
