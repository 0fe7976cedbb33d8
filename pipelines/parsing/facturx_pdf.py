"""The invoice inside a Factur-X PDF: exactly one embedded XML, or a refusal that says why.

Only the catalogue, its tree of embedded files and its associated files are read; no page, form, script or font.
Sources: Factur-X 1.09 (one XML, known names); ISO 32000-2 paragraphs 7.9.6, 7.11 and 14.13.
"""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, NoReturn, cast

import pypdf
from pypdf.errors import DependencyError, LimitReachedError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject, StreamObject

from data_contracts import limits
from data_contracts.errors import DocumentUnreadable
from pipelines.parsing.pdf_bytes import MeteredBytes

# pypdf warns of every oddity of a partner's file, with its content; what matters is raised and answered.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

SIGNATURE = b"%PDF-"

KNOWN_NAMES = frozenset({"factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml"})
"""Names of an embedded invoice, in lower case: letters are compared without case."""

NAME_TREE_NODES_MAX = 1_000
"""Nodes of the tree of embedded files; a real one has one node."""

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


def embedded_xml(data: bytes) -> bytes:
    """The bytes of the one invoice that a Factur-X PDF embeds, as its last revision says.

    Errors   DocumentUnreadable with IRR_VIDE_F (no bytes, or an empty XML), IRR_TYPE_F (not a PDF), IRR_TAILLE_F (the
             PDF or the inflated XML passes its limit) or IRR_SYNTAX (damaged, encrypted, no XML, or two of them).
    Cost     Bounded: PDF_READS_MAX reads of PDF_READ_BYTES_MAX bytes in all; PDF_STRUCTURE_BYTES_MAX inflated for each
             stream of the structure, PDF_ATTACHMENT_BYTES_MAX for the XML.
    Source   Two readers that take the first and the last of two attachments see two invoices; hence exactly one.
    """
    _check_bytes(data)
    stream = MeteredBytes(data)
    with _damage_refused(stream), pypdf.apply_configuration(**_BOUNDS):
        candidates = _candidates(_root(stream))
        if len(candidates) != 1:
            _refuse_number(len(candidates))
        packed, deflated = _packed(candidates[0])
    xml = _inflated(packed) if deflated else packed
    if len(xml) > limits.PDF_ATTACHMENT_BYTES_MAX:
        _refuse_large_xml()
    if not xml.strip():
        _refuse("IRR_VIDE_F", "the XML in the PDF is empty", "le XML contenu dans le PDF est vide")
    return xml


def _root(stream: MeteredBytes) -> DictionaryObject:
    reader = pypdf.PdfReader(cast(IO[bytes], stream), strict=True)
    if reader.is_encrypted:
        _refuse("IRR_SYNTAX", "the PDF is encrypted", "le PDF est chiffré", "send it without encryption")
    return reader.root_object


