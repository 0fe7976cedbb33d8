"""How many different paths a document has: each becomes a table, so a document of millions would fill the memory.

A path is the names from the root element down, attributes last, as in `path_tables`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree

CHUNK_BYTES = 1 << 18
"""Bytes looked through at once for whatever may be a name."""
CHUNKS_JOINED_MAX = 4
"""A tag or text of more chunks is looked at closely, as it may hold a million attributes."""

_NAME = rb"""(?:[^\s<>/=:"'&!?]++:)?([^\s<>/=:"'&!?]++)"""
_TAG = re.compile(
    rb"""<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)"""
    rb"""|<%b((?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)""" % _NAME,
    re.DOTALL,
)
_ATTRIBUTE = re.compile(rb"""\s(?!xmlns[\s:=])%b\s*+=\s*+(?:"[^"]*+"|'[^']*+')""" % _NAME)
_SPELLED = re.compile(rb"<([^\s<>/!?]++)")
_SPELLED_ATTRIBUTE = re.compile(rb"""\s([^\s<>/="']++)\s*+=""")


def names_beyond(data: bytes, most: int) -> int | None:
    """The offset of the tag that brings more different names of elements and attributes than `most`, prefixes apart.

    Each name stands for one path at least. It is asked before the document is parsed, because the parser remembers
    every name as long as the process lives; bytes that are not well-formed may be told either way.
    Nulls    None when no tag does.
    Cost     two counts for a document of few tags and attributes; else some 0.1 microseconds a tag, and six times as
             much where texts look like names.
    """
    if data.count(b"<") + data.count(b"=") <= most or not _spelled_beyond(data, most):
        return None
    elements: set[bytes] = set()
    attributes: set[bytes] = set()
    for tag in _TAG.finditer(data):
        name, inside = tag.groups()
        if name is None:
            continue
        elements.add(name)
        for attribute in _ATTRIBUTE.finditer(inside):
            attributes.add(attribute[1])
            if len(attributes) > most:
                break
        if len(elements) + len(attributes) > most:
            return tag.start()
    return None


def _spelled_beyond(data: bytes, most: int) -> bool:
    """Whether there may be so many names: whatever looks like one is counted, in comments and texts too."""
    spelled: set[bytes] = set()
    at = 0
    while at < len(data):
        # No tag is cut in two: `<` begins one and is in none.
        end = data.find(b"<", at + CHUNK_BYTES)
        chunk = data[at : end if end > 0 else len(data)]
        if len(chunk) > CHUNKS_JOINED_MAX * CHUNK_BYTES:
            return True
        spelled.update(_SPELLED.findall(chunk))
        spelled.update(_SPELLED_ATTRIBUTE.findall(chunk))
        # One name may be an element's and an attribute's.
        if 2 * len(spelled) > most:
            return True
        at += len(chunk)
    return False


def path_beyond(tree: etree._ElementTree, most: int) -> etree._Element | None:
    """The element that brings more different paths than `most` to a tree whose depth was checked.

    Nulls    None when no element does.
    Cost     a count of its nodes; for a tree of more nodes than `most`, some 0.3 microseconds a node.
    """
    nodes = _NODES(tree)
    assert isinstance(nodes, float)
    return None if nodes <= most else _Paths(most).beyond((tree.getroot(),), {})


_NODES = etree.XPath("count(//*) + count(//@*)")

_Below = dict[object, "_Below"]
"""What is below a path, by name; attributes are tuples."""


class _Paths:
    """The paths met so far, as long as there are no more than allowed."""

    def __init__(self, most: int) -> None:
        self._left = most

    def beyond(self, elements: Iterable[etree._Element], known: _Below) -> etree._Element | None:
        """The first that brings too many, of these elements, which are children of one path, and of all below them."""
        for element in elements:
            inside = known.get(element.tag)
            if inside is None:
                inside = known[element.tag] = {}
                self._left -= 1
            for name, _ in element.items():
                if (name,) not in inside:
                    inside[name,] = {}
                    self._left -= 1
            if self._left < 0:
                return element
            if len(element) and (found := self.beyond(element, inside)) is not None:
                return found
        return None
