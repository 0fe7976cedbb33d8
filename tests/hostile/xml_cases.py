"""Hostile XML: documents that look outside, swell, hide, lie, or wear out whoever reads them."""

from __future__ import annotations

from data_contracts.limits import INVOICE_ROWS_MAX, MEMBER_BYTES_MAX, XML_DECLARATIONS_MAX, XML_ELEMENTS_MAX
from pipelines.parsing.paths import NAMESPACES
from tests.hostile.archives import plain_tar, plain_zip, tar_gz
from tests.hostile.case import Case, Road

UBL = f'<Invoice xmlns="{NAMESPACES["ubl"]}" xmlns:cac="{NAMESPACES["cac"]}" xmlns:cbc="{NAMESPACES["cbc"]}">'.encode()
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
XSI = b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
INNER = plain_zip([("bomb.xml", bytes(3_000_000))])
PATHS = "different paths"
LONG = "bytes follow a tag without another"
ATTACHED = b"<Contenu>" + b"A" * 11_000_000 + b"</Contenu>"


def invoice(inside: bytes) -> bytes:
    return UBL + inside + b"</Invoice>"


def declared(encoding: str, spelled: str) -> bytes:
    return f'<?xml version="1.0" encoding="{spelled}"?><z>é</z>'.encode(encoding)


def of_two_names(depth: int) -> bytes:
    """A tree in which each path is new, though there are two names."""
    return b"<a>%b</a><b>%b</b>" % ((of_two_names(depth - 1),) * 2) if depth else b""


def xml(name: str, motive: str, said: str, build: object) -> Case:
    assert callable(build)
    return Case(Road.XML, name, motive, said, build)


def doctype(name: str, text: str) -> Case:
    return xml(name, "IRR_SYNTAX", "has a DOCTYPE", text.encode)


def encoding(name: str, data: bytes) -> Case:
    return xml(f"encoding: {name}", "IRR_SYNTAX", "the encoding is not", lambda: data)


def malformed(name: str, data: bytes) -> Case:
    return xml(name, "IRR_SYNTAX", "not well-formed", lambda: data)


