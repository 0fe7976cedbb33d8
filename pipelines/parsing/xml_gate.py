"""The only way XML enters Relais: bytes are looked at, then parsed, then counted, and refused at the first doubt.

libxml2 never sees a DOCTYPE, an encoding or an XML version that is not allowed: they are found in the bytes first, and
asked again of the parsed document, whose word is final.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

from lxml import etree

from data_contracts import limits
from data_contracts.refusals import DocumentUnreadable
from pipelines.parsing.distinct_paths import names_beyond, path_beyond
from pipelines.parsing.large_documents import is_large, may_hold, most_attributes, most_elements
from pipelines.parsing.malformed import kind
from pipelines.parsing.values import line_number

ENCODINGS = frozenset({"utf-8", "us-ascii", "iso-8859-1"})
"""Encodings of 18,218 public invoices. UTF-16, UTF-32 and UTF-7 would hide text from whoever reads bytes."""

HUGE_TREE_FROM_BYTES = 10_000_000
"""libxml2 refuses a text longer than this unless told otherwise. A document must be larger to hold such a text, and
attachments may be: DSE-CP 5.4.1 allows 100 MB. Our own limits stand in for those that libxml2 then drops."""

REASON_CHARACTERS_MAX = 200

_SOMETHING = re.compile(rb"[^ \t\r\n]")
_UTF8_MARK = b"\xef\xbb\xbf"
_DECLARATION = re.compile(
    rb"""<\?xml\s+version\s*=\s*(["'])(?P<version>[^"'<>]*)\1(?:\s+encoding\s*=\s*(["'])(?P<encoding>[^"'<>]*)\3)?"""
)
_PROLOG_TO_DOCTYPE = re.compile(rb"(?:\s++|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)
_START_TAG = re.compile(rb"""<[^<>"'!/?](?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+>""")
_LINE = re.compile(r"\bline (\d+)")

_TOO_DEEP = etree.XPath("(" + "/*" * (limits.XML_DEPTH_MAX + 1) + ")[1]")
_CROWDED = etree.XPath(f"(//@*[{limits.XML_ATTRIBUTES_MAX + 1}])[1]/..")
_RETYPED = etree.XPath(
    "(/*[not(self::CPPFactureMixte)]/descendant-or-self::*[@xsi:type])[1]",
    namespaces={"xsi": "http://www.w3.org/2001/XMLSchema-instance"},
)
"""No XML Schema judges CPPFactureMixte, whose official samples type their texts: nothing there can be retyped."""


def gated(data: bytes) -> etree._ElementTree:
    """The tree of one XML document that is safe to hand on.

    Shape    Comments and processing instructions are gone, so that `.text` and `string()` say the same; the line
             numbers of elements are those of the bytes.
    Errors   DocumentUnreadable with IRR_VIDE_F (nothing there), IRR_TAILLE_F (a limit of data_contracts.limits is
             passed) or IRR_SYNTAX (not well-formed, or a construct that no invoice needs); `where` says the line.
    Cost     One parse, and as much again for a few scans of the bytes and walks of the tree in C. A tree takes up to
             70 MB: large documents have none (`limits.TREE_NODES_MAX`).
    Source   OWASP XXE sheet; XML 1.0 paragraph 2.8; DSE-CP 5.4.1.
    """
    screen(data)
    if is_large(data):
        _refuse_count("parsing-many-nodes", limits.TREE_NODES_MAX)
    tree = _parsed(data)
    _check_information(tree)
    _check_shape(tree, data)
    return tree


def line_of(where: str) -> int | None:
    """The line that a refusal of this room names in its `where`; None if it names none."""
    found = _LINE.search(where)
    return int(found[1]) if found else None


def _refuse(motive: str, message_id: str, line: int | None = None, value: str = "", **values: str) -> NoReturn:
    where = "" if line is None else f"line {line}"
    raise DocumentUnreadable.saying(motive, message_id, where=where, value=value, **values)


def screen(data: bytes) -> None:
    """Nothing, when a document's bytes are such that a parser may see them: without limit or construct passed.

    Errors   as of `gated`; what only a parser can say is not said.
    """
    if len(data) > limits.MEMBER_BYTES_MAX:
        _refuse("IRR_TAILLE_F", "parsing-size", size=str(len(data)), most=str(limits.MEMBER_BYTES_MAX))
    marked = data.startswith(_UTF8_MARK)
    body = data.removeprefix(_UTF8_MARK) if marked else data
    if _SOMETHING.search(body) is None:
        _refuse("IRR_VIDE_F", "parsing-empty")
    _check_declaration(body, marked=marked)
    doctype = _PROLOG_TO_DOCTYPE.match(body)
    if doctype is not None:
        _refuse_doctype(doctype.group().count(b"\n") + 1)
    _check_markup(data)


def _check_declaration(body: bytes, *, marked: bool) -> None:
    if b"\0" in body[:4] or body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        _refuse_encoding("UTF-16 / UTF-32")
    declaration = _DECLARATION.match(body)
    if declaration is None:
        return
    _check_version(declaration["version"].decode("latin-1"))
    encoding = (declaration["encoding"] or b"UTF-8").decode("latin-1")
    # A byte order mark that contradicts the declaration lets two readers see two texts.
    if encoding.lower() not in ENCODINGS or (marked and encoding.lower() == "iso-8859-1"):
        _refuse_encoding(encoding)


def _check_version(version: str) -> None:
    if version != "1.0":
        _refuse("IRR_SYNTAX", "parsing-xml-version", 1, version[:REASON_CHARACTERS_MAX])


def _refuse_encoding(encoding: str) -> NoReturn:
    _refuse("IRR_SYNTAX", "parsing-encoding", 1, encoding[:REASON_CHARACTERS_MAX])


def _refuse_doctype(line: int | None) -> NoReturn:
    _refuse("IRR_SYNTAX", "parsing-doctype", line)


def _check_markup(data: bytes) -> None:
    """Bound what the parser will build, before it builds it."""
    if may_hold(data, limits.XML_ELEMENTS_MAX):
        if most_elements(data) > limits.XML_ELEMENTS_MAX:
            _refuse_count("parsing-many-elements", limits.XML_ELEMENTS_MAX)
        if most_attributes(data) > limits.XML_ELEMENTS_MAX:
            _refuse_count("parsing-many-attributes", limits.XML_ELEMENTS_MAX)
    declarations = data.count(b"xmlns")
    if declarations > limits.XML_DECLARATIONS_MAX:
        _refuse_count("parsing-many-declarations", limits.XML_DECLARATIONS_MAX)
    named = names_beyond(data, limits.XML_PATHS_MAX)
    if named is not None:
        _refuse_paths(data.count(b"\n", 0, named) + 1)
    if declarations <= limits.XML_ATTRIBUTES_MAX:
        return
    for tag in _START_TAG.finditer(data):
        if tag.group().count(b"xmlns") > limits.XML_ATTRIBUTES_MAX:
            line = data.count(b"\n", 0, tag.start()) + 1
            _refuse_count("parsing-many-declarations-here", limits.XML_ATTRIBUTES_MAX, line)


def _refuse_count(message_id: str, most: int, line: int | None = None) -> NoReturn:
    _refuse("IRR_TAILLE_F", message_id, line, most=str(most))


def _refuse_paths(line: int | None) -> NoReturn:
    _refuse_count("parsing-many-paths", limits.XML_PATHS_MAX, line)


def parser_for(
    data: bytes, *, schema: etree.XMLSchema | None = None, target: Any = None, recover: bool = False
) -> etree.XMLParser:
    """The parser for a document that was screened: nothing outside is looked at, nothing is added."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=len(data) > HUGE_TREE_FROM_BYTES,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
        schema=schema,
        target=target,
    )


def refuse_malformed(reason: str | None, line: int | None) -> NoReturn:
    """Refuses a document that is not well-formed, in libxml2's words."""
    plain = re.sub(r"\s*, line \d+, column \d+$", "", reason or "").strip()[:REASON_CHARACTERS_MAX]
    _refuse("IRR_SYNTAX", "parsing-malformed", line or 1, reason=plain, kind=kind(plain))


def _parsed(data: bytes) -> etree._ElementTree:
    try:
        return etree.fromstring(data, parser_for(data)).getroottree()
    except etree.XMLSyntaxError as error:
        refuse_malformed(error.msg, error.lineno)


def _check_information(tree: etree._ElementTree) -> None:
    information = tree.docinfo
    if information.internalDTD is not None or information.externalDTD is not None:
        _refuse_doctype(None)
    _check_version(information.xml_version or "1.0")
    if (information.encoding or "UTF-8").lower() not in ENCODINGS:
        _refuse_encoding(information.encoding or "")


def _check_shape(tree: etree._ElementTree, data: bytes) -> None:
    deep = _first(_TOO_DEEP, tree)
    if deep is not None:
        _refuse_count("parsing-many-levels", limits.XML_DEPTH_MAX, line_number(deep))
    crowded = _first(_CROWDED, tree)
    if crowded is not None:
        _refuse_count("parsing-many-attributes-here", limits.XML_ATTRIBUTES_MAX, line_number(crowded))
    one_more = path_beyond(tree, limits.XML_PATHS_MAX)
    if one_more is not None:
        _refuse_paths(line_number(one_more))
    # Only a document that spells the schema-instance namespace, plainly or by references, can retype an element.
    spelled = b"XMLSchema-instance" in data or b"&#" in data
    retyped = _first(_RETYPED, tree) if spelled else None
    if retyped is not None:
        _refuse("IRR_SYNTAX", "parsing-retyped", line_number(retyped))


def _first(path: etree.XPath, tree: etree._ElementTree) -> etree._Element | None:
    nodes = path(tree)
    assert isinstance(nodes, list)
    node = nodes[0] if nodes else None
    assert node is None or isinstance(node, etree._Element)
    return node
