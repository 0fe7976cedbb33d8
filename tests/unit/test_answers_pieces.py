"""What travels inside an invoice reaches its recipient: the readable invoice and its annexes, beside the original."""

from __future__ import annotations

import base64
import io
import zipfile

from lxml import etree

from data_contracts.answers import Resend
from data_contracts.attachments import Attachment, AttachmentKind
from data_contracts.interfaces import Circuit, Syntax
from pipelines.delivery.pieces import pieces_of
from relais.samples.billers import UTILITY
from relais.samples.invoices import composed
from relais.samples.ubl_writer import ubl_bytes
from tests.unit.answer_values import diffused, header, pivot

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def _attachment(name: str, content: bytes, kind: AttachmentKind, sent: str = "") -> Attachment:
    return Attachment(name, sent or name, kind, "", "application/pdf", "application/pdf", len(content), lambda: content)


def _files(content: bytes) -> list[tuple[dict[str, str], bytes]]:
    """Each PJ: its fields, and what the zip in it holds."""
    found = []
    for piece in etree.fromstring(content).iter("PJ"):
        fields = {part.tag: part.text or "" for part in piece}
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(fields.pop("Contenu")))) as archive:
            (name,) = archive.namelist()
            assert name == fields["NomPJ"]
            found.append((fields | {"NumOrdre": piece.get("NumOrdre")}, archive.read(name)))
    return found


def test_readable_invoice_and_annexes_follow_the_original_in_order() -> None:
    long = "annexe-" + "x" * 60 + ".pdf"
    pieces = (
        _attachment("facture.pdf", PDF, AttachmentKind.INVOICE),
        _attachment("bon <1>.pdf", b"other", AttachmentKind.COMPLEMENT, "bon é.pdf"),
        _attachment(long[:46] + ".pdf", b"more", AttachmentKind.COMPLEMENT, long),
    )
    original, *others = _files(pivot(header("FEN0036A"), [diffused(pieces=pieces)]))
    assert (original[0]["TypePJ"], original[0]["NumOrdre"]) == ("01", "1")
    assert original[1] == b"<Invoice/>"
    assert [fields["TypePJ"] for fields, _ in others] == ["02", "02", "02"]
    assert [fields["NumOrdre"] for fields, _ in others] == ["2", "3", "4"]
    assert [fields["NomPJ"] for fields, _ in others] == ["facture.pdf", "bon <1>.pdf", long[:46] + ".pdf"]
    assert [fields["CategoriePJ"] for fields, _ in others] == ["Facture PDF", *["Pièce jointe standard"] * 2]
    assert [content for _, content in others] == [PDF, b"other", b"more"]
    assert [fields.get("NomPJOrigine") for fields, _ in others] == [None, "bon é.pdf", None], "too long to be told"
    assert all(len(fields["NomPJ"]) <= 50 for fields, _ in others)


def test_a_sent_again_invoice_says_why() -> None:
    for resend, told in ((None, None), (Resend.RECYCLED, "Recyclée"), (Resend.COMPLETED, "Complétée")):
        root = etree.fromstring(pivot(header("FEN0036A"), [diffused(resend=resend)]))
        assert root.findtext(".//DonneesFacture/Renvoi") == told


def test_attachments_of_an_invoice_are_found_and_others_cost_no_parse() -> None:
    bare = ubl_bytes(composed(UTILITY, 1, Circuit.AFNOR, 1))
    assert pieces_of(bare, Syntax.UBL) == ()
    reference = (
        "<cac:AdditionalDocumentReference><cbc:ID>P1</cbc:ID><cbc:DocumentDescription>LISIBLE</cbc:DocumentDescription>"
        '<cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf" filename="lisible.pdf">'
        f"{base64.b64encode(PDF).decode()}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>"
        "</cac:AdditionalDocumentReference>"
    )
    at = bare.index(b"<cac:AccountingSupplierParty")
    carrying = bare[:at] + reference.encode() + bare[at:]
    (found,) = pieces_of(carrying, Syntax.UBL)
    assert (found.name, found.kind, found.read()) == ("lisible.pdf", AttachmentKind.INVOICE, PDF)
    files = _files(pivot(header("FEN0036A"), [diffused(original=carrying, pieces=pieces_of(carrying, Syntax.UBL))]))
    assert [content for _, content in files] == [carrying, PDF]
