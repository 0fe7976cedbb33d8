"""What the shape of a rule file must be so that reading it as data is exact. Nothing unknown is passed over."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from data_contracts.errors import ConfigurationError

XSL = "{http://www.w3.org/1999/XSL/Transform}"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"

_TOP = frozenset({f"{XSL}{name}" for name in ("param", "variable", "output", "function", "template", "key")})
_TITLE = f"{SVRL}text"
_BELOW = frozenset({
    "*", "@*|*", "*|comment()|processing-instruction()", "@*|*|comment()|processing-instruction()", "@*|node()",
    "node()",
})  # fmt: skip
"""What a template goes on to: elements, with or without attributes. Comments hold no rules, and the gate drops them."""
_TOLD = frozenset({f"{XSL}attribute", f"{SVRL}text"})
_IN_RULE = frozenset(
    {f"{XSL}{name}" for name in ("variable", "choose", "if", "apply-templates")} | {f"{SVRL}fired-rule"}
)
_LOCATION = ("schematron-select-full-path", ".")


def check_file(root: etree._Element, file: Path) -> None:
    """Refuses a stylesheet with parts at its top that are not known. Errors   ConfigurationError with line and name."""
    if root.tag not in (f"{XSL}stylesheet", f"{XSL}transform"):
        raise _refused("the rule file is no stylesheet", root, file, str(root.tag))
    for child in root.iterchildren(etree.Element):
        if child.tag not in _TOP and child.tag != _TITLE:
            raise _refused("a part of the rule file is not known", child, file, str(child.tag))
        if child.tag == f"{XSL}template" and child.get("match") is None:
            raise _refused("a template is called by name", child, file, str(child.get("name")))


def check_start(start: etree._Element, file: Path) -> None:
    """Refuses a start that applies patterns to anything but the whole document."""
    for applied in start.iter(f"{XSL}apply-templates"):
        if applied.get("mode") is not None and applied.get("select") != "/":
            raise _refused("a pattern is applied to a part of the document", applied, file, str(applied.get("select")))


def check_pattern(templates: list[etree._Element], file: Path) -> None:
    """Refuses a mode whose templates are not one default, and rules with priorities that go on as the default does."""
    rules = [template for template in templates if template.find(f"{SVRL}fired-rule") is not None]
    others = {str(template.get("match")): template for template in templates if template not in rules}
    for match, template in others.items():
        if match not in ("text()", "@*|node()"):
            raise _refused("a template that is no rule", template, file, match)
    default = others.get("@*|node()")
    below = None if default is None else default.find(f"{XSL}apply-templates")
    select = None if below is None else below.get("select")
    if select not in _BELOW:
        where = templates[0] if default is None else default
        raise _refused("a pattern of unknown shape", where, file, str(templates[0].get("mode")))
    for rule in rules:
        if not _is_number(rule.get("priority")):
            raise _refused("a rule without priority", rule, file, str(rule.get("match")))
        for applied in rule.iter(f"{XSL}apply-templates"):
            if applied.get("mode") == rule.get("mode") and (applied.get("select") != select or applied is not rule[-1]):
                raise _refused("a rule goes on in another way than its pattern", applied, file, str(rule.get("match")))


def unknown_in_rule(template: etree._Element) -> str:
    """Why a rule's template is not read, empty when it is."""
    strange = sorted(str(child.tag) for child in template.iterchildren(etree.Element) if child.tag not in _IN_RULE)
    return f"unknown parts {strange}" if strange else ""


def unknown_in_statement(told: etree._Element, template: etree._Element) -> str:
    """Why an assert or report is not read: it stands under other conditions, or tells more. Empty when it is read."""
    above = [str(element.tag) for element in told.iterancestors()]
    depth = above.index(str(template.tag))
    wanted = [f"{XSL}if"] if told.tag == f"{SVRL}successful-report" else [f"{XSL}otherwise", f"{XSL}choose"]
    if above[:depth] != wanted:
        return f"a condition of unknown shape: {', '.join(above[:depth])}"
    choose = told.getparent()
    if told.tag == f"{SVRL}failed-assert" and choose is not None:
        choose = choose.getparent()
        if choose is None or [str(part.tag) for part in choose] != [f"{XSL}when", f"{XSL}otherwise"] or len(choose[0]):
            return "a condition with other branches than one that holds and one that does not"
    strange = sorted(str(child.tag) for child in told.iterchildren(etree.Element) if child.tag not in _TOLD)
    if strange or len(told.findall(f"{SVRL}text")) > 1:
        return f"it tells more than a sentence: {strange}"
    if any("{" in str(told.get(name)) for name in ("id", "flag", "location")):
        return "an id, flag or location that is worked out"
    for attribute in told.findall(f"{XSL}attribute"):
        if attribute.get("name") == "location":
            applied = attribute.find(f"{XSL}apply-templates")
            if applied is None or (applied.get("mode"), applied.get("select")) != _LOCATION:
                return "the location of another node than the one judged"
        elif len(attribute):
            return f"an attribute {attribute.get('name')} that is worked out"
    return ""


def unknown_in_variable(variable: etree._Element) -> str:
    """Why a variable is not read: content in place of a select, or a type that may convert or refuse its value."""
    if variable.get("select") is None:
        return "it has no select"
    select, kind = str(variable.get("select")).strip(), variable.get("as")
    literal = len(select) > 1 and select[0] in "\"'" and select.count(select[0]) == 2 and select[-1] == select[0]
    if kind not in (None, "item()*") and not (kind in ("xs:string", "xs:string?") and literal):
        return f"a variable of type {kind}"
    return ""


def _is_number(text: str | None) -> bool:
    try:
        float(text or "")
    except ValueError:
        return False
    return True


def _refused(what: str, element: etree._Element, file: Path, value: str) -> ConfigurationError:
    return ConfigurationError(
        what,
        where=f"{file.name} line {element.sourceline}",
        value=value,
        remedy="judge with the official engine alone, or teach the compiler the file's shape",
    )
