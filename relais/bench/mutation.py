"""Mutants: copies of an invoice with a few parts changed, to look where no sender has been yet."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable
from decimal import Decimal

from lxml import etree

CHANGES_MAX = 3
"""Changes of one mutant: more hide each other behind the first rule that throws."""

CODES = (
    "", "X", "S", "AE", "380", "EUR", "0009", "0002", "B1", "GROUP", "2025-02-30", "20250230", "9", "#BAR#B2B#",
)  # fmt: skip
"""What a code becomes: codes of other lists, no code, dates that are none, marks of French notes."""

LONGER = 40
CENT = Decimal("0.01")
_NUMBER = re.compile(r"\s*-?\d{1,20}(\.\d{1,10})?\s*", re.ASCII)

Change = Callable[[etree._Element, etree._Element, random.Random], None]
"""Changes a node, given with its parent."""
Fits = Callable[[etree._Element], bool]


def mutant_of(tree: etree._ElementTree, name: str, number: int, seed: int) -> etree._ElementTree:
    """The nth mutant of the document of this name: a pure function of document, name, number and seed."""
    return mutated(tree, random.Random(f"{seed} {name} {number}"))


def mutated(tree: etree._ElementTree, chance: random.Random) -> etree._ElementTree:
    """A copy with one to three parts dropped, repeated, moved, renumbered or overwritten.

    Shape    well-formed, seldom an invoice any more: nobody promises that a rule finds what it expects.
    """
    mutant = copy.deepcopy(tree)
    for _ in range(chance.randint(1, CHANGES_MAX)):
        fits, change = CHANGES[chance.choice(sorted(CHANGES))]
        nodes = [node for node in mutant.getroot().iterdescendants(etree.Element) if fits(node)]
        if nodes:
            node = chance.choice(nodes)
            parent = node.getparent()
            assert parent is not None
            change(node, parent, chance)
    return mutant


def _any(node: etree._Element) -> bool:
    return True


def _leaf(node: etree._Element) -> bool:
    return len(node) == 0


def _attributed(node: etree._Element) -> bool:
    return bool(node.attrib)


def _numeric(node: etree._Element) -> bool:
    return len(node) == 0 and _NUMBER.fullmatch(node.text or "") is not None


def _drop(node: etree._Element, parent: etree._Element, chance: random.Random) -> None:
    parent.remove(node)


def _repeat(node: etree._Element, parent: etree._Element, chance: random.Random) -> None:
    parent.insert(parent.index(node), copy.deepcopy(node))


def _move(node: etree._Element, parent: etree._Element, chance: random.Random) -> None:
    parent.insert(chance.randrange(len(parent)), node)


def _code(node: etree._Element, parent: etree._Element, chance: random.Random) -> None:
    node.text = chance.choice(CODES)


def _attribute(node: etree._Element, parent: etree._Element, chance: random.Random) -> None:
    node.set(chance.choice(sorted(map(str, node.attrib))), chance.choice(CODES))


def _bare(node: etree._Element, parent: etree._Element, chance: random.Random) -> None:
    node.attrib.clear()


def _cent(node: etree._Element, parent: etree._Element, chance: random.Random) -> None:
    node.text = f"{Decimal((node.text or '').strip()) + chance.choice((CENT, -CENT)):f}"


def _sign(node: etree._Element, parent: etree._Element, chance: random.Random) -> None:
    text = (node.text or "").strip()
    node.text = text[1:] if text.startswith("-") else f"-{text}"


def _long(node: etree._Element, parent: etree._Element, chance: random.Random) -> None:
    node.text = (node.text or "x") * LONGER


CHANGES: dict[str, tuple[Fits, Change]] = {
    "drop": (_any, _drop),
    "repeat": (_any, _repeat),
    "move": (_any, _move),
    "code": (_leaf, _code),
    "attribute": (_attributed, _attribute),
    "bare": (_attributed, _bare),
    "cent": (_numeric, _cent),
    "sign": (_numeric, _sign),
    "long": (_leaf, _long),
}
