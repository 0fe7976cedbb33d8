"""A Schematron file as its author wrote it, made plain: includes brought in, abstract patterns and rules written out.

Source   ISO/IEC 19757-3: include and extends (5.4), abstract patterns and rules (5.4), phases (5.4), let (5.4).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from data_contracts.errors import ConfigurationError

SCH = "{http://purl.oclc.org/dsdl/schematron}"
XSL = "{http://www.w3.org/1999/XSL/Transform}"
SUFFIX = ".sch"

BINDINGS = frozenset({"xslt2", "xslt3", "xpath2", "xpath3", "xpath31"})
"""Query languages with the types of XPath 2.0. Rules written for XPath 1.0 compare and convert otherwise."""

_PROSE = frozenset({"title", "p", "emph", "span", "dir", "icon", "see", "properties", "property"})
_KNOWN = {
    "schema": frozenset({"ns", "phase", "pattern", "let", "diagnostics", "include", "extends", "rules"}),
    "rules": frozenset({"rule"}),
    "pattern": frozenset({"rule", "let", "param", "include", "extends"}),
    "rule": frozenset({"assert", "report", "let", "extends", "include"}),
    "phase": frozenset({"active", "let"}),
    "assert": frozenset({"name", "value-of"}),
    "report": frozenset({"name", "value-of"}),
    "diagnostic": frozenset({"name", "value-of"}),
    "diagnostics": frozenset({"diagnostic", "include"}),
}
"""What may stand in what, prose aside. Everything else is unknown here, and is not passed over."""
_UNREAD = {"pattern": ("documents",), "assert": ("subject",), "report": ("subject",), "rule": ("subject",)}
"""Attributes that change what is judged or told, in ways not known here."""
_FOREIGN = frozenset({"function", "key"})
"""What of XSLT may stand in a schema."""


@dataclass(frozen=True)
class Source:
    """A schema made plain: its active patterns hold rules, lets, asserts and reports, and nothing else."""

    schema: etree._Element
    patterns: tuple[etree._Element, ...]
    globals: tuple[etree._Element, ...]
    functions: tuple[etree._Element, ...]
    namespaces: dict[str, str]
    diagnostics: dict[str, etree._Element]


def is_schematron(file: Path) -> bool:
    """Whether a rule file is Schematron source, by its name."""
    return file.suffix.lower() == SUFFIX


def plain_source(file: Path) -> Source:
    """The schema of a Schematron file.

    Errors   ConfigurationError with line and name for what is not known here: another query language, an element or
             attribute that is not read, a reference without target, an included file outside the folder.
    """
    root = parsed_file(file)
    if root.tag != f"{SCH}schema":
        raise refused("the file is no Schematron schema", root, file, root.tag)
    binding = str(root.get("queryBinding") or "xslt")
    if binding.lower() not in BINDINGS:
        raise refused("the query language of the rules is not XPath 2", root, file, binding)
    _include(root, file, file.parent.resolve())
    _check(root, file)
    abstract = {str(p.get("id")): p for p in root.iter(f"{SCH}pattern") if p.get("abstract") == "true"}
    patterns = [_written_out(p, abstract, file) for p in root.iter(f"{SCH}pattern") if p.get("abstract") != "true"]
    shared = [rule for rules in root.findall(f"{SCH}rules") for rule in rules]
    for pattern in patterns:
        _extend(pattern, shared, file)
    patterns, lets = _active(root, patterns, file)
    return Source(
        root,
        tuple(patterns),
        (*root.findall(f"{SCH}let"), *lets, *(let for pattern in patterns for let in pattern.findall(f"{SCH}let"))),
        tuple(child for child in root if child.tag in {f"{XSL}{name}" for name in _FOREIGN}),
        {str(ns.get("prefix")): str(ns.get("uri")) for ns in root.findall(f"{SCH}ns")},
        {str(d.get("id")): d for d in root.iter(f"{SCH}diagnostic")},
    )


def included_files(file: Path) -> list[Path]:
    """The files that a Schematron file includes, and those that they include, sorted. Errors as `plain_source`."""
    return sorted(_include(parsed_file(file), file, file.parent.resolve()))


def refused(what: str, element: etree._Element, file: Path, value: str) -> ConfigurationError:
    """The error for a construct that is not read, with its place."""
    line = element.sourceline
    return ConfigurationError(
        what,
        where=f"{file.name} line {line}" if line else file.name,
        value=value,
        remedy="give the Schematron compiled to XSLT",
    )


def parsed_file(file: Path) -> etree._Element:
    """The root of a rule file, comments dropped. Errors   ConfigurationError when it is not well-formed XML."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, huge_tree=True
    )
    try:
        return etree.parse(str(file), parser).getroot()
    except (OSError, etree.XMLSyntaxError) as error:
        raise ConfigurationError(
            "the rule file cannot be read", where=str(file), value=str(error)[:200], remedy="give a whole official file"
        ) from error


