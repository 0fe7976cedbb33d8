"""The presence index: asserts of the root element that only say that a path must not occur.

Two thirds of the EN 16931 asserts are `not(path)` with the root element as context. They are looked up by path, once a
path of the dictionary; a batch then only looks at the paths that it holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.parsing.path_tables import PathDictionary
from pipelines.validation.compiled.match_patterns import Alternative
from pipelines.validation.compiled.rule_files.trees import Tree

Reference = tuple[int, int, int]
"""Pattern, rule, assert."""


def root_names(branches: tuple[Alternative, ...]) -> tuple[str, ...] | None:
    """The names of root elements when a context is one or more root elements and nothing else."""
    for branch in branches:
        if len(branch.steps) != 1 or not branch.anchored or branch.steps[0].far or branch.steps[0].predicates:
            return None
    return tuple(branch.steps[0].test for branch in branches)


def forbidden(test: Tree) -> list[tuple[bool, tuple[str, ...]]] | None:
    """The paths that a test `not(path)` forbids: (anywhere in the document?, names). None for other tests."""
    if test[0] != "call" or test[1] != "not":
        return None
    try:
        return list(_paths(test[2]))
    except ValueError:
        return None


def _paths(tree: Tree) -> Iterator[tuple[bool, tuple[str, ...]]]:
    if tree[0] == "union":
        for part in tree[1:]:
            yield from _paths(part)
    elif tree[0] == "slash":
        far = tree[2][0] == "step" and tree[2][1].startswith("descendant")
        if tree[1] == ("root",) and far:
            yield True, (_name(tree[2]),)
            return
        if tree[1] == ("root",) or far:
            raise ValueError
        for anywhere, names in _paths(tree[1]):
            for inner_anywhere, more in _paths(tree[2]):
                if inner_anywhere:
                    raise ValueError
                yield anywhere, (*names, *more)
    elif tree[0] == "step" and tree[1] in ("child", "attribute"):
        yield False, (_name(tree),)
    else:
        raise ValueError


def _name(tree: Tree) -> str:
    name = tree[2]
    if name.endswith(("*", "()")):
        raise ValueError
    return f"@{name}" if tree[1].endswith("attribute") else str(name)


class PresenceIndex:
    """Which asserts a path breaks by being there."""

    def __init__(self) -> None:
        self._below_root: dict[tuple[str, ...], list[Reference]] = {}
        self._anywhere: dict[str, list[tuple[tuple[str, ...], Reference]]] = {}

    def add(self, roots: tuple[str, ...], places: list[tuple[bool, tuple[str, ...]]], reference: Reference) -> None:
        """Enters one assert of the rule whose context is the root elements `roots`."""
        for anywhere, names in places:
            if anywhere:
                self._anywhere.setdefault(names[-1], []).append((names, reference))
            else:
                for root in roots:
                    self._below_root.setdefault((root, *names), []).append(reference)

    def broken_by(self, paths: PathDictionary, path: int) -> tuple[Reference, ...]:
        """The asserts that the presence of this path breaks, when their rule claims the root element."""
        steps = tuple(paths.steps(path))
        found = list(self._below_root.get(steps, ()))
        for names, reference in self._anywhere.get(steps[-1], ()):
            if steps[-len(names) :] == names:
                found.append(reference)
        return tuple(dict.fromkeys(found))
