"""Documents made to harm or to deceive: each vector is refused by name, and without a look outside."""

from __future__ import annotations

import hashlib
import io
import socket
import zlib
from collections.abc import Iterator
from pathlib import Path

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
from data_contracts.errors import DocumentUnreadable
from data_contracts.interfaces import Syntax
from data_contracts.motives import MOTIVES
from pipelines.parsing.documents import Document
from pipelines.parsing.facturx_pdf import embedded_xml
from pipelines.parsing.paths import NAMESPACES
from pipelines.parsing.terms import unreadable
from pipelines.parsing.xml_gate import gated, line_of
from tests.unit.reading import invoice_of, read
from tests.unit.refusals import explained

CII = f'<r:CrossIndustryInvoice xmlns:r="{NAMESPACES["rsm"]}"/>'.encode()
UBL = f'<Invoice xmlns="{NAMESPACES["ubl"]}" xmlns:cbc="{NAMESPACES["cbc"]}"><cbc:ID>1</cbc:ID></Invoice>'.encode()


def refusal(data: bytes) -> DocumentUnreadable:
    with pytest.raises(DocumentUnreadable) as refused:
        gated(data)
    return told(refused.value)


def told(refused: DocumentUnreadable) -> DocumentUnreadable:
    """Every refusal has a known motive, and says in each language what is wrong and what to do."""
    assert refused.motive in MOTIVES
    explained(refused)
    return refused


def document(data: bytes) -> Document:
    return Document("f" * 24, 0, "member", data, hashlib.sha256(data).hexdigest())


# ---- XML: what lies outside --------------------------------------------------------------------------------------


