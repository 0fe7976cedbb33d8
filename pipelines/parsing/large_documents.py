"""How large a document is, told from its bytes: before anything is built of it."""

from __future__ import annotations

from data_contracts.limits import TREE_NODES_MAX

SHORTEST_ELEMENT_BYTES = len(b"<a/>")
"""The shortest attribute, ` a=""`, is longer."""


def is_large(data: bytes) -> bool:
    """Whether a document may have more than TREE_NODES_MAX elements and attributes: no tree is made of it then.

    Cost     nothing for a megabyte or less; else five counts, 0.2 ms a megabyte.
    """
    return may_hold(data, TREE_NODES_MAX) and most_elements(data) + most_attributes(data) > TREE_NODES_MAX


def may_hold(data: bytes, nodes: int) -> bool:
    """Whether so many elements or attributes have room in a document."""
    return len(data) > SHORTEST_ELEMENT_BYTES * nodes


def most_elements(data: bytes) -> int:
    """Elements of a document, those in comments counted too."""
    return data.count(b"<") - data.count(b"</")


def most_attributes(data: bytes) -> int:
    """Attributes of a document, declarations of namespaces and what looks like one in texts counted too."""
    return min(data.count(b"="), (data.count(b'"') + data.count(b"'")) // 2)