_INFLATED = limits.PDF_STRUCTURE_BYTES_MAX + 1
_BOUNDS: dict[str, object] = {
    "maximum_declared_stream_length": limits.PDF_ATTACHMENT_BYTES_MAX,
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
        _refuse("IRR_VIDE_F", "the document is empty", "le document est vide")
    if len(data) > limits.PDF_BYTES_MAX:
        most = limits.PDF_BYTES_MAX
        _refuse("IRR_TAILLE_F", f"the PDF has more than {most} bytes", f"le PDF compte plus de {most} octets")
    if not data.startswith(SIGNATURE):
        _refuse("IRR_TYPE_F", "the document is not a PDF", "le document n'est pas un PDF")
    if _TAIL.search(data, max(0, len(data) - TAIL_BYTES_MAX)) is None:
        # Another file may begin behind the end, and other readers may take it for the document.
        what, what_fr = "the PDF is cut, or bytes follow its end", "le PDF est coupé, ou des octets suivent sa fin"
        _refuse("IRR_SYNTAX", what, what_fr, "write the PDF again with a Factur-X tool")


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
        _refuse(
            "IRR_SYNTAX",
            f"the PDF is damaged or of a kind that cannot be read ({type(error).__name__})",
            f"le PDF est abîmé ou d'une sorte qui ne peut être lue ({type(error).__name__})",
            "write the PDF again with a Factur-X tool",
            error,
        )


def _candidates(root: DictionaryObject) -> list[StreamObject]:
    """Distinct embedded streams that bear a known name in any place where a reader may look for one."""
    streams: dict[object, StreamObject] = {}
    for name, specification in (*_named_files(root), *_associated_files(root)):
        names = {name, _text(specification.get("/UF")), _text(specification.get("/F"))}
        if not any(each.lower() in KNOWN_NAMES for each in names):
            continue
        for reference in _embedded(specification):
            stream = reference.get_object()
            if not isinstance(stream, StreamObject):
                raise PyPdfError("an embedded file is no stream")
            key = (reference.idnum, reference.generation) if isinstance(reference, IndirectObject) else id(stream)
            streams[key] = stream
    return list(streams.values())


def _packed(stream: StreamObject) -> tuple[bytes, bool]:
    """The bytes of an embedded file as they lie there, and whether they are deflated.

    Other filters cost a hundred times as much to take off, and no Factur-X tool uses them.
    """
    filters = _names(stream.get("/Filter"))
    parameters = stream.get("/DecodeParms")
    each = parameters if isinstance(parameters, ArrayObject) else [parameters]
    predicted = any(_dictionary(one).get("/Predictor", 1) != 1 for one in each)
    if filters not in ([], ["/FlateDecode"]) or predicted:
        _refuse(
            "IRR_SYNTAX",
            "the XML in the PDF is packed otherwise than by FlateDecode alone",
            "le XML contenu dans le PDF est compressé autrement que par FlateDecode seul",
            "embed the XML as it is, or packed by FlateDecode",
        )
    data = stream._data
    assert isinstance(data, bytes)
    return data, bool(filters)


def _inflated(packed: bytes) -> bytes:
    """The unpacked bytes, whole and with the right checksum. pypdf would give the part that can still be unpacked."""
    inflater = zlib.decompressobj()
    try:
        xml = inflater.decompress(packed, limits.PDF_ATTACHMENT_BYTES_MAX + 1)
    except zlib.error as error:
        _refuse_damaged_xml(error)
    if len(xml) > limits.PDF_ATTACHMENT_BYTES_MAX:
        _refuse_large_xml()
    if not inflater.eof or inflater.unused_data.strip():
        _refuse_damaged_xml()
    return xml


def _names(found: PdfObject | None) -> list[str]:
    value = found.get_object() if found is not None else None
    return [_text(one) for one in value] if isinstance(value, ArrayObject) else [_text(value)] if value else []


def _embedded(specification: DictionaryObject) -> list[PdfObject]:
    embedded = specification["/EF"]
    if not isinstance(embedded, DictionaryObject):
        raise PyPdfError("/EF is no dictionary")
    return [embedded.raw_get(key) for key in ("/UF", "/F") if key in embedded]


def _named_files(root: DictionaryObject) -> Iterator[tuple[str, DictionaryObject]]:
    names = _dictionary(root.get("/Names"))
    waiting = [_dictionary(names.get("/EmbeddedFiles"))]
    node_count = 1
    while waiting:
        node = waiting.pop()
        pairs = _array(node.get("/Names"))
        for index in range(0, len(pairs) - 1, 2):
            yield _text(pairs[index]), _dictionary(pairs[index + 1])
        kids = _array(node.get("/Kids"))
        node_count += len(kids)
        if node_count > NAME_TREE_NODES_MAX:
            raise PyPdfError("the tree of embedded files does not end")
        waiting.extend(_dictionary(kid) for kid in kids)


def _associated_files(root: DictionaryObject) -> Iterator[tuple[str, DictionaryObject]]:
    for specification in _array(root.get("/AF")):
        yield "", _dictionary(specification)


def _dictionary(found: PdfObject | None) -> DictionaryObject:
    value = found.get_object() if found is not None else None
    return value if isinstance(value, DictionaryObject) else DictionaryObject()


def _array(found: PdfObject | None) -> ArrayObject:
    value = found.get_object() if found is not None else None
    return value if isinstance(value, ArrayObject) else ArrayObject()


def _text(found: PdfObject | None) -> str:
    value = found.get_object() if found is not None else None
    return value if isinstance(value, str) else ""


def _refuse_number(count: int) -> NoReturn:
    if count == 0:
        _refuse(
            "IRR_SYNTAX",
            "the PDF embeds no invoice",
            "le PDF ne contient pas de facture",
            "embed the invoice as factur-x.xml",
        )
    _refuse(
        "IRR_SYNTAX",
        f"the PDF embeds {count} invoices, and only one may be there",
        f"le PDF contient {count} factures, alors qu'une seule peut s'y trouver",
        "embed one factur-x.xml",
    )


def _refuse_large_xml(cause: Exception | None = None) -> NoReturn:
    most = limits.PDF_ATTACHMENT_BYTES_MAX
    _refuse(
        "IRR_TAILLE_F",
        f"the content of the PDF passes a limit once inflated ({most} bytes for the XML)",
        f"le contenu du PDF dépasse une limite une fois décompressé ({most} octets pour le XML)",
        cause=cause,
    )


def _refuse_damaged_xml(cause: Exception | None = None) -> NoReturn:
    _refuse(
        "IRR_SYNTAX",
        "the compressed XML in the PDF is damaged",
        "le XML compressé contenu dans le PDF est endommagé",
        "write the PDF again with a Factur-X tool",
        cause,
    )


def _refuse_laborious(cause: Exception) -> NoReturn:
    read_bytes = limits.PDF_READ_BYTES_MAX
    _refuse(
        "IRR_TAILLE_F",
        f"the structure of the PDF takes more than {limits.PDF_READS_MAX} reads or {read_bytes} bytes to follow",
        f"la structure du PDF demande plus de {limits.PDF_READS_MAX} lectures ou {read_bytes} octets pour être suivie",
        "write the PDF again with a Factur-X tool",
        cause,
    )


def _refuse(motive: str, what: str, what_fr: str, remedy: str = "", cause: Exception | None = None) -> NoReturn:
    raise DocumentUnreadable(motive, what, what_fr=what_fr, where="PDF", remedy=remedy) from cause
