"""Content models as deterministic automatons: which child elements may follow which.

A model is told by its positions (Glushkov): each place of an element in the model, which may come first, which may come
last, and what may follow each. States are then sets of positions that are told apart only by what may follow.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from pipelines.parsing.scanner.schema_files import XSD

COPIES_MAX = 16
"""A particle that must or may be repeated a fixed number of times is written out so often at most."""

_WILDCARD = f"{XSD}any"
_ANNOTATION = f"{XSD}annotation"


class NotModelled(Exception):
    """A construct of XML Schema that this reader leaves to libxml2."""


@dataclass(frozen=True)
class Part:
    """A piece of a model: may it be empty, the positions it may start and end with."""

    empty: bool
    first: frozenset[int]
    last: frozenset[int]


NOTHING = Part(True, frozenset(), frozenset())


@dataclass
class ContentModel:
    """The positions of one model. A position without a declaration is a wildcard: it is there, but never matched."""

    declarations: list[etree._Element | None] = field(default_factory=list)
    follow: list[set[int]] = field(default_factory=list)

    def leaf(self, declaration: etree._Element | None) -> Part:
        """A new position."""
        self.declarations.append(declaration)
        self.follow.append(set())
        only = frozenset({len(self.follow) - 1})
        return Part(False, only, only)

    def then(self, left: Part, right: Part) -> Part:
        """One part after the other."""
        for position in left.last:
            self.follow[position] |= right.first
        return Part(
            left.empty and right.empty,
            left.first | right.first if left.empty else left.first,
            left.last | right.last if right.empty else right.last,
        )

    def repeated(self, part: Part) -> Part:
        """A part once or more often."""
        for position in part.last:
            self.follow[position] |= part.first
        return part


def either(left: Part, right: Part) -> Part:
    """One part or the other."""
    return Part(left.empty or right.empty, left.first | right.first, left.last | right.last)


def particle(model: ContentModel, node: etree._Element) -> Part:
    """The part of a model that an `element`, `sequence`, `choice` or `any` makes, as often as it may occur.

    Errors   NotModelled for anything else.
    """
    least, most = _occurs(node)
    if most == 0:
        return NOTHING
    whole = NOTHING
    for _ in range(least):
        whole = model.then(whole, _once(model, node))
    if most is None:
        more = model.repeated(_once(model, node))
        return model.then(whole, Part(True, more.first, more.last))
    rest = NOTHING
    for _ in range(most - least):
        rest = model.then(_once(model, node), rest)
        rest = Part(True, rest.first, rest.last)
    return model.then(whole, rest)


def _once(model: ContentModel, node: etree._Element) -> Part:
    if node.tag == f"{XSD}element":
        return model.leaf(node)
    if node.tag == _WILDCARD:
        return model.leaf(None)
    children = [particle(model, child) for child in node if child.tag != _ANNOTATION]
    if node.tag == f"{XSD}sequence":
        whole = NOTHING
        for child in children:
            whole = model.then(whole, child)
        return whole
    if node.tag == f"{XSD}choice" and children:
        whole = children[0]
        for child in children[1:]:
            whole = either(whole, child)
        return whole
    raise NotModelled(str(node.tag))


def _occurs(node: etree._Element) -> tuple[int, int | None]:
    least = int(node.get("minOccurs", "1"))
    told = node.get("maxOccurs", "1")
    most = None if told == "unbounded" else int(told)
    if least > COPIES_MAX or (most is not None and most > COPIES_MAX):
        raise NotModelled(f"{least} to {told} times")
    return least, most


@dataclass(frozen=True)
class Machine:
    """A deterministic automaton. State 0 is the first one.

    Shape    `accepting` by state; `steps` by state: the declaration met, and the state after it.
    """

    accepting: list[bool]
    steps: list[list[tuple[list[etree._Element], int]]]


def machine(model: ContentModel, whole: Part, names: list[str | None]) -> Machine:
    """The automaton of a model.

    Shape    `names`: the expanded name at each position, None where nothing is matched. The declarations of one step
             all have its name; there is more than one when a particle is written out.
    """
    Key = tuple[bool, frozenset[int]]
    states: dict[Key, int] = {}
    accepting: list[bool] = []
    steps: list[list[tuple[list[etree._Element], int]]] = []
    waiting: list[Key] = []

    def state(key: Key) -> int:
        if key not in states:
            states[key] = len(states)
            accepting.append(key[0])
            steps.append([])
            waiting.append(key)
        return states[key]

    state((whole.empty, whole.first))
    done = 0
    while done < len(waiting):
        key = waiting[done]
        by_name: dict[str, list[int]] = {}
        for position in sorted(key[1]):
            name = names[position]
            if name is not None:
                by_name.setdefault(name, []).append(position)
        for positions in by_name.values():
            after = frozenset().union(*(model.follow[position] for position in positions))
            ends = not whole.last.isdisjoint(positions)
            met = [node for position in positions if (node := model.declarations[position]) is not None]
            steps[done].append((met, state((ends, after))))
        done += 1
    return Machine(accepting, steps)
