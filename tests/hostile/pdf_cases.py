"""Hostile PDFs: without an invoice or with two, damaged, locked, swelling, laborious, or something else as well."""

from __future__ import annotations

import io
import zlib

import pypdf

from data_contracts.limits import PDF_ATTACHMENT_BYTES_MAX
from tests.hostile.archives import plain_zip
from tests.hostile.case import Case, Road
from tests.hostile.pdfs import (
    FILE,
    NAMED,
    catalog,
    chained,
    holding,
    many_references,
    object_stream,
    pdf_of,
    reference_stream,
    stream,
    updated,
)

XML = b"<r:CrossIndustryInvoice xmlns:r='urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100'/>"
DOCTYPE = b"<!DOCTYPE z [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><z>&x;</z>"
DEFLATED = b"/Filter/FlateDecode"
TOO_LABORIOUS = "takes more than 200000 reads"
PASSES = "passes a limit once inflated"


def two(second: bytes) -> bytes:
    other = (5, stream(b"", XML + b" "))
    names = b"/Names<</EmbeddedFiles<</Names[(factur-x.xml)2 0 R(%b)4 0 R]>>>>" % second
    return pdf_of(
        [
            catalog(names),
            *holding(XML)[1:],
            (4, FILE.replace(b"3 0 R", b"5 0 R").replace(b"factur-x.xml", second)),
            other,
        ]
    )


def locked(password: str) -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(72, 72)
    writer.add_attachment("factur-x.xml", XML)
    writer.encrypt(password, "owner", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def misplaced() -> bytes:
    """The table says that the catalogue is elsewhere: the reader looks for it in all that there is."""
    data = pdf_of([catalog(b""), (2, b"(" + b" 1 0 x" * 15_000_000 + b")")])
    at = data.rindex(b"0000000009 00000 n")
    return data[:at] + b"0000000500" + data[at + 10 :]


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)) + packer.flush()
    return pdf_of(holding(packed, DEFLATED))


def pdf(name: str, motive: str, said: str, build: object) -> Case:
    assert callable(build)
    return Case(Road.PDF, name, motive, said, build)


