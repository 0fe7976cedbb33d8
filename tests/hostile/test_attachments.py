"""Hostile attachments: bombs, cuts, nests, lies and crowds end in a named finding, in bounded time and memory."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib

import pytest

from data_contracts import limits
from data_contracts.interfaces import Syntax
from pipelines.parsing import attachments as attachments_module
from pipelines.parsing.attachment_content import Unreadable, proved
from pipelines.parsing.attachments import attachments_of, looked_through
from pipelines.parsing.sent_attachments import Sent
from tests.hostile.pdfs import catalog, pdf_of, stream
from tests.unit.mixed_documents import PDF, base64_of, fatal, looked_at, plain, told_of, with_attachment, zip_of

MEMORY_BYTES_MAX = 20_000_000
CODE, SYNTAX = "FSO1116A", Syntax.CII


def bomb(size_bytes: int) -> bytes:
    """A zip of one file of so many zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(size_bytes // 1_000_000)) + packer.flush()
    crc = 0
    for _ in range(size_bytes // 1_000_000):
        crc = zlib.crc32(bytes(1_000_000), crc)
    sizes = (crc, len(packed), size_bytes)
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 33, *sizes, 5, 0) + b"a.pdf"
    row = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 33, *sizes, 5, 0, 0, 0, 0, 0, 0) + b"a.pdf"
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(row), len(local) + len(packed), 0)
    return local + packed + row + end


def motive(content: bytes, name: str = "a.pdf") -> str:
    with pytest.raises(Unreadable) as caught:
        proved(content, name)
    return caught.value.motive


@pytest.mark.parametrize("size_bytes", [50_000_000, 300_000_000])
def test_a_bomb_is_refused_by_what_it_announces_before_it_is_unpacked(size_bytes: int) -> None:
    packed = bomb(size_bytes)
    tracemalloc.start()
    try:
        assert motive(packed) == "IRR_TAILLE_PJ"
        assert tracemalloc.get_traced_memory()[1] < MEMORY_BYTES_MAX
    finally:
        tracemalloc.stop()


def test_a_bomb_that_lies_about_its_size_stops_at_the_size_it_tells() -> None:
    packed = bytearray(bomb(50_000_000))
    row = packed.rindex(b"PK\x01\x02")
    for at in (22, row + 24):
        packed[at : at + 4] = struct.pack("<L", 1_000)
    assert motive(bytes(packed)) == "IRR_SYNTAX"


def test_a_bomb_in_a_document_is_a_finding() -> None:
    findings = told_of(CODE, with_attachment(SYNTAX, "a.pdf", base64_of(bomb(50_000_000))))
    assert fatal(findings) == ["IRR_TAILLE_PJ"]


def test_a_nested_zip_is_opened_once() -> None:
    nested = zip_of(("a.pdf", PDF))
    for _ in range(20):
        nested = zip_of(("a.pdf", nested))
    findings = told_of(CODE, with_attachment(SYNTAX, "a.pdf", base64_of(nested)))
    assert fatal(findings) == ["IRR_EXT_DOC"], "what is in the first zip is a zip, and no PDF"
    (attachment,) = attachments_of(with_attachment(SYNTAX, "a.pdf", base64_of(nested)), SYNTAX)
    assert attachment.media_type == "application/zip"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:\\a.pdf", "a\x00b.pdf", "a\u200b.pdf"])
def test_names_in_the_zip_are_judged_too(name: str) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("x" * len(name.encode()), PDF)
    hostile = target.getvalue().replace(b"x" * len(name.encode()), name.encode())
    assert motive(hostile) == "IRR_SYNTAX"


def test_encrypted_foreign_and_linked_entries_are_refused() -> None:
    plain_zip = zip_of(("a.pdf", PDF))
    row = plain_zip.rindex(b"PK\x01\x02")
    encrypted = bytearray(plain_zip)
    encrypted[6] = encrypted[row + 8] = 1
    foreign = bytearray(plain_zip)
    foreign[8] = foreign[row + 10] = 12
    linked = bytearray(plain_zip)
    linked[row + 38 : row + 42] = struct.pack("<L", 0o120777 << 16)
    for hostile in (encrypted, foreign, linked):
        assert motive(bytes(hostile)) == "IRR_SYNTAX"


def test_a_zip_cut_at_every_byte_is_never_taken_for_whole() -> None:
    whole = zip_of(("a.pdf", PDF * 3))
    for end in range(4, len(whole)):
        assert motive(whole[:end]) == "IRR_SYNTAX"