XML_CASES = (
    doctype("entity of a file", '<!DOCTYPE z [<!ENTITY x SYSTEM "file:///etc/passwd">]><z>&x;</z>'),
    doctype("entity of an address", '<!DOCTYPE z [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]><z>&x;</z>'),
    doctype("public entity", '<!DOCTYPE z [<!ENTITY x PUBLIC "a" "http://127.0.0.1:9/x">]><z>&x;</z>'),
    doctype("parameter entity", '<!DOCTYPE z [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]><z/>'),
    doctype("outside DTD", '<!DOCTYPE z SYSTEM "http://127.0.0.1:9/x"><z/>'),
    doctype("DOCTYPE behind a comment", "<?a <!DOCTYPE?><!-- > -->\n\n<!DOCTYPE z><z/>"),
    doctype("billion laughs", f'<!DOCTYPE z [<!ENTITY a0 "ha">{LAUGHS}]><z>&a9;</z>'),
    doctype("billion laughs in an attribute", f'<!DOCTYPE z [<!ENTITY a0 "ha">{LAUGHS}]><z b="&a9;"/>'),
    doctype("quadratic blow-up", f'<!DOCTYPE z [<!ENTITY a "{"x" * 50_000}">]><z>{"&a;" * 50_000}</z>'),
    doctype("default of an attribute", '<!DOCTYPE z [<!ATTLIST z currencyID CDATA "USD">]><z>1</z>'),
    doctype("entity that splits an amount", '<!DOCTYPE z [<!ENTITY a "9">]><z>1&a;00</z>'),
    malformed("undeclared entity", b"<z>1&a;00</z>"),
    encoding("UTF-16", declared("utf-16", "UTF-16")),
    encoding("UTF-16 that says UTF-8", declared("utf-16", "UTF-8")),
    encoding("UTF-16 without mark", "<z/>".encode("utf-16-le")),
    encoding("UTF-32", declared("utf-32", "UTF-32")),
    encoding("UTF-7", b'<?xml version="1.0" encoding="UTF-7"?><z>+ADwAIQ-DOCTYPE</z>'),
    encoding("Shift_JIS", b'<?xml version="1.0" encoding="Shift_JIS"?><z/>'),
    encoding("mark of UTF-8 on ISO-8859-1", b"\xef\xbb\xbf" + declared("utf-8", "ISO-8859-1")),
    encoding("DOCTYPE in UTF-16", '<!DOCTYPE z SYSTEM "file:///x"><z/>'.encode("utf-16")),
    malformed("encoding: EBCDIC", "<?xml version='1.0' encoding='cp037'?><z/>".encode("cp037")),
    malformed("encoding: not the one it says", declared("latin-1", "UTF-8")),
    malformed("encoding: overlong", b"<z>\xc0\xaf</z>"),
    malformed("encoding: lone surrogate", b"<z>\xed\xa0\x80</z>"),
    malformed("reference to a lone surrogate", b"<z>&#xD800;</z>"),
    malformed("NUL", b"<zero>\0</zero>"),
    malformed("reference to NUL", b"<z>&#0;</z>"),
    malformed("reference to a control character", b"<z>&#1;</z>"),
    xml("XML 1.1", "IRR_SYNTAX", "version is not 1.0", lambda: b'<?xml version="1.1"?><z>&#1;</z>'),
    malformed("text behind the root", b"<z/>x"),
    malformed("two roots", b"<z/><z/>"),
    malformed("blank before the declaration", b' <?xml version="1.0"?><z/>'),
    malformed("cut", UBL + b"<cbc:ID>1</cbc:ID>"),
    malformed("one attribute by two prefixes", b'<z xmlns:p="u" xmlns:q="u" p:a="1" q:a="2"/>'),
    malformed("a zip", INNER),
    encoding("a tar.gz with a zip", tar_gz(plain_tar([("inner.zip", INNER)]))),
    xml("nothing", "IRR_VIDE_F", "empty", lambda: b" \n"),
    xml(
        "an element of another type",
        "IRR_SYNTAX",
        "changes its own type",
        lambda: invoice(b"<cbc:ID %b xsi:type='t'>1</cbc:ID>" % XSI),
    ),
    xml(
        "another namespace, known names",
        "IRR_TYPE_F",
        "no invoice",
        lambda: invoice(b"").replace(b"urn:oasis", b"urn:other"),
    ),
    xml("no namespace", "IRR_TYPE_F", "no invoice", lambda: b"<Invoice/>"),
    xml(
        "XInclude as root",
        "IRR_TYPE_F",
        "no invoice",
        lambda: b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>',
    ),
    xml(
        "stylesheet",
        "IRR_TYPE_F",
        "no invoice",
        lambda: b'<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:9/x"?><z/>',
    ),
    xml(
        "base and schema elsewhere",
        "IRR_TYPE_F",
        "no invoice",
        lambda: b"<z xml:base='http://127.0.0.1:9/' %b xsi:schemaLocation='u http://127.0.0.1:9/x'/>" % XSI,
    ),
    xml("a PDF", "IRR_TYPE_F", "a PDF", lambda: b"%PDF-1.7\n"),
    xml("65 levels", "IRR_TAILLE_F", "64 levels", lambda: b"<a>" * 65 + b"</a>" * 65),
    xml("200,000 levels", "IRR_SYNTAX", "not well-formed", lambda: b"<a>" * 200_000),
    xml("65 levels in 11 MB", "IRR_TAILLE_F", "64 levels", lambda: b"<a>" * 64 + ATTACHED + b"</a>" * 64),
    xml(
        "65 attributes",
        "IRR_TAILLE_F",
        "64 attributes",
        lambda: b"<z " + b"".join(b"a%d='' " % n for n in range(65)) + b"/>",
    ),
    xml(
        "2 million attributes of one element",
        "IRR_TAILLE_F",
        LONG,
        lambda: b"<z " + b"".join(b"a%d='' " % n for n in range(1_990_000)) + b"/>",
    ),
    xml(
        "65 namespaces",
        "IRR_TAILLE_F",
        "64 namespace declarations",
        lambda: b"<z " + b"".join(b"xmlns:a%d='u' " % n for n in range(65)) + b"/>",
    ),
    xml(
        "40,000 namespaces",
        "IRR_TAILLE_F",
        "64 namespace declarations",
        lambda: b"<z " + b"".join(b"xmlns:a%d='u%d' " % (n, n) for n in range(40_000)) + b"/>",
    ),
    xml(
        "2 million namespaces",
        "IRR_TAILLE_F",
        f"{XML_DECLARATIONS_MAX} namespace declarations",
        lambda: invoice(b"".join(b"<a xmlns='u%d'/>" % n for n in range(1_900_000))),
    ),
    xml(
        "2 million prefixes",
        "IRR_TAILLE_F",
        f"{XML_DECLARATIONS_MAX} namespace declarations",
        lambda: invoice(b"".join(b"<a%d:a xmlns:a%d='u'/>" % (n, n) for n in range(1_900_000))),
    ),
    xml(
        "2 million elements and one",
        "IRR_TAILLE_F",
        f"{XML_ELEMENTS_MAX} elements",
        lambda: invoice(b"<cbc:Note/>" * (XML_ELEMENTS_MAX + 1)),
    ),
    xml(
        "2 million attributes and more",
        "IRR_TAILLE_F",
        f"{XML_ELEMENTS_MAX} attributes",
        lambda: invoice(b"<a b='' c='' d='' e=''/>" * 600_000),
    ),
    xml("2 million names", "IRR_TAILLE_F", PATHS, lambda: invoice(b"".join(b"<a%d/>" % n for n in range(1_990_000)))),
    xml(
        "2 million names of attributes",
        "IRR_TAILLE_F",
        PATHS,
        lambda: invoice(b"".join(b"<a b%d=''/>" % n for n in range(1_990_000))),
    ),
    xml(
        "names of 9 MB in all",
        "IRR_TAILLE_F",
        PATHS,
        lambda: invoice(b"".join(b"<a%0999d/>" % n for n in range(9_000))),
    ),
    xml("100,000 paths of two names", "IRR_TAILLE_F", PATHS, lambda: invoice(of_two_names(16))),
    xml(
        "120,000 paths of one name",
        "IRR_TAILLE_F",
        PATHS,
        lambda: invoice(b"".join(b"<a xmlns='u%d'/>" % n for n in range(120_000))),
    ),
    xml(
        "200,001 lines",
        "IRR_TAILLE_F",
        "lines and VAT groups",
        lambda: invoice(b"<cac:InvoiceLine/>" * (INVOICE_ROWS_MAX + 1)),
    ),
    xml(
        "more than 100 MB",
        "IRR_TAILLE_F",
        "bytes, more than",
        lambda: invoice(b"<cbc:Note>" + b"x" * MEMBER_BYTES_MAX + b"</cbc:Note>"),
    ),
    xml("comments that never end", "IRR_SYNTAX", "not well-formed", lambda: b"<!--" * 200_000),
    xml("instructions that never end", "IRR_SYNTAX", "not well-formed", lambda: b"<?a " * 200_000),
    xml("CDATA that never ends", "IRR_SYNTAX", "not well-formed", lambda: b"<z>" + b"<![CDATA[" * 100_000),
    xml("quotes that never end", "IRR_SYNTAX", "not well-formed", lambda: b"<a b='" * 1_000_000),
    xml("a note of 90 MB", "IRR_TAILLE_F", LONG, lambda: invoice(b"<cbc:Note>" + b"x " * 45_000_000 + b"</cbc:Note>")),
    xml("an attribute of 90 MB", "IRR_TAILLE_F", LONG, lambda: invoice(b"<a b='" + b"x" * 90_000_000 + b"'/>")),
    xml("a comment of 90 MB", "IRR_TAILLE_F", LONG, lambda: invoice(b"<!--" + b"x" * 90_000_000 + b"-->")),
    xml("a tag that never ends", "IRR_TAILLE_F", LONG, lambda: b"<z" + b" a" * 5_000_000),
    xml("a name of 50 MB", "IRR_TAILLE_F", LONG, lambda: b"<" + b"a" * 50_000_000),
    xml("references without end", "IRR_TAILLE_F", LONG, lambda: b"<z>" + b"&#" * 10_000_000 + b"</z>"),
)
