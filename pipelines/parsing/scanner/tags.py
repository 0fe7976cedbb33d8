"""A start tag or an end tag, without its `>`: names, namespaces, attributes."""

from __future__ import annotations

import re
from typing import NamedTuple

from data_contracts import limits

_NAME = r"[A-Za-z_][A-Za-z0-9_.-]*+"
_QUALIFIED = rf"{_NAME}(?::{_NAME})?+"
_VALUE = r""""[^"<>&\x00-\x08\x0b-\x1f]*+"|'[^'<>&\x00-\x08\x0b-\x1f]*+'"""
_ATTRIBUTE = rf"[ \t\n]++{_QUALIFIED}[ \t\n]*+=[ \t\n]*+(?:{_VALUE})"
_START = re.compile(rf"<({_QUALIFIED})((?:{_ATTRIBUTE})*+)[ \t\n]*+(/?)")
_EACH_ATTRIBUTE = re.compile(rf"({_QUALIFIED})[ \t\n]*+=[ \t\n]*+({_VALUE})")
_END = re.compile(rf"</({_QUALIFIED})[ \t\n]*+")
_NAMESPACE = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9]++:[A-Za-z0-9][A-Za-z0-9:/._-]*+|https?://[A-Za-z0-9.-]++(?:/[A-Za-z0-9:/._-]*+)?+)(?:#[A-Za-z0-9/._-]*+)?+"
)
_XML_NAMESPACES = frozenset({"http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/"})
_NORMALIZED = str.maketrans("\t\n", "  ")
_RESERVED = frozenset({"xml", "xmlns"})

XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA_HINTS = frozenset({f"{{{XSI}}}schemaLocation", f"{{{XSI}}}noNamespaceSchemaLocation"})
"""Attributes that every element may have."""

Namespaces = dict[str, str]
"""The namespace of each prefix in scope; the prefix of the default one is empty."""


class Unread(Exception):
    """A construct that the scanner does not read. It is no verdict: the document goes to libxml2."""


class StartTag(NamedTuple):
    """A start tag with its names expanded.

    Shape    `attributes`: expanded name, value, byte offset of the name behind the `<`; in the order of the document.
    """

    qualified: str
    name: str
    attributes: tuple[tuple[str, str, int], ...]
    namespaces: Namespaces
    empty: bool


def start_tag(bare: str, scope: Namespaces) -> StartTag | None:
    """A start tag without its `>`, read in the scope of its parent; None when there is none.

    Errors   Unread when it declares or uses names in a way that is not of the dialect.
    """
    match = _START.fullmatch(bare)
    if match is None:
        return None
    qualified, inside, slash = match.groups()
    told = [
        (found[1], found[2][1:-1].translate(_NORMALIZED), len(bare[: match.start(2) + found.start()].encode()))
        for found in _EACH_ATTRIBUTE.finditer(inside)
    ]
    plain = [row for row in told if row[0] != "xmlns" and not row[0].startswith("xmlns:")]
    declared = {name.partition(":")[2]: value for name, value, _ in told if name.partition(":")[0] == "xmlns"}
    most = limits.XML_ATTRIBUTES_MAX
    # The gate counts declarations by the letters `xmlns`, wherever they stand in a tag.
    if len(plain) > most or len(declared) + len(plain) != len(told) or bare.count("xmlns") > most:
        raise Unread
    for prefix, namespace in declared.items():
        _check_declaration(prefix, namespace)
    namespaces = scope | declared if declared else scope
    attributes = tuple((_attribute_name(name, namespaces), value, offset) for name, value, offset in plain)
    if len({name for name, _, _ in attributes}) != len(attributes):
        raise Unread
    return StartTag(qualified, _expanded(qualified, namespaces), attributes, namespaces, slash == "/")


def end_tag(bare: str) -> str | None:
    """The name in an end tag; None when there is none."""
    match = _END.fullmatch(bare)
    return None if match is None else match[1]


def _check_declaration(prefix: str, namespace: str) -> None:
    if prefix.lower() in _RESERVED or namespace in _XML_NAMESPACES or not _NAMESPACE.fullmatch(namespace):
        raise Unread


def _expanded(qualified: str, namespaces: Namespaces) -> str:
    """The expanded name of an element."""
    prefix, _, local = qualified.rpartition(":")
    namespace = namespaces.get(prefix)
    if prefix.lower() in _RESERVED or (prefix and namespace is None):
        raise Unread
    return f"{{{namespace}}}{local}" if namespace else local


def _attribute_name(qualified: str, namespaces: Namespaces) -> str:
    """The expanded name of an attribute: without a prefix it has no namespace."""
    if ":" not in qualified:
        return qualified
    name = _expanded(qualified, namespaces)
    if name.startswith(f"{{{XSI}}}") and name not in SCHEMA_HINTS:
        raise Unread
    return name
