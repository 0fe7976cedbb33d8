"""Attachments: found in every syntax, taken out of zip and base64, named and judged as the facts of Chorus Pro say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.attachments import EXTENSIONS, AttachmentKind
from data_contracts.interfaces import Syntax
from data_contracts.motives import MOTIVES
from pipelines.parsing.attachment_content import Unreadable, decoded, proved, unpacked
from pipelines.parsing.attachment_names import chosen, extension_of, forbidden_in, kept
from pipelines.parsing.attachments import attachments_of
from pipelines.parsing.media_types import PROMISES, family_of, media_type_of
from tests.hostile.pdfs import catalog, pdf_of, stream
from tests.unit.mixed_documents import CODES, PDF, base64_of, fatal, looked_at, plain, told_of, with_attachment, zip_of

NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), min_size=1, max_size=90
)


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_right_document_has_one_readable_attachment_and_no_finding(code: str) -> None:
    document = plain(CODES[code]).encode()
    found = looked_at(code, document)
    assert (found.verdicts[0]["verdict"], found.verdicts[0]["xsd_valid"], found.findings) == ("valid", True, [[]])
    (attachment,) = attachments_of(document, CODES[code])
    assert attachment.name == attachment.name_as_sent == "FACBAT-2026-0000001.pdf"
    assert (attachment.kind, attachment.media_type) == (AttachmentKind.INVOICE, "application/pdf")
    assert attachment.read().startswith(b"%PDF-") and len(attachment.read()) == attachment.size_bytes
    row = found.invoices.to_pylist()[0]
    assert (row["frame"], row["number"], row["currency"]) == ("A1", "BAT-2026-0000001", "EUR")
    assert (row["seller_id_type"], row["buyer_siret"] is not None, row["seller_country"]) == ("1", True, "FR")


@pytest.mark.parametrize("code", sorted(CODES))
@pytest.mark.parametrize(
    ("name", "content", "rules"),
    [
        ("facture.pdf", PDF, []),  # not zipped at all
        ("facture.pdf", zip_of(("other.pdf", PDF)), []),  # the inner name need not match
        ("facture.PDF", zip_of(("x.pdf", PDF)), []),
        ("pieces.zip", zip_of(("a.pdf", PDF), ("b.pdf", PDF)), []),
        ("pieces.zip", zip_of(("pieces.zip", zip_of(("a.pdf", PDF)))), []),
        ("etat.docx", zip_of(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>")), []),
        ("etat.docx", zip_of(("etat.docx", zip_of(("[Content_Types].xml", b"<T/>"), ("a", b"b")))), []),
        ("liste.csv", b"a;b\n1;2\n", []),
        ("facture.exe", PDF, ["IRR_EXT_DOC"]),
        ("facture", PDF, ["IRR_EXT_DOC"]),
        ("facture.pdf", b"MZ" + bytes(70), ["IRR_EXT_DOC"]),
        ("facture.pdf", zip_of(("a.pdf", PDF), ("b.pdf", PDF)), ["IRR_EXT_DOC"]),
        ("facture.pdf", zip_of(("a.pdf", b"plain text")), ["IRR_EXT_DOC"]),
        ("facture.pdf", b"", ["IRR_VID_PJ"]),
        ("facture.pdf", zip_of(("a.pdf", b"")), ["IRR_VID_PJ"]),
        ("facture.pdf", zip_of(), ["IRR_VID_PJ"]),
        ("facture.pdf", zip_of(("a.pdf", PDF))[:40], ["IRR_SYNTAX"]),
        ("a/b.pdf", PDF, ["IRR_NOM_PJ"]),
        ("fact\u202efdp.pdf", PDF, ["IRR_NOM_PJ"]),
        ("", PDF, ["IRR_NOM_PJ"]),
    ],
)  # fmt: skip
def test_each_attachment_is_judged_by_name_and_content(code: str, name: str, content: bytes, rules: list[str]) -> None:
    findings = told_of(code, with_attachment(CODES[code], name, base64_of(content)))
    assert fatal(findings) == rules
    for row in findings:
        if row["flag"] == "fatal":
            assert row["rule"] in MOTIVES and row["rule_set"] == "relais.attachments:1"
            assert row["line"] and row["location"] and row["message_fr"] != row["message_en"]


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_long_name_goes_on_cut_and_nothing_is_refused(code: str) -> None:
    name = "annexe-" + "x" * 60 + ".pdf"
    document = with_attachment(CODES[code], name, base64_of(zip_of(("a.pdf", PDF))))
    findings = told_of(code, document)
    assert fatal(findings) == []
    assert [row["rule"] for row in findings] == ["RLS-PJ-01"]
    (attachment,) = attachments_of(document, CODES[code])
    assert attachment.name_as_sent == name
    assert len(attachment.name) == 50 and attachment.name.endswith("x.pdf")
    assert attachment.read() == PDF


def test_base64_that_is_none_is_told_at_its_place() -> None:
    findings = told_of("FSO1113A", with_attachment(Syntax.CPP_MIXED, "facture.pdf", "UEsD*"))
    (row,) = findings
    assert (row["rule"], row["location"]) == (
        "IRR_SYNTAX", "/CPPFactureMixte/CPPFactures/CPPFactureMixteUnitaire/PJ/Contenu",
    )  # fmt: skip


def test_a_mixed_document_without_attachment_is_worth_a_warning() -> None:
    document = plain(Syntax.CII)
    start, end = "<ram:AdditionalReferencedDocument>", "</ram:AdditionalReferencedDocument>"
    bare = document[: document.index(start)] + document[document.index(end) + len(end) :]
    assert [(row["rule"], row["flag"]) for row in told_of("FSO1116A", bare.encode())] == [("RLS-PJ-03", "warning")]


def test_a_declared_type_that_the_content_denies_is_a_warning() -> None:
    document = with_attachment(Syntax.CII, "plan.png", base64_of(b"\x89PNG\r\n\x1a\n...."))
    (row,) = told_of("FSO1116A", document)
    assert (row["rule"], row["flag"], row["expected"]) == ("RLS-PJ-02", "warning", "image/png")


def test_several_attachments_come_in_document_order() -> None:
    document = plain(Syntax.UBL)
    start, end = "  <cac:AdditionalDocumentReference>", "</cac:AdditionalDocumentReference>\n"
    block = document[document.index(start) : document.index(end) + len(end)]
    second = block.replace("0000001.pdf", "0000001-annexe.pdf").replace(">01<", ">02<")
    found = attachments_of(document.replace(block, block + second).encode(), Syntax.UBL)
    assert [(one.name, one.kind.value) for one in found] == [
        ("FACBAT-2026-0000001.pdf", "01"), ("FACBAT-2026-0000001-annexe.pdf", "02"),
    ]  # fmt: skip


def test_a_file_that_a_pdf_embeds_and_its_xml_repeats_comes_once() -> None:
    def attached(content: bytes) -> bytes:
        reference = (
            "<ram:AdditionalReferencedDocument><ram:IssuerAssignedID>BDC</ram:IssuerAssignedID>"
            f'<ram:AttachmentBinaryObject mimeCode="text/csv" filename="a.csv">{base64_of(content)}'
            "</ram:AttachmentBinaryObject></ram:AdditionalReferencedDocument>"
        )
        xml = plain(Syntax.CII)
        start, end = "<ram:AdditionalReferencedDocument>", "</ram:AdditionalReferencedDocument>"
        whole = xml[: xml.index(start)] + reference + xml[xml.index(end) + len(end) :]
        return pdf_of(
            [
                catalog(b"/Names<</EmbeddedFiles<</Names[(a.csv)4 0 R(factur-x.xml)2 0 R]>>>>"),
                (2, b"<</Type/Filespec/UF(factur-x.xml)/EF<</F 3 0 R>>>>"),
                (3, stream(b"/Type/EmbeddedFile", whole.encode())),
                (4, b"<</Type/Filespec/UF(a.csv)/EF<</F 5 0 R>>>>"),
                (5, stream(b"/Type/EmbeddedFile/Subtype/text#2Fcsv", b"a;b")),
            ]
        )

    assert [(one.name, one.read()) for one in attachments_of(attached(b"a;b"), Syntax.FACTURX)] == [("a.csv", b"a;b")]
    assert [one.read() for one in attachments_of(attached(b"c;d"), Syntax.FACTURX)] == [b"a;b", b"c;d"]


@given(NAMES)
def test_a_kept_name_has_at_most_50_characters_and_its_extension(name: str) -> None:
    short = kept(name, "")
    assert len(short) <= 50
    assert short == name or len(short) == 50
    assert extension_of(short) == extension_of(name) or not extension_of(name)
    assert kept(short, "") == short


@given(NAMES)
def test_a_name_with_nothing_forbidden_holds_no_path(name: str) -> None:
    if not forbidden_in(name):
        assert not set(name) & set('/\\:*?"<>|\0')


def test_names_are_chosen_by_extension_and_completed_by_type() -> None:
    assert chosen(("", "REF-1")) == "REF-1"
    assert chosen(("REF 1", "a.pdf")) == "a.pdf"
    assert chosen(("", "")) == ""
    assert kept("REF-1", "application/pdf") == "REF-1.pdf"
    assert kept("REF-1", "application/octet-stream") == "REF-1"
    assert [extension_of(name) for name in (".pdf", "a.", "a.tar.gz", "Art. 12 du contrat")] == ["", "", "GZ", ""]


def test_every_extension_of_g4_03_has_a_promise() -> None:
    assert set(PROMISES) == EXTENSIONS
    assert len(EXTENSIONS) == 35
    assert all(promise.media_type and promise.families for promise in PROMISES.values())


@pytest.mark.parametrize(
    ("head", "family"),
    [
        (b"%PDF-1.7", "PDF"), (b"\n\n%PDF-1.7", "PDF"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"GIF89a", "GIF"),
        (b"\xff\xd8\xff\xe0", "JPEG"), (b"BM\x36\x00\x00\x00\x00\x00\x00\x00", "BMP"), (b"BMW, facture", "text"),
        (b"II*\0", "TIFF"), (b"PK\x03\x04", "ZIP"), (b"\x1f\x8b\x08", "GZIP"), (b"BZh91AY&SY", "BZIP2"),
        (b"BZhola", "text"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE"), (b"{\\rtf1", "RTF"),
        (b"<?xml version='1.0'?>", "XML"), (b"\xef\xbb\xbf<svg/>", "XML"), (b"<!DOCTYPE html>", "HTML"),
        ("\ufeffa;b".encode("utf-16-le"), "text"), (b"\x30\x82\x01\x00", "DER"), (b"\x7fELF\x02", "program"),
        (b"MZ\x90\x00\x03", "program"), (b"MZ is a text", "text"), (b"\x00\x01\x02", ""), (b"", ""),
    ],
)  # fmt: skip
def test_a_family_is_told_by_the_first_bytes(head: bytes, family: str) -> None:
    assert family_of(head) == family


def test_a_media_type_is_the_promised_one_where_the_content_agrees() -> None:
    assert media_type_of("ZIP", "ODS") == "application/vnd.oasis.opendocument.spreadsheet"
    assert media_type_of("ZIP", "PDF") == "application/zip"
    assert media_type_of("", "PDF") == ""


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["a.pdf", "a.zip", "a.docx", "a.csv", "a"]))
def test_any_bytes_are_proved_or_refused_and_read_alike(content: bytes, name: str) -> None:
    try:
        proof = proved(content, name)
    except Unreadable as error:
        assert error.motive in MOTIVES
        return
    assert proof.size_bytes == len(unpacked(content, name)) > 0
    assert unpacked(content, name).startswith(proof.head)


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=400), st.booleans())
def test_what_is_wrapped_comes_back(content: bytes, stored: bool) -> None:
    packed = zip_of(("inner.bin", content), method=0 if stored else 8)
    assert unpacked(packed, "a.pdf") == content
    assert decoded(base64_of(packed)[:20] + " \n\t" + base64_of(packed)[20:]) == packed
