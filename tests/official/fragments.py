"""Fragments of invoices made to measure: nodes on a path, found or built, with its predicates met.

Where there are several ways to meet a condition, each question is numbered, and `attempts` tries the answers, those
with the fewest departures from the first way before the others. Nothing here judges: engines say what a fragment
breaks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from pipelines.parsing.paths import NAMESPACES
from pipelines.validation.compiled.evaluation.functions import FileFunction
from pipelines.validation.compiled.rule_files.trees import Tree

Node = tuple[Any, str]
"""An element and the name of an attribute of it, empty for the element itself. The document node is a holder of one."""
Closure = tuple[Tree, Node, "Scope"]
"""What a variable stands for: a tree, its context node, and the variables that it sees."""
Scope = Mapping[str, Closure]

PATHS = frozenset({"step", "slash", "filter", "first-of-parent", "union", "here", "root", "node", "variable"})
_XS = "{http://www.w3.org/2001/XMLSchema}"
_WRAPPERS = frozenset({
    "normalize-space", "string", "number", "round", "abs", "upper-case", "lower-case", "boolean", "exists", "replace",
    "distinct-values", "string-join", "sum", "substring-after", "substring-before", "tokenize", "substring",
    f"{_XS}decimal", f"{_XS}double", f"{_XS}boolean", f"{_XS}date",
})  # fmt: skip
"""Functions that have a value as soon as their first argument has."""


class Impossible(Exception):
    """This choice leads nowhere."""


class Choices:
    """The ways chosen, by the order in which the questions come."""

    def __init__(self, chosen: tuple[int, ...]) -> None:
        self._chosen = chosen
        self.widths: list[int] = []

    def pick(self, ways: int) -> int:
        """The way to go, of so many."""
        if ways <= 1:
            return 0
        place = len(self.widths)
        self.widths.append(ways)
        return self._chosen[place] if place < len(self._chosen) else 0


def attempts(make: Callable[[Choices], etree._Element], most: int) -> Iterator[bytes]:
    """The documents that `make` gives, each once, for at most so many choices."""
    queue: deque[tuple[int, ...]] = deque([()])
    seen: set[bytes] = set()
    for _ in range(most):
        if not queue:
            return
        chosen = queue.popleft()
        choices = Choices(chosen)
        try:
            root = make(choices)
        except (Impossible, RecursionError):
            root = None
        for place in range(len(chosen), len(choices.widths)):
            ahead = (*chosen, *(0 for _ in range(place - len(chosen))))
            queue.extend((*ahead, other) for other in range(1, choices.widths[place]))
        if root is not None and (text := etree.tostring(root)) not in seen:
            seen.add(text)
            yield text


@dataclass
class Fragment(ABC):
    """One document in the making.

    Shape    `roots` are the names that a root element may have; `functions` and `code_lists` those of the rule file.
    """

    choices: Choices
    roots: tuple[str, ...]
    functions: Mapping[str, FileFunction]
    code_lists: Mapping[tuple[str, str], tuple[str, ...]]
    holder: etree._Element = field(default_factory=lambda: etree.Element("holder", nsmap=dict(NAMESPACES)))
    kept: set[Any] = field(default_factory=set)
    written: set[Any] = field(default_factory=set)
    depth: int = 0

    @abstractmethod
    def truth(self, tree: Tree, here: Node, scope: Scope, *, want: bool) -> None:
        """Makes the effective boolean value of an expression what is wanted."""

    @property
    def document(self) -> Node:
        return self.holder, ""

    def root(self) -> etree._Element:
        """The document's root element, made when there is none."""
        if not len(self.holder):
            self.child(self.holder, self.roots[self.choices.pick(len(self.roots))], fresh=True)
        return self.holder[0]

    def context(self, tree: Tree, scope: Scope) -> Node:
        """A node that a match pattern claims, as far as its own conditions go."""
        if tree[0] == "union":
            return self.context(tree[1 + self.choices.pick(len(tree) - 1)], scope)
        first = tree
        while first[0] in ("slash", "filter", "first-of-parent"):
            first = first[1]
        if first[0] == "union" or first == ("root",) or (first[0] == "step" and first[2] in self.roots):
            start: Node = self.document
        else:
            start = (self.root(), "")
        # A context below a predicate may be another node than the one that meets the predicate.
        node = self.build(tree, start, scope, fresh=bool(self.choices.pick(2)))
        self.keep(node)
        return node

    def keep(self, node: Node) -> None:
        """Keeps a node and its ancestors: later conditions must not take them away."""
        self.kept.add(node)
        element = node[0] if node[1] else node[0].getparent()
        while element is not None:
            self.kept.add((element, ""))
            element = element.getparent()

    def child(self, parent: etree._Element, name: str, *, fresh: bool) -> etree._Element:
        found = None if fresh else next((child for child in parent if child.tag == name), None)
        if found is not None:
            return found
        if parent is self.holder and len(parent):
            raise Impossible
        element = etree.SubElement(parent, name)
        element.text = "1"
        parent.text = None
        return element

    def step(self, tree: Tree, here: Node, *, fresh: bool, hint: Tree = ()) -> Node:
        axis, test = tree[1], tree[2]
        element = here[0]
        if axis in ("attribute", "descendant-attribute"):
            name = test if not test.endswith("*") else "other"
            element = self.root() if element is self.holder else element
            if name not in element.attrib:
                element.set(name, "1")
            return element, name
        if axis == "parent":
            above = element if here[1] else element.getparent()
            if above is None or not (test == "node()" or above.tag == test):
                raise Impossible
            return above, ""
        if axis in ("ancestor", "self"):
            line = [element] if axis == "self" else list(element.iterancestors())
            for one in line:
                if one.tag == test or test == "*":
                    return one, ""
            raise Impossible
        if test == "text()":
            element.text = "1"
            return here
        if axis == "preceding":
            above = element.getparent()
            made = self.child(above, test, fresh=True)
            above.insert(0, made)
            return made, ""
        name = self.name(test, hint)
        if axis == "descendant":
            if element is self.holder and name not in self.roots:
                element = self.root()
            found = None if fresh else next((one for one in element.iter(name) if one is not element), None)
            return (found, "") if found is not None else (self.child(element, name, fresh=True), "")
        return self.child(element, name, fresh=fresh), ""

    def name(self, test: str, hint: Tree) -> str:
        """A name that passes a name test: of a wildcard, one that its predicate `ends-with(name(), ...)` asks for."""
        if test == "node()" or not test.endswith("*"):
            return test if test != "node()" else f"{{{NAMESPACES['cbc']}}}Other"
        tails = list(_tails(hint))
        uri = test[:-1] or f"{{{NAMESPACES['ram' if 'CrossIndustry' in self.roots[0] else 'cbc']}}}"
        return f"{uri}{tails[self.choices.pick(len(tails))] if tails else 'Other'}"

    def build(self, tree: Tree, here: Node, scope: Scope, *, fresh: bool = False, hint: Tree = ()) -> Node:
        """A node of the path, made where there is none (`fresh`: anyway), with the predicates on the way met."""
        kind = tree[0]
        if kind == "here":
            return here
        if kind == "node":
            return tree[1]
        if kind == "root":
            return self.document
        if kind == "step":
            return self.step(tree, here, fresh=fresh, hint=hint)
        if kind == "slash":
            # Another attribute stands on another element; another child may stand below another parent.
            above = fresh and (_of_attribute(tree[2]) or bool(self.choices.pick(2)))
            return self.build(tree[2], self.build(tree[1], here, scope, fresh=above), scope, fresh=fresh, hint=hint)
        if kind == "filter":
            fresh = fresh or bool(self.choices.pick(2))
            node = self.build(tree[1], here, scope, fresh=fresh, hint=tree[2])
            if tree[2][0] != "integer":
                self.truth(tree[2], node, scope, want=True)
            return node
        if kind == "first-of-parent":
            return self.build(tree[1], here, scope)
        if kind in ("union", "list"):
            return self.build(tree[1 + self.choices.pick(len(tree) - 1)], here, scope, fresh=fresh)
        if kind == "variable":
            return self.build(*self.bound(tree, scope), fresh=fresh)
        if kind == "if":
            other = bool(self.choices.pick(2))
            self.truth(tree[1], here, scope, want=not other)
            return self.build(tree[3 if other else 2], here, scope)
        if kind == "for":
            node = self.build(tree[2], here, scope)
            return self.build(tree[3], here, {**scope, tree[1]: (("node", node), node, {})})
        if kind == "call" and tree[1] in _WRAPPERS and len(tree) > 2:
            return self.build(tree[2], here, scope, fresh=fresh)
        raise Impossible

    def bound(self, tree: Tree, scope: Scope) -> tuple[Tree, Node, Scope]:
        if tree[1] not in scope:
            raise Impossible
        return scope[tree[1]]

    def nodes(self, tree: Tree, here: Node, scope: Scope) -> list[Node]:
        """The nodes of a path that are there, whatever its predicates say."""
        kind = tree[0]
        if kind == "here":
            return [here]
        if kind == "node":
            return [tree[1]]
        if kind == "root":
            return [self.document]
        if kind == "slash":
            return [low for high in self.nodes(tree[1], here, scope) for low in self.nodes(tree[2], high, scope)]
        if kind in ("filter", "first-of-parent"):
            return self.nodes(tree[1], here, scope)
        if kind in ("union", "list"):
            return [node for part in tree[1:] for node in self.nodes(part, here, scope)]
        if kind == "variable":
            return self.nodes(*self.bound(tree, scope))
        if kind == "call":
            return [node for part in tree[2:] for node in self.nodes(part, here, scope)]
        if kind == "step":
            return list(_existing(tree, here))
        return []

    def remove(self, tree: Tree, here: Node, scope: Scope) -> None:
        """Takes the nodes of a path away."""
        for element, attribute in self.nodes(tree, here, scope):
            if (element, attribute) in self.kept or element is self.holder:
                raise Impossible
            if attribute:
                element.attrib.pop(attribute, None)
            elif (parent := element.getparent()) is not None:
                parent.remove(element)


