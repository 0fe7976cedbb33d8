"""The words of an official rule file: of each assert its context, test and sentence, as the publisher wrote them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from data_contracts.errors import ConfigurationError
from data_contracts.interfaces import Syntax
from data_contracts.rule_sets import RuleSet
from data_contracts.tables import Flag
from pipelines.parsing.opening import STATUS_ROOT
from pipelines.parsing.paths import NAMESPACES
from pipelines.validation.compiled.rule_files.schematron_source import included_files, is_schematron
from pipelines.validation.compiled.rule_files.schematron_stylesheet import rule_stylesheet
from pipelines.validation.judge import NO_ID

_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_READ_BESIDE = re.compile(r"""\bdocument\(\s*(["'])(.*?)\1""")
_NAMESPACES = {
    Syntax.UBL: NAMESPACES["ubl"],
    Syntax.CII: NAMESPACES["rsm"],
    Syntax.CDAR: etree.QName(STATUS_ROOT).namespace,
}
VALUE = "…"
"""Stands in a sentence for a value of the document."""


@dataclass(frozen=True)
class RuleText:
    """One assert, or one report, which is broken where its test is true."""

    rule: str
    flag: str
    report: bool
    context: str
    test: str
    sentence: str


def rule_texts(file: Path) -> list[RuleText]:
    """The asserts of a rule file, in its order. Errors: ConfigurationError when it is not XML."""
    found = []
    for template in rule_stylesheet(file).findall(f"{_XSL}template"):
        for element in template.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report"):
            found.append(_text(element, str(template.get("match"))))
    return found


def read_beside(file: Path, rule_set: RuleSet) -> list[Path]:
    """The files that a rule file reads, which must lie beside it, or below in what Schematron source includes.

    Errors   ConfigurationError when it is no stylesheet or schema, is made for another syntax than its rule set,
             includes other stylesheets, or reads a file that does not lie beside it.
    """
    root = rule_stylesheet(file)
    if root.tag not in {f"{_XSL}stylesheet", f"{_XSL}transform"}:
        raise _refused(
            file, "the file is not an XSLT stylesheet", root.tag, "give Schematron, or the XSLT it is compiled to"
        )
    syntax = _NAMESPACES[rule_set.syntax]
    if not any(syntax in element.nsmap.values() for element in root.iter(etree.Element)):
        raise _refused(file, "the rule file is made for another syntax", rule_set.group, "correct --name, or the file")
    for tag in ("import", "include", "use-package"):
        if root.find(f"{_XSL}{tag}") is not None:
            raise _refused(file, "the rule file needs other stylesheets", f"xsl:{tag}", "give it as one file")
    names = {match[2] for text in _expressions(root) for match in _READ_BESIDE.finditer(text)} - {""}
    beside = [file.parent / name for name in sorted(names)]
    for path in beside:
        if path.parent != file.parent or not path.is_file():
            raise _refused(file, "the rule file reads a file that is not beside it", path.name, "put it beside")
    return [*beside, *(included_files(file) if is_schematron(file) else ())]


def _expressions(root: etree._Element) -> list[str]:
    return [str(value) for element in root.iter(etree.Element) for value in element.attrib.values()]


def _text(element: etree._Element, context: str) -> RuleText:
    report = element.tag == f"{_SVRL}successful-report"
    text = element.find(f"{_SVRL}text")
    pieces = [] if text is None else [text.text or "", *(_piece(child) for child in text)]
    return RuleText(
        rule=_attribute(element, "id") or NO_ID,
        flag=_attribute(element, "flag") or Flag.FATAL.value,
        report=report,
        context=context,
        test=" ".join(str(element.get("test")).split()),
        sentence=" ".join("".join(pieces).split()),
    )


def _piece(child: etree._Element) -> str:
    own = VALUE if child.tag == f"{_XSL}value-of" else "".join(map(str, child.itertext()))
    return own + (child.tail or "")


def _attribute(element: etree._Element, name: str) -> str:
    """An attribute written plainly, or by xsl:attribute."""
    written = element.find(f"{_XSL}attribute[@name='{name}']")
    return str(element.get(name) or ("" if written is None else written.text or ""))


def _refused(file: Path, what: str, value: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(what, where=str(file), value=value, remedy=remedy)
