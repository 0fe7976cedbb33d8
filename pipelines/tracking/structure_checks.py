"""What of a message departs from its structure, by the status that it concerns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lxml import etree

from data_contracts.answers import FindingRow
from data_contracts.history import MESSAGE
from pipelines.parsing.values import line_number
from pipelines.tracking.findings import (
    COUNT_WRONG,
    STRUCTURE_ATTRIBUTE,
    STRUCTURE_MISSING,
    STRUCTURE_UNEXPECTED,
    STRUCTURE_VALUE,
    TOO_MANY,
    Place,
    finding,
)
from pipelines.tracking.structure import Departure, Fault, Types, faults

Found = tuple[int, FindingRow]

FAULTS_MAX = 500
"""Departures told of one message. Whoever has more has sent something else."""

_RULES = {
    Departure.UNEXPECTED: STRUCTURE_UNEXPECTED,
    Departure.MISSING: STRUCTURE_MISSING,
    Departure.VALUE: STRUCTURE_VALUE,
    Departure.ATTRIBUTE: STRUCTURE_ATTRIBUTE,
}


class Places:
    """Where elements of a tree are: which status they belong to, their line and path. `units` are the elements of the
    statuses, in order of their ordinals."""

    def __init__(self, root: etree._Element, units: list[etree._Element]) -> None:
        self._tree = root.getroottree()
        self._ordinals = {unit: ordinal for ordinal, unit in enumerate(units)}

    def of(self, element: etree._Element) -> Place:
        ordinal = next((self._ordinals[one] for one in _upwards(element) if one in self._ordinals), MESSAGE)
        return Place(ordinal, line_number(element), self._tree.getpath(element))


def structure_findings(root: etree._Element, type_name: str, types: Types, places: Places) -> Iterator[Found]:
    """One finding for each departure, up to `FAULTS_MAX`; beyond it, one that takes out the whole message."""
    found = faults(root, type_name, types)
    for fault in islice(found, FAULTS_MAX):
        yield _told(fault, places)
    if next(found, None) is not None:
        yield finding(TOO_MANY, Place(MESSAGE), most=str(FAULTS_MAX))


def count_findings(holder: etree._Element | None, units: int) -> Iterator[Found]:
    """A warning where CPPStatut's `compteur` says another number than there are."""
    told = "" if holder is None else holder.get("compteur", "").strip()
    if holder is not None and told.isascii() and told.isdigit() and told.lstrip("0") != str(units):
        place = Place(MESSAGE, line_number(holder))
        yield finding(COUNT_WRONG, place, found=told, expected=str(units), told=told, counted=str(units))


def _told(fault: Fault, places: Places) -> Found:
    values = {"name": fault.name}
    if fault.kind in (Departure.MISSING, Departure.ATTRIBUTE):
        values["parent"] = etree.QName(fault.element).localname
    place = places.of(fault.element)
    return finding(_RULES[fault.kind], place, found=fault.found, expected=fault.expected, **values)


def _upwards(element: etree._Element) -> Iterator[etree._Element]:
    yield element
    yield from element.iterancestors()
