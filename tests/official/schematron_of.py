"""An official XSLT written back as the Schematron that it may have been compiled from."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

from lxml import etree

from pipelines.validation.compiled.rule_files.schematron_source import SCH, XSL

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def schematron_of(file: Path) -> bytes:
    """The Schematron source of a rule file: patterns, rules, variables, asserts, reports, functions."""
    root = etree.parse(str(file)).getroot()
    schema = etree.Element(f"{SCH}schema", {"queryBinding": "xslt2"}, nsmap={"sch": SCH[1:-1]})
    namespaces: dict[str, str] = {}
    for element in root.iter(etree.Element):
        namespaces.update({prefix: uri for prefix, uri in element.nsmap.items() if prefix})
    for prefix, uri in sorted(namespaces.items()):
        etree.SubElement(schema, f"{SCH}ns", prefix=prefix, uri=uri)
    _lets(root, schema)
    schema.extend(deepcopy(function) for function in root.findall(f"{XSL}function"))
    start = next(t for t in root.findall(f"{XSL}template") if t.get("match") == "/" and t.get("mode") is None)
    for applied in [a for a in start.iter(f"{XSL}apply-templates") if a.get("mode") is not None]:
        pattern = etree.SubElement(schema, f"{SCH}pattern")
        templates = [t for t in root.findall(f"{XSL}template") if t.get("mode") == applied.get("mode")]
        rules = [t for t in templates if t.find(f"{_SVRL}fired-rule") is not None]
        for template in sorted(rules, key=lambda t: -float(str(t.get("priority")))):
            rule = etree.SubElement(pattern, f"{SCH}rule", context=str(template.get("match")))
            _lets(template, rule)
            for told in template.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report"):
                rule.append(_statement(told))
    return etree.tostring(schema, encoding="UTF-8")


def _lets(parent: etree._Element, into: etree._Element) -> None:
    for variable in parent.findall(f"{XSL}variable"):
        if variable.get("select") is not None:
            etree.SubElement(into, f"{SCH}let", name=str(variable.get("name")), value=str(variable.get("select")))


def _statement(told: etree._Element) -> etree._Element:
    report = told.tag == f"{_SVRL}successful-report"
    parent = told.getparent()
    assert parent is not None
    holder = parent if report else parent.getparent()
    assert holder is not None
    test = holder.get("test") if report else holder[0].get("test")
    made = etree.Element(f"{SCH}{'report' if report else 'assert'}", test=str(test))
    for attribute in told.findall(f"{XSL}attribute"):
        if attribute.get("name") in ("id", "flag"):
            made.set(str(attribute.get("name")), str(attribute.text))
    for name in ("id", "flag"):
        if told.get(name):
            made.set(name, str(told.get(name)))
    text = told.find(f"{_SVRL}text")
    assert text is not None
    made.text = text.text if (text.text or "").strip() else None
    for piece in text:
        if piece.tag == f"{XSL}value-of":
            etree.SubElement(made, f"{SCH}value-of", select=str(piece.get("select")))
        else:
            _add(made, piece.text or "")
        if (piece.tail or "").strip():
            _add(made, str(piece.tail))
    return made


def _add(element: etree._Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text
