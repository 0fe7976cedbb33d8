"""What the text and the attributes of a type must look like, as far as it can be proved.

Each function answers for the safe part of XML Schema that invoice schemas use; what is not known here is `NEVER`.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from pipelines.parsing.scanner.automaton import Content
from pipelines.parsing.scanner.schema_files import XSD, SchemaFiles, expanded, resolved, target_namespace

LENGTH_MAX = 2**31 - 1

_BUILT_IN = {
    "string": Content.ANY,
    "normalizedString": Content.ANY,
    "token": Content.ANY,
    "decimal": Content.DECIMAL,
    "date": Content.DATE,
    "boolean": Content.BOOLEAN,
    "time": Content.TIME,
    "dateTime": Content.DATE_TIME,
    "base64Binary": Content.BASE64,
    "language": Content.LANGUAGE,
    "anyURI": Content.URI,
}
_ANNOTATION = f"{XSD}annotation"


@dataclass(frozen=True)
class Simple:
    """The text of a simple type; the lengths count for `Content.LENGTH` alone."""

    content: Content
    shortest: int = 0
    longest: int = 0


@dataclass(frozen=True)
class Attribute:
    """One attribute that a type allows."""

    simple: Simple
    required: bool


NEVER = Simple(Content.NEVER)
Attributes = dict[str, Attribute]


def named_simple(files: SchemaFiles, name: str) -> Simple:
    """The text of the simple type of an expanded name."""
    if name.startswith(XSD):
        return Simple(_BUILT_IN.get(name.removeprefix(XSD), Content.NEVER))
    node = files.component("type", name)
    return NEVER if node is None or node.tag != f"{XSD}simpleType" else simple_type(files, node)


def simple_type(files: SchemaFiles, node: etree._Element) -> Simple:
    """The text of a simple type: a restriction, of a built-in type in the end."""
    body = children(node)
    if len(body) != 1 or body[0].tag != f"{XSD}restriction":
        return NEVER
    restriction = body[0]
    base = restriction.get("base")
    facets = children(restriction)
    if base is not None:
        return restricted(named_simple(files, resolved(restriction, base)), facets)
    if facets and facets[0].tag == f"{XSD}simpleType":
        return restricted(simple_type(files, facets[0]), facets[1:])
    return NEVER


def restricted(base: Simple, facets: list[etree._Element]) -> Simple:
    """The text of a type under facets: only bounds of the length of a string are known."""
    if not facets:
        return base
    if base.content not in {Content.ANY, Content.LENGTH}:
        return NEVER
    shortest, longest = (0, LENGTH_MAX) if base.content is Content.ANY else (base.shortest, base.longest)
    for facet in facets:
        told = int(facet.get("value", "-1")) if facet.get("value", "").isdigit() else -1
        if facet.tag == f"{XSD}minLength" and told >= 0:
            shortest = max(shortest, told)
        elif facet.tag == f"{XSD}maxLength" and told >= 0:
            longest = min(longest, told)
        else:
            return NEVER
    return Simple(Content.LENGTH, shortest, longest)


def simple_content(files: SchemaFiles, node: etree._Element) -> tuple[Simple, Attributes]:
    """Text and attributes of a complex type with simple content."""
    body = children(node)
    if len(body) != 1 or body[0].get("base") is None:
        return NEVER, {}
    derivation = body[0]
    simple, attributes = _base(files, resolved(derivation, derivation.get("base", "")))
    facets = [child for child in children(derivation) if not _is_attribute(child)]
    if derivation.tag == f"{XSD}restriction":
        simple = restricted(simple, facets)
    elif derivation.tag != f"{XSD}extension" or facets:
        simple = NEVER
    known = add_attributes(files, derivation, attributes)
    return (simple if known else NEVER), attributes


def _base(files: SchemaFiles, name: str) -> tuple[Simple, Attributes]:
    node = files.component("type", name)
    if node is None or node.tag == f"{XSD}simpleType":
        return named_simple(files, name), {}
    body = children(node)
    if body and body[0].tag == f"{XSD}simpleContent":
        return simple_content(files, body[0])
    return NEVER, {}


def add_attributes(files: SchemaFiles, node: etree._Element, attributes: Attributes) -> bool:
    """Adds the attributes declared right below a node.

    Returns False when one that may be required is not understood: then nothing of the type can be proved. An optional
    one that is not understood is left out, and a wildcard too: the document that has such an attribute is not proved.
    """
    known = True
    for child in children(node):
        if child.tag == f"{XSD}attributeGroup":
            group = files.component("attributeGroup", resolved(child, child.get("ref", "")))
            known = known and group is not None and add_attributes(files, group, attributes)
        elif child.tag == f"{XSD}attribute":
            known = _add_attribute(files, child, attributes) and known
    return known


def _add_attribute(files: SchemaFiles, node: etree._Element, attributes: Attributes) -> bool:
    use, name = node.get("use", "optional"), node.get("name")
    if name is None or use not in {"optional", "required"}:
        attributes.pop(name or "", None)
        return use != "required"
    form = node.get("form") or node.getroottree().getroot().get("attributeFormDefault", "unqualified")
    inner = [child for child in children(node) if child.tag == f"{XSD}simpleType"]
    told = node.get("type")
    if node.get("fixed") is not None:
        simple = NEVER
    elif told is not None:
        simple = named_simple(files, resolved(node, told))
    else:
        simple = simple_type(files, inner[0]) if inner else NEVER
    key = expanded(target_namespace(node), name) if form == "qualified" else name
    attributes[key] = Attribute(simple, use == "required")
    return True


def _is_attribute(node: etree._Element) -> bool:
    return node.tag in {f"{XSD}attribute", f"{XSD}attributeGroup", f"{XSD}anyAttribute"}


def children(node: etree._Element) -> list[etree._Element]:
    """The children of a schema node that say something."""
    return [child for child in node if child.tag != _ANNOTATION]
