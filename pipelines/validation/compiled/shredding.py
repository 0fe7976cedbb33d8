"""Gated trees shredded to tables. Pure Python; a scanner of bytes may fill the same tables faster."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from pipelines.validation.compiled.tables import COMPLEX, Batch, PathDictionary, Strings, columns_of

Columns = tuple[list[int], list[int], list[int]]


def shredded(trees: Sequence[etree._ElementTree], paths: PathDictionary) -> Batch:
    """The tables of a batch of gated trees; row n of path 0 is tree n.

    Cost     see docs/rule-engine.md; linear in nodes.
    """
    walk = _Walk(paths)
    for number, tree in enumerate(trees):
        walk.element(tree.getroot(), 0, number)
    return Batch(paths, walk.strings, len(trees), columns_of(walk.columns), _Texts(trees))


class _Walk:
    def __init__(self, paths: PathDictionary) -> None:
        self.paths = paths
        self.strings = Strings()
        self.columns: list[Columns] = [([], [], []) for _ in range(len(paths))]
        self.order = 0

    def path(self, parent: int, name: str) -> int:
        path = self.paths.child(parent, name)
        while len(self.columns) <= path:
            self.columns.append(([], [], []))
        return path

    def element(self, element: etree._Element, parent: int, parent_row: int) -> None:
        name = str(element.tag)
        path = self.paths.children[parent].get(name)
        if path is None:
            path = self.path(parent, name)
        parents, texts, orders = self.columns[path]
        row = len(parents)
        parents.append(parent_row)
        self.order += 1
        orders.append(self.order)
        children = len(element)
        texts.append(COMPLEX if children else self.strings.put(element.text or ""))
        for attribute, value in element.items():
            at = self.columns[self.path(path, f"@{attribute}")]
            self.order += 1
            at[0].append(row)
            at[1].append(self.strings.put(str(value)))
            at[2].append(self.order)
        if children:
            for child in element:
                if isinstance(child.tag, str):
                    self.element(child, path, row)


class _Texts:
    """The string value of elements that have children, read off the trees: few rules ask for it."""

    def __init__(self, trees: Sequence[etree._ElementTree]) -> None:
        self._trees = trees

    def __call__(self, batch: Batch, path: int, row: int) -> str:
        return str(_STRING(self._element(batch, path, row)))

    def _element(self, batch: Batch, path: int, row: int) -> etree._Element:
        above = batch.paths.parents[path]
        if above == 0:
            return self._trees[int(batch.document(path)[row])].getroot()
        parent = self._element(batch, above, int(batch.parents[path][row]))
        same = [child for child in parent if child.tag == batch.paths.names[path]]
        return same[batch.rank(path, row)]


_STRING = etree.XPath("string()")
