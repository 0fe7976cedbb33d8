"""Gated trees shredded to tables. Pure Python; a scanner of bytes may fill the same tables faster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lxml import etree

from pipelines.parsing.path_tables import COMPLEX, PATHS_MAX, Array, Batch, Columns, PathDictionary, Strings, columns_of
from pipelines.parsing.values import line_number


def shredded(trees: Sequence[etree._ElementTree], paths: PathDictionary) -> Batch:
    """The tables of a batch of gated trees; row n of path 0 is tree n.

    Shape    of the first trees only, at least one, when they fill the dictionary beyond `PATHS_MAX`: the others belong
             in tables of their own, with a new dictionary.
    Cost     linear in nodes: see docs/rule-engine.md.
    """
    walk = _Walk(paths)
    done = 0
    for tree in trees:
        walk.below((tree.getroot(),), 0, done)
        done += 1
        if len(paths) > PATHS_MAX:
            break
    return Batch(paths, walk.strings, done, columns_of(walk.columns), _Trees(trees[:done]))


class _Walk:
    """One pass over all nodes. What is looked up per node is held in local names: this loop is the cost of reading."""

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

    def below(self, elements: Iterable[etree._Element], parent: int, parent_row: int) -> None:
        """Adds the rows of the elements, which are children of one node, and of all below them."""
        known, columns = self.paths.children[parent], self.columns
        ids, put = self.strings.ids, self.strings.put
        for element in elements:
            name = element.tag
            path = known.get(name)
            if path is None:
                if not isinstance(name, str):
                    continue
                path = self.path(parent, name)
            parents, texts, orders = columns[path]
            row = len(parents)
            parents.append(parent_row)
            self.order += 1
            orders.append(self.order)
            attributes = element.items()
            if attributes:
                self.attributes(attributes, path, row)
            if len(element):
                texts.append(COMPLEX)
                self.below(element, path, row)
            else:
                text = element.text or ""
                number = ids.get(text)
                texts.append(put(text) if number is None else number)

    def attributes(self, attributes: Sequence[tuple[object, object]], path: int, row: int) -> None:
        known = self.paths.children[path]
        for name, value in attributes:
            at = known.get(f"@{name}")
            parents, texts, orders = self.columns[self.path(path, f"@{name}") if at is None else at]
            parents.append(row)
            texts.append(self.strings.put(str(value)))
            self.order += 1
            orders.append(self.order)


class _Trees:
    """The trees behind tables: `Origin`."""

    def __init__(self, trees: Sequence[etree._ElementTree]) -> None:
        self._trees = trees
        self._twins: dict[tuple[int, int], list[etree._Element]] = {}

    def texts(self, batch: Batch, path: int, rows: list[int]) -> list[str]:
        return [str(_STRING(self._element(batch, path, row))) for row in rows]

    def lines(self, batch: Batch, path: int, rows: Array) -> list[int | None]:
        return [line_number(self._element(batch, path, row)) for row in rows.tolist()]

    def _element(self, batch: Batch, path: int, row: int) -> etree._Element:
        """The element of a row: as many of its name come before it under its parent as in the tables."""
        above, parent_row = batch.paths.parents[path], int(batch.parents[path][row])
        if above == 0:
            return self._trees[parent_row].getroot()
        twins = self._twins.get((path, parent_row))
        if twins is None:
            parent = self._element(batch, above, parent_row)
            twins = self._twins[path, parent_row] = list(parent.iterchildren(batch.paths.names[path]))
        return twins[batch.rank(path, row)]


_STRING = etree.XPath("string()")
