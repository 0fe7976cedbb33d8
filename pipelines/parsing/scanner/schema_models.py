"""XML Schema files as a `SchemaAutomaton`, kept on disk by the digests of the files."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from lxml import etree

from pipelines.parsing.path_tables import INT
from pipelines.parsing.scanner.automaton import Content, SchemaAutomaton
from pipelines.parsing.scanner.content_models import ContentModel, NotModelled, machine, particle
from pipelines.parsing.scanner.schema_files import (
    XSD,
    SchemaFiles,
    expanded,
    read_schema_files,
    resolved,
    target_namespace,
)
from pipelines.parsing.scanner.schema_types import (
    NEVER,
    Attributes,
    Simple,
    add_attributes,
    children,
    named_simple,
    simple_content,
    simple_type,
)

VERSION = 1
"""Raised with every change to how schemas are read."""

NO_CHILDREN = -1
_MODEL_GROUPS = frozenset({f"{XSD}sequence", f"{XSD}choice", f"{XSD}all", f"{XSD}group"})
_IDENTITIES = frozenset({f"{XSD}key", f"{XSD}keyref", f"{XSD}unique"})


def cached_automaton(schemas: Mapping[str, Path], cache_dir: Path) -> SchemaAutomaton:
    """`schema_automaton`, from the cache when it is there, whole, and made of these very files.

    The cache is ours alone: it holds pickles, so its directory must be writable by this user only.

    Cost     some 10 ms from the cache, a quarter of a second without.
    """
    key = hashlib.sha256(b"\0".join(f"{name}\0{path.resolve()}".encode() for name, path in schemas.items()))
    entry = cache_dir / f"{key.hexdigest()}-{VERSION}.automaton"
    known = _read(entry)
    if known is not None:
        return known
    files = read_schema_files(schemas.values())
    automaton = _automaton(schemas, files)
    digests = {str(path): digest for path, digest in files.digests.items()}
    body = pickle.dumps((digests, automaton), protocol=pickle.HIGHEST_PROTOCOL)
    cache_dir.mkdir(parents=True, exist_ok=True)
    part = entry.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(hashlib.sha256(body).digest() + body)
    part.replace(entry)
    return automaton


def schema_automaton(schemas: Mapping[str, Path]) -> SchemaAutomaton:
    """The content models of some schemas.

    Shape    `schemas`: the file of each by its name; the names become `SchemaAutomaton.schemas`, in this order.
    Errors   ConfigurationError when a file cannot be read, or when two of these schemas declare the same component.
    Source   XML Schema Part 1, paragraph 3.8 and 3.9. What is not read here (wildcards, mixed content, derivation of
             complex content, fixed values, identity constraints, enumerations, patterns) is never accepted.
    """
    return _automaton(schemas, read_schema_files(schemas.values()))


def _automaton(schemas: Mapping[str, Path], files: SchemaFiles) -> SchemaAutomaton:
    building = _Building(files)
    roots = []
    for number, path in enumerate(schemas.values()):
        document = files.documents[path.resolve()]
        for node in document.root:
            if node.tag == f"{XSD}element" and node.get("abstract") not in {"true", "1"}:
                name = building.name(expanded(document.namespace, node.get("name", "")))
                roots.append((name, building.element_type(node), number))
    building.finish()
    return SchemaAutomaton(
        schemas=tuple(schemas),
        names=tuple(building.names),
        roots=np.array(roots, INT).reshape(-1, 3),
        edges=np.array(building.edges, INT).reshape(-1, 4),
        accepting=np.array(building.accepting, bool),
        types=np.array(building.types, INT).reshape(-1, 4),
        attributes=np.array(building.attributes, INT).reshape(-1, 6),
    )


def _read(entry: Path) -> SchemaAutomaton | None:
    try:
        data = entry.read_bytes()
    except FileNotFoundError:
        return None
    if hashlib.sha256(data[32:]).digest() != data[:32]:
        return None
    digests, automaton = pickle.loads(data[32:])
    for path, digest in digests.items():
        if not Path(path).is_file() or hashlib.sha256(Path(path).read_bytes()).digest() != digest:
            return None
    return automaton if isinstance(automaton, SchemaAutomaton) else None


class _Building:
    """The arrays while schemas are read. Types get their number when first met, and their model later: they nest."""

    def __init__(self, files: SchemaFiles) -> None:
        self.files = files
        self.names: dict[str, int] = {}
        self.edges: list[tuple[int, int, int, int]] = []
        self.accepting: list[bool] = []
        self.types: list[tuple[int, int, int, int]] = []
        self.attributes: list[tuple[int, int, int, int, int, int]] = []
        self._texts: dict[tuple[Simple, tuple[tuple[str, object], ...]], int] = {}
        self._complex: dict[etree._Element, int] = {}
        self._elements: dict[etree._Element, int] = {}
        self._waiting: list[tuple[int, etree._Element]] = []

    def name(self, expanded_name: str) -> int:
        """The number of a name, given when first met."""
        return self.names.setdefault(expanded_name, len(self.names))

    def element_type(self, node: etree._Element) -> int:
        """The number of the type of an element declaration."""
        number = self._elements.get(node)
        if number is None:
            number = self._elements[node] = self._type_of_element(node)
        return number

    def _type_of_element(self, node: etree._Element) -> int:
        told = node.get("type")
        inner = [child for child in children(node) if child.tag in {f"{XSD}complexType", f"{XSD}simpleType"}]
        valued = node.get("fixed") is not None or node.get("default") is not None
        if valued or any(child.tag in _IDENTITIES for child in node):
            return self._text(NEVER, {})
        if told is not None:
            name = resolved(node, told)
            found = self.files.component("type", name)
            return self._text(named_simple(self.files, name), {}) if found is None else self._type(found)
        return self._type(inner[0]) if inner else self._text(NEVER, {})

    def finish(self) -> None:
        """Reads the content models of all types met, and of those they lead to."""
        while self._waiting:
            number, node = self._waiting.pop()
            first = self._model(node)
            if first is not None:
                self.types[number] = (first, Content.BLANK, 0, 0)

    def _type(self, node: etree._Element) -> int:
        if node.tag == f"{XSD}simpleType":
            return self._text(simple_type(self.files, node), {})
        body = children(node)
        if node.get("mixed") in {"true", "1"} or node.get("abstract") in {"true", "1"}:
            return self._text(NEVER, {})
        if body and body[0].tag == f"{XSD}simpleContent":
            return self._text(*simple_content(self.files, body[0]))
        if node in self._complex:
            return self._complex[node]
        attributes: Attributes = {}
        if not body or body[0].tag not in _MODEL_GROUPS or not add_attributes(self.files, node, attributes):
            return self._text(NEVER, {})
        number = self._complex[node] = self._row((NO_CHILDREN, Content.NEVER, 0, 0), attributes)
        self._waiting.append((number, node))
        return number

    def _text(self, simple: Simple, attributes: Attributes) -> int:
        """The number of a type without child elements; types that say the same are one."""
        key = (simple, tuple(sorted(attributes.items())))
        if key not in self._texts:
            row = (NO_CHILDREN, int(simple.content), simple.shortest, simple.longest)
            self._texts[key] = self._row(row, attributes)
        return self._texts[key]

    def _row(self, row: tuple[int, int, int, int], attributes: Attributes) -> int:
        number = len(self.types)
        self.types.append(row)
        for name, attribute in attributes.items():
            simple = attribute.simple
            told = (int(simple.content), simple.shortest, simple.longest, int(attribute.required))
            self.attributes.append((number, self.name(name), *told))
        return number

    def _model(self, node: etree._Element) -> int | None:
        """The first state of a type's content model, whose states and edges are added; None when it is not modelled."""
        model = ContentModel()
        try:
            whole = particle(model, children(node)[0])
        except NotModelled:
            return None
        declared = [None if place is None else self._declared(place) for place in model.declarations]
        made = machine(model, whole, [None if found is None else found[0] for found in declared])
        by_place = dict(zip(model.declarations, declared, strict=True))
        first = len(self.accepting)
        self.accepting.extend(made.accepting)
        for state, steps in enumerate(made.steps):
            for met, after in steps:
                found = [told for place in met if (told := by_place[place]) is not None]
                kinds = {self.element_type(node) for _, node in found}
                if len(kinds) == 1:
                    self.edges.append((first + state, self.name(found[0][0]), first + after, kinds.pop()))
        return first

    def _declared(self, place: etree._Element) -> tuple[str, etree._Element] | None:
        """The expanded name and the declaration of an element in a model; None when nothing may match it."""
        reference = place.get("ref")
        if reference is not None:
            name = resolved(place, reference)
            node = self.files.component("element", name)
            if node is None or node.get("abstract") in {"true", "1"}:
                return None
            return name, node
        form = place.get("form") or place.getroottree().getroot().get("elementFormDefault", "unqualified")
        local = place.get("name", "")
        return (expanded(target_namespace(place), local) if form == "qualified" else local), place
