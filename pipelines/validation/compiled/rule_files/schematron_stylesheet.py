"""Schematron source written as XSLT, so that the official engine runs it and the compiler reads it like any rule file.

One template a rule, one mode a pattern; of a pattern the first rule that matches a node judges it, by falling priority.
The report is SVRL (ISO/IEC 19757-3 annex D), in the shape of the stylesheets that publishers give.
"""

from __future__ import annotations

import copy
from functools import lru_cache
from pathlib import Path

from lxml import etree

from pipelines.validation.compiled.rule_files.schematron_source import (
    SCH,
    XSL,
    Source,
    is_schematron,
    parsed_file,
    plain_source,
    refused,
    texts_of,
)  # fmt: skip

_SVRL = "http://purl.oclc.org/dsdl/svrl"
_XSL_URI = XSL[1:-1]
_PRIORITY_MIN = 1000
_KEPT = 4
"""Stylesheets kept in memory: the compiler and the engine of one process read the same ones."""


def xsl(name: str, /, *content: etree._Element | str, **attributes: str) -> etree._Element:
    """An instruction. Its content is one text, or elements."""
    return _element(f"{XSL}{name}", content, attributes)


def svrl(name: str, /, *content: etree._Element | str, **attributes: str) -> etree._Element:
    """A part of the report."""
    return _element(f"{{{_SVRL}}}{name}", content, attributes)


def _element(tag: str, content: tuple[etree._Element | str, ...], attributes: dict[str, str]) -> etree._Element:
    element = etree.Element(tag, attributes)
    for part in content:
        if isinstance(part, str):
            element.text = part
        else:
            element.append(part)
    return element


def rule_stylesheet(file: Path) -> etree._Element:
    """The root of the XSLT of a rule file: the file's own, or the one that its Schematron source is written as.

    Errors   ConfigurationError when the file cannot be read, or holds what is not known: see `plain_source`.
    """
    if is_schematron(file):
        return etree.fromstring(stylesheet_text(file))
    return parsed_file(file)


