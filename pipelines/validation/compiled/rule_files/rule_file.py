"""An official XSLT compiled from Schematron, read as data. Source: ISO Schematron's XSLT 2.0 skeleton, both shapes.

A template per rule (`match`, `mode` = pattern, `priority`); in it variables, then a choose per assert and an if per
report. What is not understood is kept with the reason, per assert, and never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from data_contracts.errors import ConfigurationError
from data_contracts.tables import Flag
from pipelines.validation.compiled.evaluation.functions import FileFunction
from pipelines.validation.compiled.evaluation.not_compilable import NotCompilable
from pipelines.validation.compiled.rule_files.rule_shape import (
    check_file,
    check_pattern,
    check_start,
    unknown_in_rule,
    unknown_in_statement,
    unknown_in_variable,
)  # fmt: skip
from pipelines.validation.compiled.rule_files.rules import Assert, Part, Pattern, Rule, RuleFile
from pipelines.validation.compiled.rule_files.schematron_stylesheet import rule_stylesheet
from pipelines.validation.compiled.rule_files.trees import LISTED_CODE, Tree
from pipelines.validation.compiled.rule_files.xpath_trees import XPathReader
from pipelines.validation.judge import NO_ID

_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_CODE_LIST = re.compile(
    r"document\('([^']+)'\)/codedb/cl\[@id=(\d+)\]/enumeration\[@value=((?:\$|normalize-space)[^\[\]]+)\]"
)
_DOCUMENT = re.compile(r"document\('([^']+)'\)")
_IGNORED = frozenset({"document-uri"})
"""A global variable of the skeleton, used by no rule."""


def read_rule_file(file: Path) -> RuleFile:
    """The rules of a file.

    Errors   ConfigurationError when the file has no pattern, or two rules of one pattern claim the same priority.
    """
    root = rule_stylesheet(file)
    check_file(root, file)
    reader = _Reader(root, file)
    patterns = tuple(reader.pattern(mode) for mode in reader.modes())
    if not any(pattern.rules for pattern in patterns):
        raise ConfigurationError(
            "an official rule file holds no rule that is recognised",
            where=file.name,
            remedy="judge with the official engine alone, or teach the compiler the file's shape",
        )
    functions, refused = reader.functions()
    return RuleFile(patterns, reader.variables(root), functions, refused, reader.code_lists(), reader.known_location())


class _Reader:
    def __init__(self, root: etree._Element, file: Path) -> None:
        self.root = root
        self.file = file
        self.texts: dict[str, Tree | str] = {}
        namespaces: dict[str, str] = {}
        for element in root.iter(etree.Element):
            for prefix, uri in element.nsmap.items():
                if prefix and namespaces.setdefault(prefix, uri) != uri:
                    raise ConfigurationError("a prefix with two namespaces", where=file.name, value=prefix)
        functions = [(str(f.get("name")), len(f.findall(f"{_XSL}param"))) for f in root.findall(f"{_XSL}function")]
        self.xpath = XPathReader(namespaces, functions)
        self.templates: dict[str, list[etree._Element]] = {}
        for template in root.findall(f"{_XSL}template"):
            self.templates.setdefault(str(template.get("mode")), []).append(template)

    def tree(self, text: str | None) -> Tree | str:
        """The tree of an expression, or why there is none."""
        if text is None:
            return "it has no select"
        if text not in self.texts:
            try:
                self.texts[text] = self.xpath.tree(_CODE_LIST.sub(rf"{LISTED_CODE}('\1', '\2', \3)", text))
            except NotCompilable as refusal:
                self.texts[text] = str(refusal)
        return self.texts[text]

    def modes(self) -> list[str]:
        """The patterns in the order in which the file applies them to a document."""
        start = [t for t in self.templates.get("None", []) if t.get("match") == "/"]
        applied = start[0].iter(f"{_XSL}apply-templates") if start else []
        for template in start:
            check_start(template, self.file)
        return [str(a.get("mode")) for a in applied if a.get("mode") is not None]

    def pattern(self, mode: str) -> Pattern:
        rules, default = [], None
        check_pattern(self.templates.get(mode, []), self.file)
        for template in self.templates[mode]:
            if template.find(f"{_SVRL}fired-rule") is not None:
                rules.append(self.rule(template))
            elif template.get("match") == "@*|node()":
                default = template.find(f"{_XSL}apply-templates")
        priorities = {rule.priority for rule in rules}
        if len(priorities) != len(rules) or default is None:
            raise ConfigurationError("a pattern of unknown shape", where=self.file.name, value=mode)
        rules.sort(key=lambda rule: -rule.priority)
        return Pattern(mode, tuple(rules), "@*" in str(default.get("select")))

    def rule(self, template: etree._Element) -> Rule:
        match = str(template.get("match"))
        context = self.tree(match)
        refusal = context if isinstance(context, str) else unknown_in_rule(template)
        asserts = [
            self.statement(statement, template)
            for statement in template.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report")
        ]
        return Rule(
            match, () if isinstance(context, str) else context, refusal, float(str(template.get("priority"))),
            self.variables(template), tuple(asserts), template.find(f"{_XSL}apply-templates") is not None,
        )  # fmt: skip

    def variables(self, parent: etree._Element) -> tuple[tuple[str, Tree | str], ...]:
        """The variables of a template or function; of the file, its parameters with a default too."""
        found = [v for v in parent.findall(f"{_XSL}variable") if v.get("name") not in _IGNORED]
        if parent is self.root:
            found += [v for v in parent.findall(f"{_XSL}param") if v.get("select") is not None]
        return tuple((str(v.get("name")), unknown_in_variable(v) or self.tree(v.get("select"))) for v in found)

    def statement(self, element: etree._Element, template: etree._Element) -> Assert:
        report = element.tag == f"{_SVRL}successful-report"
        parent = element.getparent()
        assert parent is not None
        if report:
            test = self.tree(parent.get("test"))
        else:
            choose = parent.getparent()
            when = None if choose is None else choose.find(f"{_XSL}when")
            test = self.tree(None if when is None else when.get("test"))
        sentence, refusal = self.sentence(element)
        refusal = unknown_in_statement(element, template) or (test if isinstance(test, str) else refusal)
        return Assert(
            _attribute(element, "id") or NO_ID, _attribute(element, "flag") or Flag.FATAL.value, report,
            () if isinstance(test, str) else test, sentence, refusal,
        )  # fmt: skip

    def sentence(self, element: etree._Element) -> tuple[tuple[Part, ...], str]:
        """The pieces of the official sentence, and why one of them is not read."""
        text = element.find(f"{_SVRL}text")
        parts: list[Part] = []
        refusal = ""
        for piece in [] if text is None else _pieces(text):
            if isinstance(piece, str):
                parts.append(piece)
                continue
            tree = self.tree(piece.get("select")) if piece.tag == f"{_XSL}value-of" else f"a sentence with {piece.tag}"
            if isinstance(tree, str):
                refusal = tree
            else:
                parts.append(tree)
        return tuple(parts), refusal

    def functions(self) -> tuple[tuple[FileFunction, ...], tuple[tuple[str, str], ...]]:
        read, refused = [], []
        for element in self.root.findall(f"{_XSL}function"):
            name = self.xpath.expanded(str(element.get("name")))
            results = element.findall(f"{_XSL}sequence")
            body = self.tree(results[0].get("select") if len(results) == 1 else None)
            parameters = tuple((str(p.get("name")), str(p.get("as"))) for p in element.findall(f"{_XSL}param"))
            variables = self.variables(element)
            types = {kind for _, kind in parameters}
            strings = types and types <= {"xs:string", "xs:string?"}
            if element.get("as") != "xs:boolean" or not (strings or types == {"element()?"}):
                refused.append((name, "a function with other types than strings or elements to one boolean"))
            elif isinstance(body, str) or any(isinstance(tree, str) for _, tree in variables):
                refused.append((name, "a function whose body is not read"))
            else:
                kept = tuple((variable, tree) for variable, tree in variables if not isinstance(tree, str))
                read.append(FileFunction(name, parameters, kept, body))
        return tuple(read), tuple(refused)

    def code_lists(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """(file, list number) -> codes, of the code files that the tests name, which lie beside the rule file."""
        named = {name for text in self.texts for name in _DOCUMENT.findall(text)}
        lists: dict[tuple[str, str], tuple[str, ...]] = {}
        for name in sorted(named):
            path = self.file.parent / name
            if path.is_file():
                for codes in etree.parse(str(path)).getroot().findall("cl"):
                    values = tuple(str(entry.get("value")) for entry in codes.findall("enumeration"))
                    lists[name, str(codes.get("id"))] = values
        return lists

    def known_location(self) -> bool:
        """Whether locations are written as `/*:name[namespace-uri()='...'][n]`, the one form that hits are told in."""
        if [t.get("match") for t in self.templates.get("schematron-select-full-path", [])] != ["*"]:
            return False
        templates = self.templates.get("schematron-get-full-path", [])
        literals = ["".join("".join(map(str, t.itertext())).split()) for t in templates]
        counted = [str(v.get("select")) for t in templates for v in t.iter(f"{_XSL}variable")]
        return literals == _LOCATION_LITERALS and [" ".join(text.split()) for text in counted] == _LOCATION_COUNTS


_LOCATION_LITERALS = ["/*:[namespace-uri()=''][]", "/@@*[local-name()=''andnamespace-uri()='']"]
"""The literal texts of the templates that write locations, without white space."""
_LOCATION_COUNTS = [
    "count(preceding-sibling::*[local-name()=local-name(current()) and namespace-uri() = namespace-uri(current())])"
]


def _attribute(element: etree._Element, name: str) -> str | None:
    """An attribute written plainly, or by xsl:attribute."""
    plain = element.get(name)
    if plain is not None:
        return plain
    for attribute in element.findall(f"{_XSL}attribute"):
        if attribute.get("name") == name:
            return attribute.text
    return None


def _pieces(text: etree._Element) -> Iterator[str | etree._Element]:
    """Literal texts and elements of a sentence. White space alone is text only in xsl:text."""
    yield from _literal(text.text)
    for child in text:
        if child.tag == f"{_XSL}text":
            yield from [child.text] if child.text else []
        elif isinstance(child.tag, str):
            yield child
        yield from _literal(child.tail)


def _literal(text: str | None) -> Iterator[str]:
    if text and text.strip():
        yield text
