"""What a file is by its first bytes, and what its extension promises. Sources: G4.03; the formats' magic numbers."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

HEAD_BYTES = 4_096
"""Bytes of the beginning that are looked at."""

PDF_SIGNATURE_BYTES = 1_024
"""Readers of PDF take the signature within so many bytes of the beginning. ISO 32000-1, annex H."""

PDF, PNG, GIF, JPEG, BMP, TIFF, ZIP, GZIP, BZIP2, OLE, RTF, XML, HTML, TEXT, DER, PROGRAM, UNKNOWN = (
    "PDF", "PNG", "GIF", "JPEG", "BMP", "TIFF", "ZIP", "GZIP", "BZIP2", "OLE", "RTF", "XML", "HTML", "text", "DER",
    "program", "",
)  # fmt: skip
"""Families of formats that first bytes tell apart."""

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\x1f\x8b", GZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"{\\rtf", RTF),
    (b"\x7fELF", PROGRAM),
    (b"\xcf\xfa\xed\xfe", PROGRAM),
    (b"\xca\xfe\xba\xbe", PROGRAM),
)
_WORDS = (
    (re.compile(rb"BM.{4}\0{4}", re.DOTALL), BMP),
    (re.compile(rb"BZh[1-9]1AY&SY"), BZIP2),
    (re.compile(rb"MZ.{0,62}\0", re.DOTALL), PROGRAM),
)
"""Signatures that a text may begin with too, with what no text has after them."""
_ASN1_SEQUENCE = b"\x30"
_BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_TEXT_CONTROLS = frozenset(b"\t\n\v\f\r\x1b")
_MEDIA_TYPES = {
    PDF: "application/pdf", PNG: "image/png", GIF: "image/gif", JPEG: "image/jpeg", BMP: "image/bmp",
    TIFF: "image/tiff", ZIP: "application/zip", GZIP: "application/gzip", BZIP2: "application/x-bzip2",
    OLE: "application/x-ole-storage", RTF: "application/rtf", XML: "application/xml", HTML: "text/html",
    TEXT: "text/plain", DER: "application/pkcs7-signature", PROGRAM: "application/x-msdownload", UNKNOWN: "",
}  # fmt: skip


class Promise(NamedTuple):
    """What an extension promises: a media type, and the families that a file of that name may be of."""

    media_type: str
    families: frozenset[str]


def _promise(media_type: str, *families: str) -> Promise:
    return Promise(media_type, frozenset(families))


_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
_EXCEL = _promise("application/vnd.ms-excel", OLE, XML, HTML, TEXT)

PROMISES: dict[str, Promise] = {
    "BMP": _promise("image/bmp", BMP),
    "GIF": _promise("image/gif", GIF),
    "FAX": _promise("image/g3fax", TIFF, UNKNOWN),
    "ODT": _promise(f"{_ODF}.text", ZIP),
    "PPT": _promise("application/vnd.ms-powerpoint", OLE),
    "TIFF": _promise("image/tiff", TIFF),
    "XLS": _EXCEL,
    "BZ2": _promise("application/x-bzip2", BZIP2),
    "GZ": _promise("application/gzip", GZIP),
    "JPEG": _promise("image/jpeg", JPEG),
    "P7S": _promise("application/pkcs7-signature", DER, TEXT),
    "RTF": _promise("application/rtf", RTF),
    "TXT": _promise("text/plain", TEXT, XML, HTML),
    "XML": _promise("application/xml", XML),
    "CSV": _promise("text/csv", TEXT),
    "GZIP": _promise("application/gzip", GZIP),
    "JPG": _promise("image/jpeg", JPEG),
    "PDF": _promise("application/pdf", PDF),
    "SVG": _promise("image/svg+xml", XML),
    "XHTML": _promise("application/xhtml+xml", XML, HTML),
    "XLSX": _promise(f"{_OOXML}.spreadsheetml.sheet", ZIP, OLE),
    "DOC": _promise("application/msword", OLE, RTF, XML, HTML),
    "HTM": _promise("text/html", HTML, XML),
    "ODP": _promise(f"{_ODF}.presentation", ZIP),
    "PNG": _promise("image/png", PNG),
    "TGZ": _promise("application/gzip", GZIP),
    "XLC": _EXCEL,
    "ZIP": _promise("application/zip", ZIP),
    "DOCX": _promise(f"{_OOXML}.wordprocessingml.document", ZIP, OLE),
    "HTML": _promise("text/html", HTML, XML),
    "ODS": _promise(f"{_ODF}.spreadsheet", ZIP),
    "PPS": _promise("application/vnd.ms-powerpoint", OLE),
    "TIF": _promise("image/tiff", TIFF),
    "XLM": _EXCEL,
    "PPTX": _promise(f"{_OOXML}.presentationml.presentation", ZIP, OLE),
}
"""By extension, in capitals: each of `data_contracts.attachments.EXTENSIONS`. What office programs are known to write
under an extension is allowed too: old Excel files are tables of HTML, protected new ones are OLE."""

EXTENSION_OF = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "text/csv": "csv",
    f"{_OOXML}.spreadsheetml.sheet": "xlsx",
    f"{_ODF}.spreadsheet": "ods",
    "application/xml": "xml",
    "text/xml": "xml",
}
"""The extension of a declared media type, for names that are given without one: the types of EN 16931, and XML."""


def family_of(head: bytes) -> str:
    """The family of a file that begins so. Shape   `head` holds the first HEAD_BYTES, or all of a shorter file."""
    for signature, family in _SIGNATURES:
        if head.startswith(signature):
            return family
    for pattern, family in _WORDS:
        if pattern.match(head):
            return family
    if b"%PDF-" in head[:PDF_SIGNATURE_BYTES]:
        return PDF
    text = _text(head)
    if text is None:
        return DER if head[:1] == _ASN1_SEQUENCE else UNKNOWN
    begin = text.lstrip("\ufeff \t\r\n")[:64].lower()
    if begin.startswith(("<!doctype html", "<html")):
        return HTML
    return XML if begin.startswith("<") else TEXT


def media_type_of(family: str, extension: str) -> str:
    """The media type of a file: what its extension promises where the content agrees, else what the content says."""
    promise = PROMISES.get(extension)
    return promise.media_type if promise is not None and family in promise.families else _MEDIA_TYPES[family]


def _text(head: bytes) -> str | None:
    """The beginning as a text; None when it holds what no text does."""
    if head.startswith(_BYTE_ORDER_MARKS):
        return head[: len(head) // 2 * 2].decode("utf-16", errors="replace")
    if not head or any(byte < 0x20 and byte not in _TEXT_CONTROLS for byte in set(head)):
        return None
    return head.decode("utf-8", errors="replace")