def stylesheet_text(file: Path) -> bytes:
    """The XSLT of a Schematron file. Its base is the file's place, so that code lists beside it are found."""
    stamp = file.stat()
    return _text(file, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(_KEPT)
def _text(file: Path, _changed: int, _size: int) -> bytes:
    return etree.tostring(_stylesheet(plain_source(file), file), encoding="UTF-8", xml_declaration=True)


def _stylesheet(source: Source, file: Path) -> etree._Element:
    namespaces = {"xsl": _XSL_URI, "svrl": _SVRL, "xs": "http://www.w3.org/2001/XMLSchema", **source.namespaces}
    root = etree.Element(f"{XSL}stylesheet", {"version": "2.0"}, nsmap=namespaces)
    root.set("{http://www.w3.org/XML/1998/namespace}base", file.absolute().as_uri())
    for function in source.functions:
        root.append(copy.deepcopy(function))
    names: set[str] = set()
    for let in source.globals:
        root.append(_variable(let, file, names))
    modes = [f"M{number}" for number in range(1, len(source.patterns) + 1)]
    root.append(_start(modes))
    for mode, pattern in zip(modes, source.patterns, strict=True):
        root.extend(_pattern(pattern, mode, source, file))
    root.extend(_location_templates())
    return root


def _start(modes: list[str]) -> etree._Element:
    report = svrl("schematron-output")
    for mode in modes:
        report.append(svrl("active-pattern"))
        report.append(xsl("apply-templates", select="/", mode=mode))
    return xsl("template", report, match="/")


def _pattern(pattern: etree._Element, mode: str, source: Source, file: Path) -> list[etree._Element]:
    rules = pattern.findall(f"{SCH}rule")
    below = "@*|*" if any("@" in str(rule.get("context")) for rule in rules) else "*"
    templates = [
        _rule(rule, mode, _PRIORITY_MIN + len(rules) - place, below, source, file)
        for place, rule in enumerate(rules, start=1)
    ]
    return [
        *templates,
        xsl("template", match="text()", priority="-1", mode=mode),
        xsl("template", xsl("apply-templates", select=below, mode=mode), match="@*|node()", priority="-2", mode=mode),
    ]


def _rule(rule: etree._Element, mode: str, priority: int, below: str, source: Source, file: Path) -> etree._Element:
    context = rule.get("context")
    if not context:
        raise refused("a rule without context", rule, file, "")
    template = xsl(
        "template", svrl("fired-rule", context=_literal(context)), match=context, priority=str(priority), mode=mode
    )
    names: set[str] = set()
    for part in rule.iterchildren(f"{SCH}let", f"{SCH}assert", f"{SCH}report"):
        template.append(_variable(part, file, names) if part.tag == f"{SCH}let" else _statement(part, source, file))
    template.append(xsl("apply-templates", select=below, mode=mode))
    return template


def _variable(let: etree._Element, file: Path, names: set[str]) -> etree._Element:
    name, value = let.get("name"), let.get("value")
    if not name or value is None:
        raise refused("a let without name or value", let, file, str(name))
    if name in names:
        raise refused("two lets of one scope have the same name", let, file, name)
    names.add(name)
    return xsl("variable", name=name, select=value)


def _statement(part: etree._Element, source: Source, file: Path) -> etree._Element:
    test = part.get("test")
    if not test:
        raise refused("an assert without test", part, file, str(part.get("id")))
    report = part.tag == f"{SCH}report"
    told = svrl("successful-report" if report else "failed-assert", test=_literal(test))
    for name in ("id", "flag"):
        value = part.get(name)
        if value:
            told.append(xsl("attribute", value, name=name))
    location = xsl("apply-templates", select=".", mode="schematron-select-full-path")
    told.append(xsl("attribute", location, name="location"))
    told.append(_sentence(part, source, file))
    if report:
        return xsl("if", told, test=test)
    return xsl("choose", xsl("when", test=test), xsl("otherwise", told))


def _sentence(part: etree._Element, source: Source, file: Path) -> etree._Element:
    """The text of an assert, that of its diagnostics after it."""
    sentence = svrl("text")
    _write(part, sentence, file)
    for name in str(part.get("diagnostics") or "").split():
        if name not in source.diagnostics:
            raise refused("an assert names a diagnostic that is not there", part, file, name)
        sentence.append(xsl("text", " "))
        _write(source.diagnostics[name], sentence, file)
    return sentence


def _write(part: etree._Element, sentence: etree._Element, file: Path) -> None:
    for piece in texts_of(part):
        if isinstance(piece, str):
            sentence.append(xsl("text", piece))
        elif piece.tag == f"{SCH}name":
            sentence.append(xsl("value-of", select=f"name({piece.get('path') or '.'})"))
        elif piece.get("select"):
            sentence.append(xsl("value-of", select=str(piece.get("select"))))
        else:
            raise refused("a value-of without select", piece, file, "")


def _literal(text: str) -> str:
    """A text as an attribute of an output element, where braces would be read as XPath."""
    return text.replace("{", "{{").replace("}", "}}")


def _location_templates() -> list[etree._Element]:
    """Locations as `/*:name[namespace-uri()='...'][n]`, as the official files tell them."""
    mode = "schematron-get-full-path"
    above = xsl("apply-templates", select="parent::*", mode=mode)
    named = xsl("choose",
        xsl("when", xsl("value-of", select="name()"), test="namespace-uri()=''"),
        xsl("otherwise",
            xsl("text", "*:"), xsl("value-of", select="local-name()"), xsl("text", "[namespace-uri()='"),
            xsl("value-of", select="namespace-uri()"), xsl("text", "']"),
        ),
    )  # fmt: skip
    twins = (
        "count(preceding-sibling::*[local-name()=local-name(current()) and namespace-uri() = namespace-uri(current())])"
    )
    attribute = xsl("choose",
        xsl("when", xsl("text", "@"), xsl("value-of", select="name()"), test="namespace-uri()=''"),
        xsl("otherwise",
            xsl("text", "@*[local-name()='"), xsl("value-of", select="local-name()"),
            xsl("text", "' and namespace-uri()='"), xsl("value-of", select="namespace-uri()"), xsl("text", "']"),
        ),
    )  # fmt: skip
    return [
        xsl("template", xsl("apply-templates", select=".", mode=mode), match="*", mode="schematron-select-full-path"),
        xsl("template",
            above, xsl("text", "/"), named, xsl("variable", name="preceding", select=twins), xsl("text", "["),
            xsl("value-of", select="1 + $preceding"), xsl("text", "]"), match="*", mode=mode,
        ),
        xsl("template", copy.deepcopy(above), xsl("text", "/"), attribute, match="@*", mode=mode),
    ]  # fmt: skip
