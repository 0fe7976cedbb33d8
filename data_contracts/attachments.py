"""Attachments: the files that travel inside an invoice, as every syntax gives them.

Sources: DSE-CP p. 50 to 54 (names, sizes), G4.03 (extensions), CPPFacturePivot V2_02 (TypePJ).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class AttachmentKind(StrEnum):
    """TypePJ of CPPFacturePivot: the invoice as people read it, or a piece beside it."""

    INVOICE = "01"
    COMPLEMENT = "02"


@dataclass(frozen=True)
class Attachment:
    """One attachment that could be read.

    Shape    `name` is fit to be passed on: at most 50 characters with its extension, no forbidden character;
             `name_as_sent` is as written in the invoice. `kind_as_sent` is the sender's own word for the kind: "01",
             "LISIBLE", "ZZZ", an AFRelationship.
    Units    `size_bytes` counts the bytes of the file itself, taken out of the zip that E2 flows put around it.
    Nulls    `declared_media_type` is empty when the sender declares none, `media_type` (told by the content) when the
             content tells none.
    """

    name: str
    name_as_sent: str
    kind: AttachmentKind
    kind_as_sent: str
    declared_media_type: str
    media_type: str
    size_bytes: int
    read: Callable[[], bytes] = field(compare=False, repr=False)
    """The bytes of the file. Cost: decoded and unzipped anew each time, so that many attachments take no memory."""


EXTENSIONS = frozenset({
    "BMP", "GIF", "FAX", "ODT", "PPT", "TIFF", "XLS", "BZ2", "GZ", "JPEG", "P7S", "RTF", "TXT", "XML", "CSV", "GZIP",
    "JPG", "PDF", "SVG", "XHTML", "XLSX", "DOC", "HTM", "ODP", "PNG", "TGZ", "XLC", "ZIP", "DOCX", "HTML", "ODS",
    "PPS", "TIF", "XLM", "PPTX",
})  # fmt: skip
"""Extensions that an attachment may have, in capitals. G4.03."""