@pytest.fixture
def canary() -> Iterator[tuple[str, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/x", listener


OUTSIDE = {
    "external entity": '<!DOCTYPE z [<!ENTITY x SYSTEM "{url}">]><z>&x;</z>',
    "public entity": '<!DOCTYPE z [<!ENTITY x PUBLIC "a" "{url}">]><z>&x;</z>',
    "parameter entity": '<!DOCTYPE z [<!ENTITY % p SYSTEM "{url}"> %p;]><z/>',
    "external DTD": '<!DOCTYPE z SYSTEM "{url}"><z/>',
    "after a comment and an instruction": '<?a <!DOCTYPE?><!-- > -->\n\n<!DOCTYPE z SYSTEM "{url}"><z/>',
}


@pytest.mark.parametrize("template", OUTSIDE.values(), ids=OUTSIDE)
def test_nothing_outside_is_fetched(template: str, canary: tuple[str, socket.socket], tmp_path: Path) -> None:
    url, listener = canary
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for target in (url, secret.as_uri()):
        refused = refusal(template.format(url=target).encode())
        assert refused.motive == "IRR_SYNTAX"
        assert "DOCTYPE" in refused.what
        assert "secret" not in str(refused)
    with pytest.raises(TimeoutError):
        listener.accept()


@pytest.mark.parametrize(
    "template",
    [
        '<z xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:a {url}"/>',
        '<z xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{url}" parse="text"/></z>',
        '<?xml-stylesheet type="text/xsl" href="{url}"?><z/>',
        '<?xml-model href="{url}"?><z/>',
    ],
)
def test_hints_to_look_outside_are_left_alone(template: str, canary: tuple[str, socket.socket]) -> None:
    url, listener = canary
    tree = gated(template.format(url=url).encode())
    assert tree.getroot().tag == "z"
    assert [node.tag for node in tree.xpath("/processing-instruction()")] == []
    with pytest.raises(TimeoutError):
        listener.accept()


def test_a_doctype_is_told_with_its_line() -> None:
    refused = refusal(b'<?xml version="1.0"?>\n<!-- a\n -->\n<!DOCTYPE z>\n<z/>')
    assert line_of(refused.where) == 4


def test_the_word_doctype_in_a_text_is_only_a_word() -> None:
    assert gated(b"<z><!-- <!DOCTYPE z> --><![CDATA[<!DOCTYPE z>]]></z>").getroot().text == "<!DOCTYPE z>"


# ---- XML: entities -----------------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "data",
    [
        f'<!DOCTYPE z [<!ENTITY a0 "ha">{LAUGHS}]><z>&a9;</z>',
        f'<!DOCTYPE z [<!ENTITY a0 "ha">{LAUGHS}]><z b="&a9;"/>',
        f'<!DOCTYPE z [<!ENTITY a "{"x" * 50_000}">]><z>{"&a;" * 50_000}</z>',
        '<!DOCTYPE z [<!ENTITY a "9">]><z>1&a;00</z>',
        '<!DOCTYPE z [<!ATTLIST z currencyID CDATA "USD">]><z>1</z>',
    ],
    ids=["billion laughs", "in an attribute", "quadratic", "splits a value", "defaults an attribute"],
)
def test_entities_never_reach_the_parser(data: str) -> None:
    assert refusal(data.encode()).motive == "IRR_SYNTAX"


def test_an_undeclared_entity_is_not_well_formed() -> None:
    assert refusal(b"<z>1&a;00</z>").motive == "IRR_SYNTAX"


# ---- XML: encodings and versions ---------------------------------------------------------------------------------

DECLARED = '<?xml version="1.0" encoding="{0}"?><z>é</z>'


@pytest.mark.parametrize(
    "data",
    [
        DECLARED.format("UTF-16").encode("utf-16"),
        DECLARED.format("UTF-8").encode("utf-16"),
        "<z/>".encode("utf-16-le"),
        "<z/>".encode("utf-16-be"),
        DECLARED.format("UTF-32").encode("utf-32"),
        "<z/>".encode("utf-32-be"),
        '<!DOCTYPE z SYSTEM "file:///x"><z/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="UTF-7"?><z>+AOk-</z>',
        b'<?xml version="1.0" encoding="cp037"?><z/>'.decode().encode("cp037"),
        b'<?xml version="1.0" encoding="Shift_JIS"?><z/>',
        b'<?xml version="1.0" encoding="x-unknown"?><z/>',
        b"\xef\xbb\xbf" + DECLARED.format("ISO-8859-1").encode(),
        DECLARED.format("US-ASCII").encode(),
        DECLARED.format("UTF-8").encode("latin-1"),
        b"<z>\xc0\xaf</z>",
        b"<z>\xed\xa0\x80</z>",
        b"<z>\xf4\x90\x80\x80</z>",
    ],
)
def test_encodings_that_hide_or_lie_are_refused(data: bytes) -> None:
    assert refusal(data).motive == "IRR_SYNTAX"


@pytest.mark.parametrize(
    "data",
    [
        DECLARED.format("UTF-8").encode(),
        DECLARED.format("utf-8").encode(),
        b"\xef\xbb\xbf" + DECLARED.format("UTF-8").encode(),
        DECLARED.format("ISO-8859-1").encode("latin-1"),
        b"<?xml version='1.0' encoding='us-ascii' standalone='yes' ?><z>&#233;</z>",
        "<z>é</z>".encode(),
    ],
)
def test_encodings_of_real_invoices_are_read(data: bytes) -> None:
    assert gated(data).getroot().text == "é"


@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0", "", "1.0 "])
def test_versions_other_than_1_0_are_refused(version: str) -> None:
    assert refusal(f'<?xml version="{version}"?><z/>'.encode()).motive == "IRR_SYNTAX"


@pytest.mark.parametrize(
    "data",
    [
        b"<z>\0</z>",
        b"<z>&#0;</z>",
        b"<z>&#1;</z>",
        b"<z>\x01</z>",
        b"<z>&#xFFFE;</z>",
        b"<z/>x",
        b"<z/><z/>",
        b"<z/>\0",
        b' <?xml version="1.0"?><z/>',
        b"<z>",
        b"<z><a></z></a>",
        b'<z a="1" a="2"/>',
        b'<z xmlns:p="urn:a" xmlns:q="urn:a" p:a="1" q:a="2"/>',
        b"<p:z/>",
        b"<z",
        b"z",
        b"PK\x03\x04 a zip",
        b"\x1f\x8b a gzip",
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_line(data: bytes) -> None:
    refused = refusal(data)
    assert refused.motive == "IRR_SYNTAX"
    assert line_of(refused.where) is not None


@pytest.mark.parametrize("data", [b"", b" \r\n\t ", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_emptiness_has_its_own_motive(data: bytes) -> None:
    assert refusal(data).motive == "IRR_VIDE_F"


# ---- XML: size ---------------------------------------------------------------------------------------------------


def test_a_text_longer_than_libxml2_likes_is_an_attachment() -> None:
    for length in (9_999_999, 10_000_001):
        text = gated(b"<z>" + b"A" * length + b"</z>").getroot().text
        assert text is not None and len(text) == length


@pytest.mark.parametrize(
    ("depth", "allowed"), [(64, True), (65, False), (255, False), (256, False), (257, False), (100_000, False)]
)
def test_depth_is_bounded(depth: int, allowed: bool) -> None:
    data = b"<a>" * depth + b"</a>" * depth
    if allowed:
        assert gated(data).getroot().tag == "a"
    else:
        assert refusal(data).motive in {"IRR_TAILLE_F", "IRR_SYNTAX"}


def test_depth_is_bounded_in_large_documents_too() -> None:
    data = b"<a>" * 65 + b"A" * 10_000_001 + b"</a>" * 65
    assert refusal(data).motive == "IRR_TAILLE_F"


@pytest.mark.parametrize(("count", "allowed"), [(64, True), (65, False), (100_000, False)])
@pytest.mark.parametrize("template", [' a{0}="1"', ' xmlns:a{0}="urn:{0}"'], ids=["attributes", "namespaces"])
def test_attributes_of_one_element_are_bounded(template: str, count: int, allowed: bool) -> None:
    data = ("<z>\n<a" + "".join(template.format(n) for n in range(count)) + "/></z>").encode()
    if allowed:
        assert len(gated(data).getroot()) == 1
    else:
        refused = refusal(data)
        assert (refused.motive, line_of(refused.where)) == ("IRR_TAILLE_F", 2)


def test_many_elements_that_each_declare_their_namespace_are_read() -> None:
    assert len(gated(b"<z>" + b'<a xmlns="urn:a"/>' * 1_000 + b"</z>").getroot()) == 1_000


def test_elements_and_attributes_are_counted_before_they_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "XML_ELEMENTS_MAX", 1_000)
    assert refusal(b"<z>" + b"<a/>" * 1_000 + b"</z>").motive == "IRR_TAILLE_F"
    assert refusal(b"<z>" + b'<a b="" c=""/>' * 501 + b"</z>").motive == "IRR_TAILLE_F"
    assert refusal(b"<z>" + b"<a b='' c=''/>" * 501 + b"</z>").motive == "IRR_TAILLE_F"
    assert len(gated(b"<z>" + b"<a>=</a>" * 900 + b"</z>").getroot()) == 900


def test_a_flood_of_elements_is_refused_before_it_is_parsed() -> None:
    data = b"<z>" + b"<a/>" * (limits.XML_ELEMENTS_MAX + 1) + b"</z>"
    assert refusal(data).motive == "IRR_TAILLE_F"


def test_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MEMBER_BYTES_MAX", 10)
    assert refusal(b"<z>12345</z>").motive == "IRR_TAILLE_F"


@pytest.mark.parametrize(
    "data", [b"<!--" * 200_000, b"<?" * 200_000, b"<a b='" * 100_000, b'<?xml version="1.0"' * 9_999]
)
def test_what_begins_and_never_ends_is_refused(data: bytes) -> None:
    assert refusal(data + b" xmlns" * 65).motive == "IRR_SYNTAX"


def test_lines_beyond_65535_are_still_told() -> None:
    tree = gated(b"<z>" + b"\n" * 70_000 + b"<a/></z>")
    assert tree.getroot()[0].sourceline == 70_001


# ---- XML: deception ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b'<z xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<a xsi:type="b"/></z>',
        b'<z xmlns:s="http://www.w3.org/2001/XMLSchema&#45;instance">\n<a s:type="b"/></z>',
    ],
)
def test_an_element_cannot_change_its_type(data: bytes) -> None:
    refused = refusal(data)
    assert (refused.motive, line_of(refused.where)) == ("IRR_SYNTAX", 2)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (CII, Syntax.UBL),
        (UBL, Syntax.CII),
        (UBL, Syntax.FACTURX),
        (CII, Syntax.FACTURX),
        (b"%PDF-1.7\n", Syntax.UBL),
        (b"%PDF-1.7\n", Syntax.CII),
        (UBL.replace(NAMESPACES["ubl"].encode(), b"urn:example:other"), Syntax.UBL),
        (b"<Invoice/>", Syntax.UBL),
        (b"<CrossIndustryInvoice/>", Syntax.CII),
        (UBL.replace(b"Invoice ", b"CreditNote ").replace(b"/Invoice>", b"/CreditNote>"), Syntax.UBL),
        (CII.replace(b":100", b":12"), Syntax.CII),
    ],
)
def test_a_document_of_another_syntax_is_told_so(data: bytes, expected: Syntax) -> None:
    with pytest.raises(DocumentUnreadable) as refused:
        read([document(data)], expected)
    assert told(refused.value).motive == "IRR_TYPE_F"


def test_a_syntax_without_invoices_is_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match="holds no invoices"):
        read([document(UBL)], Syntax.CDAR)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_invoice_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    whole = bytearray(UBL)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    received = document(bytes(whole))
    try:
        found = invoice_of(received, Syntax.UBL).invoice
    except DocumentUnreadable as refused:
        row, finding = unreadable(received, told(refused))
        assert finding["rule"] == refused.motive
        found = dict(row)
    assert found["sha256"] == received.sha256


# ---- PDF ---------------------------------------------------------------------------------------------------------


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
