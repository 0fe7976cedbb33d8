"""Hostile XML of more elements and attributes than a tree may have: millions, sent packed as a few kilobytes."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from data_contracts.limits import XML_ELEMENTS_MAX
from pipelines.parsing.paths import NAMESPACES
from relais.bench.workloads import invoice_of_lines
from tests.hostile.case import Case, Road
from tests.hostile.pdfs import holding, pdf_of
from tests.hostile.xml_cases import LONG, UBL, invoice

MILLIONS = XML_ELEMENTS_MAX - 10_000
INVALID = "not valid by its XML schema"
OTHER = "neither a UBL nor a CII invoice"
UNPLAIN = "not written plainly"
CII = f'<rsm:CrossIndustryInvoice xmlns:rsm="{NAMESPACES["rsm"]}">%b</rsm:CrossIndustryInvoice>'


def with_notes(notes: bytes) -> bytes:
    """A valid invoice, but for what its notes may be."""
    valid = invoice_of_lines(1, 1)
    start, end = valid.index(b"<cbc:Note>"), valid.index(b"<cbc:DocumentCurrencyCode")
    return valid[:start] + notes + valid[end:]


def cii(inside: bytes) -> bytes:
    return CII.encode() % inside


def latin(data: bytes) -> bytes:
    return data.decode().replace('encoding="UTF-8"', 'encoding="ISO-8859-1"', 1).encode("latin-1")


def refused(name: str, said: str, build: Callable[[], bytes], road: Road = Road.XML) -> Case:
    return Case(road, name, "IRR_TAILLE_F", said, build)


def invalid(name: str, inside: Callable[[], bytes]) -> Case:
    return refused(name, INVALID, lambda: invoice(inside()))


def large_cases(count: int = MILLIONS) -> tuple[Case, ...]:
    """Cases of so many elements or attributes, refused on every road."""
    some = range(count)
    return (
        invalid("large: elements", lambda: b"<cbc:Note/>" * count),
        invalid("large: elements of one letter", lambda: b"<a/>" * count),
        invalid("large: different texts", lambda: b"".join(b"<a>%d</a>" % n for n in some)),
        invalid("large: texts between elements", lambda: b"x<a/>" * count),
        invalid("large: attributes", lambda: b"<a b='' c=''/>" * (count // 2)),
        invalid("large: different attributes", lambda: b"".join(b"<a b='%d' c='%d'/>" % (n, -n) for n in some[::2])),
        invalid("large: 63 levels", lambda: (b"<a>" * 62 + b"</a>" * 62) * (count // 62)),
        invalid("large: references", lambda: b"<a>&lt;</a>" * count),
        invalid("large: lines of nothing", lambda: b"<cac:InvoiceLine/>" * count),
        refused("large: notes, then an error", INVALID, lambda: with_notes(b"<cbc:Note/>" * count + b"<cbc:Bad/>")),
        refused("large: no invoice", OTHER, lambda: b"<z>" + b"<a/>" * count + b"</z>"),
        refused(
            "large: mixed invoices",
            OTHER,
            lambda: b"<CPPFactureMixte>" + b"<CPPFactures/>" * count + b"</CPPFactureMixte>",
        ),
        refused("large: CII", INVALID, lambda: cii(b"<a/>" * count)),
        refused("large: levels", OTHER, lambda: b"<aa>" * count),
        refused("large: levels of an invoice", INVALID, lambda: UBL + b"<aa>" * count),
        refused("large: CDATA without end", LONG, lambda: b"<z>" + b"<![CDATA[" * count),
        Case(Road.XML, "large: cut", "IRR_SYNTAX", "not well-formed", lambda: with_notes(b"<cbc:Note/>" * count)[:-9]),
        refused(
            "large: in a PDF",
            INVALID,
            lambda: pdf_of(holding(zlib.compress(cii(b"<a>x</a>" * count), 9), b"/Filter/FlateDecode")),
            Road.PDF,
        ),
    )


def unplain_cases(count: int = MILLIONS) -> tuple[Case, ...]:
    """Valid cases, refused where a scanner leaves them: no tree is made of a large document."""
    return (
        refused("large: CDATA", UNPLAIN, lambda: with_notes(b"<cbc:Note><![CDATA[a]]></cbc:Note>" * (count // 2))),
        refused("large: ISO-8859-1", UNPLAIN, lambda: latin(with_notes("<cbc:Note>é</cbc:Note>".encode() * count))),
    )
