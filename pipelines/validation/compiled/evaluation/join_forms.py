"""Which trees are joins: equalities of a node with siblings, with what precedes it, with the whole document.

A tree is taken apart here once, when it is compiled; `joins.py` then answers for whole columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.validation.compiled.evaluation.compiler import Compiler
from pipelines.validation.compiled.evaluation.joins import Earlier, Lookup, Shared
from pipelines.validation.compiled.evaluation.not_compilable import NotCompilable
from pipelines.validation.compiled.rule_files.trees import Tree

_HERE: Tree = ("here",)
_NUMBERS = ("integer", "decimal")


@dataclass(frozen=True)
class _Equality:
    """A predicate taken apart: conditions on the node alone, its key, what the key must equal, conditions on both.

    The last stand after the equality, so that their errors count only where it holds.
    """

    own: list[Tree]
    key: Tree
    wanted: Tree
    more: list[Tree]


def lookup(compiler: Compiler, tree: Tree) -> Lookup | None:
    """The join that a filter with variables is; None when it is none."""
    place, equality = _anchored(tree[1]), _equality(compiler, tree[2])
    if place is None or equality is None:
        return None
    rest = _with(place[1], equality.own)
    parts = [compiler.expression(part) for part in (place[0], rest, equality.key, equality.wanted)]
    if not parts[1].of_node:
        return None
    more: Tree | None = None
    for part in equality.more:
        condition = ("call", "boolean", part)
        more = condition if more is None else ("and", more, condition)
    return Lookup(parts[0], parts[1], parts[2], parts[3], None if more is None else compiler.expression(more))


def _with(path: Tree, conditions: list[Tree]) -> Tree:
    """A path with predicates, none of which counts as a position."""
    for part in conditions:
        path = ("filter", path, ("call", "boolean", part))
    return path


def _anchored(tree: Tree) -> tuple[Tree, Tree] | None:
    """A path as (one node an iteration, the path from there): the root, or some parents of the context node."""
    kind = tree[0]
    if kind in ("here", "root") or tree[:2] == ("step", "parent"):
        return tree, _HERE
    if kind == "step":
        return _HERE, tree
    if kind == "union":
        parts = [_anchored(part) for part in tree[1:]]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts) or len({anchor for anchor, _rest in known}) > 1:
            return None
        return known[0][0], ("union", *(rest for _anchor, rest in known))
    if kind not in ("slash", "filter"):
        return None
    above = _anchored(tree[1])
    if above is None:
        return None
    anchor, rest = above
    if kind == "slash" and rest == _HERE:
        return (tree, _HERE) if tree[2][:2] == ("step", "parent") else (anchor, tree[2])
    return anchor, (kind, rest, tree[2])


def _equality(compiler: Compiler, tree: Tree) -> _Equality | None:
    """A predicate that a join decides; None for others.

    `part[a and b = $wanted]`, true when such a part exists, is the key `part[a]/b`.
    """
    if tree[:2] == ("general", "eq"):
        for key, wanted in ((tree[2], tree[3]), (tree[3], tree[2])):
            if compiler.expression(key).of_node and "context" not in compiler.expression(wanted).depends:
                return _Equality([], key, wanted, [])
        return None
    if tree[0] == "and":
        parts = list(_conditions(tree))
        own = [part for part in parts if compiler.expression(part).of_node]
        first, *more = (part for part in parts if part not in own)
        inner = _equality(compiler, first)
        return None if inner is None else _Equality(own + inner.own, inner.key, inner.wanted, inner.more + more)
    if (
        tree[0] == "filter"
        and _is_path(tree[1])
        and compiler.expression(tree[1]).of_node
        and tree[2][0] not in _NUMBERS
    ):
        inner = _equality(compiler, tree[2])
        if inner is None or inner.more:
            return None
        part = _with(tree[1], inner.own)
        return _Equality([], part if inner.key == _HERE else ("slash", part, inner.key), inner.wanted, [])
    return None


def _is_path(tree: Tree) -> bool:
    """Whether a tree is steps and predicates alone, so that it is true when a node is there."""
    if tree[0] == "union":
        return all(_is_path(part) for part in tree[1:])
    if tree[0] == "slash":
        return _is_path(tree[1]) and _is_path(tree[2])
    return tree[0] in ("step", "here", "root") or (tree[0] == "filter" and _is_path(tree[1]))


def _conditions(tree: Tree) -> Iterator[Tree]:
    if tree[0] == "and":
        for part in tree[1:]:
            yield from _conditions(part)
    else:
        yield tree


def earlier(compiler: Compiler, tree: Tree) -> Earlier | None:
    """The join that an equality with `preceding::` is; None when it is none."""
    for sought, other in ((tree[2], tree[3]), (tree[3], tree[2])):
        place = _preceding(other)
        if place is not None:
            try:
                parts = compiler.expression(sought), compiler.expression(place[1])
            except NotCompilable:
                return None
            if parts[0].of_node and parts[1].of_node:
                return Earlier(parts[0], place[0], parts[1])
    return None


def _preceding(tree: Tree) -> tuple[str, Tree] | None:
    """`preceding::name/...` as (name, the path from there)."""
    if tree[:2] == ("step", "preceding"):
        return (tree[2], _HERE) if not tree[2].endswith(("*", "()")) else None
    if tree[0] not in ("slash", "filter") or tree[2][0] in _NUMBERS:
        return None
    above = _preceding(tree[1])
    if above is None:
        return None
    name, rest = above
    return name, (tree[2] if tree[0] == "slash" and rest == _HERE else (tree[0], rest, tree[2]))


def shared(compiler: Compiler, tree: Tree) -> Shared | None:
    """The join that an equality with something of the whole document is; None when it is none."""
    for sought, keys in ((tree[2], tree[3]), (tree[3], tree[2])):
        parts = compiler.expression(sought), compiler.expression(keys)
        if parts[1].of_document and not parts[0].of_document:
            return Shared(*parts)
    return None