def test_base64_cut_at_every_byte_is_a_finding_or_another_file() -> None:
    text = base64_of(zip_of(("a.pdf", PDF)))
    documents = [with_attachment(SYNTAX, "a.pdf", text[:end]) for end in range(0, len(text), 3)]
    found = looked_at(CODE, *documents)
    assert all(fatal(findings) for findings in found.findings)
    assert {rule for findings in found.findings for rule in fatal(findings)} <= {
        "XSD",
        "IRR_SYNTAX",
        "IRR_VID_PJ",
        "IRR_EXT_DOC",
    }


def test_ten_thousand_attachments_are_not_opened_one_by_one() -> None:
    document = plain(Syntax.UBL)
    start, end = "  <cac:AdditionalDocumentReference>", "</cac:AdditionalDocumentReference>\n"
    block = document[document.index(start) : document.index(end) + len(end)]
    small = block[: block.index(">UEsD") + 1] + base64_of(PDF) + block[block.index("</cbc:Embedded") :]
    crowded = document.replace(block, small * 10_000).encode()
    findings = told_of("FSO1110A", crowded)
    assert fatal(findings) == ["IRR_TAILLE_PJ"]
    assert "10000" in findings[0]["message_en"].replace(",", "")
    assert len(attachments_of(crowded, Syntax.UBL)) == limits.ATTACHMENTS_MAX


def test_many_wrong_attachments_are_told_in_a_bounded_list() -> None:
    document = plain(Syntax.CII)
    start, end = "<ram:AdditionalReferencedDocument>", "</ram:AdditionalReferencedDocument>"
    block = document[document.index(start) : document.index(end) + len(end)]
    wrong = block[: block.index(">UEsD") + 1] + "AAAA" + block[block.index("</ram:Attachment") :]
    findings = told_of(CODE, document.replace(block, wrong * 300).encode())
    assert len(findings) == 51
    assert findings[-1]["rule"] == "RLS-PJ-04" and "250" in findings[-1]["message_en"]


def test_all_attachments_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments_module, "ATTACHMENTS_BYTES_MAX", 10_000)
    asked = []

    def data() -> bytes:
        asked.append(1)
        return PDF + bytes(4_000)

    told = list(looked_through([Sent((f"{at}.pdf",), "", "", data) for at in range(100)]))
    assert [problem.rule for problem in told[-1].problems] == ["IRR_TAILLE_PJ"]
    assert len(asked) == 3 and len(told) == 4


def test_an_attachment_beyond_the_limit_is_refused_without_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.parsing.attachment_content.ATTACHMENT_BYTES_MAX", 1_000)
    assert motive(PDF + bytes(2_000)) == "IRR_TAILLE_PJ"


def test_a_binary_object_with_elements_in_it_is_no_attachment() -> None:
    document = with_attachment(SYNTAX, "a.pdf", "<ram:ID>x</ram:ID>")
    assert set(fatal(told_of(CODE, document))) == {"XSD", "IRR_SYNTAX"}


def test_files_of_a_pdf_in_foreign_packing_are_findings_of_theirs() -> None:
    names = b"/Names<</EmbeddedFiles<</Names[(factur-x.xml)2 0 R(plan.png)4 0 R(bomb.pdf)6 0 R]>>>>"
    data = pdf_of(
        [
            catalog(names),
            (2, b"<</Type/Filespec/UF(factur-x.xml)/EF<</F 3 0 R>>>>"),
            (3, stream(b"/Type/EmbeddedFile", b"<a/>")),
            (4, b"<</Type/Filespec/UF(plan.png)/EF<</F 5 0 R>>>>"),
            (5, stream(b"/Type/EmbeddedFile/Filter/LZWDecode", b"\x80\x0b\x60\x50")),
            (6, b"<</Type/Filespec/UF(bomb.pdf)/EF<</F 7 0 R>>>>"),
            (7, stream(b"/Type/EmbeddedFile/Filter/FlateDecode", zlib.compress(bytes(150_000_000), 9))),
        ]
    )
    from pipelines.parsing.facturx_pdf import other_files

    told = [problem.rule for one in looked_through(other_files(data)) for problem in one.problems]
    assert told == ["IRR_SYNTAX", "IRR_TAILLE_PJ"]


def test_a_pdf_of_thousands_of_file_names_is_refused() -> None:
    from data_contracts.refusals import DocumentUnreadable
    from pipelines.parsing.facturx_pdf import facturx

    pairs = b"".join(b"(f%d)2 0 R" % number for number in range(3_000))
    data = pdf_of([catalog(b"/Names<</EmbeddedFiles<</Names[%b]>>>>" % pairs), (2, b"<</Type/Filespec/F(a)>>")])
    with pytest.raises(DocumentUnreadable) as refused:
        facturx(data)
    assert refused.value.motive == "IRR_SYNTAX"
