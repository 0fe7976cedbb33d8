"""XML Schema files as named components: every document that a root schema reaches, and how its names are told apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from data_contracts.errors import ConfigurationError

XSD = "{http://www.w3.org/2001/XMLSchema}"
_KINDS = {
    f"{XSD}element": "element",
    f"{XSD}attribute": "attribute",
    f"{XSD}attributeGroup": "attributeGroup",
    f"{XSD}group": "group",
    f"{XSD}simpleType": "type",
    f"{XSD}complexType": "type",
}


@dataclass(frozen=True)
class SchemaDocument:
    """One schema file, parsed."""

    path: Path
    namespace: str
    root: etree._Element


@dataclass
class SchemaFiles:
    """The components of some schemas, by kind and expanded name.

    Shape    `documents` by file; `digests` of the bytes of each file, in the order of reading.
    """

    documents: dict[Path, SchemaDocument] = field(default_factory=dict)
    digests: dict[Path, bytes] = field(default_factory=dict)
    components: dict[tuple[str, str], etree._Element] = field(default_factory=dict)

    def component(self, kind: str, name: str) -> etree._Element | None:
        """The global component of a kind (`element`, `type`, `attribute`, …) and an expanded name."""
        return self.components.get((kind, name))


def read_schema_files(roots: Iterable[Path]) -> SchemaFiles:
    """The files of some schemas and of all that they import or include.

    Errors   ConfigurationError when a file is missing or broken, or when two files declare one component: such schemas
             need an automaton each.
    """
    files = SchemaFiles()
    waiting = [root.resolve() for root in roots]
    while waiting:
        path = waiting.pop()
        if path in files.documents:
            continue
        document = _document(path, files)
        for node in document.root:
            if node.tag in {f"{XSD}import", f"{XSD}include"} and (location := node.get("schemaLocation")):
                waiting.append((path.parent / location).resolve())
            kind = _KINDS.get(str(node.tag))
            if kind is not None:
                _add(files, kind, expanded(document.namespace, node.get("name", "")), node, path)
    return files


def expanded(namespace: str, local: str) -> str:
    """`{namespace}local`, or `local` alone when there is no namespace."""
    return f"{{{namespace}}}{local}" if namespace else local


def resolved(node: etree._Element, qualified: str) -> str:
    """The expanded name that a prefixed name stands for at a node of a schema."""
    prefix, _, local = qualified.strip().rpartition(":")
    return expanded(node.nsmap.get(prefix or None) or "", local)


def target_namespace(node: etree._Element) -> str:
    """The namespace of what a schema document declares, told from any node of it."""
    return node.getroottree().getroot().get("targetNamespace") or ""


def _document(path: Path, files: SchemaFiles) -> SchemaDocument:
    parser = etree.XMLParser(no_network=True, resolve_entities=False, remove_comments=True, remove_pis=True)
    try:
        data = path.read_bytes()
        root = etree.fromstring(data, parser)
    except (OSError, etree.XMLSyntaxError) as error:
        raise ConfigurationError(
            "a schema file cannot be read",
            where=path.name,
            value=str(error)[:300],
            remedy="install the locked version of the package that carries it",
        ) from error
    files.digests[path] = hashlib.sha256(data).digest()
    document = SchemaDocument(path, root.get("targetNamespace") or "", root)
    files.documents[path] = document
    return document


def _add(files: SchemaFiles, kind: str, name: str, node: etree._Element, path: Path) -> None:
    if (kind, name) in files.components:
        raise ConfigurationError(
            "two schema files declare one component",
            where=path.name,
            value=f"{kind} {name}",
            remedy="build one automaton for each of these schemas",
        )
    files.components[kind, name] = node