def _existing(tree: Tree, here: Node) -> Iterator[Node]:
    axis, test = tree[1], tree[2]
    element, attribute = here
    if axis == "attribute":
        yield from ((element, name) for name in element.attrib if test in (name, "*"))
    elif axis == "parent":
        above = element if attribute else element.getparent()
        if above is not None:
            yield above, ""
    elif axis in ("child", "descendant"):
        below = element if axis == "child" else element.iterdescendants()
        yield from ((one, "") for one in below if test in (one.tag, "*", "node()") or _in_uri(one.tag, test))
    elif axis == "self":
        if test in (element.tag, "*", "node()") or _in_uri(element.tag, test):
            yield here
    elif axis == "descendant-attribute":
        yield from ((one, test) for one in element.iter() if test in one.attrib)
    elif axis == "ancestor":
        yield from ((one, "") for one in element.iterancestors() if test in (one.tag, "*"))


def _in_uri(tag: str, test: str) -> bool:
    return test.endswith("}*") and tag.startswith(test[:-1])


def _tails(tree: Tree) -> Iterator[str]:
    """The ends of names that a predicate asks for."""
    if tree[:2] == ("call", "ends-with") and tree[2][:1] == ("call",):
        yield tree[3][1]
    for part in tree:
        if isinstance(part, tuple):
            yield from _tails(part)


def _of_attribute(tree: Tree) -> bool:
    while tree[0] in ("filter", "first-of-parent"):
        tree = tree[1]
    return tree[0] == "step" and tree[1].endswith("attribute")
