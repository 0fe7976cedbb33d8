"""Tables of paths: which element of a syntax holds which term, read in one walk of the tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lxml import etree

NAMESPACES = {
    "ubl": "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "ubln": "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
"""Prefixes of the paths below. A document may use others: names are matched expanded."""


def expanded(path: str) -> tuple[str, ...]:
    """The expanded names of a path's steps: `cac:TaxTotal/@schemeID` as `{urn:...}TaxTotal`, `@schemeID`."""
    return tuple(_expanded_name(step) for step in path.split("/"))


def _expanded_name(step: str) -> str:
    if step.startswith("@"):
        return step
    prefix, _, local = step.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


class Hit(NamedTuple):
    """An element that a table names, and the path it was found by."""

    element: etree._Element
    path: str


class _Step:
    """One name on the way: the term that ends here, if any, and the names that may follow."""

    __slots__ = ("below", "path", "term")

    def __init__(self, path: str) -> None:
        self.path = path
        self.term: str | None = None
        self.below: dict[str, _Step] = {}


class PathTable:
    """Paths below one element, each with the term found there. Two paths may lead to one term."""

    def __init__(self, terms: Mapping[str, str]) -> None:
        self._top = _Step("")
        for path, term in terms.items():
            step = self._top
            for name in path.split("/"):
                prefix, _, local = name.partition(":")
                tag = f"{{{NAMESPACES[prefix]}}}{local}"
                step = step.below.setdefault(tag, _Step(f"{step.path}/{name}"))
            step.term = term

    def found(self, element: etree._Element) -> dict[str, list[Hit]]:
        """The hits of every term below an element, each list in document order.

        Cost     One visit of each child of the elements that lie on a path; other branches are not entered.
        """
        hits: dict[str, list[Hit]] = {}
        _gather(element, self._top, hits)
        return hits


def _gather(element: etree._Element, step: _Step, hits: dict[str, list[Hit]]) -> None:
    below = step.below
    for child in element:
        step_down = below.get(child.tag)
        if step_down is None:
            continue
        if step_down.term is not None:
            hits.setdefault(step_down.term, []).append(Hit(child, step_down.path))
        if step_down.below:
            _gather(child, step_down, hits)
