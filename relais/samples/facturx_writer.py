"""Factur-X: a readable one-page PDF that carries the invoice as XML. The same invoice always gives the same bytes.

Source: Factur-X 1.09, profile EN 16931: embedded file factur-x.xml, relationship Data, XMP properties of urn:factur-x.
The page uses the viewer's own Helvetica and no colour profile: readable everywhere, but not PDF/A-3.
"""

from __future__ import annotations

import io

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    TextStringObject,
)
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from relais.samples.invoices import Invoice

XML_NAME = "factur-x.xml"
MOMENT = "D:20261119060000+00'00'"
"""When the samples' documents say they were made: a fixed moment, since bytes must not depend on the clock."""

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
    <rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
      <fx:DocumentType>INVOICE</fx:DocumentType>
      <fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>
      <fx:Version>1.0</fx:Version>
      <fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>
    </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""

_LEFT, _RIGHT, _TOP, _STEP = 20 * mm, 190 * mm, 275 * mm, 5 * mm


def facturx_bytes(invoice: Invoice, xml: bytes) -> bytes:
    """The PDF of an invoice, with this XML embedded.

    Cost     about 10 ms.
    """
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(readable_page(invoice))))
    specification = _embedded(writer, xml)
    root = writer.root_object
    root[NameObject("/Names")] = DictionaryObject(
        {
            NameObject("/EmbeddedFiles"): DictionaryObject(
                {NameObject("/Names"): ArrayObject([TextStringObject(XML_NAME), specification])}
            )
        }
    )
    root[NameObject("/AF")] = ArrayObject([specification])
    root[NameObject("/Metadata")] = _stream(writer, _XMP.encode(), {"/Type": "/Metadata", "/Subtype": "/XML"})
    writer.add_metadata({"/Title": f"Facture {invoice.number}", "/Author": invoice.seller.name})
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _embedded(writer: PdfWriter, xml: bytes) -> IndirectObject:
    """The file specification of the XML (PDF 2.0, 7.11.3), with relationship Data."""
    content = DecodedStreamObject()
    content.set_data(xml)
    packed = content.flate_encode()
    packed.update(
        {
            NameObject("/Type"): NameObject("/EmbeddedFile"),
            NameObject("/Subtype"): NameObject("/text/xml"),
            NameObject("/Params"): DictionaryObject(
                {
                    NameObject("/ModDate"): TextStringObject(MOMENT),
                    NameObject("/Size"): NumberObject(len(xml)),
                }
            ),
        }
    )
    file = writer._add_object(packed)
    return writer._add_object(
        DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Filespec"),
                NameObject("/F"): TextStringObject(XML_NAME),
                NameObject("/UF"): TextStringObject(XML_NAME),
                NameObject("/Desc"): TextStringObject("Factur-X"),
                NameObject("/AFRelationship"): NameObject("/Data"),
                NameObject("/EF"): DictionaryObject({NameObject("/F"): file, NameObject("/UF"): file}),
            }
        )
    )


def _stream(writer: PdfWriter, data: bytes, names: dict[str, str]) -> IndirectObject:
    stream = DecodedStreamObject()
    stream.set_data(data)
    stream.update({NameObject(key): NameObject(value) for key, value in names.items()})
    return writer._add_object(stream)


def readable_page(invoice: Invoice) -> bytes:
    """A PDF of one page, for people to read. `invariant` keeps the clock and chance out of the file."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, pageCompression=1, invariant=1)
    _head(canvas, invoice)
    height = _table(canvas, invoice, _TOP - 17 * _STEP)
    _totals(canvas, invoice, height - 2 * _STEP)
    _mentions(canvas, invoice)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def _head(canvas: Canvas, invoice: Invoice) -> None:
    seller, buyer = invoice.seller, invoice.buyer
    canvas.setFont("Helvetica-Bold", 13)
    canvas.drawString(_LEFT, _TOP, seller.name)
    canvas.setFont("Helvetica", 9)
    for row, text in enumerate(
        (seller.street, f"{seller.postcode} {seller.city}", f"SIRET {seller.siret}", f"TVA {seller.vat_number}"), 1
    ):
        canvas.drawString(_LEFT, _TOP - row * _STEP, text)
    for row, text in enumerate(
        (buyer.name or "", buyer.street, f"{buyer.postcode} {buyer.city}", f"SIRET {buyer.siret}"), 5
    ):
        canvas.drawString(110 * mm, _TOP - row * _STEP, text)
    canvas.setFont("Helvetica-Bold", 12)
    canvas.drawString(_LEFT, _TOP - 11 * _STEP, f"Facture {invoice.number} du {invoice.issue_date:%d/%m/%Y}")
    canvas.setFont("Helvetica", 9)
    references = (
        f"Code service : {invoice.service_code or 'sans'}   Engagement : {invoice.engagement or 'sans'}   "
        f"Marché : {invoice.contract}"
    )
    canvas.drawString(_LEFT, _TOP - 12 * _STEP, references)
    canvas.drawString(_LEFT, _TOP - 13 * _STEP, f"À payer avant le {invoice.due_date:%d/%m/%Y}")


def _table(canvas: Canvas, invoice: Invoice, height: float) -> float:
    canvas.setFont("Helvetica-Bold", 9)
    canvas.drawString(_LEFT, height, "Désignation")
    for right, title in ((120 * mm, "Quantité"), (145 * mm, "Prix"), (162 * mm, "TVA %"), (_RIGHT, "Montant HT")):
        canvas.drawRightString(right, height, title)
    canvas.line(_LEFT, height - 1.5 * mm, _RIGHT, height - 1.5 * mm)
    canvas.setFont("Helvetica", 9)
    for line in invoice.lines:
        height -= _STEP
        canvas.drawString(_LEFT, height, line.article.name)
        canvas.drawRightString(120 * mm, height, str(line.quantity))
        canvas.drawRightString(145 * mm, height, str(line.price))
        canvas.drawRightString(162 * mm, height, line.article.vat_rate)
        canvas.drawRightString(_RIGHT, height, str(line.net))
    return height


def _totals(canvas: Canvas, invoice: Invoice, height: float) -> None:
    totals = invoice.totals
    for title, amount in (("Total HT", totals.net), ("TVA", totals.vat), ("Total TTC", totals.gross)):
        canvas.drawRightString(162 * mm, height, title)
        canvas.drawRightString(_RIGHT, height, f"{amount} {invoice.currency}")
        height -= _STEP


def _mentions(canvas: Canvas, invoice: Invoice) -> None:
    canvas.setFont("Helvetica", 7)
    for row, (_, text) in enumerate(invoice.notes):
        canvas.drawString(_LEFT, 22 * mm - row * 3.5 * mm, text)
    seller = invoice.seller
    canvas.drawString(_LEFT, 11 * mm, f"{seller.legal_form} - IBAN {seller.iban} - BIC {seller.bic}")
