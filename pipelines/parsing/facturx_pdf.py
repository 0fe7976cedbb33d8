"""The invoice inside a Factur-X PDF: exactly one embedded XML, or a refusal that says why.

Only the catalogue, its tree of embedded files and its associated files are read; no page, form, script or font.
Sources: Factur-X 1.09 (one XML, known names); ISO 32000-2 paragraphs 7.9.6, 7.11 and 14.13.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import IO, NoReturn, cast

import pypdf
from pypdf.errors import DependencyError, LimitReachedError, PyPdfError
from pypdf.generic import DictionaryObject, IndirectObject, StreamObject

from data_contracts import limits
from data_contracts.refusals import DocumentUnreadable
from pipelines.parsing.attachment_content import Unreadable
from pipelines.parsing.pdf_bytes import MeteredBytes
from pipelines.parsing.pdf_files import PdfFile, files_of, inflated, packing_of
from pipelines.parsing.sent_attachments import Sent

# pypdf warns of every oddity of a partner's file, with its content; what matters is raised and answered.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

SIGNATURE = b"%PDF-"

KNOWN_NAMES = frozenset({"factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml"})
"""Names of an embedded invoice, in lower case: letters are compared without case."""

TAIL_BYTES_MAX = 2_048
"""Bytes at the end of a PDF in which its last place of cross-references is told, and the end marked."""

_TAIL = re.compile(rb"[\r\n][ \t]*+startxref\s++\d{1,10}\s*+%%EOF[\s\0]*+\Z")

_DAMAGED = (
    PyPdfError,
    DependencyError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What pypdf raises on damaged files: its own errors, and those of Python where it trusted a type."""


@dataclass(frozen=True)
class FacturxPdf:
    """A Factur-X PDF, as its last revision says.

    Shape    `xml` is the one invoice, `file_name` the name it goes by, `relationship` its AFRelationship, empty where
             none is given; `associated` says that /AF holds it too. `others` are the names of all other files.
    Nulls    `xmp` is None where the document has no XMP packet that can be read.
    """

    xml: bytes
    file_name: str
    relationship: str
    associated: bool
    others: tuple[str, ...]
    xmp: bytes | None


def facturx(data: bytes) -> FacturxPdf:
    """What a Factur-X PDF holds.

    Errors   DocumentUnreadable with IRR_VIDE_F (no bytes, or an empty XML), IRR_TYPE_F (not a PDF), IRR_TAILLE_F (the
             PDF or the inflated XML passes its limit) or IRR_SYNTAX (damaged, encrypted, no XML, or two of them).
    Cost     Bounded: PDF_READS_MAX reads of PDF_READ_BYTES_MAX bytes in all; PDF_STRUCTURE_BYTES_MAX inflated for each
             stream of the structure, PDF_ATTACHMENT_BYTES_MAX for the XML.
    Source   Two readers that take the first and the last of two attachments see two invoices; hence exactly one.
    """
    _check_bytes(data)
    stream = MeteredBytes(data)
    with _damage_refused(stream), pypdf.apply_configuration(**bounds(limits.PDF_ATTACHMENT_BYTES_MAX)):
        root = _root(stream)
        files = files_of(root)
        candidates = _candidates(files)
        if len(candidates) != 1:
            _refuse_number(len(candidates))
        file, embedded = candidates[0]
        packed, deflated = _packed(embedded)
        xmp = _metadata(root, stream)
    others = dict.fromkeys(one.names[0] if one.names else "" for one in files if not _bears_invoice(one))
    name = next(name for name in file.names if name.lower() in KNOWN_NAMES)
    return FacturxPdf(_xml(packed, deflated=deflated), name, file.relationship, file.associated, tuple(others), xmp)


def embedded_xml(data: bytes) -> bytes:
    """The bytes of the one invoice that a Factur-X PDF embeds. Errors and cost as of `facturx`."""
    return facturx(data).xml


def other_files(data: bytes) -> list[Sent]:
    """The files that a Factur-X PDF embeds beside its invoice, as attachments: for a PDF that `facturx` has read.

    Shape    each stream once, by the first place that names it.
    Errors   as of `facturx`; what is wrong with one file is said when its bytes are asked for.
    Cost     PDF_READS_MAX reads of PDF_BYTES_MAX bytes in all; the packed files are held meanwhile.
    """
    stream = MeteredBytes(data, limits.PDF_BYTES_MAX + limits.PDF_READ_BYTES_MAX)
    with _damage_refused(stream), pypdf.apply_configuration(**bounds(limits.PDF_BYTES_MAX)):
        sent: dict[object, Sent] = {}
        for file in files_of(_root(stream)):
            if _bears_invoice(file):
                continue
            for reference in file.references():
                found = reference.get_object()
                key = (reference.idnum, reference.generation) if isinstance(reference, IndirectObject) else id(found)
                if key not in sent:
                    packing = packing_of(found) if isinstance(found, StreamObject) else None
                    sent[key] = Sent(file.names, file.relationship, file.media_type(), partial(_file_bytes, packing))
        return list(sent.values())


def _file_bytes(packing: tuple[bytes, bool] | None) -> bytes:
    if packing is None:
        raise Unreadable("IRR_SYNTAX", "attachment-packed")
    packed, deflated = packing
    data = inflated(packed, limits.ATTACHMENT_BYTES_MAX) if deflated else packed
    if data is None:
        raise Unreadable("IRR_SYNTAX", "attachment-packed")
    return data


def _root(stream: MeteredBytes) -> DictionaryObject:
    reader = pypdf.PdfReader(cast(IO[bytes], stream), strict=True)
    if reader.is_encrypted:
        _refuse("IRR_SYNTAX", "parsing-pdf-encrypted")
    return reader.root_object


