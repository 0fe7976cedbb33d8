"""The pieces that travel inside an invoice, as a pivot carries them: each zipped alone, in base64, of type 02.

Among them the readable invoice, where its sender attached one (BT-123 LISIBLE, TypePJ 01, or a PDF shown as such).
Source   DSE-CP 4.1.1.2 (the principal piece is the original; the readable invoice, its annexes are complementary);
         CPPFacturePivot V2_02, element PJ; DSE-CP p. 50 (names of 50 characters).
"""

from __future__ import annotations

from collections.abc import Sequence

from data_contracts.attachments import Attachment, AttachmentKind
from data_contracts.interfaces import Syntax
from data_contracts.limits import ATTACHMENT_NAME_CHARACTERS_MAX
from pipelines.acknowledgment.xml_text import element, text
from pipelines.delivery.original import zipped_base64
from pipelines.parsing.attachments import attachments_of

COMPLEMENT = "02"
READABLE, OTHER = "Facture PDF", "Pièce jointe standard"
"""CategoriePJ, in words that pivots of the official platform use."""

UNTOLD_MEDIA_TYPE = "application/octet-stream"

_HOLDER = b"BinaryObject"
"""What the elements of UBL and CII that hold an attachment are named with. Documents without it are not parsed."""
_SEARCHED = frozenset({Syntax.UBL, Syntax.CII})


def pieces_of(document: bytes, syntax: Syntax) -> Sequence[Attachment]:
    """The attachments of an accepted document, in its order.

    Cost     a search of its bytes; one parse where it holds some.
    """
    # A document of two bytes a character shows a NUL among its first four bytes.
    if syntax in _SEARCHED and _HOLDER not in document and b"\0" not in document[:4]:
        return ()
    return attachments_of(document, syntax)


def piece(order: int, attachment: Attachment) -> str:
    """The PJ element of one attachment. Memory: its bytes, their zip and its text."""
    name = attachment.name
    before = attachment.name_as_sent
    told = before if before and before != name and len(before) <= ATTACHMENT_NAME_CHARACTERS_MAX else None
    category = READABLE if attachment.kind is AttachmentKind.INVOICE else OTHER
    media_type = attachment.media_type or attachment.declared_media_type or UNTOLD_MEDIA_TYPE
    return (
        f'<PJ NumOrdre="{order}">\n  <Contenu>{zipped_base64(name, attachment.read())}</Contenu>\n'
        f"  <NomPJ>{text(name)}</NomPJ>\n{element('  ', 'NomPJOrigine', told)}"
        f"  <CategoriePJ>{category}</CategoriePJ>\n  <TypePJ>{COMPLEMENT}</TypePJ>\n"
        f"  <MimeTypePJ>{text(media_type)}</MimeTypePJ>\n</PJ>\n"
    )
