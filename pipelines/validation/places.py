"""Places of nodes in a tree, as a person can read them; and official locations, read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from pipelines.parsing.paths import NAMESPACES

PREFIXES = {
    **{space: prefix for prefix, space in NAMESPACES.items()},
    "http://www.w3.org/2001/XMLSchema-instance": "xsi",
    "urn:un:unece:uncefact:data:standard:CrossDomainAcknowledgementAndResponse:100": "rsm",
}
"""The prefixes of readable paths: the same whatever prefixes the document chose."""

VALUE_CHARACTERS_MAX = 200
"""Characters of a value quoted in a finding."""

_STEP = re.compile(
    r"/(?:\*:(?P<local>[^\[/]+)\[namespace-uri\(\)='(?P<space>[^']*)'\]|(?P<bare>[^@\[/*][^\[/]*))\[(?P<index>\d+)\]"
)
_ATTRIBUTE = re.compile(
    r"/@(?:(?P<bare>[^\[*]+)|\*\[local-name\(\)='(?P<local>[^']*)' and namespace-uri\(\)='(?P<space>[^']*)'\])"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding points: a readable XPath, the line from 1, the value found there. None: not known, no value."""

    location: str | None
    line: int | None = None
    found: str | None = None


NOWHERE = Place(None)


@dataclass
class Places:
    """Places of one document. Children are indexed at the first question, so a document without finding costs nothing
    and one with many costs no search per finding."""

    root: etree._Element
    _children: dict[etree._Element, dict[str, list[etree._Element]]] = field(default_factory=dict)
    _numbers: dict[etree._Element, int] = field(default_factory=dict)

    def of(self, node: etree._Element) -> Place:
        """The place of a node."""
        return Place(self.path(node), line_of(node), leaf_value(node))

    def path(self, node: etree._Element) -> str:
        """The prefixed XPath of a node; a step has its number only where it has twins."""
        steps = []
        while (parent := node.getparent()) is not None:
            twins = self._index(parent)[str(node.tag)]
            steps.append(f"/{short_name(str(node.tag))}" + (f"[{self._numbers[node]}]" if len(twins) > 1 else ""))
            node = parent
        steps.append(f"/{short_name(str(node.tag))}")
        return "".join(reversed(steps))

    def _index(self, parent: etree._Element) -> dict[str, list[etree._Element]]:
        index = self._children.get(parent)
        if index is None:
            index = {}
            for child in parent.iterchildren(tag=etree.Element):
                twins = index.setdefault(str(child.tag), [])
                twins.append(child)
                self._numbers[child] = len(twins)
            self._children[parent] = index
        return index


def short_name(tag: str) -> str:
    """`cbc:ID` for `{urn:...CommonBasicComponents-2}ID`; the local name alone in a namespace without a known prefix."""
    space, _, local = tag.rpartition("}")
    prefix = PREFIXES.get(space.removeprefix("{"))
    return f"{prefix}:{local}" if prefix else local


def line_of(node: etree._Element) -> int | None:
    """The line of a node's start tag, from 1; None for a node that was not read from a document."""
    line: Any = node.sourceline
    return line if isinstance(line, int) else None


def leaf_value(node: etree._Element) -> str | None:
    """The string value of an element without element children, cut; None for one that has children or no text."""
    if next(node.iterchildren(tag=etree.Element), None) is not None:
        return None
    return str(node.xpath("string()"))[:VALUE_CHARACTERS_MAX] or None


def readable_location(location: str) -> str | None:
    """The prefixed form of an official location, for a node that is not at hand; None for one of another shape."""
    return read_location(location)[2] or None


def read_location(location: str) -> tuple[list[tuple[str, int]], str | None, str]:
    """An official location: steps as (Clark name, number), the attribute's Clark name or None, the readable form.

    Nulls    no steps for a location of another shape.
    """
    steps: list[tuple[str, int]] = []
    position = 0
    while match := _STEP.match(location, position):
        space, local = match["space"], match["local"] or match["bare"]
        steps.append((f"{{{space}}}{local}" if space else local, int(match["index"])))
        position = match.end()
    attribute = None
    if match := _ATTRIBUTE.match(location, position):
        attribute = match["bare"] or (f"{{{match['space']}}}{match['local']}" if match["space"] else match["local"])
        position = match.end()
    if not steps or position != len(location):
        return [], None, ""
    readable = "".join(f"/{short_name(tag)}" + (f"[{number}]" if number > 1 else "") for tag, number in steps)
    return steps, attribute, readable + (f"/@{short_name(attribute)}" if attribute else "")