PDF_CASES = (
    pdf("no bytes", "IRR_VIDE_F", "empty", lambda: b""),
    pdf("no PDF", "IRR_TYPE_F", "not a PDF", lambda: XML),
    pdf("zip, then PDF", "IRR_TYPE_F", "not a PDF", lambda: plain_zip() + pdf_of(holding(XML))),
    pdf("PDF, then zip", "IRR_SYNTAX", "bytes follow its end", lambda: pdf_of(holding(XML)) + plain_zip()),
    pdf(
        "PDF, then a PDF cut",
        "IRR_SYNTAX",
        "bytes follow its end",
        lambda: pdf_of(holding(XML)) + pdf_of(holding(XML))[:-9],
    ),
    pdf("PDF, then 50 MB of blanks", "IRR_SYNTAX", "bytes follow", lambda: pdf_of(holding(XML)) + b"\n" * 50_000_000),
    pdf("cut", "IRR_SYNTAX", "cut", lambda: pdf_of(holding(XML))[:-40]),
    pdf("no XML", "IRR_SYNTAX", "embeds no invoice", lambda: pdf_of([catalog(b"")])),
    pdf(
        "XML of another name",
        "IRR_SYNTAX",
        "embeds no invoice",
        lambda: pdf_of(holding(XML)).replace(b"(factur-x.xml)", b"(invoice1.xml)"),
    ),
    pdf(
        "no XML, but a script",
        "IRR_SYNTAX",
        "embeds no invoice",
        lambda: pdf_of([catalog(b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>")]),
    ),
    pdf("two of one name", "IRR_SYNTAX", "2 invoices", lambda: two(b"factur-x.xml")),
    pdf("two but for case", "IRR_SYNTAX", "2 invoices", lambda: two(b"FACTUR-X.XML")),
    pdf("two of two names", "IRR_SYNTAX", "2 invoices", lambda: two(b"xrechnung.xml")),
    pdf("encrypted", "IRR_SYNTAX", "encrypted", lambda: locked("secret")),
    pdf("encrypted without password", "IRR_SYNTAX", "encrypted", lambda: locked("")),
    pdf("XML empty", "IRR_VIDE_F", "XML in the PDF is empty", lambda: pdf_of(holding(b"  "))),
    pdf("XML with a DOCTYPE", "IRR_SYNTAX", "DOCTYPE", lambda: pdf_of(holding(DOCTYPE))),
    pdf("XML with a DOCTYPE, second revision", "IRR_SYNTAX", "DOCTYPE", lambda: updated(XML, DOCTYPE)),
    pdf("XML of another syntax", "IRR_TYPE_F", "no invoice that Relais knows", lambda: pdf_of(holding(b"<z/>"))),
    pdf(
        "XML cut",
        "IRR_SYNTAX",
        "compressed XML in the PDF is damaged",
        lambda: pdf_of(holding(zlib.compress(XML)[:-6], DEFLATED)),
    ),
    pdf(
        "XML of another checksum",
        "IRR_SYNTAX",
        "compressed XML in the PDF is damaged",
        lambda: pdf_of(holding(zlib.compress(XML)[:-1] + b"?", DEFLATED)),
    ),
    pdf("XML of 200 MB in 200 kB", "IRR_TAILLE_F", PASSES, lambda: bomb(200_000_000)),
    pdf("XML of 21 MB", "IRR_TAILLE_F", PASSES, lambda: pdf_of(holding(b" " * (PDF_ATTACHMENT_BYTES_MAX + 1_000_000)))),
    pdf(
        "bomb in a bomb",
        "IRR_SYNTAX",
        "FlateDecode alone",
        lambda: pdf_of(
            holding(zlib.compress(zlib.compress(bytes(90_000_000), 9), 9), b"/Filter[/FlateDecode/FlateDecode]")
        ),
    ),
    pdf("LZW", "IRR_SYNTAX", "FlateDecode alone", lambda: pdf_of(holding(bytes(5_000_000), b"/Filter/LZWDecode"))),
    pdf(
        "ASCII85 of 19 MB",
        "IRR_SYNTAX",
        "FlateDecode alone",
        lambda: pdf_of(holding(b"z" * 19_000_000 + b"~>", b"/Filter/ASCII85Decode")),
    ),
    pdf(
        "hexadecimal of 19 MB",
        "IRR_SYNTAX",
        "FlateDecode alone",
        lambda: pdf_of(holding(b"20" * 9_500_000, b"/Filter/ASCIIHexDecode")),
    ),
    pdf(
        "run lengths of 19 MB",
        "IRR_SYNTAX",
        "FlateDecode alone",
        lambda: pdf_of(holding(b"\x81 " * 9_500_000, b"/Filter/RunLengthDecode")),
    ),
    pdf(
        "predicted",
        "IRR_SYNTAX",
        "FlateDecode alone",
        lambda: pdf_of(
            holding(zlib.compress(b"\2 " * 9_900_000, 9), DEFLATED + b"/DecodeParms<</Predictor 12/Columns 1>>")
        ),
    ),
    pdf(
        "length that is itself",
        "IRR_TAILLE_F",
        PASSES,
        lambda: pdf_of([*holding(XML)[:2], (3, b"<</Length 3 0 R>>\nstream\nabc\nendstream")]),
    ),
    pdf(
        "catalogue that is all of its parts",
        "IRR_SYNTAX",
        "damaged",
        lambda: pdf_of([catalog(b"/Names 1 0 R/EmbeddedFiles 1 0 R/Kids[1 0 R]/AF 1 0 R")]),
    ),
    pdf(
        "names that bite their tail",
        "IRR_SYNTAX",
        "damaged",
        lambda: pdf_of([catalog(b"/Names<</EmbeddedFiles 2 0 R>>"), (2, b"<</Kids[2 0 R 2 0 R]>>")]),
    ),
    pdf(
        "names that fan out",
        "IRR_SYNTAX",
        "damaged",
        lambda: pdf_of([catalog(b"/Names<</EmbeddedFiles 2 0 R>>"), (2, b"<</Kids[" + b"2 0 R " * 9_000 + b"]>>")]),
    ),
    pdf("5 million cross-references", "IRR_TAILLE_F", TOO_LABORIOUS, lambda: many_references(4_900_000)),
    pdf("9 million cross-references, packed", "IRR_SYNTAX", "damaged", lambda: reference_stream(9_000_000)),
    pdf("400,000 cross-references, packed", "IRR_SYNTAX", "embeds no invoice", lambda: reference_stream(400_000)),
    pdf(
        "cross-references that are missing",
        "IRR_SYNTAX",
        "damaged",
        lambda: b"%PDF-1.7\n" + b" 1 0 obj" * 5_000_000 + b"\nstartxref\n5\n%%EOF\n",
    ),
    pdf("catalogue misplaced in 90 MB", "IRR_TAILLE_F", TOO_LABORIOUS, misplaced),
    pdf("100,000 revisions", "IRR_TAILLE_F", TOO_LABORIOUS, lambda: chained(100_000)),
    pdf("2 million packed objects", "IRR_TAILLE_F", PASSES, lambda: object_stream(2_000_000, b"<</Type/Catalog>>")),
    pdf(
        "packed catalogue of numbers",
        "IRR_SYNTAX",
        "embeds no invoice",
        lambda: object_stream(1, b"<</Type/Catalog/X[" + (b"[" + b"0 " * 99_000 + b"]") * 5 + b"]>>"),
    ),
    pdf(
        "packed catalogue of digits",
        "IRR_SYNTAX",
        "embeds no invoice",
        lambda: object_stream(1, b"<</Type/Catalog/X<" + b"41" * 490_000 + b">>>"),
    ),
    pdf(
        "hexadecimal text of 40 MB",
        "IRR_TAILLE_F",
        TOO_LABORIOUS,
        lambda: pdf_of([catalog(b"/X<" + b"41" * 20_000_000 + b">")]),
    ),
    pdf("text of 40 MB", "IRR_TAILLE_F", TOO_LABORIOUS, lambda: pdf_of([catalog(b"/X(" + b"a" * 40_000_000 + b")")])),
    pdf("name of 40 MB", "IRR_TAILLE_F", PASSES, lambda: pdf_of([catalog(b"/X/" + b"n" * 40_000_000)])),
    pdf("number of 40 MB", "IRR_TAILLE_F", PASSES, lambda: pdf_of([catalog(b"/X " + b"9" * 40_000_000)])),
    pdf("comments of 20 MB", "IRR_TAILLE_F", TOO_LABORIOUS, lambda: pdf_of([catalog(b"%\n" * 10_000_000)])),
    pdf("blanks of 40 MB", "IRR_TAILLE_F", TOO_LABORIOUS, lambda: pdf_of([catalog(b" " * 40_000_000)])),
    pdf("a million open brackets", "IRR_SYNTAX", "damaged", lambda: pdf_of([catalog(b"/X " + b"[" * 1_000_000)])),
    pdf(
        "a million open dictionaries", "IRR_SYNTAX", "damaged", lambda: pdf_of([catalog(b"/X " + b"<</A" * 1_000_000)])
    ),
    pdf(
        "arrays of 10 million numbers",
        "IRR_TAILLE_F",
        TOO_LABORIOUS,
        lambda: pdf_of([catalog(b"/X[" + (b"[" + b"0 " * 99_000 + b"]") * 99 + b"]")]),
    ),
    pdf(
        "dictionary of 2 million keys",
        "IRR_TAILLE_F",
        TOO_LABORIOUS,
        lambda: pdf_of([catalog(b"".join(b"/k%d 0" % n for n in range(2_000_000)))]),
    ),
    pdf(
        "30,000 files of other names",
        "IRR_TAILLE_F",
        TOO_LABORIOUS,
        lambda: pdf_of(
            [catalog(NAMED.replace(b"(factur-x.xml)2 0 R", b"(a)2 0 R" * 33_000)), (2, b"<</Type/Filespec/UF(a)>>")]
        ),
    ),
)
