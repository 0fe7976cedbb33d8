"""Schemas as automatons: what they accept is what libxml2 accepts, and what is not understood is never accepted."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from lxml import etree

from data_contracts.errors import ConfigurationError
from data_contracts.rule_sets import FACTURX_XSD
from pipelines.parsing.scanner.automaton import Content, SchemaAutomaton
from pipelines.parsing.scanner.reading import Status
from pipelines.parsing.scanner.reference import PythonScanner
from pipelines.parsing.scanner.schema_models import cached_automaton, schema_automaton
from pipelines.validation.rule_files import file_of
from tests.unit.scanner_oracle import SCHEMAS, automaton

HEAD = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:t" targetNamespace="urn:t" '
    'elementFormDefault="qualified">'
)
ANY_TIMES = 'minOccurs="0" maxOccurs="unbounded"'
LEAVES = "".join(f'<xs:element name="{name}" type="xs:string"/>' for name in "abc")
_ROOT = (
    '<xs:element name="r"><xs:complexType><xs:sequence><xs:element ref="a"/></xs:sequence></xs:complexType>'
    "</xs:element>"
)


def _schema(folder: Path, body: str, name: str = "main.xsd") -> Path:
    file = folder / name
    file.write_text(f"{HEAD}{body}</xs:schema>")
    return file


def _model(folder: Path, model: str) -> Path:
    return _schema(folder, f'{LEAVES}<xs:element name="r"><xs:complexType>{model}</xs:complexType></xs:element>')


def _proved(told: SchemaAutomaton, *inside: str) -> list[bool]:
    documents = [f'<r xmlns="urn:t">{text}</r>'.encode() for text in inside]
    return (PythonScanner(told).read(documents).statuses == Status.PROVED).tolist()


@pytest.mark.parametrize(
    "model",
    [
        '<xs:sequence><xs:element ref="a"/><xs:element ref="b" minOccurs="0"/><xs:element ref="c"/></xs:sequence>',
        f'<xs:sequence><xs:element ref="a" maxOccurs="unbounded"/><xs:element ref="b" {ANY_TIMES}/></xs:sequence>',
        '<xs:sequence><xs:element ref="a" minOccurs="2" maxOccurs="3"/><xs:element ref="b"/></xs:sequence>',
        '<xs:sequence><xs:element ref="a" minOccurs="0" maxOccurs="2"/>'
        '<xs:element ref="b" maxOccurs="0" minOccurs="0"/></xs:sequence>',
        '<xs:choice><xs:element ref="a"/><xs:sequence><xs:element ref="b"/><xs:element ref="c"/></xs:sequence>'
        "</xs:choice>",
        f'<xs:choice {ANY_TIMES}><xs:element ref="a"/><xs:element ref="b"/></xs:choice>',
        '<xs:sequence minOccurs="0" maxOccurs="2"><xs:element ref="a"/><xs:element ref="b" minOccurs="0"/>'
        "</xs:sequence>",
        '<xs:sequence maxOccurs="unbounded"><xs:choice><xs:element ref="a"/><xs:element ref="b"/></xs:choice>'
        '<xs:element ref="c"/></xs:sequence>',
        '<xs:sequence><xs:element name="a" type="xs:string"/><xs:sequence><xs:element name="b" type="xs:string"/>'
        "</xs:sequence></xs:sequence>",
    ],
)
def test_content_models_accept_what_libxml2_accepts(model: str, tmp_path: Path) -> None:
    file = _model(tmp_path, model)
    schema = etree.XMLSchema(etree.parse(str(file)))
    words = [
        "".join(f"<{name}/>" for name in word)
        for length in range(5)
        for word in itertools.product("abc", repeat=length)
    ]
    valid = [schema.validate(etree.fromstring(f'<r xmlns="urn:t">{word}</r>')) for word in words]
    assert _proved(schema_automaton({"t": file}), *words) == valid
    assert any(valid)
    assert not all(valid)


@pytest.mark.parametrize(
    "body",
    [
        '<xs:sequence><xs:any processContents="lax"/></xs:sequence>',
        '<xs:all><xs:element ref="a"/></xs:all>',
        '<xs:sequence><xs:element ref="a" maxOccurs="99"/></xs:sequence>',
        '<xs:sequence><xs:element name="a" type="xs:string" fixed=""/></xs:sequence>',
        '<xs:sequence><xs:element name="a" type="xs:string" default="x"/></xs:sequence>',
        '<xs:sequence><xs:element name="a" type="xs:ID"/></xs:sequence>',
        '<xs:sequence><xs:element name="a"/></xs:sequence>',
        '<xs:sequence><xs:element name="a"><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value=".*"/>'
        "</xs:restriction></xs:simpleType></xs:element></xs:sequence>",
        '<xs:sequence><xs:element name="a"><xs:complexType/></xs:element></xs:sequence>',
        '<xs:sequence><xs:element name="a"><xs:complexType mixed="true"><xs:sequence/></xs:complexType></xs:element>'
        "</xs:sequence>",
        '<xs:sequence><xs:element name="a" type="xs:string"><xs:unique name="u"><xs:selector xpath="."/>'
        '<xs:field xpath="."/></xs:unique></xs:element></xs:sequence>',
    ],
)
def test_what_is_not_understood_is_never_accepted(body: str, tmp_path: Path) -> None:
    file = _model(tmp_path, body)
    document = etree.fromstring('<r xmlns="urn:t"><a/></r>')
    etree.XMLSchema(etree.parse(str(file))).validate(document)
    assert _proved(schema_automaton({"t": file}), "<a/>", "<a></a>") == [False, False]


def test_attributes_and_their_inheritance(tmp_path: Path) -> None:
    body = """
      <xs:attributeGroup name="g"><xs:attribute name="g" type="xs:decimal"/></xs:attributeGroup>
      <xs:simpleType name="short"><xs:restriction base="xs:token"><xs:minLength value="1"/><xs:maxLength value="2"/>
        </xs:restriction></xs:simpleType>
      <xs:complexType name="base"><xs:simpleContent><xs:extension base="xs:decimal">
        <xs:attribute name="u" type="xs:token"/><xs:attribute name="p" type="xs:token"/>
        <xs:attribute name="f" type="xs:token" fixed="1"/><xs:attributeGroup ref="g"/></xs:extension></xs:simpleContent>
      </xs:complexType>
      <xs:complexType name="narrow"><xs:simpleContent><xs:restriction base="base">
        <xs:attribute name="u" type="short" use="required"/><xs:attribute name="p" use="prohibited"/></xs:restriction>
      </xs:simpleContent></xs:complexType>
      <xs:element name="r"><xs:complexType><xs:sequence>
        <xs:element name="v" type="narrow" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>"""
    file = _schema(tmp_path, body)
    schema = etree.XMLSchema(etree.parse(str(file)))
    proved = ['<v u="x">1</v>', '<v u="xy" g="1.5">1</v>']
    invalid = [
        "<v>1</v>",
        '<v u="xyz">1</v>',
        '<v u="x" p="1">1</v>',
        '<v u="x" g="a">1</v>',
        '<v u="x">a</v>',
        '<v u="x"/>',
    ]
    left = ['<v u="x" f="1">1</v>', '<v u=" x">1</v>']
    told = schema_automaton({"t": file})
    assert _proved(told, *proved, *invalid, *left) == [True] * 2 + [False] * 8
    for text in [*proved, *left]:
        assert schema.validate(etree.fromstring(f'<r xmlns="urn:t">{text}</r>'))
    for text in invalid:
        assert not schema.validate(etree.fromstring(f'<r xmlns="urn:t">{text}</r>'))


def test_the_invoice_schemas() -> None:
    told = automaton()
    assert told.schemas == ("UBL 2.1 Invoice", "UBL 2.1 CreditNote", "CII D22B")
    assert [told.names[name].rpartition("}")[2] for name in told.roots[:, 0]] == [
        "Invoice",
        "CreditNote",
        "CrossIndustryInvoice",
    ]
    assert len(np.unique(told.edges[:, :2], axis=0)) == len(told.edges)
    assert told.edges[:, [0, 2]].max() < len(told.accepting)
    assert told.edges[:, 3].max() < len(told.types)
    assert set(told.types[told.types[:, 0] >= 0, 1].tolist()) == {Content.BLANK}
    assert (told.types[:, 1] == Content.NEVER).sum() == 0


def test_every_facturx_schema_is_read() -> None:
    for schema in FACTURX_XSD.values():
        told = schema_automaton({schema.name: file_of(schema)})
        assert len(told.roots) == 1
        assert (told.types[:, 1] == Content.NEVER).sum() == 0


def _same(one: SchemaAutomaton, other: SchemaAutomaton) -> bool:
    arrays = ("roots", "edges", "accepting", "types", "attributes")
    return one.names == other.names and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays)


def test_the_cache_gives_the_same_and_is_made_of_these_files(tmp_path: Path) -> None:
    file = _schema(tmp_path, f'<xs:include schemaLocation="leaves.xsd"/>{_ROOT}')
    _schema(tmp_path, LEAVES, "leaves.xsd")
    cache = tmp_path / "cache"
    first = cached_automaton({"t": file}, cache)
    assert _same(first, schema_automaton({"t": file}))
    assert _same(first, cached_automaton({"t": file}, cache))
    (entry,) = cache.iterdir()
    entry.write_bytes(entry.read_bytes()[:-1])
    assert _same(first, cached_automaton({"t": file}, cache))
    _schema(tmp_path, LEAVES.replace("xs:string", "xs:decimal"), "leaves.xsd")
    changed = cached_automaton({"t": file}, cache)
    assert not _same(first, changed)
    assert _same(changed, schema_automaton({"t": file}))


def test_schemas_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        schema_automaton({"t": tmp_path / "none.xsd"})
    one, other = _schema(tmp_path, _ROOT, "one.xsd"), _schema(tmp_path, _ROOT, "other.xsd")
    with pytest.raises(ConfigurationError, match="two schema files"):
        schema_automaton({"one": one, "other": other})


def test_schema_names_are_those_given() -> None:
    assert automaton().schemas == tuple(SCHEMAS)