_INFLATED = limits.PDF_STRUCTURE_BYTES_MAX + 1


def bounds(stream_bytes: int) -> dict[str, object]:
    """What pypdf may spend, when the largest stream that is asked for has so many bytes."""
    return {
        "maximum_declared_stream_length": stream_bytes,
        "zlib_maximum_output_length": _INFLATED,
        "lzw_maximum_output_length": _INFLATED,
        "run_length_maximum_output_length": _INFLATED,
        "brotli_maximum_output_length": _INFLATED,
        "array_based_stream_maximum_output_length": _INFLATED,
        "stream_decoding_work_maximum_length": 2 * limits.PDF_ATTACHMENT_BYTES_MAX,
        # An invoice is never an image, so no outside program is called to decode one.
        "jbig2dec_binary": None,
    }


def _check_bytes(data: bytes) -> None:
    # `strip` would copy a hundred megabytes to cut one line feed.
    if not data or data.isspace():
        _refuse("IRR_VIDE_F", "parsing-empty")
    if len(data) > limits.PDF_BYTES_MAX:
        _refuse("IRR_TAILLE_F", "parsing-pdf-size", most=str(limits.PDF_BYTES_MAX))
    if not data.startswith(SIGNATURE):
        _refuse("IRR_TYPE_F", "parsing-no-pdf")
    if _TAIL.search(data, max(0, len(data) - TAIL_BYTES_MAX)) is None:
        # Another file may begin behind the end, and other readers may take it for the document.
        _refuse("IRR_SYNTAX", "parsing-pdf-cut")


@contextmanager
def _damage_refused(stream: MeteredBytes) -> Iterator[None]:
    try:
        yield
    except LimitReachedError as error:
        if stream.spent:
            _refuse_laborious(error)
        _refuse_large_xml(error)
    except _DAMAGED as error:
        if stream.spent:
            _refuse_laborious(error)
        _refuse("IRR_SYNTAX", "parsing-pdf-damaged", error, kind=type(error).__name__)


def _candidates(files: list[PdfFile]) -> list[tuple[PdfFile, StreamObject]]:
    """Distinct embedded streams that bear a known name in any place where a reader may look for one."""
    streams: dict[object, tuple[PdfFile, StreamObject]] = {}
    for file in files:
        if not _bears_invoice(file):
            continue
        for reference in file.references():
            stream = reference.get_object()
            if not isinstance(stream, StreamObject):
                raise PyPdfError("an embedded file is no stream")
            key = (reference.idnum, reference.generation) if isinstance(reference, IndirectObject) else id(stream)
            known = streams.get(key)
            # The same stream in both places: what its specification in the tree of names does not say, /AF may.
            streams[key] = (file if known is None else _joined(known[0], file), stream)
    return list(streams.values())


def _bears_invoice(file: PdfFile) -> bool:
    return any(name.lower() in KNOWN_NAMES for name in file.names)


def _joined(first: PdfFile, second: PdfFile) -> PdfFile:
    relationship = first.relationship or second.relationship
    return replace(first, relationship=relationship, associated=first.associated or second.associated)


def _packed(stream: StreamObject) -> tuple[bytes, bool]:
    packing = packing_of(stream)
    if packing is None:
        _refuse("IRR_SYNTAX", "parsing-pdf-packed")
    return packing


def _xml(packed: bytes, *, deflated: bool) -> bytes:
    xml = inflated(packed, limits.PDF_ATTACHMENT_BYTES_MAX) if deflated else packed
    if xml is None:
        _refuse_damaged_xml()
    if len(xml) > limits.PDF_ATTACHMENT_BYTES_MAX:
        _refuse_large_xml()
    if not xml.strip():
        _refuse("IRR_VIDE_F", "parsing-pdf-xml-empty")
    return xml


def _metadata(root: DictionaryObject, stream: MeteredBytes) -> bytes | None:
    """The XMP packet of the document, or None where none can be read: it says something of the invoice, and is none."""
    try:
        found = root.get("/Metadata")
        metadata = found.get_object() if found is not None else None
        packing = packing_of(metadata) if isinstance(metadata, StreamObject) else None
    except _DAMAGED:
        if stream.spent:
            raise
        return None
    if packing is None:
        return None
    packed, deflated = packing
    xmp = inflated(packed, limits.PDF_STRUCTURE_BYTES_MAX) if deflated else packed
    return xmp if xmp is not None and len(xmp) <= limits.PDF_STRUCTURE_BYTES_MAX else None


def _refuse_number(count: int) -> NoReturn:
    if count == 0:
        _refuse("IRR_SYNTAX", "parsing-pdf-no-invoice")
    _refuse("IRR_SYNTAX", "parsing-pdf-many", count=str(count))


def _refuse_large_xml(cause: Exception | None = None) -> NoReturn:
    _refuse("IRR_TAILLE_F", "parsing-pdf-inflated", cause, most=str(limits.PDF_ATTACHMENT_BYTES_MAX))


def _refuse_damaged_xml(cause: Exception | None = None) -> NoReturn:
    _refuse("IRR_SYNTAX", "parsing-pdf-xml-damaged", cause)


def _refuse_laborious(cause: Exception) -> NoReturn:
    _refuse(
        "IRR_TAILLE_F",
        "parsing-pdf-laborious",
        cause,
        reads=str(limits.PDF_READS_MAX),
        bytes=str(limits.PDF_READ_BYTES_MAX),
    )


def _refuse(motive: str, message_id: str, cause: Exception | None = None, **values: str) -> NoReturn:
    raise DocumentUnreadable.saying(motive, message_id, where="PDF", **values) from cause
