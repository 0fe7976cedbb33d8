"""Reading a tree without losing any of it: what a reader takes is marked, and the rest can be asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree


@dataclass
class Taken:
    """The texts and attributes of a tree, or of a part of it, that a reader has taken. It holds on to all elements that
    it has seen: each status of a message has one of its own.

    `namespaces` are those in which a name is looked for: one, the empty one, for CPPStatut; the four of CDAR, where
    which name stands in which is a matter of the structure and not of reading.
    """

    namespaces: frozenset[str]
    _seen: set[tuple[etree._Element, str]] = field(default_factory=set)
    _children: dict[etree._Element, dict[str, list[etree._Element]]] = field(default_factory=dict)

    def all(self, parent: etree._Element | None, name: str) -> list[etree._Element]:
        """The children of this local name, in order. A parent's children are sorted by name once."""
        if parent is None:
            return []
        named = self._children.get(parent)
        if named is None:
            named = self._children[parent] = {}
            for one in parent:
                namespace, _, local = str(one.tag).rpartition("}")
                if namespace[1:] in self.namespaces:
                    named.setdefault(local, []).append(one)
        return named.get(name, [])

    def first(self, parent: etree._Element | None, *names: str) -> etree._Element | None:
        """The first child by the first name, of it the first by the next, and so on; None where one is missing."""
        for name in names:
            found = self.all(parent, name)
            if not found:
                return None
            parent = found[0]
        return parent

    def text(self, parent: etree._Element | None, *names: str) -> str:
        """The text at a path of names without the blanks around it, empty where nothing is there; it is taken."""
        element = self.first(parent, *names)
        return "" if element is None else self.taken(element)

    def taken(self, element: etree._Element) -> str:
        """The text of an element itself; it is taken."""
        self._seen.add((element, ""))
        return (element.text or "").strip()

    def texts(self, parent: etree._Element | None, name: str) -> list[str]:
        """The texts of all children of a name, blank ones left out; they are taken."""
        found = self.all(parent, name)
        self._seen.update((one, "") for one in found)
        return [text for one in found if (text := (one.text or "").strip())]

    def attribute(self, element: etree._Element | None, name: str) -> str:
        """An attribute, empty where it is missing; it is taken."""
        if element is None:
            return ""
        self._seen.add((element, name))
        return (element.get(name) or "").strip()

    def rest(self, element: etree._Element, without: Iterable[etree._Element] = ()) -> tuple[tuple[str, str], ...]:
        """What was not taken of an element and all below, as path from it and text, in document order; `without` are
        elements that other records hold."""
        return tuple(self._rest(element, _local(element.tag), frozenset(without)))

    def _rest(
        self, element: etree._Element, path: str, without: frozenset[etree._Element]
    ) -> Iterator[tuple[str, str]]:
        seen = self._seen
        if (element, "") not in seen and (text := (element.text or "").strip()):
            yield path, text
        for name, value in element.attrib.items():
            if (element, name) not in seen and str(value).strip():
                yield f"{path}/@{_local(name)}", str(value).strip()
        for one in element:
            if one not in without:
                yield from self._rest(one, f"{path}/{_local(one.tag)}", without)
            if tail := (one.tail or "").strip():
                yield f"{path}/text()", tail


def _local(name: object) -> str:
    return str(name).rpartition("}")[2]
