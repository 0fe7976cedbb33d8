"""Hostile Factur-X PDFs: without an invoice or with two, locked, damaged, swelling."""

from __future__ import annotations

import io
import zlib

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from data_contracts import limits
from data_contracts.interfaces import Syntax
from data_contracts.refusals import DocumentUnreadable
from pipelines.parsing.facturx_pdf import embedded_xml
from tests.hostile.document_refusals import CII, UBL, document, told
from tests.unit.reading import read


def pdf(*files: tuple[str, bytes], associated: bool = False) -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(72, 72)
    for name, content in files:
        writer.add_attachment(name, content)
    if associated:
        names = writer.root_object["/Names"]["/EmbeddedFiles"]["/Names"]
        writer.root_object[NameObject("/AF")] = ArrayObject([names[1].indirect_reference])
    return written(writer)


def written(writer: pypdf.PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pdf_refusal(data: bytes) -> DocumentUnreadable:
    with pytest.raises(DocumentUnreadable) as refused:
        embedded_xml(data)
    return told(refused.value)


@pytest.mark.parametrize(
    "name", ["factur-x.xml", "FACTUR-X.xml", "Factur-X.XML", "zugferd-invoice.xml", "xrechnung.xml"]
)
@pytest.mark.parametrize("associated", [False, True])
def test_the_one_invoice_of_a_pdf_is_read(name: str, associated: bool) -> None:
    data = pdf((name, CII), ("terms.pdf", b"%PDF-"), associated=associated)
    assert embedded_xml(data) == CII
    assert [one.xml for one in read([document(data)], Syntax.FACTURX).openings] == [CII]


@pytest.mark.parametrize(
    "files",
    [
        [("factur-x.xml", CII), ("factur-x.xml", CII + b" ")],
        [("factur-x.xml", CII), ("factur-x.xml", CII)],
        [("factur-x.xml", CII), ("FACTUR-X.XML", CII + b" ")],
        [("factur-x.xml", CII), ("zugferd-invoice.xml", CII)],
    ],
)
def test_two_invoices_in_one_pdf_are_refused(files: list[tuple[str, bytes]]) -> None:
    refused = pdf_refusal(pdf(*files))
    assert refused.motive == "IRR_SYNTAX"
    assert "2 invoices" in refused.what


def test_an_invoice_only_associated_is_one_and_counts_beside_a_named_one() -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(72, 72)
    stream = DecodedStreamObject()
    stream.set_data(CII)
    specification = DictionaryObject(
        {
            NameObject("/UF"): TextStringObject("factur-x.xml"),
            NameObject("/EF"): DictionaryObject({NameObject("/F"): writer._add_object(stream)}),
        }
    )
    writer.root_object[NameObject("/AF")] = ArrayObject([writer._add_object(specification)])
    assert embedded_xml(written(writer)) == CII
    writer.add_attachment("factur-x.xml", CII.replace(b"/>", b" />"))
    assert "2 invoices" in pdf_refusal(written(writer)).what


def test_a_file_with_two_faces_is_two_invoices() -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(72, 72)
    writer.add_attachment("factur-x.xml", CII)
    other = DecodedStreamObject()
    other.set_data(CII + b" ")
    embedded = writer.root_object["/Names"]["/EmbeddedFiles"]["/Names"][1].get_object()["/EF"]
    embedded[NameObject("/UF")] = writer._add_object(other)
    assert "2 invoices" in pdf_refusal(written(writer)).what


@pytest.mark.parametrize("files", [[], [("invoice.xml", CII)], [("../factur-x.xml", CII)], [("factur-x.xml ", CII)]])
def test_a_pdf_without_an_invoice_is_refused(files: list[tuple[str, bytes]]) -> None:
    assert "no invoice" in pdf_refusal(pdf(*files)).what


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
@pytest.mark.parametrize("password", ["", "secret"])
def test_an_encrypted_pdf_is_refused(algorithm: str, password: str) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(("factur-x.xml", CII))))
    writer.encrypt(password, "owner", algorithm=algorithm)
    refused = pdf_refusal(written(writer))
    assert refused.motive == "IRR_SYNTAX"
    assert "encrypted" in refused.what


def bomb(size: int) -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(72, 72)
    writer.add_attachment("factur-x.xml", b"")
    stream = StreamObject()
    stream._data = zlib.compress(b" " * size, 9)
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    stream[NameObject("/Length")] = NumberObject(len(stream._data))
    embedded = writer.root_object["/Names"]["/EmbeddedFiles"]["/Names"][1].get_object()["/EF"]
    embedded[NameObject("/F")] = writer._add_object(stream)
    return written(writer)


def test_a_bomb_in_a_pdf_is_inflated_to_the_limit_and_no_further() -> None:
    assert pdf_refusal(bomb(5 * limits.PDF_ATTACHMENT_BYTES_MAX)).motive == "IRR_TAILLE_F"


def test_sizes_of_a_pdf_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pdf(("factur-x.xml", CII))
    monkeypatch.setattr(limits, "PDF_ATTACHMENT_BYTES_MAX", len(CII) - 1)
    assert pdf_refusal(data).motive == "IRR_TAILLE_F"
    monkeypatch.setattr(limits, "PDF_BYTES_MAX", len(data) - 1)
    assert pdf_refusal(data).motive == "IRR_TAILLE_F"


def test_the_xml_in_a_pdf_goes_through_the_same_gate() -> None:
    for content, motive in ((b"<!DOCTYPE z><z/>", "IRR_SYNTAX"), (UBL, "IRR_TYPE_F"), (b" ", "IRR_VIDE_F")):
        with pytest.raises(DocumentUnreadable) as refused:
            read([document(pdf(("factur-x.xml", content)))], Syntax.FACTURX)
        assert told(refused.value).motive == motive
        assert "PDF" in refused.value.what and "PDF" in refused.value.what_fr


def test_a_name_tree_that_bites_its_tail_is_refused() -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(72, 72)
    node = DictionaryObject()
    reference = writer._add_object(node)
    node[NameObject("/Kids")] = ArrayObject([reference, reference])
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/EmbeddedFiles"): reference})
    assert pdf_refusal(written(writer)).motive == "IRR_SYNTAX"


@pytest.mark.parametrize(
    "data", [b"%PDF-", b"%PDF-1.7\n%%EOF", b"%PDF-1.7\nstartxref\n99\n%%EOF", b"%PDF-1.7" + b"\0" * 99]
)
def test_a_pdf_without_a_body_is_refused(data: bytes) -> None:
    assert pdf_refusal(data).motive == "IRR_SYNTAX"


@pytest.mark.parametrize("data", [b"", b" "])
def test_an_empty_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentUnreadable) as refused:
        read([document(data)], Syntax.FACTURX)
    assert told(refused.value).motive == "IRR_VIDE_F"


def test_a_pdf_hidden_behind_other_bytes_is_no_pdf() -> None:
    with pytest.raises(DocumentUnreadable) as refused:
        read([document(b"PK\x03\x04" + pdf(("factur-x.xml", CII)))], Syntax.FACTURX)
    assert told(refused.value).motive == "IRR_TYPE_F"


WHOLE_PDF = pdf(("factur-x.xml", CII), associated=True)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_pdf_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    whole = bytearray(WHOLE_PDF)
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(5, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=4))
    try:
        assert isinstance(embedded_xml(bytes(whole)), bytes)
    except DocumentUnreadable as refused:
        told(refused)