def _include(element: etree._Element, file: Path, folder: Path, above: tuple[Path, ...] = ()) -> set[Path]:
    """Puts what is included in the place of each include; of an `extends href`, what the named element holds."""
    found: set[Path] = set()
    for wish in [e for e in element.iter(f"{SCH}include", f"{SCH}extends") if e.get("href") is not None]:
        name, _, fragment = str(wish.get("href")).partition("#")
        path = (file.parent / name).resolve() if name else file.resolve()
        if not path.is_relative_to(folder) or path in above:
            raise refused("a file is included from outside the folder, or by itself", wish, file, name)
        root = parsed_file(path)
        found |= {path} | _include(root, path, folder, (*above, path))
        target = root if not fragment else next((e for e in root.iter(etree.Element) if e.get("id") == fragment), None)
        if target is None:
            raise refused("an include names an element that is not there", wish, file, str(wish.get("href")))
        whole = wish.tag == f"{SCH}include" and target.tag != f"{SCH}schema"
        _replace(wish, [target] if whole else list(target.iterchildren(etree.Element)))
    return found


def _replace(element: etree._Element, others: list[etree._Element]) -> None:
    parent = element.getparent()
    assert parent is not None
    place = parent.index(element)
    for shift, other in enumerate(others):
        made = copy.deepcopy(other)
        made.tail = None
        parent.insert(place + shift, made)
    parent.remove(element)


def _check(root: etree._Element, file: Path) -> None:
    """Refuses what is not known, wherever it stands."""
    for element in root.iter(etree.Element):
        kind = etree.QName(element).localname
        if element.tag.startswith(XSL):
            continue
        for name in _UNREAD.get(kind, ()):
            if element.get(name) is not None:
                raise refused(f"the attribute {name} of a {kind} is not read", element, file, str(element.get(name)))
        known = _KNOWN.get(kind)
        for child in element.iterchildren(etree.Element) if known is not None else ():
            found = etree.QName(child)
            ours = found.namespace == SCH[1:-1] and found.localname in _PROSE | (known or frozenset())
            theirs = kind == "schema" and found.namespace == XSL[1:-1] and found.localname in _FOREIGN
            if not ours and not theirs:
                raise refused(f"an element in a {kind} is not read", child, file, child.tag)


def _written_out(pattern: etree._Element, abstract: dict[str, etree._Element], file: Path) -> etree._Element:
    """A pattern with the content of the abstract pattern that it is an instance of, parameters put in."""
    model_name = pattern.get("is-a")
    if model_name is None:
        return pattern
    model = abstract.get(model_name)
    if model is None:
        raise refused("a pattern is an instance of a pattern that is not there", pattern, file, model_name)
    made = copy.deepcopy(model)
    made.attrib.pop("abstract", "")
    if pattern.get("id"):
        made.set("id", str(pattern.get("id")))
    values = {
        str(p.get("name")): str(p.get("value")) for p in (*made.iter(f"{SCH}param"), *pattern.iter(f"{SCH}param"))
    }
    if values:
        names = "|".join(re.escape(name) for name in sorted(values, key=len, reverse=True))
        mark = re.compile(rf"\$({names})(?![\w.-])")
        for element in made.iter(etree.Element):
            for name, text in element.attrib.items():
                element.set(name, mark.sub(lambda found: values[found[1]], str(text)))
    for let in pattern.findall(f"{SCH}let"):
        made.insert(0, copy.deepcopy(let))
    return made


def _extend(pattern: etree._Element, shared: list[etree._Element], file: Path) -> None:
    """Writes the abstract rules of a pattern, or of the schema, into the rules that extend them."""
    rules = [*pattern.findall(f"{SCH}rule"), *shared]
    abstract = {str(rule.get("id")): rule for rule in rules if rule.get("abstract") == "true"}
    for rule in [rule for rule in rules if rule.get("abstract") != "true"]:
        for _ in range(len(abstract) + 1):
            wishes = rule.findall(f"{SCH}extends")
            for wish in wishes:
                model = abstract.get(str(wish.get("rule")))
                if model is None:
                    raise refused("a rule extends a rule that is not there", wish, file, str(wish.get("rule")))
                _replace(wish, list(model.iterchildren(etree.Element)))
        if rule.find(f"{SCH}extends") is not None:
            raise refused("rules extend one another in a circle", rule, file, str(rule.get("context")))
    for rule in pattern.findall(f"{SCH}rule"):
        if rule.get("abstract") == "true":
            pattern.remove(rule)


def _active(
    root: etree._Element, patterns: list[etree._Element], file: Path
) -> tuple[list[etree._Element], list[etree._Element]]:
    """The patterns of the default phase, all when there is none, and the variables of that phase."""
    name = str(root.get("defaultPhase") or "#ALL")
    if name == "#ALL":
        return patterns, []
    phase = next((phase for phase in root.iter(f"{SCH}phase") if phase.get("id") == name), None)
    if phase is None:
        raise refused("the default phase is not there", root, file, name)
    active = [str(one.get("pattern")) for one in phase.findall(f"{SCH}active")]
    known = {str(pattern.get("id")) for pattern in patterns}
    for missing in sorted(set(active) - known):
        raise refused("a phase names a pattern that is not there", phase, file, missing)
    return [p for p in patterns if str(p.get("id")) in active], phase.findall(f"{SCH}let")


def texts_of(element: etree._Element) -> Iterator[str | etree._Element]:
    """The pieces of a sentence in order: literal texts, and `name` and `value-of` elements."""
    if element.text:
        yield element.text
    for child in element.iterchildren(etree.Element):
        if child.tag in (f"{SCH}name", f"{SCH}value-of"):
            yield child
        else:
            yield from texts_of(child)
        if child.tail:
            yield child.tail
