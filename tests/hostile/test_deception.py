"""Documents that would show one invoice to one reader and another to the next: here they show one, on every road."""

from __future__ import annotations

import hashlib

import pytest

from data_contracts.interfaces import Syntax
from pipelines.parsing.documents import Document
from pipelines.parsing.reader import Refused, tabled
from pipelines.parsing.scanner.reading import Scanner
from tests.unit.reading import invoice_of
from tests.unit.scanner_oracle import SCANNERS, automaton
from tests.unit.test_parsing_terms import ubl

NUMBER = b"<cbc:ID>F1</cbc:ID>"


@pytest.fixture(scope="module")
def scanners() -> list[Scanner | None]:
    return [None, *(made(automaton()) for made in SCANNERS.values())]


def document(data: bytes) -> Document:
    return Document("f" * 24, 0, "member", data, hashlib.sha256(data).hexdigest())


def number_of(data: bytes) -> object:
    return invoice_of(document(data), Syntax.UBL).invoice["number"]


def whole() -> bytes:
    data = ubl()
    start = data.index(b"<cbc:ID>")
    return data[:start] + NUMBER + data[data.index(b"</cbc:ID>", start) + len(b"</cbc:ID>") :]


def in_tables(data: bytes, scanner: Scanner | None) -> list[str]:
    """All texts and values, by path."""
    (part,) = tabled([data], scanner)
    assert not isinstance(part, Refused)
    batch = part.batch
    return sorted(
        "/".join(batch.paths.steps(path)) + "=" + batch.strings.values[number]
        for path in batch.present
        for number in batch.text_ids(path, None).tolist()
    )


@pytest.mark.parametrize(
    "split", [b"F<!-- x -->1", b"F<?x y?>1", b"<!---->F1", b"F&#49;", b"<![CDATA[F]]>1", b"<![CDATA[F1]]>"]
)
def test_an_amount_cannot_be_split(split: bytes, scanners: list[Scanner | None]) -> None:
    data = whole().replace(NUMBER, b"<cbc:ID>%b</cbc:ID>" % split)
    assert number_of(data) == number_of(whole()) == "F1"
    for scanner in scanners:
        assert in_tables(data, scanner) == in_tables(whole(), scanner)


@pytest.mark.parametrize(
    "decoy",
    [
        b'<ID xmlns="urn:other">EVIL</ID>',
        b'<cbc:ID xmlns:cbc="urn:other">EVIL</cbc:ID>',
        b'<x:X xmlns:x="urn:other"><cbc:ID>EVIL</cbc:ID></x:X>',
        b'<cbc:ID xmlns:cbc="">EVIL</cbc:ID>',
    ],
    ids=["default namespace", "prefix bound anew", "within a foreign element", "prefix unbound"],
)
def test_a_known_name_in_another_namespace_is_not_known(decoy: bytes) -> None:
    data = whole().replace(NUMBER, decoy + NUMBER)
    if b'xmlns:cbc=""' in decoy:
        (part,) = tabled([data], None)
        assert isinstance(part, Refused)
        assert part.refusal.motive == "IRR_SYNTAX"
        return
    assert number_of(data) == "F1"


def test_an_invoice_wrapped_in_an_invoice_is_not_the_invoice() -> None:
    inner = whole().partition(b"?>")[2] if whole().startswith(b"<?xml") else whole()
    wrapped = inner.replace(b">F1<", b">EVIL<")
    extension = b'<e:UBLExtensions xmlns:e="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2">'
    extension += b"<e:UBLExtension><e:ExtensionContent>%b</e:ExtensionContent></e:UBLExtension></e:UBLExtensions>"
    data = whole().replace(NUMBER, extension % wrapped + NUMBER)
    assert b"EVIL" in data
    assert number_of(data) == "F1"


@pytest.mark.parametrize("number", ["' or 1=1 or '", '"]|//*|[a="', "{1}${x}%s", "document('file:///etc/passwd')"])
def test_a_value_is_never_taken_for_an_expression(number: str) -> None:
    escaped = number.replace("&", "&amp;").replace("<", "&lt;").encode()
    assert number_of(whole().replace(NUMBER, b"<cbc:ID>%b</cbc:ID>" % escaped)) == number
